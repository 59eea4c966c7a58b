"""What a plan's cost is made of, and when it is earned and paid: parts and months add up to the cost in every trial."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.decide.picture import CANDIDATE, CURRENT
from sim.engine.outcome import Outcome
from sim.words import money, percent

Floats = NDArray[np.float64]


def _without_spifs(outcome: Outcome) -> NDArray[np.bool_]:
    return ~np.array(outcome.spifs, dtype=bool)


def above_target(outcome: Outcome) -> Floats:
    """Pay beyond target pay of each component and window, SPIFs apart: (n_trials,), USD."""
    total: Floats = outcome.above_target[_without_spifs(outcome)].sum(axis=(0, 1))
    return total


def up_to_target(outcome: Outcome) -> Floats:
    """The rest of bonus and commission: (n_trials,), USD."""
    total: Floats = outcome.paid[_without_spifs(outcome)].sum(axis=(0, 1)) - above_target(outcome)
    return total


PARTS: dict[str, tuple[str, Callable[[Outcome], Floats]]] = {
    "Base pay": ("Fixed: for the months in which a seat is filled.", lambda outcome: outcome.base_pay),
    "Up to target": ("Bonus and commission up to target pay.", up_to_target),
    "Above target": ("Accelerators: what a payout period or year pays beyond target pay.", above_target),
    "SPIFs": ("Amounts per event, outside target pay.", lambda outcome: outcome.spif_pay),
    "Ramp guarantees": ("What guarantees to new hires add.", lambda outcome: outcome.total("guarantee_pay")),
    "On-cost": ("Employer's taxes and benefits on all pay.", lambda outcome: outcome.on_cost),
    "Replacement": ("Recruiting and onboarding for leavers.", lambda outcome: outcome.total("replacement_cost")),
}
"""What each part means, and its amount by trial: (n_trials,), USD over the horizon."""


def parts_table(candidate: Outcome, current: Outcome) -> pd.DataFrame:
    """Mean of each part under both plans, USD over the horizon, and the paired difference; the total last."""
    rows = []
    for name, (meaning, amount) in PARTS.items():
        then, now = float(amount(candidate).mean()), float(amount(current).mean())
        rows.append({"part": name, "candidate": then, "current": now, "difference": then - now, "meaning": meaning})
    table = pd.DataFrame(rows)
    total = {"part": "Plan cost", **table[["candidate", "current", "difference"]].sum().to_dict(), "meaning": "All."}
    return pd.concat([table, pd.DataFrame([total])], ignore_index=True)


def part_bars(table: pd.DataFrame) -> pd.DataFrame:
    """The parts that either plan has, a row for each plan: part, plan, amount (USD), text."""
    some = table[(table["part"] != "Plan cost") & (table[["candidate", "current"]].abs().max(axis=1) >= 1.0)]
    bars = pd.concat(
        [
            pd.DataFrame({"part": some["part"], "plan": plan, "amount": some[column]})
            for plan, column in ((CANDIDATE, "candidate"), (CURRENT, "current"))
        ]
    )
    return bars.sort_index(kind="stable").assign(text=lambda rows: [money(amount) for amount in rows["amount"]])


def part_finding(table: pd.DataFrame) -> str:
    """How much of the candidate's cost moves with results."""
    cost = table.set_index("part")["candidate"]
    moves = float(cost[["Up to target", "Above target", "SPIFs"]].sum()) / float(cost["Plan cost"])
    return f"{percent(moves, 0)} of the candidate's cost is variable, {money(float(cost['Above target']))} above target"


def cash(outcome: Outcome) -> Floats:
    """Cost by the month in which it is paid, on-cost with the pay it goes with: (n_months, n_trials), USD."""
    return _by_month(outcome, outcome.paid.sum(axis=0) + outcome.monthly("guarantee_pay"))


def accrued(outcome: Outcome) -> Floats:
    """Cost by the month in which it is earned (docs/method.md): (n_months, n_trials), USD."""
    return _by_month(outcome, outcome.earned.sum(axis=0) + outcome.guarantee_earned)


def _by_month(outcome: Outcome, variable: Floats) -> Floats:
    pay = outcome.monthly("base_pay") + variable
    return (1.0 + outcome.on_cost_rate) * pay + outcome.monthly("replacement_cost")


def month_table(outcome: Outcome) -> pd.DataFrame:
    """By month, counted from 1, USD: mean cost earned and paid, what 80 % of trials pay, owed at the end."""
    paid, earned = cash(outcome), accrued(outcome)
    low, high = np.quantile(paid, (0.1, 0.9), axis=1)
    return pd.DataFrame(
        {
            "month": np.arange(1, outcome.n_months + 1),
            "accrued": earned.mean(axis=1),
            "cash": paid.mean(axis=1),
            "cash_p10": low,
            "cash_p90": high,
            "owed": np.maximum(np.cumsum(earned - paid, axis=0).mean(axis=1), 0.0),
        }
    )


def month_bars(table: pd.DataFrame) -> pd.DataFrame:
    """Paid and earned by month in one column: month, kind, amount, and P10 and P90 of what is paid, USD."""
    paid = pd.DataFrame(
        {
            "month": table["month"],
            "kind": "paid",
            "amount": table["cash"],
            "low": table["cash_p10"],
            "high": table["cash_p90"],
        }
    )
    earned = pd.DataFrame({"month": table["month"], "kind": "earned", "amount": table["accrued"]})
    return pd.concat([paid, earned], ignore_index=True)


def month_finding(table: pd.DataFrame) -> str:
    """The dearest month, and the most that is owed, in words."""
    peak = int(table["cash"].to_numpy().argmax())
    owed = float(table["owed"].max())
    text = f"Most cash in month {peak + 1}: {money(float(table['cash'].iloc[peak]))}"
    return text + (f"; up to {money(owed)} is owed at a month's end" if owed >= 1.0 else "; nothing stays owed")
