"""Two plans on the same luck: what differs, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.engine.outcome import Outcome

Floats = NDArray[np.float64]

METRICS: dict[str, Callable[[Outcome], Floats]] = {
    "retained_arr": lambda outcome: outcome.retained_arr,
    "gross_retention": lambda outcome: outcome.gross_retention,
    "net_retention": lambda outcome: outcome.net_retention,
    "logo_retention": lambda outcome: outcome.logo_retention,
    "plan_cost": lambda outcome: outcome.plan_cost,
    "variable_pay": lambda outcome: outcome.variable_pay,
    "expansion_arr": lambda outcome: outcome.expansion_arr,
}
"""The figures that plans are compared on, (n_trials,) each: the keys of the command line's JSON."""

CENT = 0.01
"""Differences below it, in USD, are the rounding of sums, not money."""

Z_CLEAR = 2.0
"""A difference within this many standard errors of zero is not told from noise."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A figure over the trials. ``standard_error`` is of the mean; percentiles are of single trials."""

    mean: float
    standard_error: float
    p5: float
    p25: float
    p50: float
    p75: float
    p95: float

    @property
    def clear(self) -> bool:
        """Whether the mean can be told from zero with these trials (a constant other than zero can)."""
        return abs(self.mean) > Z_CLEAR * self.standard_error


def standard_error(values: Floats) -> float:
    """Of the mean over trials (n_trials,); one trial says nothing about it: infinite."""
    n = len(values)
    return float(values.std(ddof=1) / np.sqrt(n)) if n > 1 else float("inf")


def summarise(values: Floats) -> Summary:
    """Mean, its standard error, and percentiles of a figure: (n_trials,)."""
    p5, p25, p50, p75, p95 = (float(q) for q in np.quantile(values, (0.05, 0.25, 0.5, 0.75, 0.95)))
    return Summary(float(values.mean()), standard_error(values), p5, p25, p50, p75, p95)


def summaries(outcome: Outcome) -> dict[str, Summary]:
    """Every metric of one plan."""
    return {name: summarise(metric(outcome)) for name, metric in METRICS.items()}


def differences(candidate: Outcome, current: Outcome) -> dict[str, Summary]:
    """Candidate less current, trial by trial: the standard errors are those of the paired difference."""
    return {name: summarise(metric(candidate) - metric(current)) for name, metric in METRICS.items()}
