"""Charts of the page Assess; drawn as those of ``charts``."""

from __future__ import annotations

from functools import cache

import altair as alt
import pandas as pd

from pages.parts.charts import MONEY, Spec, draw, kept
from sim.decide.assess.picture import HAPPENED, HEADING, KINDS, PROMISED, TRACK

_PLACES = ["inside", TRACK, "outside"]
"""In the order of the theme's colours: what is outside is what is singled out."""


@cache
def _fan_spec(amount: bool, unit: str) -> Spec:
    colour = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=KINDS),
        legend=alt.Legend(
            orient="top",
            title=None,
            symbolOpacity=1,
            symbolStrokeWidth=0,
            symbolType="square",
            values=[PROMISED, HAPPENED, HEADING],
        ),
    )
    x = alt.X("month:Q", title="month", axis=alt.Axis(tickMinStep=1, format="d"), scale=alt.Scale(nice=False))
    axis = alt.Axis(labelExpr=MONEY, tickCount=5) if amount else alt.Axis(format=",d", tickCount=5)
    y = alt.Y("middle:Q", title=f"to date, {unit}", axis=axis)
    told = [
        alt.Tooltip("month:Q"),
        alt.Tooltip("kind:N"),
        *(
            alt.Tooltip(f"{name}:Q", title=title, format="$,.0f" if amount else ",.1f")
            for name, title in (("low", "P10"), ("middle", "P50"), ("high", "P90"))
        ),
    ]
    base = alt.Chart().encode(x=x, color=colour)
    bands = base.transform_filter(f"datum.kind !== '{HAPPENED}'").mark_area(opacity=0.25)
    lines = base.mark_line(strokeWidth=2.2).encode(
        y=y,
        strokeDash=alt.StrokeDash("kind:N", scale=alt.Scale(domain=KINDS, range=[[1, 0], [5, 4], [1, 0]]), legend=None),
    )
    dots = base.transform_filter(f"datum.kind === '{HAPPENED}'").mark_circle(size=40).encode(y=y)
    return kept(
        alt.layer(
            bands.encode(y=alt.Y("low:Q", title=f"to date, {unit}", axis=axis), y2="high:Q", tooltip=told),
            lines,
            dots.encode(tooltip=told),
        )
    )


@cache
def _strip_spec() -> Spec:
    colour = alt.Color("kind:N", scale=alt.Scale(domain=_PLACES), legend=None)
    y = alt.Y("figure:N", title=None, sort=None, axis=alt.Axis(ticks=False, labelLimit=130))
    x = alt.X(
        "percentile:Q",
        title="percentile of what was promised to date",
        axis=alt.Axis(values=[0.1, 0.5, 0.9], labelExpr="'P' + round(100 * datum.value)", labelOverlap=False),
        scale=alt.Scale(domain=[0, 1]),
    )
    base = alt.Chart().encode(y=y)
    range_ = base.mark_bar(height={"band": 0.72}, opacity=0.25).encode(x=alt.X("low:Q"), x2="high:Q")
    dots = base.mark_circle(size=130, opacity=1).encode(x=x, color=colour)
    grey = alt.Color("track:N", scale=alt.Scale(domain=_PLACES), legend=None)
    side = alt.expr("datum.percentile > 0.5 ? 'right' : 'left'")
    aside = alt.expr("datum.percentile > 0.5 ? -11 : 11")
    texts = base.mark_text(fontSize=11.5, align=side, dx=aside).encode(x=x, text="text:N", color=colour)
    return kept(alt.layer(range_.encode(color=grey), dots, texts))


def fan(data: pd.DataFrame, title: str, *, amount: bool, unit: str) -> None:
    """A figure to date: what was promised, what happened, and where it heads. Bands hold 80 % of the years."""
    alt_text = "The figure to date by month: promised P10 to P90, what happened, and the updated range ahead."
    draw(_fan_spec(amount, unit), data, title, alt_text, 340, "assess_fan")


def strip(data: pd.DataFrame, title: str) -> None:
    """Where each figure falls; the grey bars are P10 to P90."""
    alt_text = "Percentile of each figure to date within the distribution that was promised."
    draw(_strip_spec(), data, title, alt_text, 70 + 34 * len(data), "assess_strip")
