"""Random books, plans and worlds for hypothesis, small enough to run by the hundred.

Structure (who owns what, which rules) is hypothesis's choice, so that failures shrink; money comes from a seeded
generator, because round figures tie, and where two sums of the same figures tie the last bit decides.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
from hypothesis import strategies as st

from sim.book.schema import Book, Team
from sim.plan.schema import (
    BOOKING_MEASURES,
    EVENT_MEASURES,
    KPI_MEASURES,
    RETENTION_MEASURES,
    Component,
    Curve,
    Gate,
    Kind,
    Measure,
    Period,
    Plan,
    Quota,
    QuotaRule,
    Tier,
)
from sim.world.parameters import ASSUMPTIONS, World

LEVELS = ("csm", "lead")
SEGMENTS = ("Large", "Small")
PERIODS: tuple[Period, ...] = ("month", "quarter", "half", "year")


def team_of(n_csms: int, seed: int = 0, levels: tuple[str, ...] = ("csm",)) -> Team:
    """CSMs C000, C001, ... who differ in skill and pay; base salary is given for every third, OTE for the others."""
    rng = np.random.default_rng([seed, 1])
    number = np.arange(n_csms)
    pay = rng.uniform(90e3, 160e3, n_csms)
    by_base = number % 3 == 2
    return Team(
        csm_id=tuple(f"C{c:03d}" for c in number),
        csm_name=tuple(f"CSM {c}" for c in number),
        role=("CSM",) * n_csms,
        level=tuple(levels[c % len(levels)] for c in number),
        base_salary=np.where(by_base, 0.8 * pay, np.nan),
        ote=np.where(by_base, np.nan, pay),
        skill_retention=rng.uniform(0.6, 1.4, n_csms),
        skill_upsell=rng.uniform(0.6, 1.4, n_csms),
        skill_cross_sell=rng.uniform(0.6, 1.4, n_csms),
    )


def book_of(
    n_accounts: int,
    n_csms: int,
    seed: int = 0,
    *,
    terms: tuple[int, ...] = (12,),
    certain: bool = False,
    spacious: bool = False,
    levels: tuple[str, ...] = ("csm",),
) -> Book:
    """Accounts A000, A001, ... dealt to the CSMs in turn.

    terms: lengths of contract, months. certain: some renewals are certain, some hopeless. spacious: white space up to
    three times the ARR, and none on some accounts (never on all of a CSM's).
    """
    rng = np.random.default_rng([seed, 2])
    number = np.arange(n_accounts)
    arr = 74_000.0 * rng.lognormal(-0.18, 0.6, n_accounts)
    p = 1.0 / (1.0 + np.exp(-rng.normal(2.5, 0.8, n_accounts)))
    if certain:
        p = rng.choice([0.0, 1.0, 0.5, 0.9], n_accounts) * np.where(rng.random(n_accounts) < 0.5, 1.0, p)
    term = rng.choice(np.array(terms), n_accounts)
    largest = 3.0 if spacious else 0.4
    nothing = (rng.random((2, n_accounts)) < 0.3) & spacious & (number >= n_csms)
    space = arr * rng.uniform(0.05, largest, (2, n_accounts)) * ~nothing
    return Book(
        name="test",
        as_of=dt.date(2026, 1, 1),
        account_id=tuple(f"A{a:03d}" for a in number),
        account_name=tuple(f"Account {a}" for a in number),
        csm=number % n_csms,
        segment=tuple(SEGMENTS[a % 3 % 2] for a in number),
        arr=arr,
        renewal_month=rng.integers(0, term),
        term_months=term,
        renewal_probability=np.clip(p, 0.0, 1.0),
        upsell_whitespace=space[0],
        cross_sell_whitespace=space[1],
        complexity=rng.uniform(1.0, 5.0, n_accounts),
        nps=rng.uniform(5.0, 60.0, n_accounts),
        adoption=rng.uniform(0.3, 0.9, n_accounts),
        tenure_months=np.where(number < n_csms, 6.0, rng.uniform(0.0, 60.0, n_accounts)),
        team=team_of(n_csms, seed, levels),
    )


@st.composite
def books(draw: st.DrawFn) -> Book:
    """One to four CSMs with one to four accounts each, on monthly to three-year contracts."""
    n_csms = draw(st.integers(1, 4))
    return book_of(
        n_csms * draw(st.integers(1, 4)) + draw(st.integers(0, 2)),
        n_csms,
        draw(st.integers(0, 10_000)),
        terms=draw(st.sampled_from([(12,), (1,), (3, 6), (12, 36), (1, 12, 24)])),
        certain=draw(st.booleans()),
        spacious=draw(st.booleans()),
        levels=LEVELS,
    )


@st.composite
def curves(draw: st.DrawFn) -> Curve:
    """Thresholds with and without a cliff, up to two tiers, capped or not."""
    # A cliff at 0 would turn the rounding of a total loss into a lump of pay.
    threshold = draw(st.just(0.0) | st.floats(0.05, 0.95))
    pay = draw(st.just(0.0) | st.floats(0.0, 1.0)) if threshold > 0.0 else 0.0
    starts = sorted(draw(st.sets(st.floats(max(threshold, 0.9), 1.5), max_size=2)))
    tiers = tuple(Tier(start=start, slope=draw(st.floats(0.0, 4.0))) for start in starts)
    cap = draw(st.none() | st.floats(max(pay, threshold, 0.3), 4.0))
    return Curve(threshold=threshold, pay_at_threshold=pay, tiers=tiers, cap=cap)


_TARGETS: dict[Measure, tuple[float, float]] = {
    "gross_retention": (0.7, 1.0),
    "net_retention": (0.8, 1.3),
    "logo_retention": (0.7, 1.0),
    "upsell_bookings": (5e3, 5e4),
    "cross_sell_bookings": (5e3, 5e4),
    "expansion_bookings": (5e3, 5e4),
    "referrals": (1.0, 10.0),
    "renewals": (1.0, 10.0),
    "nps": (20.0, 50.0),
    "adoption": (0.4, 0.8),
    "mbo": (0.7, 1.1),
    "value_acknowledged": (0.5, 0.9),
    "training": (0.05, 0.3),
    "time_to_onboard": (0.5, 0.9),
    "utilisation": (0.5, 0.8),
}


@st.composite
def quotas(draw: st.DrawFn, measure: Measure, explicit: bool) -> Quota:
    """Flat with a target, or (unless ``explicit``) any rule that the measure allows."""
    stretch = draw(st.just(1.0) | st.floats(0.7, 1.3))
    rules: list[QuotaRule] = ["flat"]
    if measure in RETENTION_MEASURES:
        rules.append("risk_adjusted")
    if measure in (*BOOKING_MEASURES, "net_retention"):
        rules.append("white_space")
    rule = "flat" if explicit else draw(st.sampled_from(rules))
    target = draw(st.floats(*_TARGETS[measure])) if explicit or (rule == "flat" and draw(st.booleans())) else None
    return Quota(rule=rule, target=target, stretch=stretch)


gates = st.builds(Gate, measure=st.sampled_from(RETENTION_MEASURES), minimum=st.floats(0.5, 1.05))


@st.composite
def plans(draw: st.DrawFn, *, explicit: bool = False, reviewed: bool = False) -> Plan:
    """Any plan: up to four components of every measure and kind, all rules.

    explicit: every quota has a target of its own, so that it depends on nobody's book. reviewed: value acknowledged is
    among the measures, for which every CSM needs an account above the limit (`worlds` has low ones).
    """
    n_weighted = draw(st.integers(0, 3))
    components: list[Component] = []
    # Quarters of the whole, which add up exactly; a component may weigh nothing.
    left = 4
    for number in range(n_weighted):
        part = left if number == n_weighted - 1 else draw(st.integers(0, left))
        left -= part
        kind: Kind = draw(st.sampled_from(["bonus", "bonus", "commission"]))
        measures = (
            BOOKING_MEASURES
            if kind == "commission"
            else (*RETENTION_MEASURES, *BOOKING_MEASURES, *EVENT_MEASURES, *KPI_MEASURES)
        )
        measures = tuple(each for each in measures if reviewed or each != "value_acknowledged")
        measure = draw(st.sampled_from(measures))
        components.append(
            Component(
                name=f"weighted {number}",
                measure=measure,
                kind=kind,
                weight=part / 4,
                quota=draw(quotas(measure, explicit)),
                curve=draw(curves()),
                gate=draw(st.none() | gates),
            )
        )
    if draw(st.booleans()):
        measure = draw(st.sampled_from(EVENT_MEASURES))
        amount = draw(st.floats(0.0, 2_000.0))
        gate = draw(st.none() | gates)
        components.append(Component(name="SPIF", measure=measure, kind="spif", amount=amount, gate=gate))
    if draw(st.booleans()):
        measure = draw(st.sampled_from(BOOKING_MEASURES))
        components.append(
            Component(
                name="rate",
                measure=measure,
                kind="commission",
                rate=draw(st.floats(0.0, 0.2)),
                quota=draw(quotas(measure, explicit)),
                curve=draw(curves()),
            )
        )
    return Plan(
        name="random",
        variable_share=draw(st.floats(0.0, 0.5)) if n_weighted else 0.0,
        hold=draw(st.sampled_from(["ote", "base"])),
        period=draw(st.sampled_from(PERIODS)),
        period_by_level=draw(st.dictionaries(st.just("lead"), st.sampled_from(PERIODS), max_size=1)),
        true_up=draw(st.booleans()),
        clawback_months=draw(st.just(0) | st.integers(1, 24)),
        ramp_guarantee=draw(st.just(0.0) | st.floats(0.0, 1.0)),
        ramp_guarantee_months=draw(st.integers(0, 12)),
        no_renewal_due=draw(st.sampled_from(["target", "carry", "zero"])),
        components=tuple(components),
    )


_ALWAYS_SOMETHING = (
    "pull_discount",
    "upsell_arrivals",
    "upsell_take",
    "cross_sell_arrivals",
    "cross_sell_take",
    "mbo_mean",
    "acknowledgement_rate",
    "training_enrolment",
    "onboarded_on_time",
    "utilisation",
)
"""Without a discount, pulling a deal under a linear plan is a tie that rounding decides; without deals (or with deals
of a trillionth of a dollar) or scores there is no quota to set."""


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Every assumption at its default, at a bound, or between; the games with timing are more often on than off."""
    values: dict[str, float] = {}
    for row in ASSUMPTIONS.values():
        low = row.low + 0.05 * (row.high - row.low) * (row.name in _ALWAYS_SOMETHING)
        # Half the ARR on average can be all of it: of a customer worth a cent, rounding is no longer a detail.
        high = 0.4 if row.name == "contraction_depth" else row.high
        if draw(st.booleans()):
            values[row.name] = draw(st.sampled_from([row.default, low, high]) | st.floats(low, high))
    values["value_arr_limit"] = draw(st.sampled_from([0.0, 8_000.0]))
    values["pull_share"] = draw(st.sampled_from([0.0, 0.2, 0.5]))
    values["attrition"] = draw(st.sampled_from([0.0, 0.18, 0.6]))
    return World(**values)
