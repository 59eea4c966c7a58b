"""Answers to the questions -> a plan, the assumptions that they imply, reasons and warnings."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sim.plan.guide.questions import LARGE_ARR, LARGE_TEAM, QUESTIONS, SMALL_ARR, SMALL_TEAM, Answers, Option
from sim.plan.guide.shapes import OBJECTIVES_WEIGHT, Shape, objectives, salary_shape, shape
from sim.plan.levers import with_lever
from sim.plan.read import plan_preset
from sim.plan.schema import BOOKING_MEASURES, RETENTION_MEASURES, Component, Gate, Period, Plan
from sim.problems import InputError, Problem
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

_WRONG_TOOL = {
    "clear": ("no", "Variable pay is the wrong tool while goals are unclear: make them measurable first."),
    "backed": ("no", "Variable pay is the wrong tool while leadership does not back it: win it over first."),
    "influence": ("little", "Variable pay is the wrong tool where CSMs hardly move results: change the role first."),
}
"""The answers that rule variable pay out, and what to say of each."""
SALARY = (
    "Salary rises to today's on-target earnings, which the simulation takes for the market; SPIFs come on top, so that "
    "pay ends slightly above it."
)


class Advice(NamedTuple):
    """start: the shipped plan that it is made from. world: factor on assumptions, by name (`World.scaled`). reasons:
    a sentence for each question, in their order. warnings: sentences, none at best.
    """

    plan: Plan
    start: str
    world: dict[str, float]
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]


def proposed(arr: float, csms: int) -> dict[str, str]:
    """Answers to begin with: those on size from the book (USD a year, number of CSMs), otherwise the first ones."""
    answers = {question.key: question.options[0].key for question in QUESTIONS}
    size = "small" if csms <= SMALL_TEAM else "large" if csms > LARGE_TEAM else "medium"
    money = "small" if arr < SMALL_ARR else "large" if arr >= LARGE_ARR else "medium"
    return answers | {"size": size, "arr": money, "front": "quarter", "leads": "longer"}


def advise(answers: Answers) -> Advice:
    """Raises InputError with every question that has no answer, or one that is none of its options."""
    chosen = _chosen(answers)
    against = [why for key, (answer, why) in _WRONG_TOOL.items() if answers[key] == answer]
    made = (
        salary_shape(answers["paid_as"], SPIF_TIMES[answers["arr"]])
        if against
        else shape(answers["influence"], answers["paid_as"])
    )
    plan = _salary(answers, made) if against else _variable(answers, made)
    return Advice(
        plan=Plan.model_validate(plan.model_dump()),
        start=made.start,
        world=_world(chosen),
        reasons=_reasons(chosen, made, salary=bool(against)),
        warnings=tuple(against) or tuple(text for holds, text in _WARNINGS if holds(answers)),
    )


def _chosen(answers: Answers) -> list[Option]:
    found: list[Option] = []
    problems = []
    for question in QUESTIONS:
        given = answers.get(question.key, "")
        match = [option for option in question.options if option.key == given]
        found += match
        if not match:
            known = ", ".join(option.key for option in question.options)
            problems.append(Problem(f"question {question.key}", given, f"must be answered with one of {known}"))
    if problems:
        raise InputError(problems)
    return found


def _world(chosen: list[Option]) -> dict[str, float]:
    factors: dict[str, float] = {}
    for option in chosen:
        for name, factor in option.world:
            factors[name] = factors.get(name, 1.0) * factor
    return factors


# --- the plan, a step for each question -----------------------------------------------------------------------


def _salary(answers: Answers, made: Shape) -> Plan:
    named = {"name": "Guided salary and SPIFs", "description": f"{SALARY} {made.why}"}
    plan = plan_preset(made.start).model_copy(update={**named, "hold": "ote", "components": made.components})
    return _periods(plan, answers)


def _variable(answers: Answers, made: Shape) -> Plan:
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
    return with_lever(_periods(plan, answers), "quota_rule", "flat" if answers["size"] == "small" else "fitted")


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


# --- why, and what to mind ------------------------------------------------------------------------------------


def _reasons(chosen: list[Option], made: Shape, *, salary: bool) -> tuple[str, ...]:
    """The reason for what is paid how stands with the shape."""
    return tuple(
        made.why if question.key == "paid_as" else (salary and option.on_salary) or option.why
        for question, option in zip(QUESTIONS, chosen, strict=True)
    )


_WARNINGS: tuple[tuple[Callable[[Answers], bool], str], ...] = (
    (
        lambda answers: answers["influence"] == "expansion",
        "Nothing is paid on renewals. Pay on sales alone takes effort from retention (Kim, Sudhir & Uetake): make sure "
        "that somebody else is paid for it.",
    ),
    (
        lambda answers: answers["clear"] == "partly",
        "Write down how objectives are scored before the period starts, and who scores them.",
    ),
    (
        lambda answers: answers["backed"] == "hesitant",
        "Have leadership sign the cost of a good year before the plan is announced: the page Budget fit has it.",
    ),
    (
        lambda answers: answers["front"] == "month" and answers["size"] == "small",
        "In a small team a month holds so few renewals that much of a month's pay is luck.",
    ),
    (
        lambda answers: answers["paid_as"] == "commission" and answers["influence"] == "both",
        "With most of variable pay on sales, look at effort on renewals on the page What if.",
    ),
)
"""For plans with variable pay."""
