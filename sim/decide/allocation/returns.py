"""What a team brings for its incentive dollars: points from the simulation, their concave envelope, and its errors.

A team's curve is read between points, so all figures here are sums of means over trials, each with a weight; the errors
follow from the covariance of those means (delta method: dollars are means with an error, too).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.decide.allocation.groups import Grouping
from sim.decide.allocation.levels import Runs
from sim.decide.compare import CENT

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
PAY, RETAINED, EXPANSION = range(3)


@dataclass(frozen=True)
class Points:
    """Means over trials. G = teams, L = levels of pay.

    mean: (3, G, L), incentive pay, and the retained and expansion ARR that it gains over none; USD a year.
    covariance: (3 G L, 3 G L), of these means; NaN with one trial, which says nothing about it.
    """

    mean: Floats
    covariance: Floats


def measure(runs: Runs, grouping: Grouping, trials: slice = slice(None)) -> Points:
    """trials: those that count; a part of them to try on others what was found on these."""

    def by_team(values: NDArray[np.float32]) -> Floats:
        return np.stack([grouping.added(level[:, trials].astype(np.float64)) for level in values], axis=1)

    lost, sold = by_team(runs.lost), by_team(runs.expansion)
    single = np.stack([by_team(runs.pay), lost[:, :1] - lost, sold - sold[:, :1]])  # (3, G, L, T)
    n_trials = single.shape[-1]
    flat = single.reshape(-1, n_trials)
    unknown = np.full((len(flat), len(flat)), np.nan)
    return Points(single.mean(axis=-1), np.cov(flat) / n_trials if n_trials > 1 else unknown)


@dataclass(frozen=True)
class Worth:
    """ARR dollars that a dollar of each kind counts as."""

    retained: float = 1.0
    expansion: float = 1.0


EVEN = Worth()


@dataclass(frozen=True)
class Envelope:
    """The least concave curve above a team's points.

    corner: (K,), levels that it runs through, at rising dollars. dollars, arr: (K,), USD a year there.
    sag: how far the points between corners lie below it at most, USD a year of ARR: a plan that pays a whole team alike
    cannot have what is on the line between, only one that pays some of its people at one end and some at the other.
    sagging: the dollars between which that is, or None.
    """

    corner: Ints
    dollars: Floats
    arr: Floats
    sag: float
    sagging: tuple[float, float] | None


def envelope(dollars: Floats, arr: Floats) -> Envelope:
    """Of points (L,) with dollars from zero up; of several at the same dollars the first counts."""
    told_apart = np.flatnonzero(np.concatenate([[True], np.diff(np.maximum.accumulate(dollars)) > CENT]))
    corners: list[int] = []
    for point in told_apart.tolist():
        while len(corners) > 1 and _is_below(dollars, arr, corners[-2], corners[-1], point):
            corners.pop()
        corners.append(point)
    corner = np.array(corners, dtype=np.int64)
    gap = np.interp(dollars[told_apart], dollars[corner], arr[corner]) - arr[told_apart]
    worst = int(gap.argmax())
    sagging = None
    if gap[worst] > CENT:
        right = int(np.searchsorted(dollars[corner], dollars[told_apart][worst]))
        sagging = (float(dollars[corner[right - 1]]), float(dollars[corner[right]]))
    return Envelope(corner, dollars[corner], arr[corner], max(float(gap[worst]), 0.0), sagging)


def _is_below(dollars: Floats, arr: Floats, left: int, middle: int, right: int) -> bool:
    """Whether the middle point is on or below the line between the others."""
    run, rise = dollars[right] - dollars[left], arr[right] - arr[left]
    return bool((arr[middle] - arr[left]) * run <= rise * (dollars[middle] - dollars[left]))


def worth_of(points: Points, worth: Worth) -> Floats:
    """ARR gained at each point, weighted: (G, L), USD a year."""
    value: Floats = worth.retained * points.mean[RETAINED] + worth.expansion * points.mean[EXPANSION]
    return value


def envelopes(points: Points, worth: Worth) -> list[Envelope]:
    """One a team."""
    return [envelope(*pair) for pair in zip(points.mean[PAY], worth_of(points, worth), strict=True)]


def read_at(points: Points, worth: Worth, team: int, corner: Ints, dollars: float) -> tuple[float, Floats]:
    """ARR that the team gains at those dollars, between corners of its curve, and the weight of each mean in it.

    Weights: (3, G, L). Below the first corner and above the last, the curve is level. corner may come from other
    trials than the points: then it is read between the same levels of pay.
    """
    x, y = points.mean[PAY, team, corner], worth_of(points, worth)[team, corner]
    weights = np.zeros_like(points.mean)
    if len(corner) == 1:
        weights[RETAINED, team, corner], weights[EXPANSION, team, corner] = worth.retained, worth.expansion
        return float(y[0]), weights
    right = int(np.clip(np.searchsorted(x, dollars, side="left"), 1, len(x) - 1))
    ends = corner[[right - 1, right]]
    run = x[right] - x[right - 1]
    way = float(np.clip((dollars - x[right - 1]) / run, 0.0, 1.0))
    share = np.array([1.0 - way, way])
    slope = (y[right] - y[right - 1]) / run if x[0] <= dollars <= x[-1] else 0.0
    weights[RETAINED, team, ends] = worth.retained * share
    weights[EXPANSION, team, ends] = worth.expansion * share
    weights[PAY, team, ends] = -slope * share
    return float(share @ y[[right - 1, right]]), weights


def slope_weights(points: Points, worth: Worth, team: int, left: int, right: int) -> Floats:
    """Weights whose error is that of the slope between two levels: (3, G, L)."""
    run = points.mean[PAY, team, right] - points.mean[PAY, team, left]
    rise = worth_of(points, worth)[team, [left, right]] @ np.array([-1.0, 1.0])
    weights = np.zeros_like(points.mean)
    for level, sign in ((left, -1.0), (right, 1.0)):
        weights[RETAINED, team, level] = sign * worth.retained / run
        weights[EXPANSION, team, level] = sign * worth.expansion / run
        weights[PAY, team, level] = -sign * rise / run**2
    return weights


def error_of(points: Points, weights: Floats) -> float:
    """Standard error of a weighted sum of the means; NaN with one trial."""
    flat = weights.ravel()
    return math.sqrt(max(float(flat @ points.covariance @ flat), 0.0))
