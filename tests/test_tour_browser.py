"""The tour in Chromium, on a phone: every step's page opens; the team of the page Roles is simulated on the way."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from test_link_browser import VERSION, at_rest, ready

from pages.parts.tour import STEPS

pytestmark = pytest.mark.browser
WIDTH = 390


def fits(page: Page) -> None:
    """Nothing of the page is wider than the screen."""
    wide = "document.querySelector('[data-testid=stMain]').scrollWidth"
    assert page.evaluate(wide) <= WIDTH


def test_the_tour_leads_through_every_page_on_a_phone(page: Page, serve) -> None:
    page.goto(f"{serve('app.py')}/?{VERSION}&book=startup&trials=256")
    ready(page)
    page.get_by_role("button", name="Guided tour").evaluate("button => button.click()")  # in the sidebar, folded away
    page.set_viewport_size({"width": WIDTH, "height": 844})
    for number, step in enumerate(STEPS, start=1):
        page.get_by_role("button", name=f"Next: {step.title}").click()
        expect(page.get_by_text(f"Step {number} of {len(STEPS)}: {step.title}.")).to_be_visible()
        at_rest(page)
        fits(page)
        assert page.get_by_test_id("stException").count() == 0
    page.get_by_role("button", name="End the tour").click()
    expect(page.get_by_text(f"Step {len(STEPS)} of")).to_have_count(0)


def test_a_team_of_roles_is_simulated_and_changed(page: Page, serve) -> None:
    page.goto(f"{serve('app.py')}/roles?{VERSION}&book=startup&trials=256")
    page.get_by_role("button", name="Simulate the team").click()
    expect(page.get_by_role("heading", name="for a dollar")).to_be_visible()
    expect(page.get_by_test_id("stVegaLiteChart").first).to_be_visible()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("simulate again")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("simulate again")).to_have_count(0)
    page.set_viewport_size({"width": WIDTH, "height": 844})
    at_rest(page)
    fits(page)
