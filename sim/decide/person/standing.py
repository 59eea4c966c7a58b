"""What a CSM has to show in the middle of a window, between people's figures and the engine's running totals."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.decide.person.measures import TOTALS
from sim.engine.compile import MEASURES, NPS
from sim.engine.kpis import kpi_means
from sim.engine.run import Stage
from sim.plan.schema import KPI_MEASURES, Measure, Plan

Floats = NDArray[np.float64]


def asked(plan: Plan) -> list[Measure]:
    """The measures that a plan pays or gates by, each once, in the order of the plan."""
    gates = [component.gate.measure for component in plan.components if component.gate is not None]
    return list(dict.fromkeys([*(component.measure for component in plan.components), *gates]))


def due(stage: Stage, csm: int, opens: int, ends: int, *, logos: bool = False) -> float:
    """ARR (or accounts) expected to fall due in the months from ``opens`` to before ``ends``."""
    flow = stage.forecast.accounts_due if logos else stage.forecast.due
    return float(flow[csm, opens:ends].sum())


def running_total(measure: Measure, value: float, stage: Stage, csm: int, opens: int, month: int) -> float:
    """The engine's running total of a measure that stands at ``value`` before ``month`` of a window from ``opens`` on.

    value: share kept of what fell due (gross, logo retention), change of ARR as a share of opening ARR (net), mean
    score (KPIs), or the total itself (USD, events).
    """
    if measure in ("gross_retention", "logo_retention"):
        return (1.0 - value) * due(stage, csm, opens, month, logos=measure == "logo_retention")
    if measure == "net_retention":
        return value * float(stage.forecast.opening_arr[csm])
    return value if measure in TOTALS else value * (month - opens)


def on_course(measure: Measure, stage: Stage, csm: int, opens: int, month: int) -> float:
    """The ``value`` of ``running_total`` that is expected before ``month`` under the plan in force."""
    forecast = stage.forecast

    def passed(flow: Floats) -> float:
        return float(flow[csm, opens:month].sum())

    def kept(lost: Floats, of: Floats) -> float:
        return 1.0 - passed(lost) / passed(of) if passed(of) > 0.0 else 1.0

    if measure == "gross_retention":
        return kept(forecast.loss, forecast.due)
    if measure == "logo_retention":
        return kept(forecast.accounts_lost, forecast.accounts_due)
    if measure == "net_retention":
        change = forecast.uplift + forecast.upsell + forecast.cross_sell - forecast.loss
        return passed(change) / float(forecast.opening_arr[csm])
    if measure in KPI_MEASURES:
        return float(kpi_means(stage.portfolio, stage.world)[csm, MEASURES.index(measure) - NPS])
    if measure == "renewals":
        return passed(forecast.accounts_due - forecast.accounts_lost)
    if measure == "referrals":
        return passed(forecast.upsell_deals + forecast.cross_sell_deals) / stage.world.win_rate
    upsell = 0.0 if measure == "cross_sell_bookings" else passed(forecast.upsell)
    return upsell + (0.0 if measure == "upsell_bookings" else passed(forecast.cross_sell))


def span(measure: Measure, stage: Stage, csm: int, opens: int, month: int, value: float, points: int) -> Floats:
    """Values worth looking at around ``value``, in the unit of ``running_total``: (points,), rising."""
    usual = on_course(measure, stage, csm, opens, month)
    if measure in ("gross_retention", "logo_retention"):
        low, high = min(0.7, value), 1.0
    elif measure == "net_retention":
        low, high = min(usual - 0.15, value), max(usual + 0.15, value)
    elif measure == "nps":
        low, high = min(usual - 20.0, value), max(usual + 20.0, value)
    elif measure in KPI_MEASURES:
        low, high = min(0.5 * usual, value), max(1.5 * usual, value)
    else:
        low, high = 0.0, max(2.0 * usual, 1.2 * value, 1.0)
    return np.linspace(low, high, points)
