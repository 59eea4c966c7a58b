"""The effort a CSM chooses, knowing attainment to date and what is still due in the period.

First-order condition of  max  beta E[pay | e] / s_ref - (n kappa / 2) e' G e  over 0 <= e <= e_max, for each task k:

    sum_l G_kl e_l = beta theta_k(e),     theta_k = marginal expected pay of task k / the same under the reference plan

G has ones on its diagonal and g off it, divided by 1 + g so that e = 1 on both tasks of the reference plan. Output and
cost both scale with n kappa, so neither appears; kappa enters through the forecast, which effort itself moves.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.forecast import N_TASKS
from sim.engine.incentive import GRID, Incentive
from sim.engine.jit import compiled, lean
from sim.engine.philox import LANES

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]

SWEEPS = 4
"""Gauss-Seidel sweeps over the tasks. A task's own falling incentive is taken implicitly, which cannot oscillate."""
NEARLY = 1.0 - 1e-6
"""A step that comes this close to the older effort counts as past it: back and forth between two is exactly that."""

# Rows of Scratch.
VALUE, SLOPE, BEND, PART, PER_STEP = range(5)
THETA, FALLING, TOTAL, MOVED = range(4)
EFFORT, WORTH = range(2)

LAST = GRID - 1.0 - 1e-9


class Scratch(NamedTuple):
    """What the solver works with. R = n_rows, K = n_tasks.

    read: (R, 5, LANES), the tables at the forecast: VALUE, SLOPE, slope of the slope (BEND); and where that is: PART of
        the cell gone, points per unit of attainment (PER_STEP; 0 beyond the table's ends).
    cell: (R, LANES), the cell's number.
    stale: (R, 2), VALUE and SLOPE are to be read again.
    work: (4, LANES), worth of a task's effort at the margin (THETA), and how it falls with more of it (FALLING); effort
        of all tasks (TOTAL); the last change of a task's productive effort times the response (MOVED).
    older: (2, K, LANES), EFFORT of the sweep before the last, and what it was WORTH at the margin.
    """

    read: Floats
    cell: NDArray[np.uint32]
    stale: NDArray[np.bool_]
    work: Floats
    older: Floats


@compiled
def new_scratch(n_rows: int) -> Scratch:
    return Scratch(
        np.empty((n_rows, 5, LANES)),
        np.empty((n_rows, LANES), dtype=np.uint32),
        np.empty((n_rows, 2), dtype=np.bool_),
        np.empty((4, LANES)),
        np.empty((2, N_TASKS, LANES)),
    )


# A loop that found its cells and read them at once would be done lane by lane, the arithmetic as well: hence two.


@lean
def locate(row: int, low: float, steps: float, attainment: Floats, read: Floats, cell: NDArray[np.uint32]) -> None:
    """Write where each lane's attainment lies in table ``row``, which starts at ``low``."""
    for lane in range(LANES):
        place = (attainment[row, lane] - low) * steps
        inside = place if place > 0.0 else 0.0
        inside = inside if inside < LAST else LAST
        whole = np.int32(inside)
        cell[row, lane] = np.uint32(whole)
        read[row, PART, lane] = inside - whole
        read[row, PER_STEP, lane] = steps if inside == place else 0.0


@lean
def read_value(table: Floats32, c: int, t: int, row: int, cell: NDArray[np.uint32], read: Floats) -> None:
    """Write table (c, t, row) at each lane's place; constant beyond its ends."""
    for lane in range(LANES):
        at = cell[row, lane]
        left = table[c, t, row, at]
        read[row, VALUE, lane] = left + read[row, PART, lane] * (table[c, t, row, at + np.uint32(1)] - left)


@lean
def read_slope(table: Floats32, c: int, t: int, row: int, cell: NDArray[np.uint32], read: Floats) -> None:
    """As ``read_value``, with the table's own slope: 0 beyond its ends."""
    for lane in range(LANES):
        at = cell[row, lane]
        left = table[c, t, row, at]
        rise = table[c, t, row, at + np.uint32(1)] - left
        read[row, SLOPE, lane] = left + read[row, PART, lane] * rise
        read[row, BEND, lane] = rise * read[row, PER_STEP, lane]


@lean
def look_up(
    what: int,
    tables: Incentive,
    c: int,
    t: int,
    row: int,
    attainment: Floats,
    read: Floats,
    cell: NDArray[np.uint32],
    stale: NDArray[np.bool_],
) -> None:
    """Read the VALUE or the SLOPE of a row unless it is fresh. attainment: (n_rows, LANES)."""
    if stale[row, what]:
        if stale[row, 1 - what]:
            locate(row, tables.low[c, t, row], tables.per_step[c, t, row], attainment, read, cell)
        if what == VALUE:
            read_value(tables.value, c, t, row, cell, read)
        else:
            read_slope(tables.slope, c, t, row, cell, read)
        stale[row, what] = False


@lean
def _settle(
    k: int,
    scale: float,
    overlap: float,
    effort_max: float,
    productivity: Floats,
    response: Floats,
    work: Floats,
    older: Floats,
    effort: Floats,
) -> None:
    """The task's own condition, with the fall of its incentive taken at the new effort.

    Beyond the peak of a cliff no fall is left to see, and the step would jump across it, back and forth: if the last
    two efforts lie on two sides of the answer, a step to the older one or past it goes halfway to it instead.
    """
    for lane in range(LANES):
        step = response[lane] * productivity[k, lane]
        fall = scale * step * work[FALLING, lane]
        fall = fall if fall > 0.0 else 0.0
        before = effort[k, lane]
        others = work[TOTAL, lane] - before
        worth = scale * work[THETA, lane]
        marginal = worth - overlap * others
        chosen = (marginal + fall * before) / (1.0 + fall)
        past_effort = older[EFFORT, k, lane]
        opposite = (marginal - before) * (older[WORTH, k, lane] - overlap * others - past_effort) < 0.0
        back = past_effort - before
        past = (chosen - before) * back > NEARLY * back * back
        chosen = 0.5 * (before + past_effort) if opposite and past else chosen
        chosen = chosen if chosen > 0.0 else 0.0
        chosen = chosen if chosen < effort_max else effort_max
        chosen = chosen if productivity[k, lane] > 0.0 else 0.0
        older[EFFORT, k, lane] = before
        older[WORTH, k, lane] = worth
        work[MOVED, lane] = (chosen - before) * step
        work[TOTAL, lane] = others + chosen
        effort[k, lane] = chosen


@lean
def choose_effort(
    c: int,
    t: int,
    forecast: Floats,
    gain: Floats,
    productivity: Floats,
    response: Floats,
    anchor: Floats,
    pull: Floats,
    gate_row: NDArray[np.int64],
    gate_pull: Floats,
    tables: Incentive,
    overlap: float,
    present_bias: float,
    effort_max: float,
    effort: Floats,
    s: Scratch,
) -> None:
    """Write the effort of CSM ``c`` in month ``t`` to ``effort`` (n_tasks, LANES), and move ``forecast`` to what she
    then expects.

    forecast: (n_rows, LANES), attainment expected at the period's end with the anchor's effort. Changed in place.
    productivity: (n_tasks, LANES), productive effort per unit of effort (skill x ramp); 0 while vacant.
    response: (LANES,), multiplier of the response to pay in this trial.
    The others are of all CSMs and months, (C, H, ...):
    gain: (n_rows, n_tasks), attainment gained per unit of productive effort held to the period's end.
    anchor: (n_tasks or more,), mean productive effort under the plan in force.
    pull: (n_components, n_tasks), theta per unit of a component's marginal payout.
    gate_pull: like ``pull``, for the measure of the component's gate.
    But gate_row is (n_components,), the same for all: row of the gate's forecast, or -1.
    """
    n_rows = len(forecast)
    n_components = len(gate_row)
    scale = (1.0 + overlap) * present_bias  # G is divided by 1 + overlap
    read, cell, stale, work, older = s
    for lane in range(LANES):
        work[TOTAL, lane] = 0.0
    for k in range(N_TASKS):
        paid = False
        for i in range(n_components):
            paid |= pull[c, t, i, k] != 0.0 or gate_pull[c, t, i, k] != 0.0
        start = 1.0 if paid else 0.0
        for lane in range(LANES):
            # Start from the reference effort: from 0, a cliff within reach would never be seen.
            chosen = start if productivity[k, lane] > 0.0 else 0.0
            effort[k, lane] = chosen
            work[TOTAL, lane] += chosen
            older[EFFORT, k, lane] = chosen  # nothing older yet
            older[WORTH, k, lane] = 0.0
        usual = anchor[c, t, k]
        for r in range(n_rows):
            gained = gain[c, t, r, k]
            if gained != 0.0:
                for lane in range(LANES):
                    shift = effort[k, lane] * productivity[k, lane] - usual
                    forecast[r, lane] += gained * shift * response[lane]
    for r in range(n_rows):
        stale[r, VALUE] = stale[r, SLOPE] = True
    for _ in range(SWEEPS):
        for k in range(N_TASKS):
            paid = False
            for lane in range(LANES):
                work[THETA, lane] = 0.0
                work[FALLING, lane] = 0.0
            for i in range(n_components):
                own, opens, g = pull[c, t, i, k], gate_pull[c, t, i, k], gate_row[i]
                if own == 0.0 and opens == 0.0:
                    continue
                paid = True
                curving = own * gain[c, t, i, k]
                look_up(SLOPE, tables, c, t, i, forecast, read, cell, stale)
                if g < 0:
                    for lane in range(LANES):
                        work[THETA, lane] += own * read[i, SLOPE, lane]
                        work[FALLING, lane] -= curving * read[i, BEND, lane]
                    continue
                look_up(VALUE, tables, c, t, g, forecast, read, cell, stale)
                for lane in range(LANES):
                    work[FALLING, lane] -= curving * read[g, VALUE, lane] * read[i, BEND, lane]
                if opens == 0.0:
                    for lane in range(LANES):
                        work[THETA, lane] += own * read[g, VALUE, lane] * read[i, SLOPE, lane]
                    continue
                look_up(VALUE, tables, c, t, i, forecast, read, cell, stale)
                look_up(SLOPE, tables, c, t, g, forecast, read, cell, stale)
                for lane in range(LANES):
                    passing = own * read[g, VALUE, lane] * read[i, SLOPE, lane]
                    work[THETA, lane] += passing + opens * read[i, VALUE, lane] * read[g, SLOPE, lane]
            if not paid:
                continue
            _settle(k, scale, overlap, effort_max, productivity, response, work, older, effort)
            for r in range(n_rows):
                gained = gain[c, t, r, k]
                if gained != 0.0:
                    stale[r, VALUE] = stale[r, SLOPE] = True
                    for lane in range(LANES):
                        forecast[r, lane] += gained * work[MOVED, lane]
