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
_SIDES = {"candidate": "Candidate", "current": "Plan in force", "difference": "Difference"}


def figure_table(report: Mapping[str, Any]) -> pd.DataFrame:
    """A row a figure, a column a plan: means. report: as `sim.share.report.comparison` gives it."""
    return pd.DataFrame(
        {
            title: {
                label: _written(report[side][name]["mean"], name, paired=side == "difference")
                for name, label in FIGURES.items()
            }
            for side, title in _SIDES.items()
        }
    )


def _written(value: float, name: str, *, paired: bool) -> str:
    if name.endswith("retention"):
        return points(value, 2) if paired else percent(value, 2)
    return money(value, signed=paired).replace("$", "\\$")
