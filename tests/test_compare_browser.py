"""The page Compare in Chromium: from What if and back, pointing at a plan, a phone's screen, both colour schemes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from test_app_browser import CHARTS, FIRST_ANSWER, LISTEN, settled

pytestmark = pytest.mark.browser
CHART_VIEWS = ("Cost and ARR", "Spread", "By part", "Levers", "Break-even")
OPACITIES = """() => Object.fromEntries(
  [...document.querySelectorAll('[data-testid=stVegaLiteChart] .role-mark text')]
    .map(text => [text.textContent, Number(text.getAttribute('opacity'))]))"""


def open_compare(page: Page, url: str) -> None:
    page.add_init_script(f"({LISTEN})()")
    page.goto(f"{url}/compare")
    expect(page.get_by_role("heading", level=4)).to_be_visible(timeout=FIRST_ANSWER)
    expect(page.get_by_test_id("stVegaLiteChart")).to_be_visible()
    settled(page)


def show(page: Page, view: str) -> None:
    page.get_by_role("radio", name=view, exact=True).click()
    expect(page.get_by_role("radio", name=view, exact=True)).to_be_checked()
    settled(page)


def test_a_candidate_is_kept_compared_and_taken_up_again(page, serve):
    page.goto(serve("app.py"))
    expect(page.get_by_role("heading", level=4)).to_be_visible(timeout=FIRST_ANSWER)
    page.get_by_role("button", name="Keep it for Compare").click()
    expect(page.get_by_text("Kept as Customary 80/20, higher mix 70/30")).to_be_visible()
    page.get_by_role("button", name="Decide").click()
    page.get_by_role("menuitem", name="Compare").click()
    expect(page.get_by_role("heading", name="Compare plans")).to_be_visible(timeout=FIRST_ANSWER)
    settled(page)
    page.get_by_role("combobox", name="Look at").click()
    page.get_by_role("option", name="Bonus and commission").click()
    page.get_by_role("button", name="Make it the candidate").click()
    settled(page)
    page.get_by_role("link", name="What if").click()
    expect(page.get_by_role("combobox", name="Start from")).to_be_visible(timeout=FIRST_ANSWER)
    expect(page.get_by_label("Variable pay, exact value")).to_have_value("25 %")


def test_pointing_at_a_plan_dims_the_others(page, serve):
    open_compare(page, serve("app.py"))
    name = page.locator("[data-testid=stVegaLiteChart] .role-mark text", has_text="At risk 80/20")
    expect(name).to_be_visible()
    assert set(page.evaluate(OPACITIES).values()) == {1}
    name.hover()
    page.wait_for_function(f"(({OPACITIES})())['Candidate'] < 0.5")
    assert page.evaluate(OPACITIES)["At risk 80/20"] == 1
    page.mouse.move(5, 5)
    page.wait_for_function(f"(({OPACITIES})())['Candidate'] === 1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_hold_marks_and_readable_words_and_fit_a_phone(page, serve, scheme):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 390, "height": 844})
    open_compare(page, serve("app.py"))
    for view in CHART_VIEWS:
        show(page, view)
        (chart,) = page.evaluate(CHARTS)
        assert chart["marks"] >= 2
        assert chart["faint"] == []
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
        assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth - main.clientWidth") == 0
