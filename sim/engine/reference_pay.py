"""What the readable month loop (``reference``) knows of pay: the effort that it buys, and what a period earns.

T = n_trials, C = n_csms, K = n_tasks, I = n_components, R = rows (components, then their gates).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.engine.compile import GROSS, LOGO, NET, NO_RENEWAL_DUE, NPS, Terms
from sim.engine.forecast import N_TASKS
from sim.engine.incentive import GRID
from sim.engine.reference_state import Accounts, Flags, Floats, Ledger, Run, Seats, by_csm
from sim.engine.response import NEARLY, SWEEPS
from sim.engine.state import PAY_RATIO


def choose_effort(run: Run, t: int, ledger: Ledger, productivity: Floats) -> tuple[Floats, Floats]:
    """Effort (K, T, C) that solves the first-order conditions of ``response``, and the attainment that it leads one to
    expect at the period's end (R, T, C). Gauss-Seidel over the tasks, from the reference effort.
    """
    ground, terms, response = run.ground, run.terms, run.response
    gain, pull, gate_pull = terms.gain[:, t], terms.pull[:, t], terms.gate_pull[:, t]
    level, share = terms.level[:, t].T[:, None], terms.share[:, t].T[:, None]
    paid = ((pull != 0.0) | (gate_pull != 0.0)).any(axis=1).T[:, None]
    effort = np.where(paid & (productivity > 0.0), 1.0, 0.0)
    surplus = response * (effort * productivity - run.anchor[:, t, :N_TASKS].T[:, None])
    forecast = level + share * ledger.totals[terms.measure] + np.einsum("crk,ktc->rtc", gain, surplus)
    stake = (1.0 + ground.overlap) * ground.present_bias  # G is divided by 1 + overlap

    older, older_worth = effort.copy(), np.zeros_like(effort)
    for _ in range(SWEEPS):
        for k in range(N_TASKS):
            rewarding = np.flatnonzero((pull[:, :, k] != 0.0).any(axis=0) | (gate_pull[:, :, k] != 0.0).any(axis=0))
            if not len(rewarding):
                continue  # nothing pays for this task: no effort
            theta, falling = np.zeros_like(effort[k]), np.zeros_like(effort[k])
            for i in rewarding:
                gate = terms.gate_row[i]
                marginal, bend = look_up(run, "slope", t, i, forecast[i])
                if gate >= 0:
                    opens, _ = look_up(run, "value", t, gate, forecast[gate])
                    opens_by, _ = look_up(run, "slope", t, gate, forecast[gate])
                    worth, _ = look_up(run, "value", t, i, forecast[i])
                    theta += gate_pull[:, i, k] * worth * opens_by
                    marginal, bend = marginal * opens, bend * opens
                theta += pull[:, i, k] * marginal
                falling -= pull[:, i, k] * gain[:, i, k] * bend * response * productivity[k]
            fall = np.maximum(falling, 0.0) * stake
            others = effort.sum(axis=0) - effort[k]
            short = stake * theta - ground.overlap * others - effort[k]
            wanted = effort[k] + short / (1.0 + fall)
            opposite = short * (older_worth[k] - ground.overlap * others - older[k]) < 0.0
            back = older[k] - effort[k]
            past = (wanted - effort[k]) * back > NEARLY * back**2
            wanted = np.where(opposite & past, 0.5 * (effort[k] + older[k]), wanted)
            older[k], older_worth[k] = effort[k], stake * theta
            chosen = np.where(productivity[k] > 0.0, np.clip(wanted, 0.0, ground.effort_max), 0.0)
            moved = response * (chosen - effort[k]) * productivity[k]
            forecast += gain[:, :, k].T[:, None] * moved
            effort[k] = chosen
    return effort, forecast


def pay_ratio(run: Run, t: int, forecast: Floats) -> Floats:
    """Pay that a CSM expects, against on-target earnings under the plan in force: (T, C)."""
    terms, tables = run.terms, run.terms.tables
    if run.ground.attrition_response == 0.0:
        return np.broadcast_to(run.anchor[:, t, PAY_RATIO], forecast.shape[1:])
    pay = np.broadcast_to(terms.base, forecast.shape[1:])
    for i, gate in enumerate(terms.gate_row):
        payout, _ = look_up(run, "value", t, i, forecast[i])
        end = tables.low[:, t, i] + (GRID - 1) / tables.per_step[:, t, i]
        payout = payout + np.maximum(forecast[i] - end, 0.0) * tables.slope[:, t, i, -1]
        if gate >= 0:
            payout = payout * look_up(run, "value", t, gate, forecast[gate])[0]
        pay = pay + terms.monthly_pay[:, i] * payout
    return pay / run.ground.market_pay


class Payday(NamedTuple):
    """USD. pay: (I, T, C), by component. guarantee: (T, C), what ramp guarantees add. above: (I, T, C), change of what
    was paid beyond target pay in the window."""

    pay: Floats
    guarantee: Floats
    above: Floats


def close_period(run: Run, t: int, accounts: Accounts, seats: Seats, ledger: Ledger) -> Payday:
    """What is paid to the CSMs whose period ends, USD."""
    terms = run.terms
    closes, resets = terms.closes[:, t], terms.resets[:, t]
    pay, raised = np.zeros((2, *ledger.paid.shape))
    if not closes.any():
        return Payday(pay, pay[0], pay)
    last = t + 1 == run.n_months
    months = (t + 1 - terms.opens[:, t]).astype(np.float64)
    rule = NO_RENEWAL_DUE[terms.no_renewal_due]
    unmeasured = 1.0 if rule == "target" or (rule == "carry" and last) else 0.0
    for i, gate in enumerate(terms.gate_row):
        level, exists = _level(terms.measure[i], ledger, months)
        attainment = level / terms.quota[:, i]
        share = np.where(exists, _payout(terms, i, attainment), unmeasured)
        if gate >= 0:
            gate_level, gated = _level(terms.measure[gate], ledger, months)
            share = np.where(gated & (gate_level < terms.gate_minimum[i]), 0.0, share)
        target = (seats.served + ledger.owed[i]) * terms.monthly_pay[:, i]
        pay[i] = closes * np.maximum(share * target - ledger.paid[i], 0.0)
        beyond = np.maximum(ledger.paid[i] + pay[i] - target, 0.0)
        raised[i] = closes * (beyond - ledger.above[i])
        carried = np.where(exists | (rule != "carry"), 0.0, ledger.owed[i] + seats.served)
        ledger.owed[i] = np.where(resets, carried, ledger.owed[i])
        ledger.attained[i] += resets * exists * attainment * months
        ledger.months[i] += resets * exists * months

    variable = pay.sum(axis=0)
    floor = terms.guarantee * terms.target * seats.guaranteed
    guarantee = closes * np.maximum(floor - variable, 0.0)
    seats.guaranteed[:, closes] = 0.0
    ledger.paid = np.where(resets, 0.0, ledger.paid + pay)
    ledger.above = np.where(resets, 0.0, ledger.above + raised)
    seats.served[:, resets] = 0.0
    ledger.totals[:, :, resets] = 0.0
    ledger.due[:, resets] = 0.0
    ledger.logos_due[:, resets] = 0.0
    if resets.any():
        ledger.opening[:, resets] = by_csm(run, accounts.arr)[:, resets]
    return Payday(pay, guarantee, raised)


def forfeit(seats: Seats, ledger: Ledger, leavers: Flags) -> None:
    """A leaver forfeits the period in progress; the successor earns from her first day."""
    seats.served[leavers] = 0.0
    seats.guaranteed[leavers] = 0.0
    ledger.paid[:, leavers] = 0.0
    ledger.above[:, leavers] = 0.0
    ledger.owed[:, leavers] = 0.0


def _level(number: int, ledger: Ledger, months: Floats) -> tuple[Floats, Flags]:
    """A measure over the window so far, in its own unit (totals a year), and whether there is one; (T, C) each."""
    total = ledger.totals[number]
    if number in (GROSS, LOGO):
        due = ledger.due if number == GROSS else ledger.logos_due
        exists = due > 0.0
        return 1.0 - np.divide(total, due, out=np.zeros_like(total), where=exists), exists
    always = np.ones(total.shape, dtype=bool)
    if number == NET:
        opened = ledger.opening > 0.0
        change = np.divide(total, ledger.opening, out=np.zeros_like(total), where=opened)
        return np.where(opened, 1.0 + change * 12.0 / months, 0.0), always
    if number >= NPS:
        return total / months, always
    return np.maximum(total, 0.0) * (12.0 / months), always


def _payout(terms: Terms, i: int, attainment: Floats) -> Floats:
    """The payout curve, knot by knot: a slope from each on, and a lump at it."""
    pay = np.zeros_like(attainment)
    count = terms.curve.knots[i]
    knots = zip(terms.curve.at[i], terms.curve.slope_change[i], terms.curve.lump[i], strict=True)
    for at, bend, lump in list(knots)[:count]:
        pay += bend * np.maximum(attainment - at, 0.0) + lump * (attainment >= at)
    return pay


def look_up(run: Run, name: str, t: int, row: np.int64 | int, attainment: Floats) -> tuple[Floats, Floats]:
    """An incentive table and its slope at attainments (..., C): linear between points, flat beyond the ends."""
    tables = run.terms.tables
    table = (tables.value if name == "value" else tables.slope)[:, t, row]
    per_step = tables.per_step[:, t, row]
    place = (attainment - tables.low[:, t, row]) * per_step
    inside = np.clip(place, 0.0, GRID - 1.0)
    left = np.minimum(inside.astype(np.int64), GRID - 2)
    cell = left + GRID * np.arange(len(table))
    flat = table.ravel()
    low = flat[cell]
    rise = flat[cell + 1] - low
    found: Floats = low + (inside - left) * rise  # type: ignore[assignment]  # a float64, which mypy takes for a float32
    return found, np.where(inside == place, rise * per_step, 0.0)
