"""Scripts and styles of the components, which stand beside them."""

from __future__ import annotations

from pathlib import Path


def read(*names: str) -> str:
    """The files' texts, one after the other."""
    return "\n".join((Path(__file__).parent / name).read_text(encoding="utf-8") for name in names)
