"""One CSM through every trial: the flows of her own book, month by month, and what she was paid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.decide.person.seat import seat_of
from sim.engine.compile import Terms
from sim.engine.draws import draw_blocks
from sim.engine.kernel import run_blocks
from sim.engine.outcome import join_lanes
from sim.engine.philox import LANES
from sim.engine.run import Stage
from sim.engine.state import FLOWS, new_results

Floats = NDArray[np.float64]


class Watched(NamedTuple):
    """T = n_trials, H = n_months, I = n_components (1, unpaid, in a plan without any).

    flows: (n_flows, H, T), rows as in state.FLOWS, of this CSM alone. paid: (I, H, T), USD in the month of the payday.
    """

    flows: Floats
    paid: Floats

    def monthly(self, flow: str) -> Floats:
        """One flow by month and trial: (H, T)."""
        month: Floats = self.flows[FLOWS.index(flow)]
        return month

    @property
    def variable_pay(self) -> Floats:
        """Over the horizon, ramp guarantees of successors included: (T,)."""
        pay: Floats = self.paid.sum(axis=(0, 1)) + self.monthly("guarantee_pay").sum(axis=0)
        return pay

    @property
    def stays(self) -> NDArray[np.bool_]:
        """Trials in which the CSM of today is there to the end: (T,)."""
        there: NDArray[np.bool_] = self.monthly("leavers").sum(axis=0) == 0.0
        return there


def watch(stage: Stage, plans: Sequence[Terms], csm: int) -> list[Watched]:
    """What the engine's runs of the whole team hold of CSM number ``csm``, to the bit: one entry a plan."""
    seats = [seat_of(stage, terms, csm) for terms in plans]
    draws = draw_blocks(seats[0].luck, 0, -(-stage.trials // LANES))
    found = []
    for seat in seats:
        results = new_results(len(draws.response), 1, stage.portfolio.n_months, len(seat.terms.weight))
        run_blocks(seat.field, seat.terms, seat.anchor, draws, results)
        found.append(
            Watched(
                flows=np.asarray(join_lanes([results.flows], stage.trials), dtype=np.float64),
                paid=np.asarray(join_lanes([results.paid], stage.trials), dtype=np.float64),
            )
        )
    return found
