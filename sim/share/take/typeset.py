"""From a template and data to PDF, by Typst: offline, and with every text as text, never as markup."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from sim.share.take.picture import FONTS, Theme
from sim.share.take.plain import printables
from sim.share.take.stamp import Stamp

TEMPLATES = Path(__file__).parent / "templates"


def to_pdf(template: str, data: dict[str, Any], theme: Theme, stamp: Stamp, svg: str = "") -> bytes:
    """A tagged PDF. data: what the template reads, as JSON has it; svg: its picture. Same input, same bytes."""
    import typst  # a compiler and its fonts: not before somebody wants a document

    whole = {
        **printables(data),
        "svg": svg,
        "stamp": {"rows": stamp.rows, "line": stamp.line, "link": stamp.link},
        "theme": {"ink": theme.ink, "quiet": theme.quiet, "line": theme.line, "accent": theme.categorical[0]}
        | {"good": theme.categorical[3], "bad": theme.categorical[2], "fonts": [*FONTS, "Libertinus Serif"]},
    }
    # A template is one file of ours below the one that all share; compiled from memory, it can read nothing else.
    source = (TEMPLATES / "base.typ").read_bytes() + b"\n" + (TEMPLATES / f"{template}.typ").read_bytes()
    pdf, _ = typst.compile_with_warnings(
        source,
        format="pdf",
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(whole)},
        timestamp=int(stamp.moment.timestamp()),
    )
    return pdf


@cache
def _fonts() -> Any:
    """The machine's fonts, searched for once."""
    import typst

    return typst.Fonts()
