"""How unequal pay is, and how often there is none."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.decide.compare import CENT
from sim.engine.outcome import Outcome

Floats = NDArray[np.float64]


def gini(pay: Floats) -> float:
    """Gini coefficient of pay between people, mean over trials: (n_csms, n_trials), never negative.

    0 = all are paid the same, 1 - 1/n = one of n has it all; trials in which nobody is paid say nothing, NaN without
    any other. With x rising, G = sum (2 i - n - 1) x_i / (n sum x)  (Gini 1912).
    """
    n = len(pay)
    total = pay.sum(axis=0)
    paid = total > CENT
    if not paid.any():
        return float("nan")
    ranks = 2.0 * np.arange(1, n + 1) - n - 1.0
    return float(((ranks @ np.sort(pay[:, paid], axis=0)) / (n * total[paid])).mean())


def no_payout(outcome: Outcome) -> float:
    """Share of CSM-horizons without any variable pay."""
    return float(np.mean(outcome.csm_pay < CENT))


def quota_chance(outcome: Outcome) -> Floats:
    """Chance that a CSM attains quota over the horizon, components weighted as in the plan: (n_csms,).

    NaN where nothing is ever measured (a plan without weighted components).
    """
    attained = outcome.csm_attainment
    known = np.isfinite(attained)
    hit = (np.where(known, attained, 0.0) >= 1.0 - 1e-6) & known
    count = known.sum(axis=1)
    chance: Floats = np.divide(hit.sum(axis=1), count, out=np.full(len(count), np.nan), where=count > 0)
    return chance
