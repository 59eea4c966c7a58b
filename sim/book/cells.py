"""Columns of text cells as numbers: money, shares, plain numbers, in the ways in which people write them."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.book.columns import Column
from sim.book.faults import Fault
from sim.book.schema import Floats
from sim.book.table import Table
from sim.problems import Problem

Flags = NDArray[np.bool_]

_CURRENCY = r"US\$|[$€£¥]|USD|EUR|GBP|CHF"
_AMOUNT = re.compile(
    rf"(?P<minus>[-−(]?)\s*(?P<before>{_CURRENCY})?\s*(?P<minus_after>[-−]?)"
    rf"(?P<body>[\d.,].*?)\s*(?P<after>{_CURRENCY})?\)?",
    re.IGNORECASE,
)
_GROUP_GAP = re.compile(r"(?<=\d)[\s'’](?=\d{3}(?!\d))")
_ENGLISH = re.compile(r"[1-9]\d{0,2}(,\d{3})+(\.\d*)?|(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", re.IGNORECASE)
_SWAP = str.maketrans(",.", ".,")

_MAYBE_GROUPED = r"[-+]?[1-9]\d{0,2}\.\d{3}"
_DECIMAL_COMMA = r"[-+]?(\d+,\d{1,2}|0,\d+)"


def numbers(table: Table, column: Column, faults: list[Fault]) -> Floats:
    """A numeric column, shape (n_rows,), with its default in empty cells (NaN when it has none).

    What cannot be read, or is out of bounds, is added to `faults` with row and value.
    """
    fill = column.default if isinstance(column.default, float) else np.nan
    if not table.has(column.name):
        return np.full(len(table), fill)
    text = table.cells[column.name]
    empty = (text == "").to_numpy(bool)
    if column.required:
        faults.extend(table.refuse(column.name, empty, "must not be empty"))
    read = _money if column.kind == "money" else _plain
    values = read(table, column, text, faults) * table.factors.get(column.name, 1.0)
    with np.errstate(invalid="ignore"):  # NaN marks what has been reported already
        low = values <= column.low if column.above_low else values < column.low
        outside = (low | (values > column.high)) & np.isfinite(values)
        fractional = np.isfinite(values) & (values % 1 != 0) & ~outside
    faults.extend(table.refuse(column.name, outside, _bounds_rule(column, values, text)))
    if column.kind == "whole":
        faults.extend(table.refuse(column.name, fractional, "must be a whole number"))
    return np.where(empty, fill, values)


def _bounds_rule(column: Column, values: Floats, text: pd.Series) -> str:
    if column.kind == "share":
        bare = values[~text.str.endswith("%").to_numpy(bool) & np.isfinite(values)]
        if bare.size and bare.min() >= 0 and 1.5 < bare.max() <= 100:
            return f"must be {column.allowed}; for 85 percent write 0.85 or 85%"
    return f"must be {column.allowed}"


def _numeric(text: pd.Series) -> Floats:
    """NaN for what is no number; also for 'nan' and 'inf', which are none either."""
    values = pd.to_numeric(text, errors="coerce").to_numpy(dtype=float, na_value=np.nan, copy=True)
    values[~np.isfinite(values)] = np.nan
    return values


def _plain(table: Table, column: Column, text: pd.Series, faults: list[Fault]) -> Floats:
    """Numbers that never need thousands separators, so that a comma can only be a decimal one."""
    body, percent = text, np.zeros(len(text), dtype=bool)
    if column.kind == "share":
        percent = text.str.endswith("%").to_numpy(bool)
        if percent.any():
            body = text.str.removesuffix("%").str.strip()
    values = _numeric(body)
    odd = np.isnan(values) & (text != "").to_numpy(bool)
    if odd.any():
        comma = odd & body.str.fullmatch(_DECIMAL_COMMA).to_numpy(bool)
        values[comma] = _numeric(body[comma].str.replace(",", ".", regex=False))
        example = "0.85 or 85%" if column.kind == "share" else column.example
        faults.extend(table.refuse(column.name, odd & np.isnan(values), f"must be a number, like {example}"))
    values[percent] /= 100
    return values


def _money(table: Table, column: Column, text: pd.Series, faults: list[Fault]) -> Floats:
    """Amounts. Where one can be read in two ways, the column's other cells decide, or it is refused."""
    values = _numeric(text)
    filled = (text != "").to_numpy(bool)
    if not (np.isnan(values) & filled).any() and not text.str.fullmatch(_MAYBE_GROUPED).any():
        return values
    codes, distinct = pd.factorize(text)
    readings = [_amount(cell) for cell in distinct]
    english = np.array([reading[0] for reading in readings])
    european = np.array([reading[1] for reading in readings])
    currencies = sorted({reading[2] for reading in readings} - {""})
    if len(currencies) > 1:
        rule = f"must be in one currency (found {', '.join(currencies)}); convert the column to USD"
        faults.append(Problem(f"{table.file}, column {column.name}", "", rule))
    only_english = np.isfinite(english) & np.isnan(european)
    only_european = np.isfinite(european) & np.isnan(english)
    two_ways = np.isfinite(english) & np.isfinite(european) & (english != european)
    if only_european.any() and only_english.any():
        unclear, read = only_european | two_ways, english
    elif only_european.any():
        unclear, read = np.zeros_like(two_ways), european
    elif only_english.any():
        unclear, read = np.zeros_like(two_ways), english
    else:
        # "1,200" alone is a usual way to write 1200; "1.200" may be either.
        unclear, read = two_ways & (english < european), english
    advice = "can be read in two ways; write 1200 or 1200.50 without thousands separators"
    faults.extend(table.refuse(column.name, unclear[codes], advice))
    unread = np.isnan(english) & np.isnan(european)
    faults.extend(table.refuse(column.name, unread[codes] & filled, "must be an amount, like 12000 or $12,000"))
    return np.where(unclear, np.nan, read)[codes]


def _amount(cell: str) -> tuple[float, float, str]:
    """One amount read as 1,200.50 and as 1.200,50 (NaN where it is not written so), and its currency."""
    match = _AMOUNT.fullmatch(cell)
    if match is None:
        return np.nan, np.nan, ""
    sign = -1.0 if match["minus"] or match["minus_after"] else 1.0
    body = _GROUP_GAP.sub("", match["body"])
    currency = (match["before"] or match["after"] or "").upper()
    symbol = {"US$": "$", "USD": "$", "EUR": "€", "GBP": "£"}.get(currency, currency)
    return sign * _english(body), sign * _english(body.translate(_SWAP)), symbol


def _english(body: str) -> float:
    value = float(body.replace(",", "")) if _ENGLISH.fullmatch(body) else np.nan
    return value if np.isfinite(value) else np.nan
