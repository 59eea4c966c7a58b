"""The effort a CSM chooses, knowing attainment to date and what is still due in the period.

First-order condition of  max  beta E[pay | e] / s_ref - (n kappa / 2) e' G e  over 0 <= e <= e_max, for each task k:

    sum_l G_kl e_l = beta theta_k(e),     theta_k = marginal expected pay of task k / the same under the reference plan

G has ones on its diagonal and g off it, divided by 1 + g so that e = 1 on both tasks of the reference plan. Output and
cost both scale with n kappa, so neither appears; kappa enters through the forecast, which effort itself moves.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.engine.jit import compiled

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]

SWEEPS = 3
"""Gauss-Seidel sweeps over the tasks. A task's own falling incentive is taken implicitly, which cannot oscillate."""
WORK_ROWS = 9 + 2 * 4
BEFORE, WORTH_BEFORE = 9, 13
"""Rows of ``work``, one a task: the effort of the sweep before the last, and what it was worth at the margin."""

# Rows are passed as (array, index), not as slices: a slice in a hot loop costs two atomic counts.


@compiled
def look_up(
    tables: Floats32,
    row: int,
    low: Floats,
    per_step: Floats,
    attainment: Floats,
    out: Floats,
    out_row: int,
    bend: Floats,
    bend_row: int,
) -> None:
    """Write table ``row`` at each lane's attainment to a row of ``out``, and its slope to a row of ``bend``.

    tables: (n_rows, GRID); attainment: (n_rows, n_lanes). Constant beyond a table's ends, where its slope is 0.
    """
    last = tables.shape[1] - 1.0 - 1e-9
    for lane in range(attainment.shape[1]):
        place = (attainment[row, lane] - low[row]) * per_step[row]
        inside = place if place > 0.0 else 0.0
        inside = inside if inside < last else last
        cell = np.uint32(np.int32(inside))
        left = tables[row, cell]
        rise = tables[row, cell + np.uint32(1)] - left
        out[out_row, lane] = left + (inside - cell) * rise
        bend[bend_row, lane] = rise * per_step[row] if inside == place else 0.0


@compiled
def _settle(
    k: int,
    work: Floats,
    scale: float,
    overlap: float,
    effort_max: float,
    productivity: Floats,
    response: Floats,
    effort: Floats,
) -> None:
    """The task's own condition, with the fall of its incentive taken at the new effort.

    Beyond the peak of a cliff no fall is left to see, and the step would jump across it, back and forth: if the last
    two efforts lie on two sides of the answer, a step past the older one goes halfway to it instead.
    """
    for lane in range(response.shape[0]):
        step = response[lane] * productivity[k, lane]
        fall = scale * step * work[1, lane]
        fall = fall if fall > 0.0 else 0.0
        before = effort[k, lane]
        others = effort[0, lane] + effort[1, lane] + effort[2, lane] + effort[3, lane] - before
        marginal = scale * work[0, lane] - overlap * others
        chosen = (marginal + fall * before) / (1.0 + fall)
        older = work[BEFORE + k, lane]
        older_marginal = work[WORTH_BEFORE + k, lane] - overlap * others
        opposite = (marginal - before) * (older_marginal - older) < 0.0
        past = (chosen - older) * (older - before) > 0.0
        chosen = 0.5 * (before + older) if opposite and past else chosen
        work[BEFORE + k, lane] = before
        work[WORTH_BEFORE + k, lane] = scale * work[0, lane]
        chosen = chosen if chosen > 0.0 else 0.0
        chosen = chosen if chosen < effort_max else effort_max
        chosen = chosen if productivity[k, lane] > 0.0 else 0.0
        work[2, lane] = (chosen - before) * step
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
    value: Floats32,
    slope: Floats32,
    overlap: float,
    present_bias: float,
    effort_max: float,
    effort: Floats,
    work: Floats,
) -> None:
    """Write the effort of each lane to ``effort`` (n_tasks, n_lanes), and move ``forecast`` to what it then expects.

    forecast: (n_rows, n_lanes), attainment expected at the period's end with the anchor's effort. Changed in place.
    gain: (n_rows, n_tasks), attainment gained per unit of productive effort held to the period's end.
    productivity: (n_tasks, n_lanes), productive effort per unit of effort (skill x ramp); 0 while vacant.
    response: (n_lanes,), multiplier of the response to pay in this trial.
    anchor: (n_tasks,), mean productive effort under the plan in force.
    pull: (n_components, n_tasks), theta per unit of a component's marginal payout.
    gate_row: (n_components,), row of the gate's forecast, or -1; gate_pull like ``pull`` for the gate's measure.
    low, per_step (n_rows,), value, slope (n_rows, GRID): the incentive tables of this CSM and month.
    work: (WORK_ROWS, n_lanes), scratch.
    """
    n_rows, n_lanes = forecast.shape
    n_components, n_tasks = pull.shape
    theta, falling, moved = 0, 1, 2
    marginal, bend, payout, passes, density, unused = 3, 4, 5, 6, 7, 8
    for k in range(n_tasks):
        paid = False
        for i in range(n_components):
            paid |= pull[i, k] != 0.0 or gate_pull[i, k] != 0.0
        for lane in range(n_lanes):
            # Start from the reference effort: from 0, a cliff within reach would never be seen.
            effort[k, lane] = 1.0 if paid and productivity[k, lane] > 0.0 else 0.0
            work[BEFORE + k, lane] = effort[k, lane]  # nothing older yet
            work[WORTH_BEFORE + k, lane] = 0.0
        for r in range(n_rows):
            if gain[r, k] != 0.0:
                for lane in range(n_lanes):
                    shift = effort[k, lane] * productivity[k, lane] - anchor[k]
                    forecast[r, lane] += gain[r, k] * shift * response[lane]
    for _ in range(SWEEPS):
        for k in range(n_tasks):
            for lane in range(n_lanes):
                work[theta, lane] = 0.0
                work[falling, lane] = 0.0
            paid = False
            for i in range(n_components):
                if pull[i, k] == 0.0 and gate_pull[i, k] == 0.0:
                    continue
                paid = True
                look_up(slope, i, low, per_step, forecast, work, marginal, work, bend)
                reach = gain[i, k]
                g = gate_row[i]
                if g < 0:
                    for lane in range(n_lanes):
                        work[theta, lane] += pull[i, k] * work[marginal, lane]
                        work[falling, lane] -= pull[i, k] * reach * work[bend, lane]
                    continue
                look_up(value, i, low, per_step, forecast, work, payout, work, unused)
                look_up(value, g, low, per_step, forecast, work, passes, work, unused)
                look_up(slope, g, low, per_step, forecast, work, density, work, unused)
                for lane in range(n_lanes):
                    gated = pull[i, k] * work[passes, lane]
                    opening = gate_pull[i, k] * work[payout, lane] * work[density, lane]
                    work[theta, lane] += gated * work[marginal, lane] + opening
                    work[falling, lane] -= gated * reach * work[bend, lane]
            if not paid:
                continue
            scale = (1.0 + overlap) * present_bias  # G is divided by 1 + overlap
            _settle(k, work, scale, overlap, effort_max, productivity, response, effort)
            for r in range(n_rows):
                if gain[r, k] != 0.0:
                    for lane in range(n_lanes):
                        forecast[r, lane] += gain[r, k] * work[moved, lane]
