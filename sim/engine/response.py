"""The effort a CSM chooses, knowing attainment to date and what is still due in the period.

First-order condition of  max  beta E[pay | e] / s_ref - (n kappa / 2) e' G e  over 0 <= e <= e_max, for each task k:

    sum_l G_kl e_l = beta theta_k(e),     theta_k = marginal expected pay of task k / the same under the reference plan

G has ones on its diagonal and g off it, divided by 1 + g so that e = 1 on both tasks of the reference plan. Output and
cost both scale with n kappa, so neither appears; kappa enters through the forecast, which effort itself moves.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]

SWEEPS = 4
"""Gauss-Seidel sweeps over the tasks. A task's own falling incentive is taken implicitly, which cannot oscillate."""
WORK_ROWS = 9


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def look_up(
    table: Floats32, low: float, per_step: float, attainment: Floats, out: Floats, bend: Floats
) -> None:
    """Write a table (GRID,) at each lane's attainment to ``out``, and its slope to ``bend``; (n_lanes,) each.

    Constant beyond the ends, where the slope is 0. No branches: the loop vectorises with gathers.
    """
    last = float(table.shape[0] - 1)
    for lane in range(attainment.shape[0]):
        place = (attainment[lane] - low) * per_step
        inside = min(max(place, 0.0), last - 1e-9)
        cell = np.uint64(np.int64(inside))
        left = table[cell]
        rise = table[cell + np.uint64(1)] - left
        out[lane] = left + (inside - np.int64(inside)) * rise
        bend[lane] = rise * per_step if inside == place else 0.0


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _add_scaled(scale: float, values: Floats, response: Floats, total: Floats) -> None:
    for lane in range(total.shape[0]):
        total[lane] += scale * values[lane] * response[lane]


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _add_incentive(
    pull: float,
    reach: float,
    marginal: Floats,
    bend: Floats,
    gate: Floats,
    productivity: Floats,
    response: Floats,
    theta: Floats,
    falling: Floats,
) -> None:
    for lane in range(theta.shape[0]):
        theta[lane] += pull * marginal[lane] * gate[lane]
        falling[lane] -= pull * reach * bend[lane] * gate[lane] * response[lane] * productivity[lane]


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _settle(
    theta: Floats,
    falling: Floats,
    others: Floats,
    productivity: Floats,
    overlap: float,
    present_bias: float,
    effort_max: float,
    effort: Floats,
    moved: Floats,
) -> None:
    """The task's own condition, with the fall of its incentive taken at the new effort: it cannot overshoot."""
    scale = (1.0 + overlap) * present_bias  # G is divided by 1 + overlap
    for lane in range(effort.shape[0]):
        fall = max(falling[lane], 0.0) * scale
        wanted = (scale * theta[lane] + fall * effort[lane] - overlap * others[lane]) / (1.0 + fall)
        chosen = min(max(wanted, 0.0), effort_max)
        chosen = chosen if productivity[lane] > 0.0 else 0.0
        moved[lane] = (chosen - effort[lane]) * productivity[lane]
        effort[lane] = chosen


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
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
    marginal, bend, gate, other, theta = work[0], work[1], work[2], work[3], work[4]
    falling, others, moved, unused = work[5], work[6], work[7], work[8]
    for k in range(n_tasks):
        paid = False
        for i in range(n_components):
            paid |= pull[i, k] != 0.0 or gate_pull[i, k] != 0.0
        for lane in range(n_lanes):
            # Start from the reference effort: from 0, a cliff within reach would never be seen.
            effort[k, lane] = 1.0 if paid and productivity[k, lane] > 0.0 else 0.0
            moved[lane] = effort[k, lane] * productivity[k, lane] - anchor[k]
        for r in range(n_rows):
            if gain[r, k] != 0.0:
                _add_scaled(gain[r, k], moved, response, forecast[r])
    for _ in range(SWEEPS):
        for k in range(n_tasks):
            theta[:] = 0.0
            falling[:] = 0.0
            paid = False
            for i in range(n_components):
                if pull[i, k] == 0.0 and gate_pull[i, k] == 0.0:
                    continue
                paid = True
                look_up(slope[i], low[i], per_step[i], forecast[i], marginal, bend)
                g = gate_row[i]
                if g >= 0:
                    look_up(value[g], low[g], per_step[g], forecast[g], gate, unused)
                    look_up(value[i], low[i], per_step[i], forecast[i], other, unused)
                    look_up(slope[g], low[g], per_step[g], forecast[g], others, unused)
                    for lane in range(n_lanes):
                        theta[lane] += gate_pull[i, k] * other[lane] * others[lane]
                else:
                    gate[:] = 1.0
                _add_incentive(
                    pull[i, k], gain[i, k], marginal, bend, gate, productivity[k], response, theta, falling
                )
            if not paid:
                continue
            others[:] = 0.0
            for other_task in range(n_tasks):
                if other_task != k:
                    for lane in range(n_lanes):
                        others[lane] += effort[other_task, lane]
            _settle(
                theta, falling, others, productivity[k], overlap, present_bias, effort_max, effort[k], moved
            )
            for r in range(n_rows):
                if gain[r, k] != 0.0:
                    _add_scaled(gain[r, k], moved, response, forecast[r])
