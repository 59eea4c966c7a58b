"""Across teams without a browser: the answer on sample books, three ways to a budget, edits and the way back."""

from __future__ import annotations

import re
import time

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from test_app import CURRENT, TRIALS, assert_sound, button, complaints, open_app, visit

from sim.book.samples import load_sample
from sim.decide.allocation import findings
from sim.decide.allocation.entered import Amount, Bounds, Wishes
from sim.decide.allocation.groups import groupings
from sim.decide.allocation.levels import run_levels
from sim.decide.allocation.outside import EXAMPLE
from sim.decide.allocation.study import Study, measured, study
from sim.engine.run import set_stage, simulate
from sim.plan.read import plan_preset
from sim.plan.schema import Plan
from sim.world.parameters import world_preset

PATIENCE = 120.0
DONE = "Limits and teams"
HOSTILE = "=<b>x</b> [l](http://e.x) :red[x] $a$ *i*"


def said(at: AppTest) -> str:
    return "\n".join(
        re.sub(r"\\(.)", r"\1", text.value).replace("\u00a0", " ") for text in [*at.main.markdown, *at.caption]
    )


def look(at: AppTest, words: str = DONE) -> AppTest:
    """The page once its runs are there, as the browser looks in on them."""
    visit(at, "allocation")
    end = time.monotonic() + PATIENCE
    while words not in said(at) and time.monotonic() < end:
        time.sleep(0.05)
        at.run()
    assert words in said(at)
    return at


def wishes(at: AppTest) -> Wishes:
    return at.session_state["allocation"].value


def edit(at: AppTest, number: int, **tables: dict[str, object]) -> AppTest:
    for name, changes in tables.items():
        nothing = {"edited_rows": {}, "added_rows": [], "deleted_rows": []}
        at.session_state[f"allocation_{name}_{number}"] = nothing | changes
    return button(at, "Apply").click().run()


def by_hand(sample: str, asked: Wishes) -> Study:
    """The same from the modules, at today's dollars, by level."""
    book = load_sample(sample)
    stage = set_stage(book, CURRENT, world_preset("base"), trials=TRIALS)
    today = simulate(stage, CURRENT).csm_pay.mean(axis=1, dtype=np.float64)
    found = measured(run_levels(stage, CURRENT, lambda share: None), groupings(book)["Level"], today)
    return study(found, asked, float(found.today.sum()) + sum(team.today for team in asked.outside))


@pytest.mark.parametrize("sample", ["startup", "midmarket"])
def test_it_opens_with_the_answer(sample):
    at = look(open_app(sample=sample))
    assert_sound(at)
    expected = by_hand(sample, Wishes())
    text = said(at)
    assert findings.headline(expected) in text
    assert findings.concentration_sentence(expected) in text
    assert findings.loss_sentence(expected) in text
    assert [metric.label for metric in at.metric] == [
        "ARR gained a year",
        "The next dollar earns",
        "Largest share",
        "Concentration",
    ]
    table = at.dataframe[0].value
    assert table["team"].tolist() == [team.name for team in expected.teams]
    np.testing.assert_allclose(table["proposed"], expected.best.dollars, rtol=1e-6)
    assert len(at.get("vega_lite_chart")) == 2


def test_edits_wait_for_apply_and_are_taken_back():
    at = look(open_app())
    at.session_state["allocation_within_0"] = {
        "edited_rows": {0: {"floor": "5%"}},
        "added_rows": [],
        "deleted_rows": [],
    }
    at.run()
    assert "allocation" not in at.session_state
    at.number_input(key="allocation_loss_0").set_value(20.0)
    edit(
        at,
        0,
        within={"edited_rows": {0: {"floor": "5%", "cap": "900,000"}}},
        outside={
            "edited_rows": {0: {"next_dollar": "2"}},
            "deleted_rows": [2],
            "added_rows": [{"name": "Partners", "heads": "2", "ote": "200000", "today": "20,000"}, {}],
        },
    )
    assert_sound(at)
    first = wishes(at)
    assert first.most_loss == pytest.approx(0.2)
    level = groupings(load_sample("startup"))["Level"].names[0]
    assert dict(first.bounds) == {level: Bounds(Amount(0.05, True), Amount(900_000.0, False))}
    assert [team.name for team in first.outside] == ["Onboarding", "Support", "Partners"]
    assert first.outside[0].next_dollar == 2.0 and first.outside[2].held
    assert findings.headline(by_hand("startup", first)) in said(at)
    # Teams by another rule: the bounds of levels wait.
    at.session_state["allocation_by"] = "Role"
    at.run()
    edit(at, 1, within={"edited_rows": {0: {"floor": "1,000"}}})
    assert_sound(at)
    assert len(wishes(at).bounds) == 2 and first.bounds[0] in wishes(at).bounds
    assert wishes(look(open_app())) == wishes(at)  # another session goes on from there
    visit(at, "what_if")
    look(at)
    for expected in (first, Wishes()):
        at.button(key="allocation_undo").click().run()
        assert_sound(at)
        assert wishes(at) == expected
    assert at.button(key="allocation_undo").disabled


def test_edits_that_cannot_be_are_told_all_at_once_and_change_nothing():
    at = look(open_app())
    edit(
        at,
        0,
        within={"edited_rows": {0: {"floor": "lots"}}},
        outside={"edited_rows": {0: {"heads": "0"}, 1: {"name": "Onboarding"}}},
    )
    told = complaints(at)
    for words in ("Nothing was changed", "floor: must be USD a year, like", "people: must be a whole", "no other team"):
        assert words in told
    assert "allocation" not in at.session_state


def test_limits_that_clash_are_named_and_the_form_stays():
    at = look(open_app())
    at.number_input(key="allocation_loss_0").set_value(0.0)
    edit(at, 0)
    assert_sound(at)  # at today's dollars everybody can have today's
    at.session_state["allocation_basis"] = "Dollars"
    at.run()
    (amount,) = [field for field in at.number_input if field.label.startswith("Incentives")]
    amount.set_value(100_000.0).run()
    told = complaints(at)
    assert "cannot hold together: the budget of $100k and at least 100 % of today's $150k for Profess" in told
    assert button(at, "Apply") and DONE in said(at)


def test_from_a_margin_to_incentive_dollars():
    at = look(open_app(sample="midmarket"))
    at.session_state["allocation_basis"] = "Profit margin"
    at.run()
    assert {"Revenue, $", "Profit margin, %", "Other costs, $"} <= {field.label for field in at.number_input}
    at.number_input(key="budget_margin").set_value(15.0).run()
    assert_sound(at)
    assert re.search(r"of incentives to allocate, out of \$\d", said(at))
    at.number_input(key="budget_margin").set_value(60.0).run()
    assert "lower the margin" in complaints(at)


def test_where_pay_buys_nothing_the_floors_are_proposed():
    alone = Wishes(outside=())
    at = open_app(world=world_preset("sceptic"), world_name="sceptic")
    look(at)
    assert "In this world pay buys nothing from the CSMs" in said(at)
    edit(at, 0, outside={"deleted_rows": [0, 1, 2]})
    assert_sound(at)
    assert wishes(at) == alone
    assert "In this world pay buys nothing: the cheapest allocation is the floors" in said(at)
    assert "Every curve is flat: pay buys no ARR" in said(at)
    table = at.dataframe[0].value
    np.testing.assert_allclose(table["proposed"], 0.7 * table["today"], rtol=1e-6)


def test_a_candidate_without_incentives_has_nothing_to_allocate():
    at = open_app(candidate=Plan(name="Salary", variable_share=0.0))
    visit(at, "allocation")
    end = time.monotonic() + PATIENCE
    while not at.info and time.monotonic() < end:
        time.sleep(0.05)
        at.run()
    assert_sound(at)
    assert "pays no incentives" in at.info[0].value


@pytest.mark.parametrize(("months", "trials"), [(3, 64), (36, 1)])
def test_other_horizons_one_trial_and_another_candidate(months, trials):
    at = look(open_app(months=months, trials=trials, candidate=plan_preset("commission_uncapped")))
    assert_sound(at)
    assert "nan" not in said(at)


def test_a_book_of_ones_own_starts_without_invented_teams_and_names_are_shown_as_they_are():
    at = look(open_app(uploaded=load_sample("startup")))
    assert_sound(at)
    assert not {team.name for team in EXAMPLE} & set(at.dataframe[0].value["team"])
    row = {"name": HOSTILE, "heads": "3", "ote": "300000", "today": "30000", "next_dollar": "90"}
    edit(at, 0, outside={"added_rows": [row]})
    assert_sound(at)
    assert f"belongs to {HOSTILE} (assumed, not simulated)" in said(at)
    for text in [*at.main.markdown, *at.caption]:
        assert "[l](" not in text.value and "<b>x" not in text.value
