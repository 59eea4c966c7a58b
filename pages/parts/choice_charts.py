"""Charts of several plans, drawn as those of ``charts``: pointing at a plan dims the others."""

from __future__ import annotations

from functools import cache
from typing import Any

import altair as alt
import pandas as pd

from pages.parts.charts import MONEY, SIGNED, Spec, draw, kept
from sim.decide.choice.pictures import COLOURED, FOCUS, IN_FORCE

_COLOUR = alt.Color("slot:N", scale=alt.Scale(domain=[str(slot) for slot in range(COLOURED)]), legend=None)
_GREY = alt.datum(str(IN_FORCE))
"""Of the plan in force: a rule's own black fails on dark ground."""
_PLAN = alt.Tooltip("plan:N", title="plan")


def _pointed() -> alt.Parameter:
    return alt.selection_point(name="pointed", on="pointerover", clear="pointerout", fields=["plan"], empty=True)


def _shown(pointed: alt.Parameter, full: float) -> Any:
    """Plans without a colour of their own are fainter than others; what is not pointed at nearly goes."""
    range_ = alt.Scale(domain=[False, True], range=[full, 0.4 * full])
    seen = alt.Opacity("faint:O", scale=range_, legend=None)
    return alt.condition(pointed, seen, alt.value(0.1 * full))


@cache
def _cloud_spec() -> Spec:
    axis, scale = alt.Axis(labelExpr=MONEY, tickCount=5), alt.Scale(zero=False, nice=True)
    x = alt.X("x:Q", title="plan cost", axis=axis, scale=scale)
    y = alt.Y("y:Q", title="retained ARR", axis=axis, scale=scale)
    pointed = _pointed()

    def part(name: str) -> alt.Chart:
        return alt.Chart().transform_filter(f"datum.part === '{name}'")

    told = [
        _PLAN,
        alt.Tooltip("x:Q", title="plan cost, median", format="$,.0f"),
        alt.Tooltip("y:Q", title="retained ARR, median", format="$,.0f"),
    ]
    dots = part("dot").mark_circle(size=14).encode(x=x, y=y, color=_COLOUR, opacity=_shown(pointed, 0.35))
    ring = part("ring").mark_line(strokeWidth=1.8, order=False)
    rings = ring.encode(x=x, y=y, color=_COLOUR, detail="plan:N", opacity=_shown(pointed, 0.9), tooltip=_PLAN)
    middle = part("median").mark_point(size=90, filled=True)
    middles = middle.encode(x=x, y=y, color=_COLOUR, opacity=_shown(pointed, 1.0), tooltip=told)
    text = part("name").mark_text(align="left", dx=4, fontSize=12, fontWeight="bold", limit=190)
    names = text.encode(x=x, y=y, text="plan:N", color=_COLOUR, opacity=_shown(pointed, 1.0), tooltip=_PLAN)
    return kept(alt.layer(dots, rings, middles, names).resolve_scale(opacity="independent").add_params(pointed))


@cache
def _spread_spec(signed: bool) -> Spec:
    x = alt.X("x:Q", title=None, axis=alt.Axis(labelExpr=SIGNED if signed else MONEY, tickCount=5))
    x = x.scale(zero=False, nice=False)
    y = alt.Y("y:Q", title="likelier years are higher", axis=alt.Axis(labels=False, ticks=False, grid=False))
    pointed = _pointed()
    lines = alt.Chart().transform_filter("datum.part === 'line'").mark_line(strokeWidth=2.0)
    drawn = lines.encode(x=x, y=y, color=_COLOUR, detail="plan:N", opacity=_shown(pointed, 1.0), tooltip=_PLAN)
    text = alt.Chart().transform_filter("datum.part === 'name'")
    text = text.mark_text(align="right", dx=-4, fontSize=12, fontWeight="bold", limit=190)
    names = text.encode(x=x, y=y, text="plan:N", color=_COLOUR, opacity=_shown(pointed, 1.0), tooltip=_PLAN)
    return kept(alt.layer(drawn, names).resolve_scale(opacity="independent").add_params(pointed))


@cache
def _part_spec() -> Spec:
    x = alt.X("mean:Q", title="against the plan in force", axis=alt.Axis(labelExpr=SIGNED, tickCount=5))
    x = x.scale(padding=12)
    # Rows that only name a plan have a blank for a part, and need no line.
    seen = alt.condition("trim(datum.label) === ''", alt.value(0), alt.value(1))
    axis = alt.Axis(labelLimit=170, ticks=False, grid=True, gridOpacity=seen)
    y = alt.Y("part:N", title=None, sort=alt.SortField("order"), axis=axis)
    pointed = _pointed()
    own = alt.Chart().transform_filter("datum.own && !datum.named")
    range_ = own.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q"), x2="high:Q", y=y, color=_COLOUR)
    told = [
        _PLAN,
        alt.Tooltip("part:N", title="of"),
        alt.Tooltip("mean:Q", title="mean", format="$,.0f"),
        alt.Tooltip("p5:Q", title="5 % of trials below", format="$,.0f"),
        alt.Tooltip("p95:Q", title="5 % of trials above", format="$,.0f"),
    ]
    dots = alt.Chart().transform_filter("!datum.named").mark_circle(size=85)
    drawn = dots.encode(x=x, y=y, color=_COLOUR, opacity=_shown(pointed, 0.95), tooltip=told)
    zero = alt.Chart().mark_rule(strokeDash=[4, 3]).encode(x=alt.datum(0), color=_GREY)
    text = (
        alt.Chart().transform_filter("datum.named").mark_text(align="right", fontSize=12, fontWeight="bold", limit=190)
    )
    names = text.encode(
        x=alt.value("width"), y=y, text="plan:N", color=_COLOUR, opacity=_shown(pointed, 1.0), tooltip=_PLAN
    )
    return kept(alt.layer(zero, range_, drawn, names).resolve_scale(opacity="independent").add_params(pointed))


@cache
def _month_spec() -> Spec:
    x = alt.X("month:Q", title="month", axis=alt.Axis(tickMinStep=1, format="d"), scale=alt.Scale(nice=False))
    y = alt.Y(
        "total:Q", title="against the plan in force, from the start", axis=alt.Axis(labelExpr=SIGNED, tickCount=5)
    )
    pointed = _pointed()
    told = [
        _PLAN,
        alt.Tooltip("month:Q"),
        alt.Tooltip("total:Q", title="from the start", format="$,.0f"),
        alt.Tooltip("mean:Q", title="in the month", format="$,.0f"),
    ]
    lines = alt.Chart().mark_line(strokeWidth=2.2, point=alt.OverlayMarkDef(size=36))
    drawn = lines.encode(x=x, y=y, color=_COLOUR, detail="plan:N", opacity=_shown(pointed, 1.0), tooltip=told)
    zero = alt.Chart().mark_rule(strokeDash=[4, 3]).encode(y=alt.datum(0), color=_GREY)
    text = alt.Chart().transform_filter("isValid(datum.label_y)")
    text = text.mark_text(align="left", dx=7, fontSize=12, fontWeight="bold", limit=170)
    names = text.encode(x=x, y="label_y:Q", text="plan:N", color=_COLOUR, opacity=_shown(pointed, 1.0), tooltip=_PLAN)
    return kept(alt.layer(zero, drawn, names).resolve_scale(opacity="independent").add_params(pointed))


@cache
def _payback_spec() -> Spec:
    points = "(datum.value > 0 ? '+' : '') + format(100 * datum.value, '.1~f') + ' pp'"
    axis = alt.Axis(labelExpr=points, tickCount=5, labelBound=True)
    x = alt.X("mean:Q", title="change of GRR against the plan in force", axis=axis)
    y = alt.Y("plan:N", title=None, sort=alt.SortField("order"), axis=alt.Axis(labelLimit=190, ticks=False))
    base = alt.Chart()
    told = [
        _PLAN,
        alt.Tooltip("needed:Q", title="breaks even at", format="+.2%"),
        alt.Tooltip("mean:Q", title="mean change", format="+.2%"),
        alt.Tooltip("text:N", title="pays for itself in"),
    ]
    ranges = base.mark_rule(strokeWidth=2).encode(x=alt.X("p5:Q"), x2="p95:Q", y=y, color=alt.datum(str(FOCUS)))
    dots = base.mark_circle(size=85, opacity=1.0).encode(x=x, y=y, color=alt.datum(str(FOCUS)), tooltip=told)
    needed = base.mark_tick(thickness=3, size=22, opacity=1.0)
    ticks = needed.encode(x=alt.X("needed:Q"), y=y, color=alt.datum("2"), tooltip=told)
    share = base.mark_text(align="right", dy=-13, fontSize=12).encode(
        x=alt.value("width"), y=y, text="text:N", color=_GREY
    )
    layers = alt.layer(ranges, ticks, dots, share)
    return kept(layers.encode(color=_COLOUR))


def clouds(data: pd.DataFrame, title: str) -> None:
    """Plan cost against retained ARR of all plans."""
    alt_text = "Plan cost against retained ARR. A ring holds half of a plan's trials; its point is the median."
    draw(_cloud_spec(), data, title, alt_text, 430, "choice_clouds")


def distributions(data: pd.DataFrame, title: str, *, signed: bool) -> None:
    """One figure under all plans, its distribution over the trials."""
    draw(_spread_spec(signed), data, title, "A line for each plan: how often each value comes.", 400, "choice_spread")


def parts(data: pd.DataFrame, title: str) -> None:
    """Differences by segment or CSM: dots are plans, lines the uncertainty of the mean of the plan looked at."""
    height = 90 + 27 * data["part"].nunique()
    alt_text = "Dots: mean difference of each plan; lines: two standard errors either way."
    draw(_part_spec(), data, title, alt_text, height, "choice_parts")


def months(data: pd.DataFrame, title: str) -> None:
    """Differences added up month by month."""
    draw(_month_spec(), data, title, "A line for each plan: the difference so far, by month.", 380, "choice_months")


def paybacks(data: pd.DataFrame, title: str) -> None:
    """Change of GRR of each plan, and the one that pays for it."""
    alt_text = "Dots: mean change of GRR; lines hold 90 % of trials; ticks: the change that pays for the plan."
    draw(_payback_spec(), data, title, alt_text, 90 + 40 * len(data), "choice_paybacks")
