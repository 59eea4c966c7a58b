"""Each account's chance to renew, from the best that is known: past renewals, survivors of cohorts, or benchmarks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from sim.book.risk.cohort import CohortFit, next_renewal
from sim.book.schema import Book, Floats
from sim.words import percent
from sim.world.benchmarks import band_of
from sim.world.parameters import World

FURTHEST_ODDS = 0.999
"""No account is taken to be surer than this, or less sure than its complement, whatever a model says."""


def benchmark_probability(book: Book, world: World) -> Floats:
    """Renewal probability by ACV from published gross retention, shape (n_accounts,).

    Over a term of T years retention g leaves g^T; of what is lost, the world's downsell share is lost on accounts that
    stay: p = 1 - (1 - g^T) (1 - downsell share).
    """
    yearly = np.array([band_of(arr).grr for arr in book.arr])
    return 1.0 - (1.0 - yearly ** (book.term_months / 12.0)) * (1.0 - world.downsell_share)


def cohort_probability(book: Book, fit: CohortFit) -> Floats:
    """Renewal probability by age: what is left of a cohort after the next term, of what is left before it."""
    return next_renewal(fit, book.tenure_months, book.renewal_month.astype(float), book.term_months.astype(float))


def with_probability(book: Book, probability: Floats) -> Book:
    """The same book with these renewal probabilities, shape (n_accounts,)."""
    return replace(book, renewal_probability=np.clip(probability, 1.0 - FURTHEST_ODDS, FURTHEST_ODDS))


def expected_retention(book: Book, probability: Floats) -> float:
    """Share of the book's ARR that renews when each account has fallen due once."""
    return float(probability @ book.arr / book.arr.sum())


def probability_table(book: Book, computed: Floats, used: Floats) -> pd.DataFrame:
    """One row an account, riskiest dollars first: ARR (USD a year), probability now in the book, computed and used."""
    table = pd.DataFrame(
        {
            "account_id": book.account_id,
            "account_name": book.account_name,
            "segment": book.segment,
            "arr": book.arr,
            "now": book.renewal_probability,
            "computed": computed,
            "used": used,
            "at_risk": book.arr * (1.0 - used),
        }
    )
    return table.sort_values("at_risk", ascending=False, kind="stable").reset_index(drop=True)


def verdict(auc: float, brier: float, brier_base: float) -> str:
    """What the scores on held-out renewals mean, in a sentence or two."""
    order = (
        "hardly better than a coin"
        if auc < 0.55
        else "modestly"
        if auc < 0.70
        else "well"
        if auc < 0.85
        else "very well"
    )
    ranks = f"It ranks accounts {order}" if auc >= 0.55 else f"Its ranking of accounts is {order}"
    gain = 1.0 - brier / brier_base
    if gain <= 0:
        return (
            f"{ranks} (AUC {auc:.2f}), and its probabilities are no better than one rate for everybody: "
            "prefer the benchmark, or choose other features."
        )
    return f"{ranks} (AUC {auc:.2f}), and its squared error is {percent(gain)} below that of one rate for everybody."
