"""What a file made now says of itself, how much it may hold, and in which colours."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from pages.parts import address, compute, pass_on
from sim.share.audience import Audience
from sim.share.link import Link, encode
from sim.share.read_link import decode
from sim.share.store.saved import Scenario
from sim.share.take.picture import Theme
from sim.share.take.stamp import Stamp, stamp_of


def stamp(audience: Audience) -> Stamp:
    """Of the scenario on the screen. audience: of whoever the file is for."""
    link = address.link()
    pairs, problems = encode(link)
    where = "" if problems else pass_on.full(pairs, audience)  # a link that says less leads to other figures
    return _of(link, audience, where)


def stamp_of_saved(saved: Scenario) -> Stamp:
    """Of a saved scenario, for who may see everything; it is reached by its own links only."""
    return _of(decode(saved.pairs, address.VIEWS).link, "full", "")._replace(model=saved.model_version)


def _of(link: Link, audience: Audience, where: str) -> Stamp:
    return stamp_of(link, compute.sample_book(link.sample), datetime.now(UTC).date(), audience, where)


def theme() -> Theme:
    """The light theme's colours, on whatever ground the page is: files are for paper and projectors."""
    option = {name: st.get_option(f"theme.light.{name}") for name in ("textColor", "grayTextColor", "borderColor")}
    ground = st.get_option("theme.light.backgroundColor")
    series = [st.get_option(f"theme.light.chart{kind}Colors") for kind in ("Categorical", "Sequential", "Diverging")]
    return Theme(option["textColor"], option["grayTextColor"], option["borderColor"], ground, *map(tuple, series))
