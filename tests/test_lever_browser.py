"""The lever under real fingers and keys, in Chromium."""

from __future__ import annotations

import math
import re
import time

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser
APP = "tests/apps/lever_app.py"

# Every distinct answer that came to stand on the page, from now on.
RECORD_ANSWERS = """() => {
  const read = () => document.body.innerText.match(/answer .*/)?.[0]
  window.answers = [read()]
  new MutationObserver(() => {
    const now = read()
    if (now && now !== window.answers.at(-1)) window.answers.push(now)
  }).observe(document.body, { subtree: true, childList: true, characterData: true })
}"""


@pytest.fixture
def open_app(page: Page, serve):
    def open_with(query: str = "") -> Page:
        page.goto(f"{serve(APP)}/?{query}")
        expect(page.get_by_text("answer")).to_be_visible(timeout=30_000)
        expect(thumb(page)).to_have_attribute("aria-valuetext", "70 %")
        return page

    return open_with


def thumb(page: Page, name: str = "Pay mix") -> Locator:
    return page.get_by_role("slider", name=name)


def entry(page: Page, name: str = "Pay mix") -> Locator:
    return page.get_by_label(f"{name}, exact value")


def expect_answer(page: Page, text: str) -> None:
    expect(page.get_by_text("answer")).to_contain_text(text)


def grab(page: Page):
    """Press on the thumb of the pay mix; returns a function that drags it to a value."""
    box = thumb(page).bounding_box()
    radius = 9

    def drag_to(value: float, below: float = 0) -> None:
        x = box["x"] + radius + (box["width"] - 2 * radius) * (value - 0.5) / 0.5
        page.mouse.move(x, box["y"] + box["height"] / 2 + below)

    drag_to(0.7)
    page.mouse.down()
    return drag_to


def test_name_value_and_marks_are_there_for_everybody(open_app):
    page = open_app()
    mix = thumb(page)
    expect(mix).to_have_accessible_name("Pay mix")
    expect(mix).to_have_accessible_description("current 70 % preset 80 %")
    expect(mix).to_have_attribute("aria-valuetext", "70 %")
    expect(thumb(page, "Accelerator")).to_have_attribute("aria-valuetext", "1.50 ×")
    expect(thumb(page, "Bonus")).to_have_attribute("aria-valuetext", "$12,000")
    expect(entry(page, "Bonus")).to_have_value("$12,000")


def test_a_value_whose_answer_was_lost_is_sent_again(page: Page, serve):
    """As when the run that answers it is cut short by a run of something else on the page."""
    fate = {"next": "arrives"}

    def lose_one(socket) -> None:
        server = socket.connect_to_server()

        def pass_on(message) -> None:
            if fate["next"] == "is lost":
                fate["next"] = "was lost"
            else:
                server.send(message)

        socket.on_message(pass_on)

    page.route_web_socket(re.compile("_stcore/stream"), lose_one)
    page.goto(f"{serve(APP)}/")
    expect(thumb(page)).to_have_attribute("aria-valuetext", "70 %", timeout=30_000)
    fate["next"] = "is lost"
    thumb(page).press("ArrowRight")
    expect_answer(page, "mix=0.71 ")
    assert fate["next"] == "was lost"


@pytest.mark.parametrize("query", ["slow=0.1", "slow=0.1&fragment=1"])
def test_the_picture_follows_the_finger(open_app, query):
    page = open_app(query)
    page.evaluate(RECORD_ANSWERS)
    drag_to = grab(page)
    start = time.monotonic()
    while (elapsed := time.monotonic() - start) < 3:
        drag_to(0.75 + 0.2 * math.sin(5 * elapsed))
    during = page.evaluate("window.answers.length")
    drag_to(0.9)
    page.mouse.up()
    assert during >= 8
    expect_answer(page, "mix=0.9 ")
    expect(thumb(page)).to_have_attribute("aria-valuetext", "90 %")


def test_late_answers_do_not_move_the_thumb(open_app):
    page = open_app("slow=0.4")
    drag_to = grab(page)
    drag_to(0.6)
    drag_to(0.95)
    shown = set()
    for _ in range(25):
        shown.add(thumb(page).get_attribute("aria-valuetext"))
        page.wait_for_timeout(50)
    page.mouse.up()
    assert shown == {"95 %"}
    expect_answer(page, "mix=0.95 ")


def test_while_an_answer_is_slow_only_the_last_value_waits(open_app):
    page = open_app("slow=0.5")
    thumb(page).focus()
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    expect(thumb(page)).to_have_attribute("aria-valuetext", "82 %")
    expect_answer(page, "mix=0.82 ")
    expect(page.get_by_text("runs")).to_have_text("runs 3")


def test_an_answer_that_takes_very_long_is_replaced_by_the_last_value(open_app):
    page = open_app("slow=3")
    page.evaluate(RECORD_ANSWERS)
    thumb(page).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    expect(page.get_by_text("answer")).to_contain_text("mix=1 ", timeout=15_000)
    assert not any("mix=0.71" in answer for answer in page.evaluate("window.answers"))


def test_thirty_quick_arrow_presses_end_on_the_right_value(open_app):
    page = open_app()
    thumb(page).focus()
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    expect_answer(page, "mix=1 ")
    for _ in range(30):
        page.keyboard.press("ArrowLeft")
    expect_answer(page, "mix=0.7 ")
    expect(thumb(page)).to_have_attribute("aria-valuetext", "70 %")


@pytest.mark.parametrize(("key", "value"), [("Home", "0.5"), ("End", "1"), ("PageUp", "0.75"), ("PageDown", "0.65")])
def test_keys(open_app, key, value):
    page = open_app()
    thumb(page).focus()
    page.keyboard.press(key)
    expect_answer(page, f"mix={value} ")


def test_a_tap_on_the_track(open_app):
    page = open_app()
    box = thumb(page).bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect_answer(page, "mix=0.75 ")


@pytest.mark.parametrize(
    ("name", "typed", "answer"),
    [
        ("Pay mix", "85", "mix=0.85 "),
        ("Pay mix", " 62 %", "mix=0.62 "),
        ("Pay mix", "61,6", "mix=0.62 "),
        ("Accelerator", "2.35 ×", "rate=2.35 "),
        ("Bonus", "$17,500", "bonus=17500 "),
    ],
)
def test_a_typed_value(open_app, name, typed, answer):
    page = open_app()
    entry(page, name).fill(typed)
    page.keyboard.press("Enter")
    expect_answer(page, answer)
    expect(thumb(page, name)).to_be_focused()


def test_a_typed_value_out_of_bounds_is_brought_in_and_says_so(open_app):
    page = open_app()
    entry(page).fill("140")
    page.keyboard.press("Tab")
    expect_answer(page, "mix=1 ")
    expect(page.get_by_text("Between 50 % and 100 %.")).to_be_visible()
    expect(entry(page)).to_have_value("100 %")


def test_what_is_not_a_number_changes_nothing_and_says_so(open_app):
    page = open_app()
    entry(page).fill("80k")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Type a number, like 100 %.")).to_be_visible()
    expect(entry(page)).to_have_value("70 %")
    entry(page).fill("80")
    page.keyboard.press("Escape")
    expect(entry(page)).to_have_value("70 %")
    expect(page.get_by_text("runs")).to_have_text("runs 1")


def test_a_disabled_lever_says_why(open_app):
    page = open_app()
    expect(thumb(page, "Cap")).to_be_disabled()
    expect(entry(page, "Cap")).to_be_disabled()
    expect(thumb(page, "Cap")).to_have_accessible_description("There is no cap in this plan.")
    expect(page.get_by_text("There is no cap in this plan.")).to_be_visible()


def test_a_preset_moves_the_thumb_also_off_the_grid_and_out_of_bounds(open_app):
    page = open_app()
    thumb(page).focus()
    page.keyboard.press("End")
    expect_answer(page, "mix=1 ")
    page.get_by_role("button", name="Use preset").click()
    expect_answer(page, "mix=0.8 rate=2.02 bonus=60000 ")
    expect(thumb(page)).to_have_attribute("aria-valuetext", "80 %")
    expect(thumb(page, "Accelerator")).to_have_attribute("aria-valuetext", "2.02 ×")
    expect(thumb(page, "Bonus")).to_have_attribute("aria-valuetext", "$60,000")
    page.get_by_role("button", name="Reset", exact=True).click()
    expect(thumb(page)).to_have_attribute("aria-valuetext", "70 %")
    thumb(page).focus()
    page.keyboard.press("ArrowRight")
    expect_answer(page, "mix=0.71 rate=1.5 bonus=12000 ")


def test_a_release_beside_the_track_lets_go(open_app):
    page = open_app()
    drag_to = grab(page)
    drag_to(0.8)
    drag_to(0.8, below=400)
    page.mouse.up()
    # A click that takes no focus, as in Safari: no blur says that the user has let go.
    page.get_by_role("button", name="Reset", exact=True).evaluate("button => button.click()")
    expect_answer(page, "mix=0.7 ")
    expect(thumb(page)).to_have_attribute("aria-valuetext", "70 %")


def test_help_by_mouse_keyboard_and_touch(open_app):
    page = open_app()
    button = page.get_by_role("button", name="Help: Pay mix")
    text = page.get_by_text(re.compile("Base salary as a share"))
    expect(text).to_be_hidden()
    button.hover()
    expect(text).to_be_visible()
    page.mouse.move(5, 5)
    expect(text).to_be_hidden()
    button.tap()
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(text).to_be_visible()
    page.keyboard.press("Escape")
    expect(text).to_be_hidden()
    page.keyboard.press("Enter")
    expect(text).to_be_visible()
    page.keyboard.press("Tab")
    expect(text).to_be_hidden()


def test_it_fits_a_phone(open_app):
    page = open_app()
    page.set_viewport_size({"width": 390, "height": 844})
    for name in ("Pay mix", "Accelerator", "Bonus", "Cap"):
        for part in (thumb(page, name), entry(page, name)):
            box = part.bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 390
            assert box["height"] >= 24


def test_the_plain_slider_instead(page, serve):
    page.goto(f"{serve(APP)}/?live=0")
    expect(thumb(page)).to_have_attribute("aria-valuetext", "70 %", timeout=30_000)
    thumb(page).focus()
    page.keyboard.press("ArrowRight")
    expect_answer(page, "mix=0.71 ")
    page.get_by_role("button", name="Use preset").click()
    expect(thumb(page)).to_have_attribute("aria-valuetext", "80 %")
