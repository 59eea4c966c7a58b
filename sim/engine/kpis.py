"""KPI scores of a CSM: what they usually are, how many things a month's score is measured on, and its noise.

Every score is the better the higher: onboarding counts the accounts that were ready in time, not their days.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.engine.portfolio import Portfolio
from sim.plan.schema import KPI_MEASURES, Measure
from sim.world.parameters import World

Floats = NDArray[np.float64]

N_KPIS = len(KPI_MEASURES)
KPI_SCALE = (33.0, 0.6, 1.0, 0.7, 0.1, 0.75, 0.7)
"""Usual level of each of KPI_MEASURES (NPS in points): effort moves a KPI by kappa_kpi times this."""
NEW_MONTHS = 12.0
"""An account is new, and is being onboarded, for its first year."""


def kpi_level(values: Floats, portfolio: Portfolio) -> Floats:
    """Mean of an account score over each CSM's book: (n_accounts,) -> (n_csms,)."""
    return portfolio.by_csm(values) / np.diff(portfolio.first)


def expected_kpi(measure: Measure, portfolio: Portfolio, world: World) -> tuple[float, Floats]:
    """Score under the plan in force, from the book where it has one: mean account of the team, each CSM's (n_csms,)."""
    book, order = portfolio.book, portfolio.order
    if measure in ("nps", "adoption"):
        values = (book.nps if measure == "nps" else book.adoption)[order]
        return float(values.mean()), kpi_level(values, portfolio)
    usual = {
        "mbo": world.mbo_mean,
        "value_acknowledged": world.acknowledgement_rate,
        "training": world.training_enrolment,
        "time_to_onboard": world.onboarded_on_time,
        "utilisation": world.utilisation,
    }[measure]
    return usual, np.full(portfolio.n_csms, usual)


def kpi_means(portfolio: Portfolio, world: World) -> Floats:
    """Mean score of each CSM's book under the plan in force: (n_csms, N_KPIS)."""
    return np.column_stack([expected_kpi(measure, portfolio, world)[1] for measure in KPI_MEASURES])


def kpi_sample(measure: Measure, portfolio: Portfolio, world: World) -> Floats:
    """Things that a month's score of each CSM is measured on: (n_csms,), not whole; NaN where nothing is counted.

    Answers for NPS, reviews of accounts at or above the limit for acknowledged value, accounts for training, accounts
    that end their first weeks in the month for onboarding (those in their first year, a twelfth of them a month).
    """
    book, order = portfolio.book, portfolio.order
    everybody = np.ones(portfolio.n_accounts)
    a_month: dict[Measure, Floats] = {
        "nps": everybody * world.nps_response_rate / 12.0,
        "value_acknowledged": everybody * (book.arr[order] >= world.value_arr_limit) * world.value_reviews / 12.0,
        "training": everybody,
        "time_to_onboard": everybody * (book.tenure_months[order] < NEW_MONTHS) / NEW_MONTHS,
    }
    if measure not in a_month:
        return np.full(portfolio.n_csms, np.nan)
    return portfolio.by_csm(a_month[measure])


def noise_of_one(measure: Measure, mean: Floats | float, world: World) -> Floats:
    """Standard deviation of one thing measured: of an answer (points), or of a yes or no; 0 where nothing is counted.

    A mean outside 0 to 1 is one of NPS, whose answers are told by `nps_response_sd`.
    """
    if measure == "nps":
        return np.full(np.shape(mean), world.nps_response_sd)
    if measure in ("adoption", "mbo", "utilisation"):
        return np.zeros(np.shape(mean))
    share = np.clip(mean, 0.0, 1.0)
    spread: Floats = np.sqrt(share * (1.0 - share))
    return spread


def noise_beyond_sampling(measure: Measure, world: World) -> float:
    """Standard deviation of a month's score that no larger sample takes away, in the unit of the score."""
    beyond = {
        "nps": world.nps_noise,
        "adoption": world.adoption_noise,
        "mbo": world.mbo_noise,
        "utilisation": world.utilisation_noise,
    }
    return beyond.get(measure, 0.0)


def kpi_noise(portfolio: Portfolio, world: World) -> Floats:
    """Standard deviation of a month's score of each CSM around its true value: (n_csms, N_KPIS).

    Sampling and what is beyond it add up as variances. 0 where a CSM has nothing to measure: `contract` refuses plans
    that would pay on that.
    """
    means = kpi_means(portfolio, world)
    noise = np.zeros_like(means)
    for kpi, measure in enumerate(KPI_MEASURES):
        counted = kpi_sample(measure, portfolio, world)
        one = noise_of_one(measure, means[:, kpi], world) ** 2
        sampling = np.divide(one, counted, out=np.zeros_like(one), where=counted > 0.0)
        noise[:, kpi] = np.sqrt(sampling + noise_beyond_sampling(measure, world) ** 2)
    return noise
