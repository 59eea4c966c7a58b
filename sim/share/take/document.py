"""The decision page as PDF."""

from __future__ import annotations

from typing import Any

from sim.share.take.decision import HOW, TITLE, Decision
from sim.share.take.picture import Picture, Theme, to_svg
from sim.share.take.typeset import to_pdf


def decision_pdf(found: Decision, picture: Picture, theme: Theme) -> bytes:
    """The sentence, the picture, the figures, what was changed and assumed, what it hangs on; A4, Letter-safe."""
    return to_pdf("decision", decision_data(found, picture, theme), theme, found.stamp)


def decision_data(found: Decision, picture: Picture, theme: Theme) -> dict[str, Any]:
    """What the template reads."""
    return {
        "title": TITLE,
        "how": HOW,
        "picture": {"title": picture.title, "svg": to_svg(picture, theme, None)},
        **{name: getattr(found, name) for name in ("sentence", "candidate", "current", "world", "hangs_on")},
        **{name: [row._asdict() for row in getattr(found, name)] for name in ("figures", "moved", "assumed", "worlds")},
    }
