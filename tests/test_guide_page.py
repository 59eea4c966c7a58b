"""The page Which plan? without a browser: every answer, the engine's figures, the way to What if and back, roles."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest
from test_access import signed_in
from test_app import CURRENT, assert_sound, button, complaints, figures, open_app, scenario, visit

from sim.book.samples import load_sample
from sim.decide.verdict import verdict
from sim.engine.run import set_stage, simulate
from sim.plan.guide import QUESTIONS, advise, proposed
from sim.roles.archetypes import ARCHETYPES, archetype_plan
from sim.words import money
from sim.world.parameters import World, world_preset

START = load_sample("startup")
FIRST = proposed(float(START.arr.sum()), len(START.team))
TRIALS = 64
WRONG = "Variable pay is the wrong tool"


def said(at: AppTest) -> str:
    texts = [*at.main.markdown, *at.main.caption, *at.warning, *at.info]
    return "\n".join(re.sub(r"\\(.)", r"\1", text.value).replace("\u00a0", " ") for text in texts)


def answer(at: AppTest, **answers: str) -> AppTest:
    for key, chosen in answers.items():
        next(one for one in at.button_group if str(one.key).startswith(f"guide_{key}_")).set_value(chosen)
    return at.run()


def guide(**settings: object) -> AppTest:
    return visit(open_app(**{"trials": TRIALS, **settings}), "guide")


def test_it_opens_with_a_proposal_and_the_engines_figures():
    at = guide()
    assert_sound(at)
    advice = advise(FIRST)
    stage = set_stage(START, CURRENT, World().scaled(advice.world), trials=TRIALS)
    then, now = simulate(stage, advice.plan), simulate(stage, CURRENT)
    for text in (advice.plan.name, advice.plan.description, *advice.reasons, verdict(then, now).sentence):
        assert text in said(at)
    assert figures(at)["Retained ARR"]["value"] == money(float(then.retained_arr.mean()))
    assert "Loss of an account manager: 0.3 → 0.45" in said(at)
    assert WRONG not in said(at)
    assert len(at.get("vega_lite_chart")) == 2
    assert list(at.session_state["charts.shown"]) == ["mix"]  # no file of figures whose link would lead to others
    assert any(one.label == "Download the plan" for one in at.get("download_button"))


def test_every_answer_is_drawn_with_its_reason_and_its_warnings():
    at = guide()
    for number in range(max(len(question.options) for question in QUESTIONS)):
        answers = {question.key: question.options[number % len(question.options)].key for question in QUESTIONS}
        answer(at, **answers)
        assert_sound(at)
        advice = advise(answers)
        assert f"#### {advice.plan.name}" in said(at)
        for text in (*advice.reasons, *advice.warnings):
            assert text in said(at)
        assert ("the effort that it gives up" in said(at)) == (advice.plan.variable_share == 0.0)


def test_size_follows_the_book_and_answers_outlast_a_look_at_another_page():
    at = guide(sample="midmarket")
    assert "A middling team" in said(at)
    answer(at, backed="hesitant", size="large")
    visit(at, "book")
    visit(at, "guide")
    assert "balk at large payouts" in said(at) and "A large team" in said(at)
    at.sidebar.selectbox(key="sample").select("startup").run()
    assert "A small team" in said(at) and "balk at large payouts" in said(at)


def test_the_plan_is_tried_on_what_if_and_undone():
    at = answer(guide(), clear="no")
    before = scenario(at)
    assert button(at, "Undo").disabled
    at.button(key="guide_try").click().run()
    assert_sound(at)
    assert scenario(at).candidate == advise(FIRST | {"clear": "no"}).plan
    assert scenario(at).world == before.world  # assumptions are another matter
    assert any(heading.value.startswith("#### ") for heading in at.main.markdown)
    visit(at, "guide")
    button(at, "Undo").click().run()
    assert scenario(at).candidate == before.candidate


def test_assumptions_are_taken_over_follow_the_answers_and_are_given_back():
    at = answer(guide(world=world_preset("optimistic"), world_name="optimistic"), clear="partly", size="medium")
    assert scenario(at).world == world_preset("optimistic")
    at.toggle(key="guide_world").set_value(True).run()
    assert_sound(at)
    implied = advise(FIRST | {"clear": "partly", "size": "medium"}).world
    assert scenario(at).world == world_preset("optimistic").scaled(implied)
    assert "Changed here: " in " ".join(text.value.replace("\\", "") for text in at.sidebar.caption)
    answer(at, clear="no")
    assert scenario(at).world.churn_cut == pytest.approx(0.5 * 0.2)  # of what was before, not of what was taken
    assert "Churn cut at reference effort: 0.2 → 0.1" in said(at)
    at.toggle(key="guide_world").set_value(False).run()
    assert scenario(at).world == world_preset("optimistic")


def test_the_sidebar_ends_what_was_taken_over():
    at = answer(guide(), clear="no")
    at.toggle(key="guide_world").set_value(True).run()
    at.sidebar.button(key="usual_world").click().run()
    assert_sound(at)
    assert scenario(at).world == World()
    assert not at.toggle(key="guide_world").value
    at.toggle(key="guide_world").set_value(True).run()
    at.sidebar.radio(key="world").set_value("sceptic").run()
    assert scenario(at).world == world_preset("sceptic")
    assert not at.toggle(key="guide_world").value
    assert "Noise of a month's MBO score: 0.25 → 0.5" in said(at)  # the rest of what the answers imply is nothing


def test_a_role_gives_its_plan_and_the_filter_shows_those_that_move_something():
    at = guide()
    assert len([one for one in at.button if one.label == "Use its plan"]) == len(ARCHETYPES)
    for chosen, task in (("Renewals", "retention"), ("KPIs", "kpi")):
        at.button_group(key="roles_of").set_value(chosen).run()
        assert_sound(at)
        shown = {str(one.key) for one in at.button if one.label == "Use its plan"}
        assert shown == {f"use_{role.key}" for role in ARCHETYPES if getattr(role.effort, task) >= 1.0}
    at.button(key="use_onboarding").click().run()
    assert_sound(at)
    assert scenario(at).candidate == archetype_plan("onboarding")
    assert at.button(key="use_onboarding").disabled
    assert "Undo takes it back" in at.toast[0].value
    button(at, "Undo").click().run()
    assert scenario(at).candidate == CURRENT


def test_a_plan_that_the_book_does_not_bear_is_told_and_the_advice_stays():
    bare = replace(START, upsell_whitespace=0.0 * START.arr, cross_sell_whitespace=0.0 * START.arr)
    at = guide(uploaded=bare)
    assert "There are no figures, because a plan cannot be run on this book" in complaints(at)
    assert advise(FIRST).plan.description in said(at)


@pytest.mark.parametrize(("email", "sees"), [("v@b.com", False), ("p@b.com", True)])
def test_who_may_only_look_gets_no_figures_of_plans_of_their_own(email: str, sees: bool):
    at = signed_in(email, trials=64).run()
    before = scenario(at)
    visit(at, "guide")
    assert_sound(at)
    assert bool(figures(at)) == sees
    assert ("Your role is to look" in said(at)) != sees
    at.button(key="use_renewal").click().run()
    assert (scenario(at).candidate == archetype_plan("renewal")) == sees
    assert sees or scenario(at) == before


@pytest.mark.parametrize(("months", "trials"), [(1, 1), (36, 64)])
def test_other_horizons_and_one_trial(months: int, trials: int):
    assert_sound(guide(months=months, trials=trials))
