"""The non-dominated set: plans that no other plan is at least as good as everywhere and better somewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.decide.frontier.figures import Figures

Floats = NDArray[np.float64]


def costs_of(figures: Sequence[Figures]) -> Floats:
    """The three aims, each the smaller the better: (n_plans, 3)."""
    return np.array([(f.cost_p90, -f.retained_arr, f.pay_gap) for f in figures], dtype=np.float64).reshape(-1, 3)


def non_dominated(costs: Floats) -> NDArray[np.bool_]:
    """Which rows no other row dominates; of equal rows the first. costs: (n_plans, n_aims), the smaller the better."""
    kept = np.zeros(len(costs), dtype=bool)
    front, size = np.empty_like(costs), 0
    # In dictionary order whoever beats a row comes before it, and is beaten itself only by rows that beat both.
    for i in np.lexsort(costs.T[::-1]):
        if not (front[:size] <= costs[i]).all(axis=1).any():
            front[size] = costs[i]
            size += 1
            kept[i] = True
    return kept


def layers(costs: Floats) -> Iterator[NDArray[np.int64]]:
    """Indices of the front, of the front of what is left, and so on."""
    left = np.arange(len(costs))
    while len(left):
        on_front = non_dominated(costs[left])
        yield left[on_front]
        left = left[~on_front]


def spread(costs: Floats, most: int) -> list[int]:
    """Up to ``most`` rows that lie far apart: the best of each aim first, then always the one farthest from all taken.

    Distances are in units of each aim's range; rows that coincide with one taken are left out.
    """
    if not len(costs):
        return []
    width = np.ptp(costs, axis=0)
    placed = (costs - costs.min(axis=0)) / np.where(width > 0.0, width, 1.0)
    # Of plans equally good in an aim, the one best in the others.
    best = [int(np.lexsort((placed.sum(axis=1), placed[:, aim]))[0]) for aim in range(costs.shape[1])]
    taken = list(dict.fromkeys(best))[:most]
    while len(taken) < most:
        gap = np.linalg.norm(placed[:, None] - placed[taken], axis=2).min(axis=1)
        farthest = int(gap.argmax())
        if gap[farthest] <= 1e-9:
            break
        taken.append(farthest)
    return taken
