"""What "best" means: the criteria that a user can choose, and how often each plan is best on one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.decide.compare import CENT
from sim.world.economics import ECONOMICS

Floats = NDArray[np.float64]

WORTH = ECONOMICS["gross_margin"].default
"""USD that a dollar of ARR is worth, until somebody says otherwise: the gross margin of one year, nothing later."""
MOST_WORTH = 100.0


class Totals(Protocol):
    """An outcome, or the paired difference of two: every criterion is linear in these. (..., n_trials) each."""

    @property
    def retained_arr(self) -> Floats: ...
    @property
    def closing_arr(self) -> Floats: ...
    @property
    def plan_cost(self) -> Floats: ...


class Criterion(NamedTuple):
    """figure: (outcome, worth of a dollar of ARR in USD) -> (..., n_trials), USD; more is better."""

    name: str
    label: str
    meaning: str
    figure: Callable[[Totals, float], Floats]
    uses_worth: bool = False


CRITERIA: dict[str, Criterion] = {
    criterion.name: criterion
    for criterion in (
        Criterion(
            "retained_less_cost",
            "Retained ARR less cost",
            "What the retained ARR is worth, less plan cost.",
            lambda outcome, worth: worth * outcome.retained_arr - outcome.plan_cost,
            True,
        ),
        Criterion(
            "closing_less_cost",
            "ARR at the end less cost",
            "What ARR at the end (expansion and price increases included) is worth, less plan cost.",
            lambda outcome, worth: worth * outcome.closing_arr - outcome.plan_cost,
            True,
        ),
        Criterion(
            "retained_arr",
            "Retained ARR",
            "Opening ARR less churn, contraction and price erosion, whatever it costs.",
            lambda outcome, worth: outcome.retained_arr,
        ),
        Criterion(
            "closing_arr",
            "ARR at the end",
            "Retained ARR, price increases, upsell and cross-sell, whatever they cost.",
            lambda outcome, worth: outcome.closing_arr,
        ),
        Criterion(
            "cost",
            "Least cost",
            "The lower plan cost (base, variable, on-cost, replacing leavers), whatever it retains.",
            lambda outcome, worth: -outcome.plan_cost,
        ),
    )
}
"""ARR is a yearly rate at the horizon's end, cost is spent over it: ``worth`` is the exchange rate between them."""


def scores(outcomes: Sequence[Totals], criterion: Criterion, worth: float) -> Floats:
    """(n_plans, n_trials), USD; more is better."""
    return np.stack([criterion.figure(outcome, worth) for outcome in outcomes])


def chance_best(score: Floats) -> Floats:
    """Share of trials in which each plan is best: (n_plans, n_trials) -> (n_plans,); ties split equally. Sums to 1."""
    best = score >= score.max(axis=0) - CENT
    chance: Floats = (best / best.sum(axis=0)).mean(axis=1)
    return chance


def chance_ahead(change: Floats) -> float:
    """Share of trials in which a paired difference (n_trials,) is above zero; equal ones count half."""
    return float(np.mean(change > CENT) + 0.5 * np.mean(np.abs(change) <= CENT))
