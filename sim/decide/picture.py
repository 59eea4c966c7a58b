"""Outcomes as small tables for charts: never more than some hundreds of rows, whatever the number of trials."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.decide.bridge import Step
from sim.decide.compare import Summary
from sim.engine.forecast import TASKS
from sim.engine.outcome import Outcome
from sim.plan.curve import pay_curve, payout
from sim.plan.schema import Component, Plan
from sim.words import money, percent

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]

CANDIDATE, CURRENT = "Candidate", "Current plan"
PLANS = [CANDIDATE, CURRENT]
_PLAN = pd.CategoricalDtype(PLANS)
_CLOUD_PART = pd.CategoricalDtype(["dot", "ring", "median"])
_CURVE_PART = pd.CategoricalDtype(["curve", "density"])
_TASK = pd.CategoricalDtype(list(TASKS))
DOTS = 120
"""Trials drawn as dots: enough to see a cloud, few enough to draw many times a second."""
_ANGLES = np.linspace(0.0, 2.0 * np.pi, 49)
_BINS = 24


def _names(codes: NDArray[np.int8], names: pd.CategoricalDtype[object]) -> pd.Categorical[object]:
    """A column of few names: kept as codes, which is what makes these tables cheap to build and to send."""
    return pd.Categorical.from_codes(codes, dtype=names)


def _of_plan(columns: dict[str, Floats | pd.Categorical[object]], plan: str) -> pd.DataFrame:
    rows = len(next(iter(columns.values())))
    code = np.full(rows, PLANS.index(plan), dtype=np.int8)
    return pd.DataFrame(columns | {"plan": _names(code, _PLAN)}, copy=False)


def cloud(x: Floats, y: Floats, name: str) -> pd.DataFrame:
    """A joint distribution as dots, the ellipses that hold half and nine tenths of the trials, and its medians.

    x, y: (n_trials,). Rows: ``part`` is dot, ring or median; ``ring`` is the share inside; ``order`` runs round a ring.
    """
    rings = _rings(x, y)
    dots = min(len(x), DOTS)
    sizes = [dots, len(_ANGLES) * len(rings), 1]
    order = np.concatenate([np.zeros(dots), *[np.arange(len(_ANGLES))] * len(rings), [0]])
    columns: dict[str, Floats | pd.Categorical[object]] = {
        "x": np.concatenate([x[:dots], *(edge[0] for _, edge in rings), [np.median(x)]]),
        "y": np.concatenate([y[:dots], *(edge[1] for _, edge in rings), [np.median(y)]]),
        "part": _names(np.repeat(np.arange(3, dtype=np.int8), sizes), _CLOUD_PART),
        "ring": np.concatenate([np.zeros(dots), np.repeat([share for share, _ in rings], len(_ANGLES)), [0.0]]),
        "order": order,
    }
    return _of_plan(columns, name)


def _rings(x: Floats, y: Floats) -> list[tuple[float, Floats]]:
    """(share inside, edge (2, n)) of ellipses of equal Mahalanobis distance: exactly 50 and 90 % of trials inside."""
    if len(x) < 3:
        return []
    points = np.stack([x, y])
    spread = np.cov(points)
    if not np.linalg.det(spread) > 1e-9 * float(np.prod(np.diag(spread))):
        return []  # a line or a point has no area to outline
    centre = points.mean(axis=1)
    root = np.linalg.cholesky(spread)
    distance = np.linalg.norm(np.linalg.solve(root, points - centre[:, None]), axis=0)
    circle = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)])
    return [(share, centre[:, None] + float(np.quantile(distance, share)) * root @ circle) for share in (0.5, 0.9)]


def two_clouds(candidate: Outcome, current: Outcome) -> pd.DataFrame:
    """Plan cost (USD) against retained ARR (USD a year) of both plans."""
    return pd.concat(
        [
            cloud(candidate.plan_cost, candidate.retained_arr, CANDIDATE),
            cloud(current.plan_cost, current.retained_arr, CURRENT),
        ],
        ignore_index=True,
    )


def difference_cloud(candidate: Outcome, current: Outcome) -> pd.DataFrame:
    """The same, trial by trial, as candidate less current."""
    cost = candidate.plan_cost - current.plan_cost
    return cloud(cost, candidate.retained_arr - current.retained_arr, CANDIDATE)


def main_components(plan: Plan, count: int = 2) -> list[int]:
    """The components with the most weight, in the order of the plan."""
    weighty = sorted(range(len(plan.components)), key=lambda i: -(plan.components[i].weight or 0.0))
    return sorted(weighty[:count])


def curve_names(plan: Plan) -> list[str]:
    """The main components that are paid on a curve."""
    return [plan.components[i].name for i in main_components(plan) if plan.components[i].kind != "spif"]


def pay_curve_table(component: Component, attainment: Floats32, plan: str) -> pd.DataFrame:
    """Payout of one component over attainment, and how attainment is spread over CSMs and trials.

    attainment: (n_csms, n_trials), NaN where nothing was measured.
    ``part``: curve (y = payout, target pays) or density (y = share of CSM-years in the bin from x to x2).
    """
    known = attainment[np.isfinite(attainment)].astype(np.float64)
    low, high = _attainment_range(known, component.curve.threshold)
    at = np.linspace(low, high, 81)
    paid = payout(pay_curve(component.curve, component.kind), at)
    counts, edges = np.histogram(np.clip(known, low, high), bins=_BINS, range=(low, high))
    share = counts / max(len(known), 1)
    columns: dict[str, Floats | pd.Categorical[object]] = {
        "x": np.concatenate([at, edges[:-1]]),
        "x2": np.concatenate([at, edges[1:]]),
        "y": np.concatenate([paid, share]),
        "part": _names(np.repeat(np.arange(2, dtype=np.int8), [len(at), _BINS]), _CURVE_PART),
    }
    return _of_plan(columns, plan)


def both_curves(name: str, candidate: Plan, of_candidate: Outcome, current: Plan, of_current: Outcome) -> pd.DataFrame:
    """One component of the candidate, over the current plan's component on the same measure, if there is one."""
    i = next(i for i, component in enumerate(candidate.components) if component.name == name)
    measure = candidate.components[i].measure
    tables = [pay_curve_table(candidate.components[i], of_candidate.attainment[:, i], CANDIDATE)]
    for place, component in enumerate(current.components):
        if component.measure == measure and component.kind != "spif":
            tables.append(pay_curve_table(component, of_current.attainment[:, place], CURRENT))
            break
    return pd.concat(tables, ignore_index=True)


def _attainment_range(known: Floats, threshold: float) -> tuple[float, float]:
    """Where the curve is worth looking at: the threshold, quota, and nearly all attainments."""
    if len(known) == 0:
        return min(threshold, 0.5), 1.5
    low, high = (float(q) for q in np.quantile(known, (0.01, 0.99)))
    low, high = min(low, threshold - 0.02, 0.98), max(high, 1.05)
    return max(np.floor(low * 20.0) / 20.0, 0.0), float(np.ceil(high * 20.0) / 20.0)


def effort_by_month(outcome: Outcome, plan: str) -> pd.DataFrame:
    """Mean effort that reaches the customers, by task and month; 1 = what the reference plan buys."""
    mean = outcome.effort.mean(axis=0)
    months, tasks = np.arange(1.0, outcome.n_months + 1.0), np.arange(len(TASKS), dtype=np.int8)
    columns: dict[str, Floats | pd.Categorical[object]] = {
        "month": np.tile(months, len(TASKS)),
        "effort": mean.T.ravel(),
        "task": _names(np.repeat(tasks, len(months)), _TASK),
    }
    return _of_plan(columns, plan)


def both_efforts(candidate: Outcome, current: Outcome) -> pd.DataFrame:
    """Tasks that nobody works on under either plan are left out."""
    table = pd.concat([effort_by_month(candidate, CANDIDATE), effort_by_month(current, CURRENT)], ignore_index=True)
    most = np.maximum(candidate.effort.mean(axis=0).max(axis=0), current.effort.mean(axis=0).max(axis=0))
    busy = np.tile(np.repeat(most > 0.01, candidate.n_months), 2)
    return table.loc[busy]


def bridge_table(steps: list[Step], total: str) -> pd.DataFrame:
    """A waterfall: bars from ``start`` to ``end``, the last one from 0 to the total."""
    means = np.array([step.mean for step in steps])
    ends = np.cumsum(means)
    end = float(ends[-1]) if len(ends) else 0.0
    change = [*means, end]
    return pd.DataFrame(
        {
            "label": [*(step.label for step in steps), total],
            "start": [*(ends - means), 0.0],
            "end": [*ends, end],
            "change": change,
            "error": [*(step.standard_error for step in steps), np.nan],
            "text": [money(value, signed=True) for value in change],
            "order": range(len(change)),
            "kind": [*("down" if value < 0 else "up" for value in means), "total"],
        }
    )


# --- what each picture says, for its title ----------------------------------------------------------------


def cloud_finding(change: Summary, cost: Summary) -> str:
    """Of retained ARR and cost, paired."""
    if change.mean == 0.0 and cost.mean == 0.0:
        return "The same cost, the same ARR"
    return f"{money(cost.mean, signed=True)} cost, {money(change.mean, signed=True)} ARR retained"


def curve_finding(plan: Plan, outcome: Outcome, component: str) -> str:
    """Of one component: how often it pays nothing, and how often it is at its cap."""
    place = next(i for i, part in enumerate(plan.components) if part.name == component)
    known = outcome.attainment[:, place]
    known = known[np.isfinite(known)]
    if len(known) == 0:
        return f"{component}: nothing was measured"
    curve = plan.components[place].curve
    paid = payout(pay_curve(curve, plan.components[place].kind), known.astype(np.float64))
    parts = [f"{percent(float(np.mean(known >= 1.0)), 0)} reach quota"]
    if curve.threshold > 0.0:
        parts.append(f"{percent(float(np.mean(paid <= 0.0)), 0)} get nothing")
    if curve.cap is not None:
        parts.append(f"{percent(float(np.mean(paid >= curve.cap - 1e-9)), 0)} at the cap")
    return ", ".join(parts)


def effort_finding(candidate: Outcome, current: Outcome) -> str:
    """The task whose effort moves most."""
    change = candidate.effort.mean(axis=(0, 1)) - current.effort.mean(axis=(0, 1))
    k = int(np.argmax(np.abs(change)))
    if abs(change[k]) < 0.005:
        return "Effort through the year: as under the current plan"
    direction = "more" if change[k] > 0 else "less"
    return f"{abs(change[k]):.2f} {direction} effort on {TASKS[k]}"


def bridge_finding(steps: list[Step], total: str) -> str:
    """The total, and the step that weighs most."""
    change = sum(step.mean for step in steps)
    if all(step.mean == 0.0 for step in steps):
        return f"{total}: no difference"
    most = max(steps, key=lambda step: abs(step.mean))
    return f"{total} {money(change, signed=True)}, most of it {most.label.lower()}"
