"""One CSM without a book: the engine's choice of effort on payout curves and forecasts that a test states itself.

Effort e held to the period's end moves the forecast attainment of component i by ``gain[i] @ e``. The choice should
maximise, with G = 1 on the diagonal and ``overlap`` off it, divided by 1 + overlap,

    U(e) = bias * sum_i worth[i] E[f_i(forecast[i] + gain[i] @ e)] - cost / 2 e' G e          (model, section 4)

f_i: payout curve. worth: target pay of a component over the reference slope. cost: months left x kappa.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.engine.forecast import N_TASKS
from sim.engine.incentive import Incentive, Knots, incentive_tables
from sim.engine.philox import LANES
from sim.engine.response import choose_effort, new_scratch
from sim.plan.curve import PayCurve, expected

Floats = NDArray[np.float64]


def bent(*segments: tuple[float, float], lump: float = 0.0) -> PayCurve:
    """A payout curve from (start, slope) of each straight piece; ``lump`` is paid at the first start."""
    starts, slopes = np.array(segments, dtype=np.float64).T
    lumps = np.zeros(len(segments))
    lumps[0] = lump
    return PayCurve(starts.copy(), np.diff(slopes, prepend=0.0), lumps)


def line(slope: float) -> PayCurve:
    """Pays ``slope`` for each unit of attainment, whatever the attainment."""
    return bent((-50.0, slope))


def tables(curves: Sequence[PayCurve], sd: ArrayLike, risk_aversion: float = 0.0) -> Incentive:
    """Incentive tables of one CSM and month; sd (n_components,)."""
    shape = (len(curves), max(len(curve.knots) for curve in curves))
    at, slope_change, lump = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for i, curve in enumerate(curves):
        n = len(curve.knots)
        at[i, :n], slope_change[i, :n], lump[i, :n] = curve.knots, curve.slope_changes, curve.lumps
    knots = Knots(at, slope_change, lump, np.array([len(curve.knots) for curve in curves]))
    spread = np.asarray(sd, dtype=np.float64)[None, None, :]
    return incentive_tables(knots, spread, np.full(len(curves), risk_aversion))


def overlap_matrix(n_tasks: int, overlap: float) -> Floats:
    """G: (n_tasks, n_tasks)."""
    return np.asarray((np.full((n_tasks, n_tasks), overlap) + (1.0 - overlap) * np.eye(n_tasks)) / (1.0 + overlap))


def chosen(
    curves: Sequence[PayCurve],
    forecast: ArrayLike,
    sd: ArrayLike,
    gain: ArrayLike,
    worth: ArrayLike,
    cost: float,
    *,
    overlap: float = 0.0,
    bias: float = 1.0,
    most: float = 3.0,
    skill: float = 1.0,
    risk_aversion: float = 0.0,
) -> Floats:
    """Effort that the engine chooses: (n_tasks, n_lanes).

    forecast: (n_components, n_lanes), attainment expected without effort. gain: (n_components, n_tasks), of an average
    CSM. sd, worth: (n_components,). skill multiplies the gain and not the worth: the reference plan, with which all pay
    is compared, pays the skilled more as well.
    """
    at = np.atleast_2d(np.asarray(forecast, dtype=np.float64))
    n_components, n_lanes = at.shape
    n_tasks = np.shape(gain)[1]
    reach = np.zeros((n_components, N_TASKS))  # the engine's tasks; those beyond the test's own are not paid
    reach[:, :n_tasks] = gain
    pull = np.asarray(worth, dtype=np.float64)[:, None] * reach / cost
    table = tables(curves, sd, risk_aversion)
    effort = np.empty((N_TASKS, n_lanes + -n_lanes % LANES))
    for start in range(0, n_lanes, LANES):
        block = np.resize(at[:, start : start + LANES].T, (LANES, n_components)).T.copy()
        found = np.empty((N_TASKS, LANES))
        choose_effort(
            0,
            0,
            block,
            reach[None, None],
            np.full((N_TASKS, LANES), skill),
            np.ones(LANES),
            np.zeros((1, 1, N_TASKS)),
            pull[None, None],
            np.full(n_components, -1),
            np.zeros((1, 1, n_components, N_TASKS)),
            table,
            overlap,
            bias,
            most,
            found,
            new_scratch(n_components),
        )
        effort[:, start : start + LANES] = found
    return effort[:n_tasks, :n_lanes]


def utility(
    curves: Sequence[PayCurve],
    forecast: ArrayLike,
    sd: ArrayLike,
    gain: ArrayLike,
    worth: ArrayLike,
    cost: float,
    effort: Floats,
    *,
    overlap: float = 0.0,
    bias: float = 1.0,
) -> Floats:
    """U of efforts (..., n_tasks) at one forecast (n_components,), from the closed forms: (...)."""
    at = np.asarray(forecast) + effort @ np.asarray(gain, dtype=np.float64).T
    pay = np.zeros(at.shape[:-1])
    for i, (curve, s, w) in enumerate(zip(curves, np.asarray(sd), np.asarray(worth), strict=True)):
        pay += w * expected(curve, at[..., i], s)
    g = overlap_matrix(effort.shape[-1], overlap)
    return np.asarray(bias * pay - 0.5 * cost * np.einsum("...k,kl,...l->...", effort, g, effort))
