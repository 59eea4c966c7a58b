"""Past renewals, one row each: what was known of the account before it fell due, and whether it renewed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.book.cells import numbers
from sim.book.columns import ACCOUNT_COLUMNS, Column
from sim.book.faults import Fault, refusal
from sim.book.history import CHURN, RENEWAL, Ledger
from sim.book.intake.sheet import Sheet, key
from sim.book.intake.source import Source, read_sheets
from sim.book.intake.spellings import KNOWN_HEADERS
from sim.book.schema import Book, Floats
from sim.book.table import Table, as_table
from sim.problems import InputError, Problem

FEATURES: tuple[str, ...] = (
    "health_score",
    "adoption",
    "nps",
    "tenure_months",
    "price_change",
    "complexity",
    "products_held",
    "term_months",
    "arr",
    "segment",
)
"""What renewal usually hangs on, by the names that this simulator knows; other columns of a file count too."""
MOST_LEVELS = 40
"""Different texts in a column; with more it is taken for names or ids and left out."""

IN_THE_BOOK = ("adoption", "nps", "tenure_months", "complexity", "term_months", "arr", "segment")
"""Features that a Book itself holds; the others are known only of accounts that the file lists as open."""

_ACCOUNT = {column.name: column for column in ACCOUNT_COLUMNS}


def _optional(name: str) -> Column:
    """A column of accounts.csv where an empty cell is not known, rather than its default."""
    column = _ACCOUNT[name]
    return Column(
        name, column.kind, column.meaning, column.example, column.unit, column.low, column.high, column.above_low
    )


OUTCOME_COLUMNS: tuple[Column, ...] = (
    Column(
        "renewed",
        "text",
        meaning="1 or yes: renewed; 0 or no: left; empty: still open, to be scored",
        example="1",
        required=True,
    ),
    Column("account_id", "text", meaning="needed only for open rows: an account_id of the book", example="A-0001"),
    *(_optional(name) for name in ("arr", "segment", "health_score", "adoption", "nps", "tenure_months", "complexity")),
    _optional("term_months"),
    Column(
        "price_change",
        "share",
        unit="fraction",
        meaning="change of price in the renewal offer",
        example="0.05",
        low=-1,
        high=10,
    ),
    Column("products_held", "number", unit="products", meaning="products in use", example="3", low=0, high=1000),
)

_KNOWN = frozenset(key(column.name) for column in OUTCOME_COLUMNS)
_YES = ("1", "1.0", "yes", "y", "true", "renewed", "won")
_NO = ("0", "0.0", "no", "n", "false", "churned", "lost")


@dataclass(frozen=True)
class Outcomes:
    """Renewals that are decided, and accounts that are open.

    features: one column for each feature that the file holds, shape (n_rows, n_features): `FEATURES` first, then the
        file's own columns. Floats (NaN = not known) or texts ("" = not known).
    renewed: shape (n_rows,). arr: USD a year, shape (n_rows,), 1 where the file holds none: a row then counts as one.
    open_accounts: features of accounts to be scored, by account_id; may be empty.
    """

    features: pd.DataFrame
    renewed: NDArray[np.bool_]
    arr: Floats
    open_accounts: pd.DataFrame

    def __len__(self) -> int:
        return len(self.renewed)


def read_outcomes(source: Source, file: str = "renewals.csv") -> Outcomes:
    """Past renewals from CSV, XLSX or Parquet: the columns of `OUTCOME_COLUMNS`; any other is a feature of its own.

    Raises InputError with every problem of the file.
    """
    faults: list[Fault] = []
    sheet = read_sheets(source, file, KNOWN_HEADERS | _KNOWN)[0]
    table = as_table(sheet, OUTCOME_COLUMNS, faults)
    if table is None:
        raise refusal(faults)
    features = _features(table, sheet, faults)
    said = table.cells["renewed"].str.casefold() if table.has("renewed") else pd.Series("", index=table.cells.index)
    yes, no, still_open = (said.isin(words).to_numpy(bool) for words in (_YES, _NO, ("",)))
    faults.extend(table.refuse("renewed", ~(yes | no | still_open), "must be 1 or 0 (yes or no), or empty if open"))
    if features.shape[1] == 0:
        rule = f"must hold something to explain renewal by beside renewed, such as {', '.join(FEATURES[:5])}"
        faults.append(Problem(file, "", rule))
    open_accounts = _open_accounts(table, features, still_open, faults)
    if faults:
        raise refusal(faults)
    arr = features["arr"].to_numpy(float) if "arr" in features else np.ones(len(table))
    decided = ~still_open
    return Outcomes(
        features[decided].reset_index(drop=True),
        yes[decided],
        np.nan_to_num(arr[decided], nan=float(np.nanmean(arr)) if np.isfinite(arr).any() else 1.0),
        open_accounts,
    )


def _features(table: Table, sheet: Sheet, faults: list[Fault]) -> pd.DataFrame:
    known = {column.name: column for column in OUTCOME_COLUMNS}
    features: dict[str, NDArray[np.float64] | NDArray[np.object_]] = {}
    for name in FEATURES:
        if table.has(name):
            is_text = known[name].kind == "text"
            features[name] = table.cells[name].to_numpy(object) if is_text else numbers(table, known[name], faults)
    for place, name in enumerate(sheet.labels):
        if key(name) in _KNOWN or not sheet.header[place]:
            continue
        text: pd.Series = sheet.cells[place]
        values = pd.to_numeric(text.where(text != ""), errors="coerce").to_numpy(float, na_value=np.nan)
        values = np.where(np.isfinite(values), values, np.nan)
        if np.isfinite(values).any() and (np.isfinite(values) | (text == "").to_numpy(bool)).all():
            features[name] = values
        elif 1 < text.nunique() <= MOST_LEVELS:
            features[name] = text.to_numpy(object)
    return pd.DataFrame(features, index=range(len(table)))


def _open_accounts(
    table: Table, features: pd.DataFrame, still_open: NDArray[np.bool_], faults: list[Fault]
) -> pd.DataFrame:
    if not still_open.any():
        return features.iloc[:0]
    ids = table.cells["account_id"] if table.has("account_id") else pd.Series("", index=table.cells.index)
    unnamed = still_open & (ids == "").to_numpy(bool)
    faults.extend(table.refuse("account_id", unnamed, "must be given where renewed is empty"))
    rows = features[still_open].set_axis(ids[still_open].to_numpy(object))
    twice = np.zeros(len(table), dtype=bool)
    twice[still_open] = rows.index.duplicated()
    faults.extend(table.refuse("account_id", twice & ~unnamed, "must be open only once"))
    return rows


def book_features(book: Book, outcomes: Outcomes) -> pd.DataFrame:
    """Features of each account of the book that the past renewals hold too, shape (n_accounts, n_features).

    Where the file lists every account as open, its features are taken; else those that the book holds itself.
    """
    if len(outcomes.open_accounts) and set(book.account_id) <= set(outcomes.open_accounts.index):
        return outcomes.open_accounts.loc[list(book.account_id)].reset_index(drop=True)
    names = [name for name in outcomes.features if name in IN_THE_BOOK]
    return pd.DataFrame({name: np.asarray(getattr(book, name)) for name in names}, index=range(len(book)))


def outcomes_of_history(books: Ledger) -> Outcomes:
    """Past renewals read off the events: each renewal row renewed, each churn row did not, with the ARR just before.

    Features are arr and segment, which the events tell of those who left as well. What the book knows today of those
    who stayed (adoption, NPS) is no feature: it was not known then, and nothing is known of the others.

    Raises InputError when the history holds no renewals or no churn.
    """
    history = books.history
    running = pd.Series(history.arr_change).groupby(books.account).cumsum().to_numpy()
    before = books.opening_arr[books.account] + running - history.arr_change
    decided = ((history.event == RENEWAL) | (history.event == CHURN)) & (before > 0)
    renewed = (history.event == RENEWAL)[decided]
    if renewed.all() or not renewed.any():
        rule = "must hold events of both kinds, renewal and churn, to learn renewal risk from"
        raise InputError([Problem(history.name, "", rule)])
    arr = before[decided]
    segment = np.array(books.segment, dtype=object)[books.account[decided]]
    features = pd.DataFrame({"arr": arr, "segment": segment})
    return Outcomes(features, renewed, arr, features.iloc[:0])
