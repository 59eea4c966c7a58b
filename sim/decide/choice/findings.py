"""What each picture of several plans says, short enough for a title."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.decide.choice.contenders import Contender
from sim.decide.choice.criterion import chance_best
from sim.decide.choice.payback import Payback
from sim.decide.compare import CENT
from sim.words import money, percent

Floats = NDArray[np.float64]


def cloud_finding(plans: Sequence[Contender]) -> str:
    """Which plan keeps most ARR, and which costs least, on average."""
    kept = [float(plan.outcome.retained_arr.mean()) for plan in plans]
    cost = [float(plan.outcome.plan_cost.mean()) for plan in plans]
    if np.ptp(kept) < CENT and np.ptp(cost) < CENT:
        return "All plans keep and cost the same"
    most, least = plans[int(np.argmax(kept))].name, plans[int(np.argmin(cost))].name
    keeps = "All keep the same ARR" if np.ptp(kept) < CENT else f"{most} keeps the most ARR"
    return f"{keeps} and costs least" if most == least and np.ptp(kept) >= CENT else f"{keeps}, {least} costs least"


def spread_finding(label: str, figures: Mapping[str, Floats], *, least: bool = False) -> str:
    """Which plan is highest (or lowest) in most trials: (n_trials,) of each."""
    stacked = np.stack(list(figures.values()))
    chance = chance_best(-stacked if least else stacked)
    best = int(np.argmax(chance))
    if np.ptp(stacked, axis=0).max() < CENT:
        return f"{label}: the same in every trial"
    return (
        f"{label}: {list(figures)[best]} is {'lowest' if least else 'highest'} in {percent(chance[best], 0)} of trials"
    )


def part_finding(changes: pd.DataFrame, focus: str, figure: str) -> str:
    """Where the plan looked at gains and loses most of a figure."""
    own = changes[changes["plan"] == focus].set_index("part")["mean"]
    if own.abs().max() < CENT:
        return f"{focus}: no difference of {figure} anywhere"
    high, low = str(own.idxmax()), str(own.idxmin())
    most, least = (f"{name} ({money(float(own[name]), signed=True)})" for name in (high, low))
    return f"{focus}, {figure}: " + (f"most in {most}, least in {least}" if high != low else most)


def month_finding(changes: pd.DataFrame, focus: str) -> str:
    """What the difference of the plan looked at has come to at the end."""
    own = changes[changes["plan"] == focus]["mean"]
    return f"{focus}: {money(float(own.sum()), signed=True)} by month {len(own)}"


def payback_finding(found: Mapping[str, Payback]) -> str:
    """How many plans pay for themselves more often than not."""
    paying = sum(one.pays > 0.5 for one in found.values())
    pays = "pays for itself" if paying == 1 else "pay for themselves"
    return f"{paying} of {len(found)} plans {pays} in most trials"
