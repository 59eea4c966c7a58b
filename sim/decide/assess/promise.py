"""What was promised: each figure by month in every trial, and where in that distribution what happened falls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.decide.assess.actuals import Actuals
from sim.decide.assess.figures import COLUMNS, Floats, simulated, with_net
from sim.engine.outcome import Outcome

MOST_TRIALS = 4_096
"""More make no picture and no interval better that anybody could see."""
LEVELS = (0.1, 0.5, 0.9)
"""P10, P50, P90: the range between the outer two holds 80 % of the trials."""


@dataclass(frozen=True)
class Promise:
    """names: of the figures. monthly: (n_figures, n_months, n_trials)."""

    names: tuple[str, ...]
    monthly: Floats

    @cached_property
    def to_date(self) -> Floats:
        """Sums since the first month: (n_figures, n_months, n_trials)."""
        sums: Floats = self.monthly.cumsum(axis=1)
        return sums

    @property
    def n_months(self) -> int:
        return int(self.monthly.shape[1])

    def of(self, names: Sequence[str]) -> Promise:
        """These figures alone, in this order."""
        return Promise(tuple(names), self.monthly[[self.names.index(name) for name in names]])


def promised(outcome: Outcome) -> Promise:
    """The distribution that a simulation promised."""
    columns = np.array([simulated(figure, outcome)[:, :MOST_TRIALS] for figure in COLUMNS])
    return Promise(*with_net([figure.name for figure in COLUMNS], columns))


def year_of(promise: Promise, trial: int) -> Actuals:
    """One trial as if it had happened."""
    return Actuals(promise.names, promise.monthly[:, :, trial])


class Standing(NamedTuple):
    """A figure to date. low, middle, high: P10, P50 and P90 of what was promised. percentile: from 0 to 1."""

    name: str
    actual: float
    low: float
    middle: float
    high: float
    percentile: float

    @property
    def inside(self) -> bool:
        """Whether it is within the range that holds 80 % of the trials."""
        return self.low <= self.actual <= self.high


def percentile(actual: Floats, trials: Floats) -> Floats:
    """Share of the trials (..., n_trials) below an actual (...), those that equal it counted half (mid-rank)."""
    one = np.asarray(actual)[..., None]
    share: Floats = (trials < one).mean(axis=-1) + (trials == one).mean(axis=-1) / 2.0
    return share


def standings(promise: Promise, known: Actuals) -> list[Standing]:
    """Where each known figure stands at the end of the last known month."""
    trials = promise.of(known.names).to_date[:, known.n_months - 1]
    actual = known.to_date[:, -1]
    spread = np.quantile(trials, LEVELS, axis=-1)
    share = percentile(actual, trials)
    return [
        Standing(name, *now)
        for name, *now in zip(known.names, actual.tolist(), *spread.tolist(), share.tolist(), strict=True)
    ]


def month_table(promise: Promise, known: Actuals) -> pd.DataFrame:
    """Columns figure, month, actual, p10, p50, p90 and percentile, of single months and of sums to date (``_to_date``).

    One row for each known figure and month.
    """
    mine, months = promise.of(known.names), known.n_months
    parts = {"": (known.values, mine.monthly[:, :months]), "_to_date": (known.to_date, mine.to_date[:, :months])}
    table: dict[str, object] = {
        "figure": np.repeat(known.names, months),
        "month": np.tile(np.arange(1, months + 1), len(known.names)),
    }
    for ending, (actual, trials) in parts.items():
        table[f"actual{ending}"] = actual.ravel()
        for name, values in zip(("p10", "p50", "p90"), np.quantile(trials, LEVELS, axis=-1), strict=True):
            table[f"{name}{ending}"] = values.ravel()
        table[f"percentile{ending}"] = percentile(actual, trials).ravel()
    return pd.DataFrame(table)
