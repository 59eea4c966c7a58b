"""The Gini coefficient: how unequal shares are, from 0 (all the same) to nearly 1 (one has all)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def gini(values: NDArray[np.floating]) -> float:
    """Half the mean absolute difference of two members picked at random with replacement, over the mean (Gini 1912).

    values: (n,), none below 0. 0 when nobody has anything: nobody then has more than another.
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    n, total = len(ordered), float(ordered.sum())
    if total <= 0.0:
        return 0.0
    ranks = 2.0 * np.arange(1, n + 1) - n - 1
    return float(ranks @ ordered / (n * total))
