"""Worked examples of a plan: made-up results, paid by the same code that pays simulated ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sim.decide.person.measures import NAMES, TOTALS, window_quota
from sim.decide.person.paydays import Measured, Payday
from sim.decide.person.payslip import Payslip, payslips
from sim.engine.compile import Terms
from sim.plan.schema import BOOKING_MEASURES, Component, Measure, Plan

EXAMPLE_TARGET = 20_000.0
"""Target variable pay of nobody in particular, USD a year."""


class Example(NamedTuple):
    title: str
    slip: Payslip


def example_terms(plan: Plan, terms: Terms) -> Terms:
    """Terms of nobody in particular: EXAMPLE_TARGET, and the quotas in the middle of the team's, rounded."""
    quota = np.array(
        [[_rounded(component, float(np.median(terms.quota[:, i]))) for i, component in enumerate(plan.components)]]
    )
    pay = [_monthly(component, float(quota[0, i])) for i, component in enumerate(plan.components)]
    return terms._replace(quota=quota.reshape(1, -1), monthly_pay=np.array([pay]).reshape(1, -1))


def _rounded(component: Component, quota: float) -> float:
    """As it is written, so that a reader can follow the sums."""
    step = 1_000.0 if component.measure in BOOKING_MEASURES else 0.001 if component.measure != "nps" else 0.1
    return round(round(quota / step) * step, 6) or quota


def _monthly(component: Component, quota: float) -> float:
    if component.weight is not None:
        return component.weight * EXAMPLE_TARGET / 12.0
    return (component.rate or 0.0) * quota / 12.0 if component.rate is not None else (component.amount or 0.0)


def examples(plan: Plan, terms: Terms, csm: int, months: int) -> list[Example]:
    """A weak, a usual and a strong period of so many months, a missed gate, and one in which nothing fell due."""
    found = [
        _example("A weak period", plan, terms, csm, months, lambda part: max(part.curve.threshold - 0.05, 0.0) or 0.7),
        _example("Every quota reached", plan, terms, csm, months, lambda part: 1.0),
        _example("A strong period", plan, terms, csm, months, lambda part: 1.2),
    ]
    gates = [component.gate for component in plan.components if component.gate is not None]
    if gates:
        gate = gates[0]
        low = gate.minimum - 0.02
        title = f"Quotas reached, but {NAMES[gate.measure]} below the gate"
        found.append(_example(title, plan, terms, csm, months, lambda part: 1.0, {gate.measure: low}))
    if any(component.measure in ("gross_retention", "logo_retention") for component in plan.components):
        found.append(_example("No contract fell due", plan, terms, csm, months, lambda part: 1.0, due=False))
    return found


def _example(
    title: str,
    plan: Plan,
    terms: Terms,
    csm: int,
    months: int,
    attained: Callable[[Component], float],
    fixed: dict[Measure, float] | None = None,
    *,
    due: bool = True,
) -> Example:
    """attained: attainment of each component, as far as its measure can go. fixed: levels of some measures."""
    levels: dict[Measure, float] = dict(fixed or {})
    for i, component in enumerate(plan.components):
        if component.kind == "spif":
            level = float(round(3 * attained(component)))
        else:
            quota = window_quota(component.measure, float(terms.quota[csm, i]), months)
            level = _possible(component.measure, attained(component) * quota)
        levels.setdefault(component.measure, level)
    gates = [component.gate.measure for component in plan.components if component.gate is not None]
    measured = tuple(
        Measured(levels.get(measure, 1.0), due or measure not in ("gross_retention", "logo_retention"), 0.0)
        for measure in (*(component.measure for component in plan.components), *gates)
    )
    nothing = (0.0,) * len(plan.components)
    payday = Payday(months - 1, months, measured, float(months), nothing, False)
    return Example(title, payslips(plan, terms, csm, [payday])[0])


def _possible(measure: Measure, level: float) -> float:
    highest = {"net_retention": level, "mbo": level, "nps": 100.0}
    return level if measure in TOTALS else min(level, highest.get(measure, 1.0))
