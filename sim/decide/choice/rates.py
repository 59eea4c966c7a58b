"""What one more dollar pays a CSM: dollars of variable pay for a dollar more retained, or sold, where they stand.

With pay m USD a month of target, quota q, and s = dE[f(x)]/dx the slope of the payout at the CSM's own simulated
attainment (the mean over the windows of the horizon; normal, by its mean and spread over trials):

    gross and logo retention   s m M / (q D)     D ARR due over the horizon, M months in windows with something due
    net retention              s 12 m / (q A)    A ARR at opening
    bookings                   s 12 m / q
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.compile import SHARPEST
from sim.engine.contract import Contract, contract
from sim.engine.forecast import Forecast
from sim.engine.outcome import Outcome
from sim.engine.run import Stage
from sim.plan.curve import marginal, pay_curve
from sim.plan.schema import BOOKING_MEASURES, RETENTION_MEASURES, Component, Gate, Plan

Floats = NDArray[np.float64]


class Rates(NamedTuple):
    """USD of pay for one dollar more of ARR, (n_csms,) each: retained, and sold, in the mix of the book."""

    retained: Floats
    expansion: Floats


def marginal_rates(stage: Stage, plan: Plan, outcome: Outcome) -> Rates:
    """For CSMs who stay the whole horizon; clawbacks, guarantees and payments per event are left out."""
    forecast = stage.forecast
    deal = contract(plan, stage.portfolio, forecast, stage.world)
    upsell = _upsell_share(forecast)
    retained, expansion = np.zeros(stage.portfolio.n_csms), np.zeros(stage.portfolio.n_csms)
    for i, component in enumerate(plan.components):
        if component.measure not in (*RETENTION_MEASURES, *BOOKING_MEASURES):
            continue
        worth = _slope(component, outcome.attainment[:, i]) * deal.monthly_pay[:, i] / deal.quota[:, i]
        worth = worth * _open(component.gate, outcome, forecast)
        if component.measure in ("gross_retention", "logo_retention"):
            retained += worth * _months_per_dollar(forecast, deal)
        elif component.measure == "net_retention":
            a_dollar = 12.0 * worth / forecast.opening_arr
            retained += a_dollar
            expansion += a_dollar
        else:
            share = {"upsell_bookings": upsell, "cross_sell_bookings": 1.0 - upsell}.get(component.measure, 1.0)
            expansion += 12.0 * worth * share
    return Rates(retained, expansion)


def _slope(component: Component, attainment: NDArray[np.float32]) -> Floats:
    """Slope of expected payout at each CSM's attainments: (n_csms, n_trials) -> (n_csms,); 0 where none is known."""
    known = np.isfinite(attainment)
    count = known.sum(axis=1)
    total = np.where(known, attainment, 0.0).sum(axis=1, dtype=np.float64)
    mean = total / np.maximum(count, 1)
    gaps = np.where(known, attainment - mean[:, None], 0.0)
    spread = np.sqrt(np.square(gaps).sum(axis=1) / np.maximum(count, 1))
    slope = marginal(pay_curve(component.curve, component.kind), mean, np.maximum(spread, SHARPEST))
    return np.where(count > 0, slope, 0.0)


def _months_per_dollar(forecast: Forecast, deal: Contract) -> Floats:
    """Months of windows in which something falls due, over the ARR that does: (n_csms,)."""
    opens = deal.periods.opens
    due = np.array([np.bincount(o, d, minlength=o.max() + 1)[o] for o, d in zip(opens, forecast.due, strict=True)])
    total = forecast.due.sum(axis=1)
    months = (due > 0.0).sum(axis=1)
    per_dollar: Floats = np.divide(months, total, out=np.zeros_like(total), where=total > 0.0)
    return per_dollar


def _open(gate: Gate | None, outcome: Outcome, forecast: Forecast) -> Floats | float:
    """Share of trials in which the horizon as a whole passes the gate: (n_csms,). Logos are taken as their ARR."""
    if gate is None:
        return 1.0
    lost = outcome.csm_lost.astype(np.float64)
    if gate.measure == "net_retention":
        change = (outcome.csm_expansion - lost) / outcome.csm_opening_arr[:, None] * (12.0 / outcome.n_months)
    else:
        due = np.maximum(forecast.due.sum(axis=1), 1.0)
        change = -lost / due[:, None]
    passed: Floats = (1.0 + change >= gate.minimum).mean(axis=1)
    return passed


def _upsell_share(forecast: Forecast) -> Floats:
    """Of a dollar sold, what is expected to be upsell: (n_csms,)."""
    upsell, cross_sell = forecast.upsell.sum(axis=1), forecast.cross_sell.sum(axis=1)
    both = upsell + cross_sell
    share: Floats = np.divide(upsell, both, out=np.full_like(both, 0.5), where=both > 0.0)
    return share
