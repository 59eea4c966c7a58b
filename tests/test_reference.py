"""Two implementations of one model: the fast month loop and the readable one agree, trial by trial."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from strategies import book_of, books, plans, worlds

from sim.book.schema import Book
from sim.engine import run
from sim.engine.compile import compile_plan
from sim.engine.kernel import run_blocks
from sim.engine.reference import run_reference, walk
from sim.engine.run import ANCHOR_BLOCKS, Stage, find_anchor, set_stage, simulate
from sim.engine.stress import lose_accounts, lose_csms, recession
from sim.plan import PLAN_PRESETS, plan_preset
from sim.plan.schema import KPI_MEASURES, Component, Curve, Gate, Plan, Quota, Tier
from sim.problems import InputError
from sim.world.parameters import World

DOUBLE = 1e-9
SINGLE = 1e-5
"""Relative tolerances, of the largest figure of its kind: the csm_* arrays are float32, and summed as such."""
TRIALS = 64 * ANCHOR_BLOCKS

CLIFF = Curve(threshold=0.85, pay_at_threshold=0.5, tiers=(Tier(start=1.0, slope=2.0),), cap=2.0)
LINE = Curve()
RETENTION_AND_SALES = Plan(
    name="current",
    variable_share=0.2,
    components=(
        Component(name="GRR", measure="gross_retention", weight=0.6, curve=CLIFF),
        Component(name="Sales", measure="expansion_bookings", weight=0.4, curve=LINE),
    ),
)


FIXED_QUOTAS = Plan(
    name="quotas that every book has",
    variable_share=0.2,
    components=(
        Component(name="GRR", measure="gross_retention", weight=0.6, quota=Quota(target=0.9), curve=CLIFF),
        Component(name="Sales", measure="expansion_bookings", weight=0.4, quota=Quota(target=30e3)),
    ),
)


def assert_same(stage: Stage, plan: Plan) -> None:
    """Both implementations, every array of the outcome; NaN and overflow raise."""
    fast = simulate(stage, plan)
    with np.errstate(divide="raise", over="raise", invalid="raise"):
        plain = simulate(stage, plan, runner=run_reference)
    for name, tolerance in (
        ("flows", DOUBLE),
        ("paid", DOUBLE),
        ("earned", DOUBLE),
        ("guarantee_earned", DOUBLE),
        ("above_target", DOUBLE),
        ("effort", DOUBLE),
        ("csm_pay", SINGLE),
        ("csm_lost", SINGLE),
        ("csm_expansion", SINGLE),
        ("attainment", SINGLE),
        ("csm_leaves", 0.0),
        ("segment_lost", SINGLE),
        ("segment_expansion", SINGLE),
    ):
        # Each flow, component or CSM on a scale of its own.
        rows = zip(getattr(fast, name), getattr(plain, name), strict=True)
        for row, (found, expected) in enumerate(rows):
            scale = 1.0 + np.max(np.abs(np.nan_to_num(expected)), initial=0.0)
            np.testing.assert_allclose(
                found, expected, rtol=tolerance, atol=tolerance * scale, err_msg=f"{name}[{row}]"
            )


@given(books(), plans(reviewed=True), plans(reviewed=True), worlds(), st.integers(1, 36))
@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_kernel_and_reference_agree_on_any_book_plan_and_world(
    book: Book, current: Plan, candidate: Plan, world: World, n_months: int
) -> None:
    try:
        with np.errstate(divide="raise", over="raise", invalid="raise"):
            stage = set_stage(book, current, world, trials=TRIALS, n_months=n_months)
            assert_same(stage, candidate)
    except InputError:  # a quota of zero: nothing to sell, or nobody expected to stay
        reject()


CAPPED = {
    "name": "Sales",
    "measure": "expansion_bookings",
    "weight": 1.0,
    "curve": {"threshold": 0.85, "pay_at_threshold": 0.5, "cap": 1.0},
}
GAMES = World(
    pull_share=0.5, pull_discount=0.3, upsell_arrivals=6.0, cross_sell_arrivals=6.0, pull_churn=1.0, attrition=0.5
)


def changed(plan: Plan, **update: object) -> Plan:
    return Plan.model_validate(plan.model_dump() | update)


@pytest.mark.parametrize(
    ("world", "update"),
    [
        (GAMES, {}),
        # Every month closes a period: a deal pulled into the last one must not also be put off to the next.
        (GAMES.changed({"pull_discount": 0.02}), {"period": "month", "components": [CAPPED]}),
        (GAMES, {"true_up": True, "period": "month"}),
        # What is taken back of a deal that was closed at a discount is what was booked.
        (GAMES, {"clawback_months": 12}),
        # A discount on more white space than there is ARR: the account is still a customer.
        (GAMES.changed({"pull_discount": 0.5, "upsell_take": 1.0}), {}),
        (World(attrition=0.6, vacancy_months=0.0), {"ramp_guarantee": 1.0, "ramp_guarantee_months": 12}),
        (World(attrition=0.6, vacancy_months=1.0, response_spread=1.0), {"no_renewal_due": "carry"}),
        (World(attrition=0.6, risk_aversion=2.0), {"no_renewal_due": "zero", "true_up": True}),
    ],
)
@pytest.mark.parametrize("terms", [(12,), (1,), (24,)])
def test_they_agree_where_rules_meet(world: World, update: dict[str, object], terms: tuple[int, ...]) -> None:
    book = book_of(14, 3, terms=terms, spacious=True, certain=len(terms) == 1)
    stage = set_stage(book, RETENTION_AND_SALES, world, trials=TRIALS, n_months=20)
    assert_same(stage, changed(RETENTION_AND_SALES, **update))


@pytest.mark.parametrize("measure", ["net_retention", "gross_retention", "logo_retention"])
def test_they_agree_on_a_book_that_churns_to_the_last_account(measure: str) -> None:
    book = book_of(3, 3, terms=(4,), certain=True)
    component = {"name": "R", "measure": measure, "weight": 1.0, "quota": {"target": 0.9}, "curve": CLIFF}
    plan = changed(RETENTION_AND_SALES, components=(component,))
    assert_same(set_stage(book, plan, World(orphan_penalty=2.0), trials=TRIALS, n_months=24), plan)


def test_they_agree_behind_a_gate_and_on_every_measure() -> None:
    gate = Gate(measure="logo_retention", minimum=0.8)
    measures = ("referrals", "renewals", *KPI_MEASURES, "net_retention", "cross_sell_bookings")
    for measure in measures:
        component = Component(name="one", measure=measure, weight=1.0, curve=CLIFF, gate=gate)
        stage = set_stage(
            book_of(9, 2),
            RETENTION_AND_SALES,
            World(kappa_kpi=0.3, training_effect=0.5, value_arr_limit=0.0),
            trials=TRIALS,
        )
        assert_same(stage, changed(RETENTION_AND_SALES, components=(component.model_dump(),)))


@pytest.mark.parametrize("preset", PLAN_PRESETS)
def test_they_agree_on_every_preset(preset: str) -> None:
    stage = set_stage(book_of(30, 3), RETENTION_AND_SALES, World(), trials=TRIALS)
    assert_same(stage, plan_preset(preset))


def test_they_find_the_same_anchor(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(response_spread=1.0, attrition=0.5)
    stage = set_stage(book_of(20, 3), RETENTION_AND_SALES, world, trials=TRIALS)
    monkeypatch.setattr(run, "_run", run_reference)
    plain = find_anchor(stage.portfolio, stage.forecast, world, stage.field, stage.draws, RETENTION_AND_SALES)
    np.testing.assert_allclose(stage.anchor, plain, rtol=DOUBLE, atol=DOUBLE)


def test_a_book_that_has_all_churned_attains_no_net_retention() -> None:
    """Rounding must not leave it an opening ARR of a trillionth of a dollar, all of it retained."""
    book = replace(book_of(1, 1), renewal_month=np.array([2]), renewal_probability=np.zeros(1))
    component = Component(name="NRR", measure="net_retention", weight=1.0, quota=Quota(target=1.0))
    plan = changed(RETENTION_AND_SALES, components=(component.model_dump(),))
    stage = set_stage(book, plan, World(upsell_arrivals=6.0, attrition=0.0), trials=TRIALS)
    assert np.all(simulate(stage, plan).paid[0, 3:] == 0.0)


@given(books(), worlds(), st.integers(1, 36))
@settings(deadline=None, max_examples=30)
def test_the_arr_identity_holds_account_by_account(book: Book, world: World, n_months: int) -> None:
    """Closing ARR, from flows, is what the accounts of the reference hold at the end; GRR never exceeds 1."""
    stage = set_stage(book, FIXED_QUOTAS, world, trials=TRIALS, n_months=n_months)
    terms = compile_plan(FIXED_QUOTAS, stage.portfolio, stage.forecast, world, stage.anchor)
    held = [
        walk(stage.field, terms, stage.anchor, stage.draws.at(start))[1].arr.sum(axis=1)
        for start in range(0, stage.draws.n_blocks, stage.draws.chunk)
    ]
    fast = simulate(stage, FIXED_QUOTAS)
    np.testing.assert_allclose(fast.closing_arr, np.concatenate(held), rtol=1e-9, atol=1e-9 * fast.opening_arr)
    assert np.all(fast.gross_retention <= 1.0)
    assert np.all(fast.logo_retention <= 1.0)
    np.testing.assert_allclose(fast.csm_lost.sum(axis=0), fast.lost_arr, rtol=SINGLE, atol=SINGLE * fast.opening_arr)


def test_the_kernel_is_compiled_once_whatever_the_input() -> None:
    """A slider or a file that changed the types of its arguments would cost half a minute."""
    nothing_due = replace(book_of(2, 2), renewal_month=np.array([9, 11]))
    unpaid = Plan(name="salary only", variable_share=0.0)
    for book, n_months in ((nothing_due, 1), (book_of(1, 1), 1), (book_of(5, 2), 36)):
        stage = set_stage(book, unpaid, World(), trials=1, n_months=n_months)
        simulate(stage, unpaid)
    for stressed in (lose_accounts(stage, [0], 3), lose_csms(stage, [1], 2), recession(stage, range(6), -2.0, 0.5)):
        simulate(stressed, unpaid)
    assert len(run_blocks.signatures) == 1
