"""The four purposes of pay, each in simulated figures: entice, retain, motivate, focus. No points are given."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.decide.compare import summarise
from sim.decide.conduct.focus import paid_share, target_share
from sim.decide.conduct.leaving import chance_to_leave, regretted
from sim.decide.conduct.months import Months
from sim.decide.conduct.zones import slope_at
from sim.decide.person.earnings import earnings
from sim.engine.forecast import RETENTION, UPSELL
from sim.engine.outcome import Outcome
from sim.engine.run import Stage
from sim.plan.curve import pay_curve
from sim.plan.schema import Measure, Plan
from sim.words import money, percent, points

Floats = NDArray[np.float64]
Unit = Literal["share", "people", "money"]
PURPOSES = ("Entice", "Retain", "Motivate", "Focus")


class Entry(NamedTuple):
    """One figure of the scorecard under both plans; NaN where there is none.

    unit: share (a fraction), people (a number over the horizon) or money (USD). more_is: better or worse.
    clear: the change can be told from noise with these trials; what follows from the plan alone always is.
    """

    purpose: str
    figure: str
    unit: Unit
    candidate: float
    current: float
    more_is: Literal["better", "worse"]
    meaning: str
    clear: bool = True


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

    def figures(side: Side) -> list[float]:
        share = typical_pay(side) / market
        known = share[np.isfinite(share)]
        return [
            float(on_target_pay(side).sum() / market.sum()),
            float(np.median(known)) if len(known) else float("nan"),
            float(np.mean(known < 1.0 - SHORT)) if len(known) else float("nan"),
            float(side.outcome.total("leavers").mean()),
            float(chance_to_leave(side.outcome)[regret].sum()) if regret.any() else float("nan"),
            marginal_pay(side),
            side.months.any_task,
            float(side.months.by_task[RETENTION]),
            float(side.months.by_task[UPSELL]),
            target_share(side.plan, named),
            paid_share(side.plan, side.outcome, named),
        ]

    gone = [(side.outcome.csm_leaves[regret] > 0).sum(axis=0) for side in (candidate, current)]
    told_apart = {
        LEAVERS: summarise(candidate.outcome.total("leavers") - current.outcome.total("leavers")).clear,
        REGRETTED: summarise(gone[0] - gone[1].astype(np.float64)).clear,
    }
    return [
        Entry(purpose, figure, unit, then, now, more_is, meaning, told_apart.get(figure, True))
        for (purpose, figure, unit, more_is, meaning), then, now in zip(
            _ROWS, figures(candidate), figures(current), strict=True
        )
    ]


LEAVERS, REGRETTED = "Expected leavers", "Expected regretted leavers"
SHORT = 0.05
"""Pay this far below the market counts as short of it."""
_Row = tuple[str, str, Unit, Literal["better", "worse"], str]
_ROWS: tuple[_Row, ...] = (
    (
        "Entice",
        "OTE against market",
        "share",
        "better",
        "What an offer says: on-target earnings of the team, of what the market pays.",
    ),
    (
        "Entice",
        "P50 pay against market",
        "share",
        "better",
        "What a typical year really pays: the median CSM's median pay, base and variable, of what the market pays.",
    ),
    (
        "Entice",
        "CSMs short of market",
        "share",
        "worse",
        "Share of CSMs whose median pay is over 5 % below the market.",
    ),
    ("Retain", LEAVERS, "people", "worse", "People who leave within the horizon, successors included."),
    (
        "Retain",
        REGRETTED,
        "people",
        "worse",
        "Of today's CSMs of above-median skill (mean of the three skills in the team file), those who leave.",
    ),
    (
        "Motivate",
        "One more point of quota pays",
        "money",
        "better",
        "A year, for a CSM who attains 1 % of quota more on every measure, from where the simulated years end.",
    ),
    (
        "Motivate",
        "Months with effort",
        "share",
        "better",
        "Share of CSM-months with effort above the salary-only level, which is none, on any task.",
    ),
    ("Motivate", "... on retention", "share", "better", "The same for retention alone."),
    ("Motivate", "... on upsell", "share", "better", "The same for upsell alone."),
    (
        "Focus",
        "Target pay on the strategy",
        "share",
        "better",
        "Share of target variable pay on the measures that the strategy names.",
    ),
    (
        "Focus",
        "Expected pay on the strategy",
        "share",
        "better",
        "Share of what the plan is expected to pay that goes to those measures, SPIFs included.",
    ),
)


def told(entry: Entry, value: float) -> str:
    """A value of an entry as people write it."""
    if not np.isfinite(value):
        return "none"
    if entry.unit == "money":
        return money(value)
    return percent(value, 0 if value >= 0.995 else 1) if entry.unit == "share" else f"{value:.2f}"


def change_told(entry: Entry) -> str:
    """Candidate less plan in force; empty where one has no figure or nothing visible changes."""
    change = entry.candidate - entry.current
    if not np.isfinite(change):
        return ""
    if not entry.clear:
        return "" if change == 0.0 else "within noise"
    if entry.unit == "money":
        text = money(change, signed=True)
        return "" if text in ("+$0", "$0") else text
    if entry.unit == "share":
        return "" if abs(change) < 0.0005 else points(change)
    return "" if abs(change) < 0.005 else f"{change:+.2f}"


def scorecard_table(entries: list[Entry]) -> pd.DataFrame:
    """Columns: purpose, figure, unit, candidate, plan_in_force, meaning."""
    return pd.DataFrame(
        {
            "purpose": [entry.purpose for entry in entries],
            "figure": [entry.figure for entry in entries],
            "unit": [entry.unit for entry in entries],
            "candidate": [entry.candidate for entry in entries],
            "plan_in_force": [entry.current for entry in entries],
            "meaning": [entry.meaning for entry in entries],
        }
    )
