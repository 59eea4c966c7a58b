"""Charts of what a conclusion hangs on; drawn as those of ``charts``."""

from __future__ import annotations

from functools import cache

import altair as alt
import pandas as pd

from pages.parts.charts import MONEY, SIGNED, Spec, draw, kept
from sim.decide.sensitivity.tables import EVERYTHING, WINNERS

_ZERO = "no difference"
_SPREAD = "share of the spread of the conclusion"
_PARTS = ["with others", "by itself"]


_ROW = 44
"""Pixels; the name of a row stands above its bar, so that a phone has room for both."""
_BAR, _DOWN, _UP = 13, 9, -9


def _rows() -> alt.Y:
    # Assumptions come in the order of the data.
    return alt.Y("assumption:N", title=None, sort=None, axis=None)


def _names(text: str, colour: str, once: str = "true") -> alt.Chart:
    """The name of each row above its bar, in the colour of this value; from the rows of the data where ``once``."""
    named = alt.Chart().mark_text(align="left", baseline="middle", yOffset=_UP, fontSize=12).transform_filter(once)
    drawn: alt.Chart = named.encode(x=alt.value(2), y=_rows(), text=f"{text}:N", color=alt.datum(colour))
    return drawn


@cache
def _tornado_spec(conclusion: str) -> Spec:
    room = alt.Scale(zero=False, nice=False, padding=48)  # for the values beside the bars
    x = alt.X("start:Q", title=f"difference: {conclusion}", scale=room)
    x = x.axis(labelExpr=SIGNED, tickCount=4)
    scale = alt.Scale(domain=["high", "low", _ZERO])
    legend = alt.Legend(orient="top", title="assumption at its", values=["low", "high"])
    colour = alt.Color("end:N", scale=scale, legend=legend)
    told = [
        alt.Tooltip("assumption:N"),
        alt.Tooltip("value:N", title="at"),
        alt.Tooltip("stop:Q", title="conclusion", format="$,.0f"),
        alt.Tooltip("start:Q", title="here", format="$,.0f"),
    ]
    bars = alt.Chart().mark_bar(height=_BAR, yOffset=_DOWN)
    layers = [
        bars.encode(x=x, x2="stop:Q", y=_rows(), color=colour, tooltip=told),
        _names("name", "low", "datum.end === 'low'"),
    ]
    texts = {
        "left": alt.Chart().mark_text(align="right", dx=-4, fontSize=11, yOffset=_DOWN),
        "right": alt.Chart().mark_text(align="left", dx=4, fontSize=11, yOffset=_DOWN),
    }
    for side, text in texts.items():
        named = text.transform_filter(f"datum.side === '{side}'")
        layers.append(named.encode(x=alt.X("stop:Q"), y=_rows(), text="text:N", color=colour))
    # A dash a row instead of a rule, which would run through the names.
    dash = alt.Chart().mark_tick(thickness=2, size=_BAR + 8, yOffset=_DOWN, opacity=1.0)
    here = dash.encode(x=alt.X("start:Q"), y=_rows(), color=alt.datum("low"))
    # The third colour of the theme singles out where the conclusion changes sign.
    zero = dash.transform_filter("isValid(datum.zero)")
    return kept(alt.layer(zero.encode(x=alt.X("zero:Q"), y=_rows(), color=alt.datum(_ZERO)), here, *layers))


@cache
def _indices_spec() -> Spec:
    x = alt.X("share:Q", title=_SPREAD, scale=alt.Scale(domain=[0, 1]))
    x = x.axis(format=".0%", tickCount=5)
    colour = alt.Color("part:N", scale=alt.Scale(domain=_PARTS), legend=alt.Legend(orient="top", title=None))
    told = [
        alt.Tooltip("assumption:N"),
        alt.Tooltip("part:N"),
        alt.Tooltip("share:Q", format=".0%"),
        alt.Tooltip("low:Q", title="from", format=".0%"),
        alt.Tooltip("high:Q", title="to", format=".0%"),
    ]
    layers = [_names("assumption", _PARTS[1], f"datum.part === '{_PARTS[1]}'")]
    for part, down in zip(_PARTS, (4, 14), strict=True):
        of_part = alt.Chart().transform_filter(f"datum.part === '{part}'").encode(y=_rows(), color=colour)
        spread = of_part.mark_rule(strokeWidth=2.5, opacity=0.55, yOffset=down)
        dots = of_part.mark_circle(size=80, opacity=1.0, yOffset=down)
        layers += [spread.encode(x=alt.X("low:Q", title=_SPREAD), x2="high:Q"), dots.encode(x=x, tooltip=told)]
    return kept(alt.layer(*layers))


@cache
def _worth_spec() -> Spec:
    room = alt.Scale(zero=True, nice=False, padding=48)  # for the figures beside the bars
    x = alt.X("value:Q", title="worth of knowing it", scale=room, axis=alt.Axis(labelExpr=MONEY, tickCount=4))
    told = [
        alt.Tooltip("assumption:N"),
        alt.Tooltip("value:Q", format="$,.0f"),
        alt.Tooltip("low:Q", title="from", format="$,.0f"),
        alt.Tooltip("high:Q", title="to", format="$,.0f"),
    ]
    colour = alt.Color("kind:N", scale=alt.Scale(domain=["one", "all"]), legend=None)
    bars = alt.Chart().mark_bar(height=_BAR, yOffset=_DOWN, opacity=0.75)
    spread = alt.Chart().mark_rule(strokeWidth=2, yOffset=_DOWN).encode(x="low:Q", x2="high:Q", y=_rows(), color=colour)
    text = alt.Chart().mark_text(align="left", dx=6, fontSize=11, yOffset=_DOWN)
    return kept(
        alt.layer(
            bars.encode(x=x, x2=alt.datum(0), y=_rows(), color=colour, tooltip=told),
            spread,
            text.encode(x="edge:Q", y=_rows(), text="text:N", color=colour),
            _names("assumption", "all"),
        )
    )


@cache
def _worlds_spec(x_title: str, y_title: str, money: bool) -> Spec:
    scale = alt.Scale(zero=False, nice=False, padding=8)
    x = alt.X("x:Q", title=x_title, scale=scale, axis=alt.Axis(tickCount=5))
    y_axis = alt.Axis(tickCount=5, labelExpr=SIGNED) if money else alt.Axis(tickCount=5)
    y = alt.Y("y:Q", title=y_title, scale=scale, axis=y_axis)
    legend = alt.Legend(orient="top", title=None, values=WINNERS)
    colour = alt.Color("winner:N", scale=alt.Scale(domain=[*WINNERS, "limit"]), legend=legend)
    shape = alt.Shape("winner:N", scale=alt.Scale(domain=WINNERS, range=["circle", "cross"]), legend=None)
    told = [
        alt.Tooltip("x:Q", title=x_title, format=".3~g"),
        alt.Tooltip("y:Q", title=y_title, format="$,.0f" if money else ".3~g"),
        alt.Tooltip("conclusion:Q", format="$,.0f"),
    ]
    dots = alt.Chart().transform_filter("isValid(datum.winner)").mark_point(filled=True, size=45, opacity=0.75)
    edges = alt.Chart().mark_rule(strokeWidth=2, strokeDash=[5, 3])
    across = edges.transform_filter("isValid(datum.x_at)").encode(x="x_at:Q", color=alt.datum("limit"))
    along = edges.transform_filter("isValid(datum.y_at)").encode(y="y_at:Q", color=alt.datum("limit"))
    return kept(alt.layer(dots.encode(x=x, y=y, color=colour, shape=shape, tooltip=told), across, along))


def tornado(data: pd.DataFrame, conclusion: str, title: str) -> None:
    """A bar for each assumption, from its low to its high; dashes are where the conclusion changes sign."""
    alt_text = "A bar for each assumption: the conclusion at its low and at its high, all others as they are."
    draw(_tornado_spec(conclusion), data, title, alt_text, 110 + _ROW * len(data) // 2, "tornado")


def indices(data: pd.DataFrame, title: str) -> None:
    """Share of the spread by each assumption, by itself and with others, with intervals."""
    alt_text = "Share of the conclusion's spread by assumption, by itself and with others; lines are 90 % intervals."
    draw(_indices_spec(), data, title, alt_text, 110 + _ROW * len(data) // 2, "indices")


def worth(data: pd.DataFrame, title: str) -> None:
    """What it is worth to know each assumption, and all of them."""
    shown = data.assign(
        kind=["all" if name == EVERYTHING else "one" for name in data["assumption"]],
        edge=data[["value", "high"]].max(axis=1),
    )
    alt_text = "What knowing each assumption is worth, in dollars; lines are 90 % intervals."
    draw(_worth_spec(), shown, title, alt_text, 70 + _ROW * len(data), "worth")


def worlds(data: pd.DataFrame, across: list[float], along: list[float], titles: tuple[str, str], title: str) -> None:
    """A mark for each sampled world; dashed lines are the limits of the rule.

    across, along: limits on the first and on the second assumption. titles: of the axes. Without a second assumption
    the second axis is the conclusion, in dollars.
    """
    edges = pd.DataFrame({"x_at": pd.Series(across, dtype=float)})
    edges = pd.concat([edges, pd.DataFrame({"y_at": pd.Series(along, dtype=float)})])
    spec = _worlds_spec(*titles, not along)
    alt_text = "Sampled worlds by who wins; dashed lines are the limits of the rule."
    draw(spec, pd.concat([data, edges]), title, alt_text, 380, "worlds")
