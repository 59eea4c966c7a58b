"""The rest of the year given what has happened: the trials that resemble it, moved the rest of the way.

Approximate Bayesian computation with regression adjustment (Beaumont, Zhang & Balding 2002) on the sums to date: trials
count the more the nearer they are, and what is left of the distance is taken off along a weighted straight line.
Nothing is simulated again. What has happened is certain; only the months to come are spread.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.decide.assess.actuals import Actuals
from sim.decide.assess.figures import NET, Floats
from sim.decide.assess.promise import LEVELS, Promise

NEAR = 0.75
"""Share of the trials that count for an ordinary year, the nearest most: odd years lose theirs."""
FEWEST = 50.0
"""Trials of equal weight below which too few resemble the year."""
PROBES = 64
"""Trials that say what is ordinary."""
_FLAT = 1e-9
"""Share of the spread below which figures move together exactly, as a sum with its parts."""


class Update(NamedTuple):
    """to_date: (3, n_figures, n_months), P10, P50 and P90 of the sums to date; what has happened is the same in all.

    n_known: months that have happened. effective: trials of equal weight that resemble the year. alike: whether these
        are enough; otherwise the range is the wider answer, see `condition`.
    """

    names: tuple[str, ...]
    n_known: int
    to_date: Floats
    effective: float
    alike: bool

    @property
    def over(self) -> bool:
        """Whether nothing is left to forecast."""
        return self.n_known == int(self.to_date.shape[2])

    def year(self, name: str) -> tuple[float, float, float]:
        """P10, P50 and P90 of the year's total."""
        low, middle, high = (float(value) for value in self.to_date[:, self.names.index(name), -1])
        return low, middle, high


def condition(promise: Promise, known: Actuals) -> Update:
    """The known figures over the whole horizon, given the months so far.

    Where fewer than ``FEWEST`` trials resemble the year, a local line would lean on nothing. Then the range reaches
    from the lowest to the highest of two answers: the rest of the year as it was promised, and the same moved along one
    line through all trials.
    """
    mine, months = promise.of(known.names), known.n_months
    ahead = mine.monthly[:, months:].cumsum(axis=1)
    rest = np.moveaxis(ahead, -1, 0).reshape(ahead.shape[-1], -1)
    gaps, possible = _gaps(mine.to_date[:, months - 1], known.to_date[:, -1])
    weight = _weights(gaps) if possible else np.zeros(len(gaps))
    effective = float(weight.sum() ** 2 / (weight**2).sum()) if weight.any() else 0.0
    alike = effective >= FEWEST
    floor = np.repeat([-np.inf if name == NET else 0.0 for name in known.names], ahead.shape[1])
    if alike:
        spread = _quantiles(np.maximum(_moved(rest, gaps, weight), floor), weight)
    else:
        even = np.ones(len(gaps))
        line = len(gaps) >= FEWEST
        shifted = np.maximum(_moved(rest, gaps, even), floor) if line else rest
        both = np.array([_quantiles(rest, even), _quantiles(shifted, even)])
        spread = np.array([both[:, 0].min(axis=0), both[:, 1].mean(axis=0), both[:, 2].max(axis=0)])
    past = np.broadcast_to(known.to_date, (len(LEVELS), *known.values.shape))
    future = past[:, :, -1:] + spread.reshape(len(LEVELS), len(known.names), -1)
    return Update(known.names, months, np.concatenate([past, future], axis=2), effective, alike)


def _gaps(trials: Floats, actual: Floats) -> tuple[Floats, bool]:
    """How far each trial is from the year, in uncorrelated directions of unit spread: (n_trials, n_directions).

    trials: (n_figures, n_trials). actual: (n_figures,). Figures that are alike in all trials have no direction; the
    second result is whether the year agrees with all trials in these.
    """
    away = trials - actual[:, None]
    spread = trials.std(axis=1)
    moves = spread > _FLAT * (1.0 + np.abs(trials).max(axis=1))
    possible = not (np.abs(away[~moves]) > 0.5).any()  # half a dollar, half an account
    if not moves.any():
        return np.zeros((trials.shape[1], 0)), possible
    scaled = away[moves] / spread[moves, None]
    values, vectors = np.linalg.eigh(np.cov(scaled, bias=True).reshape(len(scaled), -1))
    kept = values > _FLAT * values.max()
    gaps: Floats = scaled.T @ vectors[:, kept] / np.sqrt(values[kept])
    return gaps, possible


def _weights(gaps: Floats) -> Floats:
    """Epanechnikov's kernel, as wide as reaches the share ``NEAR`` of the trials from the middle one of some trials.

    The width does not hang on the year: an odd year is then resembled by few.
    """
    probes = gaps[: min(PROBES, len(gaps))]
    between = np.sqrt(((probes[:, None] - gaps[None]) ** 2).sum(axis=2))
    width = float(np.median(np.quantile(between, NEAR, axis=1)))
    if width == 0.0:
        return np.ones(len(gaps))  # all trials are alike
    weight: Floats = np.maximum(1.0 - (gaps**2).sum(axis=1) / width**2, 0.0)
    return weight


def _moved(rest: Floats, gaps: Floats, weight: Floats) -> Floats:
    """What each trial's rest of the year (n_trials, n) would have been without its gap to the year.

    A line through few trials hugs them: the scatter about it is widened by the usual factor for its coefficients.
    """
    root = np.sqrt(weight)[:, None]
    design = np.column_stack([np.ones(len(gaps)), gaps])
    line = np.linalg.lstsq(root * design, root * rest, rcond=None)[0]
    effective = weight.sum() ** 2 / (weight**2).sum()
    wider = np.sqrt(effective / (effective - design.shape[1]))
    moved: Floats = line[0] + wider * (rest - design @ line)
    return moved


def _quantiles(values: Floats, weight: Floats) -> Floats:
    """P10, P50 and P90 of weighted values (n_trials, n): (3, n)."""
    order = np.argsort(values, axis=0)
    share = np.cumsum(weight[order], axis=0)
    share = (share - weight[order] / 2.0) / weight.sum()
    ranked = np.take_along_axis(values, order, axis=0)
    columns = [np.interp(LEVELS, share[:, place], ranked[:, place]) for place in range(values.shape[1])]
    return np.array(columns).T.reshape(len(LEVELS), -1)
