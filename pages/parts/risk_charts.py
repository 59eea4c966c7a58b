"""Charts of renewal risk; drawn as those of ``charts``."""

from __future__ import annotations

from functools import cache

import altair as alt
import pandas as pd

from pages.parts.charts import Spec, draw, kept

_CAME = "came: share that renewed"
_FACTOR = "factor on the odds of renewal"
_ODDS = ("low", "odds", "high")
_SHARE = alt.Axis(format=".0%", tickCount=5)


@cache
def _reliability_spec() -> Spec:
    scale = alt.Scale(zero=False, nice=True)
    x = alt.X("predicted:Q", title="said: probability of renewal", axis=_SHARE, scale=scale)
    y = alt.Y("observed:Q", title=_CAME, axis=_SHARE, scale=scale)
    perfect = alt.Chart().transform_filter("datum.part === 'perfect'").mark_line(strokeDash=[5, 4], opacity=0.8)
    groups = alt.Chart().transform_filter("datum.part === 'group'")
    told = [
        alt.Tooltip("predicted:Q", title="said", format=".1%"),
        alt.Tooltip("observed:Q", title="came", format=".1%"),
        alt.Tooltip("rows:Q", title="renewals", format=",d"),
    ]
    colour = alt.Color("part:N", scale=alt.Scale(domain=["group", "perfect"]), legend=None)
    bars = groups.mark_rule(strokeWidth=1.6)
    ends = bars.encode(x=x, y=alt.Y("low:Q", title=_CAME, scale=scale), y2="high:Q", color=colour)
    dots = groups.mark_point(size=70, filled=True, opacity=1.0).encode(x=x, y=y, color=colour, tooltip=told)
    return kept(alt.layer(perfect.encode(x=x, y=y, color=colour), ends, dots))


@cache
def _odds_spec() -> Spec:
    scale = alt.Scale(type="log", nice=False, padding=12)
    x = alt.X("odds:Q", title=_FACTOR, scale=scale, axis=alt.Axis(tickCount=5, format="~g"))
    y = alt.Y("label:N", title=None, sort=None, axis=alt.Axis(labelLimit=230, ticks=False))
    told = [alt.Tooltip("label:N", title="step"), *(alt.Tooltip(f"{name}:Q", format=".2f") for name in _ODDS)]
    colour = alt.Color("clear:N", scale=alt.Scale(domain=["clear", "unclear"]), legend=None)
    none = alt.Chart().mark_rule(strokeDash=[5, 4], opacity=0.8).encode(x=alt.datum(1.0), color=alt.datum("unclear"))
    bars = alt.Chart().mark_rule(strokeWidth=2).encode(x=x, y=y, color=colour)
    ends = bars.encode(x=alt.X("low:Q", title=_FACTOR, scale=scale), x2="high:Q")
    dots = alt.Chart().mark_point(size=70, filled=True, opacity=1.0).encode(x=x, y=y, color=colour, tooltip=told)
    return kept(alt.layer(none, ends, dots))


@cache
def _survival_spec() -> Spec:
    x = alt.X("period:Q", title="renewals since the start", axis=alt.Axis(tickMinStep=1, format="d"))
    y = alt.Y("share:Q", title="customers left", axis=_SHARE, scale=alt.Scale(domainMin=0))
    kinds = ["model", "constant rate", "survivors"]
    colour = alt.Color(
        "part:N", scale=alt.Scale(domain=kinds), legend=alt.Legend(orient="top", title=None, symbolOpacity=1.0)
    )
    lines = alt.Chart().transform_filter("datum.part !== 'survivors'")
    band = lines.transform_filter("datum.part === 'model'").mark_area(opacity=0.2)
    dots = alt.Chart().transform_filter("datum.part === 'survivors'").mark_point(size=60, filled=True, opacity=1.0)
    told = [alt.Tooltip("period:Q"), alt.Tooltip("share:Q", title="left", format=".1%")]
    return kept(
        alt.layer(
            band.encode(x=x, y=alt.Y("low:Q", title="customers left"), y2="high:Q", color=colour),
            lines.mark_line(strokeWidth=2.2).encode(x=x, y=y, color=colour, tooltip=told),
            dots.encode(x=x, y=y, color=colour, tooltip=told),
        )
    )


def reliability(data: pd.DataFrame, title: str, *, height: int) -> None:
    """What was said against what came, in groups of held-out renewals."""
    low, high = (float(getattr(data["predicted"], end)()) for end in ("min", "max"))
    perfect = pd.DataFrame({"predicted": [low, high], "observed": [low, high], "part": "perfect"})
    shown = pd.concat([data.assign(part="group"), perfect], ignore_index=True)
    told = f"{title}. Dots: groups of held-out renewals with 95 % intervals; dashed: said and came agree."
    draw(_reliability_spec(), shown, title, told, height, "reliability")


def odds(data: pd.DataFrame, title: str) -> None:
    """The factor on the odds of one step of each feature, with its interval; one to the right renews more."""
    height = 90 + 26 * len(data)
    draw(_odds_spec(), data, title, f"{title}. Bars are 95 % intervals; 1 means no effect.", height, "odds")


def survival(data: pd.DataFrame, title: str, *, height: int) -> None:
    """Survivors of a cohort beside the model and a constant rate."""
    draw(_survival_spec(), data, title, f"{title}. The band is the model's 95 % interval.", height, "survival")
