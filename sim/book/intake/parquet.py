"""Parquet files: columns of numbers, texts and dates as text cells."""

from __future__ import annotations

import io
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim.book.intake.sheet import MAX_COLUMNS, MAX_ROWS, Progress, Sheet, make_sheet, too_many_rows
from sim.problems import InputError, Problem

LONGEST_CELL = 32_767
"""Characters, as in a spreadsheet. One long text that stands in every row takes room once only while it is packed."""
BATCH = 65_536


def read_parquet(raw: bytes, file: str, progress: Progress) -> Sheet:
    """The table; columns of lists and records are left out, with a note. Raises InputError for a file that is none."""
    try:
        return _read(raw, file, progress)
    except (pa.ArrowException, OSError, UnicodeDecodeError):
        raise InputError([Problem(file, "", "is a damaged Parquet file; write it again")]) from None


def _read(raw: bytes, file: str, progress: Progress) -> Sheet:
    source = pa.BufferReader(raw)
    schema = pq.read_schema(source)
    flat = [field.name for field in schema if not pa.types.is_nested(field.type) and not pa.types.is_null(field.type)]
    if len(flat) > MAX_COLUMNS:
        raise InputError([Problem(file, "", f"must have at most {MAX_COLUMNS} columns; leave out unused ones")])
    if not flat:
        raise InputError([Problem(file, "", "is empty; it needs a header and rows")])
    if len(set(schema.names)) < len(schema.names):
        raise InputError([Problem(file, "", "has two columns of the same name; rename one")])
    # Texts stay packed until their lengths are known.
    packed = [field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_binary(field.type)]
    parquet = pq.ParquetFile(io.BytesIO(raw), read_dictionary=packed)
    if parquet.metadata.num_rows > MAX_ROWS:
        raise InputError([too_many_rows(file)])
    parts, rows = [], 0
    for batch in parquet.iter_batches(BATCH, columns=flat):
        rows += len(batch)
        if rows > MAX_ROWS:
            raise InputError([too_many_rows(file)])
        parts.append({name: _texts(batch.column(name), name, file) for name in flat})
        progress(rows / max(parquet.metadata.num_rows, 1), f"Reading {file}")
    frame = pd.DataFrame(
        {
            place: pd.Series(pa.chunked_array([part[name] for part in parts], pa.large_string()), dtype="str")
            for place, name in enumerate(flat)
        },
    )
    frame.index = frame.index + 2
    left_out = [name for name in schema.names if name not in flat]
    notes = (f"Columns of lists, records or nothing left out: {', '.join(left_out)[:200]}.",) if left_out else ()
    return make_sheet(file, flat, 1, frame, (), notes)


def _texts(column: Any, name: str, file: str) -> Any:
    """A column as text cells, empty where nothing stands."""
    values = column.dictionary if pa.types.is_dictionary(column.type) else column
    if pa.types.is_binary(values.type) or pa.types.is_large_binary(values.type):
        values = pc.cast(values, pa.string())
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        longest = pc.max(pc.utf8_length(values)).as_py()
        if longest is not None and longest > LONGEST_CELL:
            rule = f"must not hold cells of over {LONGEST_CELL:,} characters"
            raise InputError([Problem(f"{file}, column {name}", "", rule)])
    if pa.types.is_dictionary(column.type):
        column = pc.take(values, column.indices)
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), None, column)
    return pc.fill_null(pc.cast(column, pa.large_string()), "")
