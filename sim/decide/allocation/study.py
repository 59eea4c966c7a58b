"""The whole question: teams in and outside the simulation, the best split, what it gains, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.decide.allocation import returns
from sim.decide.allocation.allocate import Allocation, Limits, Team, allocate, arr_of, same_shares
from sim.decide.allocation.entered import Wishes
from sim.decide.allocation.groups import Grouping
from sim.decide.allocation.levels import Runs
from sim.decide.allocation.outside import assumed_curve
from sim.decide.allocation.returns import PAY, Envelope, Points, Worth, envelopes

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """What the simulation says of the teams within it, whatever is wished. halves: ARR of every second trial each, at
    the dollars of all, so that the same limits hold."""

    grouping: Grouping
    points: Points
    halves: tuple[Points, Points]
    today: Floats
    ote: Floats


def measured(runs: Runs, grouping: Grouping, today: Floats) -> Measured:
    """today: (n_csms,), incentive pay under the plan in force, USD a year."""
    n_trials = runs.pay.shape[-1]
    parts = [slice(0, None, 2), slice(1, None, 2)] if n_trials > 1 else [slice(None)] * 2
    points = returns.measure(runs, grouping)
    first, second = (returns.measure(runs, grouping, part).mean for part in parts)
    for half in (first, second):
        half[PAY] = points.mean[PAY]
    halves = replace(points, mean=first), replace(points, mean=second)
    return Measured(grouping, points, halves, grouping.added(today), grouping.added(runs.ote))


@dataclass(frozen=True)
class Study:
    """teams: those of the simulation first, then those outside it. curves: of the former, (S,).

    usual: (G,), today's shares of the same budget, the split that the best is compared with; USD a year.
    gain, error: ARR of the best over it, USD a year, and its standard error, which is that of the simulated teams.
    assumed: the part of the gain that comes from teams outside the simulation, which has no error.
    checked: the gain on trials that the split was not chosen on; chosen on the same luck, it looks better than it is.
    slope, slope_error: (G,), ARR of a team's next dollar, NaN at the end of what is known, and its error (0 where
    assumed).
    """

    teams: tuple[Team, ...]
    curves: tuple[Envelope, ...]
    limits: Limits
    best: Allocation
    usual: Floats
    gain: float
    error: float
    assumed: float
    checked: float
    slope: Floats
    slope_error: Floats

    @property
    def n_simulated(self) -> int:
        return len(self.curves)

    @property
    def flat(self) -> bool:
        """Whether pay buys nothing, in any team of the simulation."""
        return not any(np.ptp(team.arr) > 0.0 for team in self.teams[: self.n_simulated])

    @property
    def goes_anywhere(self) -> bool:
        """Whether pay buys anything, anywhere."""
        return any(np.ptp(team.arr) > 0.0 for team in self.teams)


def study(found: Measured, wishes: Wishes, budget: float) -> Study:
    """budget: incentive dollars a year of all teams. Raises InputError with limits that cannot hold together."""
    worth, limits = wishes.worth, wishes.limits(budget)
    curves = envelopes(found.points, worth)
    teams = teams_of(found, wishes, curves)
    best = allocate(teams, limits)
    usual = same_shares(teams, budget)
    simulated, weights = _gain(found.points, worth, curves, best.dollars, usual)
    outside = slice(len(curves), None)
    assumed = arr_of(teams[outside], best.dollars[outside]) - arr_of(teams[outside], usual[outside])
    slope, slope_error = _slopes(found.points, worth, curves, teams, best.dollars)
    return Study(
        teams=tuple(teams),
        curves=tuple(curves),
        limits=limits,
        best=best,
        usual=usual,
        gain=simulated + assumed,
        error=returns.error_of(found.points, weights),
        assumed=assumed,
        checked=_checked(found, wishes, limits) + assumed,
        slope=slope,
        slope_error=slope_error,
    )


def teams_of(found: Measured, wishes: Wishes, curves: list[Envelope]) -> list[Team]:
    """With floors and caps in dollars."""
    within = [
        Team(name, int(heads), float(today), curve.dollars, curve.arr, *wishes.bounds_of(name, float(ote)))
        for name, heads, today, ote, curve in zip(
            found.grouping.names, found.grouping.heads, found.today, found.ote, curves, strict=True
        )
    ]
    outside = [
        Team(one.name, one.heads, one.today, *assumed_curve(one), *((one.today, one.today) if one.held else bounds))
        for one in wishes.outside
        for bounds in [wishes.bounds_of(one.name, one.ote)]
    ]
    return within + outside


def _gain(points: Points, worth: Worth, curves: list[Envelope], best: Floats, usual: Floats) -> tuple[float, Floats]:
    """ARR of the simulated teams under one split over another, USD a year, and the weight of each mean in it."""
    total, weights = 0.0, np.zeros_like(points.mean)
    for place, curve in enumerate(curves):
        for sign, dollars in ((1.0, best[place]), (-1.0, usual[place])):
            arr, of_means = returns.read_at(points, worth, place, curve.corner, dollars)
            total, weights = total + sign * arr, weights + sign * of_means
    return total, weights


def _slopes(
    points: Points, worth: Worth, curves: list[Envelope], teams: list[Team], dollars: Floats
) -> tuple[Floats, Floats]:
    """ARR of the next dollar, (G,), NaN at the end of what is known, and its standard error."""
    slope, error = np.full(len(teams), np.nan), np.zeros(len(teams))
    for place, team in enumerate(teams):
        # A dollar short of a corner counts as there.
        piece = int(np.searchsorted(team.dollars, dollars[place] + 1.0, side="right")) - 1
        if not 0 <= piece < len(team.dollars) - 1:
            continue
        slope[place] = np.diff(team.arr)[piece] / np.diff(team.dollars)[piece]
        if place < len(curves):
            left, right = curves[place].corner[[piece, piece + 1]]
            error[place] = returns.error_of(points, returns.slope_weights(points, worth, place, left, right))
    return slope, error


def _checked(found: Measured, wishes: Wishes, limits: Limits) -> float:
    """The simulated teams' gain where each half of the trials tries what is best on the other, USD a year."""
    gains = []
    for chosen_on, tried_on in (found.halves, found.halves[::-1]):
        curves = envelopes(chosen_on, wishes.worth)
        teams = teams_of(found, wishes, curves)
        best = allocate(teams, limits).dollars
        usual = same_shares(teams, limits.budget)
        gains.append(_gain(tried_on, wishes.worth, curves, best, usual)[0])
    return float(np.mean(gains))
