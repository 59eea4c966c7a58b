"""The page Compare without a browser: the list of plans, every view, plans that are alike and plans that do not fit."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from test_app import (
    CURRENT,
    HOSTILE,
    TRIALS,
    assert_sound,
    button,
    complaints,
    open_app,
    scenario,
    sentence,
    visit,
)

from sim.book.samples import SAMPLES, load_sample
from sim.decide.choice.contenders import MOST_PLANS, Contender
from sim.decide.choice.criterion import CRITERIA, WORTH
from sim.decide.choice.standing import settling_sentence, standing, standing_sentence
from sim.engine.run import set_stage, simulate
from sim.plan.levers import with_lever
from sim.plan.read import PLAN_PRESETS, plan_preset, plan_to_toml
from sim.world.parameters import world_preset

TWO = (plan_preset("at_risk_80_20"), plan_preset("posthog"))
VIEWS = ("Cost and ARR", "Spread", "By part", "Winners and losers", "Levers", "Break-even")
WITHIN = (
    "spread_of",
    "spread_view",
    "part_by",
    "part_figure_Segment",
    "part_figure_CSM",
    "part_figure_Month",
    "levers_of",
)


def open_compare(*plans, **settings):
    return visit(open_app(plans=plans, **settings), "compare")


def titles(at):
    return [re.sub(r"\\(.)", r"\1", text.value) for text in at.main.markdown if text.value.startswith("**")]


def groups(at):
    return {group.key: group for group in at.button_group}


def raw(group):
    """Options as the page knows them: labels come escaped."""
    return [re.sub(r"\\(.)", r"\1", option) for option in group.options]


@pytest.mark.parametrize("book", SAMPLES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_of_every_sample_book(book, view):
    at = open_compare(*TWO, sample=book)
    at.button_group(key="compare_view").set_value(view).run()
    assert_sound(at)
    table = at.dataframe[0].value
    assert table["plan"].tolist() == ["Candidate", "At risk 80/20", "PostHog", "Plan in force"]
    assert table["best"].sum() == pytest.approx(100.0)
    assert len(at.get("vega_lite_chart")) == (view != "Winners and losers")
    if view == "Winners and losers":
        assert len(at.dataframe[1].value) == len(load_sample(book).team)


def test_every_choice_within_the_views():
    at = open_compare(*TWO, candidate=plan_preset("bonus_commission_mix"))
    said = set()
    for view in VIEWS:
        at.button_group(key="compare_view").set_value(view).run()
        for key in WITHIN:
            for option in raw(groups(at)[key]) if key in groups(at) else []:
                at.button_group(key=key).set_value(option).run()
                assert_sound(at)
                said |= set(titles(at))
    assert len(said) >= 10, "each view says what it finds"


def test_the_answer_is_that_of_the_engine():
    at = open_compare(*TWO, candidate=plan_preset("at_risk_70_30"))
    stage = set_stage(load_sample("startup"), CURRENT, world_preset("base"), trials=TRIALS)
    named = [("Candidate", plan_preset("at_risk_70_30")), *((p.name, p) for p in TWO), ("Plan in force", CURRENT)]
    plans = [Contender(name, plan, simulate(stage, plan)) for name, plan in named]
    for criterion in CRITERIA.values():
        at.selectbox(key="criterion").select(criterion.name).run()
        found = standing(plans, criterion, WORTH)
        assert sentence(at) == standing_sentence(plans, found, criterion)
        np.testing.assert_allclose(at.dataframe[0].value["best"], 100.0 * found.chance)
    at.selectbox(key="criterion").select("retained_less_cost").run()
    at.number_input(key="worth").set_value(4.0).run()
    assert sentence(at) == standing_sentence(
        plans, standing(plans, CRITERIA["retained_less_cost"], 4.0), CRITERIA["retained_less_cost"]
    )


def test_one_click_runs_the_trials_that_settle_it():
    """The first pair near enough that these trials cannot tell it apart."""
    stage = set_stage(load_sample("startup"), CURRENT, world_preset("base"), trials=TRIALS)
    now = Contender("Plan in force", CURRENT, simulate(stage, CURRENT))
    for share in np.arange(0.205, 0.26, 0.005):
        plan = with_lever(CURRENT, "variable_share", float(share))
        plans = [Contender("Candidate", plan, simulate(stage, plan)), now]
        found = standing(plans, CRITERIA["retained_less_cost"], WORTH)
        if found.settling.needed is not None and found.settling.needed <= 8192:
            break
    at = open_compare(candidate=plan)
    assert "cannot be told apart with these 256 trials" in sentence(at)
    shown = [re.sub(r"\\(.)", r"\1", text.value) for text in at.main.markdown]
    assert settling_sentence(found, TRIALS, 16384) in shown
    (more,) = [one for one in at.main.button if re.fullmatch(r"Run [\d,]+ trials", one.label)]
    more.click().run()
    assert_sound(at)
    assert scenario(at).trials >= found.settling.needed
    assert at.sidebar.select_slider(key="trials").value == scenario(at).trials


# --- the list ---------------------------------------------------------------------------------------------


def test_plans_are_added_renamed_removed_and_taken_back():
    at = open_compare()
    assert button(at, "Undo").disabled
    at.selectbox(key="add_preset").select("flowfuse").run()
    at.button(key="add_preset.use").click().run()
    assert [plan.name for plan in scenario(at).plans] == ["FlowFuse"]
    assert "flowfuse" not in at.selectbox(key="add_preset").options
    next(one for one in at.text_input if one.label == "New name").set_value("Ours").run()
    button(at, "Rename").click().run()
    assert scenario(at).plans == (plan_preset("flowfuse").model_copy(update={"name": "Ours"}),)
    assert "Ours" in at.dataframe[0].value["plan"].tolist()
    button(at, "Remove").click().run()
    assert scenario(at).plans == ()
    for names in (["Ours"], ["FlowFuse"], []):
        button(at, "Undo").click().run()
        assert_sound(at)
        assert [plan.name for plan in scenario(at).plans] == names


def test_the_candidate_is_kept_under_a_name_and_stays_as_it_was():
    moved = with_lever(CURRENT, "variable_share", 0.35)
    at = open_compare(candidate=moved)
    name = next(one for one in at.text_input if one.label.startswith("The candidate"))
    assert name.value == "Customary 80/20, higher mix 65/35"
    name.set_value("More at stake").run()
    button(at, "Keep the candidate").click().run()
    at.session_state["scenario"] = replace(scenario(at), candidate=CURRENT)
    at.run()
    assert_sound(at)
    assert scenario(at).plans == (moved.model_copy(update={"name": "More at stake"}),)


@pytest.mark.parametrize("name", ["", "candidate", "Plan in force", "PostHog"])
def test_a_name_that_cannot_be_is_refused_in_a_sentence(name):
    at = open_compare(plan_preset("posthog"))
    next(one for one in at.text_input if one.label.startswith("The candidate")).set_value(name).run()
    button(at, "Keep the candidate").click().run()
    assert "name of the plan: " in complaints(at)
    assert scenario(at).plans == (plan_preset("posthog"),)


def test_a_plan_from_a_file():
    plan = plan_preset("posthog").model_copy(update={"name": "**Ours** <b>"})
    at = open_compare(plan)
    at.file_uploader(key="list_file").set_value(("ours.toml", plan_to_toml(plan).encode(), "text/plain")).run()
    at.button(key="list_file.use").click().run()
    assert_sound(at)
    assert [one.name for one in scenario(at).plans] == ["**Ours** <b>", "**Ours** <b> (2)"]
    at.file_uploader(key="list_file").set_value(("ours.toml", b"nme = 3", "text/plain")).run()
    at.button(key="list_file.use").click().run()
    assert "nme" in complaints(at)


def test_a_full_list_takes_no_more():
    plans = [plan_preset("posthog").model_copy(update={"name": f"P{number}"}) for number in range(MOST_PLANS)]
    at = open_compare(*plans)
    assert_sound(at)
    button(at, "Keep the candidate").click().run()
    assert "at most" in complaints(at)
    assert len(scenario(at).plans) == MOST_PLANS
    assert button(visit(at, "what_if"), "Keep it for Compare").disabled


def test_one_click_on_the_what_if_page_keeps_the_candidate(move_lever):
    at = open_app()
    move_lever(at, "lever.variable_share", 0.4)
    for _ in range(2):
        button(at, "Keep it for Compare").click().run()
    name = "Customary 80/20, higher mix 60/40"
    assert [plan.name for plan in scenario(at).plans] == [name, f"{name} (2)"]
    assert len(scenario(at).moves) == 1, "the candidate stays where it is"
    assert name in visit(at, "compare").dataframe[0].value["plan"].tolist()


def test_one_click_makes_a_plan_of_the_list_the_candidate():
    at = open_compare(*TWO)
    assert button(at, "Make it the candidate").disabled
    at.selectbox(key="focus").select("PostHog").run()
    button(at, "Make it the candidate").click().run()
    assert scenario(at).candidate == plan_preset("posthog")
    visit(at, "what_if")
    button(at, "Undo").click().run()
    assert scenario(at).candidate == CURRENT


def test_choices_outlast_a_look_at_another_page():
    at = open_compare(*TWO)
    at.selectbox(key="focus").select("PostHog").run()
    at.selectbox(key="criterion").select("cost").run()
    at.button_group(key="compare_view").set_value("Levers").run()
    before = titles(at)
    visit(at, "book")
    visit(at, "compare")
    assert titles(at) == before
    assert at.selectbox(key="focus").value == "PostHog"


# --- what can't be, and what is alike ---------------------------------------------------------------------


def test_an_empty_list_says_what_to_do():
    at = open_compare()
    at.toggle(key="with_candidate").set_value(False).run()
    assert_sound(at)
    assert "Add one above" in at.info[0].value
    assert not at.dataframe
    at.selectbox(key="add_preset").select("posthog").run()
    at.button(key="add_preset.use").click().run()
    assert at.dataframe[0].value["plan"].tolist() == ["PostHog", "Plan in force"]


def test_identical_plans_are_said_to_be():
    twin = CURRENT.model_copy(update={"name": "Twin"})
    at = open_compare(twin)
    for view in VIEWS:
        at.button_group(key="compare_view").set_value(view).run()
        assert_sound(at)
        assert "come out the same in every trial" in sentence(at)
        assert not [one for one in at.main.button if one.label.startswith("Run ")]
    np.testing.assert_allclose(at.dataframe[0].value["best"], 100 / 3)


def test_a_plan_that_does_not_fit_is_a_sentence_and_the_others_show():
    book = load_sample("startup")
    none = np.zeros(len(book))
    bare = replace(book, name="Your book", upsell_whitespace=none, cross_sell_whitespace=none)
    mbo = plan_preset("corporate_mbo")
    fits = mbo.model_copy(update={"name": "Fits"})
    at = open_compare(CURRENT, fits, current=mbo, preset=mbo, candidate=mbo, uploaded=bare)
    said = complaints(at)
    assert "Customary 80" in said and "is left out" in said and "quota" in said
    assert at.dataframe[0].value["plan"].tolist() == ["Candidate", "Fits", "Plan in force"]
    at = open_compare(fits, uploaded=bare)
    assert "The plan in force cannot be run on this book" in complaints(at)


@pytest.mark.parametrize("view", VIEWS)
def test_names_of_plans_are_shown_as_they_are(view):
    plans = [plan.model_copy(update={"name": name}) for plan, name in zip((*TWO, CURRENT), HOSTILE, strict=False)]
    at = open_compare(*plans)
    at.button_group(key="compare_view").set_value(view).run()
    at.selectbox(key="focus").select(HOSTILE[0]).run()
    assert_sound(at)
    assert at.dataframe[0].value["plan"].tolist() == ["Candidate", *HOSTILE[:3], "Plan in force"]
    rich = [*at.main.markdown, *at.caption, *at.info, *at.button, *at.toggle]
    assert not [text for text in rich for name in HOSTILE[:3] if name in f"{text.value} {getattr(text, 'label', '')}"]


def test_losers_only():
    at = open_compare(plan_preset("corporate_mbo"))
    at.selectbox(key="focus").select("Corporate bonus").run()
    at.button_group(key="compare_view").set_value("Winners and losers").run()
    everybody = at.dataframe[1].value
    half = round(-0.5 * float(everybody["change_share"].min()), 1)
    assert half > 0.0, "this plan takes from somebody"
    at.toggle(key="only_losers").set_value(True).run()
    for share in (50.0, half, 0.0):
        at.number_input(key="loses").set_value(share).run()
        lose = everybody[everybody["change_share"] < -share]["csm_id"].tolist()
        if share == 50.0:
            assert "Nobody expects to lose more than 50 %" in at.info[0].value
        else:
            assert lose and at.dataframe[1].value["csm_id"].tolist() == lose


def test_every_preset_at_once():
    at = open_compare(*(plan_preset(name) for name in PLAN_PRESETS[1:]))
    for view in VIEWS:
        at.button_group(key="compare_view").set_value(view).run()
        assert_sound(at)
        assert len(at.dataframe[0].value) == len(PLAN_PRESETS) + 1


def test_shorter_horizons_and_worlds():
    for months in (3, 36):
        at = open_compare(*TWO, months=months, world=world_preset("sceptic"), world_name="sceptic")
        for view in VIEWS:
            at.button_group(key="compare_view").set_value(view).run()
            assert_sound(at)
