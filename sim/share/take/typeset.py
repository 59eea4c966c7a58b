"""From a template and data to PDF, by Typst: offline, and with every text as text, never as markup."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Literal

from sim.share.take.picture import FONTS, Theme
from sim.share.take.stamp import Stamp

TEMPLATES = Path(__file__).parent / "templates"
_PPI = 110


def to_pdf(template: str, data: dict[str, Any], theme: Theme, stamp: Stamp) -> bytes:
    """A tagged PDF. data: what the template reads, as JSON has it. The same input gives the same bytes."""
    return _compiled(template, data, theme, stamp, "pdf")[0]


def to_images(template: str, data: dict[str, Any], theme: Theme, stamp: Stamp) -> list[bytes]:
    """The same pages as PNG."""
    return _compiled(template, data, theme, stamp, "png")


def _compiled(
    template: str, data: dict[str, Any], theme: Theme, stamp: Stamp, form: Literal["pdf", "png"]
) -> list[bytes]:
    import typst  # a compiler and its fonts: not before somebody wants a document

    whole = {
        **data,
        "stamp": {"rows": stamp.rows, "line": stamp.line, "link": stamp.link},
        "theme": {"ink": theme.ink, "quiet": theme.quiet, "line": theme.line, "accent": theme.categorical[0]}
        | {"good": theme.categorical[3], "bad": theme.categorical[2], "fonts": [*FONTS, "Libertinus Serif"]},
    }
    # A template is one file of ours below the one that all share; compiled from memory, it can read nothing else.
    source = (TEMPLATES / "base.typ").read_bytes() + b"\n" + (TEMPLATES / f"{template}.typ").read_bytes()
    made, _ = typst.compile_with_warnings(
        source,
        format=form,
        ppi=_PPI,
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(_spaced(whole))},
        timestamp=int(stamp.moment.timestamp()),
    )
    return made if isinstance(made, list) else [made]


@cache
def _fonts() -> Any:
    """The machine's fonts, searched for once."""
    import typst

    return typst.Fonts()


def _spaced(value: Any) -> Any:
    """Every text in it as `printable`."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {name: part if name == "svg" else _spaced(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_spaced(part) for part in value]
    return value


def printable(text: str, most: int = 2_000) -> str:
    """A text that any file can hold on any page: control characters as spaces, nothing beyond ``most`` characters."""
    shown = "".join(letter if letter >= " " else " " for letter in text)
    return shown if len(shown) <= most else shown[: most - 1] + "…"
