"""Who is likely to leave under a plan, and whose leaving would be regretted."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.book.schema import Team
from sim.engine.outcome import Outcome
from sim.words import points

Floats = NDArray[np.float64]
CLEAR = 0.01
"""A change of the chance to leave below a point is not worth naming anybody for."""


def mean_skill(team: Team) -> Floats:
    """Of retention, upsell and cross-sell, 1 = average: (n_csms,)."""
    skill: Floats = (team.skill_retention + team.skill_upsell + team.skill_cross_sell) / 3.0
    return skill


def regretted(team: Team) -> NDArray[np.bool_]:
    """CSMs whose leaving would be regretted, those of above-median skill: (n_csms,); nobody where skills are equal."""
    skill = mean_skill(team)
    above: NDArray[np.bool_] = skill > np.median(skill) + 1e-9
    return above


def chance_to_leave(outcome: Outcome) -> Floats:
    """That the CSM of today leaves within the horizon: (n_csms,)."""
    chance: Floats = np.mean(outcome.csm_leaves > 0, axis=1)
    return chance


def leaving_table(team: Team, candidate: Outcome, current: Outcome) -> pd.DataFrame:
    """Those whom the candidate drives away most, first.

    Columns: csm_id, csm_name, skill, regretted, leaves_now, leaves_then (chances within the horizon), change.
    """
    then, now = chance_to_leave(candidate), chance_to_leave(current)
    table = pd.DataFrame(
        {
            "csm_id": team.csm_id,
            "csm_name": team.csm_name,
            "skill": mean_skill(team).round(2),
            "regretted": regretted(team),
            "leaves_now": now,
            "leaves_then": then,
            "change": then - now,
        }
    )
    return table.sort_values(["change", "leaves_then", "csm_id"], ascending=[False, False, True], ignore_index=True)


def leaving_finding(table: pd.DataFrame) -> str:
    """How far the chances move, and for how many."""
    up, down = int((table["change"] >= CLEAR).sum()), int((table["change"] <= -CLEAR).sum())
    if not up and not down:
        return "Nobody's chance to leave changes by a point"
    parts = []
    if up:
        parts.append(f"{up} of {len(table)} CSMs become likelier to leave, at most by {points(table['change'].max())}")
    if down:
        parts.append(f"{down} less likely, at most by {points(table['change'].min())}")
    text = "; ".join(parts)
    return text if up else f"Nobody becomes likelier to leave; {text}"
