"""What the readable month loop (``reference``) carries over, and how its arrays are turned round.

T = n_trials, A = n_accounts, C = n_csms, I = n_components. Trials come first here; luck and results, which are kept in
blocks for the fast loop, are turned round at the edges.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.compile import MEASURES, Terms
from sim.engine.draws import Draws
from sim.engine.philox import LANES
from sim.engine.state import Field

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
SALES = range(2)
"""Upsell, cross-sell."""


class Run(NamedTuple):
    """What does not change from month to month. owner: (A,), CSM of each account. response: (T, 1)."""

    ground: Field
    terms: Terms
    anchor: Floats
    draws: Draws
    owner: NDArray[np.int64]
    response: Floats
    n_months: int


@dataclass
class Accounts:
    """What each account carries over; (T, A).

    space: white space left, by sale, USD a year. sold: ARR booked in each of the last months that a clawback reaches.
    pulled, put_off: by sale, this month's deals that were closed a month early, last month's that were put off.
    closed_early: since its last renewal, a deal of the account was.
    """

    arr: Floats
    alive: Flags
    closed_early: Flags
    space: list[Floats]
    sold: list[deque[Floats]]
    pulled: list[Flags]
    put_off: list[Flags]


@dataclass
class Seats:
    """What each CSM's seat carries over; (T, C), months.

    vacant: until it is filled again. founder: who was there at the start still sits on it. tenure: since the hire.
    served: worked in the measured window. guaranteed: of the period, under the ramp guarantee.
    """

    vacant: Floats
    founder: Flags
    tenure: Floats
    served: Floats
    guaranteed: Floats


@dataclass
class Ledger:
    """What attainment and pay are computed from.

    totals: (n_measures, T, C), over the measured window so far: losses for gross and logo retention, change of ARR for
        net retention. due, logos_due, opening: what they are compared with, (T, C).
    paid, above, owed: (I, T, C), USD paid for the window so far, and beyond target pay; months whose target is carried
        forward.
    trained: (T, C), months of effort on training so far, beyond what the plan in force buys.
    attained, months: (I, T, C), sum of attainment x months over the windows measured, and of the months.
    """

    totals: Floats
    due: Floats
    logos_due: Floats
    opening: Floats
    trained: Floats
    paid: Floats
    above: Floats
    owed: Floats
    attained: Floats
    months: Floats


class Renewals(NamedTuple):
    """One month's renewals, ARR, and accounts lost; (T, C) each but these two.

    clawed: (2, T, C), bookings taken back, by sale. segments: (T, S), ARR lost.
    """

    churn: Floats
    contraction: Floats
    erosion: Floats
    uplift: Floats
    accounts: Floats
    clawed: Floats
    segments: Floats

    @property
    def lost(self) -> Floats:
        return self.churn + self.contraction + self.erosion


class Sales(NamedTuple):
    """One month's upsell and cross-sell, ARR. booked: (2, T, C), by sale. discount: (T, C), given away to close early.

    pulled, put_off: (T, C), booked a month early, and a month late. segments: (T, S), booked.
    """

    booked: Floats
    discount: Floats
    pulled: Floats
    put_off: Floats
    segments: Floats


def opening(run: Run, n_trials: int) -> tuple[Accounts, Seats, Ledger]:
    """The first morning."""
    ground, n_csms, n_components = run.ground, len(run.terms.base), len(run.terms.weight)
    book, team = (n_trials, len(ground.arr)), (n_trials, n_csms)

    def all_trials(values: Floats) -> Floats:
        return np.tile(values, (n_trials, 1))

    def nobody() -> Flags:
        return np.zeros(book, dtype=bool)

    accounts = Accounts(
        arr=all_trials(ground.arr),
        alive=~nobody(),
        closed_early=nobody(),
        space=[all_trials(ground.upsell_whitespace), all_trials(ground.cross_sell_whitespace)],
        sold=[deque(maxlen=run.terms.clawback_months) for _ in SALES],
        pulled=[nobody() for _ in SALES],
        put_off=[nobody() for _ in SALES],
    )
    seats = Seats(np.zeros(team), np.ones(team, dtype=bool), *np.zeros((3, *team)))
    nothing = np.zeros((5, n_components, *team))
    ledger = Ledger(
        totals=np.zeros((len(MEASURES), *team)),
        due=np.zeros(team),
        logos_due=np.zeros(team),
        opening=by_csm(run, accounts.arr),
        trained=np.zeros(team),
        paid=nothing[0],
        above=nothing[1],
        owed=nothing[2],
        attained=nothing[3],
        months=nothing[4],
    )
    return accounts, seats, ledger


def by_csm(run: Run, values: NDArray[Any], of: NDArray[np.int64] | slice = slice(None)) -> Floats:
    """Sum over each CSM's accounts: (T, n) -> (T, C). of: the n accounts, rising; a CSM may have none of them."""
    total = np.zeros((len(values), len(run.terms.base)))
    owner, first = np.unique(run.owner[of], return_index=True)
    if len(owner):
        total[:, owner] = np.add.reduceat(values, first, axis=1, dtype=np.float64)
    return total


def by_segment(run: Run, values: Floats, of: NDArray[np.int64] | slice = slice(None)) -> Floats:
    """Sum over each segment's accounts: (T, n) -> (T, S). of: the n accounts."""
    belongs = run.ground.segment[of, None] == np.arange(run.ground.n_segments)
    total: Floats = values @ belongs.astype(np.float64)
    return total


def by_trial(blocks: NDArray[np.float32]) -> Floats:
    """(n_blocks, ..., LANES) -> (T, ...), float64."""
    n_trials = len(blocks) * LANES
    return np.moveaxis(blocks, -1, 1).reshape(n_trials, *blocks.shape[1:-1]).astype(np.float64)


def in_blocks(values: Floats) -> Floats:
    """(T, ...) -> (n_blocks, ..., LANES)."""
    return np.ascontiguousarray(np.moveaxis(values.reshape(-1, LANES, *values.shape[1:]), 1, -1))
