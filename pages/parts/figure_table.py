"""The headline figures of a comparison as a small table of words, from the plain data that is saved and exported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sim.words import money, percent, points

FIGURES = {
    "plan_cost": "Plan cost",
    "variable_pay": "Variable pay",
    "retained_arr": "Retained ARR",
    "gross_retention": "GRR",
    "net_retention": "NRR",
    "logo_retention": "Logo retention",
    "expansion_arr": "Expansion",
}
_OF_PAY = ("plan_cost", "variable_pay")
_SIDES = {"candidate": "Candidate", "current": "Plan in force", "difference": "Difference"}


def figure_table(report: Mapping[str, Any], *, of_pay: bool = True) -> pd.DataFrame:
    """A row a figure, a column a plan: means. report: as `sim.share.report.comparison` gives it, or another version
    gave it. of_pay: without it those of ARR and customers only."""
    return pd.DataFrame(
        {
            title: {
                label: _written(report[side].get(name, {}).get("mean"), name, paired=side == "difference")
                for name, label in FIGURES.items()
                if of_pay or name not in _OF_PAY
            }
            for side, title in _SIDES.items()
        }
    )


def _written(value: float | None, name: str, *, paired: bool) -> str:
    if value is None:
        return "none"
    if name.endswith("retention"):
        return points(value, 2) if paired else percent(value, 2)
    return money(value, signed=paired).replace("$", "\\$")
