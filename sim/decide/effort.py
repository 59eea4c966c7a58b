"""The picture of effort: through the year, against what the plan in force buys."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.decide.picture import CANDIDATE, CURRENT
from sim.engine.forecast import TASKS
from sim.engine.outcome import Outcome
from sim.words import percent
from sim.world.parameters import World

Floats = NDArray[np.float64]

HARDLY_ANY = 0.05
"""Effort, 1 = what the reference plan buys, below which a change in percent says nothing."""
MOVES = 0.005
"""Effort below which a difference is not worth a word."""
_ROOM = 0.11
"""Between two labels, as a share of the axis: a line of text in the chart's height."""


def effort_matters(world: World) -> bool:
    """Whether effort changes anything that customers do or KPIs measure."""
    return max(world.kappa_expansion, world.churn_cut, world.kappa_kpi, world.training_effect) > 0.0


def _by_task(outcome: Outcome) -> Floats:
    """Mean effort that reaches the customers, over CSMs: (n_months, n_tasks)."""
    mean: Floats = outcome.effort.mean(axis=0)
    return mean


def effort_changes(candidate: Outcome, current: Outcome) -> pd.DataFrame:
    """Effort by month and task as a fraction above or below the plan in force, and names beside the lines' ends.

    Columns: month, change (0.36 = 36 % more), line (task, or the plan in force, whose line is 0), plan, label_at (the
    height of the line's name, in the last month only; NaN before). Tasks on which the plan in force buys hardly any
    effort are out.
    """
    then, now = _by_task(candidate), _by_task(current)
    shown = [k for k in range(len(TASKS)) if now[:, k].min() >= HARDLY_ANY]
    if not shown:
        return pd.DataFrame(columns=["month", "change", "line", "label_at", "plan"])
    change = np.column_stack([np.zeros(len(now)), *(then[:, k] / now[:, k] - 1.0 for k in shown)]).round(3)
    labels = np.full_like(change, np.nan)
    labels[-1] = _apart(change[-1], room=_ROOM * max(float(np.ptp(change)), 0.02))
    return pd.DataFrame(
        {
            "month": np.tile(np.arange(1, len(now) + 1), change.shape[1]),
            "change": change.T.ravel(),
            "line": np.repeat([CURRENT, *(TASKS[k] for k in shown)], len(now)),
            "label_at": labels.T.ravel(),
            "plan": np.repeat([CURRENT, *[CANDIDATE] * len(shown)], len(now)),
        }
    )


def _apart(heights: Floats, room: float) -> Floats:
    """The heights moved as little as keeps their order and ``room`` between neighbours, about the same centre."""
    order = np.argsort(heights, kind="stable")
    steps = room * np.arange(len(heights))
    # Least squares under "each at least `room` above the last": isotonic regression of what is left of the steps.
    free = [[float(height), 1] for height in heights[order] - steps]
    blocks: list[list[float]] = []
    for mean, size in free:
        blocks.append([mean, size])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (low, a), (high, b) = blocks[-2:]
            blocks[-2:] = [[(low * a + high * b) / (a + b), a + b]]
    placed = np.concatenate([np.full(int(size), mean) for mean, size in blocks]) + steps
    moved: Floats = placed[np.argsort(order)]
    return moved


def effort_finding(candidate: Outcome, current: Outcome, world: World) -> str:
    """How the effort on each task moves, over the whole horizon."""
    if not effort_matters(world):
        return "In this world effort changes nothing: pay moves cost, not customers"
    then, now = _by_task(candidate).mean(axis=0), _by_task(current).mean(axis=0)
    parts = []
    for k, task in enumerate(TASKS):
        if abs(then[k] - now[k]) < MOVES:
            continue
        change = "up from hardly any" if now[k] < HARDLY_ANY else _signed_percent(then[k] / now[k] - 1.0)
        parts.append(f"{task} {change}")
    return f"Effort: {', '.join(parts)}" if parts else "Effort: as under the plan in force"


def _signed_percent(change: float) -> str:
    return ("+" if change >= 0.0 else "") + percent(change, 0)
