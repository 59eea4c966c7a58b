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

_STEPS = 128  # normal table: steps per unit of z; linear interpolation errs by less than 4e-6
_Z_MAX = 8
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
    for c in range(n_csms):
        for t in range(n_months):
            for r in range(n_rows):
                s = sd[c, t, r]
                start = at[r, 0] - REACH * s
                step = (min(at[r, count[r] - 1], max(at[r, 0], FARTHEST)) + REACH * s - start) / (GRID - 1)
                low[c, t, r] = start
                per_step[c, t, r] = 1.0 / step
                for point in range(GRID):
                    m = start + step * point
                    mean, first, second = 0.0, 0.0, 0.0
                    for j in range(count[r]):
                        z = (m - at[r, j]) / s
                        place = min(max((z + _Z_MAX) * _STEPS, 0.0), 2.0 * _Z_MAX * _STEPS)
                        cell = int(place)
                        part = place - cell
                        cdf = _CDF[cell] + part * (_CDF[cell + 1] - _CDF[cell])
                        pdf = _PDF[cell] + part * (_PDF[cell + 1] - _PDF[cell])
                        ds, jump = slope_change[r, j], lump[r, j]
                        mean += ds * ((m - at[r, j]) * cdf + s * pdf) + jump * cdf
                        first += ds * cdf + jump * pdf / s
                        second += ds * pdf / s - jump * z * pdf / (s * s)
                    # Mean-variance utility; the variance of pay by the delta method, (first * s)^2.
                    value[c, t, r, point] = mean
                    slope[c, t, r, point] = first - risk_aversion[r] * s * s * first * second


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
