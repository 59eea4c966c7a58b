"""Answers to the questions -> a plan, the assumptions that they imply, reasons and warnings."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sim.plan.guide.plan import salary_plan, variable_plan
from sim.plan.guide.questions import LARGE_ARR, LARGE_TEAM, QUESTIONS, SMALL_ARR, SMALL_TEAM, Answers, Option
from sim.plan.guide.shapes import Shape
from sim.plan.schema import Plan
from sim.problems import InputError, Problem

_WRONG_TOOL = {
    "clear": ("no", "Variable pay is the wrong tool while goals are unclear: make them measurable first."),
    "backed": ("no", "Variable pay is the wrong tool while leadership does not back it: win it over first."),
    "influence": ("little", "Variable pay is the wrong tool where CSMs hardly move results: change the role first."),
}
"""The answers that rule variable pay out, and what to say of each."""


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
    plan, made = salary_plan(answers) if against else variable_plan(answers)
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
