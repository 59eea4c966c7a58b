"""Charts of fairness and behaviour; drawn as those of ``charts``."""

from __future__ import annotations

from functools import cache

import altair as alt
import pandas as pd

from pages.parts.charts import SIGNED, Spec, draw, kept
from sim.decide.picture import CANDIDATE, CURRENT

_PLANS = [CANDIDATE, CURRENT]
_LEGEND = alt.Legend(
    orient="top",
    title=None,
    labelLimit=160,
    symbolType="square",
    symbolDash=[1, 0],
    symbolStrokeWidth=0,
    symbolOpacity=1,
)
_NAMED = alt.Color("plan:N", sort=_PLANS, scale=alt.Scale(domain=_PLANS), legend=_LEGEND)
DEAD = "pays nothing"
_AND_DEAD = alt.Color("plan:N", scale=alt.Scale(domain=[*_PLANS, DEAD]), legend=_LEGEND)
_DASH = alt.StrokeDash("plan:N", sort=_PLANS, scale=alt.Scale(domain=_PLANS, range=[[1, 0], [5, 4]]), legend=None)


@cache
def _merit_spec() -> Spec:
    told = [
        alt.Tooltip("plan:N"),
        alt.Tooltip("tenth:Q", title="tenth, worst first"),
        alt.Tooltip("performance:Q", format="+.1%"),
        alt.Tooltip("payout:Q", format=".0%"),
    ]
    x = alt.X(
        "performance:Q",
        title="ARR against what was expected of the book",
        axis=alt.Axis(format="+.0%", tickCount=6),
    )
    y = alt.Y("payout:Q", title="mean variable pay, of target", axis=alt.Axis(format=".0%", tickCount=5))
    lines = alt.Chart().mark_line(strokeWidth=2.4, point=alt.OverlayMarkDef(size=55))
    return kept(alt.layer(lines.encode(x=x, y=y, color=_NAMED, strokeDash=_DASH, tooltip=told)))


@cache
def _rate_spec() -> Spec:
    x = alt.X("x:Q", title="attainment of quota", axis=alt.Axis(format=".0%", tickCount=6))
    x = x.scale(zero=False, nice=False)
    hidden = alt.Y("y:Q", title=None, axis=None, stack=None, scale=alt.Scale(domainMin=0))
    ends = (
        alt.Chart()
        .transform_filter("datum.part === 'density'")
        .mark_bar(opacity=0.28, binSpacing=0)
        .encode(x=x, x2="x2:Q", y=hidden, y2=alt.datum(0), color=_AND_DEAD)
    )
    dead = alt.Chart().transform_filter("datum.part === 'dead'")
    ground = dead.mark_rect(opacity=0.16).encode(x=x, x2="x2:Q", color=_AND_DEAD)
    # Broken where a phone has no room for one line: "below the threshold".
    why = dead.mark_text(fontSize=12, dy=12, baseline="top", lineBreak=" the ").encode(
        x=alt.X("middle:Q"), y=alt.value(0), text="why:N", color=_AND_DEAD
    )
    told = [
        alt.Tooltip("plan:N"),
        alt.Tooltip("x:Q", title="attainment", format=".0%"),
        alt.Tooltip("y:Q", title="one more point", format="$,.0f"),
    ]
    steps = (
        alt.Chart()
        .transform_filter("datum.part === 'rate'")
        .mark_line(strokeWidth=2.4, interpolate="step-after")
        .encode(
            x=x,
            y=alt.Y("y:Q", title="one more point of quota pays", axis=alt.Axis(format="$,.0f", tickCount=5)),
            color=_AND_DEAD,
            strokeDash=_DASH,
            tooltip=told,
        )
    )
    return kept(alt.layer(ground, ends, steps, why).resolve_scale(y="independent"))


@cache
def _shift_spec() -> Spec:
    x = alt.X("month:O", title="month", axis=alt.Axis(labelAngle=0, ticks=False))
    y = alt.Y("shifted:Q", title="expansion booked, against no games", axis=alt.Axis(labelExpr=SIGNED, tickCount=5))
    told = [alt.Tooltip("plan:N"), alt.Tooltip("month:O"), alt.Tooltip("shifted:Q", format="$,.0f")]
    bars = alt.Chart().mark_bar()
    return kept(
        alt.layer(bars.encode(x=x, xOffset=alt.XOffset("plan:N", sort=_PLANS), y=y, color=_NAMED, tooltip=told))
    )


@cache
def _luck_spec() -> Spec:
    told = [
        alt.Tooltip("csm_name:N", title="CSM"),
        alt.Tooltip("sample:Q", title="counted", format=",.1f"),
        alt.Tooltip("luck:Q", format=".0%"),
        alt.Tooltip("paid_short:Q", title="paid short", format=".0%"),
    ]
    x = alt.X("sample:Q", title="counted for a payout", scale=alt.Scale(type="log", nice=False))
    x = x.axis(format="~s", tickCount=6, grid=False)
    y = alt.Y("luck:Q", title="luck, of the variance of pay", scale=alt.Scale(domain=[0, 1]))
    y = y.axis(format=".0%", tickCount=5)

    colour = alt.Color("of:N", scale=alt.Scale(domain=[*_PLANS, DEAD]), legend=None)

    def of(part: str, name: str = CANDIDATE) -> alt.Chart:
        return alt.Chart().transform_filter(f"datum.part === '{part}'").transform_calculate(of=f"'{name}'")

    line = of("line").mark_line(strokeWidth=2.4).encode(x=x, y=y, color=colour)
    dots = of("csm").mark_circle(size=80, opacity=0.6).encode(x=x, y=y, color=colour, tooltip=told)
    little = of("little", DEAD).mark_rule(strokeDash=[5, 4]).encode(y=y, color=colour)
    return kept(alt.layer(little, line, dots))


def luck(data: pd.DataFrame, title: str, counted: str, *, height: int) -> None:
    """Luck's share by how many things are counted."""
    text = f"{title}. Line: luck by the number of {counted}; a dot is a CSM; dashed: where luck is little."
    draw(_luck_spec(), data, title, text, height, "luck")


def merit(data: pd.DataFrame, title: str, *, height: int) -> None:
    """Mean payout by tenth of performance."""
    draw(_merit_spec(), data, title, f"{title}. A dot is a tenth of the CSM-years.", height, "merit")


def rate(data: pd.DataFrame, title: str, *, height: int) -> None:
    """What another point pays at each attainment, over where CSM-years end."""
    text = f"{title}. Line: pay for one more point by attainment; bars: where CSM-years end."
    draw(_rate_spec(), data, title, text, height, "rate")


def shift(data: pd.DataFrame, title: str, *, height: int) -> None:
    """Expansion that changes its month."""
    draw(_shift_spec(), data, title, f"{title}. Bars: change of expansion booked by month.", height, "shift")
