"""Charts of the frontier; drawn as those of ``charts``."""

from __future__ import annotations

from functools import cache

import altair as alt
import pandas as pd

from pages.parts.charts import SIGNED, Spec, draw, kept

_PARTS = ["offer", "today", "leader", "tried"]
"""In the order of the theme's colours: what is offered as the candidate elsewhere, today's plan as the current one."""
_COST = "change of cost in a bad year (P90)"


@cache
def _front_spec(field: str, title: str) -> Spec:
    scale = alt.Scale(zero=False, nice=True, padding=14)
    x = alt.X("cost:Q", title=_COST, scale=scale, axis=alt.Axis(labelExpr=SIGNED, tickCount=5, labelBound=True))
    axis = alt.Axis(labelExpr=SIGNED, tickCount=5) if field == "arr" else alt.Axis(format=".0%", tickCount=5)
    y = alt.Y(f"{field}:Q", title=title, scale=scale, axis=axis)
    colour = alt.Color("part:N", scale=alt.Scale(domain=_PARTS), legend=None)
    base = alt.Chart().encode(x=x, y=y, color=colour)
    tried = base.transform_filter("datum.part === 'tried'").mark_circle(size=14, opacity=0.3)
    leaders = base.transform_filter("datum.part === 'leader'").mark_circle(size=22, opacity=0.75)
    singled = "datum.part === 'offer' || datum.part === 'today'"
    told = [
        alt.Tooltip("name:N", title="plan"),
        alt.Tooltip("cost:Q", title="cost P90, change", format="+$,.0f"),
        alt.Tooltip("arr:Q", title="retained ARR, change", format="+$,.0f"),
        alt.Tooltip("gap:Q", title="pay gap by book", format=".1%"),
    ]
    dots = base.transform_filter(singled).mark_point(size=120, filled=True, opacity=1.0).encode(tooltip=told)
    names = base.transform_filter(singled).mark_text(dy=-14, fontSize=13, fontWeight="bold").encode(text="label:N")
    return kept(alt.layer(tried, leaders, dots, names))


def arr_against_cost(data: pd.DataFrame, title: str) -> None:
    """Retained ARR against the cost of a bad year, both as changes from the plan in force."""
    alt_text = "Change of retained ARR against change of cost P90: offers are numbered, small dots are plans tried."
    draw(_front_spec("arr", "change of retained ARR"), data, title, alt_text, 360, "front_arr")


def gap_against_cost(data: pd.DataFrame, title: str) -> None:
    """The pay gap by book against the cost of a bad year."""
    alt_text = "Pay gap by book against change of cost P90: offers are numbered, small dots are plans tried."
    draw(_front_spec("gap", "pay gap by book"), data, title, alt_text, 360, "front_gap")
