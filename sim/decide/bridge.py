"""Where the difference comes from: steps from the current plan to the candidate that add up, exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.decide.compare import standard_error
from sim.engine.outcome import Outcome
from sim.plan.levers import LEVERS, lever_value, with_lever
from sim.plan.schema import Plan
from sim.problems import InputError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Step:
    """One bar of a waterfall: mean paired change in USD (a year, for ARR), and its standard error."""

    label: str
    mean: float
    standard_error: float


def _step(label: str, change: Floats) -> Step:
    return Step(label, float(change.mean()), standard_error(change))


def arr_bridge(candidate: Outcome, current: Outcome) -> list[Step]:
    """Closing ARR, candidate less current, by flow. The steps add up to the difference in every trial."""
    flows = (
        ("Churn", "churn", -1.0),
        ("Contraction", "contraction", -1.0),
        ("Price erosion", "erosion", -1.0),
        ("Price uplift", "uplift", 1.0),
        ("Upsell", "upsell", 1.0),
        ("Cross-sell", "cross_sell", 1.0),
    )
    return [_step(label, sign * (candidate.total(flow) - current.total(flow))) for label, flow, sign in flows]


def cost_bridge(candidate: Outcome, current: Outcome) -> list[Step]:
    """Plan cost, candidate less current, by kind. The steps add up to the difference in every trial."""

    def change(part: Callable[[Outcome], Floats]) -> Floats:
        return part(candidate) - part(current)

    return [
        _step("Base pay", change(lambda outcome: outcome.base_pay)),
        _step("Bonus and commission", change(lambda outcome: outcome.variable_pay - outcome.spif_pay)),
        _step("SPIFs", change(lambda outcome: outcome.spif_pay)),
        _step("On-cost", change(lambda outcome: outcome.on_cost)),
        _step("Replacing leavers", change(lambda outcome: outcome.total("replacement_cost"))),
    ]


def lever_bridge(
    candidate: Plan,
    current: Plan,
    run: Callable[[Plan], Outcome],
    figure: Callable[[Outcome], Floats],
) -> list[Step]:
    """What each lever does alone, from the current plan, and what is left: their interaction and any other terms.

    run: simulates a plan on the stage that both share (cache it: each lever that differs costs one run).
    figure: the figure explained, (n_trials,). The steps add up to candidate less current in every trial.
    """
    start = figure(run(current))
    rest = figure(run(candidate)) - start
    steps = []
    for label, alone in single_moves(candidate, current):
        change = figure(run(alone)) - start
        rest = rest - change
        steps.append(_step(label, change))
    if len(steps) == 1 and not np.any(rest):
        return steps
    return [*steps, _step("Interaction and other terms", rest)]


def single_moves(candidate: Plan, current: Plan) -> list[tuple[str, Plan]]:
    """The current plan with one lever at a time where the candidate has it; levers that both plans have."""
    moves = []
    for lever in LEVERS:
        there = lever_value(candidate, lever.name)
        if there is None or there == lever_value(current, lever.name):
            continue
        try:
            moves.append((lever.label, with_lever(current, lever.name, there)))
        except InputError:
            # A lever that today's plan cannot take alone (no such component) is among the other terms.
            continue
    return moves
