"""What happened to ARR: one row an event, read and checked like the book, and agreed with it account by account."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.book.cells import numbers
from sim.book.columns import EVENTS, HISTORY_COLUMNS
from sim.book.dates import Days, days
from sim.book.faults import Fault, refusal
from sim.book.intake.source import Source, file_name, read_sheets
from sim.book.intake.spellings import KNOWN_HEADERS
from sim.book.schema import Book, Floats, Ints, digest_of, freeze
from sim.book.table import Table, as_table

NEW, CHURN, RENEWAL = EVENTS.index("new"), EVENTS.index("churn"), EVENTS.index("renewal")
_DOWN = {"churn", "contraction", "price_decrease"}
_COLUMN = {column.name: column for column in HISTORY_COLUMNS}


@dataclass(frozen=True)
class History:
    """Events in the order of their dates (of the file within a day), one entry each, shape (n_events,).

    date: datetime64[D]. event: index into EVENTS.
    arr_change: USD a year, above 0 for new, price_increase, upsell and cross_sell; below 0 for churn, contraction and
        price_decrease; 0 for renewal.
    segment: of the account; "" where the file does not say.
    """

    name: str
    account_id: tuple[str, ...]
    date: Days
    event: Ints
    arr_change: Floats
    segment: tuple[str, ...]

    def __post_init__(self) -> None:
        freeze(self)

    def __len__(self) -> int:
        return len(self.account_id)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content, the file's name apart: the key of every cache."""
        return digest_of(self)


@dataclass(frozen=True)
class Ledger:
    """A history set beside its book: every account of either, shape (n_accounts,), those of the book first.

    account: (n_events,), index into account_id of each event.
    opening_arr, closing_arr: USD a year before the first event and after the last; closing = opening + all changes.
    book_arr: USD a year in the book, 0 for accounts that are not in it.
    customer_before: whether the account was a customer before its first event.
    """

    history: History
    account_id: tuple[str, ...]
    segment: tuple[str, ...]
    account: Ints
    opening_arr: Floats
    closing_arr: Floats
    book_arr: Floats
    customer_before: NDArray[np.bool_]


class Events(NamedTuple):
    """The history file, each row read by itself, shape (n_rows,) each; -1, NaT and NaN where a cell is a fault."""

    table: Table
    event: Ints
    date: Days
    arr_change: Floats


def read_history(source: Source, *, name: str | None = None) -> History:
    """Reads history.csv, also as XLSX or Parquet; the columns are those of `HISTORY_COLUMNS`.

    source: path, contents, or an open file such as an upload. name: what errors call the file.
    Raises InputError with every problem; nothing is kept of a history that has one.
    """
    file = name or file_name(source, "history.csv")
    faults: list[Fault] = []
    table = as_table(read_sheets(source, file, KNOWN_HEADERS)[0], HISTORY_COLUMNS, faults)
    if table is None:
        raise refusal(faults)
    events = parse_history(table, faults)
    rows = np.ones(len(table), dtype=bool)
    if not faults:
        check_sequence(events, rows, faults)
    if faults:
        raise refusal(faults)
    return make_history(events, rows, file)


def parse_history(table: Table, faults: list[Fault]) -> Events:
    """Every row by itself; what it breaks is added to `faults`."""
    event = _events(table, faults)
    date = days(table, _COLUMN["date"], faults)
    change = numbers(table, _COLUMN["arr_change"], faults)
    _check_signs(table, event, change, faults)
    if table.has("account_id"):
        empty = (table.cells["account_id"] == "").to_numpy(bool)
        faults.extend(table.refuse("account_id", empty, "must not be empty"))
    return Events(table, event, date, change)


def make_history(events: Events, rows: NDArray[np.bool_], name: str) -> History:
    """The history of the rows that are kept, shape (n_rows,), in the order of their dates."""
    order = _by_date(events, rows)
    cells = events.table.cells
    segments = cells["segment"].to_numpy()[order] if events.table.has("segment") else [""] * len(order)
    return History(
        name,
        tuple(cells["account_id"].to_numpy()[order]),
        events.date[order],
        events.event[order],
        events.arr_change[order],
        tuple(segments),
    )


def _by_date(events: Events, rows: NDArray[np.bool_]) -> Ints:
    """Places of the rows that are kept, in the order of their dates, and of the file within a day."""
    kept = np.flatnonzero(rows)
    order: Ints = kept[np.argsort(events.date[kept], kind="stable")]
    return order


def _events(table: Table, faults: list[Fault]) -> Ints:
    """Index into EVENTS, shape (n_rows,); -1 for what is none of them. Case, spaces and hyphens do not matter."""
    if not table.has("event"):
        return np.full(len(table), -1, dtype=np.int64)
    plain = table.cells["event"].str.lower().str.replace(r"[\s-]+", "_", regex=True)
    event: Ints = pd.Index(EVENTS).get_indexer(pd.Index(plain)).astype(np.int64)
    faults.extend(table.refuse("event", event < 0, f"must be {_COLUMN['event'].allowed}"))
    return event


def _check_signs(table: Table, event: Ints, change: Floats, faults: list[Fault]) -> None:
    known = np.isfinite(change)
    for code, name in enumerate(EVENTS):
        here = known & (event == code)
        if code == RENEWAL:
            rule = "must be 0 for renewal; give what it changed a row of its own, like price_increase"
            faults.extend(table.refuse("arr_change", here & (change != 0), rule))
        elif name in _DOWN:
            rule = f"must be below 0 for {name}, as it takes ARR away; put a minus sign in front"
            faults.extend(table.refuse("arr_change", here & (change >= 0), rule))
        else:
            rule = f"must be above 0 for {name}, as it adds ARR; choose another event if it took ARR away"
            faults.extend(table.refuse("arr_change", here & (change <= 0), rule))


def check_sequence(events: Events, rows: NDArray[np.bool_], faults: list[Fault]) -> None:
    """An account comes first or comes back after it has left, and nothing else happens in between.

    rows: those that count, shape (n_rows,).
    """
    if not events.table.has("account_id"):
        return
    order = _by_date(events, rows)
    codes = pd.factorize(events.table.cells["account_id"].to_numpy(dtype=object)[order])[0]
    by_account = np.argsort(codes, kind="stable")
    first = np.ones(len(codes), dtype=bool)
    first[1:] = codes[by_account][1:] != codes[by_account][:-1]
    now = events.event[order][by_account]
    before = np.where(first, -1, np.roll(now, 1))
    early = np.zeros(len(rows), dtype=bool)
    gone = np.zeros(len(rows), dtype=bool)
    places = order[by_account]
    early[places] = (now == NEW) & ~first & (before != CHURN)
    gone[places] = (now != NEW) & (before == CHURN)
    rule = "can be new only once, or again after churn; use upsell for more"
    faults.extend(events.table.refuse("event", early, rule))
    rule = "follows churn of the same account; add a row new if it came back"
    faults.extend(events.table.refuse("event", gone, rule))


def ledger(history: History, book: Book) -> Ledger:
    """The history beside the book. What an account had before its first event follows from where it ended.

    An account whose first event is new had nothing before. Any other had what makes it end at nothing if its last
    event is churn, or else at its ARR in the book; at least so much that its ARR is never below 0.
    """
    known = pd.Index(book.account_id)
    ids = np.array(history.account_id, dtype=object)
    strange = pd.Index(pd.unique(ids)).difference(known, sort=False) if len(ids) else known[:0]
    everybody = known.append(strange)
    account: Ints = everybody.get_indexer(pd.Index(ids)).astype(np.int64)
    n = len(everybody)
    book_arr = np.zeros(n)
    book_arr[: len(book)] = book.arr
    running = pd.Series(history.arr_change).groupby(account).cumsum().to_numpy()
    total, lowest = np.zeros(n), np.zeros(n)
    np.add.at(total, account, history.arr_change)
    np.minimum.at(lowest, account, running)
    last, first = np.full(n, -1, dtype=np.int64), np.full(n, -1, dtype=np.int64)
    last[account] = history.event
    first[account[::-1]] = history.event[::-1]
    ends_at = np.where(last == CHURN, 0.0, book_arr)
    opening = np.where(first == NEW, -lowest, np.maximum(ends_at - total, -lowest))
    opening = np.where(np.abs(opening) < 0.005, 0.0, opening)  # cents lost in the sums
    segment = np.full(n, "", dtype=object)
    segment[account] = np.array(history.segment, dtype=object)
    segment[: len(book)] = np.array(book.segment, dtype=object)
    segment[segment == ""] = "Unknown"
    return Ledger(
        history=history,
        account_id=tuple(everybody),
        segment=tuple(segment),
        account=account,
        opening_arr=opening,
        closing_arr=opening + total,
        book_arr=book_arr,
        customer_before=first != NEW,
    )


def differences(books: Ledger) -> pd.DataFrame:
    """Accounts whose closing ARR by history is not that of the book (by over 0.5 USD a year), the largest first.

    Columns account_id, arr_history, arr_book, difference (USD a year, history less book), why.
    """
    gap = books.closing_arr - books.book_arr
    at = np.flatnonzero(np.abs(gap) > 0.5)
    at = at[np.argsort(-np.abs(gap[at]), kind="stable")]
    left = np.abs(books.closing_arr[at]) <= 0.5
    why = np.where(
        books.book_arr[at] == 0.0,
        "has not left by the history, but is not in the book",
        np.where(left, "has left by the history, but is in the book", "changes do not add up to the book's ARR"),
    )
    return pd.DataFrame(
        {
            "account_id": [books.account_id[i] for i in at],
            "arr_history": books.closing_arr[at],
            "arr_book": books.book_arr[at],
            "difference": gap[at],
            "why": why,
        }
    )
