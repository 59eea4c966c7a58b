"""How a plan's cost fits a budget: the chance to break it, what it takes to be safe, how bad it gets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binomtest

from sim.decide.compare import CENT
from sim.engine.outcome import Outcome
from sim.words import money, percent, points

Floats = NDArray[np.float64]
LEVELS = (0.50, 0.80, 0.90, 0.95)
CONFIDENCE = 0.90
BINS = 36


@dataclass(frozen=True)
class Fit:
    """Cost against a budget, USD over the horizon.

    over: share of trials above the budget; over_low, over_high: what holds it with 90 % confidence (Wilson).
    reserve: P90 less P50. overrun: mean excess in the trials that are over; 0 without any.
    """

    budget: float
    mean: float
    p50: float
    p80: float
    p90: float
    p95: float
    over: float
    over_low: float
    over_high: float
    overrun: float

    @property
    def reserve(self) -> float:
        return self.p90 - self.p50


def fit(cost: Floats, budget: float) -> Fit:
    """cost: (n_trials,), USD."""
    over = is_over(cost, budget)
    held = binomtest(int(over.sum()), len(cost)).proportion_ci(CONFIDENCE, method="wilson")
    p50, p80, p90, p95 = (float(level) for level in np.quantile(cost, LEVELS))
    return Fit(
        budget=budget,
        mean=float(cost.mean()),
        p50=p50,
        p80=p80,
        p90=p90,
        p95=p95,
        over=float(over.mean()),
        over_low=float(held.low),
        over_high=float(held.high),
        overrun=float((cost - budget)[over].mean()) if over.any() else 0.0,
    )


def is_over(cost: Floats, budget: float) -> NDArray[np.bool_]:
    """Whether each trial breaks the budget: (n_trials,). Less than a cent is the rounding of sums."""
    return cost > budget + CENT


@dataclass(frozen=True)
class PairedFit:
    """Both plans against one budget. gap: P(over) of the candidate less that of the plan in force; and its error."""

    candidate: Fit
    current: Fit
    gap: float
    gap_error: float

    @property
    def clear(self) -> bool:
        return abs(self.gap) > 2.0 * self.gap_error


def paired_fit(candidate: Outcome, current: Outcome, budget: float) -> PairedFit:
    """On the same luck: the error is that of the difference, trial by trial."""
    then, now = candidate.plan_cost, current.plan_cost
    difference = is_over(then, budget).astype(np.float64) - is_over(now, budget)
    error = float(difference.std(ddof=1) / np.sqrt(len(difference))) if len(difference) > 1 else float("inf")
    return PairedFit(fit(then, budget), fit(now, budget), float(difference.mean()), error)


def sentence(found: PairedFit) -> str:
    """The answer in words."""
    then, now = found.candidate, found.current
    text = (
        f"The candidate breaks the budget of {money(then.budget)} in {percent(then.over, 0)} of trials "
        f"(90 % sure: {percent(then.over_low, 0)} to {percent(then.over_high, 0)})"
    )
    if found.gap == 0.0 and found.gap_error == 0.0:
        text += ", exactly those in which the plan in force does"
    elif found.clear:
        side = "more" if found.gap > 0 else "less"
        text += f", {points(abs(found.gap), 0).lstrip('+')} {side} often than the plan in force"
    else:
        text += f"; the plan in force ({percent(now.over, 0)}) cannot be told apart with these trials"
    if then.over > 0.0:
        text += f". When it does, by {money(then.overrun)} on average"
    return text + "."


def fit_table(found: PairedFit) -> pd.DataFrame:
    """The figures under both plans: a row each, USD or fractions."""
    rows = {"candidate": found.candidate, "plan in force": found.current}
    return pd.DataFrame(
        [
            {
                "plan": name,
                "mean": one.mean,
                "p50": one.p50,
                "p80": one.p80,
                "p90": one.p90,
                "p95": one.p95,
                "reserve": one.reserve,
                "over": one.over,
                "overrun": one.overrun,
            }
            for name, one in rows.items()
        ]
    )


def cost_spread(candidate: Outcome, current: Outcome, names: tuple[str, str]) -> pd.DataFrame:
    """Histogram of both plans' cost over one set of bins: plan, low, high (USD), share of trials."""
    costs = (candidate.plan_cost, current.plan_cost)
    low, high = min(c.min() for c in costs), max(c.max() for c in costs)
    edges = np.linspace(low, max(high, low + 1.0), BINS + 1)
    tables = [
        pd.DataFrame(
            {
                "plan": name,
                "low": edges[:-1],
                "high": edges[1:],
                "share": np.histogram(cost, edges)[0] / len(cost),
            }
        )
        for name, cost in zip(names, costs, strict=True)
    ]
    return pd.concat(tables, ignore_index=True)
