"""Fairness and behaviour, and One CSM, without a browser: every book, every plan, everything that can be pressed."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from test_app import CURRENT, assert_sound, open_app, scenario, visit
from test_hostile_names import HOSTILE, LABELLED, TEXTS

from sim.book.samples import SAMPLES, load_sample
from sim.book.schema import Book
from sim.decide.measures.luck import luck_in
from sim.decide.measures.told import luck_finding
from sim.engine.run import set_stage
from sim.plan.read import PLAN_PRESETS, plan_preset
from sim.plan.schema import Component, Plan
from sim.world.parameters import world_preset

VIEWS = ("Scorecard", "Fairness", "Where effort pays", "Timing games", "Who leaves", "Luck in KPIs")
SALARY = Plan(name="Salary only", variable_share=0.0)


@cache
def one_csm() -> Book:
    """Everything belongs to the first CSM."""
    book = load_sample("startup")
    team = type(book.team)(*(getattr(book.team, name)[:1] for name in book.team.__dataclass_fields__))
    return replace(book, csm=np.zeros(len(book), dtype=np.int64), team=team)


def look_at_everything(at):
    """Every view of the page, and of each choice within it the first and the last."""
    visit(at, "fairness")
    for name in VIEWS:
        at.button_group(key="conduct_view").set_value(name).run()
        assert_sound(at)
        if name == "Timing games":
            at.toggle(key="timing_on").set_value(True).run()
            assert_sound(at)
        for parts in {"rate_of", "luck_of"} & {group.key for group in at.button_group}:
            for component in at.button_group(key=parts).options[-1:]:
                at.button_group(key=parts).set_value(component).run()
                assert_sound(at)
    return at


def work_everything_out(at):
    visit(at, "one_csm")
    assert_sound(at)
    for plan in at.selectbox(key="person_plan").options if at.selectbox else []:
        at.selectbox(key="person_plan").select(plan).run()
        for name in ("A payout, line by line", "Pacing"):
            at.button_group(key="person_view").set_value(name).run()
            assert_sound(at)
            if "payout_of" in {group.key for group in at.button_group}:
                at.button_group(key="payout_of").set_value("Your own figures").run()
                assert_sound(at)
    return at


@pytest.mark.parametrize("book", SAMPLES)
def test_fairness_opens_on_every_sample_book(book):
    at = visit(open_app(sample=book), "fairness")
    assert_sound(at)
    labels = [metric.label for metric in at.metric]
    assert "Expected regretted leavers" in labels
    assert len(labels) == 11
    at.button_group(key="conduct_view").set_value("Fairness").run()
    assert_sound(at)
    assert len(at.get("vega_lite_chart")) == 3
    at.button_group(key="conduct_view").set_value("Who leaves").run()
    assert len(at.dataframe[0].value) == len(load_sample(book).team)


@pytest.mark.parametrize("book", SAMPLES)
def test_one_csm_opens_on_every_sample_book(book):
    at = visit(open_app(sample=book), "one_csm")
    assert_sound(at)
    assert len(at.selectbox(key="person").options) == len(load_sample(book).team)
    assert at.dataframe[0].value["plan"].tolist() == [
        "Plan in force",
        "Candidate",
        *(plan.name for plan in scenario(at).plans),
    ]
    at.selectbox(key="person").select_index(1).run()
    assert_sound(at)


@pytest.mark.parametrize("plan", PLAN_PRESETS)
def test_every_plan_as_candidate(plan):
    look_at_everything(open_app(candidate=plan_preset(plan)))
    work_everything_out(open_app(candidate=plan_preset(plan)))


@pytest.mark.parametrize(("current", "candidate"), [(SALARY, CURRENT), (CURRENT, SALARY), (SALARY, SALARY)])
def test_plans_without_variable_pay(current, candidate):
    settings = {"current": current, "candidate": candidate}
    look_at_everything(open_app(**settings))
    work_everything_out(open_app(**settings))


def test_a_team_of_one():
    at = open_app(candidate=plan_preset("at_risk_70_30"))
    at.session_state["scenario"] = replace(scenario(at), uploaded=one_csm(), history=None)
    look_at_everything(at)
    work_everything_out(at)


def test_names_in_a_plan_are_shown_as_they_are():
    hostile = CURRENT.model_copy(
        update={
            "name": HOSTILE,
            "components": tuple(
                part.model_copy(update={"name": f"{HOSTILE} {number}"})
                for number, part in enumerate(plan_preset("at_risk_80_20").components)
            ),
        }
    )
    at = open_app(candidate=hostile, plans=(hostile,))
    for look in (look_at_everything, work_everything_out):
        look(at)
        said = [text.value for kind in TEXTS for text in at.get(kind)]
        said += [element.label for kind in LABELLED for element in at.get(kind)]
        assert [text for text in said if "[l](" in str(text) or "<b>x" in str(text)] == []


@pytest.mark.parametrize("months", [3, 24])
def test_other_horizons(months):
    look_at_everything(open_app(months=months, candidate=plan_preset("bonus_commission_mix")))
    work_everything_out(open_app(months=months, candidate=plan_preset("bonus_commission_mix")))


def test_a_world_without_response_says_so():
    at = visit(open_app(world=world_preset("sceptic"), world_name="sceptic"), "fairness")
    at.button_group(key="conduct_view").set_value("Who leaves").run()
    assert_sound(at)
    assert any("nobody leaves over pay" in text.value for text in at.info)


def test_a_plan_that_does_not_fit_is_told():
    empty = Component(name="Sold", measure="cross_sell_bookings", weight=1.0)
    book = load_sample("startup")
    bare = replace(book, cross_sell_whitespace=np.zeros(len(book)))
    at = open_app(candidate=Plan(name="c", variable_share=0.2, components=(empty,)))
    at.session_state["scenario"] = replace(scenario(at), uploaded=bare, history=None)
    assert scenario(at).plans == ()
    visit(at, "one_csm")
    assert not at.exception
    assert [error.value for error in at.error] == ["Candidate cannot be run on this book:"]
    assert at.dataframe[0].value["plan"].tolist() == ["Plan in force"]


def test_the_strategy_moves_the_focus():
    at = visit(open_app(), "fairness")
    shown = {metric.label: metric.value for metric in at.metric}
    assert shown["Target pay on the strategy"] == "60\\.0 \\%"
    at.multiselect(key="strategy").set_value(["upsell_bookings"]).run()
    shown = {metric.label: metric.value for metric in at.metric}
    assert shown["Target pay on the strategy"] == "40\\.0 \\%"
    at.number_input(key="market_gap").set_value(25.0).run()
    shown = {metric.label: metric.value for metric in at.metric}
    assert shown["OTE against market"] == "80\\.0 \\%"


def test_pacing_follows_what_is_typed():
    at = visit(open_app(), "one_csm")
    at.button_group(key="person_view").set_value("Pacing").run()
    before = at.main.markdown[-1].value if at.main.markdown else ""
    (kept,) = [field for field in at.number_input if field.label == "Gross retention so far, %"]
    kept.set_value(70.0).run()
    assert_sound(at)
    said = [text.value for text in at.main.markdown if text.value.startswith("#### ")]
    assert len(said) == 1
    assert before != said[0]
    at.slider(key="pace_month").set_value(0).run()
    assert_sound(at)
    assert not at.main.number_input


def test_another_book_or_horizon_in_the_middle_of_it():
    listed = (plan_preset("at_risk_80_20"),)
    at = visit(open_app(sample="midmarket", months=24, plans=listed), "one_csm")
    at.selectbox(key="person").select_index(15).run()
    at.selectbox(key="person_plan").select("At risk 80/20").run()
    at.button_group(key="person_view").set_value("Pacing").run()
    at.slider(key="pace_month").set_value(20).run()
    assert_sound(at)
    at.session_state["scenario"] = replace(scenario(at), months=6, plans=())
    at.run()
    assert_sound(at)
    assert at.slider(key="pace_month").value < 6
    at.sidebar.selectbox(key="sample").select("startup").run()
    assert_sound(at)
    assert len(at.selectbox(key="person").options) == 4


def test_luck_in_kpis_says_how_much_and_what_it_would_take():
    """The same finding as the closed forms give, and less luck where CSMs are taken to differ more."""
    plan = plan_preset("customer_outcomes")
    at = visit(open_app(candidate=plan), "fairness")
    at.button_group(key="conduct_view").set_value("Luck in KPIs").run()
    at.button_group(key="luck_of").set_value("NPS").run()
    now = scenario(at)
    stage = set_stage(load_sample(now.sample), now.current, now.world, seed=now.seed, trials=64)
    for differences in (10, 30):
        at.slider(key="kpi_differences").set_value(differences).run()
        nps = next(luck for luck in luck_in(stage, plan, differences / 100.0) if luck.component == "NPS")
        said = [text.value.replace("\\", "").replace("\u00a0", " ") for text in at.markdown]
        assert f"**{luck_finding(nps)}**" in said
    table = at.dataframe[0].value
    assert table["luck"].tolist() == pytest.approx((100.0 * nps.share).tolist())


def test_a_plan_that_pays_mostly_luck_says_so_on_what_if():
    at = open_app(candidate=plan_preset("customer_outcomes"))
    assert any("Luck of the measure" in text.value for text in at.caption)
    at = open_app(candidate=plan_preset("at_risk_70_30"))
    assert not any("Luck of the measure" in text.value for text in at.caption)
