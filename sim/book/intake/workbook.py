"""XLSX workbooks: every sheet that holds a table, without opening what could harm."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from sim.book.intake.sheet import MAX_COLUMNS, MAX_ROWS, Progress, Sheet, above_header, header_place, make_sheet
from sim.problems import InputError, Problem

MAX_UNPACKED = 400_000_000
"""Bytes of XML in a workbook, all parts together."""
MAX_CELLS = 20_000_000
"""Rows times columns of the rectangle that a sheet spans: it is held in memory even where it is empty."""
MAX_PARTS = 2_000
_CHUNK = 1 << 20
_OVERLAP = 64
_REFERENCE = re.compile(rb"r(?<!\wr)\s*=\s*[\"']([A-Za-z]{1,9})?(\d{1,9})[\"']")
_BARE_CELL = re.compile(rb"<(?:\w+:)?c(?=[\s/>])(?!\s+r\s*=\s*[\"'][A-Za-z]{1,9}\d{1,9}[\"'])[^>]*>")
"""A cell that does not begin with its place: what such cells span cannot be known. No spreadsheet writes it."""
_AS_CSV = "save it as CSV or Parquet"


def read_workbook(raw: bytes, file: str, known: frozenset[str], progress: Progress) -> list[Sheet]:
    """Every sheet with a header and rows, in order. Raises InputError when the file must not or cannot be read."""
    _guard(raw, file)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(raw)) as workbook:
            names = workbook.sheet_names
            tables = []
            for place, name in enumerate(names):
                progress(place / len(names), f"Reading {file}")
                tables.append((name, workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)))
    except PasswordError:
        raise InputError([Problem(file, "", "is protected by a password; save it without one")]) from None
    except (CalamineError, OSError):
        raise InputError([Problem(file, "", "is a damaged workbook; save it again")]) from None
    tables = [(name, rows) for name, rows in tables if rows and rows[0]]
    if not tables:
        raise InputError([Problem(file, "", "is empty; it needs a header and rows")])
    sheets: list[Sheet] = []
    problems: list[Problem] = []
    for name, rows in tables:
        called = file if len(tables) == 1 else f"{file}, sheet {name[:31]}"
        try:
            sheets.append(_sheet(called, rows, known))
        except InputError as error:
            problems.extend(error.problems)
    if not sheets:
        raise InputError(problems)
    return sheets


def _sheet(file: str, rows: list[list[Any]], known: frozenset[str]) -> Sheet:
    top = [[_text(cell) for cell in row] for row in rows[: 2 * MAX_COLUMNS]]
    place = header_place(top, known)
    header = top[place]
    while (
        header and not header[-1].strip() and len(header) > 1 and not any(_text(row[len(header) - 1]) for row in rows)
    ):
        header = header[:-1]
    body = rows[place + 1 :]
    cells = pd.DataFrame({column: [_text(row[column]) for row in body] for column in range(len(header))}, dtype="str")
    cells.index = cells.index + place + 2
    return make_sheet(file, header, place + 1, cells, (), above_header(sum(any(row) for row in top[:place])))


def _text(cell: Any) -> str:
    """As it would stand in a CSV file."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


def _guard(raw: bytes, file: str) -> None:
    """Raises InputError for macros, for what is no workbook, and what would unpack to more than there is room for."""

    def no(rule: str) -> InputError:
        return InputError([Problem(file, "", rule)])

    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                raise no("holds macros; save it as 'Excel Workbook (.xlsx)', which has none")
            if "xl/workbook.bin" in names:
                raise no("is a binary workbook (.xlsb); save it as 'Excel Workbook (.xlsx)'")
            if "content.xml" in names:
                raise no("is an OpenDocument file; save it as .xlsx or CSV")
            if any(name.startswith("Index/") for name in names):
                raise no("is an Apple Numbers file; export it as Excel or CSV")
            if "xl/workbook.xml" not in names:
                raise no("is an archive, not a table; unpack it and load the files inside")
            if len(parts) > MAX_PARTS:
                raise no(f"has over {MAX_PARTS:,} parts; {_AS_CSV}")
            room = MAX_UNPACKED
            for part in parts:
                widest = deepest = 0
                for chunk in _unpacked(archive, raw, part):
                    room -= len(chunk)
                    if room < 0:
                        raise no(f"unpacks to more than {MAX_UNPACKED / 1e6:.0f} MB; {_AS_CSV}")
                    # In every part: a sheet may lie anywhere in the archive.
                    if _BARE_CELL.search(chunk):
                        raise no("has cells without a place, as no spreadsheet writes them; save it again")
                    for letters, number in set(_REFERENCE.findall(chunk)):
                        widest = max(widest, _column_number(letters))
                        deepest = max(deepest, int(number))
                if widest > MAX_COLUMNS:
                    raise no(f"must have at most {MAX_COLUMNS} columns; leave out unused ones")
                if widest * deepest > MAX_CELLS or deepest > MAX_ROWS + 50_000:
                    raise no(f"spans {deepest:,} rows and {widest:,} columns; delete the empty ones, or {_AS_CSV}")
    except InputError:
        raise
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, ValueError, OSError):
        raise no("is a damaged workbook; save it again") from None


def _unpacked(archive: zipfile.ZipFile, raw: bytes, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """What a part really unpacks to, in pieces that overlap a little, whatever size its entry declares."""
    if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or part.flag_bits & 1:
        raise zipfile.BadZipFile("compressed or encrypted as no workbook is")
    # The local header's own lengths count: they may differ from those in the directory.
    start = part.header_offset
    if raw[start : start + 4] != b"PK\x03\x04":
        raise zipfile.BadZipFile("no entry where the directory points")
    lengths = int.from_bytes(raw[start + 26 : start + 28], "little") + int.from_bytes(
        raw[start + 28 : start + 30], "little"
    )
    packed = memoryview(raw)[start + 30 + lengths : start + 30 + lengths + part.compress_size]
    tail = b""
    if part.compress_type == zipfile.ZIP_STORED:
        for place in range(0, len(packed), _CHUNK):
            chunk = bytes(packed[place : place + _CHUNK])
            yield tail + chunk
            tail = chunk[-_OVERLAP:]
        return
    inflate = zlib.decompressobj(-15)
    waiting: bytes | memoryview = packed
    while len(waiting) and not inflate.eof:
        chunk = inflate.decompress(waiting, _CHUNK)
        waiting = inflate.unconsumed_tail
        yield tail + chunk
        tail = chunk[-_OVERLAP:]


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - 64
    return number
