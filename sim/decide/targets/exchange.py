"""Local search for an assignment: move one account, or swap two, for as long as that is worth something."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.engine.jit import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST = 1e-6
"""USD that a step must bring; rounding must not go round in circles."""


@compiled
def outside(carried: float, low: float, high: float) -> float:
    """How far a load is from its band."""
    return max(carried - high, 0.0) + max(low - carried, 0.0)


@compiled
def change(
    loads: Floats, low: Floats, high: Floats, carried: Floats, one: int, other: int, gives: int, takes: int
) -> float:
    """Change of what lies outside the bands when CSM `one` gives an account to `other` and takes one (-1: none)."""
    total = 0.0
    for d in range(loads.shape[0]):
        shift = loads[d, gives] - (loads[d, takes] if takes >= 0 else 0.0)
        here, there = carried[d, one], carried[d, other]
        total += outside(here - shift, low[d, one], high[d, one]) - outside(here, low[d, one], high[d, one])
        total += outside(there + shift, low[d, other], high[d, other]) - outside(there, low[d, other], high[d, other])
    return total


@compiled
def hand(csm: Ints, count: Ints, carried: Floats, loads: Floats, account: int, to: int) -> None:
    """Account to another CSM, loads and counts with it."""
    count[csm[account]] -= 1
    count[to] += 1
    for d in range(loads.shape[0]):
        carried[d, csm[account]] -= loads[d, account]
        carried[d, to] += loads[d, account]
    csm[account] = to


@compiled
def exchange(
    csm: Ints,
    owner: Ints,
    value: Floats,
    loads: Floats,
    low: Floats,
    high: Floats,
    penalty: float,
    most_moved: int,
    most_passes: int,
) -> None:
    """Improves `csm` (A,) in place until nothing helps; shapes as in ``assignment.Sharing``.

    For one account after the other: the best move or swap; if there is none because no more may change hands, the best
    move together with the best account that goes back to its owner for it. The same input gives the same result.
    """
    n_accounts, n_csms = value.shape
    carried = np.zeros((loads.shape[0], n_csms))
    count = np.zeros(n_csms, dtype=np.int64)
    moved = 0
    for i in range(n_accounts):
        count[csm[i]] += 1
        moved += 1 if csm[i] != owner[i] else 0
        for d in range(loads.shape[0]):
            carried[d, csm[i]] += loads[d, i]
    for _ in range(most_passes):
        improved = False
        for i in range(n_accounts):
            one = csm[i]
            if count[one] == 1:
                continue
            best, best_other, best_takes = LEAST, -1, -1
            capped, capped_other = -np.inf, -1
            away = 1 if one != owner[i] else 0
            for other in range(n_csms):
                if other == one:
                    continue
                gain = value[i, other] - value[i, one]
                gain -= penalty * change(loads, low, high, carried, one, other, i, -1)
                if moved - away + (1 if other != owner[i] else 0) > most_moved:
                    if gain > capped:
                        capped, capped_other = gain, other
                elif gain > best:
                    best, best_other = gain, other
            for j in range(n_accounts):
                other = csm[j]
                if other == one:
                    continue
                after = moved - away - (1 if other != owner[j] else 0)
                after += (1 if other != owner[i] else 0) + (1 if one != owner[j] else 0)
                if after > most_moved:
                    continue
                gain = value[i, other] - value[i, one] + value[j, one] - value[j, other]
                gain -= penalty * change(loads, low, high, carried, one, other, i, j)
                if gain > best:
                    best, best_other, best_takes = gain, other, j
            if best_other >= 0:
                hand(csm, count, carried, loads, i, best_other)
                if best_takes >= 0:
                    moved -= 1 if best_other != owner[best_takes] else 0
                    moved += 1 if one != owner[best_takes] else 0
                    hand(csm, count, carried, loads, best_takes, one)
                moved += (1 if best_other != owner[i] else 0) - away
                improved = True
            elif capped_other >= 0:
                hand(csm, count, carried, loads, i, capped_other)
                best, back = LEAST - capped, -1
                for j in range(n_accounts):
                    other = csm[j]
                    if other == owner[j] or j == i or count[other] == 1:
                        continue
                    gain = value[j, owner[j]] - value[j, other]
                    gain -= penalty * change(loads, low, high, carried, other, owner[j], j, -1)
                    if gain > best:
                        best, back = gain, j
                if back >= 0:
                    hand(csm, count, carried, loads, back, owner[back])
                    improved = True
                else:
                    hand(csm, count, carried, loads, i, one)
        if not improved:
            return
