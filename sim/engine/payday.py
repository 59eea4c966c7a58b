"""From what was measured to what is paid, at the end of a payout period; and what pay is expected before it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.compile import GROSS, LOGO, NET, NO_RENEWAL_DUE, NPS, Terms
from sim.engine.incentive import GRID, Knots
from sim.engine.jit import compiled, lean
from sim.engine.philox import LANES
from sim.engine.response import VALUE, Scratch, look_up
from sim.engine.state import ARR_AT_OPENING, DUE, GUARANTEE_PAY, LOGOS_DUE, Results

Floats = NDArray[np.float64]
A_CENT = 0.01
_, AT_TARGET, CARRIED = range(len(NO_RENEWAL_DUE))


class Slip(NamedTuple):
    """What a payday works with, (LANES,) each: a measure's level, whether there is one, target payouts, pay; months
    paid for, and what a month of the period earns."""

    level: Floats
    exists: NDArray[np.bool_]
    share: Floats
    variable: Floats
    months: Floats
    monthly: Floats


@compiled
def new_slip() -> Slip:
    exists = np.empty(LANES, dtype=np.bool_)
    return Slip(np.empty(LANES), exists, np.empty(LANES), np.empty(LANES), np.empty(LANES), np.empty(LANES))


@lean
def payout(curve: Knots, i: int, attainment: Floats, share: Floats) -> None:
    """Write the payout of component ``i`` at each lane's attainment to ``share``, in target payouts."""
    for lane in range(LANES):
        share[lane] = 0.0
    for j in range(curve.knots[i]):
        at, lump, slope = curve.at[i, j], curve.lump[i, j], curve.slope_change[i, j]
        for lane in range(LANES):
            beyond = attainment[lane] - at
            share[lane] += lump + slope * beyond if beyond >= 0.0 else 0.0


@lean
def measured(measure: int, totals: Floats, months: float, level: Floats, exists: NDArray[np.bool_]) -> None:
    """Write the level of a measure over the window so far, in its own unit (bookings: USD a year), and whether there
    is one."""
    for lane in range(LANES):
        exists[lane] = True
    if measure in (GROSS, LOGO):
        base = DUE if measure == GROSS else LOGOS_DUE
        for lane in range(LANES):
            due = totals[base, lane]
            exists[lane] = due > 0.0
            level[lane] = 1.0 - totals[measure, lane] / due if due > 0.0 else 1.0
    elif measure == NET:
        for lane in range(LANES):
            opening = totals[ARR_AT_OPENING, lane]
            level[lane] = 1.0 + totals[NET, lane] / opening * 12.0 / months if opening > 0.0 else 0.0
    elif measure >= NPS:
        for lane in range(LANES):
            level[lane] = totals[measure, lane] / months
    else:
        for lane in range(LANES):
            total = totals[measure, lane]
            level[lane] = (total if total > 0.0 else 0.0) * 12.0 / months


@lean
def close_period(
    terms: Terms,
    block: int,
    c: int,
    t: int,
    opens: int,
    totals: Floats,
    served: Floats,
    ramping: Floats,
    paid_so_far: Floats,
    above: Floats,
    owed: Floats,
    attained: Floats,
    attained_months: Floats,
    flows: Floats,
    results: Results,
    slip: Slip,
) -> None:
    """Pay what the period since month ``opens`` has earned; a true-up pays the year to date less what was paid, never
    back.

    above: (n_components, LANES), paid for the window so far beyond target pay; a true-up may take some of it back.
    """
    level, exists, share, variable, months, monthly = slip
    so_far = float(t + 1 - terms.opens[c, t])
    resets = terms.resets[c, t]
    carries = terms.no_renewal_due == CARRIED
    last = t + 1 == terms.closes.shape[1]  # no later period to carry a target to
    without = 1.0 if terms.no_renewal_due == AT_TARGET or (carries and last) else 0.0
    for lane in range(LANES):
        variable[lane] = 0.0
    n_components = len(terms.weight)
    each_month = 1.0 / (t + 1 - opens)
    for i in range(n_components):
        quota, monthly_pay = terms.quota[c, i], terms.monthly_pay[c, i]
        measured(terms.measure[i], totals, so_far, level, exists)
        for lane in range(LANES):
            level[lane] = level[lane] / quota
        payout(terms.curve, i, level, share)
        for lane in range(LANES):
            there = exists[lane]
            carried = owed[i, lane] if there or (carries and last) else 0.0
            months[lane] = served[lane] + carried
            share[lane] = (share[lane] if there else without) * months[lane]
            if resets:
                owed[i, lane] = 0.0 if there else owed[i, lane] + (served[lane] if carries and not last else 0.0)
                attained[i, lane] += level[lane] * so_far if there else 0.0
                attained_months[i, lane] += so_far if there else 0.0
        if terms.gate_row[i] >= 0:
            measured(terms.measure[terms.gate_row[i]], totals, so_far, level, exists)
            minimum = terms.gate_minimum[i]
            for lane in range(LANES):
                share[lane] = 0.0 if exists[lane] and level[lane] < minimum else share[lane]
        for lane in range(LANES):
            pay = share[lane] * monthly_pay - paid_so_far[i, lane]
            pay = pay if pay > 0.0 else 0.0
            paid_so_far[i, lane] += pay
            variable[lane] += pay
            results.paid[block, i, t, lane] += pay
            monthly[lane] = pay * each_month
            beyond = paid_so_far[i, lane] - months[lane] * monthly_pay
            beyond = beyond if beyond > 0.0 else 0.0
            results.above_target[block, i, t, lane] += beyond - above[i, lane]
            above[i, lane] = beyond
        for month in range(opens, t + 1):
            for lane in range(LANES):
                results.earned[block, i, month, lane] += monthly[lane]
    full_guarantee = terms.guarantee * terms.target[c]
    for lane in range(LANES):
        floor = full_guarantee * ramping[lane]
        short = floor - variable[lane]
        short = short if short > 0.0 else 0.0
        flows[GUARANTEE_PAY, lane] = short
        monthly[lane] = short * each_month
        results.csm_pay[block, c, lane] += np.float32(floor if short > 0.0 else variable[lane])
        ramping[lane] = 0.0
    for month in range(opens, t + 1):
        for lane in range(LANES):
            results.earned[block, n_components, month, lane] += monthly[lane]
    if resets:
        for lane in range(LANES):
            opened = totals[ARR_AT_OPENING, lane] + totals[NET, lane]
            variable[lane] = opened if opened > A_CENT else 0.0  # what is left of all churned is rounding
            served[lane] = 0.0
        totals[:] = 0.0
        for lane in range(LANES):
            totals[ARR_AT_OPENING, lane] = variable[lane]
        paid_so_far[:] = 0.0
        above[:] = 0.0


@lean
def expected_pay(terms: Terms, c: int, t: int, forecast: Floats, pay: Floats, s: Scratch) -> None:
    """Write base and expected variable pay, USD a month, with the effort chosen, to ``pay`` (LANES,)."""
    tables = terms.tables
    read, cell, stale = s.read, s.cell, s.stale
    for lane in range(LANES):
        pay[lane] = terms.base[c]
    for i in range(len(terms.weight)):
        look_up(VALUE, tables, c, t, i, forecast, read, cell, stale)
        end = tables.low[c, t, i] + (GRID - 1) / tables.per_step[c, t, i]
        final = tables.slope[c, t, i, GRID - 1]
        worth = terms.monthly_pay[c, i]
        g = terms.gate_row[i]
        if g >= 0:
            look_up(VALUE, tables, c, t, g, forecast, read, cell, stale)
        for lane in range(LANES):
            beyond = forecast[i, lane] - end
            beyond = beyond if beyond > 0.0 else 0.0
            passes = read[g, VALUE, lane] if g >= 0 else 1.0
            pay[lane] += worth * passes * (read[i, VALUE, lane] + beyond * final)
