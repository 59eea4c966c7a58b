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
from sim.plan.schema import Plan
from sim.words import money, percent

Floats = NDArray[np.float64]

CANDIDATE, CURRENT = "Candidate", "Current plan"
DOTS = 120
"""Trials drawn as dots: enough to see a cloud, few enough to draw many times a second."""
_ANGLES = np.linspace(0.0, 2.0 * np.pi, 49)
_BINS = 24


def cloud(x: Floats, y: Floats, name: str) -> pd.DataFrame:
    """A joint distribution as dots, the ellipses that hold half and nine tenths of the trials, and its medians.

    x, y: (n_trials,). Rows: ``part`` is dot, ring or median; ``ring`` is the share inside; ``order`` runs round a ring.
    """
    dots = pd.DataFrame({"x": x[:DOTS], "y": y[:DOTS], "part": "dot", "ring": 0.0, "order": 0})
    middle = pd.DataFrame({"x": [np.median(x)], "y": [np.median(y)], "part": "median", "ring": 0.0, "order": 0})
    table = pd.concat([dots, *_rings(x, y), middle], ignore_index=True)
    return table.assign(plan=name)


def _rings(x: Floats, y: Floats) -> list[pd.DataFrame]:
    """Ellipses of equal Mahalanobis distance, sized by the trials themselves: exactly 50 and 90 % lie inside."""
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
    rings = []
    for share in (0.5, 0.9):
        edge = centre[:, None] + float(np.quantile(distance, share)) * root @ circle
        rings.append(
            pd.DataFrame({"x": edge[0], "y": edge[1], "part": "ring", "ring": share, "order": range(len(_ANGLES))})
        )
    return rings


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


def pay_curves(plan: Plan, outcome: Outcome, name: str) -> pd.DataFrame:
    """Payout over attainment of the main components, and how attainment is spread over CSMs and trials.

    ``part``: curve (y = payout, target pays) or density (y = share of CSM-years in the bin from x to x2).
    """
    tables = []
    for i in main_components(plan):
        component = plan.components[i]
        if component.kind == "spif":
            continue
        known = outcome.attainment[:, i].ravel().astype(np.float64)
        known = known[np.isfinite(known)]
        low, high = _attainment_range(known, component.curve.threshold)
        at = np.linspace(low, high, 81)
        curve = pay_curve(component.curve, component.kind)
        label = component.name
        tables.append(pd.DataFrame({"x": at, "x2": at, "y": payout(curve, at), "part": "curve", "component": label}))
        if len(known):
            counts, edges = np.histogram(np.clip(known, low, high), bins=_BINS, range=(low, high))
            share = counts / len(known)
            tables.append(
                pd.DataFrame({"x": edges[:-1], "x2": edges[1:], "y": share, "part": "density", "component": label})
            )
    if not tables:
        return pd.DataFrame({"x": [], "x2": [], "y": [], "part": [], "component": [], "plan": []})
    return pd.concat(tables, ignore_index=True).assign(plan=name)


def _attainment_range(known: Floats, threshold: float) -> tuple[float, float]:
    """Where the curve is worth looking at: the threshold, quota, and nearly all attainments."""
    if len(known) == 0:
        return min(threshold, 0.5), 1.5
    low, high = (float(q) for q in np.quantile(known, (0.01, 0.99)))
    low, high = min(low, threshold - 0.02, 0.98), max(high, 1.05)
    return max(np.floor(low * 20.0) / 20.0, 0.0), float(np.ceil(high * 20.0) / 20.0)


def effort_by_month(outcome: Outcome, name: str) -> pd.DataFrame:
    """Mean effort that reaches the customers, by task and month; 1 = what the reference plan buys."""
    mean = outcome.effort.mean(axis=0)
    months = np.arange(1, outcome.n_months + 1)
    tables = [pd.DataFrame({"month": months, "effort": mean[:, k], "task": task}) for k, task in enumerate(TASKS)]
    return pd.concat(tables, ignore_index=True).assign(plan=name)


def bridge_table(steps: list[Step], total: str) -> pd.DataFrame:
    """A waterfall: bars from ``start`` to ``end``, the last one from 0 to the total."""
    means = np.array([step.mean for step in steps])
    ends = np.cumsum(means)
    rows = pd.DataFrame(
        {
            "label": [step.label for step in steps],
            "start": ends - means,
            "end": ends,
            "change": means,
            "error": [step.standard_error for step in steps],
        }
    )
    end = float(ends[-1]) if len(ends) else 0.0
    last = pd.DataFrame({"label": [total], "start": [0.0], "end": [end], "change": [end], "error": [np.nan]})
    table = pd.concat([rows, last], ignore_index=True)
    table["text"] = [money(change, signed=True) for change in table["change"]]
    return table.assign(
        order=range(len(table)),
        kind=np.where(table["label"] == total, "total", np.where(table["change"] < 0, "down", "up")),
    )


def both_curves(candidate: Plan, of_candidate: Outcome, current: Plan, of_current: Outcome) -> pd.DataFrame:
    """The candidate's main components; a current component is drawn beneath the one on the same measure."""
    mine, theirs = pay_curves(candidate, of_candidate, CANDIDATE), pay_curves(current, of_current, CURRENT)
    measured = {component.measure: component.name for component in candidate.components}
    same = {component.name: measured.get(component.measure) for component in current.components}
    theirs["component"] = theirs["component"].map(same)
    return pd.concat([mine, theirs[theirs["component"].isin(set(mine["component"]))]], ignore_index=True)


def both_efforts(candidate: Outcome, current: Outcome) -> pd.DataFrame:
    return pd.concat([effort_by_month(candidate, CANDIDATE), effort_by_month(current, CURRENT)], ignore_index=True)


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
