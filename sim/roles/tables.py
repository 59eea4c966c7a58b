"""The roles as tables: for a picture, a download, the methods page."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sim.plan.schema import Period, Plan
from sim.roles.archetypes import ARCHETYPES, Archetype, archetype_plan
from sim.words import percent

_EVERY: dict[Period, str] = {"month": "monthly", "quarter": "quarterly", "half": "half-yearly", "year": "yearly"}
TASKS = {"retention": "renewals", "upsell": "upsell", "cross_sell": "cross-sell", "kpi": "KPIs"}
"""What effort goes into, in words."""


def mix_in_words(role: Archetype) -> str:
    """5 to 15 %."""
    low, high = role.mix
    return f"{100 * low:.0f} to {percent(high, 0)}"


def effort_in_words(role: Archetype) -> str:
    """Renewals 1.2, upsell 0.3; what the role cannot move is left out."""
    moved = [f"{TASKS[task]} {skill:g}" for task, skill in role.effort._asdict().items() if skill > 0.0]
    return ", ".join(moved)


def periods_in_words(plan: Plan) -> str:
    """Quarterly; lead half-yearly, manager yearly."""
    others = [f"{level} {_EVERY[period]}" for level, period in plan.period_by_level.items()]
    return _EVERY[plan.period] + (f"; {', '.join(others)}" if others else "")


def role_table() -> pd.DataFrame:
    """All that is known of each role, a row each."""
    return pd.DataFrame(
        {
            "role": [role.name for role in ARCHETYPES],
            "owns": [role.owns for role in ARCHETYPES],
            "effort_moves": [effort_in_words(role) for role in ARCHETYPES],
            "paid_on": [role.measures for role in ARCHETYPES],
            "paid_on_source": [role.measured_by for role in ARCHETYPES],
            "plan": [archetype_plan(role.key).description for role in ARCHETYPES],
            "variable_share": [archetype_plan(role.key).variable_share for role in ARCHETYPES],
            "usual_range": [mix_in_words(role) for role in ARCHETYPES],
            "range_source": [role.mix_source for role in ARCHETYPES],
            "confidence": [role.confidence for role in ARCHETYPES],
            "paid": [periods_in_words(archetype_plan(role.key)) for role in ARCHETYPES],
            "hands_over": [role.hands_over for role in ARCHETYPES],
        }
    )


PUBLISHED, JUDGED = "published range", "judgement"


def mix_picture(roles: Sequence[Archetype]) -> pd.DataFrame:
    """Usual range of variable pay and what the role's plan has, fractions; least at risk first."""
    rows = [
        {
            "role": role.name,
            "low": role.mix[0],
            "high": role.mix[1],
            "share": archetype_plan(role.key).variable_share,
            "range": mix_in_words(role),
            "basis": JUDGED if role.mix_source.startswith("Judgement") else PUBLISHED,
        }
        for role in roles
    ]
    return pd.DataFrame(rows).sort_values(["share", "low"], kind="stable")


def mix_finding(data: pd.DataFrame) -> str:
    """What that picture says of the plans."""
    least, most = data.iloc[0], data.iloc[-1]
    low, high = percent(least["share"], 0), percent(most["share"], 0)
    if low == high:
        return f"Variable pay is {low} in these plans"
    same = int((data["share"] == least["share"]).sum())
    return f"Variable pay from {low} ({least['role'] if same == 1 else f'{same} roles'}) to {high} ({most['role']})"
