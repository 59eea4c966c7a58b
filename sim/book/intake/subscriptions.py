"""Accounts whose contracts stand in a file of their own: one row a subscription, several an account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.book.cells import numbers
from sim.book.columns import CHURN_COLUMNS, SUBSCRIPTION_COLUMNS
from sim.book.dates import NO_DAY, Days, days, month_numbers
from sim.book.faults import BadRows, Fault
from sim.book.intake.mapping import missing
from sim.book.schema import Floats, Ints
from sim.book.table import Table
from sim.problems import InputError, Problem

_COLUMNS = {column.name: column for column in SUBSCRIPTION_COLUMNS}
_CHURN_DATE = next(column for column in CHURN_COLUMNS if column.name == "date")
_TRUE = ("true", "yes", "y", "1", "t", "x")


@dataclass(frozen=True, eq=False)
class Joined:
    """accounts: with ARR, renewal, term and age from the running subscriptions, where their own file has none.

    bad: rows that were refused on the way, of any of the files.
    running, ended: subscriptions that count, and those that had ended, had not begun, or were only tried.
    history: what their starts and ends did to ARR, as a table of history.
    """

    accounts: Table
    bad: tuple[BadRows, ...]
    running: int
    ended: int
    history: Table


def join_subscriptions(
    accounts: Table | None, subscriptions: Table, churn: Table | None = None, as_of: date | None = None
) -> Joined:
    """Adds up the running subscriptions of each account; the largest gives renewal date and term.

    A subscription runs when it has begun and has no end, or one from `as_of` on. Without an end its renewal is the
    next day at which whole terms have passed since its start. as_of: any day of the first simulated month; the month
    after the last start or end if not given. accounts: None when the subscriptions name all there is to know.
    churn: when accounts left; it ends their subscriptions that have no end.
    Raises InputError when a file lacks a column that must be there, or no subscription runs.
    """
    faults: list[Fault] = list(missing(subscriptions, SUBSCRIPTION_COLUMNS))
    starts = days(subscriptions, _COLUMNS["start_date"], faults)
    ends = days(subscriptions, _COLUMNS["end_date"], faults)
    arr = numbers(subscriptions, _COLUMNS["arr"], faults)
    term = numbers(subscriptions, _COLUMNS["term_months"], faults)
    left = _left(churn, faults)
    problems = [fault for fault in faults if isinstance(fault, Problem)]
    if problems:
        raise InputError(problems)
    holder = subscriptions.cells["account_id"]
    faults.extend(subscriptions.refuse("account_id", (holder == "").to_numpy(bool), "must not be empty"))
    if accounts is not None and accounts.has("account_id"):
        strange = ~holder.isin(accounts.cells["account_id"]).to_numpy(bool) & (holder != "").to_numpy(bool)
        faults.extend(subscriptions.refuse("account_id", strange, f"must be an account_id of {accounts.file}"))
    bad = [fault for fault in faults if isinstance(fault, BadRows)]
    fit = np.ones(len(subscriptions), dtype=bool)
    for fault in bad:
        if fault.file == subscriptions.file:
            fit &= ~np.isin(subscriptions.cells.index.to_numpy(), fault.rows)
    for place in np.flatnonzero(fit & np.isnat(ends)):
        later = [day for day in left.get(holder.iloc[place], []) if day >= starts[place]]
        ends[place] = min(later, default=NO_DAY)
    start, end = month_numbers(starts), month_numbers(ends)
    first = _first(start[fit], end[fit], as_of)
    tried = np.zeros(len(subscriptions), dtype=bool)
    if subscriptions.has("trial"):
        tried = subscriptions.cells["trial"].str.lower().isin(_TRUE).to_numpy(bool)
    paid = fit & ~tried & (start <= first) & (arr > 0)
    runs = paid & ((end == 0) | (end >= first))
    if not runs.any():
        raise InputError(
            [Problem(subscriptions.file, "", "has no subscription that runs; check the dates and the ARR")]
        )
    past_ends = np.where(runs, NO_DAY, ends)
    history = _movements(subscriptions, holder.to_numpy(dtype=object)[paid], starts[paid], past_ends[paid], arr[paid])
    length = term.astype(np.int64, copy=True)[runs]
    since = first - start[runs]
    next_one = first + (-since) % length
    held = pd.DataFrame(
        {
            "account_id": holder.to_numpy(dtype=object)[runs],
            "arr": arr[runs],
            "renewal": np.where(end[runs] > 0, end[runs], next_one),
            "term_months": length,
            "age": since,
        }
    )
    largest = (
        held.sort_values("arr", ascending=False, kind="stable").drop_duplicates("account_id").set_index("account_id")
    )
    sums = held.groupby("account_id", sort=False).agg(arr=("arr", "sum"), tenure_months=("age", "max"))
    gained = pd.DataFrame(
        {
            "arr": sums["arr"].map(lambda value: f"{value:.2f}"),
            "renewal_date": largest["renewal"].reindex(sums.index).map(_first_day),
            "term_months": largest["term_months"].reindex(sums.index).astype("str"),
            "tenure_months": sums["tenure_months"].astype("str"),
        }
    )
    if accounts is None or not accounts.has("account_id"):
        cells = gained.reset_index(names="account_id").astype("str")
        cells.index = cells.index + 2
        return Joined(Table(subscriptions.file, cells), tuple(bad), int(runs.sum()), int((fit & ~runs).sum()), history)
    cells = accounts.cells.copy()
    for column in gained.columns:
        if column not in cells:
            cells[column] = cells["account_id"].map(gained[column]).fillna("").astype("str")
    without = ~cells["account_id"].isin(gained.index).to_numpy(bool) & (cells["account_id"] != "").to_numpy(bool)
    joined = Table(accounts.file, cells, accounts.factors)
    bad.extend(joined.refuse("account_id", without, f"has no running subscription in {subscriptions.file}"))
    return Joined(joined, tuple(bad), int(runs.sum()), int((fit & ~runs).sum()), history)


def _left(churn: Table | None, faults: list[Fault]) -> dict[str, list[np.datetime64]]:
    """Days on which each account left."""
    left: dict[str, list[np.datetime64]] = {}
    if churn is None:
        return left
    faults.extend(missing(churn, CHURN_COLUMNS))
    if churn.has("account_id"):
        on = days(churn, _CHURN_DATE, faults)
        for account, day in zip(churn.cells["account_id"], on, strict=True):
            if not np.isnat(day):
                left.setdefault(account, []).append(day)
    return left


def _movements(subscriptions: Table, holder: NDArray[np.object_], starts: Days, ends: Days, arr: Floats) -> Table:
    """Starts and ends as events of the accounts, shape (n_paid,) each; an end takes effect on the day after it.

    What starts and ends on one day is one change: a subscription that replaces another is upsell or contraction.
    """
    ended = ~np.isnat(ends)
    moves = pd.DataFrame(
        {
            "account_id": np.concatenate([holder, holder[ended]]),
            "date": np.concatenate([starts, ends[ended] + np.timedelta64(1, "D")]),
            "change": np.concatenate([arr, -arr[ended]]),
        }
    )
    days_of = moves.groupby(["account_id", "date"], as_index=False)["change"].sum()
    days_of["change"] = days_of["change"].round(2)
    after = days_of.groupby("account_id")["change"].cumsum().round(2)
    before = (after - days_of["change"]).round(2)
    change = days_of["change"]
    event = np.select(
        [change == 0, before <= 0, after <= 0, change > 0], ["renewal", "new", "churn", "upsell"], "contraction"
    )
    cells = pd.DataFrame(
        {
            "account_id": days_of["account_id"],
            "date": days_of["date"].dt.strftime("%Y-%m-%d"),
            "event": event,
            "arr_change": change.map(lambda value: f"{value:.2f}"),
        }
    ).astype("str")
    cells.index = cells.index + 2
    return Table(f"the history made from {subscriptions.file}", cells)


def _first(start: Ints, end: Ints, as_of: date | None) -> int:
    if as_of is not None:
        return 12 * as_of.year + as_of.month - 1
    return int(max(start.max(initial=0), end.max(initial=0))) + 1


def _first_day(month: int) -> str:
    return f"{month // 12}-{month % 12 + 1:02d}-01"
