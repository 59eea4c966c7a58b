"""Who holds which product, and what each pays for it: a table of products by accounts, agreed with the book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from scipy.optimize import nnls

from sim.book.cells import numbers
from sim.book.columns import MOST_MONEY, Column
from sim.book.faults import Fault, refusal
from sim.book.intake.sheet import Sheet, key
from sim.book.intake.source import Source, read_sheets
from sim.book.intake.spellings import KNOWN_HEADERS
from sim.book.schema import Book, Floats
from sim.book.table import Table
from sim.problems import InputError, Problem

MOST_PRODUCTS = 60
_FLAGS = {"yes": "1", "no": "0", "true": "1", "false": "0", "x": "1"}


@dataclass(frozen=True, eq=False)
class Products:
    """names: of the products. paid: USD a year of each account for each, 0 = not held, shape (n_accounts, n_products).

    priced: the file only says who holds what; prices are those that explain the ARR best.
    strangers: rows of accounts that are not in the book, which count for nothing.
    """

    names: tuple[str, ...]
    paid: Floats
    priced: bool
    strangers: int


def read_products(source: Source, book: Book, file: str = "products.csv") -> Products:
    """Reads who holds what (CSV, XLSX or Parquet): account_id and a column for each product, or the columns
    account_id, product and arr. Cells are USD a year; where all are 0 or 1 (no or yes), prices are fitted.

    Raises InputError with every problem, also when an account of the book is missing.
    """
    sheet = read_sheets(source, file, KNOWN_HEADERS)[0]
    faults: list[Fault] = list(sheet.faults)
    keys = [key(text) for text in sheet.header]
    if "accountid" not in keys:
        raise refusal([*faults, Problem(f"{file}, account_id", "", "is a required column")])
    ids = sheet.cells[keys.index("accountid")]
    table = _long(sheet, keys, ids, faults) if "product" in keys else _wide(sheet, keys, ids, faults)
    if faults:
        raise refusal(faults)
    everybody, paid = table.index, table.to_numpy(float)
    rows = everybody.get_indexer(pd.Index(book.account_id))
    missing = [account for account, row in zip(book.account_id, rows, strict=True) if row < 0]
    if missing:
        rule = f"must have a row for each account of the book; {len(missing):,} are missing, the first is this one"
        raise InputError([Problem(f"{file}, account_id", missing[0], rule)])
    held = paid[rows]
    priced = bool((held <= 1).all())
    if priced:
        held = held * nnls(held, book.arr)[0]
    strangers = int((~everybody.isin(book.account_id)).sum())
    return Products(tuple(str(name) for name in table.columns), held, priced, strangers)


def _wide(sheet: Sheet, keys: Sequence[str], ids: pd.Series, faults: list[Fault]) -> pd.DataFrame:
    names = [
        (place, label)
        for place, label in enumerate(sheet.labels)
        if keys[place] not in ("accountid", "accountname") and sheet.header[place]
    ]
    if not 1 <= len(names) <= MOST_PRODUCTS:
        rule = f"must have 1 to {MOST_PRODUCTS} columns of products beside account_id"
        faults.append(Problem(sheet.file, str(len(names)), rule))
        return pd.DataFrame()
    cells = sheet.cells[[place for place, _ in names]].set_axis([label for _, label in names], axis=1)
    cells = cells.apply(lambda column: column.str.casefold().replace(_FLAGS))
    _check_ids(sheet.file, ids, faults, once=True)
    table = Table(sheet.file, cells)
    return pd.DataFrame({label: _amounts(table, label, faults) for _, label in names}, index=ids.to_numpy(object))


def _long(sheet: Sheet, keys: Sequence[str], ids: pd.Series, faults: list[Fault]) -> pd.DataFrame:
    amount = next((keys.index(name) for name in ("arr", "amount", "paid") if name in keys), None)
    if amount is None:
        faults.append(Problem(f"{sheet.file}, arr", "", "is a required column beside product"))
        return pd.DataFrame()
    _check_ids(sheet.file, ids, faults, once=False)
    table = Table(sheet.file, sheet.cells[[amount]].set_axis(["arr"], axis=1))
    product = sheet.cells[keys.index("product")]
    nameless = Table(sheet.file, pd.DataFrame({"product": product}))
    faults.extend(nameless.refuse("product", (product == "").to_numpy(bool), "must not be empty"))
    if product.nunique() > MOST_PRODUCTS:
        rule = f"must name at most {MOST_PRODUCTS} products; group the small ones"
        faults.append(Problem(f"{sheet.file}, product", str(product.nunique()), rule))
        return pd.DataFrame()
    rows = pd.DataFrame({"id": ids, "product": product, "arr": _amounts(table, "arr", faults)})
    return rows.pivot_table(index="id", columns="product", values="arr", aggfunc="sum", fill_value=0.0, sort=False)


def _amounts(table: Table, name: str, faults: list[Fault]) -> Floats:
    column = Column(name, "money", meaning="", example="1200", low=0, high=MOST_MONEY, default=0.0)
    return numbers(table, column, faults)


def _check_ids(file: str, ids: pd.Series, faults: list[Fault], *, once: bool) -> None:
    table = Table(file, pd.DataFrame({"account_id": ids}))
    empty = (ids == "").to_numpy(bool)
    faults.extend(table.refuse("account_id", empty, "must not be empty"))
    if once:
        repeated = ids.duplicated().to_numpy(bool) & ~empty
        faults.extend(table.refuse("account_id", repeated, "must be unique; another row above has the same"))
