"""Small tables and sentences for the page on renewal risk."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.book.risk.cohort import CohortFit, constant_rate
from sim.book.schema import Floats
from sim.words import percent

MOST_STEPS = 14
"""Steps of a model shown in the picture; the table holds all."""


def odds_picture(table: pd.DataFrame) -> pd.DataFrame:
    """The strongest rows of `LogisticFit.odds_table` with a label, and whether the interval leaves out 1."""
    shown = table.head(MOST_STEPS)
    clear = (shown["low"] > 1) | (shown["high"] < 1)
    return shown.assign(
        label=shown["feature"] + ": " + shown["step"], clear=np.where(clear, "clear", "unclear").astype(object)
    )


def odds_words(table: pd.DataFrame) -> pd.DataFrame:
    """Each row of `LogisticFit.odds_table` in words, with its figures."""

    def words(odds: float, low: float, high: float) -> str:
        if low <= 1 <= high:
            return "No effect can be told from chance"
        change = odds - 1 if odds >= 1 else 1 / odds - 1
        return f"Odds of {'renewal' if odds >= 1 else 'leaving'} rise by {percent(change, 0)}"

    rows = zip(table["odds"], table["low"], table["high"], strict=True)
    return table.assign(words=[words(*row) for row in rows])


def odds_finding(table: pd.DataFrame) -> str:
    """The title of the picture of odds."""
    clear = int(((table["low"] > 1) | (table["high"] < 1)).sum())
    return f"{clear} of {len(table)} steps move renewal beyond doubt" if clear else "Nothing moves renewal beyond doubt"


def reliability_finding(table: pd.DataFrame) -> str:
    """The title of the reliability diagram."""
    agree = int(table["predicted"].between(table["low"], table["high"]).sum())
    return f"What was said came true in {agree} of {len(table)} groups"


def coverage_sentence(table: pd.DataFrame, level: float = 0.90) -> str:
    """What `coverage` found for one level, over all sizes of books."""
    rows = table[table["level"] == level]
    held = np.average(rows["covered"], weights=rows["books"])
    return (
        f"Of {rows['books'].sum():,} books of {rows['accounts'].min()} to {rows['accounts'].max()} accounts that the "
        f"model had not seen, {percent(held)} kept a share of their dollars inside the {percent(level, 0)} interval."
    )


def survival_picture(fit: CohortFit, survivors: Floats, fitted: int) -> pd.DataFrame:
    """Survivors, the model with its 95 % interval, and a constant rate, as shares of the cohort by period.

    fitted: periods that the model was fitted to; the curves run to twice as far, or to the last survivors.
    """
    period = np.arange(0, max(2 * fitted, len(survivors) - 1) + 1, dtype=float)
    share, error = fit.survival(period), fit.survival_error(period)
    model = pd.DataFrame({"period": period, "share": share, "part": "model"})
    model = model.assign(low=np.clip(share - 1.96 * error, 0, 1), high=np.clip(share + 1.96 * error, 0, 1))
    rate = constant_rate(survivors[: fitted + 1])
    constant = pd.DataFrame({"period": period, "share": rate**period, "part": "constant rate"})
    seen = pd.DataFrame({"period": np.arange(len(survivors)), "share": survivors / survivors[0], "part": "survivors"})
    return pd.concat([model, constant, seen], ignore_index=True)


def survival_finding(fit: CohortFit, survivors: Floats, fitted: int) -> str:
    """The title of the survival curve: how far off both were on what they had not seen, or how retention rises."""
    ahead = np.arange(fitted + 1, len(survivors), dtype=float)
    if not ahead.size:
        first, last = fit.survival([1.0, fitted]) / fit.survival([0.0, fitted - 1.0])
        return f"Retention rises from {percent(float(first))} to {percent(float(last))}"
    share = survivors[fitted + 1 :] / survivors[0]
    model = float(np.mean(np.abs(fit.survival(ahead) - share) / share))
    constant = float(np.mean(np.abs(constant_rate(survivors[: fitted + 1]) ** ahead - share) / share))
    return f"Periods ahead: model {percent(model)} off, constant rate {percent(constant, 0)}"
