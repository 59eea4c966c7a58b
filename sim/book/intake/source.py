"""A file as the table or tables that it holds: what it is shows in its content, whatever its ending says."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import IO

from sim.book.intake.delimited import read_delimited
from sim.book.intake.parquet import read_parquet
from sim.book.intake.sheet import Progress, Sheet, in_silence
from sim.book.intake.workbook import read_workbook
from sim.problems import InputError, Problem

MAX_BYTES = 200_000_000

Source = str | Path | bytes | bytearray | memoryview | IO[bytes] | IO[str]
"""What is read: a path, the content itself, or an open file such as an upload."""

ENDINGS = {"text": (".csv", ".tsv", ".txt", ".tab"), "workbook": (".xlsx",), "Parquet file": (".parquet", ".pq")}
_AS_CSV = "save the table as CSV, .xlsx or Parquet"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", f"is a PDF; {_AS_CSV}"),
    (b"\x89PNG", f"is a picture; {_AS_CSV}"),
    (b"\xff\xd8\xff", f"is a picture; {_AS_CSV}"),
    (b"GIF8", f"is a picture; {_AS_CSV}"),
    (b"{\\rtf", f"is a text document (RTF); {_AS_CSV}"),
    (b"SQLite format 3", f"is a SQLite database; {_AS_CSV}"),
    *(
        (mark, "is compressed; unpack it and load the file inside")
        for mark in (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf", b"Rar!", b"PK\x05\x06")
    ),
)
_HTML = re.compile(rb"<(!doctype html|html|head|body|table|meta)\b", re.IGNORECASE)


def read_sheets(source: Source, file: str, known: frozenset[str], progress: Progress = in_silence) -> list[Sheet]:
    """Every table in a file: one, or the sheets of a workbook.

    file: how errors call it. known: keys (`sheet.key`) of the headers that anybody could mean.
    Raises InputError, in a sentence, for whatever is no table, too large, or could harm.
    """
    raw = _load(source, file)
    rule = _no_table(raw)
    if rule:
        raise InputError([Problem(file, "", rule)])
    if raw.startswith(b"PK\x03\x04"):
        kind, sheets = "workbook", read_workbook(raw, file, known, progress)
    elif raw.startswith(b"PAR1"):
        kind, sheets = "Parquet file", [read_parquet(raw, file, progress)]
    else:
        kind, sheets = "text", [read_delimited(raw, file, known, progress)]
    ending = Path(file).suffix.lower()
    expected = next((name for name, endings in ENDINGS.items() if ending in endings), kind)
    if expected == kind:
        return sheets
    note = f"Its ending is {ending}, but it is {'' if kind == 'text' else 'a '}{kind}; it was read as that."
    return [replace(sheet, notes=(note, *sheet.notes)) for sheet in sheets]


def file_name(source: Source, otherwise: str) -> str:
    """The name of a path, or else of the file that it stands for."""
    return Path(source).name if isinstance(source, str | Path) else otherwise


def _load(source: Source, file: str) -> bytes:
    content: bytes | str
    if isinstance(source, str | Path):
        path = Path(source)
        try:
            if path.exists() and not (path.is_file() or path.is_dir()):
                raise InputError([Problem(file, "", "is not a file; name a file")])
            with path.open("rb") as opened:
                content = opened.read(MAX_BYTES + 1)
        except OSError as error:
            reason = (error.strerror or "unknown reason").lower()
            raise InputError([Problem(file, "", f"cannot be read: {reason}")]) from None
    elif isinstance(source, bytes | bytearray | memoryview):
        content = bytes(source)
    else:
        content = source.read(MAX_BYTES + 1)
    raw = content.encode() if isinstance(content, str) else content
    if len(raw) > MAX_BYTES:
        rule = f"must be smaller than {MAX_BYTES / 1e6:.0f} MB; split the book or leave out unused columns"
        raise InputError([Problem(file, "", rule)])
    return raw


def _no_table(raw: bytes) -> str:
    """The rule that a content breaks that is known to be something else, or nothing."""
    if raw.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in raw:
            return "is protected by a password; save it without one"
        return "is an old Excel file (.xls); save it as 'Excel Workbook (.xlsx)'"
    for mark, rule in _OTHERS:
        if raw.startswith(mark):
            return rule
    top = raw[:2_000].lstrip(b"\xef\xbb\xbf \r\n\t")
    if _HTML.match(top) or (top.startswith(b"<") and _HTML.search(top)):
        return f"is a web page, as some systems save reports under the ending .xls; {_AS_CSV}"
    if top.startswith(b"<?xml"):
        return f"is XML; {_AS_CSV}"
    if re.match(rb"[\[{]\s*[\[{\"\]}]", top):
        return f"is JSON; {_AS_CSV}"
    return ""
