"""An assessed year as small tables for charts, and what they say in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.decide.assess.actuals import Actuals
from sim.decide.assess.condition import Update
from sim.decide.assess.figures import FIGURE, NET, Floats, within, written
from sim.decide.assess.promise import LEVELS, Promise, Standing

HEADING, PROMISED, HAPPENED = "updated", "promised", "happened"
KINDS = [HEADING, PROMISED, HAPPENED]
TRACK = "P10 to P90"


def fan_table(promise: Promise, known: Actuals, update: Update, name: str) -> pd.DataFrame:
    """One figure to date, by month from the start: columns month, kind, low, middle, high.

    ``promised`` runs over the whole horizon, ``happened`` to the last known month, ``updated`` from there on.
    """
    row = update.names.index(name)
    spread = np.quantile(promise.of([name]).to_date[0], LEVELS, axis=1)
    actual = np.tile(known.to_date[row], (len(LEVELS), 1))
    start = np.zeros((len(LEVELS), 1))
    ahead = update.to_date[:, row, update.n_known - 1 :]
    return pd.concat(
        [
            _part(PROMISED, 0, np.hstack([start, spread])),
            _part(HEADING, update.n_known, ahead),
            _part(HAPPENED, 0, np.hstack([start, actual])),
        ],
        ignore_index=True,
    )


def _part(kind: str, first: int, values: Floats) -> pd.DataFrame:
    low, middle, high = values
    return pd.DataFrame(
        {"month": np.arange(first, first + len(low)), "kind": kind, "low": low, "middle": middle, "high": high}
    )


def fan_finding(promise: Promise, update: Update, name: str) -> str:
    """Where the figure heads over the horizon, and what was promised."""
    figure, signed = FIGURE[name], name == NET
    before = float(np.median(promise.of([name]).to_date[0, -1]))
    low, middle, high = (written(name, value, signed=signed) for value in update.year(name))
    promised = written(name, before, signed=signed)
    if update.over:
        return f"{figure.title} came to {middle}; {promised} was promised"
    return f"{figure.title} heads for {middle} (80 %: {low} to {high}); {promised} was promised"


def strip_table(standings: Sequence[Standing]) -> pd.DataFrame:
    """A row for each figure to date: title, percentile, whether it is inside, and its value beside the median."""
    return pd.DataFrame(
        {
            "figure": [FIGURE[one.name].title for one in standings],
            "percentile": [one.percentile for one in standings],
            "kind": ["inside" if one.inside else "outside" for one in standings],
            "text": [f"{written(one.name, one.actual)}, P50 {written(one.name, one.middle)}" for one in standings],
            "track": TRACK,
            "low": LEVELS[0],
            "high": LEVELS[-1],
        }
    )


def strip_finding(standings: Sequence[Standing]) -> str:
    """How many figures are where four years of five are, and which are not."""
    outside = [within(one.name) for one in standings if not one.inside]
    inside = f"{len(standings) - len(outside)} of {len(standings)} figures to date lie within P10 to P90"
    if not outside:
        return f"{inside}: all that are known"
    return f"{inside}; not {' and '.join([', '.join(outside[:-1]), outside[-1]] if outside[1:] else outside)}"


def update_table(promise: Promise, update: Update) -> pd.DataFrame:
    """The totals of the horizon: as promised, and given what has happened. A row for each figure."""
    spread = np.quantile(promise.of(update.names).to_date[:, -1], LEVELS, axis=-1)
    columns = {"figure": [FIGURE[name].title for name in update.names]}
    parts = (("promised", spread), ("updated", update.to_date[:, :, -1]))
    values = {
        f"{part}_{level}": row for part, rows in parts for level, row in zip(("p10", "p50", "p90"), rows, strict=True)
    }
    return pd.DataFrame(columns | values)


def likeness_sentence(update: Update, trials: int) -> str:
    """How many trials the updated forecast stands on."""
    if update.over:
        return "The year is over: nothing is left to forecast."
    count = f"{update.effective:,.0f} of {trials:,} simulated years"
    if update.alike:
        return (
            f"The rest of the year is that of {count} that resemble this one, by weight; nothing was simulated again."
        )
    return (
        f"Too few simulated years resemble this one ({count}, by weight): the range is the wider of what was promised "
        "for these months and what all simulated years together suggest. Trust it less."
    )
