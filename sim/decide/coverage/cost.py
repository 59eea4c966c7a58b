"""What a finding costs in dollars a year, from the simulation of the candidate; None where it has nothing to say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sim.decide.compare import Z_CLEAR, standard_error
from sim.decide.coverage import rules
from sim.decide.coverage.less import Less
from sim.decide.coverage.matrix import Coverage, Pay, Stage, Team
from sim.decide.coverage.rules import Finding
from sim.decide.coverage.year import Year
from sim.roles.part import SUPPORT
from sim.words import percent

Floats = NDArray[np.float64]

LOST_AT_HAND_OVER = 0.05
"""Share of the work on a stage that each team at work beyond `MOST_HANDS` loses. Judgement, low confidence."""

NOT_HELD = "The simulation holds renewals and expansion; what this stage is worth, it cannot tell."
NOT_APART = "The simulation does not tell first renewals from others, so there is no ARR to pay this on."


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
    if finding.rule in (rules.OVERLAP, rules.PAID_FOR_OTHERS):
        return _paid_idly(finding, paid, year)
    if finding.rule == rules.TWO_OWNERS:
        return _paid_twice(finding, paid, year)
    (stage,) = (stage for stage in coverage.stages if stage.name == finding.stage)
    if finding.rule in (rules.NO_OWNER, rules.UNPAID_OWNER):
        return _without_effort(finding, stage, year)
    if finding.rule == rules.HIDDEN:
        why = f"{percent(SUPPORT, 0)} of the owner's work, which hangs on the other team,"
        return _less_work(finding, stage, SUPPORT, why, year)
    extra = len(finding.teams) - rules.MOST_HANDS
    share = 1.0 - (1.0 - LOST_AT_HAND_OVER) ** extra
    at_each = percent(LOST_AT_HAND_OVER, 0)
    why = f"{percent(share)} of the work on it, {at_each} at each team beyond {rules.MOST_HANDS},"
    return _less_work(finding, stage, share, why, year)


def _less_work(finding: Finding, stage: Stage, share: float, why: str, year: Year) -> Finding:
    if stage.arr == "none":
        return replace(finding, how=NOT_HELD)
    how = (
        f"{_work(stage)} lost a year if {why} is lost, against the candidate on the same luck. "
        "That share is judgement; for half of it, take about half the dollars."
    )
    return _valued(finding, year.less(Less(stage.arr, share)), how)


def _work(stage: Stage) -> str:
    return "Booked expansion" if stage.arr == "expansion" else "Retained ARR"


def _without_effort(finding: Finding, stage: Stage, year: Year) -> Finding:
    if stage.arr == "none":
        return replace(finding, how=NOT_HELD)
    if stage.arr == "first renewals":
        how = (
            "Retained ARR lost a year if nobody prepares first renewals, against the candidate on the same luck. It "
            "assumes that a unit of that work counts for what a unit of work on retention does: judgement."
        )
        return _valued(finding, year.less(Less(stage.arr, 1.0)), how)
    if stage.arr not in year.unpaid:
        return replace(
            finding, how=f"The candidate pays the CSMs nothing for {stage.arr}, so there is nothing to lose."
        )
    how = (
        f"{_work(stage)} lost a year if the CSMs' pay for {stage.arr} is taken away, against the "
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
    if stage.arr not in year.arr:
        return None, NOT_HELD if stage.arr == "none" else NOT_APART
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
