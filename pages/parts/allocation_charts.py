"""Charts of the page on dollars across teams; drawn as those of ``charts``."""

from __future__ import annotations

from functools import cache

import altair as alt
import pandas as pd

from pages.parts.charts import MONEY, Spec, draw, kept
from sim.decide.allocation.findings import PROPOSED, TODAY

_WHEN = [PROPOSED, TODAY]
"""In the theme's first two colours, as candidate and plan in force elsewhere."""
_DOLLARS = "incentive dollars a head and year"
_COLOUR = alt.Color(
    "when:N", scale=alt.Scale(domain=_WHEN), legend=alt.Legend(orient="top", title=None, values=[PROPOSED, TODAY])
)


@cache
def _change_spec() -> Spec:
    x = alt.X("amount:Q", title="incentive dollars a year", axis=alt.Axis(labelExpr=MONEY, tickCount=4))
    y = alt.Y("team:N", title=None, sort=None, axis=alt.Axis(labelLimit=130, ticks=False))
    base = alt.Chart().encode(x=x, y=y, yOffset=alt.YOffset("when:N", sort=_WHEN), color=_COLOUR)
    figures = base.mark_text(align="left", dx=4, fontSize=11).encode(text="text:N")
    room = (
        alt.Chart().mark_point(opacity=0.0).encode(x=alt.X("room:Q", title="incentive dollars a year"))
    )  # for the figures beside the bars
    return kept(alt.layer(base.mark_bar(height={"band": 0.85}), figures, room))


@cache
def _curve_spec() -> Spec:
    x = alt.X("dollars:Q", title=_DOLLARS, axis=alt.Axis(labelExpr=MONEY, tickCount=5))
    y = alt.Y("arr:Q", title="ARR gained a head, over no incentives", axis=alt.Axis(labelExpr=MONEY, tickCount=5))
    told = [
        alt.Tooltip("team:N"),
        alt.Tooltip("dollars:Q", format="$,.0f"),
        alt.Tooltip("arr:Q", title="ARR gained", format="$,.0f"),
    ]
    base = alt.Chart().encode(x=x, y=y)
    lines = base.transform_filter("datum.part === 'curve'").mark_line(strokeWidth=2.2, opacity=0.75)
    names = base.transform_filter("datum.part === 'end'").mark_text(align="left", dx=6, fontSize=12)
    dots = base.transform_filter(f"datum.part === '{PROPOSED}' || datum.part === '{TODAY}'")
    # In the colour of "today": a line's own black fails on dark ground.
    aside = alt.datum(TODAY)
    return kept(
        alt.layer(
            alt.Chart().mark_point(opacity=0.0).encode(x=alt.X("room:Q", title=_DOLLARS)),  # for the names
            lines.encode(detail="team:N", color=aside, tooltip=told),
            names.encode(text="team:N", color=aside),
            dots.mark_circle(size=110, opacity=1.0).encode(
                color=alt.Color("part:N", scale=alt.Scale(domain=_WHEN), legend=alt.Legend(orient="top", title=None)),
                tooltip=told,
            ),
        )
    )


def changes(bars: pd.DataFrame, title: str) -> None:
    """Dollars of each team, proposed and today."""
    height = 90 + 40 * bars["team"].nunique()
    alt_text = "Incentive dollars of each team a year, proposed and today, with the change."
    draw(_change_spec(), bars, title, alt_text, height, "allocation_change")


def curves(table: pd.DataFrame, title: str, height: int) -> None:
    """What each team brings for its dollars, with what is proposed and today's."""
    alt_text = (
        "ARR that each team gains by its incentive dollars, a head, with a dot for what is proposed and for today."
    )
    draw(_curve_spec(), table, title, alt_text, height, "allocation_curves")
