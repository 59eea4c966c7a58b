"""The chart of a designed team; drawn as those of ``charts``."""

from __future__ import annotations

from functools import cache

import altair as alt
import pandas as pd

from pages.parts.charts import MONEY, Spec, draw, kept
from sim.decide.team.words import PURPOSES


@cache
def _pay_spec() -> Spec:
    purposes = list(PURPOSES)
    colour = alt.Color(
        "purpose:N",
        scale=alt.Scale(domain=purposes),
        legend=alt.Legend(orient="top", title=None, values=purposes, columns=2),
    )
    x = alt.X("amount:Q", title="salary and variable pay over the horizon", axis=alt.Axis(labelExpr=MONEY, tickCount=4))
    y = alt.Y("role:N", title=None, sort=None, axis=alt.Axis(labelLimit=150, ticks=False))
    told = [
        alt.Tooltip("role:N"),
        alt.Tooltip("purpose:N", title="for"),
        alt.Tooltip("amount:Q", title="mean", format="$,.0f"),
    ]
    bars = alt.Chart().mark_bar(height={"band": 0.7})
    drawn = bars.encode(x=x.scale(padding=52, domainMin=0), y=y, color=colour, order=alt.Order("order:Q"), tooltip=told)
    totals = alt.Chart().transform_filter("isValid(datum.total)").mark_text(align="left", dx=4, fontSize=11)
    named = totals.encode(x=alt.X("total:Q"), y=y, text="text:N", color=alt.value("#808495"))
    return kept(alt.layer(drawn, named))


def pay(bars: pd.DataFrame, title: str) -> None:
    """What each role is paid, and what for."""
    height = 90 + 44 * bars["role"].nunique()
    draw(_pay_spec(), bars, title, "Mean pay of each role by what it is paid for.", height, "crew_pay")
