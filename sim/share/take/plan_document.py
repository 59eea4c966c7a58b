"""The plan for those who are paid by it: plain words and worked examples, as PDF."""

from __future__ import annotations

from typing import Any

from sim.engine.run import Stage, terms_of
from sim.plan.schema import Plan
from sim.share.take.picture import Theme
from sim.share.take.plan_examples import EXAMPLE_TARGET, Example, example_terms, examples
from sim.share.take.plan_words import EVERY, part, period_months, rules
from sim.share.take.stamp import Stamp
from sim.share.take.typeset import to_pdf
from sim.words import cents, exact_money, percent

CLOSING = "The examples are no promise of pay; what has been signed decides."


def plan_pdf(stage: Stage, plan: Plan, stamp: Stamp, theme: Theme, csm: int | None = None) -> bytes:
    """Without the link to the comparison, which is not for those who are paid.

    csm: number of the CSM whose own pay and quotas it holds, for the audience "full" only; None: nobody's.
    Raises InputError when a quota cannot be set for this book.
    """
    return to_pdf("plan", plan_data(stage, plan, stamp, csm), theme, stamp._replace(link=""))


def plan_data(stage: Stage, plan: Plan, stamp: Stamp, csm: int | None = None) -> dict[str, Any]:
    """What the template reads."""
    if csm is not None and stamp.audience != "full":
        csm = None  # nobody's pay leaves, whatever was asked for
    whole = terms_of(stage, plan)
    team = stage.portfolio.book.team
    level = None if csm is None else team.level[csm]
    months = period_months(plan, level)
    terms, seat = (example_terms(plan, whole), 0) if csm is None else (whole, csm)
    parts = [
        part(component, float(terms.quota[seat, i]), months, own=csm is not None)
        for i, component in enumerate(plan.components)
    ]
    return {
        "title": plan.name,
        "person": "" if csm is None else f"{team.csm_name[csm]}, {level}",
        "description": plan.description,
        "pay": _pay(plan, None if csm is None else (float(whole.base[csm]), float(whole.target[csm]))),
        "parts": [found._asdict() for found in parts],
        "rules": rules(plan, level),
        "basis": _basis(
            csm is not None, EVERY[plan.period if level is None else plan.period_by_level.get(level, plan.period)]
        ),
        "examples": [_written(example) for example in examples(plan, terms, seat, months)] if parts else [],
        "closing": CLOSING,
    }


def _pay(plan: Plan, monthly: tuple[float, float] | None) -> str:
    """monthly: base and target variable pay, USD a month."""
    if not plan.variable_share:
        mix = "Pay is a salary; there is no target variable pay."
    else:
        mix = f"At target, {percent(plan.variable_share, 0)} of on-target earnings is variable, the rest is base pay."
    if monthly is None:
        return mix
    base, target = (exact_money(100 * round(12 * amount)) for amount in monthly)
    return f"{mix} Yours is a base of {base} and a target variable pay of {target} a year."


def _basis(own: bool, every: str) -> str:
    if own:
        return f"Made-up results of one {every}, with your quotas and your target variable pay."
    return (
        f"Made-up results of one {every}, for somebody with a target variable pay of "
        f"{exact_money(100 * round(EXAMPLE_TARGET))} a year and quotas in the middle of the team's."
    )


def _written(example: Example) -> dict[str, Any]:
    return {
        "title": example.title,
        "total": cents(example.slip.cents),
        "sections": [
            {
                "name": section.name,
                "basis": section.basis[:1].upper() + section.basis[1:],
                "lines": [[line.text, cents(line.cents)] for line in section.lines],
                "sum": cents(section.cents),
            }
            for section in example.slip.sections
        ],
    }
