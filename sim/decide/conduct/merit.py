"""Whether pay follows performance: what a CSM's accounts did, against what they were expected to do."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from sim.decide.targets.pay_shares import payout
from sim.engine.outcome import Outcome
from sim.engine.run import Stage

Floats = NDArray[np.float64]
GROUPS = 10
MOST_POINTS = 200_000
"""CSM-horizons that are ranked: the first trials of a large team say enough."""


class Merit(NamedTuple):
    """Pay by performance, in tenths of the CSM-horizons, worst first; (GROUPS,) each, fewer when there are few.

    performance: mean of the tenth, fraction of opening ARR above or below expectation. payout: mean, in target pays
    (USD in a plan without target pay). correlation: of the ranks (Spearman 1904), NaN when pay never differs.
    """

    performance: Floats
    payout: Floats
    correlation: float


def performance(outcome: Outcome, stage: Stage) -> Floats:
    """ARR kept and added by each CSM's accounts less what the book was expected to, of opening ARR: (n_csms, n_trials).

    The expectation is each book's own, so that a hard book is no bad performance.
    """
    forecast = stage.forecast
    due = (forecast.upsell + forecast.cross_sell - forecast.loss).sum(axis=1)
    done = outcome.csm_expansion.astype(np.float64) - outcome.csm_lost
    better: Floats = (done - due[:, None]) / forecast.opening_arr[:, None]
    return better


def merit(outcome: Outcome, stage: Stage) -> Merit:
    """How payout rises with performance."""
    trials = max(1, min(outcome.n_trials, MOST_POINTS // len(outcome.csm_ids)))
    did = performance(outcome, stage)[:, :trials].ravel()
    paid = payout(outcome)[:, :trials].ravel()
    order = np.argsort(did, kind="stable")
    groups = np.array_split(order, min(GROUPS, len(order)))
    differs = min(float(np.ptp(did)), float(np.ptp(paid))) > 1e-9
    ranks = np.corrcoef(rankdata(did), rankdata(paid))[0, 1] if differs else float("nan")
    return Merit(
        performance=np.array([did[group].mean() for group in groups]),
        payout=np.array([paid[group].mean() for group in groups]),
        correlation=float(ranks),
    )


def merit_table(by_plan: dict[str, Merit]) -> pd.DataFrame:
    """Columns: plan, performance, payout, tenth (1 = the worst)."""
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "plan": plan,
                    "performance": found.performance,
                    "payout": found.payout,
                    "tenth": np.arange(1, len(found.payout) + 1),
                }
            )
            for plan, found in by_plan.items()
        ],
        ignore_index=True,
    )


def merit_finding(candidate: Merit, current: Merit) -> str:
    """Short enough for a chart's title."""
    if not np.isfinite(candidate.correlation):
        return "Pay does not differ with performance"
    best, worst = candidate.payout[-1], candidate.payout[0]
    now = f" (today {current.correlation:.2f})" if np.isfinite(current.correlation) else ""
    times = (
        f"the best tenth earns {best / worst:.1f} times the worst" if worst > 0.0 else "the worst tenth earns nothing"
    )
    return f"Pay follows performance with a rank correlation of {candidate.correlation:.2f}{now}; {times}"
