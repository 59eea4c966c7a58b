"""How much of a book's ARR renews: the whole distribution, not only its mean.

Two sources of doubt: each account renews or leaves (a coin weighted by its dollars), and the coefficients behind its
probability are themselves estimated. The first is exact: the distribution of a sum of weighted coins by convolution on
a grid of dollars. The second is integrated by Gauss and Hermite's rule along the direction in which the coefficients
move the expected retention of this book (the other directions leave it where it is, to first order).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from sim.book.risk.logistic import LogisticFit, design
from sim.book.schema import Floats, Ints

CELLS_PER_ACCOUNT = 10
LEAST_CELLS, MOST_CELLS = 1_000, 20_000
"""Of the grid to which dollars are rounded."""
MOST_EXACT = 4_000
"""Accounts whose coins are added one by one; beyond, their sum is normal for all that anybody can see."""
NODES = 5


@dataclass(frozen=True)
class Retention:
    """share: of the book's dollars that renews, shape (n_cells + 1,); probability: of each, summing to 1."""

    share: Floats
    probability: Floats

    @property
    def mean(self) -> float:
        return float(self.share @ self.probability)

    def interval(self, level: float) -> tuple[float, float]:
        """The interval that holds the share retained with this probability.

        Central; but a small book often keeps everything, and where that alone is more likely than the upper tail may
        be, the lower tail takes what the upper one leaves.
        """
        cumulative = np.cumsum(self.probability)
        cumulative[-1] = 1.0
        high = int(np.searchsorted(cumulative, 1.0 - (1.0 - level) / 2.0))
        low = int(np.searchsorted(cumulative, cumulative[high] - level, side="right"))
        return float(self.share[low]), float(self.share[high])


def cells_of(dollars: Floats, n_cells: int) -> Ints:
    """Whole cells of the grid for each account, shape (n_accounts,), summing to n_cells."""
    cells: Ints = np.diff(np.rint(n_cells * np.cumsum(dollars) / dollars.sum()).astype(np.int64), prepend=0)
    return cells


def convolve(probability: Floats, cells: Ints) -> Floats:
    """Distribution of the sum of the cells that renew, shape (n_nodes, sum of cells + 1).

    probability: that each account renews, at each node, shape (n_nodes, n_accounts).
    """
    spread = np.zeros((len(probability), int(cells.sum()) + 1))
    spread[:, 0] = 1.0
    reached = 0
    for account in np.argsort(cells, kind="stable"):
        step = int(cells[account])
        if step:
            p = probability[:, account, None]
            moved = p * spread[:, : reached + 1]
            spread[:, : reached + 1] -= moved
            spread[:, step : reached + step + 1] += moved
            reached += step
    return spread


def retention(fit: LogisticFit, features: pd.DataFrame, dollars: Floats) -> Retention:
    """Share of these accounts' dollars that renews when each has fallen due once.

    features: one row for each account. dollars: what each pays, USD a year, shape (n_accounts,).
    """
    return retention_at(fit, design(features, fit.terms), dollars)


def retention_at(fit: LogisticFit, x: Floats, dollars: Floats) -> Retention:
    """The same from the design matrix of the accounts, shape (n_accounts, n_terms + 1)."""
    p = 1.0 / (1.0 + np.exp(-(x @ fit.coefficients)))
    gradient = (dollars * p * (1.0 - p)) @ x / dollars.sum()
    toward = fit.covariance @ gradient
    toward = toward / np.sqrt(max(float(gradient @ toward), 1e-300))
    z, weights = np.polynomial.hermite_e.hermegauss(NODES)
    log_odds = (x @ fit.coefficients)[None, :] + z[:, None] * (x @ toward)[None, :]
    at_nodes = 1.0 / (1.0 + np.exp(-log_odds))
    n_cells = int(np.clip(CELLS_PER_ACCOUNT * len(dollars), LEAST_CELLS, MOST_CELLS))
    share = np.arange(n_cells + 1) / n_cells
    if len(dollars) <= MOST_EXACT:
        spread = convolve(at_nodes, cells_of(dollars, n_cells))
    else:
        weight = dollars / dollars.sum()
        middle, variance = at_nodes @ weight, (at_nodes * (1.0 - at_nodes)) @ weight**2
        spread = norm.pdf(share, middle[:, None], np.sqrt(variance)[:, None])
        spread /= spread.sum(axis=1, keepdims=True)
    probability = np.maximum(weights @ spread / weights.sum(), 0.0)
    return Retention(share, probability / probability.sum())
