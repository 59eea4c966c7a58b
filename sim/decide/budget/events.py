"""Named bad years: what each costs, what it leaves, and whether the budget holds; nobody saw any of them coming."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from sim.decide.budget.fit import is_over
from sim.decide.budget.level import Payroll, cost_at, payroll
from sim.engine.outcome import Outcome
from sim.engine.run import Stage, simulate
from sim.engine.stress import lose_accounts, lose_csms, recession
from sim.plan.schema import Plan
from sim.words import money, percent

SHOCK = -2.0
"""Of a recession, in standard deviations of the common shock: about one year in 44."""
FEWER_DEALS = 0.7
"""Share of expansion deals that still arrive in it."""
LARGEST, LEAVERS = 3, 2
STRONG = 1.3


def _recession(stage: Stage) -> Stage:
    return recession(stage, range(stage.portfolio.n_months), SHOCK, FEWER_DEALS)


def _largest_lost(stage: Stage) -> Stage:
    largest = np.argsort(-stage.portfolio.book.arr, kind="stable")[:LARGEST]
    return lose_accounts(stage, largest.tolist(), stage.portfolio.n_months // 2)


def _csms_leave(stage: Stage) -> Stage:
    largest = np.argsort(-stage.forecast.opening_arr, kind="stable")[:LEAVERS]
    return lose_csms(stage, largest.tolist(), min(1, stage.portfolio.n_months - 1))


EVENTS: dict[str, tuple[str, Callable[[Stage], Stage]]] = {
    "Recession": (
        "All horizon long the common shock lies 2 standard deviations lower, and 30 % fewer expansion deals arrive.",
        _recession,
    ),
    "Three largest accounts lost": ("In the middle of the horizon, due or not.", _largest_lost),
    "Two CSMs leave in Q1": ("Those with the largest books, at the end of the second month.", _csms_leave),
}
AS_SIMULATED = "As simulated"
EVERYBODY = "Everybody at 130 %"


def stress_table(outcome: Outcome, stressed: Mapping[str, Outcome], roll: Payroll, budget: float) -> pd.DataFrame:
    """A row an event: mean cost, its change, retained ARR and its change (USD), P(over), what happens.

    stressed: by name of the event. Everybody at 130 % is a closed form of the payout curves: one cost, and nothing to
    say about ARR.
    """
    rows = [_row(AS_SIMULATED, "", outcome, outcome, budget)]
    rows += [_row(name, EVENTS[name][0], one, outcome, budget) for name, one in stressed.items()]
    cost = float(cost_at(roll, STRONG))
    nothing = float("nan")
    rows.append(
        {
            "event": EVERYBODY,
            "cost": cost,
            "cost_change": cost - float(outcome.plan_cost.mean()),
            "retained_arr": nothing,
            "retained_change": nothing,
            "over": float(is_over(np.array([cost]), budget)[0]),
            "what": "Every CSM attains 130 % of quota on every component but SPIFs; straight through the curves.",
        }
    )
    return pd.DataFrame(rows)


def _row(name: str, what: str, stressed: Outcome, usual: Outcome, budget: float) -> dict[str, object]:
    return {
        "event": name,
        "cost": float(stressed.plan_cost.mean()),
        "cost_change": float((stressed.plan_cost - usual.plan_cost).mean()),
        "retained_arr": float(stressed.retained_arr.mean()),
        "retained_change": float((stressed.retained_arr - usual.retained_arr).mean()),
        "over": float(is_over(stressed.plan_cost, budget).mean()),
        "what": what,
    }


def stress_plans(
    stage: Stage, sides: Sequence[tuple[Plan, Outcome]], budget: float, done: Callable[[float], None]
) -> list[pd.DataFrame]:
    """A table for each plan with its outcome; every stage is made once."""
    stages = {}
    for number, (name, (_, edit)) in enumerate(EVENTS.items(), start=1):
        stages[name] = edit(stage)
        done(0.5 * number / len(EVENTS))
    tables = []
    for number, (plan, outcome) in enumerate(sides, start=1):
        stressed = {name: simulate(one, plan) for name, one in stages.items()}
        tables.append(stress_table(outcome, stressed, payroll(stage, plan, outcome), budget))
        done(0.5 + 0.5 * number / len(sides))
    return tables


def both(candidate: pd.DataFrame, current: pd.DataFrame) -> pd.DataFrame:
    """The candidate's table with P(over) of the plan in force beside its own."""
    table = candidate.copy()
    table.insert(list(table.columns).index("over") + 1, "over_current", current["over"])
    return table


def stress_finding(table: pd.DataFrame) -> str:
    """The simulated event most likely to break the budget, and whether everybody at 130 % would, in words."""
    usual, happening, everybody = table.iloc[0], table.iloc[1:-1], table.iloc[-1]
    worst = happening.iloc[int(happening["over"].to_numpy().argmax())]
    if float(worst["over"]) > float(usual["over"]):
        odds = f"from {percent(float(usual['over']), 0)} to {percent(float(worst['over']), 0)}"
        text = f"{worst['event']}: the chance to break the budget goes {odds}"
    else:
        text = "None of the bad events makes the budget likelier to break"
    breaks = "breaks it" if everybody["over"] else "does not break it"
    return f"{text}; {everybody['event'].lower()} {breaks} ({money(float(everybody['cost']))})"
