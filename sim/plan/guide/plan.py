"""Answers to the questions -> the plan, put together a step for each answer."""

from __future__ import annotations

from sim.plan.guide.questions import Answers
from sim.plan.guide.shapes import OBJECTIVES_WEIGHT, Shape, objectives, salary_shape, shape
from sim.plan.levers import with_lever
from sim.plan.read import plan_preset
from sim.plan.schema import BOOKING_MEASURES, RETENTION_MEASURES, Component, Gate, Period, Plan
from sim.words import percent

SHARE = {"small": 0.15, "medium": 0.20, "large": 0.25}
"""Variable pay by size of ARR, of on-target earnings."""
ONLY_EXPANSION, PARTLY_CLEAR = 0.05, -0.05
"""Added to that share. With both it stays within the 10 to 30 % that SBI reports."""
KNOWN_CAP = 1.5
"""The most that a component pays, in target pays, where leadership may balk at more."""
GATE, CLAWBACK = 0.85, 6
"""Of large teams: gross retention that opens the gate, months of clawback; as in the presets."""
SPIF_TIMES = {"small": 0.75, "medium": 1.0, "large": 1.25}
"""Amounts of SPIFs by size of ARR, of the usual ones."""
_LONGER: dict[Period, Period] = {"month": "quarter", "quarter": "half", "half": "year", "year": "year"}
SALARY = (
    "Salary rises to today's on-target earnings, which the simulation takes for the market; SPIFs come on top, so that "
    "pay ends slightly above it."
)


def salary_plan(answers: Answers) -> tuple[Plan, Shape]:
    """A salary with SPIFs, and what it is made from."""
    made = salary_shape(answers["paid_as"], SPIF_TIMES[answers["arr"]])
    named = {"name": "Guided salary and SPIFs", "description": f"{SALARY} {made.why}"}
    plan = plan_preset(made.start).model_copy(update={**named, "hold": "ote", "components": made.components})
    return _periods(plan, answers), made


def variable_plan(answers: Answers) -> tuple[Plan, Shape]:
    """A plan with variable pay, and what it is made from."""
    made = shape(answers["influence"], answers["paid_as"])
    share = SHARE[answers["arr"]]
    parts = made.components
    if answers["influence"] == "expansion":
        share += ONLY_EXPANSION
    if answers["clear"] == "partly":
        share += PARTLY_CLEAR
        parts = (*(_lighter(part) for part in parts), objectives(OBJECTIVES_WEIGHT))
    if answers["backed"] == "hesitant":
        parts = tuple(_capped(part) for part in parts)
    large = answers["size"] == "large"
    parts = tuple(_gated(part, on=large) for part in parts)
    sold = any(part.measure in BOOKING_MEASURES for part in parts)
    share = round(share, 9)
    mix = f"{100 * (1 - share):.0f}/{100 * share:.0f}"
    plan = plan_preset(made.start).model_copy(
        update={
            "name": f"Guided {mix}",
            "description": f"{mix}: {_in_words(parts)}.",
            "variable_share": share,
            "hold": "ote",
            "components": parts,
            "clawback_months": CLAWBACK if large and sold else 0,
            "true_up": answers["front"] != "half",
        }
    )
    rule = "flat" if answers["size"] == "small" else "fitted"
    return with_lever(_periods(plan, answers), "quota_rule", rule), made


def _periods(plan: Plan, answers: Answers) -> Plan:
    front: Period = next(period for period in _LONGER if period == answers["front"])
    lead = _LONGER[front]
    levels = {"lead": lead, "manager": _LONGER[lead]} if answers["leads"] == "longer" else {}
    return plan.model_copy(update={"period": front, "period_by_level": levels})


def _lighter(part: Component) -> Component:
    """Makes room for objectives; SPIFs have no weight."""
    if part.weight is None:
        return part
    return part.model_copy(update={"weight": round(part.weight * (1.0 - OBJECTIVES_WEIGHT), 9)})


def _capped(part: Component) -> Component:
    if part.kind == "spif":
        return part
    cap = min(part.curve.cap or KNOWN_CAP, KNOWN_CAP)
    return part.model_copy(update={"curve": part.curve.model_copy(update={"cap": cap})})


def _gated(part: Component, *, on: bool) -> Component:
    """Retention is no condition of itself."""
    gate = Gate(minimum=GATE) if on and part.measure not in RETENTION_MEASURES else None
    return part.model_copy(update={"gate": gate})


def _in_words(parts: tuple[Component, ...]) -> str:
    said = [
        f"{percent(part.weight, 0)} {part.name.lower()}" if part.weight is not None else f"{part.name} on top"
        for part in parts
    ]
    return ", ".join(said)
