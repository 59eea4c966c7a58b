"""ARR by quarter from a history: opening, what came and went, closing. It adds up exactly."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.book.columns import EVENTS
from sim.book.history import CHURN, NEW, Ledger
from sim.book.schema import Book, Floats, Ints

QUARTERS = 8
"""The most that is shown: two years."""
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

HEADWINDS = {"churn": "logos_lost", "price_decrease": "price_erosion", "contraction": "seats_given_up"}
TAILWINDS = {"price_increase": "price_increases", "upsell": "upsell", "cross_sell": "cross_sell"}
PARTS = {"new": "new"} | HEADWINDS | TAILWINDS
"""Event and its column in the bridge; a renewal changes nothing by itself."""
LABELS = {
    "opening": "Opening ARR",
    "new": "New customers",
    "logos_lost": "Logos lost",
    "price_erosion": "Price erosion",
    "seats_given_up": "Seats given up",
    "price_increases": "Price increases",
    "upsell": "Upsell",
    "cross_sell": "Cross-sell",
    "closing": "Closing ARR",
}


@dataclass(frozen=True)
class Past:
    """A ledger cut into quarters, the last of which ends when the book's first simulated month begins.

    first: month in which the first quarter begins. count: number of quarters.
    quarter: (n_events,), of each event; -1 before the first. late: events in or after the book's first month, which
        count in the last quarter, as the book holds them.
    """

    ledger: Ledger
    first: np.datetime64
    count: int
    quarter: Ints
    late: int

    @property
    def labels(self) -> list[str]:
        return [quarter_label(self.first + 3 * i) for i in range(self.count)]

    @cached_property
    def earlier_arr(self) -> Floats:
        """ARR of each account when the first quarter begins, USD a year: (n_accounts,)."""
        return self.arr_at(0)

    def arr_at(self, quarter: int) -> Floats:
        """ARR of each account when a quarter begins, USD a year: (n_accounts,)."""
        arr = self.ledger.opening_arr.copy()
        before = self.quarter < quarter
        np.add.at(arr, self.ledger.account[before], self.ledger.history.arr_change[before])
        return np.where(np.abs(arr) < 0.005, 0.0, arr)  # cents lost in the sums


def quarter_label(start: np.datetime64) -> str:
    """Of three months from `start` on: "Q1 2025", or "Feb-Apr 2025" where quarters begin in other months."""
    months = int(start.astype("datetime64[M]").astype(np.int64))
    year, month = 1970 + months // 12, months % 12
    if month % 3 == 0:
        return f"Q{month // 3 + 1} {year}"
    last = months + 2
    return f"{MONTHS[month]}-{MONTHS[last % 12]} {1970 + last // 12}"


def past_quarters(ledger: Ledger, book: Book) -> Past:
    """The quarters that the history covers, eight at most, back from the book's first month."""
    now = np.datetime64(book.as_of, "M")
    month = ledger.history.date.astype("datetime64[M]")
    ahead = (now - month.min()).astype(np.int64)
    count = int(np.clip(-(-ahead // 3), 1, QUARTERS))
    first = now - 3 * count
    raw: Ints = (month - first).astype(np.int64) // 3
    return Past(ledger, first, count, np.clip(raw, -1, count - 1), int((raw >= count).sum()))


def bridge(past: Past) -> pd.DataFrame:
    """USD a year, a row each quarter: opening + new + headwinds (below 0) + tailwinds = closing, the next opening."""
    sums = np.zeros((past.count, len(EVENTS)))
    here = past.quarter >= 0
    changes = past.ledger.history.arr_change
    np.add.at(sums, (past.quarter[here], past.ledger.history.event[here]), changes[here])
    closing = past.earlier_arr.sum() + np.cumsum(sums.sum(axis=1))
    opening = np.concatenate([[past.earlier_arr.sum()], closing[:-1]])
    parts = {column: sums[:, EVENTS.index(event)] for event, column in PARTS.items()}
    return pd.DataFrame({"quarter": past.labels, "opening": opening, **parts, "closing": closing})


def logo_bridge(past: Past) -> pd.DataFrame:
    """Customers, a row each quarter: opening + new - lost = closing."""
    counts = np.zeros((past.count + 1, len(EVENTS)), dtype=np.int64)
    np.add.at(counts, (past.quarter + 1, past.ledger.history.event), 1)
    came, left = counts[:, NEW], counts[:, CHURN]
    closing = int(past.ledger.customer_before.sum()) + np.cumsum(came - left)
    return pd.DataFrame(
        {"quarter": past.labels, "opening": closing[:-1], "new": came[1:], "lost": left[1:], "closing": closing[1:]}
    )


def churn_rates(bridge: pd.DataFrame, logos: pd.DataFrame) -> pd.DataFrame:
    """Gross, net and logo churn, fractions of the opening; NaN where nothing opens. A row each quarter."""
    losses = -bridge[list(HEADWINDS.values())].sum(axis=1)
    gains = bridge[list(TAILWINDS.values())].sum(axis=1)
    opening = bridge["opening"].where(bridge["opening"] > 0)
    customers = logos["opening"].where(logos["opening"] > 0)
    return pd.DataFrame(
        {
            "quarter": bridge["quarter"],
            "gross_churn": losses / opening,
            "net_churn": (losses - gains) / opening,
            "logo_churn": logos["lost"] / customers,
            "arr_lost": losses,
            "arr_expanded": gains,
            "logos_lost": logos["lost"],
        }
    )


def mask(past: Past, quarters: int) -> NDArray[np.bool_]:
    """Events of the last `quarters` quarters: (n_events,)."""
    return past.quarter >= past.count - quarters
