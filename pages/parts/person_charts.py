"""Charts of one person's pay; drawn as those of ``charts``."""

from __future__ import annotations

from functools import cache

import altair as alt
import pandas as pd

from pages.parts.charts import MONEY, Spec, draw, kept
from sim.decide.picture import CANDIDATE, CURRENT


@cache
def _range_spec() -> Spec:
    axis = alt.Axis(labelExpr=MONEY, tickCount=5)
    x = alt.X("p10:Q", title="variable pay, USD", axis=axis, scale=alt.Scale(zero=True, padding=20))
    y = alt.Y("plan:N", title=None, sort=None, axis=alt.Axis(ticks=False, labelLimit=150))
    # The list of plans may be any: the two that are always there keep their colours, others take the third.
    colour = alt.Color("kind:N", scale=alt.Scale(domain=[CANDIDATE, CURRENT, "listed"]), legend=None)
    told = [alt.Tooltip("plan:N"), *(alt.Tooltip(f"{name}:Q", format="$,.0f") for name in ("p10", "p50", "p90"))]
    bars = alt.Chart().mark_bar(height=14, opacity=0.45, cornerRadius=3).encode(x=x, x2="p90:Q", y=y, color=colour)
    middle = alt.Chart().mark_tick(thickness=3, size=26).encode(x=alt.X("p50:Q"), y=y, color=colour, tooltip=told)
    return kept(alt.layer(bars.encode(tooltip=told), middle))


@cache
def _pace_spec(across: str, of_money: bool) -> Spec:
    labels = alt.Axis(labelExpr=MONEY, tickCount=5) if of_money else alt.Axis(tickCount=6)
    x = alt.X("at:Q", title=across, axis=labels, scale=alt.Scale(zero=False, nice=False))
    y = alt.Y("pay:Q", title="expected pay for the period", axis=alt.Axis(labelExpr=MONEY, tickCount=5))
    told = [alt.Tooltip("at:Q", title="so far", format=",.1f"), alt.Tooltip("pay:Q", title="pay", format="$,.0f")]
    colour = alt.Color("part:N", scale=alt.Scale(domain=["pay", "else", "now"]), legend=None)
    base = alt.Chart().encode(x=x, y=y, color=colour)
    line = base.transform_filter("datum.part === 'pay'").mark_line(strokeWidth=2.4).encode(tooltip=told)
    here = base.transform_filter("datum.part === 'now'")
    return kept(
        alt.layer(
            line,
            here.mark_point(size=120, filled=True, opacity=1.0).encode(tooltip=told),
            here.mark_text(dy=-14, fontSize=12, fontWeight="bold").encode(text=alt.value("now")),
        )
    )


def ranges(data: pd.DataFrame, title: str) -> None:
    """P10 to P90 of variable pay under each plan, the tick at the median."""
    text = f"{title}. Bars: from P10 to P90; tick: median."
    draw(_range_spec(), data, title, text, 70 + 44 * len(data), "ranges")


def pace(data: pd.DataFrame, title: str, across: str, *, of_money: bool, height: int) -> None:
    """Expected pay by what there is so far; across: the title of its axis."""
    draw(
        _pace_spec(across, of_money),
        data,
        title,
        f"{title}. Line: expected pay by what there is so far.",
        height,
        "pace",
    )
