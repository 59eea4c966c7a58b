"""Incentive dollars to teams by marginal return, under a budget, floors, caps and fairness: a linear programme.

    maximise  sum_g r_g(x_g)   subject to   sum_g x_g <= budget,  floor_g <= x_g <= cap_g,
                                            x_g >= (1 - most_loss) today_g,   x_g / n_g <= most_ratio x_h / n_h

Each r_g is concave and made of straight pieces, so a piece is only used when those before it are full, and the optimum
of the linear programme (HiGHS) is the optimum of the question.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from sim.problems import InputError, Problem
from sim.words import money, percent

Floats = NDArray[np.float64]

NOTHING = 1e-6
"""ARR a dollar below which a dollar is not spent: of all splits that bring the same, the cheapest is wanted."""
STEP = 1e-4
"""Share of the budget that stands for the next dollar."""
BUDGET, FLOOR, CAP, LOSS, RATIO = "budget", "floor", "cap", "loss", "ratio"


@dataclass(frozen=True)
class Team:
    """dollars, arr: (K,), concave: ARR that incentive dollars gain over none; today: what it gets now. USD a year.

    floor, cap: USD a year; a cap beyond the last of ``dollars`` is one there: nothing is known of what lies behind.
    """

    name: str
    heads: int
    today: float
    dollars: Floats
    arr: Floats
    floor: float = 0.0
    cap: float = np.inf

    @property
    def reach(self) -> float:
        return min(self.cap, float(self.dollars[-1]))


@dataclass(frozen=True)
class Limits:
    """budget: USD a year. most_loss: share of today's dollars that a team may lose; 1 is no limit. most_ratio: of
    dollars a head between any two teams; infinite is no limit."""

    budget: float
    most_loss: float = 1.0
    most_ratio: float = np.inf


@dataclass(frozen=True)
class Price:
    """What one dollar of a limit is worth: ARR, USD a year, that a loosening by a dollar would bring. team: its place,
    -1 for the budget and for the ratio (there: a dollar a head)."""

    kind: str
    team: int
    worth: float


@dataclass(frozen=True)
class Allocation:
    """dollars: (G,), USD a year. arr: USD a year of all teams. next_dollar: what one more dollar of budget brings, and
    goes_to: (G,), how it is shared out. prices: of the limits that bind, the budget's apart, dearest first."""

    dollars: Floats
    arr: float
    next_dollar: float
    goes_to: Floats
    prices: tuple[Price, ...]


@dataclass(frozen=True)
class _Rows:
    """matrix (R, n) x <= limit (R,) over the pieces of all teams and the least dollars a head."""

    matrix: Floats
    limit: Floats
    kind: tuple[str, ...]
    team: tuple[int, ...]


def allocate(teams: list[Team], limits: Limits) -> Allocation:
    """The best split. Raises InputError with the limits that cannot hold together."""
    rows = _rows(teams, limits)
    best = _solve(teams, rows)
    if best is None:
        raise InputError([_clash(teams, limits, rows)])
    # At a corner of a curve the last dollar and the next are worth different things: the price of the next is wanted.
    step = STEP * max(limits.budget, 1.0)
    more = _solve(teams, _rows(teams, replace(limits, budget=limits.budget + step))) or best
    next_dollar = float(more.price[0])
    goes_to = np.round((more.dollars - best.dollars) / step, 6) if next_dollar > 0.0 else np.zeros(len(teams))
    bound = zip(rows.kind, rows.team, best.price, strict=True)
    prices = [Price(kind, team, float(price)) for kind, team, price in bound if kind != BUDGET and price > 0.0]
    dearest = tuple(sorted(prices, key=lambda one: -one.worth))
    return Allocation(best.dollars, arr_of(teams, best.dollars), next_dollar, goes_to, dearest)


def arr_of(teams: list[Team], dollars: Floats) -> float:
    """ARR that the teams gain at those dollars (G,), USD a year."""
    return float(sum(np.interp(x, team.dollars, team.arr) for team, x in zip(teams, dollars, strict=True)))


def same_shares(teams: list[Team], budget: float) -> Floats:
    """Today's shares of another budget, each within what is known of the team: (G,), USD a year. Where nobody gets
    anything today, the same a head."""
    today = np.array([team.today for team in teams])
    share = today if today.sum() > 0.0 else np.array([float(team.heads) for team in teams])
    least, most = (np.array([team.dollars[end] for team in teams]) for end in (0, -1))
    within: Floats = np.clip(share * (budget / share.sum()), least, most)
    return within


# --- the linear programme -----------------------------------------------------------------------------------------


def _pieces(teams: list[Team]) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Length, ARR a dollar and team of each straight piece: (N,) each."""
    length = np.concatenate([np.diff(team.dollars) for team in teams])
    slope = np.concatenate([np.diff(team.arr) for team in teams]) / length
    return length, slope, np.repeat(np.arange(len(teams)), [len(team.dollars) - 1 for team in teams])


def _rows(teams: list[Team], limits: Limits) -> _Rows:
    _, _, owner = _pieces(teams)
    n, start = len(teams), np.array([team.dollars[0] for team in teams])
    each = (owner == np.arange(n)[:, None]).astype(np.float64)  # (G, N): a team's dollars beyond its start
    heads = np.array([float(team.heads) for team in teams])
    least = np.array([(1.0 - limits.most_loss) * team.today for team in teams])
    groups = [
        (BUDGET, each.sum(axis=0, keepdims=True), 0.0, np.array([limits.budget - start.sum()])),
        (FLOOR, -each, 0.0, start - np.array([team.floor for team in teams])),
        (CAP, each, 0.0, np.array([team.reach for team in teams]) - start),
        (LOSS, -each, 0.0, start - least),
    ]
    if np.isfinite(limits.most_ratio):  # the least dollars a head, u: u <= x/n <= ratio u
        groups += [
            (RATIO, -each / heads[:, None], 1.0, start / heads),
            (RATIO, each / heads[:, None], -limits.most_ratio, -start / heads),
        ]
    return _Rows(
        np.concatenate([np.column_stack([matrix, np.full(len(matrix), u)]) for _, matrix, u, _ in groups]),
        np.concatenate([limit for *_, limit in groups]),
        tuple(kind for kind, matrix, *_ in groups for _ in matrix),
        tuple(
            place if kind in (FLOOR, CAP, LOSS) else -1 for kind, matrix, *_ in groups for place in range(len(matrix))
        ),
    )


class _Optimum(NamedTuple):
    """dollars: (G,). price: (R,), what loosening each row by one would bring."""

    dollars: Floats
    price: Floats


def _solve(teams: list[Team], rows: _Rows) -> _Optimum | None:
    """None when the rows cannot hold together."""
    _, slope, owner = _pieces(teams)
    worth = np.append(slope - NOTHING, 0.0)
    solved = linprog(-worth, rows.matrix, rows.limit, bounds=_bounds(teams))
    if solved.x is None:
        return None
    start = np.array([team.dollars[0] for team in teams])
    price = np.where(-solved.ineqlin.marginals > 2.0 * NOTHING, -solved.ineqlin.marginals, 0.0)
    return _Optimum(start + np.bincount(owner, weights=solved.x[:-1], minlength=len(teams)), price)


def _bounds(teams: list[Team]) -> list[tuple[float, float]]:
    """Of each piece and of the least dollars a head. The last piece of a team ends where the row of its cap says so:
    that can be named in a clash."""
    length, _, owner = _pieces(teams)
    last = np.append(owner[1:] != owner[:-1], True)[: len(owner)]
    return [(0.0, float(most)) for most in np.append(np.where(last, np.inf, length), np.inf)]


# --- limits that cannot hold together -----------------------------------------------------------------------------


def _clash(teams: list[Team], limits: Limits, rows: _Rows) -> Problem:
    """A smallest set of limits that clash: each of them left out, the others can hold."""
    label = list(zip(rows.kind, rows.team, strict=True))
    needed = list(dict.fromkeys(label))
    bounds = _bounds(teams)
    for one in list(needed):
        others = [other for other in needed if other != one]
        kept = np.array([of in others for of in label])
        if not kept.any():
            continue
        tried = linprog(np.zeros(len(bounds)), rows.matrix[kept], rows.limit[kept], bounds=bounds)
        if not tried.success:
            needed = others
    said = [_said(teams, limits, kind, team) for kind, team in needed]
    named = f"{', '.join(said[:-1])} and {said[-1]}" if len(said) > 1 else said[0]
    rule = f"cannot hold together: {named}; ease one of them, or enter another budget"
    return Problem("limits", "", rule)


def _said(teams: list[Team], limits: Limits, kind: str, place: int) -> str:
    if kind == BUDGET:
        return f"the budget of {money(limits.budget)}"
    if kind == RATIO:
        return f"at most {limits.most_ratio:g} times as much a head in one team as in another"
    team = teams[place]
    if kind == FLOOR:
        return f"the floor of {team.name} ({money(team.floor)})"
    if kind == CAP and team.cap <= team.dollars[-1]:
        return f"the cap of {team.name} ({money(team.cap)})"
    if kind == CAP:
        return f"the most that was tried for {team.name} ({money(team.reach)})"
    return f"at least {percent(1.0 - limits.most_loss, 0)} of today's {money(team.today)} for {team.name}"
