"""What a file made now says of itself, and how much it may hold."""

from __future__ import annotations

from datetime import UTC, datetime

from pages.parts import address, compute, state
from sim.share.audience import Audience
from sim.share.take.stamp import Stamp, stamp_of


def stamp(audience: Audience) -> Stamp:
    """Of the scenario as it is."""
    today = datetime.now(UTC).date()
    return stamp_of(address.link(), compute.book_of(state.scenario()), today, audience, address.full())
