"""Whether the model is surprised more often than it should be.

The months of a year hang together, and so do its figures: one bad shock moves many of them. Counting how many fall
outside their ranges and comparing that with a binomial would call such years impossible. So each trial is treated as if
it were what happened, and the year takes its rank among them. If the model is right, the year and its trials are draws
from one distribution, any rank is as likely as any other, and the share of years that look at least as odd is exact
whatever hangs on what (the argument of a permutation test, and of conformal prediction: Vovk, Gammerman & Shafer 2005).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.stats import rankdata

from sim.decide.assess.actuals import Actuals
from sim.decide.assess.figures import FIGURE, Floats
from sim.decide.assess.promise import LEVELS, Promise
from sim.words import percent

RARE = 0.05
"""Years as odd as this are called a surprise."""


class Surprise(NamedTuple):
    """figures: single monthly figures, of which ``outside`` fell outside P10 to P90, and ``expected`` should have.

    often: share of years of the model with as many outside. far: share of years whose farthest figure to date is as far
        out as this year's, ``farthest``. Either is at most 0.05 in one right model of twenty.
    """

    figures: int
    outside: int
    expected: float
    often: float
    farthest: str
    far: float

    @property
    def surprised(self) -> bool:
        """More than the model should be; there are two ways to look odd, so each has half the room."""
        return min(self.often, self.far) <= RARE / 2.0


def surprise(promise: Promise, known: Actuals) -> Surprise:
    """How the year ranks among the trials of the promise, both ways."""
    mine, months = promise.of(known.names), known.n_months
    by_month = _shares(known.values, mine.monthly[:, :months]).reshape(len(known.names) * months, -1)
    outside = ((by_month < LEVELS[0]) | (by_month > LEVELS[-1])).sum(axis=0)
    distances = _distances(known.to_date[:, -1], mine.to_date[:, months - 1])
    return Surprise(
        figures=len(by_month),
        outside=int(outside[0]),
        expected=float(outside[1:].mean()),
        often=_rank(outside.astype(np.float64)),
        farthest=known.names[int(distances[:, 0].argmax())],
        far=_rank(distances.max(axis=0)),
    )


def _together(actual: Floats, trials: Floats) -> Floats:
    """The year (...) and its trials (..., n_trials): (..., 1 + n_trials). A rank is exact only if all of them are
    measured alike, so the year counts among those that it is measured by."""
    return np.concatenate([actual[..., None], trials], axis=-1)


def _shares(actual: Floats, trials: Floats) -> Floats:
    """Mid-ranks from 0 to 1."""
    years = _together(actual, trials)
    shares: Floats = (rankdata(years, axis=-1) - 0.5) / years.shape[-1]
    return shares


def _distances(actual: Floats, trials: Floats) -> Floats:
    """Standard deviations from the mean. Not ranks: of eight figures each has a trial that ranks first and one that
    ranks last, and no year could be farther out than these."""
    away = _together(actual, trials)
    away = away - away.mean(axis=-1, keepdims=True)
    spread = away.std(axis=-1, keepdims=True)
    distance: Floats = np.abs(np.divide(away, spread, out=np.zeros_like(away), where=spread > 0.0))
    return distance


def _rank(odd: Floats) -> float:
    """Share of the year and its trials that are at least as odd as the year, which comes first."""
    return float((odd >= odd[0]).mean())


def verdict(found: Surprise) -> str:
    """The answer for people, and first on the page."""
    if found.surprised:
        return "This year surprises the model more than a year should"
    return "This year surprises the model no more than a year should"


def reasons(found: Surprise) -> str:
    """The figures behind the verdict."""
    title = FIGURE[found.farthest].title
    return (
        f"{found.outside} of {found.figures} monthly figures fell outside P10 to P90. The model expects "
        f"{found.expected:.0f}, and {percent(found.often, 0)} of its own years have as many or more. {title} is the "
        f"figure to date that is farthest out: {percent(found.far, 0)} of its years have one at least as far."
    )
