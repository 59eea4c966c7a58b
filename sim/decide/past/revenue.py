"""Revenue by quarter: the past from events, day by day, and the next two years from the simulation."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.book.schema import Book, Floats
from sim.decide.past.quarters import Past, bridge, quarter_label
from sim.engine.outcome import Outcome
from sim.words import money

FORECAST_MONTHS = 24
LEVELS = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)
BANDS = ("p5", "p10", "p25", "p50", "p75", "p90", "p95")
"""Quantiles of the trials: pairs from outside in hold 90, 80 and 50 %."""


def past_revenue(past: Past) -> pd.DataFrame:
    """Revenue of each past quarter, USD: a quarter of the average over its days of that day's ARR."""
    quarters = bridge(past)
    start = (past.first + 3 * np.arange(past.count + 1)).astype("datetime64[D]")
    history = past.ledger.history
    here = past.quarter >= 0
    quarter = past.quarter[here]
    days = (start[1:] - start[:-1]).astype(np.float64)
    # Events after the last quarter, which the book holds, bring nothing in it.
    left = np.clip((start[quarter + 1] - history.date[here]).astype(np.float64) / days[quarter], 0.0, 1.0)
    average = quarters["opening"].to_numpy(copy=True)
    np.add.at(average, quarter, left * history.arr_change[here])
    return pd.DataFrame({"quarter": quarters["quarter"], "revenue": average / 4.0})


def arr_path(outcome: Outcome) -> Floats:
    """ARR at the start of each month and at the end of the last, USD a year: (n_months + 1, n_trials)."""
    up = outcome.monthly("uplift") + outcome.monthly("upsell") + outcome.monthly("cross_sell")
    down = outcome.monthly("churn") + outcome.monthly("contraction") + outcome.monthly("erosion")
    change = np.cumsum(up - down, axis=0)
    return outcome.opening_arr + np.concatenate([np.zeros((1, outcome.n_trials)), change])


def quarterly(path: Floats, new_arr: float = 0.0) -> Floats:
    """Revenue by quarter and trial, USD, from ARR by month: (n_months + 1, T) -> (n_months // 3, T).

    ARR moves on a line within a month. new_arr: USD a year of ARR that new customers add in each quarter, evenly, and
    that stays as it is.
    """
    months = np.arange(len(path))[:, None]
    arr = path + new_arr * months / 3.0
    revenue = (arr[1:] + arr[:-1]) / 2.0 / 12.0
    whole = len(revenue) // 3 * 3
    total: Floats = revenue[:whole].reshape(-1, 3, path.shape[1]).sum(axis=1)
    return total


def forecast(outcome: Outcome, book: Book, new_arr: float = 0.0) -> pd.DataFrame:
    """Revenue of the coming quarters, USD: mean and the quantiles of `BANDS`, a row each quarter."""
    revenue = quarterly(arr_path(outcome), new_arr)
    first = np.datetime64(book.as_of, "M")
    bands = np.quantile(revenue, LEVELS, axis=1)
    return pd.DataFrame(
        {
            "quarter": [quarter_label(first + 3 * i) for i in range(len(revenue))],
            "mean": revenue.mean(axis=1),
            **dict(zip(BANDS, bands, strict=True)),
        }
    )


def new_arr_pace(past: Past) -> float:
    """ARR of new customers a quarter, USD a year, on average over the last four quarters at most."""
    return float(bridge(past)["new"].tail(4).mean())


def year_of(outcome: Outcome, year: int, new_arr: float) -> tuple[float, float, float]:
    """Mean revenue of a coming year (0 = the first), USD, and what 80 % of the trials lie between."""
    total = quarterly(arr_path(outcome), new_arr)[4 * year : 4 * year + 4].sum(axis=0)
    low, high = np.quantile(total, (0.1, 0.9))
    return float(total.mean()), float(low), float(high)


def forecast_finding(outcome: Outcome, new_arr: float) -> str:
    """Of the next four quarters."""
    mean, low, high = year_of(outcome, 0, new_arr)
    return f"Next year {money(mean)} (80 %: {money(low)} to {money(high)})"
