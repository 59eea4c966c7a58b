"""The server is killed while a page is open and started again: the page comes back by itself, as it was."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import free_port, start_server
from playwright.sync_api import Page, expect

FIRST_ANSWER = 300_000
REST = 30_000


def figures(page: Page) -> list[str]:
    expect(page.locator(".figure")).to_have_count(6, timeout=FIRST_ANSWER)
    return [page.get_by_role("heading", level=4).inner_text(), *page.locator(".figure").all_inner_texts()]


@pytest.mark.browser
def test_an_open_page_survives_the_death_of_its_server(page: Page, tmp_path: Path) -> None:
    port = free_port()
    url, server = start_server("serve.py", tmp_path / "first.txt", port=port)
    page.goto(f"{url}/?book=startup&trials=256")
    figures(page)
    page.get_by_role("slider", name="Variable pay").focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("mix=0.34"), timeout=REST)
    before, address = figures(page), page.url
    server.kill()
    server.wait()
    _, server = start_server("serve.py", tmp_path / "second.txt", port=port)
    try:
        second = tmp_path / "second.txt"
        for _ in range(1200):
            if "page opened" in second.read_text(encoding="utf-8"):
                break
            page.wait_for_timeout(100)
        else:
            pytest.fail("the page did not come back by itself")
        page.wait_for_selector('[data-test-script-state="notRunning"]', timeout=FIRST_ANSWER)
        assert (figures(page), page.url) == (before, address)
        page.get_by_role("slider", name="Variable pay").focus()
        page.keyboard.press("ArrowRight")
        expect(page).to_have_url(re.compile("mix=0.35"), timeout=REST)
        page.goto("about:blank")
        page.goto(address)
        assert figures(page) == before
    finally:
        server.kill()
        server.wait()
