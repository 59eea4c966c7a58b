"""A saved scenario in Chromium: another reader opens its link and sees the same figures, on fewer pages."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect
from test_link_browser import VERSION, at_rest, figures, ready

pytestmark = pytest.mark.browser
LINK = f"{VERSION}&book=midmarket&seed=7&trials=256&plan=at_risk_70_30&rc=1.5"


def test_a_saved_link_shows_a_second_reader_the_same_figures_and_no_person(browser: Browser, serve) -> None:
    author = browser.new_context(viewport={"width": 1440, "height": 900})
    page = author.new_page()
    page.goto(f"{serve('app.py')}/?{LINK}")
    sentence, seen = ready(page), figures(page)
    page.get_by_role("button", name="Save and share").click()
    page.get_by_role("textbox", name="Title").fill("Board, spring")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Make a link").click()  # the least is chosen: totals only
    address = page.get_by_test_id("stCode").inner_text().strip()
    assert "/?s=" in address and "plan" not in address
    author.close()

    reader = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    page = reader.new_page()
    page.goto(address)
    assert (ready(page), figures(page)) == (sentence, seen)
    page.goto(address.replace("/?s=", "/one_csm?s="))
    at_rest(page)
    expect(page.get_by_text("This link shows totals only.").first).to_be_attached()
    assert page.get_by_test_id("stDataFrame").count() == 0
    reader.close()
