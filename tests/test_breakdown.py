"""What an outcome says of a segment, of a seat, of when pay was earned and which of it was above target."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from strategies import book_of, books, plans, worlds

from sim.book.samples import load_sample
from sim.book.schema import Book
from sim.engine.outcome import Outcome
from sim.engine.run import set_stage, simulate
from sim.plan import PLAN_PRESETS, plan_preset
from sim.plan.schema import Component, Curve, Plan, Quota, Tier
from sim.problems import InputError
from sim.world.parameters import World

SINGLE = 1e-5


def assert_adds_up(outcome: Outcome) -> None:
    scale = SINGLE * outcome.opening_arr
    assert outcome.segment_opening_arr.sum() == pytest.approx(outcome.opening_arr)
    np.testing.assert_allclose(outcome.segment_lost.sum(axis=0), outcome.lost_arr, rtol=SINGLE, atol=scale)
    np.testing.assert_allclose(outcome.segment_expansion.sum(axis=0), outcome.expansion_arr, rtol=SINGLE, atol=scale)
    np.testing.assert_array_equal(outcome.csm_leaves.sum(axis=0), outcome.total("leavers"))

    paid = np.concatenate([outcome.paid, outcome.monthly("guarantee_pay")[None]])
    earned = np.concatenate([outcome.earned, outcome.guarantee_earned[None]])
    cent = 1e-9 * (1.0 + paid.max(initial=0.0))
    np.testing.assert_allclose(earned.sum(axis=1), paid.sum(axis=1), rtol=1e-9, atol=cent)
    assert np.all(np.cumsum(earned - paid, axis=1) >= -12 * cent), "nothing is paid before it is earned"
    above = outcome.above_target.sum(axis=1)
    assert np.all(above >= -cent)
    assert np.all(above <= outcome.paid.sum(axis=1) + cent)


@given(books(), plans(), worlds(), st.integers(1, 36))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_every_part_adds_up_to_its_whole(book: Book, plan: Plan, world: World, n_months: int) -> None:
    try:
        assert_adds_up(simulate(set_stage(book, plan, world, trials=64, n_months=n_months), plan))
    except InputError:
        reject()


@pytest.mark.parametrize("preset", PLAN_PRESETS)
def test_every_part_of_a_preset_adds_up(preset: str) -> None:
    book = load_sample("midmarket")
    assert_adds_up(simulate(set_stage(book, plan_preset("current_80_20"), World(), trials=64), plan_preset(preset)))


def test_a_segment_is_what_its_accounts_do() -> None:
    """One CSM a segment: the segment's row is the CSM's."""
    book = book_of(10, 2, spacious=True)
    book = type(book)(**{**vars(book), "segment": tuple("ab"[c] for c in book.csm)})
    world = World(attrition=0.5, pull_share=0.4, upsell_arrivals=6.0)
    plan = plan_preset("at_risk_80_20")
    outcome = simulate(set_stage(book, plan, world, trials=256, n_months=24), plan)
    assert outcome.segments == ("a", "b")
    np.testing.assert_allclose(outcome.segment_opening_arr, outcome.csm_opening_arr)
    for segment, csm in ((outcome.segment_lost, outcome.csm_lost), (outcome.segment_expansion, outcome.csm_expansion)):
        np.testing.assert_allclose(segment, csm, rtol=SINGLE, atol=SINGLE * outcome.opening_arr)


def plan_on_certain_sales(**rules: object) -> Plan:
    """Everything hangs on the share of renewals kept; an accelerator beyond target."""
    component = Component(
        name="GRR",
        measure="gross_retention",
        weight=1.0,
        quota=Quota(target=0.5),
        curve=Curve(tiers=(Tier(start=1.0, slope=2.0),)),
    )
    return Plan.model_validate({"name": "GRR", "variable_share": 0.2, "components": (component,), **rules})


def nobody_leaves_nothing_is_lost() -> tuple[Book, World]:
    book = book_of(12, 1)
    months = np.arange(12) % 12
    safe = {"renewal_probability": np.ones(12), "renewal_month": months}
    return type(book)(**{**vars(book), **safe}), World(attrition=0.0)


@pytest.mark.parametrize(("period", "length"), [("month", 1), ("quarter", 3), ("half", 6), ("year", 12)])
def test_a_period_is_earned_in_its_own_months_and_paid_at_its_end(period: str, length: int) -> None:
    """All renews at a quota of one half: attainment 2, payout 3, of which two target pays are above target."""
    book, world = nobody_leaves_nothing_is_lost()
    plan = plan_on_certain_sales(period=period)
    outcome = simulate(set_stage(book, plan, world, trials=64), plan)
    month = outcome.csm_target[0] / 12.0
    np.testing.assert_allclose(outcome.earned, 3.0 * month)
    paid = np.where((np.arange(12) + 1) % length == 0, 3.0 * length * month, 0.0)
    np.testing.assert_allclose(outcome.paid[0], np.broadcast_to(paid[:, None], (12, 64)))
    np.testing.assert_allclose(outcome.above_target, outcome.paid * 2.0 / 3.0)


def test_a_true_up_takes_back_what_was_above_target() -> None:
    """All of the first quarter's ARR renews, none of the second's: at half of the year's, pay is at target again."""
    book, world = nobody_leaves_nothing_is_lost()
    equal = {
        "arr": np.full(12, 50e3),
        "renewal_month": np.where(np.arange(12) < 6, 0, 3),
        "renewal_probability": np.where(np.arange(12) < 6, 1.0, 0.0),
        "upsell_whitespace": np.zeros(12),
        "cross_sell_whitespace": np.zeros(12),
    }
    book = type(book)(**{**vars(book), **equal})
    plan = plan_on_certain_sales(period="quarter", true_up=True)
    world = world.changed({"churn_cut": 0.0, "uplift_probability": 0.0})
    outcome = simulate(set_stage(book, plan, world, trials=64, n_months=6), plan)
    quarter = outcome.csm_target[0] / 2.0
    np.testing.assert_allclose(outcome.paid[0, 2], 3.0 * quarter)
    np.testing.assert_allclose(outcome.above_target[0, 2], 2.0 * quarter)
    np.testing.assert_allclose(outcome.paid[0, 5], 0.0)
    np.testing.assert_allclose(outcome.above_target[0, 5], -quarter, err_msg="three quarters' pay for two")


def test_deals_are_moved_only_when_the_timing_lever_is_on() -> None:
    """A cap at quota: whoever is below it pulls deals in, whoever is beyond keeps them for the next quarter."""
    capped = Component(name="Sales", measure="expansion_bookings", weight=1.0, curve=Curve(cap=1.0))
    plan = Plan(name="Sales", variable_share=0.2, components=(capped,))
    book = book_of(20, 2, spacious=True)
    still = simulate(set_stage(book, plan, World(), trials=64), plan)
    moved = simulate(set_stage(book, plan, World(pull_share=0.5, upsell_arrivals=6.0), trials=256), plan)
    for flow in ("pulled", "put_off"):
        assert still.total(flow).sum() == 0.0
        assert moved.total(flow).sum() > 0.0
        assert np.all(moved.monthly(flow) <= moved.monthly("upsell") + moved.monthly("cross_sell") + 1e-6)
    given = moved.total("discount")
    np.testing.assert_allclose(given, moved.total("pulled") * 0.07 / 0.93, rtol=1e-9, atol=1e-6)
