"""A book as the two tables that it would be read from, and empty ones to start from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.book.columns import EVENTS, Column
from sim.book.history import History
from sim.book.schema import Book


def account_file(book: Book) -> pd.DataFrame:
    """The accounts under the names of `ACCOUNT_COLUMNS`; renewals fall on the first day of their month."""
    first = 12 * book.as_of.year + book.as_of.month - 1
    due = first + book.renewal_month
    team = np.array(book.team.csm_id, dtype=object)
    return pd.DataFrame(
        {
            "account_id": book.account_id,
            "account_name": book.account_name,
            "csm_id": team[book.csm],
            "segment": book.segment,
            "arr": book.arr,
            "renewal_date": [f"{month // 12}-{month % 12 + 1:02d}-01" for month in due.tolist()],
            "term_months": book.term_months,
            "renewal_probability": book.renewal_probability,
            "upsell_whitespace": book.upsell_whitespace,
            "cross_sell_whitespace": book.cross_sell_whitespace,
            "complexity": book.complexity,
            "nps": book.nps,
            "adoption": book.adoption,
            "tenure_months": book.tenure_months,
        }
    )


def team_file(book: Book) -> pd.DataFrame:
    """The team under the names of `TEAM_COLUMNS`; the one of base salary and on-target earnings that is not given is
    empty."""
    return pd.DataFrame(vars(book.team))


def history_file(history: History) -> pd.DataFrame:
    """The events under the names of `HISTORY_COLUMNS`, in the order of their dates."""
    return pd.DataFrame(
        {
            "account_id": history.account_id,
            "date": np.datetime_as_string(history.date, unit="D"),
            "event": [EVENTS[event] for event in history.event],
            "arr_change": history.arr_change,
            "segment": history.segment,
        }
    )


def template(columns: Sequence[Column]) -> pd.DataFrame:
    """A header and one example row; the same pay twice would be refused, so base salary stays empty."""
    return pd.DataFrame({column.name: ["" if column.name == "base_salary" else column.example] for column in columns})
