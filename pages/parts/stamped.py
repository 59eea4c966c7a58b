"""What a file made now says of itself, how much it may hold, and in which colours."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from pages.parts import address, compute
from sim.share.audience import Audience
from sim.share.take.picture import Theme
from sim.share.take.stamp import Stamp, stamp_of


def stamp(audience: Audience) -> Stamp:
    """Of the scenario as it is."""
    link = address.link()
    today = datetime.now(UTC).date()
    return stamp_of(link, compute.sample_book(link.sample), today, audience, address.full())


def theme() -> Theme:
    """The light theme's colours, on whatever ground the page is: files are for paper and projectors."""
    option = {name: st.get_option(f"theme.light.{name}") for name in ("textColor", "grayTextColor", "borderColor")}
    ground = st.get_option("theme.light.backgroundColor")
    series = [st.get_option(f"theme.light.chart{kind}Colors") for kind in ("Categorical", "Sequential", "Diverging")]
    return Theme(option["textColor"], option["grayTextColor"], option["borderColor"], ground, *map(tuple, series))
