"""Tables for pages and downloads."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.book.schema import Book
from sim.engine.outcome import Outcome
from sim.share.report import mean_attainment
from sim.world.parameters import ASSUMPTIONS

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def csm_table(book: Book, candidate: Outcome, current: Outcome) -> pd.DataFrame:
    """Expected pay (USD over the horizon), spread of variable pay and attainment of each CSM under both plans."""
    p10, p50, p90 = np.quantile(candidate.csm_pay, (0.1, 0.5, 0.9), axis=1)
    pay_now = current.csm_base + current.csm_pay.mean(axis=1, dtype=np.float64)
    pay_then = candidate.csm_base + candidate.csm_pay.mean(axis=1, dtype=np.float64)
    return pd.DataFrame(
        {
            "csm_id": book.team.csm_id,
            "csm_name": book.team.csm_name,
            "level": book.team.level,
            "pay_now": pay_now.round(),
            "pay_then": pay_then.round(),
            "change": (pay_then - pay_now).round(),
            "p10": p10.round(),
            "p50": p50.round(),
            "p90": p90.round(),
            "attainment_now": mean_attainment(current),
            "attainment_then": mean_attainment(candidate),
            "no_payout": np.mean(candidate.csm_pay <= 0.0, axis=1),
        }
    )


def segment_table(book: Book) -> pd.DataFrame:
    """ARR, risk and white space by segment, with the total last."""
    accounts = account_table(book)
    accounts["weighted"] = accounts["arr"] * accounts["renewal_probability"]
    accounts["whitespace"] = accounts["upsell_whitespace"] + accounts["cross_sell_whitespace"]
    sums = accounts.groupby("segment", sort=False).agg(
        accounts=("arr", "size"), arr=("arr", "sum"), weighted=("weighted", "sum"), whitespace=("whitespace", "sum")
    )
    sums = sums.sort_values("arr", ascending=False)
    sums.loc["Total"] = sums.sum()
    sums["renewal"] = sums["weighted"] / sums["arr"]
    return sums.reset_index(names="segment")[["segment", "accounts", "arr", "renewal", "whitespace"]]


def account_table(book: Book) -> pd.DataFrame:
    """The accounts as they are simulated, one row each."""
    return pd.DataFrame(
        {
            "account_id": book.account_id,
            "account_name": book.account_name,
            "csm_id": [book.team.csm_id[c] for c in book.csm],
            "segment": book.segment,
            "arr": book.arr,
            "renewal_month": book.renewal_month + 1,
            "term_months": book.term_months,
            "renewal_probability": book.renewal_probability,
            "upsell_whitespace": book.upsell_whitespace,
            "cross_sell_whitespace": book.cross_sell_whitespace,
        }
    )


def assumption_table() -> pd.DataFrame:
    """Every assumption with default, range, unit, confidence and source."""
    return pd.DataFrame(
        [
            {
                "Assumption": row.label,
                "Default": f"{row.default:g}",
                "Range": f"{row.low:g} to {row.high:g}",
                "Unit": row.unit,
                "Confidence": row.confidence,
                "Source": row.source,
                "What it does": row.help,
                "Name": row.name,
            }
            for row in ASSUMPTIONS.values()
        ]
    )


def to_csv(table: pd.DataFrame) -> bytes:
    """UTF-8 CSV that no spreadsheet runs: a text that would start a formula gets an apostrophe in front."""
    safe = table.copy()
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]):
            text = safe[name].astype(str)
            safe[name] = text.where(~text.str.startswith(_FORMULA_STARTS), "'" + text)
    safe.columns = [f"'{name}" if str(name).startswith(_FORMULA_STARTS) else name for name in safe.columns]
    # RFC 4180's line ends: with others, a carriage return inside a name would not be quoted and start a row of its own.
    return safe.to_csv(index=False, lineterminator="\r\n").encode()
