"""How much of the incentive is on the measures that the strategy names."""

from __future__ import annotations

from collections.abc import Collection

from sim.engine.outcome import Outcome
from sim.plan.schema import Measure, Plan


def target_share(plan: Plan, named: Collection[Measure]) -> float:
    """Share of target variable pay on the named measures; NaN in a plan without target pay."""
    weights = {component.name: component.weight or 0.0 for component in plan.components}
    if plan.variable_share == 0.0 or not sum(weights.values()):
        return float("nan")
    return sum(weights[component.name] for component in plan.components if component.measure in named)


def paid_share(plan: Plan, outcome: Outcome, named: Collection[Measure]) -> float:
    """Share of what the components are expected to pay that goes to the named measures; NaN where nothing is paid."""
    paid = outcome.paid.sum(axis=1).mean(axis=1)
    total = float(paid.sum())
    ours = [component.measure in named for component in plan.components]
    return float(paid[ours].sum()) / total if total > 0.0 else float("nan")
