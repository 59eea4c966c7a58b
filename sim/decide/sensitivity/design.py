"""The worlds that are tried: all assumptions moved at once, spread evenly over their ranges (Saltelli's design)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from sim.decide.sensitivity.ranges import Range
from sim.decide.sensitivity.tornado import Bar
from sim.world.parameters import World

Floats = NDArray[np.float64]

SEED = 1
"""Of the scrambled Sobol' points and of the bootstrap: the same study gives the same figures."""
MOST_VARIED = 8
LEAST_SHARE = 0.002
"""An assumption whose bar has less than this share of all squared swings is held."""
NEVER_VARIED = ("shock_rho",)
"""The common shock would need draws of its own in each world; the tornado shows what it does."""


class Design(NamedTuple):
    """points: (n_rows, n_varied + 2, n_varied), values of the varied assumptions; n_rows is a power of two.

    Worlds of a row: A, B, and for each assumption A with that one taken from B. Rows are independent of one another,
    worlds of a row are not.
    """

    varied: tuple[Range, ...]
    points: Floats

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(chosen.name for chosen in self.varied)


def can_vary(chosen: Range) -> bool:
    """Whether the assumption may move together with others."""
    return chosen.name not in NEVER_VARIED and chosen.low < chosen.high


def screened(swings: Sequence[Sequence[Bar]], ranges: Sequence[Range]) -> tuple[Range, ...]:
    """The assumptions worth varying together: at most MOST_VARIED, those with most of the squared swings.

    swings: a tornado for each conclusion of interest; an assumption counts by its largest share in any of them.
    """
    share: dict[str, float] = {}
    for bars in swings:
        total = sum(bar.swing**2 for bar in bars)
        for bar in bars:
            share[bar.name] = max(share.get(bar.name, 0.0), bar.swing**2 / total if total else 0.0)
    ordered = sorted(filter(can_vary, ranges), key=lambda chosen: -share.get(chosen.name, 0.0))
    return tuple(chosen for chosen in ordered[:MOST_VARIED] if share.get(chosen.name, 0.0) >= LEAST_SHARE)


def design(varied: Sequence[Range], n_rows: int) -> Design:
    """Saltelli's design on scrambled Sobol' points, uniform over the ranges (Saltelli et al. 2010, radial form)."""
    d = len(varied)
    low, high = (np.array([getattr(chosen, end) for chosen in varied]) for end in ("low", "high"))
    unit = qmc.Sobol(2 * d, scramble=True, rng=SEED).random_base2(n_rows.bit_length() - 1)
    a, b = low + (high - low) * unit[:, :d], low + (high - low) * unit[:, d:]
    points = np.repeat(a[:, None, :], d + 2, axis=1)
    points[:, 1] = b
    for j in range(d):
        points[:, 2 + j, j] = b[:, j]
    return Design(tuple(varied), points)


def worlds_of(plan: Design, row: int, base: World) -> tuple[World, ...]:
    """The worlds of one row; what is not varied is as in the base."""
    return tuple(base.changed(dict(zip(plan.names, map(float, point), strict=True))) for point in plan.points[row])
