"""The app behind a real nginx with `deploy/nginx.conf`, in Chromium: websockets, headers, what is closed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import free_port, start_server
from playwright.sync_api import Page, expect

ROOT = Path(__file__).parents[1]
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
HOW_TO_GET_ONE = "needs nginx (on Debian: apt-get install nginx-light)"
FIRST_ANSWER = 300_000
AROUND = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1; {user}
events {{ worker_connections 128; }}
http {{
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  include {folder}/site.conf;
}}
"""


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, Path]]:
    """Address of the app through the proxy, its own address, and the proxy's folder."""
    if NGINX is None:
        if os.environ.get("CS_COMP_REQUIRE_BROWSER") == "1":
            pytest.fail(HOW_TO_GET_ONE)
        pytest.skip(HOW_TO_GET_ONE)
    secrets = tmp_path_factory.mktemp("host") / "secrets.toml"
    secrets.write_text("[access]\nopen = true\n", encoding="utf-8")  # else nobody is let in from behind a proxy
    own, app = start_server("serve.py", secrets.with_name("app.txt"), "--secrets.files", str(secrets))
    folder = tmp_path_factory.mktemp("nginx")
    port = free_port()
    site = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    here = {
        r"listen 443 ssl;": f"listen 127.0.0.1:{port};",
        r"server_name .*;": "server_name localhost;",
        r" *ssl_certificate(_key)? .*;\n": "",
        r"server 127.0.0.1:8501;": f"server {own.removeprefix('http://')};",
        r"/var/log/nginx": str(folder),
    }
    for pattern, instead in here.items():
        site, changed = re.subn(pattern, instead, site)
        assert changed, pattern
    (folder / "site.conf").write_text(site, encoding="utf-8")
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user), encoding="utf-8")
    command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    checked = subprocess.run([*command, "-t"], check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    yield f"http://localhost:{port}", own, folder
    for process in (server, app):
        process.terminate()
        process.wait(timeout=30)


@pytest.mark.browser
def test_the_page_works_under_the_headers_and_its_answer_follows_a_lever(
    page: Page, proxied: tuple[str, str, Path]
) -> None:
    url, _, folder = proxied
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
    response = page.goto(f"{url}/?mix=0.27&plan=at_risk_70_30")
    assert response is not None
    assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
    assert response.headers["x-content-type-options"] == "nosniff"
    expect(page.locator(".figure")).to_have_count(6, timeout=FIRST_ANSWER)
    expect(page.locator("[data-testid=stVegaLiteChart] canvas").first).to_be_visible(timeout=FIRST_ANSWER)
    said = page.get_by_role("heading", level=4).inner_text()
    page.get_by_role("slider", name="Variable pay").focus()
    page.keyboard.press("End")
    expect(page.get_by_role("heading", level=4)).not_to_have_text(said, timeout=20_000)
    expect(page).to_have_url(re.compile("mix=0.5"), timeout=20_000)
    page.get_by_text("People", exact=True).first.click()
    page.get_by_role("menuitem", name="By CSM").click()
    expect(page.locator("[data-testid=stDataFrame] canvas").first).to_be_visible(timeout=FIRST_ANSWER)
    assert refused == []
    written = (folder / "cs_comp.log").read_text(encoding="utf-8")
    assert "GET / 200" in written
    assert "mix" not in written and "at_risk" not in written, "no query strings in the log"


def test_metrics_are_closed_at_the_proxy_and_health_is_not(proxied: tuple[str, str, Path]) -> None:
    url, _, _ = proxied
    with urllib.request.urlopen(f"{url}/_stcore/health", timeout=10) as answer:
        assert answer.read() == b"ok"
    for path in ("/_stcore/metrics", "/comp/_stcore/metrics"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(url + path, timeout=10)
