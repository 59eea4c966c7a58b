"""What one person would earn under a plan, if she stays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.outcome import Outcome

QUANTILES = (0.1, 0.5, 0.9)


class Earnings(NamedTuple):
    """USD over the horizon. p10, p50, p90, mean: variable pay in the trials in which she stays; NaN without any.

    none: share of those trials without any variable pay. stays: share of all trials.
    """

    base: float
    target: float
    p10: float
    p50: float
    p90: float
    mean: float
    none: float
    stays: float


def staying(outcome: Outcome, csm: int) -> NDArray[np.int64]:
    """Trials in which the CSM of today is there to the end, rising."""
    return np.flatnonzero(outcome.csm_leaves[csm] == 0)


def earnings(outcome: Outcome, csm: int) -> Earnings:
    """CSM number ``csm`` under one plan."""
    base, target = float(outcome.csm_base[csm]), float(outcome.csm_target[csm])
    pay = outcome.csm_pay[csm, staying(outcome, csm)].astype(np.float64)
    if not len(pay):
        nan = float("nan")
        return Earnings(base, target, nan, nan, nan, nan, nan, 0.0)
    p10, p50, p90 = (float(value) for value in np.quantile(pay, QUANTILES))
    stays = len(pay) / outcome.n_trials
    return Earnings(base, target, p10, p50, p90, float(pay.mean()), float(np.mean(pay <= 0.0)), stays)


def median_trial(outcome: Outcome, csm: int) -> int | None:
    """The trial in the middle of those in which she stays, by variable pay (the lower of two); None without any."""
    trials = staying(outcome, csm)
    if not len(trials):
        return None
    order = np.argsort(outcome.csm_pay[csm, trials], kind="stable")
    return int(trials[order[(len(order) - 1) // 2]])
