"""The four purposes of pay, each in simulated figures: entice, retain, motivate, focus. No points are given."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.decide.compare import summarise
from sim.decide.conduct.focus import paid_share, target_share
from sim.decide.conduct.leaving import chance_to_leave, regretted
from sim.decide.conduct.months import Months
from sim.decide.conduct.purposes import (
    AT_WORK,
    BELOW,
    LEAVERS,
    OFFER,
    ON_RETENTION,
    ON_UPSELL,
    PAID,
    POINT,
    PROMISED,
    REGRETTED,
    SHORT,
    TYPICAL,
    Figure,
)
from sim.decide.conduct.zones import slope_at
from sim.decide.person.earnings import earnings
from sim.engine.forecast import RETENTION, UPSELL
from sim.engine.outcome import Outcome
from sim.engine.run import Stage
from sim.plan.curve import pay_curve
from sim.plan.schema import Measure, Plan
from sim.words import money, percent, points

Floats = NDArray[np.float64]


class Entry(NamedTuple):
    """One figure of the scorecard under both plans; NaN where there is none.

    clear: the change can be told from noise with these trials; what follows from the plan alone always can.
    """

    figure: Figure
    candidate: float
    current: float
    clear: bool


class Side(NamedTuple):
    """One plan and what came of it."""

    plan: Plan
    outcome: Outcome
    months: Months


def on_target_pay(side: Side) -> Floats:
    """On-target earnings over the horizon: (n_csms,)."""
    pay: Floats = side.outcome.csm_base + side.outcome.csm_target
    return pay


def typical_pay(side: Side) -> Floats:
    """Base and median variable pay over the horizon of those who stay: (n_csms,); NaN for who never does."""
    pay = np.array([earnings(side.outcome, csm).p50 for csm in range(len(side.outcome.csm_ids))])
    typical: Floats = side.outcome.csm_base + pay
    return typical


def marginal_pay(side: Side) -> float:
    """What one more point (1 % of quota) on every measure would have paid a CSM in a year, USD, where she ended up.

    Mean over CSMs and trials; SPIFs, gates and what jumps at a threshold left out.
    """
    outcome = side.outcome
    total = np.zeros(outcome.attainment.shape[2])
    for i, component in enumerate(side.plan.components):
        if component.kind == "spif" or component.weight is None:
            continue
        attained = outcome.attainment[:, i].astype(np.float64)
        slope = slope_at(pay_curve(component.curve, component.kind), np.nan_to_num(attained, nan=-1.0))
        year = 12.0 / outcome.n_months * outcome.csm_target * component.weight / 100.0
        total += (slope * np.isfinite(attained) * year[:, None]).mean(axis=0)
    return float(total.mean())


def scorecard(
    stage: Stage, candidate: Side, current: Side, named: Collection[Measure], market_gap: float = 0.0
) -> list[Entry]:
    """Every figure, in the order of PURPOSES.

    named: measures that the strategy names. market_gap: how far the market pays above (below: negative) today's
    on-target earnings, a fraction.
    """
    market = stage.portfolio.ote * (1.0 + market_gap) * stage.portfolio.n_months / 12.0
    regret = regretted(stage.portfolio.book.team)

    def figures(side: Side) -> dict[Figure, float]:
        share = typical_pay(side) / market
        known = share[np.isfinite(share)]
        nobody = float("nan")
        return {
            OFFER: float(on_target_pay(side).sum() / market.sum()),
            TYPICAL: float(np.median(known)) if len(known) else nobody,
            BELOW: float(np.mean(known < 1.0 - SHORT)) if len(known) else nobody,
            LEAVERS: float(side.outcome.total("leavers").mean()),
            REGRETTED: float(chance_to_leave(side.outcome)[regret].sum()) if regret.any() else nobody,
            POINT: marginal_pay(side),
            AT_WORK: side.months.any_task,
            ON_RETENTION: float(side.months.by_task[RETENTION]),
            ON_UPSELL: float(side.months.by_task[UPSELL]),
            PROMISED: target_share(side.plan, named),
            PAID: paid_share(side.plan, side.outcome, named),
        }

    gone = [(side.outcome.csm_leaves[regret] > 0).sum(axis=0).astype(np.float64) for side in (candidate, current)]
    told_apart = {
        LEAVERS: summarise(candidate.outcome.total("leavers") - current.outcome.total("leavers")).clear,
        REGRETTED: summarise(gone[0] - gone[1]).clear,
    }
    then, now = figures(candidate), figures(current)
    return [Entry(figure, then[figure], now[figure], told_apart.get(figure, True)) for figure in then]


def told(entry: Entry, value: float) -> str:
    """A value of an entry as people write it."""
    if not np.isfinite(value):
        return "none"
    if entry.figure.unit == "money":
        return money(value)
    return percent(value, 0 if value >= 0.995 else 1) if entry.figure.unit == "share" else f"{value:.2f}"


def change_told(entry: Entry) -> str:
    """Candidate less plan in force; empty where one has no figure or nothing visible changes."""
    change = entry.candidate - entry.current
    if not np.isfinite(change):
        return ""
    if not entry.clear:
        return "" if change == 0.0 else "within noise"
    if entry.figure.unit == "money":
        text = money(change, signed=True)
        return "" if text in ("+$0", "$0") else text
    if entry.figure.unit == "share":
        return "" if abs(change) < 0.0005 else points(change)
    return "" if abs(change) < 0.005 else f"{change:+.2f}"


def in_words(entries: list[Entry]) -> str:
    """What the figures of one purpose say, as a sentence, with those of the plan in force in brackets."""
    parts = [
        f"{entry.figure.says.format(told(entry, entry.candidate))} (today {told(entry, entry.current)})"
        for entry in entries
        if np.isfinite(entry.candidate)
    ]
    return f"{'; '.join(parts)}." if parts else "There is nothing to say of this."


def scorecard_table(entries: list[Entry]) -> pd.DataFrame:
    """Columns: purpose, figure, unit, candidate, plan_in_force, clear, meaning."""
    return pd.DataFrame(
        {
            "purpose": [entry.figure.purpose for entry in entries],
            "figure": [entry.figure.name for entry in entries],
            "unit": [entry.figure.unit for entry in entries],
            "candidate": [entry.candidate for entry in entries],
            "plan_in_force": [entry.current for entry in entries],
            "clear": [entry.clear for entry in entries],
            "meaning": [entry.figure.meaning for entry in entries],
        }
    )
