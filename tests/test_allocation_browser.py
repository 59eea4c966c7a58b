"""Across teams in Chromium: a limit changes the split, undo takes it back, and it fits on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
PATIENCE = 300_000
"""Milliseconds: the engine may have to be compiled first."""


def test_a_limit_is_applied_and_taken_back_and_nothing_sticks_out_on_a_phone(page: Page, serve):
    page.goto(f"{serve('app.py')}/allocation")
    loses = page.get_by_text("loses most:")
    expect(loses).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("heading", level=4).first).to_contain_text("The next dollar belongs to")
    most = page.get_by_role("spinbutton", name="No team loses more than, %")
    most.fill("0")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("No team gets less than today")).to_be_visible(timeout=PATIENCE)
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.get_by_text("What each team gets, and loses")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Undo").click()
    expect(loses).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("spinbutton", name="No team loses more than, %")).to_have_value("30")
