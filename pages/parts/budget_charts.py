"""Charts of the budget page; drawn as those of ``charts``."""

from __future__ import annotations

from functools import cache

import altair as alt
import pandas as pd

from pages.parts.charts import MONEY, Spec, draw, kept
from sim.decide.budget.level import ALIKE, SPREAD
from sim.decide.picture import CANDIDATE, CURRENT

_PLANS = [CANDIDATE, CURRENT, "budget"]
"""In the order of the theme's colours: the budget is what is singled out."""
_KINDS = [ALIKE, SPREAD, "budget"]
_MONTHS = ["paid", "earned"]
_CLEAR = alt.Scale(zero=False, nice=True)


def _money_axis(count: int = 5) -> alt.Axis:
    return alt.Axis(labelExpr=MONEY, tickCount=count)


def _part(field: str, value: str) -> str:
    return f"datum.{field} === '{value}'"


@cache
def _cost_spec() -> Spec:
    colour = alt.Color(
        "plan:N",
        scale=alt.Scale(domain=_PLANS),
        legend=alt.Legend(orient="top", title=None, values=_PLANS),
    )
    x = alt.X("low:Q", title="plan cost over the horizon", axis=_money_axis(), scale=_CLEAR)
    y = alt.Y("share:Q", title="share of trials", axis=alt.Axis(format=".0%", tickCount=4), stack=None)
    told = [
        alt.Tooltip("plan:N"),
        alt.Tooltip("low:Q", title="from", format="$,.0f"),
        alt.Tooltip("high:Q", title="to", format="$,.0f"),
        alt.Tooltip("share:Q", title="of trials", format=".1%"),
    ]
    bars = alt.Chart().transform_filter("datum.plan !== 'budget'").mark_bar(opacity=0.5, binSpacing=0)
    drawn = bars.encode(x=x, x2="high:Q", y=y, y2=alt.datum(0), color=colour)
    limit = alt.Chart().transform_filter(_part("plan", "budget")).mark_rule(strokeWidth=2.5)
    return kept(alt.layer(drawn.encode(tooltip=told), limit.encode(x=x, color=colour)))


@cache
def _level_spec() -> Spec:
    colour = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=_KINDS),
        legend=alt.Legend(orient="top", title=None, values=_KINDS, columns=2),  # three do not fit on a phone
    )
    dash = alt.StrokeDash("kind:N", scale=alt.Scale(domain=_KINDS, range=[[1, 0], [5, 4], [1, 0]]), legend=None)
    x = alt.X("level:Q", title="attainment of quota", axis=alt.Axis(format=".0%", tickCount=6))
    x = x.scale(zero=False, nice=False)
    y = alt.Y("cost:Q", title="plan cost over the horizon", axis=_money_axis(), scale=_CLEAR)
    told = [
        alt.Tooltip("kind:N"),
        alt.Tooltip("level:Q", title="attainment", format=".0%"),
        alt.Tooltip("cost:Q", format="$,.0f"),
    ]
    lines = alt.Chart().mark_line(strokeWidth=2.4).encode(x=x, y=y, color=colour, strokeDash=dash, tooltip=told)
    return kept(alt.layer(lines))


@cache
def _parts_spec() -> Spec:
    plans = [CANDIDATE, CURRENT]
    colour = alt.Color(
        "plan:N", scale=alt.Scale(domain=plans), legend=alt.Legend(orient="top", title=None, values=plans)
    )
    room = alt.Scale(padding=52)  # for the figures beside the bars
    x = alt.X("amount:Q", title=None, axis=_money_axis(4), scale=room)
    y = alt.Y("part:N", title=None, sort=None, axis=alt.Axis(labelLimit=150, ticks=False))
    offset = alt.YOffset("plan:N", sort=plans)
    base = alt.Chart().encode(x=x, y=y, yOffset=offset, color=colour)
    figures = base.mark_text(align="left", dx=4, fontSize=11).encode(text="text:N")
    return kept(alt.layer(base.mark_bar(height={"band": 0.85}), figures))


@cache
def _month_spec() -> Spec:
    colour = alt.Color(
        "kind:N", scale=alt.Scale(domain=_MONTHS), legend=alt.Legend(orient="top", title=None, values=_MONTHS)
    )
    month = alt.X("month:O", title="month", axis=alt.Axis(labelAngle=0))
    y = alt.Y("amount:Q", title="a month", axis=_money_axis())
    told = [
        alt.Tooltip("month:O"),
        alt.Tooltip("kind:N"),
        alt.Tooltip("amount:Q", title="mean", format="$,.0f"),
        alt.Tooltip("low:Q", title="P10", format="$,.0f"),
        alt.Tooltip("high:Q", title="P90", format="$,.0f"),
    ]
    paid = alt.Chart().transform_filter(_part("kind", "paid"))
    bars = paid.mark_bar(opacity=0.55).encode(x=month, y=y, color=colour, tooltip=told)
    band = paid.mark_rule(strokeWidth=3).encode(x=month, y=alt.Y("low:Q"), y2="high:Q", color=colour)
    earned = alt.Chart().transform_filter(_part("kind", "earned"))
    line = earned.mark_line(strokeWidth=2.4, point=True).encode(x=month, y=y, color=colour)
    return kept(alt.layer(bars, band, line))


def cost(spread: pd.DataFrame, budget: float, title: str, type_size: float = 1.0) -> None:
    """Where the trials of both plans lie, and the budget."""
    limit = pd.DataFrame({"plan": ["budget"], "low": [budget], "high": [budget], "share": [0.0]})
    alt_text = "Histogram of plan cost under both plans, with the budget as a line."
    draw(_cost_spec(), pd.concat([spread, limit]), title, alt_text, 320, "budget_cost", type_size)


def level(lines: pd.DataFrame, budget: float, title: str) -> None:
    """Cost by attainment, straight through the payout curves."""
    ends = lines["level"].agg(["min", "max"]).to_numpy()
    limit = pd.DataFrame({"level": ends, "cost": [budget, budget], "kind": ["budget", "budget"]})
    alt_text = "Plan cost by attainment, with all CSMs alike and with the simulated spread, and the budget."
    draw(_level_spec(), pd.concat([lines, limit]), title, alt_text, 320, "budget_level")


def parts(bars: pd.DataFrame, title: str) -> None:
    """What both plans' cost is made of."""
    height = 70 + 24 * len(bars)
    draw(_parts_spec(), bars, title, "Mean of each part of the plan cost, both plans.", height, "budget_parts")


def months(bars: pd.DataFrame, title: str) -> None:
    """Paid and earned by month; the thick lines hold 80 % of trials."""
    alt_text = "Cost paid by month with the range of 80 % of trials, and cost earned by month."
    draw(_month_spec(), bars, title, alt_text, 320, "budget_months")
