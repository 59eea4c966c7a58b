"""In how many months a plan buys effort: each CSM walked alone, as the engine adds a team's effort up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.decide.effort import HARDLY_ANY
from sim.decide.person.seat import Seat, seat_of
from sim.engine.draws import Draws, draw_blocks
from sim.engine.forecast import N_TASKS
from sim.engine.outcome import join_lanes
from sim.engine.philox import LANES
from sim.engine.run import Stage, terms_of, walk
from sim.engine.state import EFFORT, STAFFED
from sim.plan.schema import Plan

Floats = NDArray[np.float64]
MOST_CSMS = 40
MOST_BLOCKS = 2
"""Looked at, evenly spread over the team, and blocks of trials: shares of tens of thousands of CSM-months are sharp."""


class Months(NamedTuple):
    """Shares of the staffed CSM-months with effort above the salary-only level, which is none.

    by_task: (n_tasks,). any_task: on at least one.
    """

    by_task: Floats
    any_task: float


def effort_months(stage: Stage, plans: Sequence[Plan]) -> list[Months]:
    """One entry a plan, on the same luck. Raises InputError when a quota cannot be set for this book."""
    compiled = [terms_of(stage, plan) for plan in plans]
    n_csms = stage.portfolio.n_csms
    counts = np.zeros((len(plans), N_TASKS + 2))  # by task, on any, staffed
    for csm in np.unique(np.linspace(0, n_csms - 1, min(n_csms, MOST_CSMS)).astype(np.int64)).tolist():
        seats = [seat_of(stage, terms, csm) for terms in compiled]
        draws = draw_blocks(seats[0].luck, 0, min(-(-stage.trials // LANES), MOST_BLOCKS))
        counts += [_count(seat, draws, stage.trials) for seat in seats]
    return [Months(count[:N_TASKS] / count[-1], float(count[N_TASKS] / count[-1])) for count in counts]


def _count(seat: Seat, draws: Draws, trials: int) -> Floats:
    results = walk(seat.field, seat.terms, seat.anchor, draws)
    flows = np.asarray(join_lanes([results.flows], trials), dtype=np.float64)
    working = flows[EFFORT : EFFORT + N_TASKS] >= HARDLY_ANY
    return np.array([*working.sum(axis=(1, 2)), working.any(axis=0).sum(), flows[STAFFED].sum()])
