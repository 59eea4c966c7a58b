"""How much a reader may see. A link never grants more than its audience."""

from __future__ import annotations

from typing import Literal, get_args

Audience = Literal["summary", "team", "full"]
"""summary: totals of the team; no customer is named and nobody's pay is shown. team: CSMs by role, without pay.
full: everything."""

AUDIENCES: tuple[Audience, ...] = get_args(Audience)
"""From the least to the most."""

SMALLEST_GROUP = 5
"""People; smaller groups are merged, so that nobody's figures can be told from a total."""


def least(*audiences: Audience) -> Audience:
    """What all of these allow."""
    return min(audiences, key=AUDIENCES.index)
