"""Charts of past quarters, revenue and value; drawn as those of ``charts``."""

from __future__ import annotations

from functools import cache

import altair as alt
import pandas as pd

from pages.parts.charts import MONEY, SIGNED, Spec, draw, kept
from sim.decide.past.past_pictures import KINDS


@cache
def _waterfall_spec() -> Spec:
    room = alt.Scale(zero=False, nice=False, padding=50)  # for the figures beside the bars
    x = alt.X("start:Q", title="ARR; the axis does not start at zero", scale=room)
    x = x.axis(labelExpr=MONEY, tickCount=4, labelBound=True)
    y = alt.Y("label:N", title=None, sort=alt.SortField("order"), axis=alt.Axis(labelLimit=190, ticks=False))
    kinds = alt.Color("kind:N", scale=alt.Scale(domain=["up", "total", "down"]), legend=None)
    bars = alt.Chart().mark_bar(height={"band": 0.62}).encode(x=x, x2="end:Q", y=y, color=kinds)
    figures = alt.Chart().mark_text(align="left", dx=5, fontSize=11)
    return kept(alt.layer(bars, figures.encode(x=alt.X("right:Q"), y=y, text="text:N", color=kinds)))


def _quarters(title: str | None = None) -> alt.X:
    return alt.X("quarter:N", title=title, sort=alt.SortField("order"), axis=alt.Axis(labelAngle=-45, ticks=False))


@cache
def _movements_spec() -> Spec:
    told = [alt.Tooltip("quarter:N"), alt.Tooltip("kind:N"), alt.Tooltip("change:Q", format="$,.0f")]
    legend = alt.Legend(orient="top", title=None, labelLimit=140)
    bars = (
        alt.Chart()
        .mark_bar(width={"band": 0.7})
        .encode(
            x=_quarters(),
            y=alt.Y("change:Q", title=None, axis=alt.Axis(labelExpr=SIGNED, tickCount=5)),
            color=alt.Color("kind:N", scale=alt.Scale(domain=list(KINDS)), legend=legend),
            tooltip=told,
        )
    )
    return kept(alt.layer(bars))


@cache
def _revenue_spec() -> Spec:
    scale = alt.Scale(zero=False, nice=True)
    y = alt.Y("revenue:Q", title="revenue in the quarter", scale=scale, axis=alt.Axis(labelExpr=MONEY, tickCount=5))
    coming = alt.Chart().transform_filter("datum.part === 'forecast'")
    bands = [
        coming.mark_area(opacity=opacity).encode(
            x=_quarters(),
            y=alt.Y(f"{low}:Q", scale=scale, title="revenue in the quarter"),
            y2=f"{high}:Q",
            color=alt.datum("forecast"),
        )
        for low, high, opacity in (("p5", "p95", 0.15), ("p10", "p90", 0.2), ("p25", "p75", 0.3))
    ]
    told = [alt.Tooltip("quarter:N"), alt.Tooltip("revenue:Q", format="$,.0f")]
    colour = alt.Color("part:N", scale=alt.Scale(domain=["forecast", "past"]), legend=None)
    line = alt.Chart().mark_line(strokeWidth=2.2, point=True)
    last = alt.Chart().mark_text(dy=-10, align="right", fontSize=11).encode(x=_quarters(), y=y, text="text:N")
    return kept(
        alt.layer(*bands, line.encode(x=_quarters(), y=y, color=colour, tooltip=told), last.encode(color=colour))
    )


@cache
def _value_spec() -> Spec:
    kinds = ["After cost", "Gross", "Net"]
    x = alt.X("years:Q", title="lifetime value, times ARR", axis=alt.Axis(format="~g", tickCount=6))
    y = alt.Y("segment:N", title=None, sort=None, axis=alt.Axis(labelLimit=130, ticks=False, grid=True))
    told = [
        alt.Tooltip("segment:N"),
        alt.Tooltip("kind:N"),
        alt.Tooltip("years:Q", format=".1f", title="times ARR"),
        alt.Tooltip("value:Q", format="$,.0f", title="a customer"),
    ]
    colour = alt.Color("kind:N", scale=alt.Scale(domain=kinds), legend=alt.Legend(orient="top", title=None))
    dots = alt.Chart().mark_circle(size=150, opacity=1.0)
    return kept(alt.layer(dots.encode(x=x.scale(zero=True), y=y, color=colour, tooltip=told)))


@cache
def _return_spec() -> Spec:
    x = alt.X("value_returned:Q", title="lifetime value of a dollar", axis=alt.Axis(format="$,.0f", tickCount=4))
    y = alt.Y("into:N", title=None, sort=None, axis=alt.Axis(ticks=False))
    colour = alt.Color("kind:N", scale=alt.Scale(domain=["up"]), legend=None)  # its own black fails on dark ground
    bars = alt.Chart().mark_bar(height={"band": 0.6}).encode(x=x, y=y, color=colour)
    text = alt.Chart().mark_text(align="left", dx=5).encode(x=x, y=y, text="text:N", color=colour)
    room = alt.Chart().mark_point(opacity=0).encode(x=alt.X("room:Q"), y=y)  # for the figures beside the bars
    return kept(alt.layer(bars, text, room))


def waterfall(data: pd.DataFrame, title: str, *, height: int) -> None:
    """From opening to closing ARR of one quarter."""
    shown = data.assign(right=data[["start", "end"]].max(axis=1))
    draw(_waterfall_spec(), shown, title, title, height, "waterfall")


def movements(data: pd.DataFrame, title: str, *, height: int) -> None:
    """Losses below the line, expansion and new customers above it, by quarter."""
    draw(_movements_spec(), data, title, f"{title}. Bars: change of ARR by quarter.", height, "movements")


def revenue(data: pd.DataFrame, title: str, *, height: int) -> None:
    """Past revenue as a line, the forecast as its median in bands of 50, 80 and 90 %."""
    draw(
        _revenue_spec(), data, title, f"{title}. Bands hold 50, 80 and 90 % of the simulated years.", height, "revenue"
    )


def value(data: pd.DataFrame, title: str, *, height: int) -> None:
    """Lifetime value by segment, as a multiple of ARR: gross, net and after cost."""
    draw(_value_spec(), data, title, f"{title}. Dots: gross, net, after cost.", height, "value")


def returns(data: pd.DataFrame, title: str, *, height: int) -> None:
    """What a dollar put in retention, expansion and upsell returns."""
    figures = ["" if pd.isna(value) else f"${value:,.2f}" for value in data["value_returned"]]
    shown = data.assign(text=figures, kind="up", room=1.2 * data["value_returned"].max())
    draw(_return_spec(), shown, title, title, height, "returns")
