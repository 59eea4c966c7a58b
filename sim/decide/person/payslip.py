"""From what was measured to dollars, line by line; every line in whole cents, and they add up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sim.decide.person.measures import NAMES, window_quota, written
from sim.decide.person.paydays import Measured, Payday
from sim.engine.compile import Terms
from sim.plan.curve import PayCurve, pay_curve, payout
from sim.plan.schema import Component, Plan
from sim.words import exact_money, percent


class Line(NamedTuple):
    """One step of a payout; cents are added to those of the lines before."""

    text: str
    cents: int


class Section(NamedTuple):
    """One component. basis: what was measured, in words. lines add up to ``cents``."""

    name: str
    basis: str
    lines: tuple[Line, ...]
    cents: int


class Payslip(NamedTuple):
    """One payday. sections add up to ``cents``."""

    month: int
    sections: tuple[Section, ...]
    cents: int


class _Till:
    """Adds dollars up and gives each step in cents, so that rounded steps add up to the rounded sum."""

    def __init__(self) -> None:
        self.dollars = 0.0
        self.lines: list[Line] = []

    @property
    def cents(self) -> int:
        return round(100.0 * self.dollars)

    def add(self, text: str, dollars: float) -> None:
        before = self.cents
        self.dollars += dollars
        self.lines.append(Line(text, self.cents - before))


def payslips(plan: Plan, terms: Terms, csm: int, paydays: Sequence[Payday]) -> list[Payslip]:
    """Paydays in their order, written out; what one has paid for a window, the next of the same window takes off.

    The CSM is one who was there at the start, so that no ramp guarantee applies.
    """
    slips: list[Payslip] = []
    paid, opened = [0] * len(plan.components), -1
    for payday in paydays:
        if payday.month + 1 - payday.months != opened:
            paid, opened = [0] * len(plan.components), payday.month + 1 - payday.months
        slip = _payslip(plan, terms, csm, payday, paid)
        paid = [before + section.cents for before, section in zip(paid, slip.sections, strict=True)]
        slips.append(slip)
    return slips


def _payslip(plan: Plan, terms: Terms, csm: int, payday: Payday, paid: list[int]) -> Payslip:
    sections = []
    for i, component in enumerate(plan.components):
        gate = payday.measured[terms.gate_row[i]] if component.gate is not None else None
        sections.append(
            _section(
                component,
                plan,
                payday,
                payday.measured[i],
                gate,
                quota=float(terms.quota[csm, i]),
                monthly_pay=float(terms.monthly_pay[csm, i]),
                carried=payday.carried[i],
                before=paid[i],
            )
        )
    return Payslip(payday.month, tuple(sections), sum(section.cents for section in sections))


def _section(
    component: Component,
    plan: Plan,
    payday: Payday,
    measured: Measured,
    gate: Measured | None,
    *,
    quota: float,
    monthly_pay: float,
    carried: float,
    before: int,
) -> Section:
    till = _Till()
    if component.kind == "spif":
        _events(till, component, measured, payday, monthly_pay)
    elif not measured.exists:
        _nothing_due(till, plan, payday, monthly_pay, carried)
    else:
        _curve(till, component, measured, payday, quota, monthly_pay, carried)
    if gate is not None and component.gate is not None and gate.exists and gate.level < component.gate.minimum:
        rule, name = component.gate, NAMES[component.gate.measure]
        till.add(f"Gate: {name} {percent(gate.level)} is below {percent(rule.minimum)}", -till.dollars)
    if before > 0:
        till.add("Paid earlier for the same window", -before / 100.0)
    if till.cents < 0:
        till.add("What was paid too much is not asked back", -till.dollars)
    basis = _basis(component, measured, payday, quota, monthly_pay * (payday.served + carried))
    return Section(component.name, basis, tuple(till.lines), till.cents)


def _events(till: _Till, component: Component, measured: Measured, payday: Payday, amount: float) -> None:
    count = max(measured.level, 0.0)
    till.add(
        f"{written(component.measure, count)} at {exact_money(round(100.0 * amount))}",
        count * amount * payday.served / payday.months,
    )


def _nothing_due(till: _Till, plan: Plan, payday: Payday, monthly_pay: float, carried: float) -> None:
    full = monthly_pay * payday.served
    if plan.no_renewal_due == "target":
        till.add("Nothing fell due: pays its target", full)
    elif plan.no_renewal_due == "zero":
        till.add("Nothing fell due: pays nothing", 0.0)
    elif payday.last:
        till.add("Nothing fell due: pays its target, with the months carried over", full + monthly_pay * carried)
    else:
        till.add("Nothing fell due: its target is carried over", 0.0)


def _curve(
    till: _Till,
    component: Component,
    measured: Measured,
    payday: Payday,
    quota: float,
    monthly_pay: float,
    carried: float,
) -> None:
    """Piece by piece along the curve without its cap, then what clawback and the cap take away."""
    full = monthly_pay * (payday.served + carried)
    own = component.curve.model_copy(update={"cap": None})
    free, capped = pay_curve(own, component.kind), pay_curve(component.curve, component.kind)
    needed = window_quota(component.measure, quota, payday.months)
    reached = _attainment(component, measured.level, needed)
    booked = _attainment(component, measured.level + measured.clawed, needed)
    _pieces(till, free, booked, full)
    if booked > reached:
        lost = float(payout(free, reached) - payout(free, booked))
        till.add(f"Clawback of {exact_money(round(100.0 * measured.clawed))}", full * lost)
    over = float(payout(capped, reached) - payout(free, reached))
    if over < 0.0 and component.curve.cap is not None:
        till.add(f"Cap at {percent(component.curve.cap, 0)} of target", full * over)


def _attainment(component: Component, level: float, needed: float) -> float:
    floor = 0.0 if component.measure != "nps" else float("-inf")  # bookings and events are never below zero
    return max(level, floor) / needed


def _pieces(till: _Till, curve: PayCurve, attainment: float, full: float) -> None:
    slope = 0.0
    ends = [*curve.knots[1:].tolist(), float("inf")]
    for knot, end, change, lump in zip(curve.knots, ends, curve.slope_changes, curve.lumps, strict=True):
        slope += float(change)
        if attainment < knot:
            break
        if lump > 0.0:
            till.add(f"{percent(knot, 0)} of quota reached: {percent(lump, 0)} of target at once", full * float(lump))
        top = min(attainment, end)
        if top > knot + 1e-6:
            text = f"{percent(knot)} to {percent(top)} of quota: {percent(slope / 100.0, 2)} of target a point"
            till.add(text, full * slope * float(top - knot))
    if not till.lines:
        till.add(f"Below {percent(float(curve.knots[0]))} of quota: pays nothing", 0.0)


def _basis(component: Component, measured: Measured, payday: Payday, quota: float, full: float) -> str:
    measure = component.measure
    if component.kind == "spif":
        return f"{NAMES[measure]} in {_months(payday.months)}"
    if not measured.exists:
        return f"{NAMES[measure]}: nothing fell due in {_months(payday.months)}"
    needed = window_quota(measure, quota, payday.months)
    reached = _attainment(component, measured.level, needed)
    booked = (
        f" ({exact_money(round(100.0 * (measured.level + measured.clawed)))} booked, less clawback)"
        if measured.clawed > 0.0
        else ""
    )
    return (
        f"{NAMES[measure]} {written(measure, measured.level)}{booked} in {_months(payday.months)}, "
        f"quota {written(measure, needed)}: {percent(reached)} attained. Quota pays {exact_money(round(100.0 * full))}"
    )


def _months(count: int) -> str:
    return "1 month" if count == 1 else f"{count} months"
