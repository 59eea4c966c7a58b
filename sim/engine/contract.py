"""A plan, written out for each CSM of a book: base pay, on-target earnings, quotas, payout periods."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.engine.forecast import Forecast
from sim.engine.kpis import expected_kpi, kpi_sample
from sim.engine.portfolio import Portfolio
from sim.plan.schema import KPI_MEASURES, Component, Measure, Plan
from sim.problems import InputError, Problem
from sim.words import money
from sim.world.parameters import World

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Periods:
    """The payout calendar of each CSM; (n_csms, n_months) each.

    opens: first month of the window that attainment is measured over (the year's first with a true-up).
    ends: month after the last of the payout period in progress.
    closes: the period is paid at the end of this month. resets: the measured window ends with it.
    """

    opens: NDArray[np.int64]
    ends: NDArray[np.int64]
    closes: NDArray[np.bool_]
    resets: NDArray[np.bool_]

    @property
    def window_months(self) -> Floats:
        """Months from the window's opening to the end of the period in progress."""
        return (self.ends - self.opens).astype(np.float64)


def periods(plan: Plan, portfolio: Portfolio) -> Periods:
    """Payout periods start with month 0; the horizon's end closes whatever is open."""
    months = np.arange(portfolio.n_months)
    length = np.array(list(plan.period_months(portfolio.book.team.level)))[:, None]
    window = np.full_like(length, 12) if plan.true_up else length
    ends = np.minimum((months // length + 1) * length, portfolio.n_months)
    last = months == portfolio.n_months - 1
    return Periods(
        opens=months // window * window,
        ends=ends,
        closes=ends == months + 1,
        resets=((months + 1) % window == 0) | last,
    )


@dataclass(frozen=True)
class Contract:
    """What the plan promises each CSM.

    base, ote: (n_csms,), USD a year.
    quota: (n_csms, n_components); attainment 1. A rate for retention, USD or events a year, a score for KPIs.
    monthly_pay: (n_csms, n_components), USD a month at a payout of 1 (a SPIF: USD an event).
    """

    base: Floats
    ote: Floats
    quota: Floats
    monthly_pay: Floats
    periods: Periods


def contract(plan: Plan, portfolio: Portfolio, forecast: Forecast, world: World) -> Contract:
    """Raises InputError with every quota that comes out as zero or less."""
    if plan.hold == "ote":
        ote = portfolio.ote
        base = ote * (1.0 - plan.variable_share)
    else:
        base = portfolio.base
        ote = base / (1.0 - plan.variable_share)
    shape = (portfolio.n_csms, len(plan.components))
    quota, monthly_pay = np.ones(shape), np.zeros(shape)
    problems: list[Problem] = []
    for i, component in enumerate(plan.components):
        quota[:, i] = _quota(component, portfolio, forecast, world)
        problems += _zero_quotas(component, quota[:, i], portfolio)
        problems += _nothing_measured(component, portfolio, world)
        if component.weight is not None:
            monthly_pay[:, i] = component.weight * (ote - base) / 12.0
        elif component.rate is not None:
            monthly_pay[:, i] = component.rate * quota[:, i] / 12.0
        elif component.amount is not None:
            monthly_pay[:, i] = component.amount
    if problems:
        raise InputError(problems)
    return Contract(base=base, ote=ote, quota=quota, monthly_pay=monthly_pay, periods=periods(plan, portfolio))


def _quota(component: Component, portfolio: Portfolio, forecast: Forecast, world: World) -> Floats:
    if component.kind == "spif":
        return np.full(portfolio.n_csms, 12.0)  # one event a month, so that pay is amount x events
    own = expected_measure(component.measure, portfolio, forecast, world)
    quota: Floats
    if component.quota.target is not None:
        quota = np.full(portfolio.n_csms, component.quota.target)
    elif component.quota.rule == "flat":
        quota = np.full(portfolio.n_csms, own.team)
    elif component.measure == "net_retention":
        # The book's own risk with the team's expansion, or the other way round.
        loss, gain = _net_parts(forecast)
        fitted = component.quota.rule
        quota = 1.0 - (loss.own if fitted == "risk_adjusted" else np.full_like(loss.own, loss.team))
        quota += gain.own if fitted == "white_space" else gain.team
    else:
        quota = own.own
    return quota * component.quota.stretch


def _zero_quotas(component: Component, quota: Floats, portfolio: Portfolio) -> list[Problem]:
    short = ~(quota > 1e-9)
    if not short.any():
        return []
    rule = (
        f"must be above zero, but is not for CSM {_named(short, portfolio)} (no white space, no renewals or a "
        "negative score); set the quota's `target` in the plan file, or choose a plan without this component"
    )
    return [Problem(f"component '{component.name}', quota", "", rule)]


def _nothing_measured(component: Component, portfolio: Portfolio, world: World) -> list[Problem]:
    """A score of nothing is none; every CSM has accounts, so that only what counts some of them can be empty."""
    nothing = kpi_sample(component.measure, portfolio, world) == 0.0
    if not nothing.any():
        return []
    what, way_out = {
        "value_acknowledged": (
            f"account of {money(world.value_arr_limit)} of ARR or more",
            "lower the assumption `value_arr_limit`, or choose a plan without this component",
        ),
        "time_to_onboard": (
            "account in its first year",
            "give `tenure_months` in the accounts file where it is missing, or choose a plan without this component",
        ),
    }[component.measure]
    rule = f"has nothing to measure for CSM {_named(nothing, portfolio)} (no {what}); {way_out}"
    return [Problem(f"component '{component.name}', {component.measure}", "", rule)]


def _named(chosen: NDArray[np.bool_], portfolio: Portfolio) -> str:
    ids = [portfolio.book.team.csm_id[c] for c in np.flatnonzero(chosen)]
    return ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")


@dataclass(frozen=True)
class Expected:
    """The first year's expected level of a measure: of the team (per CSM for totals), and of each CSM's own book."""

    team: float
    own: Floats


def _first_year(flow: Floats) -> Floats:
    """Sum over the first twelve months, grossed up to a year when the horizon is shorter: (n_csms,)."""
    year = flow[:, :12]
    total: Floats = year.sum(axis=1) * (12.0 / year.shape[1])
    return total


def _ratio(top: Floats, bottom: Floats) -> Expected:
    team = float(top.sum() / bottom.sum()) if bottom.sum() > 0.0 else 0.0
    own = np.divide(top, bottom, out=np.full_like(top, team), where=bottom > 0.0)
    return Expected(team, own)


def _net_parts(forecast: Forecast) -> tuple[Expected, Expected]:
    """Expected loss and gain a year, as fractions of opening ARR."""
    loss = _first_year(forecast.loss - forecast.uplift)
    gain = _first_year(forecast.upsell + forecast.cross_sell)
    return _ratio(loss, forecast.opening_arr), _ratio(gain, forecast.opening_arr)


def expected_measure(measure: Measure, portfolio: Portfolio, forecast: Forecast, world: World) -> Expected:
    """What a measure is expected to be in the first year under the plan in force."""

    def kept(lost: Floats, due: Floats) -> Expected:
        loss = _ratio(_first_year(lost), _first_year(due))
        return Expected(1.0 - loss.team, 1.0 - loss.own)

    def total(flow: Floats) -> Expected:
        year = _first_year(flow)
        return Expected(float(year.mean()), year)

    def net() -> Expected:
        loss, gain = _net_parts(forecast)
        return Expected(1.0 - loss.team + gain.team, 1.0 - loss.own + gain.own)

    if measure in KPI_MEASURES:
        return Expected(*expected_kpi(measure, portfolio, world))
    deals = forecast.upsell_deals + forecast.cross_sell_deals
    ways: dict[Measure, Callable[[], Expected]] = {
        "gross_retention": lambda: kept(forecast.loss, forecast.due),
        "logo_retention": lambda: kept(forecast.accounts_lost, forecast.accounts_due),
        "net_retention": net,
        "upsell_bookings": lambda: total(forecast.upsell),
        "cross_sell_bookings": lambda: total(forecast.cross_sell),
        "expansion_bookings": lambda: total(forecast.upsell + forecast.cross_sell),
        "referrals": lambda: total(deals / world.win_rate),
        "renewals": lambda: total(forecast.accounts_due - forecast.accounts_lost),
    }
    return ways[measure]()
