"""Present: one question a page, next and back, the figures of the what-if page; and what a plan changes, in words."""

from __future__ import annotations

from test_app import assert_sound, button, open_app, visit

from pages.parts.slides import QUESTIONS
from sim.plan.changes import LeverChange, lever_changes
from sim.plan.levers import with_lever
from sim.plan.read import plan_preset


def test_a_meeting_is_led_from_the_proposal_to_what_it_hangs_on_and_back():
    at = open_app(sample="startup", trials=64)
    said = next(text.value for text in at.markdown if text.value.startswith("#### "))
    visit(at, "present")
    seen = []
    for place, (question, _) in enumerate(QUESTIONS.values()):
        assert_sound(at)
        assert [text.value for text in at.markdown if text.value.startswith("## ")] == [f"## {question}"]
        assert button(at, "Back").disabled == (place == 0)
        seen.append([text.value for text in at.markdown])
        if place + 1 < len(QUESTIONS):
            button(at, "Next").click().run()
    assert button(at, "Next").disabled
    assert said in seen[1]  # the sentence of the what-if page
    button(at, "Back").click().run()
    assert [text.value for text in at.markdown] == seen[-2]


def test_what_a_plan_changes_is_said_lever_by_lever():
    current = plan_preset("current_80_20")
    assert lever_changes(current, current) == []
    candidate = with_lever(with_lever(current, "variable_share", 0.305), "retention_capped", False)
    assert lever_changes(candidate, current) == [
        LeverChange("Variable pay", "20 %", "30.5 %"),
        LeverChange("Cap retention pay", "on", "off"),
        LeverChange("Retention cap", "1.5 x", "none"),
    ]
