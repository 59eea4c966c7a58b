"""What it is worth to know more before choosing: all assumptions (EVPI), or one of them (EVPPI), in dollars.

The choice is between the candidate and the plan in force. With D the net value of the candidate less that of the plan
in force in a world, and x an assumption,

    EVPI = E max(0, D) - max(0, E D)        EVPPI(x) = E max(0, E[D | x]) - max(0, E D)

over worlds that are equally likely all over the ranges. E[D | x] is a smooth curve through the simulated worlds
(Strong, Oakley & Brennan 2014): as assumptions are independent, x's part of an additive fit to all of them at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import bootstrap
from sklearn.linear_model import RidgeCV
from sklearn.preprocessing import SplineTransformer

from sim.decide.choice.criterion import CRITERIA, Criterion
from sim.decide.sensitivity.design import SEED
from sim.decide.sensitivity.sobol import LEAST_ROWS, LEVEL

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NET = "closing_less_cost"
"""What a choice is made on, unless the conclusion nets cost itself."""
RESAMPLES = 100
KNOTS = 4
PENALTIES = np.logspace(-4, 3, 15)


class Worth(NamedTuple):
    """USD over the horizon. mean: net value of the candidate less the plan in force, over all worlds.

    all_known, all_low, all_high: EVPI, and its interval at LEVEL. all_least: what is left of it when half of the trials
    choose and the other half pay, so that noise cannot pass for knowledge; the truth lies between the two.
    one_known, one_low, one_high: (n_varied,), EVPPI and its interval. wrong: share of worlds in which the choice made
    without knowing more is the wrong one.
    """

    mean: float
    all_known: float
    all_low: float
    all_high: float
    all_least: float
    one_known: Floats
    one_low: Floats
    one_high: Floats
    wrong: float


def worth_of_knowing(points: Floats, net: Floats) -> Worth | None:
    """points: (n_rows, n_a_row, n_varied). net: (n_rows, n_a_row, n_trials), USD. None with too few rows.

    Intervals come from drawing rows and trials again: they hold the luck of the simulation and that of the sample.
    """
    n_rows, _, n_trials = net.shape
    if n_rows < LEAST_ROWS or n_trials < 2:
        return None
    bases = _bases(points)
    means = net.mean(axis=2)
    penalty = _penalty(bases, means)

    def figures(rows: Ints, trials: Ints) -> Floats:
        drawn = (net @ (np.bincount(trials, minlength=n_trials) / n_trials))[rows]
        everything = _all(drawn)
        return np.array([everything, *np.minimum(_each(bases[rows], drawn, penalty), everything)])

    rows, trials = np.arange(n_rows), np.arange(n_trials)
    found = figures(rows, trials)
    interval = bootstrap(
        (rows, trials),
        figures,
        n_resamples=RESAMPLES,
        confidence_level=LEVEL,
        method="percentile",
        vectorized=False,
        rng=SEED,
    ).confidence_interval
    low, high = np.asarray(interval.low), np.asarray(interval.high)
    return Worth(
        mean=float(means.mean()),
        all_known=float(found[0]),
        all_low=float(low[0]),
        all_high=float(high[0]),
        all_least=_all_by_halves(net),
        one_known=found[1:],
        one_low=low[1:],
        one_high=high[1:],
        wrong=float(np.mean((means > 0.0) != (means.mean() > 0.0))),
    )


def net_of(criterion: Criterion) -> Criterion:
    """The conclusion that a choice is made on: dollars less dollars."""
    return criterion if criterion.uses_worth else CRITERIA[NET]


def _all(means: Floats) -> float:
    """EVPI from the mean net value in each world; noise in those means makes it too high."""
    return float(np.maximum(means, 0.0).mean() - max(float(means.mean()), 0.0))


def _all_by_halves(net: Floats) -> float:
    """EVPI where every other trial chooses and the rest pay, both ways: noise in the choice makes it too low."""
    one, other = net[..., ::2].mean(axis=2), net[..., 1::2].mean(axis=2)
    chosen = 0.5 * (np.where(one > 0.0, other, 0.0).mean() + np.where(other > 0.0, one, 0.0).mean())
    return max(float(chosen) - max(float(net.mean()), 0.0), 0.0)


def _bases(points: Floats) -> Floats:
    """Cubic B-splines of each assumption: (n_rows, n_a_row, n_varied, n_splines)."""
    n_rows, n_a_row, n_varied = points.shape
    splines = SplineTransformer(n_knots=KNOTS, degree=3, include_bias=False)
    found = np.asarray(splines.fit_transform(points.reshape(-1, n_varied)), dtype=np.float64)
    return found.reshape(n_rows, n_a_row, n_varied, -1)


def _flat(bases: Floats) -> Floats:
    """One row a world, centred: (n_worlds, n_varied x n_splines)."""
    x = bases.reshape(bases.shape[0] * bases.shape[1], -1)
    centred: Floats = x - x.mean(axis=0)
    return centred


def _penalty(bases: Floats, means: Floats) -> float:
    """The ridge penalty that predicts each world best from all others."""
    return float(RidgeCV(PENALTIES).fit(_flat(bases), means.ravel()).alpha_)


def _each(bases: Floats, means: Floats, penalty: float) -> Floats:
    """EVPPI of each assumption: (n_varied,)."""
    x, y, middle = _flat(bases), means.ravel(), float(means.mean())
    weights = np.linalg.solve(x.T @ x + penalty * np.eye(x.shape[1]), x.T @ (y - middle))
    n_varied = bases.shape[2]
    parts = np.einsum("wvs,vs->wv", x.reshape(len(x), n_varied, -1), weights.reshape(n_varied, -1))
    worth: Floats = np.maximum(middle + parts, 0.0).mean(axis=0) - max(middle, 0.0)
    return worth
