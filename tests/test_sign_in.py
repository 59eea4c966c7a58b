"""Sign-in with a real OpenID Connect provider, run here: what each role sees in a browser, and that it ends.

Needs node and npm, which fetch the provider once into a cache; required with CS_COMP_REQUIRE_OIDC=1 (as in CI).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import ROOT, free_port, start_server
from playwright.sync_api import Browser, Page, expect

HERE = Path(__file__).parent / "oidc"
CLIENT, SECRET = "what-if", "a secret of this test"
ROLES = {"viewer@example.com": "viewer", "@planners.example": "planner", "owner@example.com": "owner"}


def provider_folder() -> Path:
    """Where the provider is installed, as locked; a new lock is a new folder."""
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "cs-comp-tests" / lock
    if not (cache / "installed").exists():
        cache.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, cache / name)
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=cache, check=True, timeout=300)
        (cache / "installed").touch()
    shutil.copy(HERE / "provider.js", cache / "provider.js")
    return cache


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.1)
    pytest.fail("the provider did not start")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app, which asks a provider of its own who people are."""
    missing = [program for program in ("node", "npm") if shutil.which(program) is None]
    if missing:
        reason = f"sign-in tests need {' and '.join(missing)} (on Debian: apt-get install nodejs npm)"
        if os.environ.get("CS_COMP_REQUIRE_OIDC") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    folder, place = provider_folder(), tmp_path_factory.mktemp("sign_in")
    at_provider, at_app = free_port(), free_port()
    redirect = f"http://localhost:{at_app}/oauth2callback"
    secrets = place / "secrets.toml"
    secrets.write_text(
        "\n".join(
            [
                "[auth]",
                f'redirect_uri = "{redirect}"',
                'cookie_secret = "sixteen bytes and some more"',
                f'client_id = "{CLIENT}"',
                f'client_secret = "{SECRET}"',
                f'server_metadata_url = "http://localhost:{at_provider}/.well-known/openid-configuration"',
                'client_kwargs = { prompt = "login" }',
                "[access]",
                'role_claim = "groups"',
                'organisation = "Example"',
                "[access.roles]",
                *(f'{json.dumps(who)} = "{role}"' for who, role in ROLES.items()),
            ]
        )
    )
    command = ["node", "provider.js", str(at_provider), redirect, CLIENT, SECRET]
    with (place / "provider.txt").open("wb") as log:
        provider = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        wait_for(f"http://localhost:{at_provider}/.well-known/openid-configuration", provider)
        options = ["--secrets.files", str(secrets)]
        url, server = start_server(str(ROOT / "app.py"), place / "app.txt", *options, port=at_app)
        yield url
        server.terminate()
        server.wait(timeout=30)
    finally:
        provider.terminate()
        provider.wait(timeout=30)


@contextmanager
def signed_in(browser: Browser, url: str, email: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(url)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_placeholder("Enter any login").fill(email)
    page.get_by_placeholder("and password").fill("any")
    page.get_by_role("button", name="Sign-in").click()
    yield page
    context.close()


@pytest.mark.browser
def test_roles_and_strangers(browser: Browser, app: str) -> None:
    for email, role in (
        ("viewer@example.com", "viewer"),
        ("ann@planners.example", "planner"),
        ("claimed@elsewhere.example", "planner"),
        ("owner@example.com", "owner"),
    ):
        with signed_in(browser, app, email) as page:
            sidebar = page.get_by_test_id("stSidebar")
            expect(sidebar.get_by_text(f"{email}, Example: {role}")).to_be_visible(timeout=60_000)
            brings = 0 if role == "viewer" else 1
            expect(sidebar.get_by_role("button", name="Bring your own book")).to_have_count(brings, timeout=60_000)
    for email, said in (
        ("nobody@example.com", "nobody@example.com is not known here"),
        ("unconfirmed@planners.example", "is not confirmed yet"),
    ):
        with signed_in(browser, app, email) as page:
            expect(page.get_by_text(said)).to_be_visible(timeout=60_000)
            expect(page.get_by_role("button", name="Sign out")).to_be_visible()
            expect(page.get_by_test_id("stSidebar")).to_have_count(0)
            page.goto(f"{app}/people")
            expect(page.get_by_text(said)).to_be_visible(timeout=60_000)


@pytest.mark.browser
def test_signing_out_ends_it(browser: Browser, app: str) -> None:
    with signed_in(browser, app, "owner@example.com") as page:
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("button", name="Yes, sign me out").click()
        expect(page.get_by_role("button", name="Sign in")).to_be_visible(timeout=60_000)
        page.goto(f"{app}/people?book=startup")
        expect(page.get_by_role("button", name="Sign in")).to_be_visible(timeout=60_000)
        expect(page.get_by_test_id("stDataFrame")).to_have_count(0)
