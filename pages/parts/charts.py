"""The charts: each a Vega-Lite spec built once, without data, in the theme's own colours.

Building a chart with Altair costs 35 ms, drawing a kept spec 3: so a spec is built once, and a run only fills in the
data. In the browser a chart whose spec stays, its title and its alternative text with it, takes new data in a few
milliseconds; any other is built anew. So the finding stands above the chart, as text.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import altair as alt
import pandas as pd
import pyarrow as pa
import streamlit as st

from pages.parts import shown
from pages.parts.literal import literal
from sim.decide import picture
from sim.decide.picture import CANDIDATE, CURRENT
from sim.engine.outcome import Outcome
from sim.share.take.picture import Picture

Spec = dict[str, Any]

_PLANS = [CANDIDATE, CURRENT]
MONEY = (
    "abs(datum.value) >= 1e6 ? format(datum.value / 1e6, '$.2~f') + 'M' : "
    "abs(datum.value) >= 1e3 ? format(datum.value / 1e3, '$.0f') + 'k' : format(datum.value, '$.0f')"
)
SIGNED = "(datum.value > 0 ? '+' : '') + (" + MONEY + ")"
_PLAN_COLOUR = alt.Color("plan:N", sort=_PLANS, scale=alt.Scale(domain=_PLANS), legend=None)
_DASH = alt.StrokeDash("plan:N", sort=_PLANS, scale=alt.Scale(domain=_PLANS, range=[[1, 0], [5, 4]]), legend=None)


def kept(chart: alt.Chart | alt.LayerChart | alt.FacetChart | alt.HConcatChart) -> Spec:
    spec: Spec = chart.to_dict()
    return _without_data(spec)


def _without_data(spec: Spec) -> Spec:
    """The spec with Altair's stand-ins for "data to come" taken out of every layer."""
    layers = {"layer": [_without_data(layer) for layer in spec["layer"]]} if "layer" in spec else {}
    bare = {name: part for name, part in spec.items() if name not in ("data", "datasets")}
    return bare | layers


def _moving(chart: alt.LayerChart | alt.FacetChart) -> Spec:
    """A kept spec whose data change under the finger: a canvas, no search for missing values, and no description of a
    mark, which nobody can read from a canvas, save most of the time that Vega takes."""
    spec = kept(chart.configure_mark(invalid=None, aria=False))
    return spec | {"usermeta": {"embedOptions": {"renderer": "canvas"}}, "padding": {"right": 8}}


def _part(*names: str) -> str:
    return " || ".join(f"datum.part === '{name}'" for name in names)  # a list would be made anew for every row


@cache
def _cloud_spec(x_title: str, y_title: str, signed: bool) -> Spec:
    labels = SIGNED if signed else MONEY
    scale, axis = alt.Scale(zero=False, nice=True), alt.Axis(labelExpr=labels, tickCount=5)
    x, y = alt.X("x:Q", title=x_title, scale=scale, axis=axis), alt.Y("y:Q", title=y_title, scale=scale, axis=axis)
    base = alt.Chart().encode(x=x, y=y, color=_PLAN_COLOUR)
    dots = base.transform_filter(_part("dot")).mark_circle(size=12, opacity=0.25)
    medians = base.transform_filter(_part("median")).mark_circle(size=110, opacity=1.0)
    lines = (
        base.transform_filter(_part("ring"))
        .mark_line(strokeWidth=1.8, order=False)  # as the rows come
        .encode(detail="ring:N", strokeDash=_DASH)
    )
    joined = alt.Chart().transform_filter(_part("median")).mark_line(strokeWidth=1.5, opacity=0.6).encode(x=x, y=y)
    # Names above and below: the two medians are often close.
    aside = alt.expr(f"datum.plan === '{CANDIDATE}' ? -15 : 17")
    names = base.transform_filter(_part("median", "zero")).mark_text(dy=aside, fontWeight="bold", fontSize=12)
    layers: list[alt.Chart] = [lines, joined, dots, medians, names.encode(text="plan:N")]
    if signed:
        zero = alt.Chart().transform_filter(_part("zero")).mark_rule(strokeWidth=1.2).encode(color=_PLAN_COLOUR)
        layers = [zero.encode(x=x), zero.encode(y=y), *layers]
    return _moving(alt.layer(*layers))


@cache
def _curves_spec() -> Spec:
    x = alt.X("x:Q", title="attainment of quota", axis=alt.Axis(format=".0%", tickCount=6))
    x = x.scale(zero=False, nice=False)
    spread = (
        alt.Chart()
        .transform_filter(_part("density"))
        .mark_bar(opacity=0.28, binSpacing=0)
        .encode(
            x=x,
            x2="x2:Q",
            y=alt.Y("y:Q", title=None, axis=None, stack=None, scale=alt.Scale(domainMin=0)),
            y2=alt.datum(0),
            color=_PLAN_COLOUR,
        )
    )
    curve = (
        alt.Chart()
        .transform_filter(_part("curve"))
        .mark_line(strokeWidth=2.4)
        .encode(
            x=x,
            y=alt.Y("y:Q", title="payout, of target", axis=alt.Axis(format=".0%", tickCount=5, orient="left")),
            color=_PLAN_COLOUR,
            strokeDash=_DASH,
        )
    )
    return _moving(alt.layer(spread, curve).resolve_scale(y="independent"))


@cache
def _effort_spec() -> Spec:
    axis = alt.Axis(tickMinStep=1, format="d")
    x = alt.X("month:Q", title="month", axis=axis, scale=alt.Scale(nice=False))
    y = alt.Y("change:Q", title="against the plan in force", axis=alt.Axis(tickCount=4, format="+.0%"))
    base = alt.Chart().encode(x=x, y=y, color=_PLAN_COLOUR)
    lines = base.mark_line(strokeWidth=2.2).encode(strokeDash=_DASH, detail="line:N")
    ends = base.transform_filter("isValid(datum.label_at)").mark_text(align="left", dx=7, fontSize=12)
    return _moving(alt.layer(lines, ends.encode(y="label_at:Q", text="line:N")))


@cache
def _bridge_spec() -> Spec:
    room = alt.Scale(padding=52)  # for the figures beside the bars
    x = alt.X("start:Q", title=None, scale=room, axis=alt.Axis(labelExpr=SIGNED, tickCount=4))
    y = alt.Y("label:N", title=None, sort=alt.SortField("order"), axis=alt.Axis(labelLimit=190, ticks=False))
    kinds = alt.Color("kind:N", scale=alt.Scale(domain=["better", "total", "worse"]), legend=None)
    bars = alt.Chart().mark_bar(height={"band": 0.62}).encode(x=x, x2="end:Q", y=y, color=kinds)
    figures = alt.Chart().mark_text(align="left", dx=5, fontSize=11)
    text = figures.encode(x=alt.X("right:Q"), y=y, text="text:N", color=kinds)  # its own black fails on dark ground
    return _moving(alt.layer(bars, text))


def finding(text: str) -> None:
    """What a chart says: text above it, which wraps where a title inside would be cut."""
    st.markdown(f"**{literal(text)}**".replace(" \\%", "\u00a0%"))  # a figure and its sign stay on one line


def draw(
    spec: Spec, data: pd.DataFrame, title: str, alt_text: str, height: int, key: str, type_size: float = 1.0
) -> None:
    """The chart below its finding. An ``alt_text`` that stays lets the browser keep the chart when data change.

    type_size: of the letters in it, as a multiple of the usual; for a screen that is read from afar.
    """
    finding(title)
    drawn = spec if type_size == 1.0 else _enlarged(spec, type_size)
    shown.note(key, spec, data, title, height)
    st.vega_lite_chart(_columns(data), drawn, height=height, key=key, alt=alt_text, width="stretch")


def _columns(data: pd.DataFrame) -> pa.Table:
    """The table as it is sent. Streamlit's own way there takes three times as long: it looks for types and an index."""
    return pa.table({str(name): pa.array(data[name], from_pandas=True) for name in data.columns})


def _enlarged(spec: Spec, times: float) -> Spec:
    """The spec with larger letters: those that it sets, and those of axes and legends, which it leaves to the theme."""

    def larger(part: Any) -> Any:
        if isinstance(part, dict):
            sizes = ("fontSize", "labelLimit", "dx", "dy")
            return {
                name: times * value if name in sizes and isinstance(value, int) else larger(value)
                for name, value in part.items()
            }
        return [larger(one) for one in part] if isinstance(part, list) else part

    size = {"labelFontSize": 12 * times, "titleFontSize": 12 * times}
    config = spec.get("config", {})
    enlarged: Spec = larger(spec)
    return enlarged | {"config": config | {"axis": size, "legend": size}}


def totals(candidate: Outcome, current: Outcome) -> Picture:
    """The main picture of the page What if, for a document."""
    spec = _cloud_spec("plan cost", "retained ARR", False)
    return Picture(spec, picture.two_clouds(candidate, current), picture.cloud_finding(candidate, current))


def cloud(data: pd.DataFrame, title: str, *, signed: bool, height: int, type_size: float = 1.0) -> None:
    """Plan cost against retained ARR; rings hold half and nine tenths of the trials."""
    if signed:
        spec = _cloud_spec("change of plan cost", "change of retained ARR", True)
    else:
        spec = _cloud_spec("plan cost", "retained ARR", False)
    alt_text = "Plan cost against retained ARR: dots are trials, rings hold half and 90 % of them, medians are joined."
    draw(spec, data, title, alt_text, height, "cloud", type_size)


def curves(data: pd.DataFrame, title: str, *, height: int) -> None:
    """Payout curve of one component over the spread of attainment."""
    draw(_curves_spec(), data, title, "Line: payout by attainment of quota; bars: where CSMs end up.", height, "curve")


def effort(data: pd.DataFrame, title: str, *, height: int) -> None:
    """Effort by month and task, against the plan in force."""
    draw(_effort_spec(), data, title, "Effort by month and task, in percent of the plan in force.", height, "effort")


def bridge(data: pd.DataFrame, title: str, *, height: int, key: str = "bridge", type_size: float = 1.0) -> None:
    """A waterfall that adds up; figures beside the bars. key: of its own where there are several on a page."""
    shown = data.assign(right=data[["start", "end"]].max(axis=1))
    draw(_bridge_spec(), shown, title, "Waterfall: steps that add up to the difference.", height, key, type_size)
