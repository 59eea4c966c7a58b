"""Where a person knows better than the model: an account, another probability, and the reason; all listed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sim.book.schema import Book, Floats
from sim.problems import InputError, Problem

LEAST_REASON = 10
"""Characters of a reason."""


class Override(NamedTuple):
    """probability: that the account renews, a fraction. reason: for everybody who reads the list."""

    account_id: str
    probability: float
    reason: str


def read_overrides(rows: Iterable[Sequence[Any]], book: Book) -> tuple[Override, ...]:
    """Overrides from rows of (account_id, probability in percent, reason), as a table on a page gives them.

    Rows without any content are passed over. Raises InputError with every problem.
    """
    problems: list[Problem] = []
    read: list[Override] = []
    known, seen = set(book.account_id), set[str]()
    for number, row in enumerate(rows, start=1):
        account, percent, reason = ("" if pd.isna(cell) else str(cell).strip() for cell in row)
        if not (account or percent or reason):
            continue
        where = f"override {number}"
        if account not in known:
            problems.append(Problem(f"{where}, account", account, "must be an account_id of the book"))
        elif account in seen:
            problems.append(Problem(f"{where}, account", account, "must be overridden only once"))
        seen.add(account)
        try:
            probability = float(percent) / 100
        except ValueError:
            probability = np.nan
        if not 0 <= probability <= 1:
            problems.append(Problem(f"{where}, renewal %", percent, "must be from 0 to 100"))
        if len(reason) < LEAST_REASON:
            rule = f"must say why in at least {LEAST_REASON} characters; risk is computed, an exception is explained"
            problems.append(Problem(f"{where}, reason", reason, rule))
        read.append(Override(account, probability, reason))
    if problems:
        raise InputError(problems)
    return tuple(read)


def overridden(book: Book, computed: Floats, overrides: Sequence[Override]) -> Floats:
    """Computed probabilities with the overrides in their places, shape (n_accounts,)."""
    place = {account: row for row, account in enumerate(book.account_id)}
    result = computed.copy()
    for override in overrides:
        result[place[override.account_id]] = override.probability
    return result


def override_table(book: Book, computed: Floats, overrides: Sequence[Override]) -> pd.DataFrame:
    """One row an override: account, ARR (USD a year), probability as computed and as overridden, reason."""
    place = {account: row for row, account in enumerate(book.account_id)}
    rows = [place[override.account_id] for override in overrides]
    return pd.DataFrame(
        {
            "account_id": [override.account_id for override in overrides],
            "account_name": [book.account_name[row] for row in rows],
            "arr": book.arr[rows],
            "computed": computed[rows],
            "override": [override.probability for override in overrides],
            "reason": [override.reason for override in overrides],
        }
    )
