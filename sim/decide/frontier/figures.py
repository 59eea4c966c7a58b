"""What a plan is judged by: cost in a bad year, ARR kept, and pay that hangs on the book one was given.

Fairness here is a difference between equals. Everybody gets average skill, keeps the own book and answers the plan
freely; what expected pay still differs by is what the books decide. The measure is its Gini coefficient, told as the
gap between two CSMs picked at random, which is twice the coefficient (Gini 1912; Yitzhaki & Schechtman 2013, ch. 2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.decide.conduct.spread import gini
from sim.decide.targets.average_team import equal_skill
from sim.engine.outcome import Outcome
from sim.engine.run import Stage, simulate
from sim.plan.schema import Plan
from sim.problems import InputError
from sim.runs.setting import Setting, stage_at

Floats = NDArray[np.float64]


ROOM, ROUND_TO = 1.05, 10_000.0
"""Of the usual budget: above a bad year under the plan in force; USD."""


class Figures(NamedTuple):
    """Of one plan, over the horizon.

    cost_p90: USD, plan cost that one trial in ten exceeds. retained_arr: USD a year, expected. pay_gap: by how much
    the expected pay of two CSMs of equal skill differs, as a fraction of the mean pay. over: P(plan cost > budget).
    """

    cost_p90: float
    retained_arr: float
    pay_gap: float
    over: float


class Limit(NamedTuple):
    """budget: USD over the horizon. most_over: the largest P(over budget) that is accepted."""

    budget: float
    most_over: float

    def excess(self, figures: Figures) -> float:
        """How far P(over budget) is beyond the limit; 0 within it."""
        return max(0.0, figures.over - self.most_over)


def usual_limit(cost_now: Floats) -> Limit:
    """Not over budget in nine trials of ten, with a budget of 5 % above what the plan in force costs in a bad year.

    cost_now: (n_trials,), USD.
    """
    bad_year = float(np.quantile(cost_now, 0.9))
    return Limit(float(np.ceil(ROOM * bad_year / ROUND_TO) * ROUND_TO), 0.10)


class Tried(NamedTuple):
    """A plan that the search has looked at."""

    plan: Plan
    figures: Figures


@dataclass(frozen=True, eq=False)
class Glimpse:
    """What a screening has come to so far.

    tries: plans looked at. tried: the different ones among them that can be run. now: the plan in force on that luck.
    """

    tries: int
    tried: tuple[Tried, ...]
    now: Figures


@dataclass(frozen=True, eq=False)
class Assessed:
    """A plan's figures, and by trial (n_trials,) its cost, USD, and retained ARR, USD a year: to be paired."""

    figures: Figures
    cost: Floats
    retained: Floats


def figures_of(outcome: Outcome, at_equal_skill: Outcome, budget: float) -> Figures:
    """From a plan's outcome, and its outcome in the hands of a team of equals."""
    equals = at_equal_skill
    pay = equals.csm_base + equals.csm_pay.mean(axis=1, dtype=np.float64)
    # On-target earnings are what people were hired at; the plan decides what share of them arrives.
    share = pay / (equals.csm_base + equals.csm_target)
    return Figures(
        cost_p90=float(np.quantile(outcome.plan_cost, 0.9)),
        retained_arr=float(outcome.retained_arr.mean()),
        pay_gap=2.0 * gini(share[:, None]),
        over=float(np.mean(outcome.plan_cost > budget)),
    )


def run_at(stage: Stage, budget: float, plan: Plan) -> Assessed:
    """A plan on a stage. Raises InputError when a quota cannot be set for this book."""
    outcome, equals = simulate(stage, plan), simulate(equal_skill(stage), plan)
    return Assessed(figures_of(outcome, equals, budget), outcome.plan_cost, outcome.retained_arr)


def assess(setting: Setting, budget: float, plan: Plan) -> Assessed | None:
    """A plan in a setting; None when a quota cannot be set for this book."""
    stage = stage_at(setting)
    try:
        return run_at(stage, budget, plan)
    except InputError:
        return None


def judge(setting: Setting, budget: float, plan: Plan) -> Figures | None:
    """As ``assess``, the figures only."""
    found = assess(setting, budget, plan)
    return found.figures if found else None
