"""A contract as the arrays that the month loop walks: curves, forecasts of attainment, worth of effort."""

from __future__ import annotations

from typing import NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from sim.engine.contract import Contract, Periods, contract
from sim.engine.forecast import CROSS_SELL, KPI, N_TASKS, RETENTION, UPSELL, Forecast
from sim.engine.incentive import Incentive, Knots, incentive_tables
from sim.engine.kpis import KPI_SCALE, kpi_means, kpi_noise
from sim.engine.portfolio import Portfolio
from sim.plan.curve import PayCurve, pay_curve
from sim.plan.schema import KPI_MEASURES, Component, Curve, Measure, Plan
from sim.world.parameters import World

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MEASURES: tuple[Measure, ...] = get_args(Measure)
"""A measure's number in the kernel, and the row of its running total."""
GROSS, NET, LOGO, UPS, CROSS, EXPANSION, REFERRALS, RENEWALS, NPS = range(9)
"""NPS is the first KPI; the others follow in the order of KPI_MEASURES."""

# The reference plan of the response: 80/20; 60 % gross retention on a line from 85 % to 100 % of target, 40 % expansion
# on a line from 0. A KPI is compared with 20 % of the target on a line from 0.
REFERENCE_SHARE = 0.20
REFERENCE_SLOPE = np.array([0.60 / 0.15, 0.40, 0.40, 0.20])
SHARPEST = 0.02
"""No CSM knows the attainment ahead to better than two points (standard deviation)."""


class Terms(NamedTuple):
    """A compiled plan. C = n_csms, H = n_months, I = n_components, R = rows: components, then their gates.

    measure: (R,), number in MEASURES. kpis: numbers of the KPIs paid on, from 0.
    training_share: of the effort on KPIs. monthly_pay, quota: (C, I). weight: (I,), share of target variable pay.
    curve: payout knots of the components (I rows). gate_row: (I,), row of the gate or -1; gate_minimum (I,).
    opens, ends, closes, resets: (C, H), see Periods. base, target: (C,), base and target variable pay, USD a month.
    level, share: (C, H, R), forecast attainment is level + share x running total.
    gain: (C, H, R, n_tasks), attainment per unit of productive effort held to the period's end.
    pull, gate_pull: (C, H, I, n_tasks), see response. tables: Incentive of the R rows.
    true_up, no_renewal_due (0 zero, 1 target, 2 carry), clawback_months, guarantee, guarantee_months: rules.
    """

    measure: Ints
    kpis: Ints
    training_share: float
    monthly_pay: Floats
    quota: Floats
    weight: Floats
    curve: Knots
    gate_row: Ints
    gate_minimum: Floats
    opens: Ints
    ends: Ints
    closes: NDArray[np.bool_]
    resets: NDArray[np.bool_]
    base: Floats
    target: Floats
    level: Floats
    share: Floats
    gain: Floats
    pull: Floats
    gate_pull: Floats
    tables: Incentive
    true_up: bool
    no_renewal_due: int
    clawback_months: int
    guarantee: float
    guarantee_months: int


NO_RENEWAL_DUE = ("zero", "target", "carry")


class _Window(NamedTuple):
    """Sums over months for each CSM: over the rest of the payout period, and over the measured window; (C, H)."""

    periods: Periods

    def rest(self, flow: Floats) -> Floats:
        return self._between(flow, np.arange(flow.shape[1]))

    def whole(self, flow: Floats) -> Floats:
        return self._between(flow, self.periods.opens)

    def _between(self, flow: Floats, start: Ints) -> Floats:
        total = np.concatenate([np.zeros((len(flow), 1)), np.cumsum(flow, axis=1)], axis=1)
        csm = np.arange(len(flow))[:, None]
        between: Floats = total[csm, self.periods.ends] - total[csm, start]
        return between


class _Row(NamedTuple):
    """Forecast of one measure's attainment; (C, H) each, ``reach`` (C, H, n_tasks) per unit of log-odds, kappa etc."""

    level: Floats
    share: Floats
    sd: Floats
    reach: Floats


def _safe(top: Floats, bottom: Floats) -> Floats:
    """top / bottom, 0 where there is nothing."""
    return np.divide(top, bottom, out=np.zeros(np.broadcast_shapes(top.shape, bottom.shape)), where=bottom > 1e-12)


def _row(
    measure: Measure, quota: Floats, portfolio: Portfolio, forecast: Forecast, window: _Window, world: World
) -> _Row:
    """How attainment at the period's end follows from the running total, what is still to come, and effort."""
    months = window.periods.window_months
    shape = months.shape
    q = quota[:, None]
    reach = np.zeros((*shape, N_TASKS))
    if measure in ("gross_retention", "logo_retention"):
        logos = measure == "logo_retention"
        due = window.whole(forecast.accounts_due if logos else forecast.due)
        share = -_safe(np.ones(shape), due * q)
        lost = window.rest(forecast.accounts_lost if logos else forecast.loss)
        variance = window.rest(forecast.accounts_variance if logos else forecast.loss_variance)
        reach[..., RETENTION] = -share * window.rest(forecast.logo_sway if logos else forecast.sway)
        return _Row(1.0 / q + share * lost, share, np.sqrt(variance) * -share, reach)
    if measure == "net_retention":
        share = 12.0 / (months * forecast.opening_arr[:, None] * q)
        change = forecast.uplift + forecast.upsell + forecast.cross_sell - forecast.loss
        variance = forecast.loss_variance + forecast.upsell_variance + forecast.cross_sell_variance
        reach[..., RETENTION] = share * window.rest(forecast.sway)
        reach[..., UPSELL] = share * window.rest(forecast.upsell)
        reach[..., CROSS_SELL] = share * window.rest(forecast.cross_sell)
        level = 1.0 / q + share * window.rest(change)
        return _Row(level, share, np.sqrt(window.rest(variance)) * share, reach)
    if measure in KPI_MEASURES:
        share = 1.0 / (months * q)
        left = window.rest(np.ones(shape))
        kpi = MEASURES.index(measure) - NPS
        mean = kpi_means(portfolio, world)[:, kpi, None]
        reach[..., KPI] = share * left * KPI_SCALE[kpi]
        return _Row(
            share * left * mean, share, share * np.sqrt(left) * kpi_noise(portfolio, world)[:, kpi, None], reach
        )
    share = 12.0 / (months * q)
    nothing = np.zeros(shape)
    if measure == "renewals":
        mean, variance = forecast.accounts_due - forecast.accounts_lost, forecast.accounts_variance
        reach[..., RETENTION] = share * window.rest(forecast.logo_sway)
    else:
        deals = measure == "referrals"
        upsell = forecast.upsell_deals / world.win_rate if deals else forecast.upsell
        cross = forecast.cross_sell_deals / world.win_rate if deals else forecast.cross_sell
        upsell_variance = upsell if deals else forecast.upsell_variance
        cross_variance = cross if deals else forecast.cross_sell_variance
        with_upsell = measure != "cross_sell_bookings"
        with_cross = measure != "upsell_bookings"
        mean = (upsell if with_upsell else nothing) + (cross if with_cross else nothing)
        variance = (upsell_variance if with_upsell else nothing) + (cross_variance if with_cross else nothing)
        reach[..., UPSELL] = share * window.rest(upsell) * with_upsell
        reach[..., CROSS_SELL] = share * window.rest(cross) * with_cross
    return _Row(share * window.rest(mean), share, share * np.sqrt(window.rest(variance)), reach)


def paid_kpis(measures: list[Measure]) -> Ints:
    """Numbers of the KPIs among these measures, each once, rising: the month loop measures no other."""
    return np.array(
        sorted({MEASURES.index(measure) - NPS for measure in measures if measure in KPI_MEASURES}), np.int64
    )


def training_share(plan: Plan) -> float:
    """Share of the effort on KPIs that goes into training: training's part of the weight that KPIs have in the plan."""
    weight = dict.fromkeys(KPI_MEASURES, 0.0)
    for component in plan.components:
        if component.measure in weight:
            weight[component.measure] += component.weight or 0.0
    total = sum(weight.values())
    return weight["training"] / total if total > 0.0 else 0.0


def _reference(portfolio: Portfolio, forecast: Forecast, window: _Window) -> Floats:
    """Dollars of the reference plan per unit of effort held to the period's end: (C, H, n_tasks), per unit of reach."""
    months = window.periods.window_months
    dollars = REFERENCE_SHARE * portfolio.ote[:, None] / 12.0 * months
    # Each CSM's own book: what she does must not hang on the accounts of others.
    kept = 1.0 - _safe(forecast.loss.sum(axis=1), forecast.due.sum(axis=1))[:, None]
    reach = np.stack(
        [
            _safe(window.rest(forecast.sway), window.whole(forecast.due) * kept),
            _safe(window.rest(forecast.upsell), window.whole(forecast.upsell)),
            _safe(window.rest(forecast.cross_sell), window.whole(forecast.cross_sell)),
            window.rest(np.ones_like(months)) / months,
        ],
        axis=-1,
    )
    worth: Floats = dollars[..., None] * REFERENCE_SLOPE * reach
    return worth


def _knots(curves: list[PayCurve]) -> Knots:
    width = max(len(curve.knots) for curve in curves)

    def padded(arrays: list[Floats]) -> Floats:
        rows = np.zeros((len(arrays), width))
        for row, array in zip(rows, arrays, strict=True):
            row[: len(array)] = array
        return rows

    return Knots(
        at=padded([curve.knots for curve in curves]),
        slope_change=padded([curve.slope_changes for curve in curves]),
        lump=padded([curve.lumps for curve in curves]),
        knots=np.array([len(curve.knots) for curve in curves], dtype=np.int64),
    )


def _step_at(minimum: float) -> PayCurve:
    return PayCurve(np.array([minimum]), np.zeros(1), np.ones(1))


_UNPAID = Component(name="none", measure="mbo", kind="bonus", weight=0.0, curve=Curve())
"""Stands in for the components of a plan without any, so that no array is empty."""


def compile_plan(plan: Plan, portfolio: Portfolio, forecast: Forecast, world: World, anchor: Floats) -> Terms:
    """The plan as arrays.

    anchor: (n_csms, n_months, ...), mean productive effort of each task first, under the plan in force.
    Raises InputError when a quota cannot be set.
    """
    deal: Contract = contract(plan, portfolio, forecast, world)
    components = plan.components or (_UNPAID,)
    gated = [i for i, component in enumerate(components) if component.gate is not None]
    n = len(components)
    quota = deal.quota if plan.components else np.ones((portfolio.n_csms, 1))
    monthly_pay = deal.monthly_pay if plan.components else np.zeros((portfolio.n_csms, 1))
    window = _Window(deal.periods)
    months = deal.periods.window_months

    measures: list[Measure] = [component.measure for component in components]
    quotas = [quota[:, i] for i in range(n)]
    curves = [pay_curve(component.curve, component.kind) for component in components]
    gate_row = np.full(n, -1, dtype=np.int64)
    gate_minimum = np.zeros(n)
    for row, i in enumerate(gated, start=n):
        gate = components[i].gate
        assert gate is not None
        gate_row[i], gate_minimum[i] = row, gate.minimum
        measures.append(gate.measure)
        quotas.append(np.ones(portfolio.n_csms))
        curves.append(_step_at(gate.minimum))

    rows = [_row(m, q, portfolio, forecast, window, world) for m, q in zip(measures, quotas, strict=True)]
    reach = np.stack([row.reach for row in rows], axis=2)
    worth = _reference(portfolio, forecast, window)[:, :, None, :]
    at_stake = (monthly_pay[:, None, :] * months[..., None])[..., None]
    gate_reach = np.zeros_like(reach[:, :, :n])
    gate_reach[:, :, gated] = reach[:, :, n:]
    knots = _knots(curves)
    risk_aversion = np.concatenate([np.full(n, world.risk_aversion), np.zeros(len(gated))])
    sd = np.stack([np.maximum(row.sd, SHARPEST) for row in rows], axis=2)
    return Terms(
        measure=np.array([MEASURES.index(measure) for measure in measures], dtype=np.int64),
        kpis=paid_kpis(measures),
        training_share=training_share(plan),
        monthly_pay=monthly_pay,
        quota=quota,
        weight=np.array([component.weight or 0.0 for component in components]),
        curve=Knots(knots.at[:n], knots.slope_change[:n], knots.lump[:n], knots.knots[:n]),
        gate_row=gate_row,
        gate_minimum=gate_minimum,
        opens=np.ascontiguousarray(np.broadcast_to(deal.periods.opens, months.shape)),
        ends=deal.periods.ends,
        closes=deal.periods.closes,
        resets=np.ascontiguousarray(np.broadcast_to(deal.periods.resets, months.shape)),
        base=deal.base / 12.0,
        target=(deal.ote - deal.base) / 12.0,
        level=np.stack([row.level for row in rows], axis=2),
        share=np.stack([row.share for row in rows], axis=2),
        gain=reach * lift_per_effort(world, anchor)[:, :, None, :],
        pull=_safe(at_stake * reach[:, :, :n], worth),
        gate_pull=_safe(at_stake * gate_reach, worth),
        tables=incentive_tables(knots, sd, risk_aversion),
        true_up=plan.true_up,
        no_renewal_due=NO_RENEWAL_DUE.index(plan.no_renewal_due),
        clawback_months=plan.clawback_months,
        guarantee=plan.ramp_guarantee,
        guarantee_months=plan.ramp_guarantee_months,
    )


def log_odds_per_effort(world: World) -> float:
    """b: the churn cut at e = 1 fixes it, on the logit at low churn."""
    return float(-np.log1p(-world.churn_cut))


def lift_per_effort(world: World, anchor: Floats) -> Floats:
    """What a unit of productive effort adds: log-odds of renewal, share of expansion, of a KPI's level; (C, H, 4)."""
    lift = np.empty((*anchor.shape[:2], N_TASKS))
    lift[..., RETENTION] = log_odds_per_effort(world)
    for task in (UPSELL, CROSS_SELL):
        lift[..., task] = world.kappa_expansion / (1.0 + world.kappa_expansion * anchor[..., task])
    lift[..., KPI] = world.kappa_kpi
    return lift
