"""How many trials would tell two plans apart, from the spread of their paired difference."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.decide.compare import CENT, Z_CLEAR, standard_error

Floats = NDArray[np.float64]

Z_POWER = 1.2816
"""Of a normal distribution, nine tenths lie below: with the trials said, nine chances in ten to tell."""


class Settling(NamedTuple):
    """Of a paired difference in USD.

    same: no trial differs. clear: its mean can be told from zero. needed: trials that would tell, with nine chances in
    ten, if the mean is what it looks like; None when clear, the same, or beyond any count. seen: a mean difference
    above this would have been told apart with the trials there are.
    """

    same: bool
    clear: bool
    needed: int | None
    seen: float


def settle(change: Floats) -> Settling:
    """change: (n_trials,), one plan less another on the same luck.

    A mean m over n trials of standard deviation s is clear beyond Z_CLEAR s / sqrt(n), so that
    n = ((Z_CLEAR + Z_POWER) s / m)^2.
    """
    same = bool(np.abs(change).max() <= CENT)
    mean, error = float(change.mean()), standard_error(change)
    clear = not same and abs(mean) > Z_CLEAR * error
    if same or clear or not math.isfinite(error) or abs(mean) <= CENT:
        return Settling(same, clear, None, Z_CLEAR * error)
    deviation = error * math.sqrt(len(change))
    return Settling(False, False, math.ceil(((Z_CLEAR + Z_POWER) * deviation / mean) ** 2), Z_CLEAR * error)
