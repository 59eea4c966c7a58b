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

from sim.engine.jit import compiled

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
                    knot, ds, jump = at[r, j], slope_change[r, j], lump[r, j]
                    for point in range(GRID):
                        above = start + step * point - knot
                        z = above / s
                        place = (z + _Z_MAX) * _STEPS
                        place = place if place > 0.0 else 0.0
                        place = place if place < _Z_LAST else _Z_LAST
                        cell = np.uint32(np.int32(place))
                        part = place - cell
                        cdf = _CDF[cell] + part * (_CDF[cell + np.uint32(1)] - _CDF[cell])
                        pdf = _PDF[cell] + part * (_PDF[cell + np.uint32(1)] - _PDF[cell])
                        mean[point] += ds * (above * cdf + s * pdf) + jump * cdf
                        first[point] += ds * cdf + jump * pdf / s
                        second[point] += ds * pdf / s - jump * z * pdf / (s * s)
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
