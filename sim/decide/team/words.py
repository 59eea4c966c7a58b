"""A designed team in sentences and tables."""

from __future__ import annotations

import pandas as pd

from sim.decide.compare import CENT, differences
from sim.decide.team.credit import credited_twice, paid_twice
from sim.decide.team.study import Study
from sim.engine.forecast import TASKS
from sim.words import exact_money, money, percent

EFFORTS = {f"effort_{task.replace('-', '_').lower()}": f"Effort, {task}" for task in TASKS}
"""Columns of effort, and what stands above them."""
PURPOSES = ("salary", "renewals", "expansion", "other goals")


def finding(study: Study) -> str:
    """What the team brings and costs against today's."""
    change = differences(study.after, study.before)
    kept, sold, cost = (change[name] for name in ("retained_arr", "expansion_arr", "plan_cost"))
    if not (kept.clear or sold.clear or cost.clear):
        return "This team cannot be told from today's with these trials"
    arr = kept.mean + sold.mean
    said = f"{money(kept.mean, signed=True)} of retained ARR and {money(sold.mean, signed=True)} of expansion"
    if cost.mean > 0.0:
        each = f": {exact_money(round(100.0 * arr / cost.mean))} of ARR for a dollar" if arr > 0.0 else ""
        return f"{said}, for {money(cost.mean)} more{each}"
    return f"{said}, for {money(-cost.mean)} less"


def pay_finding(study: Study) -> str:
    """Whose pay is how much of it."""
    pay = [float((outcome.base_pay + outcome.variable_pay).mean()) for outcome in study.outcomes]
    said = [f"{role.name} {money(amount)}" for role, amount in zip(study.roles, pay, strict=True)]
    return f"Pay, {money(sum(pay))} in all: {', '.join(said)}"


def double_finding(study: Study) -> str:
    """What is credited and paid more than once."""
    over = float(credited_twice(study.roles, study.credits).mean())
    expansion, renewals = (float(amount.mean()) for amount in paid_twice(study.credits))
    if max(over, expansion, renewals) < CENT:
        return "No booking is credited twice, and no two roles are paid for the same"
    parts = []
    if over >= CENT:
        booked = float(study.after.expansion_arr.mean())
        parts.append(f"{money(over)} of bookings count twice, {percent(over / booked)} of all")
    if expansion >= CENT:
        parts.append(f"{money(expansion)} is paid for expansion beside the role that is paid most for it")
    if renewals >= CENT:
        parts.append(f"{money(renewals)} for renewals beside the one that is paid most for them")
    return "; ".join(parts)


def role_table(study: Study) -> pd.DataFrame:
    """A row a role: people, cost, pay by purpose, credit, and the mean effort that reached customers, by task."""
    rows = []
    for role, outcome, credit in zip(study.roles, study.outcomes, study.credits, strict=True):
        effort = outcome.effort.mean(axis=(0, 1))
        rows.append(
            {
                "role": role.name,
                "people": len(role.people),
                "accounts": int((role.seat >= 0).sum()),
                "cost": float(outcome.plan_cost.mean()),
                "salary": float(outcome.base_pay.mean()),
                "renewals": float(credit.for_renewals.mean()),
                "expansion": float(credit.for_expansion.mean()),
                "other_goals": float(credit.for_the_rest.mean()),
                "booked": float(credit.booked.mean()),
                "credited": float(credit.credited.mean()),
                "cents_a_dollar": 100.0 * credit.per_dollar_booked,
                **dict(zip(EFFORTS, effort, strict=True)),
            }
        )
    return pd.DataFrame(rows)


def pay_bars(study: Study) -> pd.DataFrame:
    """Columns role, purpose, amount (USD over the horizon), order; total and text on the first row of each role."""
    rows = []
    for row in role_table(study).to_dict("records"):
        amounts = [row["salary"], row["renewals"], row["expansion"], row["other_goals"]]
        for order, (purpose, amount) in enumerate(zip(PURPOSES, amounts, strict=True)):
            first = {"total": sum(amounts), "text": money(sum(amounts))} if order == 0 else {}
            rows.append({"role": row["role"], "purpose": purpose, "amount": amount, "order": order, **first})
    return pd.DataFrame(rows)
