"""CAC, CRC, CEC and CUC: what a dollar of ARR costs to win, keep, expand and upsell; what a dollar put in returns."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sim.decide.past.quarters import HEADWINDS, Past, bridge
from sim.problems import InputError, Problem
from sim.words import money
from sim.world.economics import ECONOMICS, Economics

ACTIVITIES = {"cac": "New", "crc": "Retained", "cec": "Expanded", "cuc": "Upsold"}
"""The ratio's name and the ARR that it is spent on."""
OWN, ASSUMED = "yours", "assumed"
_RULE = {"crc": "retention_cost", "cec": "expansion_cost", "cuc": "upsell_cost"}
INTO = {"crc": "Retention", "cec": "Expansion", "cuc": "Upsell"}


def arr_by_activity(past: Past | None) -> dict[str, float]:
    """USD a year of ARR won, kept, expanded and upsold over the last four quarters; NaN where a history is too short.

    Kept: opening ARR less logos lost, price erosion and seats given up. Expanded: cross-sell and price increases.
    """
    if past is None or past.count < 4:
        return dict.fromkeys(ACTIVITIES, float("nan"))
    year = bridge(past).tail(4)
    return {
        "cac": float(year["new"].sum()),
        "crc": float(year["opening"].iloc[0] + year[list(HEADWINDS.values())].to_numpy().sum()),
        "cec": float(year[["cross_sell", "price_increases"]].to_numpy().sum()),
        "cuc": float(year["upsell"].sum()),
    }


def cost_table(arr: Mapping[str, float], spent: Mapping[str, float]) -> pd.DataFrame:
    """Ratio of each activity: yours where both ARR and what was spent on it are given, else the starting assumption.

    arr: USD a year; spent: USD over the same year; NaN for what is not known. Index: cac, crc, cec, cuc.
    Raises InputError for amounts below zero, and for money spent without ARR to set it against.
    """
    problems, rows = [], {}
    for name, activity in ACTIVITIES.items():
        won, cost = arr[name], spent[name]
        for label, value in (("ARR", won), ("spent", cost)):
            if value < 0:
                problems.append(Problem(f"{activity}, {label}", f"{value:,.0f}", "must be 0 or more; leave it empty"))
        own = np.isfinite(cost) and won > 0
        if np.isfinite(cost) and not won > 0:
            rule = "needs the ARR that it was spent on; fill it in or leave both empty"
            problems.append(Problem(f"{activity}, spent", money(cost), rule))
        rows[name] = {
            "activity": activity,
            "arr": won,
            "spent": cost,
            "ratio": cost / won if own else ECONOMICS[name].default,
            "starting_ratio": ECONOMICS[name].default,
            "basis": OWN if own else ASSUMED,
        }
    if problems:
        raise InputError(problems)
    return pd.DataFrame.from_dict(rows, orient="index")


def economics(costs: pd.DataFrame, gross_margin: float, discount_rate: float) -> Economics:
    """The ratios of a cost table with margin and discount rate. Raises InputError for values out of bounds."""
    ratios = {str(name): float(value) for name, value in costs["ratio"].items()}
    return Economics(gross_margin=gross_margin, discount_rate=discount_rate, **ratios)


def investment(costs: pd.DataFrame, value_per_arr: float) -> pd.DataFrame:
    """What a dollar put in retention, expansion and upsell returns.

    Cost of a dollar of ARR: yours where the cost table holds your figures, else 1 : 2 : 4 times the cost of retained
    ARR. arr_returned: 1 / cost. value_returned: arr_returned x value_per_arr, the lifetime value of a dollar of ARR.
    NaN where it costs nothing. These are averages: the next dollar returns less than the last.
    """
    unit = float(costs["ratio"]["crc"])
    rows = []
    for name, label in INTO.items():
        own = costs["basis"][name] == OWN
        rule = ECONOMICS[_RULE[name]].default
        cost = float(costs["ratio"][name]) if own else unit * rule
        returned = 1.0 / cost if cost > 0 else float("nan")
        rows.append(
            {
                "into": label,
                "cost": cost,
                "relative": cost / unit if unit > 0 else float("nan"),
                "arr_returned": returned,
                "value_returned": returned * value_per_arr,
                "basis": OWN if own else "1 : 2 : 4",
            }
        )
    return pd.DataFrame(rows)


def investment_finding(table: pd.DataFrame) -> str:
    """Where a dollar returns most."""
    known = table.dropna(subset="value_returned")
    if known.empty:
        return "Nothing was spent: no return to speak of"
    best = known.iloc[int(known["value_returned"].to_numpy().argmax())]
    return f"A dollar returns most in {str(best['into']).lower()}: ${best['value_returned']:.2f}"
