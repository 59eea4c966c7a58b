"""The page What it hangs on without a browser: every sample book, each study started, shown and out of date."""

from __future__ import annotations

import threading

import pytest
from streamlit.testing.v1 import AppTest
from test_app import CURRENT, assert_sound, button, open_app, scenario, visit

from sim.book.samples import SAMPLES
from sim.decide.choice.criterion import CRITERIA
from sim.decide.sensitivity.ranges import Range, plausible
from sim.plan.read import PLAN_PRESETS, plan_preset
from sim.world.parameters import WORLD_PRESETS, world_preset

CANDIDATE = plan_preset("at_risk_70_30")
ENOUGH_SECONDS = 300
FEW = (Range("churn_cut", 0.0, 0.2), Range("on_cost", 0.1, 0.3))
MOVE, TRY = "Move each assumption", "Try all worlds"


def open_page(**settings: object) -> AppTest:
    """The page on the small book, two assumptions to vary unless a test says otherwise."""
    at = open_app(**{"candidate": CANDIDATE} | settings)
    at.session_state["own_ranges"] = (scenario(at).world.model_dump_json(), FEW)
    at.session_state["hangs_size"] = 32
    at = visit(at, "hangs_on")
    assert_sound(at)
    return at


def started(at: AppTest, label: str, name: str) -> AppTest:
    """The study that a button starts, waited for."""
    button(at, label).click().run()
    job = at.session_state[f"job_{name}"]
    for _ in range(ENOUGH_SECONDS * 20):
        if job.ended:
            break
        threading.Event().wait(0.05)
    assert job.complete
    at.run()
    assert_sound(at)
    return at


def labels(at: AppTest) -> list[str]:
    return [one.label for one in at.button]


def findings(at: AppTest) -> str:
    return " ".join(text.value.replace("\\", "") for text in at.main.markdown)


@pytest.mark.parametrize("book", SAMPLES)
def test_it_opens_on_every_sample_book(book):
    at = open_page(sample=book)
    assert [metric.label.split(":")[0] for metric in at.metric] == ["Sceptic", "Base", "Optimistic", "Mixed"]
    assert MOVE in labels(at)
    assert TRY not in labels(at)
    assert len(at.get("vega_lite_chart")) == 0  # nothing long before it is asked for


def test_both_studies_from_start_to_finish():
    at = started(open_page(), MOVE, "one_by_one")
    assert len(at.get("vega_lite_chart")) == 1
    assert "moves it most" in findings(at)
    assert at.multiselect[0].value == ["churn_cut", "on_cost"]
    at = started(at, TRY, "all_at_once")
    assert len(at.get("vega_lite_chart")) >= 3
    assert {MOVE, TRY}.isdisjoint(labels(at))
    assert "of the spread" in findings(at)
    assert "The candidate" in findings(at)
    for name in CRITERIA:
        at.selectbox(key="hangs_on").select(name).run()
        assert_sound(at)
    at.number_input(key="hangs_worth").set_value(0.0).run()
    assert_sound(at)


def test_another_plan_makes_a_study_out_of_date():
    at = started(open_page(), MOVE, "one_by_one")
    at.sidebar.selectbox(key="current_preset").select("flowfuse").run()
    assert "The candidate is the plan in force" in at.info[0].value
    at = visit(open_page(), "hangs_on")
    started(at, MOVE, "one_by_one")
    at.sidebar.radio(key="world").set_value("optimistic").run()
    assert_sound(at)
    assert MOVE in labels(at)
    assert len(at.get("vega_lite_chart")) == 0


def test_the_sceptic_is_told_that_arr_is_the_same():
    at = open_page(world=world_preset("sceptic"), world_name="sceptic")
    at.selectbox(key="hangs_on").select("retained_arr").run()
    assert (at.metric[0].label, at.metric[0].value) == ("Sceptic: the same", "+$0")
    assert "changes nothing in the sceptic world" in findings(at)


@pytest.mark.parametrize("world", WORLD_PRESETS)
def test_ranges_are_proposed_around_every_world(world):
    at = visit(open_app(candidate=CANDIDATE, world=world_preset(world), world_name=world), "hangs_on")
    assert_sound(at)
    assert len(at.dataframe[0].value) == len(plausible(world_preset(world)))


@pytest.mark.parametrize("plan", [name for name in PLAN_PRESETS if plan_preset(name) != CURRENT])
def test_every_preset_as_candidate(plan):
    at = open_page(candidate=plan_preset(plan))
    assert len(at.metric) == 4
