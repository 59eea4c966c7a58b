"""How far the model can be trusted, always on renewals that it was not fitted to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import brier_score_loss, roc_auc_score
from statsmodels.stats.proportion import proportion_confint

from sim.book.risk.logistic import LEAST_HELD_OUT, design, fit_rows
from sim.book.risk.outcomes import Outcomes
from sim.book.risk.retention import retention_at
from sim.book.schema import Floats, Ints

FOLDS = 5
LEVELS = (0.80, 0.90, 0.95)
SIZES = (25, 50, 100)
SPLITS = 20
MOST_CHECKED = 7_000
"""Held-out rows that one split deals into books: more would only take longer."""


class Quality(NamedTuple):
    """Scores of held-out probabilities.

    brier, brier_base: mean squared error of the model, and of the base rate for everybody. auc: area under the curve.
    """

    brier: float
    brier_base: float
    auc: float


def shuffled(n: int, salt: int) -> Ints:
    """The rows 0 to n - 1 in an order that hangs only on n and the salt: by a hash, without a generator."""
    keys = np.arange(n, dtype=np.uint64) + np.uint64(salt << 32)
    return np.argsort(pd.util.hash_array(keys), kind="stable").astype(np.int64)


def held_out(outcomes: Outcomes, names: Sequence[str]) -> tuple[Floats, Floats]:
    """Renewal probability of each row by the model, and by the base rate, both from the other folds; (n_rows,) each.

    Raises InputError when the rows outside one fold cannot carry the model.
    """
    order = shuffled(len(outcomes), 0)
    model, base = np.empty(len(outcomes)), np.empty(len(outcomes))
    for fold in range(FOLDS):
        test = order[fold::FOLDS]
        train = np.delete(order, np.s_[fold::FOLDS])
        fit = fit_rows(outcomes.features.iloc[train], outcomes.renewed[train], names, LEAST_HELD_OUT)
        model[test] = fit.probability(outcomes.features.iloc[test])
        base[test] = outcomes.renewed[train].mean()
    return model, base


def quality(renewed: NDArray[np.bool_], model: Floats, base: Floats) -> Quality:
    """Scores of held-out probabilities, shape (n_rows,) each."""
    return Quality(
        float(brier_score_loss(renewed, model)),
        float(brier_score_loss(renewed, base)),
        float(roc_auc_score(renewed, model)),
    )


def reliability(renewed: NDArray[np.bool_], model: Floats, bins: int = 10) -> pd.DataFrame:
    """Rows grouped by probability into equal parts: what was said (predicted) and what came (observed).

    low, high: 95 % interval of the observed share (Wilson 1927).
    """
    groups = [group for group in np.array_split(np.argsort(model, kind="stable"), bins) if group.size]
    came = np.array([renewed[group].sum() for group in groups])
    rows = np.array([group.size for group in groups])
    low, high = proportion_confint(came, rows, alpha=0.05, method="wilson")
    return pd.DataFrame(
        {
            "predicted": [model[group].mean() for group in groups],
            "observed": came / rows,
            "low": low,
            "high": high,
            "rows": rows,
        }
    )


def coverage(
    outcomes: Outcomes,
    names: Sequence[str],
    *,
    sizes: Sequence[int] = SIZES,
    levels: Sequence[float] = LEVELS,
    splits: int = SPLITS,
) -> pd.DataFrame:
    """How often the interval for dollar retention holds what came: in each split the model is fitted to one half of
    the rows, and the other half is dealt into books of each size.

    Returns one row for each size and level: books, covered (a share), and standard_error of that share if the books
    were independent. A size that the rows do not fill is left out.

    Raises InputError when half of the rows cannot carry the model.
    """
    hits: dict[tuple[int, float], list[bool]] = {}
    for split in range(splits):
        order = shuffled(len(outcomes), split + 1)
        train, test = np.array_split(order, 2)
        test = test[:MOST_CHECKED]
        fit = fit_rows(outcomes.features.iloc[train], outcomes.renewed[train], names, LEAST_HELD_OUT)
        x = design(outcomes.features.iloc[test], fit.terms)
        for size in sizes:
            for start in range(0, len(test) - size + 1, size):
                rows = test[start : start + size]
                dollars = outcomes.arr[rows]
                spread = retention_at(fit, x[start : start + size], dollars)
                came = dollars @ outcomes.renewed[rows] / dollars.sum()
                for level in levels:
                    low, high = spread.interval(level)
                    hits.setdefault((size, level), []).append(low - 0.0005 <= came <= high + 0.0005)  # the grid
    return pd.DataFrame(
        [
            {
                "accounts": size,
                "level": level,
                "books": len(held),
                "covered": np.mean(held),
                "standard_error": np.sqrt(level * (1 - level) / len(held)),
            }
            for (size, level), held in hits.items()
        ]
    )
