"""Named bad luck: against closed forms, both implementations, and with nobody expecting it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtr, ndtri
from strategies import book_of
from test_reference import assert_same

from sim.book.schema import Book
from sim.engine.run import Stage, make_draws, set_stage, simulate
from sim.engine.stress import lose_accounts, lose_csms, recession
from sim.plan import plan_preset
from sim.problems import InputError
from sim.world.parameters import World

PLAN = plan_preset("current_80_20")
STILL = World(churn_cut=0.0, kappa_expansion=0.0, attrition=0.0, shock_rho=0.1, downsell_share=0.0)


def stage_of(book: Book, world: World = STILL, trials: int = 256, n_months: int = 12) -> Stage:
    return set_stage(book, PLAN, world, trials=trials, n_months=n_months)


@pytest.mark.parametrize("shock", [-3.0, -1.0, 0.0, 2.0])
def test_a_recession_moves_renewals_as_the_one_factor_model_says(shock: float) -> None:
    """P(renewal) = Phi(Phi^-1(p) + sqrt(rho) k): of 300 accounts in 4,096 trials, within four standard errors."""
    book = replace(book_of(300, 3), renewal_probability=np.full(300, 0.85), renewal_month=np.full(300, 4))
    stage = recession(stage_of(book, trials=4096), range(3, 6), shock, 1.0)
    lost = simulate(stage, PLAN).total("accounts_lost") / 300.0
    expected = 1.0 - ndtr(ndtri(0.85) + np.sqrt(0.1) * shock)
    assert lost.mean() == pytest.approx(expected, abs=4.0 * lost.std() / np.sqrt(4096.0))


def test_it_moves_its_own_months_only() -> None:
    stage = stage_of(book_of(40, 2, terms=(1,)))
    usual, stressed = (simulate(s, PLAN) for s in (stage, recession(stage, range(6, 9), -3.0, 0.0)))
    for flow in ("churn", "upsell", "cross_sell"):
        np.testing.assert_array_equal(stressed.monthly(flow)[:6], usual.monthly(flow)[:6])
    assert stressed.monthly("churn")[6:9].sum() > 1.5 * usual.monthly("churn")[6:9].sum()
    assert stressed.monthly("upsell")[6:9].sum() == 0.0 == stressed.monthly("cross_sell")[6:9].sum()
    assert stressed.monthly("upsell")[9:].sum() > 0.0


def test_a_share_of_the_deals_arrives() -> None:
    """With no white space used up, a deal is a deal: their ARR falls to the share, within four standard errors."""
    space = np.full(200, 50e3)
    book = replace(book_of(200, 2), renewal_probability=np.ones(200), upsell_whitespace=space)
    world = STILL.changed({"upsell_take": 1e-6})
    stage = stage_of(book, world, trials=1024)
    usual, fewer = (simulate(s, PLAN).total("upsell") for s in (stage, recession(stage, range(12), 0.0, 0.4)))
    assert (fewer / usual.mean()).mean() == pytest.approx(0.4, abs=4.0 * fewer.std() / usual.mean() / 32.0)


def test_lost_accounts_are_lost_whether_due_or_certain_or_not() -> None:
    """Everything else is certain to stay: what is lost is exactly what these accounts had."""
    book = replace(book_of(12, 3), renewal_probability=np.ones(12), renewal_month=np.full(12, 5))
    stage = lose_accounts(lose_accounts(stage_of(book), [2, 7], 5), [4], 1)
    lost = simulate(stage, PLAN)
    assert np.all(lost.monthly("accounts_lost")[[1, 5]] == [[1.0], [2.0]])
    assert np.all(lost.total("accounts_lost") == 3.0)
    sold = simulate(stage_of(book), PLAN).csm_expansion
    at_least = book.arr[[2, 4, 7]].sum()
    assert np.all(lost.lost_arr >= at_least - 1e-6)
    assert np.all(lost.lost_arr <= at_least + sold.sum(axis=0) + 1.0), "with what was sold to them"


def test_csms_leave_when_told_and_their_seats_fill_again() -> None:
    stage = lose_csms(stage_of(book_of(12, 3), STILL.changed({"vacancy_months": 2.0})), [0, 2], 1)
    left = simulate(stage, PLAN)
    assert left.csm_leaves.tolist() == [[1] * 256, [0] * 256, [1] * 256]
    assert np.all(left.monthly("staffed")[:, 0] == [3.0, 3.0, 1.0, 1.0, *[3.0] * 8])


def test_nobody_saw_it_coming() -> None:
    """Quotas, expectations and the anchor are those of the stage: until it happens, all trials are as they were."""
    stage = stage_of(book_of(30, 3), World())
    hit = lose_csms(lose_accounts(recession(stage, range(6, 12), -2.0, 0.5), [0, 1], 6), [0], 6)
    usual, stressed = simulate(stage, PLAN), simulate(hit, PLAN)
    np.testing.assert_array_equal(stressed.flows[:, :6], usual.flows[:, :6])
    np.testing.assert_array_equal(stressed.csm_target, usual.csm_target)
    assert stressed.retained_arr.mean() < usual.retained_arr.mean()


def stressed(stage: Stage) -> Stage:
    return lose_csms(lose_accounts(recession(stage, range(2, 9), -2.0, 0.5), [0, 3], 4), [1], 2)


def test_both_implementations_agree_under_stress() -> None:
    world = World(attrition=0.4, pull_share=0.3)
    book = book_of(14, 3, terms=(1, 12), certain=True, spacious=True)
    stage = set_stage(book, PLAN, world, trials=256, n_months=20)
    assert_same(stressed(stage), plan_preset("retention_referral"))
    assert_same(stressed(stage), PLAN.model_copy(update={"clawback_months": 6}))


def test_streamed_draws_are_stressed_alike() -> None:
    stage = stage_of(book_of(14, 3), World())
    streamed = replace(stage, draws=make_draws(stage.portfolio, 1, World().shock_rho, 256, budget=0))
    kept, made = simulate(stressed(stage), PLAN), simulate(stressed(streamed), PLAN)
    np.testing.assert_array_equal(kept.flows, made.flows)
    np.testing.assert_array_equal(kept.paid, made.paid)


@pytest.mark.parametrize("month", [-1, 12])
def test_a_month_beyond_the_horizon_is_refused(month: int) -> None:
    stage = stage_of(book_of(4, 2))
    for lose in (lose_accounts, lose_csms):
        with pytest.raises(InputError, match="month of the horizon"):
            lose(stage, [0], month)
