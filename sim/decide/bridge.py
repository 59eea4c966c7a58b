"""Where the difference comes from: steps from the plan in force to the candidate that add up, exactly."""

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

INTERACTION = "Levers together"
OTHER_TERMS = "Other terms of the plan"


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
    """What each lever does alone, from the plan in force; what they do only together; other terms of the plan.

    run: simulates a plan on the stage that both share (cache it: each lever that differs costs one run).
    figure: the figure explained, (n_trials,). The steps add up to candidate less current in every trial.
    """
    start = figure(run(current))
    all_moved = all_moves(candidate, current)
    together = figure(run(all_moved)) - start
    steps = []
    moves = single_moves(candidate, current)
    for label, alone in moves:
        change = figure(run(alone)) - start
        together = together - change
        steps.append(_step(label, change))
    if len(moves) > 1 or np.any(together):
        steps.append(_step(INTERACTION, together))
    if all_moved.model_copy(update={"name": candidate.name, "description": candidate.description}) != candidate:
        steps.append(_step(OTHER_TERMS, figure(run(candidate)) - figure(run(all_moved))))
    return steps


def single_moves(candidate: Plan, current: Plan) -> list[tuple[str, Plan]]:
    """The plan in force with one lever at a time where the candidate has it; levers that both plans have."""
    moves = []
    for lever in LEVERS:
        alone = _moved(current, candidate, lever.name)
        if alone != current:
            moves.append((lever.label, alone))
    return moves


def all_moves(candidate: Plan, current: Plan) -> Plan:
    """The plan in force with every lever, one after the other, where the candidate has it."""
    plan = current
    for lever in LEVERS:
        plan = _moved(plan, candidate, lever.name)
    return plan


def _moved(plan: Plan, towards: Plan, lever: str) -> Plan:
    """The plan with one lever where the other has it; the plan itself where it cannot take it (no such component)."""
    there = lever_value(towards, lever)
    if there is None or there == lever_value(plan, lever):
        return plan
    try:
        return with_lever(plan, lever, there)
    except InputError:
        return plan
