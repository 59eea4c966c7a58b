"""The same book in the hands of an average team: what somebody else would have made of each CSM's accounts.

The renewal probabilities of a book already hold what today's owner does (the anchor), so setting skills to one is not
enough: the anchor stays with the CSM who is there, and the average colleague is measured against it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sim.engine.forecast import CROSS_SELL, KPI, N_TASKS, RETENTION, UPSELL
from sim.engine.run import Stage
from sim.engine.state import TRAINING

Floats = NDArray[np.float64]


def equal_skill(stage: Stage) -> Stage:
    """Everybody has average skill and chooses effort freely; same accounts, luck, quotas and anchor."""
    ones = np.ones_like(stage.portfolio.skill)
    ones.setflags(write=False)
    team = stage.portfolio.book.team
    one = np.ones(len(team))
    average = replace(team, skill_retention=one, skill_upsell=one, skill_cross_sell=one)
    book = replace(stage.portfolio.book, team=average)
    return replace(
        stage,
        portfolio=replace(stage.portfolio, book=book, skill=ones),
        field=stage.field._replace(skill=ones),
    )


def same_effort(stage: Stage, effort: Floats) -> Stage:
    """Everybody's customers get the same productive effort, whatever the plan pays: response and skill are off.

    effort: (n_months, n_tasks). Nobody chooses any effort (its upper bound is zero); the anchor is moved so that the
    difference from it is that of `effort`: A - e for renewals and KPIs, and ((1 + kappa A) / (1 + kappa e) - 1) / kappa
    for deals, where the kernel divides. Exact, except that where the response itself is drawn, deals follow to first
    order. Training, which moves later renewals a little, is left as it is under the plan in force.
    """
    if effort.shape != (stage.portfolio.n_months, N_TASKS):
        raise ValueError(f"effort must have shape (n_months, n_tasks) (got {effort.shape})")
    anchor = stage.anchor.copy()
    kappa = stage.world.kappa_expansion
    for task in (RETENTION, KPI):
        anchor[..., task] -= effort[:, task]
    for task in (UPSELL, CROSS_SELL):
        lift = (1.0 + kappa * anchor[..., task]) / (1.0 + kappa * effort[:, task])
        anchor[..., task] = (lift - 1.0) / kappa if kappa > 0.0 else 0.0
    anchor[..., TRAINING] = 0.0
    anchor.setflags(write=False)
    return replace(stage, anchor=anchor, field=stage.field._replace(effort_max=0.0))
