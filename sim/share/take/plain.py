"""Texts out of files, made fit for a page: what a name may hold that no document can show."""

from __future__ import annotations

import re
from typing import Any

MOST = 2_000
_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Control characters and what is no character: XML has no place for them, and a renderer that meets one gives up."""


def printable(text: str, most: int = MOST) -> str:
    """What cannot be shown as spaces, and nothing beyond ``most`` characters."""
    shown = _UNSHOWN.sub(" ", text)
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def printables(value: Any, most: int = MOST) -> Any:
    """Every text in a value as JSON has them, keys apart."""
    if isinstance(value, str):
        return printable(value, most)
    if isinstance(value, dict):
        return {name: printables(part, most) for name, part in value.items()}
    return [printables(part, most) for part in value] if isinstance(value, list | tuple) else value
