"""What a good assignment is: skill where it is worth most, even loads, few hand-overs; as numbers for the solver."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.decide.targets.assignment import Sharing
from sim.decide.targets.hours import Hours, by_account, hours_needed
from sim.engine.compile import log_odds_per_effort
from sim.engine.forecast import CROSS_SELL, RETENTION, UPSELL
from sim.engine.run import Stage

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LOADS = ("Accounts", "ARR", "ARR at risk", "Due in Q1", "Due in Q2", "Due in Q3", "Due in Q4", "Expansion", "Hours")
"""Expansion, what the book is expected to buy, is there because where quotas are
flat, uneven white space alone moves effort."""
POINT = 0.001
"""A percentage point outside the band counts as this share of a fair book's ARR: judgement; it only ranks."""


@dataclass(frozen=True)
class Wishes:
    """What the user asks for.

    band: how far a CSM's load may be from the fair share, as a fraction of it. most_moved: share of the accounts that
    may change hands. handover: log-odds of renewal that a hand-over costs (judgement: a sixth of what the simulator
    assumes for an account that loses its CSM altogether).
    """

    band: float = 0.20
    most_moved: float = 0.10
    handover: float = 0.05


def account_loads(stage: Stage, hours: Hours) -> Floats:
    """The loads of each account in its own unit: (9, n_accounts), in the order of the book."""
    portfolio, year = stage.portfolio, slice(0, 12)
    forecast = by_account(portfolio, stage.world)
    due = forecast.due[:, year]
    quarters = [due[:, 3 * q : 3 * q + 3].sum(axis=1) for q in range(4)]
    loads = np.stack(
        [
            np.ones(portfolio.n_accounts),
            portfolio.arr,
            forecast.loss[:, year].sum(axis=1),
            *quarters,
            (forecast.upsell + forecast.cross_sell)[:, year].sum(axis=1),
            hours_needed(portfolio, stage.world, hours)[:, year].sum(axis=(1, 2)),
        ]
    )
    return in_book_order(stage, loads)


def in_book_order(stage: Stage, values: Floats) -> Floats:
    """From the order of the engine to that of the book, last axis accounts."""
    ordered = np.empty_like(values)
    ordered[..., stage.portfolio.order] = values
    return ordered


def account_value(stage: Stage, wishes: Wishes) -> Floats:
    """USD a year of ARR that each account is expected to bring with each CSM's skill, less a hand-over's loss: (A, C).

    To first order what the simulator would find: ARR kept for each unit of log-odds times what the team's mean effort
    adds at this skill, and bookings likewise. Effort is the team's mean today for a unit of skill.
    """
    portfolio, world = stage.portfolio, stage.world
    forecast = by_account(portfolio, world)
    skill = portfolio.skill
    effort = stage.anchor[..., :4].mean(axis=(0, 1)) / np.maximum(skill.mean(axis=0), 1e-9)
    sway = forecast.sway.sum(axis=1)
    worth = {
        RETENTION: log_odds_per_effort(world) * sway,
        UPSELL: world.kappa_expansion * forecast.upsell.sum(axis=1),
        CROSS_SELL: world.kappa_expansion * forecast.cross_sell.sum(axis=1),
    }
    value = np.zeros((portfolio.n_accounts, portfolio.n_csms))
    for task, gain in worth.items():
        value += gain[:, None] * (effort[task] * skill[:, task])
    owner = portfolio.book.csm[portfolio.order]
    moved = np.arange(portfolio.n_csms) != owner[:, None]
    value -= wishes.handover * sway[:, None] * moved
    return in_book_order(stage, value.T).T


def sharing(stage: Stage, wishes: Wishes, hours: Hours) -> Sharing:
    """The integer programme of this book. Loads of which there is nothing (no renewal due in a quarter) drop out."""
    loads = account_loads(stage, hours)
    n_csms = stage.portfolio.n_csms
    fair = loads.sum(axis=1) / n_csms
    there = fair > 0.0
    scaled = loads[there] / fair[there][:, None]
    shape = (int(there.sum()), n_csms)
    high = np.full(shape, 1.0 + wishes.band)
    # Nobody can work more hours than there are, whatever is fair: the most that is free of penalty.
    capacity = hours.per_csm / fair[-1] if there[-1] else np.inf
    high[-1] = np.minimum(high[-1], max(capacity, 1.0))
    return Sharing(
        owner=stage.portfolio.book.csm,
        value=account_value(stage, wishes),
        loads=scaled,
        low=np.full(shape, 1.0 - wishes.band),
        high=high,
        penalty=100.0 * POINT * stage.portfolio.opening_arr / n_csms,
        most_moved=round(wishes.most_moved * len(stage.portfolio.book)),
    )
