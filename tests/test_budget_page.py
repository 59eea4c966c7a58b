"""Budget fit without a browser: every sample book and plan, three ways to a budget, solving and stress tests."""

from __future__ import annotations

import time

import pytest
from streamlit.testing.v1 import AppTest
from test_app import CURRENT, assert_sound, button, complaints, open_app, scenario, visit

from sim.book.samples import SAMPLES, load_sample
from sim.decide.budget.basis import usual_budget
from sim.decide.budget.events import EVENTS
from sim.decide.budget.fit import is_over, paired_fit, sentence
from sim.engine.run import set_stage, simulate
from sim.plan.levers import with_lever
from sim.plan.read import PLAN_PRESETS, plan_preset
from sim.world.parameters import world_preset

RICHER = with_lever(CURRENT, "variable_share", 0.3)
PATIENCE = 120.0


def said(at: AppTest) -> str:
    return "\n".join(text.value.replace("\\", "").replace("\u00a0", " ") for text in at.main.markdown)


def until(at: AppTest, words: str) -> AppTest:
    """Looks in on the job, as the browser does, until the page says this."""
    end = time.monotonic() + PATIENCE
    while words not in said(at) and time.monotonic() < end:
        time.sleep(0.1)
        at.run()
    assert words in said(at)
    assert_sound(at)
    return at


@pytest.mark.parametrize("book", SAMPLES)
def test_it_opens_on_every_sample_book_and_says_something_at_once(book):
    at = visit(open_app(sample=book, candidate=RICHER), "budget")
    assert_sound(at)
    stage = set_stage(load_sample(book), CURRENT, world_preset("base"), trials=256)
    then, now = simulate(stage, RICHER), simulate(stage, CURRENT)
    assert sentence(paired_fit(then, now, usual_budget(now.plan_cost))) in said(at)
    assert len(at.get("vega_lite_chart")) == 4


@pytest.mark.parametrize("plan", PLAN_PRESETS)
def test_every_plan_has_a_fit(plan):
    at = visit(open_app(candidate=plan_preset(plan), current=plan_preset(plan)), "budget")
    assert_sound(at)
    assert "exactly those in which the plan in force does" in said(at)


@pytest.mark.parametrize(("basis", "fields"), [("Share of revenue", 2), ("Profit margin", 3)])
def test_a_budget_from_the_top_down(basis, fields):
    at = visit(open_app(), "budget")
    before = len(at.number_input)
    at.segmented_control(key="budget_basis").select(basis).run()
    assert_sound(at)
    assert len(at.number_input) == before - 1 + fields


def test_a_margin_that_leaves_nothing_is_told():
    at = visit(open_app(), "budget")
    at.segmented_control(key="budget_basis").select("Profit margin").run()
    at.number_input(key="budget_margin").set_value(95.0).run()
    assert "must leave something to spend" in complaints(at)


def test_a_lever_is_solved_for_and_used():
    at = visit(open_app(candidate=RICHER), "budget")
    at.selectbox(key="budget_lever").select("variable_share").run()
    at.button(key="budget_go").click().run()
    until(at, "keeps the chance over budget at")
    at.button(key="budget_use").click().run()
    assert_sound(at)
    found = scenario(at).candidate
    assert found.variable_share < 0.3
    stage = set_stage(load_sample("startup"), CURRENT, world_preset("base"), trials=256)
    budget = usual_budget(simulate(stage, CURRENT).plan_cost)
    assert is_over(simulate(stage, found).plan_cost, budget).mean() <= 0.1
    visit(at, "what_if")
    button(at, "Undo").click().run()
    assert scenario(at).candidate == RICHER


def test_bad_years_come_with_their_figures_and_go_when_the_plan_changes():
    at = visit(open_app(candidate=RICHER), "budget")
    button(at, "Run the stress tests").click().run()
    until(at, "everybody at 130 %")
    (table,) = [frame.value for frame in at.dataframe if "event" in frame.value]
    assert set(EVENTS) < set(table["event"])
    at.session_state["scenario"] = open_app(candidate=with_lever(RICHER, "accelerator", 2.0)).session_state["scenario"]
    at.run()
    assert_sound(at)
    assert button(at, "Run the stress tests")
