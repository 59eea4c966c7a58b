"""Several roles on the same accounts: each alone as ever, ARR once, credits that add up, and closed forms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from strategies import book_of, books, plans, worlds

from sim.book.schema import Book
from sim.decide.team.credit import credited_twice, credits_of, paid_twice, with_credit
from sim.engine.kernel import run_blocks
from sim.engine.outcome import Outcome
from sim.engine.portfolio import Works
from sim.engine.reference import run_reference
from sim.engine.run import set_stage, simulate, terms_of, walk, with_edit
from sim.engine.state import FLOWS
from sim.plan.read import plan_preset
from sim.plan.schema import Component, Curve, Plan, Quota
from sim.problems import InputError
from sim.roles import together
from sim.roles.crew import Role, owners, part_of, people, pods
from sim.roles.events import Events, deals, decided, lifts_of, renewals
from sim.roles.part import SUPPORT, Does, place_of
from sim.roles.together import simulate_together
from sim.roles.whole import whole
from sim.world.parameters import World

TRIALS, MONTHS = 256, 12
ARR_FLOWS = [FLOWS.index(name) for name in ("churn", "contraction", "erosion", "uplift", "upsell", "cross_sell")]
ALL, NONE = (1.0, 1.0, 1.0, 1.0), (0.0, 0.0, 0.0, 0.0)
IN_FORCE, CANDIDATE = plan_preset("current_80_20"), plan_preset("at_risk_70_30")
SALARY = Plan(name="salary only", variable_share=0.0)
RATE = Plan(  # so much for each dollar, whatever was booked before: the same effort in every month and trial
    name="a rate",
    variable_share=0.2,
    components=(Component(name="Sales", measure="expansion_bookings", kind="commission", weight=1.0),),
)
KPI = Plan(name="KPI", variable_share=0.2, components=(Component(name="Goals", measure="mbo", weight=1.0),))
WORLD = World()
NO_LUCK_BUT_THE_ACCOUNTS = World(response_spread=0.0, attrition=0.0, shock_rho=0.0, influence_sd=0.0)


def overlay(book: Book, n_people: int, plan: Plan, works: Works, credit: float = 1.0, **does: bool) -> Role:
    made = people("Specialist", n_people, 150e3, "csm")
    return Role("Specialist", made, works, pods(book, n_people), None, plan, Does(**does), credit)


def run(
    book: Book, roles: list[Role], world: World = WORLD, support: float = SUPPORT, months: int = MONTHS
) -> tuple[Outcome, ...]:
    parts = [part_of(role, book, world, seed=1, trials=TRIALS, n_months=months) for role in roles]
    return simulate_together(parts, [role.plan for role in roles], support)


def assert_same(found: Outcome, expected: Outcome) -> None:
    for name, value in vars(expected).items():
        if isinstance(value, np.ndarray):
            np.testing.assert_array_equal(getattr(found, name), value, err_msg=name)
        else:
            assert getattr(found, name) == value


@given(books(), plans(), plans(), worlds(), st.integers(1, 14))
@settings(max_examples=12)
def test_a_role_alone_is_the_run_of_one_role(
    book: Book, in_force: Plan, plan: Plan, world: World, n_months: int
) -> None:
    world = world.changed({"pull_share": 0.0})
    try:
        alone = simulate(set_stage(book, in_force, world, trials=TRIALS, n_months=n_months), plan)
    except InputError:  # a quota of zero
        reject()
    (found,) = run(book, [owners(book, in_force, plan)], world, months=n_months)
    assert_same(found, alone)
    watched = [owners(book, in_force, plan), overlay(book, 1, SALARY, NONE, finds=True, closes=True, onboards=True)]
    assert_same(run(book, watched, world, months=n_months)[0], alone)


@pytest.mark.parametrize("n_people", [1, 3])
def test_arr_is_the_same_whoever_looks_at_it(n_people: int) -> None:
    book = book_of(40, 5)
    roles = [owners(book, IN_FORCE, CANDIDATE), overlay(book, n_people, CANDIDATE, ALL, closes=True, onboards=True)]
    first, second = run(book, roles)
    for row in ARR_FLOWS:
        np.testing.assert_allclose(first.flows[row], second.flows[row], rtol=0.0, atol=1e-6, err_msg=FLOWS[row])
    joined = whole(["CSM", "Specialist"], [first, second], [True, False])
    np.testing.assert_array_equal(joined.closing_arr, first.closing_arr)
    np.testing.assert_allclose(joined.plan_cost, first.plan_cost + second.plan_cost, rtol=1e-12)
    np.testing.assert_allclose(joined.csm_expansion.sum(axis=0), first.expansion_arr, rtol=1e-5)
    parts = joined.opening_arr - joined.lost_arr + joined.total("uplift") + joined.expansion_arr
    np.testing.assert_allclose(joined.closing_arr, parts, rtol=1e-12)
    assert first.expansion_arr.mean() > run(book, roles[:1])[0].expansion_arr.mean()  # somebody new sells


def test_owners_of_several_roles_are_the_team_in_parts() -> None:
    """Nobody shares an account with anybody: together they are what each role is alone."""
    book = book_of(40, 5)
    roles = []
    for name, members in (("Adoption", [0, 2]), ("Renewal", [1, 3, 4])):
        seat = np.array([members.index(csm) if csm in members else -1 for csm in book.csm])
        team = replace(
            book.team,
            **{
                field: getattr(book.team, field)[members]
                if isinstance(getattr(book.team, field), np.ndarray)
                else tuple(getattr(book.team, field)[member] for member in members)
                for field in vars(book.team)
            },
        )
        roles.append(Role(name, team, ALL, seat, IN_FORCE, CANDIDATE, Does(owns=True, finds=True)))
    both = run(book, roles)
    for role, found in zip(roles, both, strict=True):
        part = part_of(role, book, WORLD, seed=1, trials=TRIALS, n_months=MONTHS)
        assert_same(found, simulate(part.stage, role.plan))
    assert both[0].opening_arr + both[1].opening_arr == pytest.approx(book.arr.sum())


def test_what_came_out_is_what_the_readable_engine_makes_of_it() -> None:
    """The walk that ended is a fixed point: given what was decided, another implementation chooses the same effort."""
    book = book_of(12, 3)
    roles = [owners(book, IN_FORCE, CANDIDATE), overlay(book, 2, CANDIDATE, ALL, closes=True, onboards=True)]
    parts = [part_of(role, book, WORLD, seed=1, trials=TRIALS, n_months=MONTHS) for role in roles]
    terms = [terms_of(part.stage, CANDIDATE) for part in parts]
    places = [place_of(part, len(book)) for part in parts]
    done = together._settled(parts, terms, places, SUPPORT, 0)
    luck = [part.stage.draws.at(0) for part in parts]
    lifts = [lifts_of(part, draws, its) for part, draws, its in zip(parts, luck, done, strict=True)]
    events = Events(renewals(parts, places, luck, done, SUPPORT), *deals(parts, places, luck, lifts, 0))
    for part, its, draws, place, lift, settled in zip(parts, terms, luck, places, lifts, done, strict=True):
        certain = with_edit(
            draws, lambda draws, part=part, place=place, lift=lift: decided(part, place, lift, events, draws)
        )
        np.testing.assert_array_equal(
            walk(part.stage.field, its, part.stage.anchor, certain, with_reached=True).reached, settled.reached
        )
        store = replace(part.stage.draws, kept=(certain,))
        (plain,) = run_reference(part.stage.field, its, part.stage.anchor, store, range(1))
        np.testing.assert_allclose(plain.reached, settled.reached, rtol=1e-9, atol=1e-9)


def test_deals_come_at_the_product_of_both_efforts() -> None:
    """E[upsell] = W (1 - prod(1 - chance_t x take)), chance_t = usual x CSM's lift x specialist's lift."""
    book = replace(book_of(30, 3), renewal_probability=np.ones(30))
    roles = [owners(book, SALARY, RATE), overlay(book, 1, RATE, (0.0, 1.0, 1.0, 0.0), closes=True)]
    world = NO_LUCK_BUT_THE_ACCOUNTS
    csm, specialist = run(book, roles, world)
    assert csm.effort[:, :, 1].min() > 0.0 and specialist.effort[:, :, 1].min() > 0.0
    lift = (1.0 + world.kappa_expansion * csm.effort[book.csm, :, 1]) * (
        1.0 + world.kappa_expansion * specialist.effort[0, :, 1]
    )
    chance = world.upsell_arrivals / 12.0 * lift * world.upsell_take
    expected = (book.upsell_whitespace * (1.0 - np.prod(1.0 - chance, axis=1))).sum()
    upsell = csm.total("upsell")
    assert abs(upsell.mean() - expected) < 4.0 * upsell.std() / np.sqrt(TRIALS)
    assert expected > 1.05 * simulate(set_stage(book, SALARY, world, trials=TRIALS), SALARY).total("upsell").mean()


@pytest.mark.parametrize("support", [0.0, 0.5])
def test_first_renewals_feel_onboarding_and_later_ones_do_not(support: float) -> None:
    """log-odds of a first renewal move by b x mean effort so far x (1 + support x support's effort)."""
    n, due = 400, 5
    probability = np.full(n, 0.8)
    book = replace(
        book_of(n, 4),
        renewal_probability=probability,
        renewal_month=np.full(n, due),
        term_months=np.full(n, 12),
        tenure_months=np.where(np.arange(n) % 2 == 0, 6.0, 30.0),
        segment=tuple("new" if number % 2 == 0 else "old" for number in range(n)),
        arr=np.full(n, 1e4),
        upsell_whitespace=np.zeros(n),
        cross_sell_whitespace=np.zeros(n),
    )
    roles = [
        owners(book, SALARY, SALARY),
        overlay(book, 2, KPI, (0.0, 0.0, 0.0, 1.0), onboards=True),
        replace(overlay(book, 1, KPI, (0.0, 0.0, 0.0, 1.0), supports=True), people=people("Support", 1, 90e3, "csm")),
    ]
    world = NO_LUCK_BUT_THE_ACCOUNTS.changed({"downsell_share": 0.0, "churn_cut": 0.15})
    owner, onboarding, helping = run(book, roles, world, support, months=6)
    quality = onboarding.effort[:, : due + 1, 3] * (1.0 + support * helping.effort[0, : due + 1, 3])
    assert quality.min() > 0.0
    shift = -np.log(0.85) * quality.mean(axis=1)[pods(book, 2)]
    odds = np.log(0.8 / 0.2) + np.where(np.arange(n) % 2 == 0, shift, 0.0)
    expected = 1e4 / (1.0 + np.exp(odds))
    for segment, row in (("new", slice(0, None, 2)), ("old", slice(1, None, 2))):
        lost = owner.segment_lost[owner.segments.index(segment)].astype(float)
        assert abs(lost.mean() - expected[row].sum()) < 4.0 * lost.std() / np.sqrt(TRIALS)
    assert expected[::2].sum() < 0.93 * expected[1::2].sum()  # which the interval could not hide


def test_who_closes_moves_no_referral_of_who_finds() -> None:
    book = book_of(40, 5)
    finding = Plan(
        name="finds",
        variable_share=0.1,
        components=(Component(name="Found", measure="referrals", weight=1.0, curve=Curve()),),
    )
    csm = owners(book, SALARY, finding)
    closing = overlay(book, 2, RATE, (0.0, 1.0, 1.0, 0.0), closes=True)
    world = NO_LUCK_BUT_THE_ACCOUNTS
    alone, together = run(book, [csm], world)[0], run(book, [csm, closing], world)[0]
    np.testing.assert_array_equal(together.attainment, alone.attainment)
    assert together.expansion_arr.mean() > 1.05 * alone.expansion_arr.mean()


@given(st.floats(0.05, 1.0), st.integers(0, 1000))
@settings(max_examples=10)
def test_no_dollar_is_credited_twice_unless_a_split_says_so(share: float, seed: int) -> None:
    book = book_of(12, 3, seed)
    roles = [
        replace(owners(book, IN_FORCE, CANDIDATE), credit=1.0 - share),
        overlay(book, 2, RATE, ALL, closes=True, credit=share),
    ]
    outcomes = run(book, roles, months=6)
    credits = credits_of(roles, outcomes)
    credited = credits[0].credited + credits[1].credited
    np.testing.assert_allclose(credited, outcomes[0].expansion_arr, rtol=1e-9)
    np.testing.assert_allclose(credited_twice(roles, credits), 0.0, atol=1e-6)
    double = [replace(role, credit=1.0) for role in roles]
    np.testing.assert_allclose(
        credited_twice(double, credits_of(double, outcomes)), outcomes[0].expansion_arr, rtol=1e-9
    )
    for outcome, credit in zip(outcomes, credits, strict=True):
        paid = credit.for_expansion + credit.for_renewals + credit.for_the_rest
        np.testing.assert_allclose(paid, outcome.variable_pay, rtol=1e-9, atol=1e-6)
    expansion, renewals = paid_twice(credits)
    assert float(expansion.mean()) == pytest.approx(min(float(credit.for_expansion.mean()) for credit in credits))
    assert float(renewals.mean()) == 0.0  # the specialist is paid for none


def test_a_split_pays_for_the_part_that_counts() -> None:
    book = book_of(12, 3)

    def paid(plan: Plan) -> np.ndarray:
        stage = set_stage(
            book, SALARY, World(kappa_expansion=0.0, churn_cut=0.0, attrition=0.0), trials=64, n_months=12
        )
        return simulate(stage, plan).variable_pay

    rate = Component(name="Sales", measure="expansion_bookings", kind="commission", rate=0.1)
    line = Component(name="Sales", measure="upsell_bookings", weight=1.0, quota=Quota(target=40e3))
    by_rate = RATE.model_copy(update={"variable_share": 0.0, "components": (rate,)})
    by_target = RATE.model_copy(update={"components": (line,)})
    for plan in (by_rate, by_target):
        np.testing.assert_allclose(paid(with_credit(plan, 0.25)), 0.25 * paid(plan), rtol=1e-9)
    np.testing.assert_array_equal(paid(with_credit(RATE, 0.25)), paid(RATE))  # its quota is in credited dollars, too


def test_the_kernel_is_not_compiled_again_for_several_roles() -> None:
    book = book_of(12, 3)
    finding = Plan(
        name="finds", variable_share=0.1, components=(Component(name="Found", measure="referrals", weight=1.0),)
    )
    run(book, [owners(book, SALARY, finding), overlay(book, 2, RATE, ALL, closes=True, onboards=True)], months=3)
    assert len(run_blocks.signatures) == 1


def test_what_does_not_fit_is_said() -> None:
    book = book_of(6, 2)
    with pytest.raises(InputError, match="needs accounts for everybody, and has none for 1 of 3"):
        part_of(overlay(book, 3, SALARY, NONE), book, WORLD, seed=1, trials=64, n_months=3)
    with pytest.raises(ValueError, match="timing lever must be off"):
        run(book, [owners(book, IN_FORCE, CANDIDATE)], World(pull_share=0.1))
    with pytest.raises(ValueError, match="exactly one owner"):
        run(book, [overlay(book, 1, SALARY, NONE)])
