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
from sim.engine.jit import compiled
from sim.engine.philox import LANES

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]

SWEEPS = 4
"""Gauss-Seidel sweeps over the tasks. A task's own falling incentive is taken implicitly, which cannot oscillate."""
NEARLY = 1.0 - 1e-6
"""A step that comes this close to the older effort counts as past it: back and forth between two is exactly that."""

# Rows are passed as (array, index), not as slices: a slice in a hot loop costs two atomic counts.


class Scratch(NamedTuple):
    """What the solver works with. R = n_rows, K = n_tasks.

    value, slope, bend: (R, LANES), the tables at the forecast, and the slope of the slope. stale: (R,), to be read.
    theta, falling: (LANES,), worth of a task's effort at the margin, and how it falls with more of it.
    total, moved: (LANES,), effort of all tasks; the last change of a task's productive effort times the response.
    older, older_theta: (K, LANES), effort of the sweep before the last, and what it was worth at the margin.
    """

    value: Floats
    slope: Floats
    bend: Floats
    stale: NDArray[np.bool_]
    theta: Floats
    falling: Floats
    total: Floats
    moved: Floats
    older: Floats
    older_theta: Floats


@compiled
def new_scratch(n_rows: int) -> Scratch:
    return Scratch(
        np.empty((n_rows, LANES)),
        np.empty((n_rows, LANES)),
        np.empty((n_rows, LANES)),
        np.empty(n_rows, dtype=np.bool_),
        np.empty(LANES),
        np.empty(LANES),
        np.empty(LANES),
        np.empty(LANES),
        np.empty((N_TASKS, LANES)),
        np.empty((N_TASKS, LANES)),
    )


@compiled
def look_up(
    tables: Floats32, row: int, low: Floats, per_step: Floats, attainment: Floats, out: Floats, bend: Floats
) -> None:
    """Write table ``row`` at each lane's attainment to that row of ``out``, and its slope to that row of ``bend``.

    tables: (n_rows, GRID); attainment: (n_rows, LANES). Constant beyond a table's ends, where its slope is 0.
    """
    last = tables.shape[1] - 1.0 - 1e-9
    start, steps = low[row], per_step[row]
    for lane in range(LANES):
        place = (attainment[row, lane] - start) * steps
        inside = place if place > 0.0 else 0.0
        inside = inside if inside < last else last
        cell = np.uint32(np.int32(inside))
        left = tables[row, cell]
        rise = tables[row, cell + np.uint32(1)] - left
        out[row, lane] = left + (inside - cell) * rise
        bend[row, lane] = rise * steps if inside == place else 0.0


@compiled
def look_up_both(
    value_table: Floats32,
    slope_table: Floats32,
    row: int,
    low: Floats,
    per_step: Floats,
    attainment: Floats,
    value: Floats,
    slope: Floats,
    bend: Floats,
) -> None:
    """As ``look_up`` for both tables of a row at once; ``bend`` is the slope of the slope."""
    last = slope_table.shape[1] - 1.0 - 1e-9
    start, steps = low[row], per_step[row]
    for lane in range(LANES):
        place = (attainment[row, lane] - start) * steps
        inside = place if place > 0.0 else 0.0
        inside = inside if inside < last else last
        cell = np.uint32(np.int32(inside))
        part = inside - cell
        left = value_table[row, cell]
        value[row, lane] = left + part * (value_table[row, cell + np.uint32(1)] - left)
        left = slope_table[row, cell]
        rise = slope_table[row, cell + np.uint32(1)] - left
        slope[row, lane] = left + part * rise
        bend[row, lane] = rise * steps if inside == place else 0.0


@compiled
def _settle(
    k: int,
    scale: float,
    overlap: float,
    effort_max: float,
    productivity: Floats,
    response: Floats,
    theta: Floats,
    falling: Floats,
    total: Floats,
    moved: Floats,
    older: Floats,
    older_theta: Floats,
    effort: Floats,
) -> None:
    """The task's own condition, with the fall of its incentive taken at the new effort.

    Beyond the peak of a cliff no fall is left to see, and the step would jump across it, back and forth: if the last
    two efforts lie on two sides of the answer, a step to the older one or past it goes halfway to it instead.
    """
    for lane in range(LANES):
        step = response[lane] * productivity[k, lane]
        fall = scale * step * falling[lane]
        fall = fall if fall > 0.0 else 0.0
        before = effort[k, lane]
        others = total[lane] - before
        worth = scale * theta[lane]
        marginal = worth - overlap * others
        chosen = (marginal + fall * before) / (1.0 + fall)
        past_effort = older[k, lane]
        opposite = (marginal - before) * (older_theta[k, lane] - overlap * others - past_effort) < 0.0
        back = past_effort - before
        past = (chosen - before) * back > NEARLY * back * back
        chosen = 0.5 * (before + past_effort) if opposite and past else chosen
        chosen = chosen if chosen > 0.0 else 0.0
        chosen = chosen if chosen < effort_max else effort_max
        chosen = chosen if productivity[k, lane] > 0.0 else 0.0
        older[k, lane] = before
        older_theta[k, lane] = worth
        moved[lane] = (chosen - before) * step
        total[lane] = others + chosen
        effort[k, lane] = chosen


@compiled
def choose_effort(
    forecast: Floats,
    gain: Floats,
    productivity: Floats,
    response: Floats,
    anchor: Floats,
    pull: Floats,
    gate_row: NDArray[np.int64],
    gate_pull: Floats,
    low: Floats,
    per_step: Floats,
    value_table: Floats32,
    slope_table: Floats32,
    overlap: float,
    present_bias: float,
    effort_max: float,
    effort: Floats,
    s: Scratch,
) -> None:
    """Write the effort of each lane to ``effort`` (n_tasks, LANES), and move ``forecast`` to what it then expects.

    forecast: (n_rows, LANES), attainment expected at the period's end with the anchor's effort. Changed in place.
    gain: (n_rows, n_tasks), attainment gained per unit of productive effort held to the period's end.
    productivity: (n_tasks, LANES), productive effort per unit of effort (skill x ramp); 0 while vacant.
    response: (LANES,), multiplier of the response to pay in this trial.
    anchor: (n_tasks,), mean productive effort under the plan in force.
    pull: (n_components, n_tasks), theta per unit of a component's marginal payout.
    gate_row: (n_components,), row of the gate's forecast, or -1; gate_pull like ``pull`` for the gate's measure.
    low, per_step (n_rows,), value_table, slope_table (n_rows, GRID): the incentive tables of this CSM and month.
    """
    n_rows = len(forecast)
    n_components = len(pull)
    scale = (1.0 + overlap) * present_bias  # G is divided by 1 + overlap
    value, slope, bend, stale, theta, falling, total, moved, older, older_theta = s
    total[:] = 0.0
    for k in range(N_TASKS):
        paid = False
        for i in range(n_components):
            paid |= pull[i, k] != 0.0 or gate_pull[i, k] != 0.0
        start = 1.0 if paid else 0.0
        for lane in range(LANES):
            # Start from the reference effort: from 0, a cliff within reach would never be seen.
            chosen = start if productivity[k, lane] > 0.0 else 0.0
            effort[k, lane] = chosen
            total[lane] += chosen
            older[k, lane] = chosen  # nothing older yet
            older_theta[k, lane] = 0.0
        for r in range(n_rows):
            if gain[r, k] != 0.0:
                for lane in range(LANES):
                    shift = effort[k, lane] * productivity[k, lane] - anchor[k]
                    forecast[r, lane] += gain[r, k] * shift * response[lane]
    stale[:] = True
    for _ in range(SWEEPS):
        for k in range(N_TASKS):
            paid = False
            for lane in range(LANES):
                theta[lane] = 0.0
                falling[lane] = 0.0
            for i in range(n_components):
                own, opens = pull[i, k], gate_pull[i, k]
                if own == 0.0 and opens == 0.0:
                    continue
                paid = True
                curving = own * gain[i, k]
                g = gate_row[i]
                if stale[i]:
                    if g >= 0:
                        look_up_both(value_table, slope_table, i, low, per_step, forecast, value, slope, bend)
                    else:
                        look_up(slope_table, i, low, per_step, forecast, slope, bend)
                    stale[i] = False
                if g < 0:
                    for lane in range(LANES):
                        theta[lane] += own * slope[i, lane]
                        falling[lane] -= curving * bend[i, lane]
                    continue
                if stale[g]:
                    look_up_both(value_table, slope_table, g, low, per_step, forecast, value, slope, bend)
                    stale[g] = False
                for lane in range(LANES):
                    passes = value[g, lane]
                    theta[lane] += own * passes * slope[i, lane] + opens * value[i, lane] * slope[g, lane]
                    falling[lane] -= curving * passes * bend[i, lane]
            if not paid:
                continue
            _settle(
                k,
                scale,
                overlap,
                effort_max,
                productivity,
                response,
                theta,
                falling,
                total,
                moved,
                older,
                older_theta,
                effort,
            )
            for r in range(n_rows):
                if gain[r, k] != 0.0:
                    stale[r] = True
                    for lane in range(LANES):
                        forecast[r, lane] += gain[r, k] * moved[lane]
