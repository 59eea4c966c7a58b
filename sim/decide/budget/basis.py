"""From the top down: revenue of the horizon, and the budget for compensation that follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sim.decide.past.revenue import arr_path
from sim.engine.outcome import Outcome
from sim.problems import InputError, Problem
from sim.words import money

Basis = Literal["amount", "share", "margin"]
BASES: dict[Basis, str] = {"amount": "Dollars", "share": "Share of revenue", "margin": "Profit margin"}

CUSTOMARY_SHARE = 0.07
"""CS spend as a share of revenue (SaaS Capital; docs/method.md)."""
CUSTOMARY_MARGIN = 0.20
"""A starting point, ours."""
USUAL_YEARS = 0.80
"""The first budget is what the plan in force stays within in this share of trials."""
ROUND = 10_000.0


@dataclass(frozen=True)
class Budget:
    """What may be spent on compensation over the horizon, USD, and how it came about in words."""

    amount: float
    how: str


def revenue(outcome: Outcome, new_arr: float = 0.0) -> float:
    """Mean revenue of the horizon, USD. new_arr: USD a year of ARR that new customers add in each quarter, evenly."""
    path = arr_path(outcome) + new_arr * np.arange(outcome.n_months + 1)[:, None] / 3.0
    return float(((path[1:] + path[:-1]) / 2.0 / 12.0).sum(axis=0).mean())


def other_costs(revenue: float, gross_margin: float, spent: Mapping[str, float]) -> float:
    """All costs but compensation, USD: delivery and what was spent on new, expanded and upsold ARR where it is known.

    spent: by activity (cac, crc, cec, cuc), USD, NaN where not known; keeping ARR is what this budget pays for. Where
    nothing is known: what customary shares leave (margin 20 %, customer success 7 %).
    """
    known = [value for name, value in spent.items() if name != "crc" and np.isfinite(value)]
    if not known:
        return (1.0 - CUSTOMARY_MARGIN - CUSTOMARY_SHARE) * revenue
    return (1.0 - gross_margin) * revenue + sum(known)


def usual_budget(cost: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    """What the plan in force stays within in four of five trials, USD, rounded up; cost: (n_trials,)."""
    return float(np.ceil(np.quantile(cost, USUAL_YEARS) / ROUND) * ROUND)


def from_amount(amount: float, usual: float) -> Budget:
    """usual: the first budget, which nobody has entered. Raises InputError unless above zero."""
    return _checked(
        amount, "what the plan in force stays within in four trials of five" if amount == usual else "as entered"
    )


def from_share(share: float, revenue: float) -> Budget:
    """share: fraction of the horizon's revenue, USD. Raises InputError unless the budget is above zero."""
    return _checked(share * revenue, f"{share:.1%} of revenue of {money(revenue)}".replace("%", " %"))


def from_margin(margin: float, revenue: float, others: float) -> Budget:
    """What the target profit margin leaves after all other costs, USD. Raises InputError when nothing is left."""
    how = f"revenue of {money(revenue)} less {margin:.1%} margin and {money(others)} of other costs"
    return _checked((1.0 - margin) * revenue - others, how.replace("%", " %"))


def _checked(amount: float, how: str) -> Budget:
    if not amount > 0.0:
        rule = f"must leave something to spend ({how}); lower the margin or the other costs"
        raise InputError([Problem("budget", money(amount), rule)])
    return Budget(amount, how)
