"""The page Which plan? in Chromium: answered by keyboard, the plan tried, and nothing cut off on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from sim.roles.archetypes import ARCHETYPES

pytestmark = pytest.mark.browser


def test_questions_are_answered_by_keyboard_and_the_plan_is_tried(page, serve):
    page.goto(f"{serve('app.py')}/guide?book=startup&trials=256")
    expect(page.get_by_role("heading", name="Guided 85/15")).to_be_visible()
    goals = page.locator("[class*=st-key-guide_clear_]")
    yes = goals.get_by_role("radio", name="Yes")
    yes.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Variable pay is the wrong tool while goals are unclear")).to_be_visible()
    expect(page.get_by_role("heading", name="Guided salary and SPIFs")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.get_by_role("button", name="Use its plan")).to_have_count(len(ARCHETYPES))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Try it on What if").click()
    expect(page).to_have_url(re.compile(r"/\?.*&plan="))
    expect(page.get_by_role("heading", name="Costs")).to_be_visible()
