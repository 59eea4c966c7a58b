"""A chart as a file: the page's own Vega-Lite spec, with the theme's colours, its finding as title, and the stamp."""

from __future__ import annotations

import json
import struct
import textwrap
import zlib
from html import escape
from typing import Any, NamedTuple

import pandas as pd

from sim.share.take.stamp import Stamp

Spec = dict[str, Any]
WIDTH, HEIGHT = 720, 400
"""Of the chart inside its axes, pixels."""
SCALE = 2.5
"""Of a PNG: sharp in print over the width of a page."""
FONTS = ("Arial", "Liberation Sans", "Helvetica", "DejaVu Sans")
"""The first two have the same widths: what fits on one machine fits on the next."""
_PLACED = {"hconcat", "vconcat", "concat", "facet", "repeat"}
_PNG_HEADER = 33
"""Bytes of a PNG's signature and its first chunk."""


class Theme(NamedTuple):
    """Colours as #rrggbb. categorical: the first is the candidate, the second the plan in force."""

    ink: str
    quiet: str
    line: str
    ground: str
    categorical: tuple[str, ...]
    sequential: tuple[str, ...]
    diverging: tuple[str, ...]


class Picture(NamedTuple):
    """A chart of a page. spec: without data. title: what it says."""

    spec: Spec
    data: pd.DataFrame
    title: str
    height: int = HEIGHT
    width: int = WIDTH


def to_svg(picture: Picture, theme: Theme, stamp: Stamp | None) -> str:
    """SVG text. stamp: None for a picture inside a document, which says it all once. No network is used."""
    import vl_convert  # carries a JavaScript engine: not before somebody wants a file

    svg: str = vl_convert.vegalite_to_svg(_whole(picture, theme, stamp), allowed_base_urls=[])
    if stamp is None:
        return svg
    start = svg.index(">") + 1
    about = "".join(f"{name}: {value}\n" for name, value in stamp.rows)
    return f"{svg[:start]}<title>{escape(picture.title)}</title><metadata>{escape(about)}</metadata>{svg[start:]}"


def to_png(picture: Picture, theme: Theme, stamp: Stamp | None) -> bytes:
    """PNG of about 2,000 pixels across; the stamp is in its footer and in its text chunks."""
    import vl_convert

    png: bytes = vl_convert.vegalite_to_png(_whole(picture, theme, stamp), scale=SCALE, allowed_base_urls=[])
    if stamp is None:
        return png
    texts = b"".join(_text_chunk(name, value) for name, value in (("Title", picture.title), *stamp.rows))
    return png[:_PNG_HEADER] + texts + png[_PNG_HEADER:]


def _text_chunk(name: str, value: str) -> bytes:
    """International text, uncompressed, as PNG has it (iTXt)."""
    body = b"iTXt" + name.encode("latin-1")[:79] + b"\0\0\0\0\0" + value.encode()
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))


def _whole(picture: Picture, theme: Theme, stamp: Stamp | None) -> Spec:
    """The spec with its data and all that the page would give it; with a stamp also title and footer."""
    spec = json.loads(json.dumps(picture.spec))
    own = spec.pop("config", {})
    config = {
        name: part | own.get(name, {}) if isinstance(part, dict) else part for name, part in _config(theme).items()
    }
    config["view"] = {"stroke": None}
    about = {"$schema": spec.pop("$schema"), "config": {**own, **config}}
    for mine in ("usermeta", "padding"):
        spec.pop(mine, None)
    spec["data"] = {"values": json.loads(picture.data.to_json(orient="records"))}
    if not _PLACED & spec.keys():
        spec |= {"width": picture.width, "height": picture.height}
    if stamp is None:
        return {**about, **spec, "padding": 4}
    footer = {
        "data": {"values": [{}]},
        "mark": {"type": "text", "align": "left", "baseline": "top", "fontSize": 10, "color": theme.quiet},
        "encoding": {"text": {"value": textwrap.wrap(stamp.line, 128)}, "x": {"value": 0}, "y": {"value": 0}},
        "width": picture.width,
        "height": 26,
    }
    title = {"text": textwrap.wrap(picture.title, 84, max_lines=4, placeholder=" …"), "anchor": "start", "offset": 16}
    return {**about, "vconcat": [spec, footer], "title": title, "padding": 24, "spacing": 14}


def _config(theme: Theme) -> Spec:
    """As the page draws its charts on light ground."""
    words = {"labelColor": theme.quiet, "titleColor": theme.quiet, "titleFontWeight": "normal"}
    return {
        "font": ", ".join((*FONTS, "sans-serif")),
        "background": theme.ground,
        "axis": words
        | {"gridColor": theme.line, "domain": False, "tickColor": theme.line, "labelFontSize": 12}
        | {"titleFontSize": 12, "titlePadding": 10, "labelPadding": 6},
        "legend": words | {"labelFontSize": 12},
        "title": {"color": theme.ink, "fontSize": 16, "fontWeight": 600},
        "range": {
            "category": list(theme.categorical),
            "ordinal": list(theme.sequential),
            "heatmap": list(theme.sequential),
            "ramp": list(theme.sequential),
            "diverging": list(theme.diverging),
        },
        "mark": {"color": theme.categorical[0]},
        "text": {"color": theme.ink},
    }
