"""How much of the spread of a conclusion comes from each assumption: Sobol' indices, with bootstrap intervals."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import bootstrap, sobol_indices

from sim.decide.sensitivity.design import SEED

Floats = NDArray[np.float64]

LEVEL = 0.90
RESAMPLES = 500
LEAST_ROWS = 8
"""Fewer rows say nothing."""


class Indices(NamedTuple):
    """Shares of variance, (n_varied,) each; low and high are ends of intervals at LEVEL.

    first: by this assumption alone. total: with all its interactions. rows: of the design that they rest on.
    """

    first: Floats
    first_low: Floats
    first_high: Floats
    total: Floats
    total_low: Floats
    total_high: Floats
    rows: int


def indices(values: Floats) -> Indices | None:
    """Indices of a conclusion at the worlds of a design (n_rows, n_varied + 2), from its first power of two of rows.

    None when there are too few rows, or when the conclusion is the same in every world.
    """
    n = 1 << (len(values).bit_length() - 1) if len(values) else 0
    if n < LEAST_ROWS or np.ptp(values[:n]) == 0.0:
        return None
    rows = values[:n]
    first, total = _both(rows)

    def statistic(drawn: NDArray[np.int64]) -> Floats:
        return np.concatenate(_both(rows[drawn]))

    spread = bootstrap(
        (np.arange(n),),
        statistic,
        n_resamples=RESAMPLES,
        confidence_level=LEVEL,
        method="percentile",
        vectorized=False,
        rng=SEED,
    ).confidence_interval
    (first_low, total_low), (first_high, total_high) = (np.split(end, 2) for end in (spread.low, spread.high))
    return Indices(first, first_low, first_high, total, total_low, total_high, n)


def _both(rows: Floats) -> tuple[Floats, Floats]:
    """First-order and total indices: (n_varied,) each."""
    found = sobol_indices(func={"f_A": rows[:, 0], "f_B": rows[:, 1], "f_AB": rows[:, None, 2:].T}, n=len(rows))
    return np.atleast_1d(found.first_order), np.atleast_1d(found.total_order)
