"""Links in Chromium: the address follows what comes to rest; back, forward, refresh and copies do what they should."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect
from test_app_browser import LISTEN

from sim.engine.run import MODEL_VERSION

pytestmark = pytest.mark.browser
FIRST_ANSWER = 300_000
"""Milliseconds: the first one may have to wait for the engine to be compiled."""
REST = 20_000
VERSION = f"v=1&model={MODEL_VERSION}"
LINK = f"{VERSION}&book=startup&world=mixed&seed=7&trials=256&plan=at_risk_70_30&rc=1.5&why=cost"
# The shapes on the first chart, and a number made of where they are drawn.
DRAWN = """(({ shapes, number }) => ({ shapes, number }))(
  window.canvases.get(document.querySelector('[data-testid=stVegaLiteChart] canvas')))"""
HOSTILE = "mix=<img src=x onerror=alert(1)>&plan=**b**&candidate=~1" + "A" * 2_000


def ready(page: Page) -> str:
    """The answer, once it stands."""
    heading = page.get_by_role("heading", level=4)
    expect(heading).to_be_visible(timeout=FIRST_ANSWER)
    expect(page.locator(".figure")).to_have_count(6, timeout=FIRST_ANSWER)
    expect(page.locator("[data-testid=stVegaLiteChart] canvas").first).to_be_visible(timeout=FIRST_ANSWER)
    at_rest(page)
    return heading.inner_text()


def at_rest(page: Page) -> None:
    page.wait_for_selector('[data-test-script-state="notRunning"]', timeout=FIRST_ANSWER)


def figures(page: Page) -> list[str]:
    return page.locator(".figure").all_inner_texts()


def says(page: Page, path: str) -> None:
    """The address is this one."""
    expect(page).to_have_url(re.compile(re.escape(path) + "$"), timeout=REST)
    at_rest(page)


def presses(page: Page, key: str, times: int) -> None:
    page.get_by_role("slider", name="Variable pay").focus()
    for _ in range(times):
        page.keyboard.press(key)


def open_people(page: Page) -> None:
    page.get_by_text("People", exact=True).first.click()
    page.get_by_role("menuitem", name="By CSM").click()
    expect(page.get_by_role("heading", name="Pay and attainment by CSM")).to_be_visible(timeout=REST)


def test_two_readers_see_identical_figures_from_one_link(browser: Browser, serve):
    seen = []
    for scheme in ("light", "dark"):
        context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme)
        page = context.new_page()
        page.add_init_script(f"({LISTEN})()")
        page.goto(f"{serve('app.py')}/?{LINK}")
        sentence = ready(page)
        page.wait_for_function(f"{DRAWN}.shapes > 50")
        seen.append((sentence, figures(page), page.evaluate(DRAWN)))
        expect(page.get_by_role("radio", name="Cost", exact=True)).to_be_checked()
        context.close()
    assert seen[0] == seen[1]
    assert len(seen[0][1]) == 6


def test_a_drag_is_one_entry_and_back_and_forward_lead_through_moves_and_pages(page, serve):
    url = serve("app.py")
    page.goto(url)
    opening = ready(page)
    entries = page.evaluate("history.length")
    presses(page, "ArrowRight", 5)
    says(page, f"/?{VERSION}&mix=0.35")
    moved = ready(page)
    open_people(page)
    says(page, f"/people?{VERSION}&mix=0.35")
    assert page.evaluate("history.length") == entries + 2
    page.go_back()
    says(page, f"/?{VERSION}&mix=0.35")
    assert ready(page) == moved
    page.go_back()
    says(page, f"{url}/")
    expect(page.get_by_role("heading", level=4)).to_have_text(opening)
    expect(page.get_by_role("slider", name="Variable pay")).to_have_value("0.3")
    page.go_forward()
    expect(page.get_by_role("heading", level=4)).to_have_text(moved)
    says(page, f"/?{VERSION}&mix=0.35")
    page.go_forward()
    says(page, f"/people?{VERSION}&mix=0.35")
    assert page.evaluate("history.length") == entries + 2, "nothing of this adds to the history"


def test_a_page_that_is_opened_while_a_move_comes_to_rest_is_not_blank(page, serve):
    """The browser hears of the new page only after it has asked, for the one that was left, to write the address."""
    sent: list[int] = []
    held: list[str | bytes] = []
    slow = False

    def between(browser: WebSocketRoute) -> None:
        server = browser.connect_to_server()

        def down(message: str | bytes) -> None:
            held.append(message)
            while held and not slow:
                browser.send(held.pop(0))

        def up(message: str | bytes) -> None:
            sent.append(len(message))
            server.send(message)

        browser.on_message(up)
        server.on_message(down)

    page.route_web_socket("**/_stcore/stream", between)
    page.goto(f"{serve('app.py')}/?{VERSION}&seed=4242&trials=8192")  # long enough at work for the other request
    ready(page)
    page.get_by_role("button", name="Keep it for Compare").click()
    expect(page.get_by_text("Kept as")).to_be_visible()
    page.get_by_role("button", name="Decide").click()
    slow = True
    sent.clear()
    page.get_by_role("menuitem", name="Compare").click()
    for _ in range(100):
        page.wait_for_timeout(50)
        if len(sent) > 1:
            break
    slow = False
    choice = page.get_by_role("combobox", name="Look at")
    expect(choice).to_be_visible(timeout=FIRST_ANSWER)
    page.wait_for_timeout(2_000)  # for what must not come
    page.wait_for_selector('[data-test-script-state="notRunning"]', timeout=FIRST_ANSWER)
    expect(choice).to_be_visible()


def test_a_refresh_keeps_the_figures(page, serve):
    page.goto(f"{serve('app.py')}/?{LINK}")
    ready(page)
    presses(page, "ArrowLeft", 3)
    expect(page).to_have_url(re.compile("mix=0.27"), timeout=REST)
    before = ready(page), figures(page)
    page.reload()
    assert (ready(page), figures(page)) == before


def test_back_takes_back_a_choice_in_the_sidebar(page, serve):
    page.goto(f"{serve('app.py')}/?{VERSION}&trials=256")
    before = ready(page)
    page.get_by_text("Sceptic", exact=True).click()
    says(page, f"?{VERSION}&world=sceptic&trials=256")
    assert ready(page) != before
    page.go_back()
    expect(page.get_by_role("radio", name="Base")).to_be_checked(timeout=REST)
    expect(page.get_by_role("heading", level=4)).to_have_text(before)


def test_two_tabs_are_two_scenarios(page, serve):
    page.goto(f"{serve('app.py')}/?{LINK}")
    other = page.context.new_page()
    other.goto(f"{serve('app.py')}/?{LINK}")
    before = ready(other), figures(other)
    ready(page)
    presses(page, "ArrowLeft", 3)
    expect(page).to_have_url(re.compile("mix=0.27"), timeout=REST)
    at_rest(other)
    assert (ready(other), figures(other)) == before
    assert other.url.endswith(LINK)


def test_the_link_that_is_copied_is_the_address(page, serve):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{serve('app.py')}/?{VERSION}&book=startup&trials=256")
    ready(page)
    presses(page, "ArrowRight", 2)
    expect(page).to_have_url(re.compile("mix=0.32"), timeout=REST)
    page.get_by_role("button", name="Copy link").click()
    popover = page.get_by_test_id("stPopoverBody")
    expect(popover.get_by_test_id("stCode")).to_have_text(page.url, timeout=REST)
    popover.get_by_test_id("stCode").hover()
    popover.get_by_role("button", name="Copy").click()
    assert page.evaluate("navigator.clipboard.readText()") == page.url


def test_a_hostile_link_gets_a_sentence_and_runs_nothing(page, serve):
    alerts: list[str] = []
    page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
    page.goto(f"{serve('app.py')}/?{HOSTILE}")
    ready(page)
    expect(page.get_by_text("Part of the link could not be used")).to_be_visible()
    expect(page.get_by_text("link, plan: must be a shipped plan")).to_be_visible()
    assert page.locator("img[src=x]").count() == 0
    assert alerts == []
