"""The guided tour without a browser: its way through the pages, what it says is missing, and that it stays away."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest
from test_app import assert_sound, open_app, visit

from pages.parts.tour import SEEN, STEPS
from pages.parts.undoable import Held
from sim.plan.read import plan_preset
from tests.test_coverage_page import SOUND


def bar(at: AppTest) -> str:
    return next((text.value for text in at.main.markdown if text.value.startswith(("**Step", "**Guided"))), "")


def open_steps(at: AppTest) -> list[str]:
    """What the page says of each step that is not done."""
    return [text.value for text in at.main.caption][1:]


def test_nobody_is_led_who_did_not_ask():
    at = open_app()
    assert bar(at) == ""
    at.button(key="tour_start").click().run()
    assert bar(at) == "**Guided tour.** This page is not one of its steps."
    at.button(key="tour_end").click().run()
    assert bar(at) == ""
    assert_sound(at)


def test_the_way_leads_through_every_step_and_back():
    at = open_app()
    at.button(key="tour_start").click().run()
    for number, step in enumerate(STEPS, start=1):
        at.button(key="tour_next").click().run()
        assert_sound(at)
        assert bar(at) == f"**Step {number} of {len(STEPS)}: {step.title}.** {step.does}"
    assert at.button(key="tour_next").disabled
    at.button(key="tour_back").click().run()
    assert f": {STEPS[-2].title}.**" in bar(at)


def test_what_is_missing_is_said_until_it_is_there():
    at = visit(open_app(), "tour")
    missing = open_steps(at)
    assert len(missing) == len(STEPS)
    assert missing.count(SEEN) == 5  # of the others something is missing whether one has looked or not
    at = visit(visit(at, "budget"), "tour")
    assert open_steps(at).count(SEEN) == missing.count(SEEN) - 1
    at = open_app(candidate=plan_preset("at_risk_70_30"))
    at.session_state["journey"] = Held(SOUND)
    for page in ("guide", "coverage", "tour"):
        at = visit(at, page)
    said = open_steps(at)
    assert not [text for text in said if "plan in force" in text or "matrix" in text]
    assert [text for text in said if "bring your own book" in text]
