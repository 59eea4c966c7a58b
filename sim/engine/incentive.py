"""What a point of attainment is expected to be worth: E[pay] and its slope on a grid of forecast attainments.

Closed forms for a piecewise-linear payout under a normal forecast N(m, s^2); knots k, changes of slope ds, lumps B:

    E      = sum ds ((m - k) Phi(z) + s phi(z)) + sum B Phi(z),        z = (m - k) / s
    dE/dm  = sum ds Phi(z) + sum B phi(z) / s

The kernel needs them millions of times, so each CSM, month and component gets a table, read by linear interpolation.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from sim.engine.jit import compiled, lean

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]

GRID = 128
"""Points of a table."""
REACH = 5.0
"""A table runs this many standard deviations beyond its outermost knots."""

FARTHEST = 3.0
"""A knot beyond this attainment is out of anybody's reach: a table that ran to it would be too coarse to read."""

_STEPS = 256  # normal table: steps per unit of z; linear interpolation errs by less than 1e-6
_Z_MAX = 8
_Z_LAST = 2.0 * _Z_MAX * _STEPS
_Z = np.arange(-_Z_MAX * _STEPS, _Z_MAX * _STEPS + 2) / _STEPS
_CDF = ndtr(_Z)
_PDF = np.exp(-0.5 * _Z**2) / math.sqrt(2.0 * math.pi)


class Knots(NamedTuple):
    """Payout curves, padded to the same number; (n_rows, n_knots) each; ``knots`` (n_rows,) is how many there are."""

    at: Floats
    slope_change: Floats
    lump: Floats
    knots: NDArray[np.int64]


class Incentive(NamedTuple):
    """Tables for each CSM, month and row (component or gate).

    low, per_step: (n_csms, n_months, n_rows), attainment of the first point, points per unit of attainment.
    value, slope: (n_csms, n_months, n_rows, GRID), E[payout] and its derivative, in target payouts.
    """

    low: Floats
    per_step: Floats
    value: Floats32
    slope: Floats32


@lean
def _standardise(
    start: float, step: float, knot: float, sd: float, above: Floats, z: Floats, cell: NDArray[np.uint32], part: Floats
) -> None:
    """How far each point of a grid is ``above`` a knot, in standard deviations (z), and where that is in the normal
    tables."""
    for point in range(GRID):
        above[point] = start + step * point - knot
        z[point] = above[point] / sd
        place = (z[point] + _Z_MAX) * _STEPS
        place = place if place > 0.0 else 0.0
        place = place if place < _Z_LAST else _Z_LAST
        whole = np.int32(place)
        cell[point] = np.uint32(whole)
        part[point] = place - whole


@lean
def _add_knot(
    bend: float,
    jump: float,
    sd: float,
    above: Floats,
    z: Floats,
    cell: NDArray[np.uint32],
    part: Floats,
    mean: Floats,
    first: Floats,
    second: Floats,
) -> None:
    """Add what a knot contributes to the expected payout and its first two derivatives."""
    for point in range(GRID):
        at = cell[point]
        cdf = _CDF[at] + part[point] * (_CDF[at + np.uint32(1)] - _CDF[at])
        pdf = _PDF[at] + part[point] * (_PDF[at + np.uint32(1)] - _PDF[at])
        mean[point] += bend * (above[point] * cdf + sd * pdf) + jump * cdf
        first[point] += bend * cdf + jump * pdf / sd
        second[point] += bend * pdf / sd - jump * z[point] * pdf / (sd * sd)


@compiled
def _fill(
    at: Floats,
    slope_change: Floats,
    lump: Floats,
    count: NDArray[np.int64],
    sd: Floats,
    risk_aversion: Floats,
    low: Floats,
    per_step: Floats,
    value: Floats32,
    slope: Floats32,
) -> None:
    n_csms, n_months, n_rows = sd.shape
    mean, first, second = np.empty(GRID), np.empty(GRID), np.empty(GRID)
    above, z, part, cell = np.empty(GRID), np.empty(GRID), np.empty(GRID), np.empty(GRID, dtype=np.uint32)
    for c in range(n_csms):
        for t in range(n_months):
            for r in range(n_rows):
                s = sd[c, t, r]
                start = at[r, 0] - REACH * s
                step = (min(at[r, count[r] - 1], max(at[r, 0], FARTHEST)) + REACH * s - start) / (GRID - 1)
                low[c, t, r] = start
                per_step[c, t, r] = 1.0 / step
                mean[:] = 0.0
                first[:] = 0.0
                second[:] = 0.0
                for j in range(count[r]):
                    _standardise(start, step, at[r, j], s, above, z, cell, part)
                    _add_knot(slope_change[r, j], lump[r, j], s, above, z, cell, part, mean, first, second)
                for point in range(GRID):
                    # Mean-variance utility; the variance of pay by the delta method, (first * s)^2.
                    value[c, t, r, point] = mean[point]
                    slope[c, t, r, point] = first[point] - risk_aversion[r] * s * s * first[point] * second[point]


def incentive_tables(knots: Knots, sd: Floats, risk_aversion: Floats) -> Incentive:
    """Tables for forecast standard deviations ``sd`` (n_csms, n_months, n_rows), in attainment, above 0.

    risk_aversion: (n_rows,), weight of half the variance of the payout (in target payouts) against its mean.
    """
    shape = sd.shape
    tables = Incentive(
        low=np.empty(shape),
        per_step=np.empty(shape),
        value=np.empty((*shape, GRID), dtype=np.float32),
        slope=np.empty((*shape, GRID), dtype=np.float32),
    )
    _fill(knots.at, knots.slope_change, knots.lump, knots.knots, sd, risk_aversion, *tables)
    return tables
