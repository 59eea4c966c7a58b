"""Who is likely to leave under a plan, and whose leaving would be regretted."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.book.schema import Team
from sim.decide.compare import summarise
from sim.engine.outcome import Outcome
from sim.words import points

Floats = NDArray[np.float64]


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

    Columns: csm_id, csm_name, skill, regretted, leaves_now, leaves_then (chances within the horizon), change, clear
    (the change can be told from noise with these trials).
    """
    then, now = chance_to_leave(candidate), chance_to_leave(current)
    paired = (candidate.csm_leaves > 0).astype(np.float64) - (current.csm_leaves > 0)
    table = pd.DataFrame(
        {
            "csm_id": team.csm_id,
            "csm_name": team.csm_name,
            "skill": mean_skill(team).round(2),
            "regretted": regretted(team),
            "leaves_now": now,
            "leaves_then": then,
            "change": then - now,
            "clear": [summarise(own).clear for own in paired],
        }
    )
    return table.sort_values(["change", "leaves_then", "csm_id"], ascending=[False, False, True], ignore_index=True)


def leaving_finding(table: pd.DataFrame) -> str:
    """How far the chances move, and for how many."""
    change = table["change"][table["clear"]]
    up, down = int((change > 0.0).sum()), int((change < 0.0).sum())
    if not up and not down:
        return "Nobody's chance to leave changes by more than noise"
    parts = [f"{up} of {len(table)} CSMs become likelier to leave" if up else "Nobody becomes likelier to leave"]
    if up:
        parts[0] += f", by up to {points(change.max())[1:]}"
    if down:
        parts.append(f"{down} less likely, by up to {points(-change.min())[1:]}")
    rest = len(table) - up - down
    if rest:
        parts.append(f"{rest} within noise")
    return "; ".join(parts)
