"""Whether a plan pays for itself: the rise of gross retention that its extra cost needs, and how often it comes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.decide.choice.pictures import coloured
from sim.decide.compare import CENT, Summary, summarise
from sim.engine.outcome import Outcome
from sim.words import money, percent, points


class Payback(NamedTuple):
    """A plan against the plan in force, over the horizon.

    cost: paired difference of plan cost, USD. needed: rise of GRR (a fraction; negative: the fall that a saving allows)
    whose ARR is worth the mean extra cost; NaN where ARR is worth nothing or there is none. pays: share of trials in
    which the ARR that it keeps more is worth at least what it costs more. net: worth of that ARR less the extra cost,
    USD. grr: rise of GRR, paired.
    """

    cost: Summary
    grr: Summary
    net: Summary
    needed: float
    pays: float


def payback(plan: Outcome, current: Outcome, worth: float) -> Payback:
    """worth: USD that a dollar of retained ARR is worth."""
    cost = plan.plan_cost - current.plan_cost
    kept = plan.retained_arr - current.retained_arr
    value = worth * plan.opening_arr
    needed = float(cost.mean()) / value if value > 0.0 else float("nan")
    net = worth * kept - cost
    return Payback(
        summarise(cost), summarise(kept / plan.opening_arr), summarise(net), needed, float(np.mean(net >= -CENT))
    )


def payback_sentence(name: str, found: Payback) -> str:
    """In words, with its uncertainty."""
    cost, needed, pays = found.cost, found.needed, percent(found.pays, 0)
    if abs(cost.mean) < CENT and cost.p95 - cost.p5 < CENT and found.grr.p95 - found.grr.p5 < 1e-12:
        return f"{name} costs and keeps the same as the plan in force in every trial."
    kept = f"GRR moves by {points(found.grr.mean, 2)} on average (90 % of trials: {_points(found.grr)})"
    if np.isnan(needed):
        return f"{name}: with ARR worth nothing, no extra cost pays for itself; {kept}."
    if not cost.clear:
        return (
            f"{name}: the cost cannot be told from that of the plan in force; what it keeps is worth its extra cost in "
            f"{pays} of trials. {kept}."
        )
    if cost.mean > 0:
        return (
            f"{name}: the extra cost of {money(cost.mean)} pays for itself if GRR rises {points(needed, 2)[1:]}; "
            f"it does in {pays} of trials. {kept}."
        )
    return (
        f"{name}: the saving of {money(-cost.mean)} is eaten up if GRR falls {points(-needed, 2)[1:]}; "
        f"it holds in {pays} of trials. {kept}."
    )


def _points(change: Summary) -> str:
    return f"{points(change.p5, 2)} to {points(change.p95, 2)}"


def payback_picture(found: Mapping[str, Payback], places: Mapping[str, int]) -> pd.DataFrame:
    """A row for each plan: the change of GRR (mean, p5, p95) and the one that it needs, fractions; in colours."""
    rows = [
        (name, order, one.grr.mean, one.grr.p5, one.grr.p95, one.needed, f"{percent(one.pays, 0)} of trials")
        for order, (name, one) in enumerate(found.items())
    ]
    columns = ["plan", "order", "mean", "p5", "p95", "needed", "text"]
    return coloured(pd.DataFrame(rows, columns=columns), places)
