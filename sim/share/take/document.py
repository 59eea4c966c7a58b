"""The decision page as PDF."""

from __future__ import annotations

from typing import Any

from sim.share.take.decision import HOW, TITLE, Decision
from sim.share.take.picture import Picture, Theme, to_svg
from sim.share.take.typeset import to_pdf


def decision_pdf(found: Decision, picture: Picture, theme: Theme) -> bytes:
    """The sentence, the picture, the figures, what was changed and assumed, what it hangs on; A4, Letter-safe."""
    texts = ("sentence", "candidate", "current", "world", "hangs_on")
    tables = ("figures", "moved", "assumed", "worlds")
    data: dict[str, Any] = {
        "title": TITLE,
        "how": HOW,
        "finding": picture.title,
        **{name: getattr(found, name) for name in texts},
        **{name: [row._asdict() for row in getattr(found, name)] for name in tables},
    }
    return to_pdf("decision", data, theme, found.stamp, to_svg(picture, theme, None))
