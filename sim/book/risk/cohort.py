"""Retention of a cohort of which only the survivors are known: the shifted-beta-geometric model.

Fader & Hardie (2007), How to project customer retention, doi:10.1002/dir.20074. Each customer leaves at every renewal
with a chance of her own, drawn once from a beta distribution: those most ready to leave go first, so the rate of those
who are still there rises without anybody becoming more loyal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.special import betaln, polygamma

from sim.book.schema import Floats
from sim.problems import InputError, Problem

PUBLISHED: dict[str, tuple[int, ...]] = {
    "High End": (1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394),
    "Regular": (1000, 631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183, 173),
}
"""Survivors of 1,000 customers after 0 to 12 years (Fader & Hardie 2007): an example to start from."""
MOST_PERIODS = 60
_LOG_BOUNDS = (-7.0, 9.0)
"""Of log alpha and log beta."""
MOST_DOUBT = 1.0
"""Standard error of alpha in alphas; with more, customers may as well be all alike."""


@dataclass(frozen=True)
class CohortFit:
    """alpha, beta: of the beta distribution of the chance to leave at one renewal.

    covariance: of (alpha, beta), the inverse of the observed information, shape (2, 2).
    """

    alpha: float
    beta: float
    log_likelihood: float
    covariance: Floats

    @property
    def standard_errors(self) -> tuple[float, float]:
        """Of alpha and beta."""
        first, second = np.sqrt(np.diag(self.covariance))
        return float(first), float(second)

    def survival(self, periods: ArrayLike) -> Floats:
        """Expected share of the cohort left after so many periods (whole or not), in the shape of `periods`."""
        return np.exp(_log_survival(self.alpha, self.beta, np.asarray(periods, dtype=float)))

    def survival_error(self, periods: ArrayLike) -> Floats:
        """Standard error of `survival` that comes from alpha and beta (delta method), in the shape of `periods`."""
        at = np.asarray(periods, dtype=float)

        def slope(alpha: float, beta: float, d_alpha: float, d_beta: float) -> Floats:
            up = np.exp(_log_survival(alpha + d_alpha, beta + d_beta, at))
            down = np.exp(_log_survival(alpha - d_alpha, beta - d_beta, at))
            return np.asarray((up - down) / (2.0 * (d_alpha + d_beta)), dtype=np.float64)

        by_alpha = slope(self.alpha, self.beta, 1e-5 * self.alpha, 0.0)
        by_beta = slope(self.alpha, self.beta, 0.0, 1e-5 * self.beta)
        (aa, ab), (_, bb) = self.covariance
        variance: Floats = aa * by_alpha**2 + 2.0 * ab * by_alpha * by_beta + bb * by_beta**2
        return np.sqrt(np.maximum(variance, 0.0))


def _log_survival(alpha: float, beta: float, periods: Floats) -> Floats:
    return np.asarray(betaln(alpha, beta + periods) - betaln(alpha, beta), dtype=np.float64)


def fit_cohort(survivors: ArrayLike) -> CohortFit:
    """Alpha and beta by maximum likelihood.

    survivors: customers left after 0, 1, 2, ... renewals, shape (n_periods + 1,); the first is the whole cohort.

    Raises InputError when the counts are no survivors, or too few to tell alpha from beta.
    """
    counts = np.asarray(survivors, dtype=float)
    problems = _problems(counts)
    if problems:
        raise InputError(problems)
    left = -np.diff(counts)
    period = np.arange(1, len(counts), dtype=float)

    def minus_log_likelihood(logs: Floats) -> float:
        alpha, beta = np.exp(logs)
        # P(leaves at t) = B(alpha + 1, beta + t - 1) / B(alpha, beta): equation 5 of the paper.
        leaving = betaln(alpha + 1, beta + period - 1) - betaln(alpha, beta)
        return -float(left @ leaving + counts[-1] * _log_survival(alpha, beta, period[-1:])[0])

    found = minimize(
        minus_log_likelihood,
        np.zeros(2),
        jac="3-point",
        method="L-BFGS-B",
        bounds=[_LOG_BOUNDS] * 2,
        options={"ftol": 1e-15, "gtol": 1e-9},
    )
    alpha, beta = (float(value) for value in np.exp(found.x))
    information = _information(alpha, beta, left, counts[-1], period)
    if np.linalg.eigvalsh(information)[0] > 0:
        covariance: Floats = np.linalg.inv(information).astype(np.float64)
        if np.sqrt(covariance[0, 0]) < MOST_DOUBT * alpha:
            return CohortFit(alpha, beta, -float(found.fun), covariance)
    rule = "cannot be told from a constant rate: the share that leaves must fall with age; add customers or periods"
    raise InputError([Problem("survivors", "", rule)])


def _problems(counts: Floats) -> list[Problem]:
    if counts.ndim != 1 or not 4 <= len(counts) <= MOST_PERIODS + 1:
        return [Problem("survivors", "", f"must be given for 3 to {MOST_PERIODS} periods after the start")]
    if not np.isfinite(counts).all() or (counts < 0).any():
        return [Problem("survivors", "", "must be counts of customers, 0 or more, without gaps")]
    rises = np.flatnonzero(np.diff(counts) > 0)
    if rises.size:
        row = int(rises[0]) + 1
        return [Problem(f"survivors, period {row}", f"{counts[row]:g}", "must not be more than in the period before")]
    if counts[0] == counts[-1] or counts[0] <= 0:
        return [Problem("survivors", "", "must fall at least once: without a loss there is nothing to fit")]
    return []


def _information(alpha: float, beta: float, left: Floats, stayed: float, period: Floats) -> Floats:
    """Minus the second derivatives of the log-likelihood in alpha and beta, from those of log B(x, y)."""

    def second(x: Floats, y: Floats) -> Floats:
        both = polygamma(1, x + y)
        return np.array([[polygamma(1, x) - both, -both], [-both, polygamma(1, y) - both]])

    leaving = second(np.full_like(period, alpha + 1), beta + period - 1) @ left
    staying = second(np.array([alpha]), np.array([beta + period[-1]]))[..., 0] * stayed
    start = second(np.array([alpha]), np.array([beta]))[..., 0] * (left.sum() + stayed)
    information: Floats = -(leaving + staying - start)
    return information


def constant_rate(survivors: Floats) -> float:
    """Share kept at each renewal if it were always the same, by maximum likelihood: renewals kept of renewals due."""
    return float(survivors[1:].sum() / survivors[:-1].sum())


def next_renewal(fit: CohortFit, tenure: Floats, due: Floats, term: Floats, period_months: float = 12.0) -> Floats:
    """Probability that an account renews when it next falls due, shape (n_accounts,).

    tenure: months as a customer today; due: months to the renewal; term: length of the terms, months. For an account
    at its k-th yearly renewal this is the paper's retention rate (beta + k - 1) / (alpha + beta + k - 1).
    """
    end = (tenure + due) / period_months
    start = np.maximum(end - term / period_months, 0.0)
    end = np.maximum(end, start + term / period_months)
    return fit.survival(end) / fit.survival(start)
