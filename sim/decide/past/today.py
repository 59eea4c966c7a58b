"""Today's retention by segment against published figures, and what a book without a history can tell."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.book.columns import EVENTS
from sim.book.history import CHURN
from sim.book.schema import Book, Floats
from sim.decide.past.quarters import HEADWINDS, Past, mask
from sim.engine.forecast import renewal_risk
from sim.world.benchmarks import RETENTION_BY_ACV
from sim.world.parameters import World

YEAR = 4
"""Quarters that GRR and NRR look back over."""
TOTAL = "Total"

DEFINITIONS: dict[str, str] = {
    "ARR": "Annual recurring revenue: what the contracts in force on a day bring in a year.",
    "New customers": "ARR of accounts with a row new: their first contract, or the first after they had left.",
    "Logos lost": "ARR of accounts that left altogether (rows churn), and how many they were.",
    "Price erosion": "ARR given away in price on accounts that stayed (rows price_decrease).",
    "Seats given up": "ARR of seats, modules or usage given up by accounts that stayed (rows contraction).",
    "Price increases": "ARR gained by a higher price for the same (rows price_increase).",
    "Upsell": "ARR of more of what an account already had (rows upsell).",
    "Cross-sell": "ARR of products that an account did not have (rows cross_sell).",
    "Expansion": "Price increases, upsell and cross-sell together.",
    "Quarter": "Three months, counted back from the book's first simulated month; an event counts on its day.",
    "Gross churn, $": "Logos lost, price erosion and seats given up in a quarter, over opening ARR.",
    "Net churn, $": "Gross churn less expansion, over opening ARR; below zero when customers grow more than they lose.",
    "Logo churn": "Customers who left in a quarter, over customers at its start.",
    "GRR": "Gross revenue retention: of the ARR of those who were customers 12 months ago, what is left after logos "
    "lost, price erosion and seats given up since. Customers who came later do not count.",
    "NRR": "Net revenue retention: what those who were customers 12 months ago pay now, over what they paid then.",
    "Logo retention": "Of the customers of 12 months ago, the share that has not left since.",
    "Standard error": "How far a segment's GRR scatters by luck alone, from the spread between its accounts. A gap "
    "within two of them cannot be told from luck.",
    "Benchmark": "Median of over 1,500 companies by annual contract value (SaaS Capital 2023), weighted by what each "
    "customer paid 12 months ago.",
    "Revenue": "A quarter of the average ARR over the days of the quarter: as contracted, not as invoiced.",
    "Forecast": "The plan in force, simulated for 24 months on today's customers. Changes fall in the middle of their "
    "month. Bands hold 50, 80 and 90 % of the simulated years: luck, not doubt about the assumptions.",
}
"""How each figure is measured, so that a meeting can agree on it."""


def retention_by_segment(past: Past) -> pd.DataFrame | None:
    """GRR, NRR and logo retention over the last four quarters, the total last; None for a shorter history.

    Customers are those at the start of the four quarters. grr_error: standard error of a ratio of sums over accounts
    (Cochran 1977, 2.39); NaN for one customer. Fractions; ARR in USD a year.
    """
    if past.count < YEAR:
        return None
    books, history = past.ledger, past.ledger.history
    opening = past.arr_at(past.count - YEAR)
    recent = mask(past, YEAR)
    losing = np.isin(history.event, [EVENTS.index(event) for event in HEADWINDS])

    def by_account(chosen: np.ndarray, values: Floats) -> Floats:
        sums = np.zeros(len(opening))
        np.add.at(sums, books.account[chosen], values[chosen])
        return sums

    left = by_account(recent & (history.event == CHURN), np.ones(len(history))) > 0
    frame = pd.DataFrame(
        {
            "segment": books.segment,
            "opening_arr": opening,
            "lost": -by_account(recent & losing, history.arr_change),
            "closing_arr": opening + by_account(recent, history.arr_change),
            "left": left,
            **_published(opening),
        }
    )
    frame = frame[frame["opening_arr"] > 0]
    groups = sorted(frame.groupby("segment", sort=False), key=lambda group: -float(group[1]["opening_arr"].sum()))
    rows = [_retention(str(name), group) for name, group in groups]
    return pd.DataFrame([*rows, _retention(TOTAL, frame)])


def _published(arr: Floats) -> dict[str, Floats]:
    """Published GRR and NRR of each account by what it pays."""
    band = np.searchsorted([band.acv_below for band in RETENTION_BY_ACV], arr, side="right")
    return {
        "grr_published": np.array([band.grr for band in RETENTION_BY_ACV])[band],
        "nrr_published": np.array([band.nrr for band in RETENTION_BY_ACV])[band],
    }


def _retention(segment: str, rows: pd.DataFrame) -> dict[str, object]:
    opening, n = float(rows["opening_arr"].sum()), len(rows)
    if n == 0:
        return {"segment": segment, "customers": 0, "opening_arr": 0.0}
    loss = float(rows["lost"].sum()) / opening
    residual = rows["lost"] - loss * rows["opening_arr"]
    error = float(np.sqrt((residual**2).sum() * n / (n - 1))) / opening if n > 1 else np.nan
    grr, nrr = 1.0 - loss, float(rows["closing_arr"].sum()) / opening
    grr_published, nrr_published = (
        float(np.average(rows[name], weights=rows["opening_arr"])) for name in ("grr_published", "nrr_published")
    )
    return {
        "segment": segment,
        "customers": n,
        "opening_arr": opening,
        "grr": grr,
        "grr_error": error,
        "grr_benchmark": grr_published,
        "grr_gap": grr - grr_published,
        "nrr": nrr,
        "nrr_benchmark": nrr_published,
        "nrr_gap": nrr - nrr_published,
        "logo_retention": 1.0 - float(rows["left"].mean()),
    }


def from_book_alone(book: Book, world: World) -> pd.DataFrame:
    """What the book says without a history, by segment, the total last: today's ARR and what falls due in a year.

    arr, due_12: USD a year; renewal: of what falls due, weighted by ARR; expected_loss: USD a year, first renewals of
    the next 12 months only; grr_expected: 1 - expected_loss / arr; grr_benchmark: weighted by ARR.
    """
    due = book.renewal_month < 12
    frame = pd.DataFrame(
        {
            "segment": book.segment,
            "arr": book.arr,
            "due_12": book.arr * due,
            "renewing": book.arr * due * book.renewal_probability,
            "expected_loss": book.arr * due * renewal_risk(book.renewal_probability, world).expected_loss,
            "published": book.arr * _published(book.arr)["grr_published"],
        }
    )
    sums = frame.groupby("segment", sort=False).sum().sort_values("arr", ascending=False)
    sums.insert(0, "accounts", frame.groupby("segment").size())
    sums.loc[TOTAL] = sums.sum()
    due_arr = sums["due_12"].where(sums["due_12"] > 0)
    sums["renewal"] = sums["renewing"] / due_arr
    sums["grr_expected"] = 1.0 - sums["expected_loss"] / sums["arr"]
    sums["grr_benchmark"] = sums["published"] / sums["arr"]
    columns = ["segment", "accounts", "arr", "due_12", "renewal", "expected_loss", "grr_expected", "grr_benchmark"]
    return sums.reset_index(names="segment")[columns]


MISSING: tuple[str, ...] = (
    "Opening and closing ARR of past quarters, and what moved them.",
    "Churn as it was, in dollars and in logos: the book only holds those who stayed.",
    "GRR and NRR over the past 12 months, by segment, against the benchmark.",
    "Revenue of the past two years beside the forecast.",
)
"""What a page cannot say without a history."""
