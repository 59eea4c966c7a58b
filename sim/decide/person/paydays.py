"""One CSM in one trial: what each payday measured, as the readable engine walks it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.decide.person.seat import seat_of
from sim.engine import reference, reference_pay
from sim.engine.compile import CROSS, EXPANSION, GROSS, LOGO, NET, NPS, UPS, Terms
from sim.engine.draws import draw_blocks
from sim.engine.philox import LANES
from sim.engine.reference_state import Ledger, Run, opening
from sim.engine.run import Stage
from sim.engine.state import PAY_RATIO, response_of

Floats = NDArray[np.float64]
CLAWED = {UPS: (0,), CROSS: (1,), EXPANSION: (0, 1)}
"""Sales whose clawback a measure bears."""


class Measured(NamedTuple):
    """One measure over a window: a rate for retention, USD or events booked in it, a mean score for KPIs.

    exists: anything was due. clawed: USD of bookings taken back; ``level`` is without it, and may be below 0.
    """

    level: float
    exists: bool
    clawed: float


class Payday(NamedTuple):
    """What was measured at the end of a payout period, one entry a component (and gate, after them).

    month: of the payday, 0 = the first. months: measured so far. served: of them, months worked. carried: months
    carried over from windows with nothing due, by component. last: no later payday will pay what is carried.
    """

    month: int
    months: int
    measured: tuple[Measured, ...]
    served: float
    carried: tuple[float, ...]
    last: bool


def paydays(stage: Stage, terms: Terms, csm: int, trial: int) -> list[Payday]:
    """Every payday of CSM number ``csm`` in a trial, under the plan compiled to ``terms``."""
    seat = seat_of(stage, terms, csm)
    block, lane = divmod(trial, LANES)
    draws = draw_blocks(seat.luck, block, 1)
    n_months = stage.portfolio.n_months
    response = response_of(seat.field, draws).reshape(-1, 1)
    owner = np.zeros(len(seat.field.arr), dtype=np.int64)
    run = Run(seat.field, seat.terms, seat.anchor, draws, owner, response, n_months)
    accounts, seats, ledger = opening(run, LANES)
    clawed = np.zeros(2)
    found = []
    for t in range(n_months):
        vacant = seats.vacant > 0.0
        productivity = reference.staff(run, seats)
        effort, forecast = reference_pay.choose_effort(run, t, ledger, productivity)
        reached = effort * productivity
        renewals = reference.renew(run, t, accounts, ledger, reached, vacant)
        sales = reference.expand(run, t, accounts, ledger, reached, vacant, forecast)
        reference.measure(run, t, ledger, renewals, sales.booked, reached)
        ratio = np.where(vacant, seat.anchor[:, t, PAY_RATIO], reference_pay.pay_ratio(run, t, forecast))
        leavers = reference.leave(run, t, seats, ratio)
        clawed += np.asarray(renewals.clawed)[:, lane, 0]
        if seat.terms.closes[0, t]:
            months = int(t + 1 - seat.terms.opens[0, t])
            found.append(
                Payday(
                    month=t,
                    months=months,
                    measured=tuple(_measured(int(row), ledger, lane, months, clawed) for row in terms.measure),
                    served=float(seats.served[lane, 0]),
                    carried=tuple(ledger.owed[:, lane, 0].tolist()),
                    last=t + 1 == n_months,
                )
            )
        reference_pay.close_period(run, t, accounts, seats, ledger)
        if seat.terms.resets[0, t]:
            clawed[:] = 0.0
        reference_pay.forfeit(seats, ledger, leavers)
    return found


def _measured(measure: int, ledger: Ledger, lane: int, months: int, clawed: Floats) -> Measured:
    total = float(ledger.totals[measure, lane, 0])
    if measure in (GROSS, LOGO):
        due = float((ledger.due if measure == GROSS else ledger.logos_due)[lane, 0])
        return Measured(1.0 - total / due if due > 0.0 else 1.0, due > 0.0, 0.0)
    if measure == NET:
        opened = float(ledger.opening[lane, 0])
        return Measured(1.0 + total / opened * 12.0 / months if opened > 0.0 else 0.0, True, 0.0)
    if measure >= NPS:
        return Measured(total / months, True, 0.0)
    return Measured(total, True, float(clawed[list(CLAWED.get(measure, ()))].sum()))
