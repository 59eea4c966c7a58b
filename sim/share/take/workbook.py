"""Tables as one XLSX workbook: numbers as numbers, texts as texts whatever they start with, and a sheet `About`."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import pandas as pd
import xlsxwriter

from sim.share.take.stamp import Stamp
from sim.share.take.typeset import printable

Kind = Literal["usd", "signed_usd", "rate", "whole"]
FORMATS: dict[Kind, str] = {
    "usd": "$#,##0;-$#,##0",
    "signed_usd": "+$#,##0;-$#,##0;$0",
    "rate": "0.00%",
    "whole": "#,##0",
}
ABOUT = "About"
_LARGE = 1_000
_WIDEST = 46
_LONGEST = 32_000
"""Characters of a cell; Excel stops at 32,767."""


class Sheet(NamedTuple):
    """kinds: how the numbers of a column are written, of_rows: those of a row; the others as their size suggests.
    note: a line above."""

    name: str
    table: pd.DataFrame
    kinds: Mapping[str, Kind] = {}
    note: str = ""
    of_rows: Sequence[Kind] = ()


def sheet_name(text: str) -> str:
    """A name that Excel allows, of any text."""
    shown = "".join(letter for letter in printable(text) if letter not in "[]:*?/\\'")[:31].strip()
    return shown.replace("_", " ").capitalize() if shown and shown.lower() not in ("about", "history") else "Table"


def workbook(sheets: Sequence[Sheet], stamp: Stamp) -> bytes:
    """XLSX; the same input gives the same bytes. Sheet names of at most 31 letters, all different."""
    buffer = io.BytesIO()
    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    book = xlsxwriter.Workbook(buffer, safe)
    book.set_properties({"title": sheets[0].name, "comments": stamp.line, "created": stamp.moment})
    for sheet in sheets:
        _write(book, sheet)
    about = pd.DataFrame(stamp.rows, columns=["About these figures", "Value"])
    _write(book, Sheet(ABOUT, about))
    book.close()
    return buffer.getvalue()


def _write(book: Any, sheet: Sheet) -> None:
    page = book.add_worksheet(sheet.name)
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"})
    top = 0
    if sheet.note:
        page.write_string(0, 0, printable(sheet.note, _LONGEST))
        top = 2
    of_rows = [book.add_format({"num_format": FORMATS[kind]}) for kind in sheet.of_rows]
    for place, column in enumerate(sheet.table.columns):
        values = sheet.table[column].tolist()
        page.write_string(top, place, printable(str(column)), head)
        numeric = [value for value in values if _is_number(value)]
        form = book.add_format({"num_format": _format(numeric, sheet.kinds.get(str(column)))})
        for row, value in enumerate(values):
            _cell(page, top + 1 + row, place, value, of_rows[row] if of_rows else form)
        longest = max((len(str(value)) for value in [column, *values[:200]] if not isinstance(value, float)), default=0)
        page.set_column(place, place, min(max(longest + 2, 12), _WIDEST))
    page.freeze_panes(top + 1, 0)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(top)


def _cell(page: Any, row: int, place: int, value: Any, form: Any) -> None:
    if isinstance(value, bool):
        page.write_boolean(row, place, value)
    elif _is_number(value):
        if math.isfinite(value):
            page.write_number(row, place, value, form)
        elif not math.isnan(value):
            page.write_string(row, place, "infinite")
    elif value is not None and not pd.isna(value):
        page.write_string(row, place, printable(str(value), _LONGEST))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _format(values: Sequence[float], kind: Kind | None) -> str:
    if kind is not None:
        return FORMATS[kind]
    if all(isinstance(value, int) or value.is_integer() for value in values if math.isfinite(value)):
        return FORMATS["whole"]
    large = max((abs(value) for value in values if math.isfinite(value)), default=0.0) >= _LARGE
    return FORMATS["whole"] if large else "0.00##"
