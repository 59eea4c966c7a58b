"""Broken, odd and hostile files, each with what must be said of it. Written out by: python tests/odd_files.py FOLDER"""

from __future__ import annotations

import gzip
import io
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

HEADER = "account_id,account_name,csm_id,arr,renewal_date,renewal_probability\n"
ROW = "A1,Kites,C1,1000,2026-03-31,0.9\n"
GOOD = HEADER + ROW + "A2,Tents,C2,2000,2026-05-31,0.8\n"
NEEDS = "choose its column, or one value for all rows"
READ_ALL = "2 kept, 0 refused, $3,000 of $3,000"


class Odd(NamedTuple):
    """A file, and a part of what is said of it: a sentence of refusal, or what is kept."""

    name: str
    content: bytes
    said: str


def workbook(*sheets: tuple[str, list[list[object]]]) -> bytes:
    """An XLSX file with these sheets."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, date | datetime):
                        sheet.write_datetime(place, column, cell, day)
                    elif isinstance(cell, str) and cell.startswith("{="):
                        sheet.write_formula(place, column, cell[1:-1], value=1234)
                    else:
                        sheet.write(place, column, cell)
    return buffer.getvalue()


def cells(text: str = GOOD) -> list[list[object]]:
    rows: list[list[object]] = [list(line.split(",")) for line in text.splitlines()]
    return [rows[0]] + [
        [*row[:3], float(str(row[3])), date.fromisoformat(str(row[4])), float(str(row[5]))] for row in rows[1:]
    ]


def repacked(content: bytes, changes: dict[str, bytes | None]) -> bytes:
    """A zip with members replaced, added, or (None) left out."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        members = {name: old.read(name) for name in old.namelist()}
        for name, member in {**members, **changes}.items():
            if member is not None:
                new.writestr(name, member)
    return buffer.getvalue()


def bomb(lying: bool) -> bytes:
    """A workbook with a part of a gigabyte of spaces in a megabyte; a lying one declares it to be ten bytes."""
    content = bytearray(repacked(workbook(("Accounts", cells())), {"xl/media/huge.xml": b"?"}))
    # A block that ends in a full flush stands by itself: it is packed once, and repeated.
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = squeeze.compress(b" " * (1 << 20)) + squeeze.flush(zlib.Z_FULL_FLUSH)
    packed = 500 * block + squeeze.flush()
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name) if name != "xl/media/huge.xml" else b" " * 10)
    raw = buffer.getvalue()
    name = b"xl/media/huge.xml"
    local, central = raw.index(name) - 30, raw.rindex(name) - 46
    size = struct.unpack_from("<I", raw, local + 18)[0]
    body = local + 30 + len(name)
    grown = len(packed) - size
    raw = raw[:body] + packed + raw[body + size :]
    changed = bytearray(raw)
    central += grown
    for place in (local + 18, central + 20):
        struct.pack_into("<I", changed, place, len(packed))
    if not lying:
        for place in (local + 22, central + 24):
            struct.pack_into("<I", changed, place, 500 << 20)
    end = changed.rindex(b"PK\x05\x06")
    struct.pack_into("<I", changed, end + 16, struct.unpack_from("<I", changed, end + 16)[0] + grown)
    # Members after it have moved as well.
    place = struct.unpack_from("<I", changed, end + 16)[0]
    while changed[place : place + 4] == b"PK\x01\x02":
        offset = struct.unpack_from("<I", changed, place + 42)[0]
        if offset > local:
            struct.pack_into("<I", changed, place + 42, offset + grown)
        place += 46 + sum(struct.unpack_from("<HHH", changed, place + 28))
    return bytes(changed)


def sheet_xml(rows: str) -> bytes:
    """A workbook whose only sheet has these rows as XML."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    xml = f'<?xml version="1.0"?><worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'
    return repacked(workbook(("Accounts", cells())), {"xl/worksheets/sheet1.xml": xml.encode()})


def parquet(frame: pd.DataFrame | pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(frame if isinstance(frame, pa.Table) else pa.Table.from_pandas(frame, preserve_index=False), buffer)
    return buffer.getvalue()


def typed() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "account_id": ["A1", "A2"],
            "csm_id": ["C1", "C2"],
            "arr": [1000.0, 2000.0],
            "renewal_date": pd.to_datetime(["2026-03-31", "2026-05-31"]),
            "renewal_probability": [0.9, 0.8],
        }
    )


def with_cell(column: str, cell: str) -> bytes:
    """The good file with one cell of the second row changed."""
    names = HEADER.strip().split(",")
    row = ROW.strip().split(",")
    row[names.index(column)] = f'"{cell}"'
    return GOOD.replace(ROW, ",".join(row) + "\n").encode()


def odd_files() -> Iterator[Odd]:
    """Every file; none is larger than a few megabytes."""
    good = GOOD.encode()
    # --- what is no table
    yield Odd("empty.csv", b"", "is empty; it needs a header and rows")
    yield Odd("blank.csv", b"\xef\xbb\xbf \r\n\r\n", "is empty; it needs a header and rows")
    yield Odd("header_only.csv", HEADER.encode(), "has a header but no rows")
    yield Odd("spaces_only_rows.csv", (HEADER + " , , , , , \n").encode(), "has a header but no rows")
    yield Odd("report.pdf", b"%PDF-1.7 ...", "is a PDF; save the table as CSV, .xlsx or Parquet")
    yield Odd("picture.csv", b"\x89PNG\r\n\x1a\n....", "is a picture")
    yield Odd("photo.xlsx", b"\xff\xd8\xff\xe0....", "is a picture")
    yield Odd("letter.csv", b"{\\rtf1\\ansi hello}", "is a text document (RTF)")
    yield Odd("data.sqlite", b"SQLite format 3\0" + bytes(100), "is a SQLite database")
    yield Odd("accounts.csv.gz", gzip.compress(good), "is compressed; unpack it and load the file inside")
    yield Odd("accounts.7z", b"7z\xbc\xaf\x27\x1c....", "is compressed")
    yield Odd("records.json", b'[{"account_id": "A1"}]', "is JSON; save the table as CSV")
    yield Odd("record.csv", b'{"account_id": "A1"}', "is JSON")
    yield Odd(
        "salesforce.xls",
        b"<html><table><tr><td>Account Name</td></tr></table></html>",
        "is a web page, as some systems save reports",
    )
    yield Odd("page.csv", b"<!DOCTYPE html><p>Sign in</p>", "is a web page")
    yield Odd("old.xml", b"<?xml version='1.0'?><Workbook></Workbook>", "is XML")
    yield Odd(
        "old.xls",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "is an old Excel file (.xls); save it as 'Excel Workbook (.xlsx)'",
    )
    yield Odd(
        "secret.xlsx",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100) + "EncryptedPackage".encode("utf-16-le"),
        "is protected by a password; save it without one",
    )
    yield Odd("noise.bin", bytes(range(256)) * 20, "holds NUL bytes")
    yield Odd("nul.csv", GOOD.replace("Tents", "Te\0nts").encode(), "holds NUL bytes (the first in line 3)")
    yield Odd(
        "prose.txt",
        b"Dear colleague,\nplease find nothing attached.\n",
        f"needs arr (annual recurring revenue now); {NEEDS}",
    )
    # --- delimited text
    yield Odd(
        "uneven.csv",
        GOOD.replace("1000", "1,000").encode(),
        "row 2: has 7 cells, the header 6; put cells with ',' in quotes",
    )
    yield Odd(
        "open_quote.csv", GOOD.replace("Kites", '"Kites').encode(), "row 2: opens a quotation mark that never closes"
    )
    yield Odd(
        "open_quote_after_uneven.csv",
        (HEADER + ROW.replace("1000", "1,000") + ROW.replace("Kites", '"Kites')).encode(),
        "row 3: opens a quotation mark that never closes",
    )
    yield Odd(
        "stray_quote.csv",
        (HEADER + ROW.replace("1000", "1,000") + ROW.replace("Kites", '"Kites"s')).encode(),
        "row 3: has text after a closing quotation mark",
    )
    yield Odd(
        "latin1.csv", GOOD.replace("Kites", "Käse").encode("latin-1"), "is not UTF-8 text; save the file as 'CSV UTF-8'"
    )
    yield Odd(
        "wide.csv",
        (",".join(f"c{n}" for n in range(900)) + "\n" + "1," * 899 + "1\n").encode(),
        "must have at most 500 columns",
    )
    yield Odd("utf16.csv", GOOD.encode("utf-16"), READ_ALL)
    yield Odd("semicolons.csv", GOOD.replace(",", ";").encode(), READ_ALL)
    yield Odd("tabs.tsv", GOOD.replace(",", "\t").encode("utf-8-sig"), READ_ALL)
    yield Odd("mac.csv", GOOD.replace("\n", "\r").encode(), READ_ALL)
    yield Odd("blank_lines.csv", ("\n\n" + GOOD.replace("A2", "\n\nA2") + "\n\n").encode(), READ_ALL)
    yield Odd(
        "title_above.csv",
        ("Accounts by owner\nAs of 2026-01-05\n\n" + GOOD).encode(),
        "3 rows above the header left out, as reports have them",
    )
    yield Odd(
        "total_below.csv",
        (GOOD + "Total,,,3000,,\nConfidential - do not distribute,,,,,\n").encode(),
        "2 kept, 2 refused, $3,000 of $6,000",
    )
    yield Odd("trailing_commas.csv", GOOD.replace("\n", ",\n").encode(), READ_ALL)
    yield Odd("header_twice.csv", (GOOD + HEADER).encode(), "2 kept, 1 refused")
    yield Odd(
        "shuffled.csv",
        b"ARR (USD),Renewal date,Health Score,CSM,Account ID\n1000,2026-03-31,75,C1,A1\n2000,2026-05-31,80,C2,A2\n",
        READ_ALL,
    )
    # --- cells
    yield Odd("empty_id.csv", with_cell("account_id", ""), "row 2, account_id: must not be empty")
    yield Odd(
        "same_id.csv",
        with_cell("account_id", "A2"),
        "row 3, account_id: must be unique; another row above has the same",
    )
    yield Odd("no_owner.csv", with_cell("csm_id", " "), "row 2, csm_id: must not be empty; every account needs a CSM")
    yield Odd("words_as_arr.csv", with_cell("arr", "twelve"), "row 2, arr: must be an amount, like 12000 or $12,000")
    yield Odd("nan.csv", with_cell("arr", "NaN"), "row 2, arr: must be an amount")
    yield Odd("infinite.csv", with_cell("arr", "1e999"), "row 2, arr: must be an amount")
    yield Odd("negative.csv", with_cell("arr", "(1,000.00)"), "row 2, arr: must be above 0")
    yield Odd("absurd.csv", with_cell("arr", "9e15"), "row 2, arr: must be above 0, up to 1,000,000,000,000")
    yield Odd("excel_error.csv", with_cell("arr", "#REF!"), "row 2, arr: must be an amount")
    yield Odd(
        "two_currencies.csv",
        GOOD.replace("1000", "$1000").replace("2000", "€2000").encode(),
        "must be in one currency (found $, €)",
    )
    yield Odd("two_ways.csv", GOOD.replace("1000", "1.200").replace("2000", "900").encode(), "can be read in two ways")
    yield Odd("percent_as_number.csv", with_cell("renewal_probability", "85"), "must be from 0 to 1")
    yield Odd("no_date.csv", with_cell("renewal_date", "soon"), "row 2, renewal_date: must be a date")
    yield Odd("feb_30.csv", with_cell("renewal_date", "2026-02-30"), "row 2, renewal_date: must be a date")
    yield Odd("serial_date.csv", with_cell("renewal_date", "46112"), "row 2, renewal_date: must be a date")
    yield Odd(
        "either_day.csv",
        GOOD.replace("2026-03-31", "04/05/2026").replace("2026-05-31", "05/06/2026").encode(),
        "day and month cannot be told apart; write dates like 2026-03-31",
    )
    yield Odd(
        "century.csv",
        (GOOD + "A3,Boats,C1,3000,1926-04-30,0.9\n").encode(),
        "row 4, renewal_date: must not be before the book's first month, 2026-03",
    )
    yield Odd("far.csv", with_cell("renewal_date", "2226-03-31"), "row 2, renewal_date: must be within 120 months")
    yield Odd(
        "long_name.csv",
        with_cell("account_name", "x" * 5_000),
        "row 2, account_name: must be at most 200 characters long",
    )
    yield Odd("formula_name.csv", with_cell("account_name", "=HYPERLINK(1)"), READ_ALL)
    yield Odd("script_name.csv", with_cell("account_name", "<script>alert(1)</script>"), READ_ALL)
    yield Odd("right_to_left.csv", with_cell("account_name", "\u202egnp.exe"), READ_ALL)
    yield Odd(
        "all_bad.csv", GOOD.replace("1000", "x").replace("2000", "y").encode(), "has no row that passes every check"
    )
    # --- headers
    yield Odd(
        "no_arr.csv", GOOD.replace("arr", "foo", 1).encode(), f"needs arr (annual recurring revenue now); {NEEDS}"
    )
    yield Odd(
        "turnover.csv", GOOD.replace("arr", "Annual Revenue", 1).encode(), "needs arr (annual recurring revenue now)"
    )
    yield Odd(
        "no_risk.csv",
        GOOD.replace("renewal_probability", "colour").encode(),
        "is a required column, unless health_score is there",
    )
    yield Odd("misspelt.csv", GOOD.replace("renewal_date", "Renewal Dte").encode(), READ_ALL)
    yield Odd("nameless.csv", GOOD.replace("account_name", "").encode(), READ_ALL)
    yield Odd(
        "no_header.csv", GOOD.removeprefix(HEADER).encode(), f"needs account_id (unique id of the account); {NEEDS}"
    )
    # --- workbooks
    good_book = workbook(("Accounts", cells()))
    yield Odd("good.xlsx", good_book, READ_ALL)
    yield Odd("workbook.csv", good_book, "Its ending is .csv, but it is a workbook; it was read as that")
    yield Odd("text.xlsx", good, "Its ending is .xlsx, but it is text; it was read as that")
    yield Odd("title.xlsx", workbook(("Report", [["Accounts"], [], *cells()])), "1 row above the header left out")
    yield Odd("empty.xlsx", workbook(("Accounts", [])), "is empty; it needs a header and rows")
    yield Odd("header_only.xlsx", workbook(("Accounts", cells()[:1])), "has a header but no rows")
    yield Odd(
        "formula.xlsx",
        workbook(("Accounts", [cells()[0], [*cells()[1][:3], "{=SUM(1,2)}", *cells()[1][4:]]])),
        "1 kept, 0 refused, $1,234 of $1,234",
    )
    yield Odd(
        "macros.xlsm",
        repacked(good_book, {"xl/vbaProject.bin": b"Sub AutoOpen()"}),
        "holds macros; save it as 'Excel Workbook (.xlsx)'",
    )
    yield Odd("macros_hidden.xlsx", repacked(good_book, {"xl/other/VBAProject.bin": b"Sub"}), "holds macros")
    yield Odd(
        "binary.xlsb",
        repacked(good_book, {"xl/workbook.bin": b"x", "xl/workbook.xml": None}),
        "is a binary workbook (.xlsb)",
    )
    yield Odd(
        "sheet.ods", repacked(good_book, {"content.xml": b"<x/>", "xl/workbook.xml": None}), "is an OpenDocument file"
    )
    yield Odd(
        "table.numbers",
        repacked(good_book, {"Index/Document.iwa": b"x", "xl/workbook.xml": None}),
        "is an Apple Numbers file",
    )
    yield Odd(
        "archive.zip", repacked(good_book, {"a.csv": good, "xl/workbook.xml": None}), "is an archive, not a table"
    )
    yield Odd("cut.xlsx", good_book[: len(good_book) // 2], "is a damaged workbook; save it again")
    yield Odd(
        "broken_xml.xlsx",
        repacked(good_book, {"xl/worksheets/sheet1.xml": b"<worksheet><sheetData><row"}),
        "is a damaged workbook; save it again",
    )
    yield Odd("bomb.xlsx", bomb(lying=False), "unpacks to more than 400 MB; save it as CSV or Parquet")
    yield Odd("lying_bomb.xlsx", bomb(lying=True), "unpacks to more than 400 MB")
    yield Odd(
        "far_corner.xlsx",
        sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        "must have at most 500 columns",
    )
    yield Odd(
        "far_row.xlsx",
        sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="CV1048576"><v>1</v></c></row>'),
        "spans 1,048,576 rows and 100 columns; delete the empty ones",
    )
    yield Odd("placeless.xlsx", sheet_xml("<row><c><v>1</v></c><c><v>2</v></c></row>"), "has cells without a place")
    # --- Parquet
    yield Odd("good.parquet", parquet(typed()), READ_ALL)
    yield Odd("parquet.csv", parquet(typed()), "Its ending is .csv, but it is a Parquet file")
    yield Odd("cut.parquet", parquet(typed())[:-20], "is a damaged Parquet file; write it again")
    yield Odd("short.parquet", b"PAR1", "is a damaged Parquet file")
    yield Odd("no_rows.parquet", parquet(typed().head(0)), "has a header but no rows")
    nested = typed().assign(tags=[["a"], ["b"]])
    yield Odd("nested.parquet", parquet(nested), "Columns of lists, records or nothing left out: tags")
    yield Odd("missing.parquet", parquet(typed().assign(arr=[1000.0, None])), "row 3, arr: must not be empty")
    giant = pa.table({"account_id": pa.array(["x" * 50_000] * 5_000).dictionary_encode()})
    yield Odd("giant_cells.parquet", parquet(giant), "must not hold cells of over 32,767 characters")


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for odd in odd_files():
        (folder / odd.name).write_bytes(odd.content)
        print(f"{odd.name:32}{odd.said}")
