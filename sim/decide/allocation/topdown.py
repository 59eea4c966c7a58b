"""From the budget of all post-purchase teams down to their incentive dollars, or back up; USD a year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim.decide.allocation.outside import Outside
from sim.problems import InputError, Problem
from sim.words import money


@dataclass(frozen=True)
class Split:
    """total = within + outside + incentive + on_cost, USD a year.

    within: base pay of the simulated CSMs with on-cost, and the cost of replacing leavers. outside: base pay of the
    other teams with on-cost. incentive: what is to be allocated. on_cost: employer's, on the incentive dollars.
    """

    within: float
    outside: float
    incentive: float
    on_cost: float

    @property
    def total(self) -> float:
        return self.within + self.outside + self.incentive + self.on_cost


def from_incentive(incentive: float, within: float, outside: Sequence[Outside], on_cost: float) -> Split:
    """The budget that so many incentive dollars belong to. on_cost: employer's, as a fraction of pay.

    Raises InputError unless there is something to allocate.
    """
    base = (1.0 + on_cost) * sum(team.ote - team.today for team in outside)
    if not incentive > 0.0:
        raise InputError([Problem("incentive budget", money(incentive), "must be above zero")])
    return Split(within, base, incentive, on_cost * incentive)


def from_total(total: float, within: float, outside: Sequence[Outside], on_cost: float) -> Split:
    """What a budget leaves for incentives once base pay is paid. Raises InputError when that is nothing."""
    base = (1.0 + on_cost) * sum(team.ote - team.today for team in outside)
    left = (total - within - base) / (1.0 + on_cost)
    if not left > 0.0:
        rule = (
            f"must be more than the base pay of all teams with its on-cost, {money(within + base)} a year; lower the "
            "margin or the other costs"
        )
        raise InputError([Problem("budget", money(total), rule)])
    return from_incentive(left, within, outside, on_cost)


def split_sentence(split: Split) -> str:
    """The split in words."""
    return (
        f"{money(split.incentive)} a year of incentives to allocate, out of {money(split.total)} for all teams: "
        f"{money(split.within)} base pay of the CSMs with on-cost and replacing leavers, {money(split.outside)} base "
        f"pay of the teams outside the simulation, {money(split.on_cost)} on-cost of the incentives."
    )
