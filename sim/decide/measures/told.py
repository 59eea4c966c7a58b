"""Luck in a KPI in words and as a table."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.book.schema import Team
from sim.decide.measures.luck import LITTLE, Luck
from sim.decide.person.measures import NAMES
from sim.plan.schema import Measure
from sim.words import percent

COUNTED: dict[Measure, str] = {
    "nps": "answers",
    "value_acknowledged": "value reviews",
    "training": "accounts and months",
    "time_to_onboard": "accounts onboarded",
}


def counted(luck: Luck) -> str:
    """What the sample consists of; empty when nothing is counted."""
    return COUNTED.get(luck.measure, "")


def luck_finding(luck: Luck) -> str:
    """How much of the pay on it is luck, and how many it would take, for the CSM in the middle."""
    measure = NAMES[luck.measure]
    if not np.isfinite(luck.share).any():
        return f"Pay on {measure} does not vary at all: everybody is far from where it would"
    share = f"{percent(float(np.nanmedian(luck.share)), 0)} of what varies in pay on {measure} is luck"
    if not counted(luck):
        return share
    middle = int(np.argsort(luck.enough, kind="stable")[len(luck.enough) // 2])
    now, enough = float(luck.sample[middle]), float(luck.enough[middle])
    had = f"with {_number(now)} {counted(luck)} a payout"
    if np.isinf(enough):
        return f"{share} {had}, and no number of them brings it to {percent(LITTLE, 0)}"
    if enough <= now:
        return f"{share} {had}"
    return f"{share} {had}; for {percent(LITTLE, 0)} it would take {_number(enough)}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 9.95 else f"{value:.1f}".removesuffix(".0")


def luck_table(team: Team, luck: Luck) -> pd.DataFrame:
    """A row a CSM: sample of the measured window, sd of the score, share of luck, chance to be paid short, `enough`.

    Infinite samples are NaN, so that tables and files can hold them.
    """
    return pd.DataFrame(
        {
            "csm_id": team.csm_id,
            "csm_name": team.csm_name,
            "sample": luck.sample,
            "score_sd": luck.sd,
            "luck": luck.share,
            "paid_short": luck.short,
            "enough": np.where(np.isfinite(luck.enough), np.ceil(luck.enough), np.nan),
        }
    )


def luck_picture(team: Team, luck: Luck) -> pd.DataFrame:
    """Rows of the chart: `part` "line" (luck by number of things counted), "csm" (where each CSM is) or "little"."""
    line = pd.DataFrame({"part": "line", "sample": luck.by_size[0], "luck": luck.by_size[1]})
    dots = luck_table(team, luck).assign(part="csm")
    little = pd.DataFrame({"part": ["little"], "luck": [LITTLE]})
    return pd.concat([line, dots, little])[["part", "csm_name", "sample", "luck", "paid_short"]]
