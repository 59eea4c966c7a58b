"""Quotas that fit the book: rules, chances against closed forms, and why pay differs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tiny_book import tiny_book, world_without_luck

from sim.book.samples import SAMPLES, load_sample
from sim.book.schema import Book
from sim.decide.targets import quotas
from sim.decide.targets.average_team import equal_skill, same_effort
from sim.decide.targets.pay_shares import pay_shares, payout
from sim.engine.contract import contract
from sim.engine.outcome import Outcome
from sim.engine.run import Stage, set_stage, simulate
from sim.plan.read import PLAN_PRESETS, plan_preset
from sim.plan.schema import Component, Plan, Quota
from sim.world.parameters import World, world_preset

Floats = NDArray[np.float64]
CURRENT = plan_preset("current_80_20")
TRIALS = 2048


def plan_of(*components: Component, share: float = 0.2) -> Plan:
    return Plan(name="Test", variable_share=share, components=components)


def retention(**settings: object) -> Component:
    return Component(name="Retention", measure="gross_retention", weight=1.0, **settings)  # type: ignore[arg-type]


def quiet(**settings: float) -> World:
    """Renewals are the only luck: no response, no downsell, no uplift, nobody leaves."""
    still = {"kappa_expansion": 0.0, "churn_cut": 0.0, "kappa_kpi": 0.0, "training_effect": 0.0}
    still |= {"attrition": 0.0, "attrition_response": 0.0}
    return World().changed(still | {"downsell_share": 0.0, "uplift_probability": 0.0, "shock_rho": 0.0} | settings)


def with_skill(book: Book, skill: list[float]) -> Book:
    values = np.array(skill)
    team = replace(book.team, skill_retention=values, skill_upsell=values, skill_cross_sell=values)
    return replace(book, team=team)


def stage_of(book: Book, plan: Plan, world: World, trials: int = TRIALS) -> Stage:
    return set_stage(book, plan, world, trials=trials)


# --- the three ways -------------------------------------------------------------------------------------


def test_the_ways_to_set_a_quota_on_the_book_worked_by_hand():
    parts = (
        Component(name="Retention", measure="gross_retention", weight=0.5),
        Component(name="Expansion", measure="expansion_bookings", weight=0.3),
        Component(name="Net", measure="net_retention", weight=0.2),
    )
    stage = stage_of(tiny_book(), plan_of(*parts), world_without_luck(), trials=8)
    choices, refused = quotas.options(plan_of(*parts), stage)
    assert ([option.name for option in choices], refused) == (list(quotas.RULE_NAMES.values()), [])
    assert [option.today for option in choices] == [True, False, False]
    flat, risk, space = (contract(o.plan, stage.portfolio, stage.forecast, stage.world).quota for o in choices)
    own_retention, own_bookings = [1, 5 / 6, 10 / 13], [61_425, 73_425, 30_705]
    np.testing.assert_allclose(flat[:, 0], 0.9)
    np.testing.assert_allclose(flat[:, 1], sum(own_bookings) / 3)
    for fit in (risk, space):
        np.testing.assert_allclose(fit[:, 0], own_retention)
        np.testing.assert_allclose(fit[:, 1], own_bookings)
    team_gain, team_loss = 165_555 / 1_400_000, 120_000 / 1_400_000
    np.testing.assert_allclose(flat[:, 2], 1 + team_gain - team_loss)
    np.testing.assert_allclose(risk[:, 2], 1 + team_gain - np.array([0, 48, 72]) / np.array([600, 400, 400]))
    np.testing.assert_allclose(
        space[:, 2], 1 - team_loss + np.array([61_425, 73_425, 30_705]) / np.array([600_000, 400_000, 400_000])
    )


def test_a_fixed_target_keeps_its_ambition():
    plan = plan_of(retention(quota=Quota(target=0.945)))
    stage = stage_of(tiny_book(), plan, world_without_luck(), trials=8)
    fit = quotas.fitted(plan, stage, "risk_adjusted")
    assert fit.components[0].quota.rule == "risk_adjusted"
    assert fit.components[0].quota.stretch == pytest.approx(0.945 / 0.9)
    assert quotas.fitted(plan, stage, "flat") == plan
    back = quotas.fitted(fit, stage, "flat").components[0].quota
    assert (back.rule, back.target, back.stretch) == ("flat", None, pytest.approx(1.05))


@pytest.mark.parametrize("name", PLAN_PRESETS)
def test_every_preset_has_its_ways_and_one_of_them_is_todays(name):
    plan = plan_preset(name)
    stage = stage_of(load_sample("startup"), plan, world_preset("base"), trials=64)
    choices, refused = quotas.options(plan, stage)
    assert refused == []
    assert [option.plan for option in choices if option.today] == [plan]
    assert len({option.plan.model_dump_json() for option in choices}) == len(choices)
    for option in choices:
        Plan.model_validate(option.plan.model_dump())  # what is made is a plan that could be read


def test_a_way_that_cannot_be_used_says_why():
    book = tiny_book()
    own = book.csm == 1
    none = np.where(own, 0.0, book.upsell_whitespace)
    plan = plan_of(Component(name="Upsell", measure="upsell_bookings", weight=1.0))
    stage = stage_of(replace(book, upsell_whitespace=none), plan, world_without_luck(), trials=8)
    choices, refused = quotas.options(plan, stage)
    assert [option.name for option in choices] == ["Flat"]
    (error,) = refused
    assert "BEN" in str(error)


# --- who can reach them ---------------------------------------------------------------------------------


def eight_accounts() -> Book:
    """The published eight accounts, all of one CSM."""
    arr = np.array([120, 80, 60, 40, 30, 20, 20, 10], dtype=np.float64)
    p = np.array([0.95, 0.9, 0.85, 0.92, 0.8, 0.9, 0.7, 0.88])
    book, one = tiny_book(), slice(0, 1)
    team = book.team
    alone = replace(
        team,
        **{name: getattr(team, name)[one] for name in team.__dataclass_fields__},
    )
    return replace(
        book, csm=np.zeros(8, dtype=np.int64), arr=arr, renewal_probability=p, renewal_month=np.arange(8), team=alone
    )


@pytest.mark.parametrize(("target", "exact"), [(0.9, 0.5929768368), (0.85, 0.6884450424)])
def test_the_chance_to_reach_a_retention_target_is_the_exact_convolution(target, exact):
    plan = plan_of(retention(quota=Quota(target=target))).model_copy(update={"period": "year"})
    stage = stage_of(eight_accounts(), plan, quiet(upsell_arrivals=0.0, cross_sell_arrivals=0.0), trials=16_384)
    (chance,) = quotas.reach(simulate(equal_skill(stage), plan))[0]
    assert chance == pytest.approx(exact, abs=3.5 * np.sqrt(exact * (1 - exact) / 16_384))


def test_where_nothing_is_due_there_is_no_chance_to_tell():
    book = tiny_book()
    plan = plan_of(retention())
    late = replace(book, renewal_month=np.where(book.csm == 2, 15, book.renewal_month))
    outcome = simulate(stage_of(late, plan, quiet(), trials=64), plan)
    assert np.isnan(quotas.reach(outcome)[2, 0])
    assert not np.isnan(quotas.reach(outcome)[:2, 0]).any()


def test_at_equal_skill_everybody_with_the_same_accounts_has_the_same_chance():
    """Two CSMs with twin books: at their own skill the better one does better, at equal skill nobody does."""
    book = load_sample("startup")
    twin = np.flatnonzero(book.csm == 0)
    n = len(twin)
    both = np.concatenate([twin, twin])
    fields = ("arr", "renewal_month", "term_months", "renewal_probability", "complexity", "nps", "adoption")
    fields += ("tenure_months", "upsell_whitespace", "cross_sell_whitespace")
    team = replace(
        book.team,
        **{name: getattr(book.team, name)[:2] for name in book.team.__dataclass_fields__},
    )
    team = replace(team, ote=np.full(2, 120_000.0))
    twins = replace(
        book,
        account_id=tuple(f"T{i}" for i in range(2 * n)),
        account_name=tuple(f"T{i}" for i in range(2 * n)),
        segment=("all",) * (2 * n),
        csm=np.repeat([0, 1], n),
        team=team,
        **{name: getattr(book, name)[both] for name in fields},
    )
    plan = plan_of(Component(name="Upsell", measure="upsell_bookings", weight=1.0))
    world = World().changed({"kappa_expansion": 0.3, "attrition": 0.0})
    stage = set_stage(with_skill(twins, [2.0, 0.2]), plan, world, trials=4096)
    # Equal probabilities of both books are what very different CSMs made of them. In equal hands the first falls back.
    own = simulate(stage, plan).csm_expansion.mean(axis=1)
    equal = simulate(equal_skill(stage), plan).csm_expansion.mean(axis=1)
    assert own[0] == pytest.approx(own[1], rel=0.03)
    assert equal[0] < 0.9 * equal[1]


def test_equal_skill_changes_nothing_where_skills_are_equal():
    stage = stage_of(with_skill(load_sample("startup"), [1.0] * 4), CURRENT, world_preset("base"), trials=128)
    same_result(simulate(equal_skill(stage), CURRENT), simulate(stage, CURRENT))


def same_result(one: Outcome, other: Outcome) -> None:
    np.testing.assert_array_equal(one.csm_pay, other.csm_pay)
    np.testing.assert_array_equal(one.csm_lost, other.csm_lost)
    np.testing.assert_array_equal(one.csm_expansion, other.csm_expansion)


def test_the_effort_that_everybody_makes_already_changes_no_account():
    """With effort equal to each CSM's own anchor, nothing is left of the response: the luck of a world without one."""
    world = World().changed({"attrition_response": 0.0, "attrition": 0.0})
    book = with_skill(eight_accounts(), [1.4])
    book = replace(book, upsell_whitespace=0.3 * book.arr)
    stage = stage_of(book, CURRENT, world, trials=256)
    same = simulate(same_effort(stage, stage.anchor[0, :, :4]), CURRENT)
    asleep = World().changed({"attrition_response": 0.0, "attrition": 0.0, "kappa_expansion": 0.0, "churn_cut": 0.0})
    unmoved = simulate(stage_of(book, CURRENT, asleep, trials=256), CURRENT)
    np.testing.assert_allclose(same.csm_lost, unmoved.csm_lost, rtol=1e-6)
    np.testing.assert_allclose(same.csm_expansion, unmoved.csm_expansion, rtol=1e-5)


def test_more_of_the_same_effort_keeps_and_sells_more():
    stage = stage_of(load_sample("startup"), CURRENT, world_preset("optimistic"), trials=512)
    none, much = (simulate(same_effort(stage, np.full((12, 4), e)), CURRENT) for e in (0.0, 2.0))
    assert much.retained_arr.mean() > none.retained_arr.mean()
    assert much.expansion_arr.mean() == pytest.approx(1.4 * none.expansion_arr.mean(), rel=0.05)  # (1 + .2 x 2) / 1


# --- why pay differs ------------------------------------------------------------------------------------


def test_the_shares_of_a_toy_worked_by_hand():
    """Two CSMs, two trials. Y: book 1 and 3 with luck of one up or down together with nobody else's; X adds skill."""
    same = np.array([[0.0, 2.0], [4.0, 2.0]])  # means 1 and 3; luck -1, +1 and +1, -1
    own = np.array([[1.0, 1.0], [0.0, 0.0]])  # the first CSM is better by one
    shares = pay_shares(same + own, same)
    # X = (1, 3; 4, 2): variances 2.25 and .25, mean 1.25. Y: Var of (1, 3) is 1, of luck 1. D: .25. Cov -1/2 and 0.
    n = 2
    total, luck = 1.25, 1.0 * n / (n - 1)
    assert shares.luck == pytest.approx(luck / total)
    assert shares.book == pytest.approx((1.0 - 1.0 / (n - 1)) / total)
    assert shares.skill_and_effort == pytest.approx(0.25 / total)
    assert shares.interaction == pytest.approx(2 * (-0.5) / total)
    assert shares.spread == pytest.approx(np.sqrt(total))


def test_known_shares_are_found_without_bias():
    """Book sd 1, luck sd 3, skill sd 2, independent: 1, 9 and 4 of 14. Few trials: uncorrected, luck would pass for
    book."""
    rng = np.random.default_rng(4)
    found = []
    for _ in range(40):
        same = rng.normal(0, 1, (300, 1)) + rng.normal(0, 3, (300, 8))
        found.append(pay_shares(same + rng.normal(0, 2, (300, 1)), same))
    for name, part in (("book", 1), ("luck", 9), ("skill_and_effort", 4), ("interaction", 0)):
        values = np.array([getattr(shares, name) for shares in found])
        assert values.mean() == pytest.approx(part / 14, abs=4 * values.std() / np.sqrt(40))


@given(st.integers(2, 6), st.integers(2, 8), st.integers(0, 2**32 - 1))
def test_the_shares_add_up(n_csms, n_trials, seed):
    rng = np.random.default_rng(seed)
    actual, same = rng.exponential(1.0, (2, n_csms, n_trials))
    shares = pay_shares(actual, same)
    parts = (shares.book, shares.luck, shares.skill_and_effort, shares.interaction)
    assert sum(parts) == pytest.approx(1.0)
    assert shares.spread == pytest.approx(np.sqrt(actual.var(axis=0).mean()))


def test_pay_that_does_not_differ_has_no_shares():
    shares = pay_shares(np.ones((3, 5)), np.ones((3, 5)))
    assert np.isnan([shares.book, shares.luck, shares.skill_and_effort, shares.interaction]).all()


# --- the study ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def study() -> quotas.Study:
    return quotas.study(stage_of(load_sample("midmarket"), CURRENT, world_preset("base"), trials=1024), CURRENT)


def test_quotas_that_fit_make_chances_more_even_and_take_the_book_out_of_pay(study):
    assert [option.name for option in study.options] == ["Flat", "Fits the book"]
    for component in quotas.targeted(CURRENT):
        own = study.table[study.table["component"] == component]
        flat, fit = (own[f"reach_{number}"].max() - own[f"reach_{number}"].min() for number in (0, 1))
        assert fit < 0.5 * flat
    flat, fit = study.shares
    assert fit.book < 0.05 < flat.book


def test_todays_quotas_cost_nothing_and_others_have_a_standard_error(study):
    assert {figure.mean for figure in study.changes[0].values()} == {0.0}
    cost = study.changes[1]["plan_cost"]
    assert 0 < cost.standard_error < abs(cost.mean)


def test_the_quota_of_a_fitted_plan_is_what_the_engine_pays_on(study):
    stage = stage_of(load_sample("midmarket"), CURRENT, world_preset("base"), trials=64)
    own = study.table[study.table["component"] == "Retention"]
    deal = contract(study.options[1].plan, stage.portfolio, stage.forecast, stage.world)
    np.testing.assert_array_equal(own["quota_1"], deal.quota[:, 0])
    assert own["quota_0"].nunique() == 1


def test_titles_are_short_and_say_both(study):
    assert quotas.finding(study, "Upsell").count("%") == 2
    assert "today" in quotas.share_finding(study)
    for title in (quotas.finding(study, "Retention"), quotas.finding(study, "Upsell"), quotas.share_finding(study)):
        assert len(title) <= 55


def test_bars_add_up_to_one(study):
    bars = quotas.share_table(study)
    for _, own in bars.groupby("option"):
        assert own[["start", "end"]].max().max() + min(own["end"].min(), 0.0) == pytest.approx(1.0)
        assert own["share"].sum() == pytest.approx(1.0)
        np.testing.assert_allclose(own["end"] - own["start"], own["share"])


def test_payout_is_a_share_of_target_or_dollars():
    stage = stage_of(load_sample("startup"), CURRENT, world_preset("base"), trials=64)
    outcome = simulate(stage, CURRENT)
    np.testing.assert_allclose(payout(outcome) * outcome.csm_target[:, None], outcome.csm_pay, rtol=1e-6)
    spiffs = simulate(stage, plan_preset("salary_spiffs"))
    np.testing.assert_array_equal(payout(spiffs), spiffs.csm_pay)


def test_every_sample_book_can_be_studied():
    for name in SAMPLES:
        found = quotas.study(stage_of(load_sample(name), CURRENT, world_preset("base"), trials=64), CURRENT)
        assert len(found.table) == 2 * len(load_sample(name).team)
        assert len(quotas.download(found).columns) == len(found.table.columns)
        assert len(quotas.reach_table(found, "Retention")) <= 2 * len(load_sample(name).team)
