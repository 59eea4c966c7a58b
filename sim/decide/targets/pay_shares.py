"""Why pay differs between CSMs: the book they were given, luck, or what they do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.engine.outcome import Outcome

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PayShares:
    """Parts of the variance of payout between CSMs, as fractions that add up to 1; NaN when nobody's pay differs.

    spread: standard deviation of payout between CSMs in a trial (root of the mean variance), in `payout`'s unit.
    """

    book: float
    luck: float
    skill_and_effort: float
    interaction: float
    spread: float


def payout(outcome: Outcome) -> Floats:
    """Variable pay as a share of its target, so that on-target earnings are out of it: (n_csms, n_trials).

    Dollars where a plan has no target pay (SPIFs only).
    """
    pay = outcome.csm_pay.astype(np.float64)
    target = outcome.csm_target[:, None]
    return pay / target if bool((target > 0.0).all()) else pay


def pay_shares(actual: Floats, same: Floats) -> PayShares:
    """Decompose the differences of payout between CSMs; payouts (n_csms, n_trials) on the same luck.

    actual: as it is, X. same: with average skill and the same effort on every book, Y. With c for CSMs, t for trials,
    Var_c over CSMs within a trial, E_t the mean over trials and D = X - Y, the law of total variance gives

        E_t Var_c X = Var_c(E_t Y)  +  E_t Var_c(Y - E_t Y)  +  E_t Var_c D  +  2 E_t Cov_c(Y, D)
                      book             luck                     skill, effort   interaction

    exactly. E_t Y is estimated from n_trials, so its variance holds 1 / n_trials of the luck's: that is put back.
    """
    n_trials = actual.shape[1]
    total = float(actual.var(axis=0).mean())
    if total <= 1e-18:
        nothing = float("nan")
        return PayShares(nothing, nothing, nothing, nothing, 0.0)
    mean = same.mean(axis=1, keepdims=True)
    noise = float((same - mean).var(axis=0).mean())
    own = actual - same
    owed = noise / max(n_trials - 1, 1)
    between = float(mean.var()) - owed
    luck = noise + owed
    does = float(own.var(axis=0).mean())
    together = 2.0 * float(((same - same.mean(axis=0)) * (own - own.mean(axis=0))).mean(axis=0).mean())
    return PayShares(between / total, luck / total, does / total, together / total, float(np.sqrt(total)))


def share_bars(named: Iterable[tuple[str, PayShares]]) -> pd.DataFrame:
    """Stacked bars: option, part, share, start, end (fractions; what is below zero goes to the left)."""
    rows = []
    for option, shares in named:
        parts = (
            ("Book", shares.book),
            ("Luck", shares.luck),
            ("Skill and effort", shares.skill_and_effort),
            ("Interaction", shares.interaction),
        )
        right = left = 0.0
        for part, share in parts:
            start = right if share >= 0.0 else left
            rows.append({"option": option, "part": part, "share": share, "start": start, "end": start + share})
            right, left = right + max(share, 0.0), left + min(share, 0.0)
    return pd.DataFrame(rows)
