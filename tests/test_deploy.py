"""What is shipped for hosting: the image's steps in an empty folder, and that the files about them agree."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from conftest import free_port
from numba.core.caching import UserProvidedCacheLocator
from playwright.sync_api import Browser, expect

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
EXAMPLE = ROOT / ".streamlit" / "secrets.toml.example"
HOSTED = "[access]\nopen = true\n\n[limits]\nsessions = 5\n"
FIRST_ANSWER = 300_000
FULL = os.environ.get("CS_COMP_FULL_IMAGE") == "1"
"""Whether libraries are installed and the engine is compiled from nothing, too: minutes (`make image-check`)."""


def docker_steps() -> list[tuple[str, str]]:
    """Instructions of the Dockerfile, without comments."""
    text = re.sub(r"^#.*\n", "", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in text.splitlines() if line)]


def shipped() -> list[str]:
    """The tracked files that `.dockerignore` lets into the image."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("the tracked files are known only in a git checkout")
    let_in = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    tracked = listed.stdout.decode().split("\0")
    return [file for file in tracked if any(file == top or file.startswith(f"{top}/") for top in let_in)]


def test_the_image_is_made_by_the_script_and_runs_as_nobody_in_particular() -> None:
    steps = docker_steps()
    install, *others = [rest for word, rest in steps if word == "RUN"]
    assert install == "FONTS=yes deploy/install.sh"
    assert others == ["useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin app && chown app .store"], (
        "whatever else an image needs belongs into install.sh, where tests run it"
    )
    assert ("COPY", ". .") in steps
    assert ("CMD", '["deploy/start.sh"]') in steps
    assert [word for word, _ in steps].index("USER") > max(i for i, (word, _) in enumerate(steps) if word == "RUN")
    assert dict(steps)["USER"] == "10001"
    assert "deploy/healthy.py" in dict(steps)["HEALTHCHECK"]
    version = re.match(r"python:(\d+)\.(\d+)-slim", dict(steps)["FROM"])
    assert version is not None and (int(version[1]), int(version[2])) >= (3, 11)
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignored, "nothing comes in unasked"
    assert "!.streamlit" not in ignored, "secrets would come along"


@pytest.mark.skipif(shutil.which("apt-cache") is None, reason="only Debian knows its packages")
def test_the_fonts_of_the_image_are_packages_that_there_are() -> None:
    script = (DEPLOY / "install.sh").read_text(encoding="utf-8")
    found = re.search(r"apt-get install [^\\]*\\\n +(fonts-[^\n]+)", script)
    assert found is not None
    packages = found[1].split()
    known = subprocess.run(
        ["apt-cache", "pkgnames", "fonts-"], capture_output=True, text=True, check=True
    ).stdout.split()
    if not known:
        pytest.skip("no package lists here: apt-get update")
    assert set(packages) <= set(known)


def test_compose_locks_the_app_down_and_waits_for_its_database() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    for service in services.values():
        assert service["read_only"] and service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["restart"] == "unless-stopped"
    app, database = services["app"], services["db"]
    assert app["depends_on"] == {"db": {"condition": "service_healthy"}} and "healthcheck" in database
    assert app["volumes"] == ["store:/app/.store"] and app["tmpfs"] == ["/tmp:size=256m,mode=1777"]
    assert all(port.startswith("127.0.0.1:") for port in app["ports"]), "the proxy is the way in"
    assert "ports" not in database
    assert "password" not in app["environment"]["CS_COMP_STORE"].replace("db_password", "")


def sections_read() -> set[str]:
    """Sections of the secrets that the code asks for: ``host.settings("...")`` anywhere, and Streamlit's own."""
    named = set()
    for path in [ROOT / "app.py", *(ROOT / "pages").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "settings":
                (section,) = node.args
                assert isinstance(section, ast.Constant), f"{path.name}: the section is to be read from the source"
                named.add(str(section.value))
    return named


def test_the_example_has_every_section_that_the_code_reads() -> None:
    example = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    assert sections_read() <= set(example)
    assert set(example) - sections_read() <= {"store", "auth", "access"}, "nothing that nobody reads"
    assert set(example["access"]["roles"].values()) <= {"viewer", "planner", "owner"}


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The files of the image in an empty folder, installed by the image's own script with this environment's
    libraries; read-only from then on, but for the store."""
    folder = tmp_path_factory.mktemp("image") / "app"
    for file in shipped():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, folder / file)
    if not FULL:
        _lend_compiled(folder)
    subprocess.run([folder / "deploy" / "install.sh"], env=_environment(folder.parent / "home"), check=True)
    (folder / ".streamlit" / "secrets.toml").write_text(HOSTED, encoding="utf-8")
    everything = [path for path in (folder, *folder.rglob("*")) if not path.is_symlink()]
    for path in everything:
        if path.name != ".store":
            path.chmod(path.stat().st_mode & ~0o222)
    yield folder
    for path in everything:
        path.chmod(path.stat().st_mode | 0o200)


def _lend_compiled(folder: Path) -> None:
    """What this checkout's own runs have compiled, so that the script finds it: Numba keeps it by source folder and
    trusts it by content. Nothing to lend costs a minute, no more."""
    here = str(ROOT / "sim" / "engine" / "kernel.py")
    ours, theirs = (
        UserProvidedCacheLocator.get_suitable_cache_subpath(file)
        for file in (here, here.replace(str(ROOT), str(folder)))
    )
    kept = sorted((ROOT / ".numba_cache").glob(f"*/{ours}"), key=lambda path: path.stat().st_mtime)
    if kept:
        shutil.copytree(kept[-1], folder / ".compiled" / theirs)


def _environment(home: Path, **more: str) -> dict[str, str]:
    """Little of this process's: nothing of the checkout may leak in."""
    home.mkdir(exist_ok=True)
    lent = {} if FULL else {"VENV": str(Path(sys.executable).parents[1])}
    return {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHON": sys.executable, **lent, **more}


@contextmanager
def started(image: Path, scratch: Path) -> Iterator[tuple[str, Path]]:
    """The image's start script, without the right to write where the file modes forbid it; address and log."""
    scratch.mkdir()
    port, log = free_port(), scratch.parent / "log.txt"
    # Modes do not bind root until it gives its capabilities away.
    drop = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    environment = _environment(scratch.parent / "nohome", PORT=str(port), SCRATCH=str(scratch))
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*drop, image / "deploy" / "start.sh"], env=environment, cwd=scratch.parent, stdout=output, stderr=output
        )
    try:
        check = [sys.executable, image / "deploy" / "healthy.py"]
        deadline = time.monotonic() + 300
        while subprocess.run(check, env=environment, capture_output=True, check=False).returncode != 0:
            assert server.poll() is None and time.monotonic() < deadline, log.read_text(encoding="utf-8")
            time.sleep(0.3)
        yield f"http://localhost:{port}", log
    finally:
        server.terminate()
        server.wait(timeout=30)


@pytest.mark.browser
def test_the_images_steps_in_an_empty_folder_serve_the_page_and_write_nothing_there(
    browser: Browser, image: Path, tmp_path: Path
) -> None:
    before = sorted(path for path in image.rglob("*") if ".store" not in path.parts)
    with started(image, tmp_path / "scratch") as (url, log):
        page = browser.new_page()
        page.goto(f"{url}/?book=startup&trials=256")
        expect(page.locator(".figure")).to_have_count(6, timeout=FIRST_ANSWER)
        page.wait_for_selector('[data-test-script-state="notRunning"]', timeout=FIRST_ANSWER)
        page.close()
        request = urllib.request.Request(f"{url}/_stcore/health", headers={"Origin": "https://elsewhere.example"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.headers["Access-Control-Allow-Origin"] is None
        with pytest.raises(urllib.error.HTTPError, match="403"):
            upload = urllib.request.Request(f"{url}/_stcore/upload_file/a/b", data=b"", method="PUT")
            urllib.request.urlopen(upload, timeout=10)
    assert sorted(path for path in image.rglob("*") if ".store" not in path.parts) == before
    told = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if line.startswith("{")]
    assert {line["event"] for line in told} >= {"session opened", "page opened"}
    assert [line for line in told if line["level"] in ("error", "warning")] == []
