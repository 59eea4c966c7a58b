"""Outcomes as small tables for charts: never more than some hundreds of rows, whatever the number of trials."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.decide.bridge import Step
from sim.decide.compare import CENT
from sim.engine.outcome import Outcome
from sim.plan.curve import pay_curve, payout
from sim.plan.schema import Component, Plan
from sim.words import money, percent

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]

CANDIDATE, CURRENT = "Candidate", "Plan in force"
PLANS = [CANDIDATE, CURRENT]
_PLAN = pd.CategoricalDtype(PLANS)
_CLOUD_PART = pd.CategoricalDtype(["dot", "ring", "median", "zero"])
_ZERO = 3
_CURVE_PART = pd.CategoricalDtype(["curve", "density"])
DOTS = 60
"""Trials drawn as dots: enough to see a cloud, few enough to draw many times a second."""
_ANGLES = np.linspace(0.0, 2.0 * np.pi, 37)
_BINS, _POINTS = 24, 61


Columns = dict[str, Floats | NDArray[np.int8]]


def _table(parts: list[tuple[Columns, str]], names: pd.CategoricalDtype[object]) -> pd.DataFrame:
    """Columns of each plan below one another. ``part`` holds codes of ``names``: few names kept as codes are what makes
    these tables cheap to build and to send."""
    columns: dict[str, Floats | pd.Categorical[object]] = {
        name: np.concatenate([columns[name] for columns, _ in parts]) for name in parts[0][0] if name != "part"
    }
    codes = np.concatenate([columns["part"] for columns, _ in parts])
    plans = np.repeat([PLANS.index(plan) for _, plan in parts], [len(columns["part"]) for columns, _ in parts])
    columns["part"] = pd.Categorical.from_codes(codes, dtype=names)
    columns["plan"] = pd.Categorical.from_codes(plans.astype(np.int8), dtype=_PLAN)
    return pd.DataFrame(columns, copy=False)


def cloud(x: Floats, y: Floats, name: str) -> pd.DataFrame:
    """A joint distribution as dots, the ellipses that hold half and nine tenths of the trials, and its medians.

    x, y: (n_trials,). Rows: ``part`` is dot, ring or median; ``ring`` is the share inside; its rows run round it.
    """
    return _table([(_cloud(x, y), name)], _CLOUD_PART)


def _cloud(x: Floats, y: Floats) -> Columns:
    edges = rings(x, y)
    dots = min(len(x), DOTS)
    sizes = [dots, len(_ANGLES) * len(edges), 1]
    return {
        "x": np.concatenate([x[:dots], *(edge[0] for _, edge in edges), [np.median(x)]]),
        "y": np.concatenate([y[:dots], *(edge[1] for _, edge in edges), [np.median(y)]]),
        "part": np.repeat(np.arange(3, dtype=np.int8), sizes),
        "ring": np.concatenate([np.zeros(dots), np.repeat([share for share, _ in edges], len(_ANGLES)), [0.0]]),
    }


def rings(x: Floats, y: Floats) -> list[tuple[float, Floats]]:
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
    then, now = (_cloud(outcome.plan_cost, outcome.retained_arr) for outcome in (candidate, current))
    return _table([(then, CANDIDATE), (now, CURRENT)], _CLOUD_PART)


def difference_cloud(candidate: Outcome, current: Outcome) -> pd.DataFrame:
    """The same, trial by trial, as candidate less current; a last row, ``zero``, is where nothing differs."""
    cost = candidate.plan_cost - current.plan_cost
    change = _cloud(cost, candidate.retained_arr - current.retained_arr)
    nothing: Columns = {**dict.fromkeys(change, np.zeros(1)), "part": np.array([_ZERO], dtype=np.int8)}
    return _table([(change, CANDIDATE), (nothing, CURRENT)], _CLOUD_PART)


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
    return _table([(_pay_curve(component, attainment), plan)], _CURVE_PART)


def _pay_curve(component: Component, attainment: Floats32) -> Columns:
    known = attainment[np.isfinite(attainment)]
    low, high = _attainment_range(known, component.curve.threshold)
    at = np.linspace(low, high, _POINTS)
    paid = payout(pay_curve(component.curve, component.kind), at)
    # What lies beyond the ends counts in the first and last bin. (np.histogram takes five times as long.)
    place = np.clip((known - low) * (_BINS / (high - low)), 0, _BINS - 1).astype(np.int8)
    share = np.bincount(place, minlength=_BINS) / max(len(known), 1)
    edges = np.linspace(low, high, _BINS + 1)
    return {
        "x": np.concatenate([at, edges[:-1]]),
        "x2": np.concatenate([at, edges[1:]]),
        "y": np.concatenate([paid, share]),
        "part": np.repeat(np.arange(2, dtype=np.int8), [_POINTS, _BINS]),
    }


def both_curves(name: str, candidate: Plan, of_candidate: Outcome, current: Plan, of_current: Outcome) -> pd.DataFrame:
    """One component of the candidate, over the component of the plan in force on the same measure, if there is one."""
    i = next(i for i, component in enumerate(candidate.components) if component.name == name)
    measure = candidate.components[i].measure
    parts = [(_pay_curve(candidate.components[i], of_candidate.attainment[:, i]), CANDIDATE)]
    for place, component in enumerate(current.components):
        if component.measure == measure and component.kind != "spif":
            parts.append((_pay_curve(component, of_current.attainment[:, place]), CURRENT))
            break
    return _table(parts, _CURVE_PART)


def _attainment_range(known: Floats32, threshold: float) -> tuple[float, float]:
    """Where the curve is worth looking at: the threshold, quota, and nearly all attainments."""
    if len(known) == 0:
        return min(threshold, 0.5), 1.5
    low, high = (float(q) for q in np.quantile(known, (0.01, 0.99)))
    low, high = min(low, threshold - 0.02, 0.98), max(high, 1.05)
    return max(np.floor(low * 20.0) / 20.0, 0.0), float(np.ceil(high * 20.0) / 20.0)


def bridge_table(steps: list[Step], total: str, *, less_is_better: bool = False) -> pd.DataFrame:
    """A waterfall: bars from ``start`` to ``end``, the last one from 0 to the total.

    ``kind`` is better, worse or total; ``less_is_better`` when the steps are of cost.
    """
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
            "kind": [*("worse" if (value > 0) == less_is_better and value else "better" for value in means), "total"],
        }
    )


# --- what each picture says, for its title ----------------------------------------------------------------


def cloud_finding(candidate: Outcome, current: Outcome) -> str:
    """On which side of the plan in force most trials lie, in cost and in retained ARR."""
    cost, cost_share = _side(candidate.plan_cost - current.plan_cost)
    kept, kept_share = _side(candidate.retained_arr - current.retained_arr)
    costs = f"Costs {cost} in {percent(cost_share, 0)} of trials" if cost_share else "Costs the same"
    keeps = f"keeps {kept} ARR in {percent(kept_share, 0)}" if kept_share else "keeps the same ARR"
    return f"{costs}, {keeps}"


def _side(change: Floats) -> tuple[str, float]:
    """Where most trials of a paired difference in USD (n_trials,) lie, and their share; below a cent is rounding."""
    more, less = float(np.mean(change > CENT)), float(np.mean(change < -CENT))
    return ("more", more) if more >= less else ("less", less)


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


def bridge_finding(steps: list[Step], total: str) -> str:
    """The total, and the step that weighs most."""
    change = sum(step.mean for step in steps)
    if all(step.mean == 0.0 for step in steps):
        return f"{total}: no difference"
    most = max(steps, key=lambda step: abs(step.mean))
    return f"{total} {money(change, signed=True)}, most of it {most.label.lower()}"
