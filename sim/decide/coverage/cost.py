"""What a finding costs in dollars a year, from the simulation of the candidate; None where it has nothing to say.

All figures are of the first 12 months that were simulated; a shorter horizon is put on a year by its length.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.decide.compare import Z_CLEAR, standard_error
from sim.decide.coverage import rules
from sim.decide.coverage.matrix import Arr, Coverage, Pay, Stage, Team
from sim.decide.coverage.rules import Finding
from sim.engine.outcome import Outcome
from sim.engine.portfolio import Portfolio
from sim.plan.edits import on_bookings, on_retention
from sim.plan.schema import Component, Plan

Floats = NDArray[np.float64]
YEAR = 12

NOT_HELD = "The simulation holds renewals and expansion; what this stage is worth, it cannot tell."
UNKNOWN = {
    rules.HIDDEN: "What the work of the other team is worth to the owner, the simulation cannot tell.",
    rules.CROWD: "What hand-overs between teams cost, the simulation cannot tell.",
}
"""Why there is no price on what these rules find."""
WORK: dict[Arr, str] = {"renewals": "Retained ARR", "expansion": "Booked expansion"}


@dataclass(frozen=True)
class Year:
    """A year of the candidate, USD a year, (n_trials,) each.

    arr: what a stage brings, by what the simulation knows it as: ARR that fell due in the year and is still there at
        its end, each account counted once; expansion booked. variable_pay: of all CSMs.
    unpaid: what is lost of either when the CSMs' pay for it is taken away, on the same luck; lacking where the
        candidate pays nothing for it.
    """

    arr: dict[Arr, Floats]
    variable_pay: Floats
    unpaid: dict[Arr, Floats]


def year_of(portfolio: Portfolio, plan: Plan, run: Callable[[Plan], Outcome]) -> Year:
    """The figures of a plan; ``run`` simulates one on the luck that all share.

    Raises what ``run`` raises.
    """
    outcome = run(plan)
    kinds: tuple[Arr, ...] = ("renewals", "expansion")
    without = {kind: run(stripped) for kind in kinds if (stripped := unpaid(plan, kind)) is not None}
    return Year(
        arr={kind: _brought(portfolio, outcome, kind) for kind in kinds},
        variable_pay=_first_year(outcome.paid.sum(axis=0) + outcome.monthly("guarantee_pay")),
        unpaid={
            kind: _brought(portfolio, outcome, kind) - _brought(portfolio, other, kind)
            for kind, other in without.items()
        },
    )


def unpaid(plan: Plan, kind: Arr) -> Plan | None:
    """The plan without what it pays for renewals or for expansion; the target pay of everything else stays, in dollars.

    With on-target earnings held, pay taken away becomes salary. A gate on retention is pay for renewals, too. None
    where the plan pays nothing for it.
    """
    picked = _pays_renewals if kind == "renewals" else _pays_expansion
    kept = [component for component in plan.components if not picked(component)]
    gated = kind == "renewals" and any(component.gate for component in kept)
    if len(kept) == len(plan.components) and not gated:
        return None
    weight = sum(component.weight for component in kept if component.weight is not None)
    if weight <= 0.0:  # a weight of 0 pays nothing either
        kept = [component for component in kept if component.weight is None]
    changes = [
        component.model_dump()
        | ({"weight": component.weight / weight} if component.weight is not None else {})
        | ({"gate": None} if kind == "renewals" else {})
        for component in kept
    ]
    return Plan.model_validate(
        plan.model_dump() | {"components": changes, "variable_share": _share_left(plan, min(weight, 1.0))}
    )


def _share_left(plan: Plan, weight: float) -> float:
    """Variable share when that weight of target variable pay is left."""
    if plan.hold == "ote":
        return plan.variable_share * weight
    of_base = plan.variable_share / (1.0 - plan.variable_share) * weight
    return of_base / (1.0 + of_base)


def _pays_renewals(component: Component) -> bool:
    return on_retention(component) or component.measure == "renewals"


def _pays_expansion(component: Component) -> bool:
    return on_bookings(component) or component.measure == "referrals"


def _first_year(flow: Floats) -> Floats:
    """(n_months, n_trials) -> (n_trials,), a year's worth."""
    months = min(YEAR, len(flow))
    total: Floats = flow[:months].sum(axis=0) * (YEAR / months)
    return total


def _brought(portfolio: Portfolio, outcome: Outcome, kind: Arr) -> Floats:
    if kind == "expansion":
        return _first_year(outcome.monthly("upsell") + outcome.monthly("cross_sell"))
    months = min(YEAR, portfolio.n_months)
    due = portfolio.arr[(portfolio.due[:, :months] >= 0).any(axis=1)].sum() * (YEAR / months)
    lost = outcome.monthly("churn") + outcome.monthly("contraction") + outcome.monthly("erosion")
    brought: Floats = due - _first_year(lost)
    return brought


# --- a price on each finding --------------------------------------------------------------------------------------


def priced(coverage: Coverage, year: Year) -> list[Finding]:
    """All findings of the matrix with what they cost, the most dollars first and those without at the end."""
    found = [_priced(finding, coverage, year) for finding in rules.findings(coverage)]
    return sorted(found, key=lambda finding: math.inf if finding.dollars is None else -finding.dollars)


def _priced(finding: Finding, coverage: Coverage, year: Year) -> Finding:
    paid = [
        (stage, team, cell.pay)
        for stage, team, cell in coverage.each()
        if finding.stage in ("", stage.name) and team.name in finding.teams and cell.pay is not None
    ]
    if finding.rule in (rules.NO_OWNER, rules.UNPAID_OWNER):
        (stage,) = (stage for stage in coverage.stages if stage.name == finding.stage)
        return _without_effort(finding, stage, year)
    if finding.rule in (rules.OVERLAP, rules.PAID_FOR_OTHERS):
        return _paid_idly(finding, paid, year)
    if finding.rule == rules.TWO_OWNERS:
        return _paid_twice(finding, paid, year)
    return replace(finding, how=UNKNOWN[finding.rule])


def _without_effort(finding: Finding, stage: Stage, year: Year) -> Finding:
    if stage.arr == "none":
        return replace(finding, how=NOT_HELD)
    if stage.arr not in year.unpaid:
        return replace(
            finding, how=f"The candidate pays the CSMs nothing for {stage.arr}, so there is nothing to lose."
        )
    how = (
        f"{WORK[stage.arr]} lost a year if the CSMs' pay for {stage.arr} is taken away, against the "
        "candidate on the same luck. It assumes that a stage without a paid owner gets the effort that salary buys."
    )
    return _valued(finding, year.unpaid[stage.arr], how)


def _paid_idly(finding: Finding, paid: Sequence[tuple[Stage, Team, Pay]], year: Year) -> Finding:
    """What is paid to those who have no part in it."""
    parts = [_payment(stage, team, pay, year) for stage, team, pay in paid]
    amounts = [amount for amount, _ in parts if amount is not None]
    how = " ".join(dict.fromkeys(how for _, how in parts))
    if not amounts:
        return replace(finding, how=how)
    several = "The overlaps of this team together. " if len(parts) > 1 else ""
    return _valued(finding, np.sum(amounts, axis=0), several + how)


def _paid_twice(finding: Finding, paid: Sequence[tuple[Stage, Team, Pay]], year: Year) -> Finding:
    """What is paid to all owners but the dearest."""
    amounts = [amount for stage, team, pay in paid if (amount := _payment(stage, team, pay, year)[0]) is not None]
    if len(amounts) < 2:
        return replace(finding, how="Fewer than two of them have pay for it that can be put in dollars.")
    amounts.sort(key=lambda amount: float(amount.mean()))
    return _valued(finding, np.sum(amounts[:-1], axis=0), "Pay of all but the dearest of them, as if one were enough.")


def _payment(stage: Stage, team: Team, pay: Pay, year: Year) -> tuple[Floats | None, str]:
    """What a team is paid for a stage, USD a year (n_trials,), and how that was found."""
    rate = f"{100.0 * pay.rate:.4g} %"
    if pay.kind == "share" and team.simulated:
        return pay.rate * year.variable_pay, f"{rate} of the CSMs' variable pay under the candidate."
    if pay.kind == "share":
        if team.variable_pay is None:
            return None, f"Enter the variable pay of {team.name} to see what this costs."
        return np.full_like(year.variable_pay, pay.rate * team.variable_pay), (
            f"{rate} of the variable pay of {team.name} as entered."
        )
    if stage.arr == "none":
        return None, NOT_HELD
    how = f"{rate} of {'renewed ARR' if stage.arr == 'renewals' else 'booked expansion'} under the candidate"
    if pay.kind == "commission":
        return pay.rate * year.arr[stage.arr], f"{how}, paid on all of it."
    return pay.rate * year.arr[stage.arr], f"{how}, as if each dollar credited had else to be sold for the same pay."


def _valued(finding: Finding, amount: Floats, how: str) -> Finding:
    dollars, error = float(amount.mean()), standard_error(amount)
    known = math.isfinite(error) and error > 0.0
    if known and abs(dollars) <= Z_CLEAR * error:
        how = f"{how} Not told from nothing with these trials."
    return replace(finding, dollars=dollars, error=error if known else None, how=how)
