"""What a CSM expects of the months ahead under the plan in force: the monthly means and variances of her book.

A CSM plans with the ARR on the books today: expansion of the year is not itself expected to expand or churn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.engine.portfolio import Portfolio
from sim.world.parameters import World

Floats = NDArray[np.float64]
RETENTION, UPSELL, CROSS_SELL, KPI = range(4)
N_TASKS = 4
TASKS = ("retention", "upsell", "cross-sell", "KPI")


@dataclass(frozen=True)
class RenewalRisk:
    """Losses of one renewal, as fractions of its ARR; shape (n_accounts,) each.

    Churn is 1 - p. Downsell is ``downsell_share`` of all expected losses, so it scales with the account's own risk:
    expected loss = (1 - p) / (1 - downsell_share), as far as the probabilities below stay under ``MOST_LIKELY``.
    contraction_probability, erosion_probability: given that the account renews.
    """

    contraction_probability: Floats
    erosion_probability: Floats
    expected_loss: Floats
    expected_uplift: Floats


MOST_LIKELY = 0.9
"""A renewing account contracts, or gets a price concession, at most this often."""


def uplift_share(term_months: NDArray[np.int64]) -> Floats:
    """Share of a year's price increase that a renewal brings: terms under a year renew several times in it."""
    return np.minimum(term_months / 12.0, 1.0)


def renewal_risk(p: Floats, world: World) -> RenewalRisk:
    """How an account with renewal probability ``p`` (n_accounts,) loses ARR when due; uplift for a term of a year."""
    downsell = (1.0 - p) * world.downsell_share / (1.0 - world.downsell_share)
    staying = np.maximum(p, 1e-9)
    contraction = np.minimum(downsell * (1.0 - world.erosion_share) / (staying * world.contraction_depth), MOST_LIKELY)
    erosion = np.minimum(downsell * world.erosion_share / (staying * world.erosion_depth), MOST_LIKELY)
    uplift = np.minimum(world.uplift_probability, 1.0 - erosion)
    kept = 1.0 - contraction * world.contraction_depth
    return RenewalRisk(
        contraction_probability=contraction,
        erosion_probability=erosion,
        expected_loss=1.0 - p * kept * (1.0 - erosion * world.erosion_depth),
        expected_uplift=p * kept * uplift * world.uplift_rate,
    )


@dataclass(frozen=True)
class Forecast:
    """Expected monthly flows of each CSM's book; every array (n_csms, n_months), USD a year or accounts.

    sway, logo_sway: change of expected ARR (accounts) kept per unit of log-odds of renewal.
    deals: expansion opportunities that close.
    """

    opening_arr: Floats  # (n_csms,)
    opening_accounts: Floats  # (n_csms,)
    due: Floats
    loss: Floats
    loss_variance: Floats
    sway: Floats
    accounts_due: Floats
    accounts_lost: Floats
    accounts_variance: Floats
    logo_sway: Floats
    uplift: Floats
    upsell: Floats
    upsell_variance: Floats
    cross_sell: Floats
    cross_sell_variance: Floats
    upsell_deals: Floats
    cross_sell_deals: Floats


def expect(portfolio: Portfolio, world: World) -> Forecast:
    """The forecast that every CSM holds on the first day."""
    p = portfolio.renewal_probability[:, None]
    arr = portfolio.arr[:, None]
    risk = renewal_risk(portfolio.renewal_probability, world)
    is_due = portfolio.due >= 0
    renewals_before: NDArray[np.int64] = np.cumsum(is_due, axis=1) - is_due
    alive = p**renewals_before
    due = np.where(is_due, alive, 0.0)
    alive_after = alive * np.where(is_due, p, 1.0)
    spread = due * p * (1.0 - p)

    def bookings(whitespace: Floats, arrivals: float, take: float) -> tuple[Floats, Floats, Floats]:
        chance = min(arrivals / 12.0, 1.0)
        left = whitespace[:, None] * (1.0 - chance * take) ** np.arange(portfolio.n_months)
        mean = alive_after * chance * take * left
        variance = alive_after * chance * (1.0 - chance) * (take * left) ** 2
        deals = alive_after * chance * (whitespace[:, None] > 0)
        return portfolio.by_csm(mean), portfolio.by_csm(variance), portfolio.by_csm(deals)

    upsell = bookings(portfolio.upsell_whitespace, world.upsell_arrivals, world.upsell_take)
    cross_sell = bookings(portfolio.cross_sell_whitespace, world.cross_sell_arrivals, world.cross_sell_take)
    return Forecast(
        opening_arr=portfolio.by_csm(portfolio.arr),
        opening_accounts=portfolio.by_csm(np.ones(portfolio.n_accounts)),
        due=portfolio.by_csm(due * arr),
        loss=portfolio.by_csm(due * arr * risk.expected_loss[:, None]),
        loss_variance=portfolio.by_csm(spread * arr**2),
        sway=portfolio.by_csm(spread * arr),
        accounts_due=portfolio.by_csm(due),
        accounts_lost=portfolio.by_csm(due * (1.0 - p)),
        accounts_variance=portfolio.by_csm(spread),
        logo_sway=portfolio.by_csm(spread),
        uplift=portfolio.by_csm(due * arr * (risk.expected_uplift * uplift_share(portfolio.term_months))[:, None]),
        upsell=upsell[0],
        upsell_variance=upsell[1],
        cross_sell=cross_sell[0],
        cross_sell_variance=cross_sell[1],
        upsell_deals=upsell[2],
        cross_sell_deals=cross_sell[2],
    )
