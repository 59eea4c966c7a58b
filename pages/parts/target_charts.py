"""Charts of the target pages; drawn as those of ``charts``."""

from __future__ import annotations

from functools import cache

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pages.parts.charts import Spec, draw, kept

_PARTS = ["Skill and effort", "Luck", "Book", "Interaction"]
"""In the order of the theme's colours: the book is what is singled out."""


def _rows(column: str) -> alt.Y:
    # Options come in the order of the data.
    return alt.Y(f"{column}:N", title=None, sort=None, axis=alt.Axis(labelLimit=170, ticks=False))


@cache
def _reach_spec() -> Spec:
    chance = alt.X(
        "chance:Q",
        title="chance to reach quota",
        axis=alt.Axis(format=".0%", tickCount=5),
        scale=alt.Scale(domain=[0, 1]),
    )
    told = [alt.Tooltip("csm:N", title="CSM"), alt.Tooltip("chance:Q", title="chance", format=".0%")]
    dots = alt.Chart().mark_circle(size=90, opacity=0.45).encode(x=chance, y=_rows("option"), tooltip=told)
    middle = alt.Chart().mark_tick(thickness=3, size=34, opacity=0.9)
    return kept(
        alt.layer(dots, middle.encode(x=alt.X("median(chance):Q", title="chance to reach quota"), y=_rows("option")))
    )


@cache
def _share_spec() -> Spec:
    axis = alt.Axis(format=".0%", tickCount=5)
    x = alt.X("start:Q", title="share of the variance of payout between CSMs", axis=axis)
    legend = alt.Legend(
        orient="bottom",
        title=None,
        columns=2,
        values=["Book", "Luck", "Skill and effort", "Interaction"],
        labelLimit=120,
    )
    colour = alt.Color("part:N", scale=alt.Scale(domain=_PARTS), legend=legend)
    told = [alt.Tooltip("part:N"), alt.Tooltip("share:Q", format=".1%")]
    bars = (
        alt.Chart()
        .mark_bar(height={"band": 0.62})
        .encode(x=x, x2="end:Q", y=_rows("option"), color=colour, tooltip=told)
    )
    return kept(alt.layer(bars))


def reach(data: pd.DataFrame, title: str, *, height: int) -> None:
    """A dot for each CSM in a row for each way to set quotas; the tick is the median CSM."""
    draw(_reach_spec(), data, title, f"{title}. A dot is a CSM of average skill, the tick the median.", height, "reach")


def shares(data: pd.DataFrame, title: str, *, height: int) -> None:
    """What makes pay differ, in a stacked bar for each way to set quotas."""
    draw(_share_spec(), data, title, f"{title}. Book, luck, skill and effort, and their interaction.", height, "shares")


@cache
def _load_spec() -> Spec:
    share = alt.X(
        "share:Q", title="of the fair share", axis=alt.Axis(format=".0%", tickCount=5), scale=alt.Scale(zero=False)
    )
    row = alt.Y("load:N", title=None, sort=None, axis=alt.Axis(ticks=False, labelLimit=120))
    when = alt.YOffset("when:N", sort=["today", "proposed"])
    # Proposed in the first colour of the theme, today in the second, as candidate and current elsewhere.
    colour = alt.Color(
        "when:N",
        scale=alt.Scale(domain=["proposed", "today"]),
        legend=alt.Legend(orient="top", title=None, values=["today", "proposed"]),
    )
    told = [
        alt.Tooltip("csm:N", title="CSM"),
        alt.Tooltip("load:N"),
        alt.Tooltip("share:Q", format=".0%"),
        alt.Tooltip("when:N"),
    ]
    dots = alt.Chart().mark_circle(size=36, opacity=0.55)
    dots = dots.encode(x=share, y=row, yOffset=when, color=colour, tooltip=told)
    # In the colour of "today": a rule's own black fails on dark ground.
    edges = alt.Chart().mark_rule(strokeDash=[4, 3]).encode(color=alt.datum("today"))
    return kept(alt.layer(dots, edges.encode(x="min(low):Q"), edges.encode(x="max(high):Q")))


def loads(data: pd.DataFrame, band: float, title: str) -> None:
    """A dot for each CSM and load, today and proposed; dashed lines mark the band."""
    shown = data.assign(low=1.0 - band, high=1.0 + band)
    draw(_load_spec(), shown, title, f"{title}. A dot is a CSM; dashed lines mark the band.", 420, "loads")


@cache
def _hours_spec() -> Spec:
    month = alt.X("month:Q", title="month", axis=alt.Axis(tickMinStep=1, format="d"), scale=alt.Scale(nice=False))
    amount = alt.Y(
        "hours:Q", title="hours a month", axis=alt.Axis(format=",.0f", tickCount=5), scale=alt.Scale(zero=False)
    )
    kinds = ["there", "there with new CSMs", "needed"]
    colour = alt.Color("kind:N", scale=alt.Scale(domain=kinds), legend=alt.Legend(orient="top", title=None))
    told = [alt.Tooltip("month:Q"), alt.Tooltip("kind:N"), alt.Tooltip("hours:Q", format=",.0f")]
    lines = alt.Chart().mark_line(strokeWidth=2.4, point=True)
    return kept(alt.layer(lines.encode(x=month, y=amount, color=colour, tooltip=told)))


def hours(months: pd.DataFrame, added: NDArray[np.float64], title: str) -> None:
    """Hours needed, there, and there with the new CSMs, by month."""
    lines = {"needed": months["needed"], "there": months["there"]}
    if added.any():
        lines["there with new CSMs"] = months["there"] + added
    data = pd.concat(
        [pd.DataFrame({"month": months["month"], "hours": line, "kind": kind}) for kind, line in lines.items()]
    )
    draw(_hours_spec(), data, title, f"{title}, and with the new CSMs.", 300, "hours")
