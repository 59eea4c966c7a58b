"""Two more invented files of a sample book: past renewals with what was known before, and who holds which product."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PAST_RENEWALS = {"startup": 600, "midmarket": 1_000, "enterprise": 3_000}
PRICE_CHANGE, PRICE_SPREAD, PRICE_EFFECT = 0.03, 0.04, -8.0
"""Mean and standard deviation of the change of price, and what a change of 1 does to the log-odds of renewal."""

PRODUCTS = ("Core", "Analytics", "Automation", "Integrations", "Security", "Support Plus", "Training", "Sandbox")
WEIGHTS = (1.0, 0.45, 0.40, 0.25, 0.30, 0.20, 0.12, 0.10)
"""What an account pays for a product, in proportion to Core."""
HELD = (1.0, 0.55, 0.45, 0.50, 0.35, 0.40, 0.30, 0.20)
"""Share of accounts of median size that hold it."""


def past_renewals(name: str, accounts: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """renewals.csv: accounts like those of the book, when they fell due; they renewed by the same probabilities."""
    n = PAST_RENEWALS[name]
    like = accounts.iloc[random.integers(0, len(accounts), size=n)]
    price = np.round(PRICE_CHANGE + PRICE_SPREAD * random.standard_normal(n), 3)
    p = like["renewal_probability"].to_numpy(float)
    log_odds = np.log(p / (1 - p)) + PRICE_EFFECT * (price - PRICE_CHANGE)
    tenure = like["term_months"].to_numpy(np.int64) * random.integers(1, 5, size=n)
    return pd.DataFrame(
        {
            "renewed": (random.random(n) < 1 / (1 + np.exp(-log_odds))).astype(np.int64),
            "arr": np.round(like["arr"].to_numpy(float) * np.exp(0.1 * random.standard_normal(n)), -2).astype(np.int64),
            "segment": like["segment"].to_numpy(),
            "adoption": np.round(np.clip(like["adoption"] + 0.03 * random.standard_normal(n), 0, 1), 2).to_numpy(),
            "nps": np.clip(like["nps"] + np.round(4 * random.standard_normal(n)), -100, 100)
            .astype(np.int64)
            .to_numpy(),
            "complexity": like["complexity"].to_numpy(),
            "tenure_months": tenure,
            "price_change": price,
        }
    )


def products_held(accounts: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """products.csv: USD a year that each account pays for each product; a row adds up to its ARR."""
    arr = accounts["arr"].to_numpy(float)
    size = np.log(arr / np.median(arr))
    share = np.clip(np.array(HELD)[None, :] + 0.12 * size[:, None], 0.05, 0.95)
    held = random.random((len(arr), len(PRODUCTS))) < share
    held[:, 0] = True
    weight = held * np.array(WEIGHTS) * np.exp(0.35 * random.standard_normal(held.shape))
    paid = np.round(arr[:, None] * weight / weight.sum(axis=1, keepdims=True)).astype(np.int64)
    paid[:, 0] += arr.astype(np.int64) - paid.sum(axis=1)
    return pd.DataFrame({"account_id": accounts["account_id"], **dict(zip(PRODUCTS, paid.T, strict=True))})
