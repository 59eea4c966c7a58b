"""Where a CSM stands in a period: pay to expect at its end, what one more dollar is worth, the chance to make quota.

As the engine's CSMs see it: attainment ahead is normal (sim/engine/compile.py), effort is chosen on it, and pay follows
from the closed forms of the curve (sim/plan/curve.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from sim.decide.person.measures import TOTALS, window_quota
from sim.decide.person.seat import Seat, seat_of
from sim.decide.person.standing import due, on_course, running_total
from sim.engine.compile import CROSS, EXPANSION, GROSS, LOGO, MEASURES, NET, REFERRALS, RENEWALS, UPS, Terms
from sim.engine.draws import draw_blocks
from sim.engine.incentive import REACH
from sim.engine.reference_pay import choose_effort
from sim.engine.reference_state import Run, opening
from sim.engine.run import Stage
from sim.plan.curve import expected, marginal, pay_curve
from sim.plan.schema import Component, Measure, Plan

Floats = NDArray[np.float64]

UNITS: dict[str, dict[int, float]] = {
    "dollar of ARR retained": {GROSS: -1.0, NET: 1.0},
    "dollar of upsell": {UPS: 1.0, EXPANSION: 1.0, NET: 1.0},
    "dollar of cross-sell": {CROSS: 1.0, EXPANSION: 1.0, NET: 1.0},
    "account kept": {LOGO: -1.0, RENEWALS: 1.0},
    "opportunity found": {REFERRALS: 1.0},
}
"""What one more of each adds to the running totals of the measures (losses for gross and logo retention)."""
LAPSING: tuple[Measure, ...] = ("gross_retention", "logo_retention")
"""Measures of what falls due, which may be nothing."""


class Pace(NamedTuple):
    """One component. mean, sd: attainment at the period's end, with the effort chosen. chance: to reach quota.

    All three are NaN for a SPIF, which has no quota, and where nothing falls due in the window.
    attained: of the window's quota so far (retention: ARR kept against what quota asks for of all that falls due).
    to_come: share of the window's renewals, or of its expected bookings or months, still to come.
    opens: chance that the gate is passed; 1 without one. pay, target: USD for the window.
    """

    name: str
    measure: Measure
    attained: float
    to_come: float
    mean: float
    sd: float
    chance: float
    opens: float
    pay: float
    target: float


class Pacing(NamedTuple):
    """The window in progress, from month ``opens`` to before ``ends``; ``month`` is the first still to come.

    pay, target: USD for the whole window, whatever earlier paydays have paid of it. worth: USD for one more of each of
    UNITS, at the effort chosen. effort: for the rest of the window, by task; 1 = what the reference plan buys.
    """

    month: int
    opens: int
    ends: int
    components: tuple[Pace, ...]
    pay: float
    target: float
    worth: dict[str, float]
    effort: tuple[float, ...]


def pacing(stage: Stage, plan: Plan, terms: Terms, csm: int, month: int, standing: Mapping[Measure, float]) -> Pacing:
    """What CSM number ``csm`` expects before ``month`` (0 = the first).

    standing: see ``running_total``, for every measure of ``asked``; what happened in the window so far.
    """
    seat = seat_of(stage, terms, csm)
    opens, ends = int(terms.opens[csm, month]), int(terms.ends[csm, month])
    effort, mean = _choice(stage, seat, csm, month, opens, [standing])
    sd = _spread(seat.terms, month, plan)
    full = terms.monthly_pay[csm] * (ends - opens)
    paces: list[Pace] = []
    worth = dict.fromkeys(UNITS, 0.0)
    for i, component in enumerate(plan.components):
        nothing_due = _nothing_due(component.measure, stage, csm, opens, ends)
        own = _expected(plan, i, nothing_due, mean, sd, seat.terms)
        for unit, adds in UNITS.items():
            worth[unit] += float(full[i]) * _worth(adds, i, own, terms, csm, month)
        nan = float("nan")
        told = not nothing_due and component.kind != "spif"
        paces.append(
            Pace(
                name=component.name,
                measure=component.measure,
                attained=_attained(component, terms, stage, csm, i, month, standing),
                to_come=_to_come(component.measure, stage, csm, opens, month, ends),
                mean=float(mean[i, 0]) if told else nan,
                sd=float(sd[i]) if told else nan,
                chance=float(ndtr((mean[i, 0] - 1.0) / sd[i])) if told else nan,
                opens=float(own.passes[0]),
                pay=float(full[i] * own.passes[0] * own.pays[0]),
                target=0.0 if component.weight is None else float(full[i]),
            )
        )
    return Pacing(
        month,
        opens,
        ends,
        tuple(paces),
        pay=sum(pace.pay for pace in paces),
        target=sum(pace.target for pace in paces),
        worth=worth,
        effort=tuple(effort[:, 0].tolist()),
    )


def pay_ahead(
    stage: Stage, plan: Plan, terms: Terms, csm: int, month: int, standings: Sequence[Mapping[Measure, float]]
) -> Floats:
    """Expected pay for the window in progress from each of several standings: (n_standings,), USD."""
    seat = seat_of(stage, terms, csm)
    opens, ends = int(terms.opens[csm, month]), int(terms.ends[csm, month])
    _, mean = _choice(stage, seat, csm, month, opens, standings)
    sd = _spread(seat.terms, month, plan)
    total = np.zeros(len(standings))
    for i, component in enumerate(plan.components):
        nothing_due = _nothing_due(component.measure, stage, csm, opens, ends)
        own = _expected(plan, i, nothing_due, mean, sd, seat.terms)
        total += terms.monthly_pay[csm, i] * (ends - opens) * own.passes * own.pays
    return total


class _Expected(NamedTuple):
    """One component over T standings, (T,) each: E[payout] and its slope; chance that the gate is passed, its slope."""

    pays: Floats
    slope: Floats
    passes: Floats
    density: Floats


def _expected(plan: Plan, i: int, nothing_due: bool, mean: Floats, sd: Floats, terms: Terms) -> _Expected:
    component = plan.components[i]
    curve = pay_curve(component.curve, component.kind)
    pays, slope = expected(curve, mean[i], sd[i]), marginal(curve, mean[i], sd[i])
    if nothing_due:
        pays, slope = np.full_like(pays, float(plan.no_renewal_due == "target")), np.zeros_like(slope)
    if component.gate is None:
        return _Expected(pays, slope, np.ones_like(pays), np.zeros_like(pays))
    gate = int(terms.gate_row[i])
    z = (mean[gate] - component.gate.minimum) / sd[gate]
    return _Expected(pays, slope, ndtr(z), np.exp(-0.5 * z * z) / (np.sqrt(2.0 * np.pi) * sd[gate]))


def _worth(adds: Mapping[int, float], i: int, own: _Expected, terms: Terms, csm: int, month: int) -> float:
    """Payouts of component ``i`` for one more unit of what ``adds`` to the running totals, gate included."""
    share, gate = terms.share[csm, month], int(terms.gate_row[i])
    worth = adds.get(int(terms.measure[i]), 0.0) * share[i] * own.slope[0] * own.passes[0]
    if gate >= 0:
        worth += adds.get(int(terms.measure[gate]), 0.0) * share[gate] * own.density[0] * own.pays[0]
    return float(worth)


def _nothing_due(measure: Measure, stage: Stage, csm: int, opens: int, ends: int) -> bool:
    return measure in LAPSING and due(stage, csm, opens, ends, logos=measure == "logo_retention") <= 0.0


def _choice(
    stage: Stage, seat: Seat, csm: int, month: int, opens: int, standings: Sequence[Mapping[Measure, float]]
) -> tuple[Floats, Floats]:
    """Effort that the engine's CSM chooses (n_tasks, T), and the attainment that it leads to expect (n_rows, T)."""
    draws = draw_blocks(seat.luck, 0, 1)  # no luck enters the choice
    owner = np.zeros(len(seat.field.arr), dtype=np.int64)
    run = Run(seat.field, seat.terms, seat.anchor, draws, owner, np.ones((1, 1)), seat.terms.level.shape[1])
    _, _, ledger = opening(run, len(standings))
    for place, standing in enumerate(standings):
        for measure, value in standing.items():
            total = running_total(measure, value, stage, csm, opens, month)
            ledger.totals[MEASURES.index(measure), place, 0] = total
    productivity = np.repeat(seat.field.skill.T[:, None], len(standings), axis=1)
    effort, mean = choose_effort(run, month, ledger, productivity)
    return effort[:, :, 0], mean[:, :, 0]


def _spread(terms: Terms, month: int, plan: Plan) -> Floats:
    """Standard deviation of the attainment ahead, (n_rows,): a table starts REACH of them below its first knot."""
    gates = [component.gate.minimum for component in plan.components if component.gate is not None]
    first = np.concatenate([terms.curve.at[: len(terms.weight), 0], gates])
    sd: Floats = (first - terms.tables.low[0, month]) / REACH
    return sd


def _attained(
    component: Component,
    terms: Terms,
    stage: Stage,
    csm: int,
    i: int,
    month: int,
    standing: Mapping[Measure, float],
) -> float:
    measure, value = component.measure, standing[component.measure]
    opens, ends = int(terms.opens[csm, month]), int(terms.ends[csm, month])
    needed = window_quota(measure, float(terms.quota[csm, i]), ends - opens)
    if measure in LAPSING:
        logos = measure == "logo_retention"
        whole = due(stage, csm, opens, ends, logos=logos)
        return value * due(stage, csm, opens, month, logos=logos) / (needed * whole) if whole > 0.0 else 0.0
    if measure == "net_retention":
        return (1.0 + value * 12.0 / (ends - opens)) / needed
    return value / needed


def _to_come(measure: Measure, stage: Stage, csm: int, opens: int, month: int, ends: int) -> float:
    if measure in LAPSING:
        logos = measure == "logo_retention"
        whole = due(stage, csm, opens, ends, logos=logos)
        return due(stage, csm, month, ends, logos=logos) / whole if whole > 0.0 else 0.0
    if measure in TOTALS:
        whole = on_course(measure, stage, csm, opens, ends)
        return on_course(measure, stage, csm, month, ends) / whole if whole > 0.0 else 0.0
    return (ends - month) / (ends - opens)
