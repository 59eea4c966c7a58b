"""Small edits of a plan that the levers are made of: each pair reads one setting and writes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sim.plan.schema import (
    BOOKING_MEASURES,
    KPI_MEASURES,
    RETENTION_MEASURES,
    Component,
    Curve,
    Gate,
    Plan,
    Quota,
    QuotaRule,
    Tier,
)

Picks = Callable[[Component], bool]

DEFAULT_CAP = 2.0
"""Where a cap is put when it is switched on, in target pays: the most common one in sales plans."""

DEFAULT_GATE = 0.85
"""Gross retention below which expansion is not paid, when the gate is switched on."""


# --- which components a lever moves -------------------------------------------------------------------


def on_retention(component: Component) -> bool:
    """A bonus on a retention measure (nothing else is paid on one)."""
    return component.measure in RETENTION_MEASURES


def on_bookings(component: Component) -> bool:
    """A bonus or commission on upsell, cross-sell or both."""
    return component.measure in BOOKING_MEASURES


def _picked(plan: Plan, picks: Picks) -> list[Component]:
    return [component for component in plan.components if picks(component)]


def _changed(plan: Plan, picks: Picks, change: Callable[[Component], dict[str, Any]]) -> Plan:
    """The plan with some fields of the picked components replaced (not validated)."""
    components = tuple(
        component.model_copy(update=change(component)) if picks(component) else component
        for component in plan.components
    )
    return plan.model_copy(update={"components": components})


def _with_curves(plan: Plan, picks: Picks, change: Callable[[Curve], dict[str, Any]]) -> Plan:
    def new_curve(component: Component) -> dict[str, Any]:
        return {"curve": component.curve.model_copy(update=change(component.curve))}

    return _changed(plan, picks, new_curve)


# --- pay mix ------------------------------------------------------------------------------------------


def variable_share(plan: Plan) -> float | None:
    """Target variable pay as a share of on-target earnings; None without components to pay it on."""
    return plan.variable_share if _weighted(plan) else None


def retention_weight(plan: Plan) -> float | None:
    """Share of target variable pay that hangs on retention; None unless something else has weight too."""
    retention = [component for component in _weighted(plan) if on_retention(component)]
    if not retention or len(retention) == len(_weighted(plan)):
        return None
    # Rounded to what a person would have typed: sums of tenths are not exact.
    return round(sum(component.weight or 0.0 for component in retention), 9)


def with_retention_weight(plan: Plan, weight: float) -> Plan:
    """Moves weight between retention and everything else; within each, shares stay as they are."""
    retention = [component for component in _weighted(plan) if on_retention(component)]
    others = [component for component in _weighted(plan) if not on_retention(component)]
    weights = _scaled(retention, weight) | _scaled(others, round(1.0 - weight, 9))
    return _changed(
        plan,
        lambda component: component.name in weights,
        lambda component: {"weight": weights[component.name]},
    )


def _weighted(plan: Plan) -> list[Component]:
    return _picked(plan, lambda component: component.weight is not None)


def _scaled(components: list[Component], total: float) -> dict[str, float]:
    """New weights by component name, in the old proportions (equal ones where all are 0)."""
    weights = {component.name: component.weight or 0.0 for component in components}
    before = sum(weights.values())
    if before == 0.0:
        return dict.fromkeys(weights, total / len(weights))
    return {name: weight * (total / before) for name, weight in weights.items()}


# --- curves -------------------------------------------------------------------------------------------


def threshold(plan: Plan, picks: Picks) -> float | None:
    """Attainment below which the picked components pay nothing: that of the first one."""
    return next((component.curve.threshold for component in _picked(plan, picks)), None)


def with_threshold(plan: Plan, picks: Picks, value: float) -> Plan:
    """Sets the threshold; of the tiers that started below it, the last holds from the threshold on."""

    def moved(curve: Curve) -> dict[str, Any]:
        below = [Tier(start=value, slope=tier.slope) for tier in curve.tiers if tier.start <= value]
        return {
            "threshold": value,
            "tiers": (*below[-1:], *(tier for tier in curve.tiers if tier.start > value)),
        }

    return _with_curves(plan, picks, moved)


def accelerator(plan: Plan) -> float | None:
    """Slope of the first accelerating tier beyond quota, in slopes below quota; 1 where there is none."""
    component = next(iter(_accelerating(plan)), None)
    return None if component is None else _accelerator(component.curve)


def with_accelerator(plan: Plan, slope: float) -> Plan:
    """Sets that slope on the components that accelerate; if none does, all that can do so from quota on.

    Later accelerators are lifted to it, so that nobody slows down by selling more; decelerators stay.
    """

    def accelerated(curve: Curve) -> dict[str, Any]:
        first = _first_accelerator(curve)
        if first is not None:
            return {"tiers": tuple(_lifted(tier, first, slope) for tier in curve.tiers)}
        if slope == _accelerator(curve):
            return {}
        before = [tier for tier in curve.tiers if tier.start < 1.0]
        after = [tier for tier in curve.tiers if tier.start > 1.0]
        return {"tiers": (*before, Tier(start=1.0, slope=slope), *after)}

    moved = {component.name for component in _accelerating(plan)}
    return _with_curves(plan, lambda component: component.name in moved, accelerated)


def _accelerating(plan: Plan) -> list[Component]:
    able = _picked(plan, _can_accelerate)
    # Where some accelerate, the rest is left straight: the lever must not jump when it is first touched.
    return [component for component in able if _first_accelerator(component.curve)] or able


def _can_accelerate(component: Component) -> bool:
    """No KPI, no SPIF, no all-or-nothing bonus (its slope is 0)."""
    flat = component.kind == "bonus" and component.curve.pay_at_threshold == 1.0
    return component.kind != "spif" and component.measure not in KPI_MEASURES and not flat


def _accelerator(curve: Curve) -> float:
    first = _first_accelerator(curve)
    # Without one, the slope of a tier that began before quota holds on, if it is an accelerator.
    before = [tier.slope for tier in curve.tiers if tier.start < 1.0]
    return first.slope if first else max([1.0, *before[-1:]])


def _first_accelerator(curve: Curve) -> Tier | None:
    return next((tier for tier in curve.tiers if tier.start >= 1.0 and tier.slope >= 1.0), None)


def _lifted(tier: Tier, first: Tier, slope: float) -> Tier:
    if tier == first:
        return Tier(start=tier.start, slope=slope)
    later = tier.start > first.start and tier.slope >= 1.0
    return Tier(start=tier.start, slope=max(tier.slope, slope)) if later else tier


def capped(plan: Plan, picks: Picks) -> bool | None:
    """Whether any of the picked components has a cap."""
    components = _picked(plan, picks)
    return any(component.curve.cap is not None for component in components) if components else None


def with_capped(plan: Plan, picks: Picks, on: bool) -> Plan:
    """Takes every cap off, or caps what has none (at the largest cap of the others)."""
    default = cap(plan, picks) or DEFAULT_CAP
    return _with_curves(plan, picks, lambda curve: {"cap": (curve.cap or default) if on else None})


def cap(plan: Plan, picks: Picks) -> float | None:
    """The largest cap of the picked components, in target pays."""
    caps = [component.curve.cap for component in _picked(plan, picks)]
    return max((value for value in caps if value is not None), default=None)


def with_cap(plan: Plan, picks: Picks, value: float) -> Plan:
    """The same cap for all of the picked components."""
    return _with_curves(plan, picks, lambda curve: {"cap": value})


# --- quotas and gates ---------------------------------------------------------------------------------


def stretch(plan: Plan) -> float | None:
    """Stretch of the first bookings quota."""
    return next((component.quota.stretch for component in _picked(plan, on_bookings)), None)


def with_stretch(plan: Plan, value: float) -> Plan:
    """The same stretch for every bookings quota."""
    return _changed(plan, on_bookings, lambda part: {"quota": part.quota.model_copy(update={"stretch": value})})


def quota_rule(plan: Plan) -> str | None:
    """`fitted` when any quota on retention or bookings follows the CSM's own book, else `flat`."""
    rules = [part.quota.rule for part in _picked(plan, _has_fitted_rule)]
    return ("flat" if all(rule == "flat" for rule in rules) else "fitted") if rules else None


def with_quota_rule(plan: Plan, rule: str) -> Plan:
    """Flat quotas, or retention against the book's risk and bookings in proportion to white space.

    A target in the unit of the measure does not survive fitting: each book then has its own.
    """

    def ruled(component: Component) -> dict[str, Any]:
        fitted: QuotaRule = "risk_adjusted" if on_retention(component) else "white_space"
        quota = component.quota
        if rule == "flat":
            return {"quota": quota if quota.rule == "flat" else Quota(stretch=quota.stretch)}
        return {"quota": Quota(rule=fitted, stretch=quota.stretch)}

    return _changed(plan, _has_fitted_rule, ruled)


def _has_fitted_rule(component: Component) -> bool:
    return on_retention(component) or on_bookings(component)


def gated(plan: Plan) -> bool | None:
    """Whether any bookings component pays nothing below a retention rate."""
    components = _picked(plan, on_bookings)
    return any(component.gate for component in components) if components else None


def with_gated(plan: Plan, on: bool) -> Plan:
    """Takes the gates off bookings, or puts one where there is none."""
    default = Gate(minimum=gate_minimum(plan) or DEFAULT_GATE)
    return _changed(plan, on_bookings, lambda part: {"gate": (part.gate or default) if on else None})


def gate_minimum(plan: Plan) -> float | None:
    """Retention rate below which bookings are not paid: that of the first gate."""
    return next((part.gate.minimum for part in _picked(plan, on_bookings) if part.gate), None)


def with_gate_minimum(plan: Plan, value: float) -> Plan:
    """The same minimum for every gate on bookings."""
    return _changed(
        plan,
        lambda part: on_bookings(part) and part.gate is not None,
        lambda part: {"gate": part.gate and part.gate.model_copy(update={"minimum": value})},
    )
