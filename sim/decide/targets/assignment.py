"""Who owns which account: an assignment as an integer programme, with a bound that is proved for the whole of it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_array, csr_array, hstack, vstack

from sim.decide.targets.exchange import exchange

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

START_WITH = 4
"""CSMs that each account may go to at first, besides its owner and one in turn; prices bring in all that could help."""
FRESH = 3
"""Columns that an account brings in at a time."""
WAYS = (0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
"""Steps tried from the best prices so far towards the newest, which swing (stabilised column generation)."""
CLOSE = 1e-3
"""Share of the improvement over today within which the bound is settled."""
MOST_COLUMNS = 4000
"""Up to so many columns HiGHS looks for an integer solution of its own as well."""
MILP_SHARE = 0.4
"""Of the seconds, for that."""
PASSES = 20
EXACT = 1e-7


@dataclass(frozen=True)
class Sharing:
    """An assignment to be found. A = n_accounts, C = n_csms, D = loads that are balanced.

    owner: (A,), today's. value: (A, C), what the account is worth with each CSM, USD; a hand-over's loss is in it.
    loads: (D, A), each in units of a CSM's fair share. low, high: (D, C), the band that is free of penalty.
    penalty: USD for each fair share outside the band. most_moved: accounts that may change hands.
    Every CSM keeps at least one account.
    """

    owner: Ints
    value: Floats
    loads: Floats
    low: Floats
    high: Floats
    penalty: float
    most_moved: int


@dataclass(frozen=True)
class Assignment:
    """csm: (A,), the new owner. worth, start: USD, of it and of today's. bound: no assignment is worth more."""

    csm: Ints
    worth: float
    start: float
    bound: float

    @property
    def gap(self) -> float:
        """Share of the improvement over today that might still be had; 0 is proved best."""
        possible = self.bound - self.start
        return max(self.bound - self.worth, 0.0) / possible if possible > EXACT else 0.0


def worth(sharing: Sharing, csm: Ints) -> float:
    """USD: the value of an assignment (A,) less the penalties for loads outside their bands."""
    value = sharing.value[np.arange(len(csm)), csm].sum()
    carried = carried_loads(sharing.loads, csm, sharing.value.shape[1])
    outside = np.maximum(carried - sharing.high, 0.0) + np.maximum(sharing.low - carried, 0.0)
    return float(value - sharing.penalty * outside.sum())


def carried_loads(loads: Floats, csm: Ints, n_csms: int) -> Floats:
    """Sum over each CSM's accounts: (D, A) -> (D, C)."""
    return np.stack([np.bincount(csm, weights=load, minlength=n_csms) for load in loads])


def solve(sharing: Sharing, seconds: float = 20.0) -> Assignment:
    """The best assignment found within about `seconds`, and a bound on what any could be worth.

    The linear relaxation is solved over some columns (account, CSM). Its prices bound the WHOLE problem, all columns
    included, by Lagrange; columns that look better at these prices come in until the bound meets the relaxation. The
    relaxation is rounded and improved by exchanges, and where there are few columns HiGHS branches and cuts too.
    """
    began, start = time.monotonic(), worth(sharing, sharing.owner)
    account, csm = _first_columns(sharing)
    nothing = np.zeros(sharing.low.shape)
    prices = _Prices(nothing, nothing, np.zeros(sharing.value.shape[1]), 0.0)
    bound = _upper(sharing, prices, _gains(sharing, prices))
    while True:
        round_began = time.monotonic()
        value, taken, newest = _relaxation(sharing, account, csm)
        tried = [prices.between(newest, way) for way in WAYS]
        bounds = [_upper(sharing, at, _gains(sharing, at)) for at in tried]
        best = int(np.argmin(bounds))
        if bounds[best] < bound:
            bound, prices = bounds[best], tried[best]
        now = time.monotonic()
        settled = bound - value <= CLOSE * max(bound - start, 0.0)
        if settled or now + 1.5 * (now - round_began) > began + (1.0 - MILP_SHARE) * seconds:
            break
        more = [_helpful(_gains(sharing, at), account, csm) for at in (prices, newest)]
        pairs = np.unique(np.concatenate([np.stack(columns) for columns in more], axis=1), axis=1)
        if not pairs.shape[1]:
            break
        account, csm = np.concatenate([account, pairs[0]]), np.concatenate([csm, pairs[1]])
    found = _exchanged(sharing, _rounded(sharing, account, csm, taken))
    if worth(sharing, found) < start:
        found = sharing.owner
    if len(account) <= MOST_COLUMNS and bound > worth(sharing, found) + EXACT * abs(bound):
        found = _exchanged(sharing, _integer(sharing, account, csm, found, MILP_SHARE * seconds))
    reached = worth(sharing, found)
    return Assignment(found, reached, start, max(bound, reached))


def _first_columns(sharing: Sharing) -> tuple[Ints, Ints]:
    """Each account with its owner and with the CSMs of whom it is worth most."""
    n_accounts, n_csms = sharing.value.shape
    best = np.argsort(-sharing.value, axis=1, kind="stable")[:, : min(START_WITH, n_csms)]
    chosen = np.zeros((n_accounts, n_csms), dtype=bool)
    np.put_along_axis(chosen, best, True, axis=1)
    # The best for one are the best for all: others must be there too, in turns, to share the load.
    chosen[np.arange(n_accounts), np.arange(n_accounts) % n_csms] = True
    chosen[np.arange(n_accounts), sharing.owner] = True
    account, csm = np.nonzero(chosen)
    return account, csm


def _rows(sharing: Sharing, account: Ints, csm: Ints) -> tuple[csr_array, Floats, csr_array]:
    """Inequalities over columns and slacks, their right-hand side, and the equality "each account has one CSM".

    Inequalities: load less slack <= high, and -load less slack <= -low, (D, C) each; CSMs with an account; hand-overs.
    """
    n_loads, n_csms = sharing.low.shape
    n, n_pairs = len(account), n_loads * n_csms
    every = np.arange(n)
    row = (np.arange(n_loads)[:, None] * n_csms + csm).ravel()
    column = np.tile(every, n_loads)
    load = sharing.loads[:, account].ravel()
    carried = coo_array((load, (row, column)), shape=(n_pairs, n))
    kept = coo_array((-np.ones(n), (csm, every)), shape=(n_csms, n))
    moved = (csm != sharing.owner[account]).astype(np.float64)
    moves = coo_array((moved, (np.zeros(n, dtype=np.int64), every)), shape=(1, n))
    slack = coo_array((-np.ones(2 * n_pairs), (np.arange(2 * n_pairs), np.arange(2 * n_pairs))))
    blank = coo_array((n_csms + 1, 2 * n_pairs))
    left = vstack([carried, -carried, kept, moves])
    matrix = hstack([left, vstack([slack, blank])], format="csr")
    limit = np.concatenate([sharing.high.ravel(), -sharing.low.ravel(), -np.ones(n_csms), [float(sharing.most_moved)]])
    one = coo_array((np.ones(n), (account, every)), shape=(len(sharing.owner), n + 2 * n_pairs)).tocsr()
    return matrix, limit, one


class _Prices(NamedTuple):
    """What the relaxation pays for its limits, USD, all from zero up; (D, C), (D, C), (C,), scalar."""

    high: Floats
    low: Floats
    kept: Floats
    moves: float

    def between(self, other: _Prices, way: float) -> _Prices:
        """On the way to others: 0 is here, 1 there."""
        return _Prices(
            self.high + way * (other.high - self.high),
            self.low + way * (other.low - self.low),
            self.kept + way * (other.kept - self.kept),
            self.moves + way * (other.moves - self.moves),
        )


def _gains(sharing: Sharing, prices: _Prices) -> Floats:
    """What each account is worth with each CSM after paying those prices: (A, C)."""
    moved = np.arange(sharing.value.shape[1]) != sharing.owner[:, None]
    gains: Floats = sharing.value - sharing.loads.T @ (prices.high - prices.low) + prices.kept - prices.moves * moved
    return gains


def _upper(sharing: Sharing, prices: _Prices, gains: Floats) -> float:
    """No assignment is worth more (Lagrange: every account chooses freely at these prices, limits are paid for).

    Holds for any prices from zero up with those of the bands at most the penalty, over ALL accounts and CSMs.
    """
    limits = (prices.high * sharing.high).sum() - (prices.low * sharing.low).sum() - prices.kept.sum()
    return float(gains.max(axis=1).sum() + limits + prices.moves * sharing.most_moved)


def _relaxation(sharing: Sharing, account: Ints, csm: Ints) -> tuple[float, Floats, _Prices]:
    """The linear programme over some columns: its value, how much of each column it takes, and its prices."""
    matrix, limit, one = _rows(sharing, account, csm)
    n, n_slacks = len(account), matrix.shape[1] - len(account)
    cost = np.concatenate([-sharing.value[account, csm], np.full(n_slacks, sharing.penalty)])
    right = np.ones(len(sharing.owner))
    solved = linprog(cost, matrix, limit, one, right, method="highs-ipm")  # type: ignore[call-overload]  # takes sparse
    n_loads, n_csms = sharing.low.shape
    dual = np.maximum(-solved.ineqlin.marginals, 0.0)
    bands = np.minimum(dual[: 2 * n_loads * n_csms], sharing.penalty).reshape(2, n_loads, n_csms)
    prices = _Prices(bands[0], bands[1], dual[2 * n_loads * n_csms : -1], float(dual[-1]))
    return float(-solved.fun), solved.x[:n], prices


def _helpful(gains: Floats, account: Ints, csm: Ints) -> tuple[Ints, Ints]:
    """Columns not there yet that are better at these prices than all that are: at most a few for each account."""
    there = np.full(gains.shape, False)
    there[account, csm] = True
    have = np.where(there, gains, -np.inf).max(axis=1)
    candidates = np.where(there, -np.inf, gains)
    best = np.argsort(-candidates, axis=1, kind="stable")[:, :FRESH]
    row = np.repeat(np.arange(len(gains)), best.shape[1])
    column = best.ravel()
    useful = candidates[row, column] > have[row] + 1e-6
    return row[useful], column[useful]


def _rounded(sharing: Sharing, account: Ints, csm: Ints, taken: Floats) -> Ints:
    """Each account to the CSM with most of it; if too many change hands, the least wanted moves go back."""
    n_accounts = len(sharing.owner)
    share = np.zeros(sharing.value.shape)
    share[account, csm] = taken
    found: Ints = share.argmax(axis=1).astype(np.int64)
    every = np.arange(n_accounts)
    wanted = share[every, found] - share[every, sharing.owner]
    moved = np.flatnonzero(found != sharing.owner)
    back = moved[np.argsort(wanted[moved], kind="stable")][: max(len(moved) - sharing.most_moved, 0)]
    found[back] = sharing.owner[back]
    # Nobody is left without accounts.
    idle = np.setdiff1d(np.arange(sharing.value.shape[1]), found)
    for csm_without in idle:
        found[sharing.owner == csm_without] = csm_without
    return found


def _integer(sharing: Sharing, account: Ints, csm: Ints, fixed: Ints, seconds: float) -> Ints:
    """The best assignment that HiGHS finds in these columns within the time; `fixed` (A,) where it finds none."""
    matrix, limit, one = _rows(sharing, account, csm)
    n, n_slacks = len(account), matrix.shape[1] - len(account)
    cost = np.concatenate([-sharing.value[account, csm], np.full(n_slacks, sharing.penalty)])
    solved = milp(
        cost,
        constraints=[LinearConstraint(matrix, -np.inf, limit), LinearConstraint(one, 1.0, 1.0)],
        integrality=np.repeat([1, 0], [n, n_slacks]),
        bounds=Bounds(0.0, np.repeat([1.0, np.inf], [n, n_slacks])),
        options={"time_limit": seconds, "mip_rel_gap": 1e-5},
    )
    found = fixed.copy()
    if solved.x is not None:
        taken = solved.x[:n] > 0.5
        found[account[taken]] = csm[taken]
    return found if worth(sharing, found) > worth(sharing, fixed) else fixed


def _exchanged(sharing: Sharing, found: Ints) -> Ints:
    """Improved by moves and swaps; never worse."""
    better = found.copy()
    exchange(
        better,
        sharing.owner,
        sharing.value,
        sharing.loads,
        sharing.low,
        sharing.high,
        sharing.penalty,
        sharing.most_moved,
        PASSES,
    )
    return better
