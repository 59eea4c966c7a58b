"""Shared fixtures: the app as a running server, and a page in a real Chromium.

    @pytest.mark.browser
    def test_it(page, serve):
        page.goto(serve("app.py"))

Without a browser these tests skip and say how to get one; with CS_COMP_REQUIRE_BROWSER=1 (as in CI) they
fail.
"""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import cache
from itertools import count
from pathlib import Path

# Matrices here are small: a second thread of the linear algebra only spins, and doubles the work of a fit.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, Page, expect, sync_playwright
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

# How long an example takes says more of the machine than of the code.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
expect.set_options(timeout=60_000)  # nor how long a page takes

ROOT = Path(__file__).parents[1]
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
)
QUIET = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
HOW_TO_GET_ONE = (
    "browser tests need Chromium or Chrome: install one (on Debian: apt-get install chromium) "
    "or name its program in the environment variable CHROMIUM"
)
START_SECONDS = 60


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with browser tests come first: they are the longest, and workers that start with them end together."""
    slow = {item.path for item in items if item.get_closest_marker("browser")}
    items.sort(key=lambda item: item.path not in slow)


def browser_program() -> str | None:
    """Where the browser is: CHROMIUM if it is set, else the first of the usual places that has one."""
    named = os.environ.get("CHROMIUM")
    for program in [named] if named else BROWSERS:
        found = shutil.which(program)
        if found:
            return found
    return None


@pytest.fixture(scope="session", autouse=True)
def own_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What tests keep never lands beside the app."""
    path = tmp_path_factory.mktemp("store") / "simulator.sqlite"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CS_COMP_STORE", f"sqlite:///{path}")
        yield path


@pytest.fixture(scope="session", autouse=True)
def one_look_at_the_packages() -> Iterator[None]:
    """Every `AppTest` would read again what is installed, in search of components: longer than most pages take."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(autouse=True)
def no_drafts(own_store: Path) -> None:
    """A test never goes on where another left off."""
    if own_store.exists():
        with suppress(sqlite3.OperationalError), closing(sqlite3.connect(own_store)) as store, store:
            store.execute("DELETE FROM drafts")


@pytest.fixture(scope="module", autouse=True)
def own_main() -> Iterator[None]:
    """Streamlit puts its script in the place of `__main__`; processes spawned by later tests would run it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "__main__", sys.modules["__main__"])
        yield


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """`serve("app.py")` runs that script (a path from the project's root) and returns its address.

    Each script is started once and shared by all tests; state is per page, as Streamlit's sessions are.
    """
    running: dict[str, tuple[str, subprocess.Popen[bytes]]] = {}

    def start(script: str) -> str:
        if script not in running:
            log = tmp_path_factory.mktemp("server") / "log.txt"
            running[script] = start_server(script, log)
        return running[script][0]

    yield start
    for _, server in running.values():
        server.terminate()
        server.wait(timeout=30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


def start_server(script: str, log: Path, *options: str, port: int | None = None) -> tuple[str, subprocess.Popen[bytes]]:
    """A running server and its address; what it prints goes to ``log``. options: further ones of Streamlit's."""
    port = free_port() if port is None else port
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)]
    command += ["--server.headless", "true", "--server.fileWatcherType", "none", *options]
    with log.open("wb") as output:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
        server = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    url = f"http://localhost:{port}"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1):
                return url, server
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.1)
    server.kill()
    server.wait()
    pytest.fail(f"{script} did not start in {START_SECONDS} s:\n{log.read_text(errors='replace')}")


# Not for the whole session: while Playwright is open, its event loop is the main thread's in other tests too.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium, one for each test module."""
    program = browser_program()
    if program is None:
        if os.environ.get("CS_COMP_REQUIRE_BROWSER") == "1":
            pytest.fail(HOW_TO_GET_ONE)
        pytest.skip(HOW_TO_GET_ONE)
    # Chromium refuses to run as root in its sandbox, and containers seldom allow one.
    rootless = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=[*QUIET, *rootless])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page on a laptop's screen; a script error in it fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, has_touch=True)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def move_lever() -> Callable[[AppTest, str, float], AppTest]:
    """`move_lever(at, key, value)` moves a lever in an AppTest, as a drag would in the browser, and runs."""
    number = count(1)

    def move(at: AppTest, key: str, value: float) -> AppTest:
        at.session_state[key] = {"move": {"value": value, "n": next(number)}}
        return at.run()

    return move
