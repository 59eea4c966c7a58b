"""How renewal hangs on what was known before: a logistic model, with standard errors.

The odds p / (1 - p) of renewal are a product of one factor for each feature (Cox 1958). Numbers enter in standard
deviations from their mean, amounts by their logarithm, categories against the most common one.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm
from numpy.typing import NDArray

from sim.book.risk.outcomes import Outcomes
from sim.book.schema import Floats
from sim.problems import InputError, Problem

LEAST_PER_COEFFICIENT = 10
"""Rows of the rarer outcome for each coefficient (Peduzzi et al. 1996, doi:10.1016/s0895-4356(96)00236-3)."""
LEAST_HELD_OUT = 2
"""The same where a part of the rows stands in for all of them, to be checked on the rest."""
LEAST_LEVEL = 5
"""Losses, and renewals, that a category needs for a coefficient of its own; others count with the most common."""
Z95 = 1.959964


@dataclass(frozen=True)
class Term:
    """One column of the design. A number or logarithm is (x - centre) / scale; a level is 1 or 0."""

    feature: str
    level: str = ""
    centre: float = 0.0
    scale: float = 1.0
    logarithm: bool = False


@dataclass(frozen=True)
class LogisticFit:
    """coefficients: of the intercept and each term, log-odds, shape (n_terms + 1,).

    covariance: of the coefficients, the inverse of the observed information, shape (n_terms + 1, n_terms + 1).
    rows, lost: past renewals used, and how many of them left.
    """

    terms: tuple[Term, ...]
    coefficients: Floats
    covariance: Floats
    rows: int
    lost: int

    def probability(self, features: pd.DataFrame, coefficients: Floats | None = None) -> Floats:
        """Renewal probability of each row of features, shape (n_rows,); with other coefficients, if given."""
        beta = self.coefficients if coefficients is None else coefficients
        log_odds = design(features, self.terms) @ beta
        result: Floats = 1.0 / (1.0 + np.exp(-log_odds))
        return result

    def odds_table(self) -> pd.DataFrame:
        """Factor on the odds of renewal of one step of each term, with its 95 % interval, strongest first."""
        errors = np.sqrt(np.diag(self.covariance))[1:]
        beta = self.coefficients[1:]
        table = pd.DataFrame(
            {
                "feature": [term.feature for term in self.terms],
                "step": [_step(term) for term in self.terms],
                "odds": np.exp(beta),
                "low": np.exp(beta - Z95 * errors),
                "high": np.exp(beta + Z95 * errors),
                "coefficient": beta,
                "standard_error": errors,
            }
        )
        strongest = np.argsort(-np.abs(beta), kind="stable")
        return table.iloc[strongest].reset_index(drop=True)


def _step(term: Term) -> str:
    if term.level:
        return f"{term.level} instead of the most common"
    if term.logarithm:
        return f"{np.exp(term.scale):.1f} times as much"
    return f"{term.scale:+.3g}"


def design(features: pd.DataFrame, terms: Sequence[Term]) -> Floats:
    """The design matrix with a leading column of ones, shape (n_rows, n_terms + 1). What is not known is average."""
    columns = [np.ones(len(features))]
    for term in terms:
        values = features[term.feature]
        if term.level:
            columns.append((values.to_numpy(object) == term.level).astype(float))
        else:
            columns.append(np.nan_to_num((_number(values, term.logarithm) - term.centre) / term.scale, nan=0.0))
    return np.column_stack(columns)


def _number(values: pd.Series, logarithm: bool) -> Floats:
    numbers = values.to_numpy(float)
    return np.log(numbers) if logarithm else numbers


def make_terms(features: pd.DataFrame, renewed: NDArray[np.bool_], names: Sequence[str]) -> tuple[Term, ...]:
    """The terms of these features; a feature that never varies gives none."""
    terms: list[Term] = []
    for name in names:
        if not pd.api.types.is_float_dtype(features[name]):
            counts = pd.crosstab(features[name], renewed).sort_index()
            by_size = counts.sum(axis=1).sort_values(ascending=False, kind="stable").index
            terms.extend(
                Term(name, level=level)
                for level in by_size[1:]
                if level and counts.shape[1] == 2 and counts.loc[level].min() >= LEAST_LEVEL
            )
            continue
        logarithm = name == "arr"
        values = _number(features[name], logarithm)
        values = values[np.isfinite(values)]
        if values.size and np.ptp(values) > 1e-9 * max(1.0, float(np.abs(values).max())):
            terms.append(Term(name, centre=float(values.mean()), scale=float(values.std()), logarithm=logarithm))
    return tuple(terms)


def affordable(outcomes: Outcomes, names: Sequence[str]) -> list[str]:
    """The first of these features, as many as the losses (or renewals, if rarer) can carry."""
    rarer = min(int(outcomes.renewed.sum()), int((~outcomes.renewed).sum()))
    chosen: list[str] = []
    for name in names:
        terms = make_terms(outcomes.features, outcomes.renewed, [*chosen, name])
        if len(terms) * LEAST_PER_COEFFICIENT <= rarer:
            chosen.append(name)
    return chosen


def fit_renewal(outcomes: Outcomes, names: Sequence[str]) -> LogisticFit:
    """The model of renewal on these features.

    Raises InputError when the past renewals cannot carry it: too few, all of one kind, or a feature that tells the
    two apart without error.
    """
    return fit_rows(outcomes.features, outcomes.renewed, names, LEAST_PER_COEFFICIENT)


def fit_rows(features: pd.DataFrame, renewed: NDArray[np.bool_], names: Sequence[str], least: int) -> LogisticFit:
    """The same on some of the rows. least: rows of the rarer outcome for each coefficient."""
    terms = make_terms(features, renewed, names)
    lost = int((~renewed).sum())
    rarer = min(lost, len(renewed) - lost)
    if not terms:
        raise InputError([Problem("features", ", ".join(names), "must vary: choose at least one that does")])
    if rarer < least * len(terms):
        rule = (
            f"must hold at least {least * len(terms)} losses and as many renewals, {least} for each coefficient; "
            f"there are {lost} losses in {len(renewed):,} rows: choose fewer features or add rows"
        )
        raise InputError([Problem("past renewals", "", rule)])
    too_clear = "tell renewals from losses without error, or repeat each other; leave one of them out"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what they warn of is checked below
            found = sm.Logit(renewed.astype(float), design(features, terms)).fit(disp=0, maxiter=100)
            covariance = np.asarray(found.cov_params(), dtype=float)
    except np.linalg.LinAlgError:
        raise InputError([Problem("features", ", ".join(names), too_clear)]) from None
    coefficients = np.asarray(found.params, dtype=float)
    sound = found.mle_retvals["converged"] and np.isfinite(covariance).all() and (np.diag(covariance) < 25.0).all()
    if not sound:
        raise InputError([Problem("features", ", ".join(names), too_clear)])
    return LogisticFit(terms, coefficients, covariance, len(renewed), lost)
