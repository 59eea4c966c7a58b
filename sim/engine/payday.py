"""From what was measured to what is paid, at the end of a payout period; and what pay is expected before it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.engine.compile import GROSS, LOGO, NET, NO_RENEWAL_DUE, NPS, Terms
from sim.engine.incentive import Knots
from sim.engine.jit import compiled
from sim.engine.philox import LANES
from sim.engine.response import Scratch, look_up
from sim.engine.state import ARR_AT_OPENING, DUE, GUARANTEE_PAY, LOGOS_DUE, Results

Floats = NDArray[np.float64]
A_CENT = 0.01
_, AT_TARGET, CARRIED = range(len(NO_RENEWAL_DUE))


@compiled
def payout(curve: Knots, i: int, attainment: float) -> float:
    """Payout of component ``i`` at one attainment, in target payouts."""
    paid = 0.0
    for j in range(curve.knots[i]):
        if attainment >= curve.at[i, j]:
            paid += curve.lump[i, j] + curve.slope_change[i, j] * (attainment - curve.at[i, j])
    return paid


@compiled
def measured(measure: int, totals: Floats, lane: int, months: float) -> tuple[float, bool]:
    """Level of a measure over the window so far, in its own unit (bookings: USD a year), and whether there is one."""
    if measure == GROSS:
        due = totals[DUE, lane]
        return (1.0 - totals[GROSS, lane] / due, True) if due > 0.0 else (1.0, False)
    if measure == LOGO:
        due = totals[LOGOS_DUE, lane]
        return (1.0 - totals[LOGO, lane] / due, True) if due > 0.0 else (1.0, False)
    if measure == NET:
        opening = totals[ARR_AT_OPENING, lane]
        if opening <= 0.0:
            return 0.0, True
        return 1.0 + totals[NET, lane] / opening * 12.0 / months, True
    if measure >= NPS:
        return totals[measure, lane] / months, True
    return max(totals[measure, lane], 0.0) * 12.0 / months, True


@compiled
def close_period(
    terms: Terms,
    block: int,
    c: int,
    t: int,
    totals: Floats,
    served: Floats,
    ramping: Floats,
    paid_so_far: Floats,
    owed: Floats,
    attained: Floats,
    attained_months: Floats,
    flows: Floats,
    results: Results,
) -> None:
    """Pay what the period has earned; a true-up pays the year to date less what was paid, never back."""
    so_far = float(t + 1 - terms.opens[c, t])
    resets = terms.resets[c, t]
    for lane in range(LANES):
        variable = 0.0
        for i in range(len(terms.weight)):
            level, exists = measured(terms.measure[i], totals, lane, so_far)
            months = served[lane]
            share = 0.0
            if exists:
                attainment = level / terms.quota[c, i]
                share = payout(terms.curve, i, attainment)
                months += owed[i, lane]
                if resets:
                    owed[i, lane] = 0.0
                    attained[i, lane] += attainment * so_far
                    attained_months[i, lane] += so_far
            elif terms.no_renewal_due == AT_TARGET:
                share = 1.0
            elif terms.no_renewal_due == CARRIED:
                if t + 1 == terms.closes.shape[1]:  # no later period to carry it to
                    share = 1.0
                    months += owed[i, lane]
                elif resets:
                    owed[i, lane] += served[lane]
            if terms.gate_row[i] >= 0:
                level, exists = measured(terms.measure[terms.gate_row[i]], totals, lane, so_far)
                if exists and level < terms.gate_minimum[i]:
                    share = 0.0
            pay = max(share * months * terms.monthly_pay[c, i] - paid_so_far[i, lane], 0.0)
            paid_so_far[i, lane] += pay
            variable += pay
            results.paid[block, i, t, lane] += pay
        floor = terms.guarantee * terms.target[c] * ramping[lane]
        if floor > variable:
            flows[GUARANTEE_PAY, lane] = floor - variable
            variable = floor
        ramping[lane] = 0.0
        results.csm_pay[block, c, lane] += np.float32(variable)
        if resets:
            opened = totals[ARR_AT_OPENING, lane] + totals[NET, lane]
            totals[:, lane] = 0.0
            totals[ARR_AT_OPENING, lane] = opened if opened > A_CENT else 0.0  # what is left of all churned is rounding
            served[lane] = 0.0
            paid_so_far[:, lane] = 0.0


@compiled
def expected_pay(terms: Terms, c: int, t: int, forecast: Floats, pay: Floats, s: Scratch) -> None:
    """Write base and expected variable pay, USD a month, with the effort chosen, to ``pay`` (LANES,)."""
    tables = terms.tables
    low, per_step, value = tables.low[c, t], tables.per_step[c, t], tables.value[c, t]
    for lane in range(LANES):
        pay[lane] = terms.base[c]
    for i in range(len(terms.weight)):
        look_up(value, i, low, per_step, forecast, s.value, s.bend)
        end = low[i] + (value.shape[1] - 1) / per_step[i]
        final = tables.slope[c, t, i, value.shape[1] - 1]
        worth = terms.monthly_pay[c, i]
        g = terms.gate_row[i]
        if g >= 0:
            look_up(value, g, low, per_step, forecast, s.value, s.bend)
        for lane in range(LANES):
            beyond = forecast[i, lane] - end
            beyond = beyond if beyond > 0.0 else 0.0
            passes = s.value[g, lane] if g >= 0 else 1.0
            pay[lane] += worth * passes * (s.value[i, lane] + beyond * final)
