"""What a stage brings when less of the work on it counts: the candidate, on the same luck, with effort held back."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from sim.decide.coverage.matrix import Arr
from sim.engine.draws import Draws
from sim.engine.forecast import CROSS_SELL, RETENTION, UPSELL
from sim.engine.run import Stage, edited
from sim.engine.state import response_of

_TASKS: dict[Arr, tuple[int, ...]] = {"renewals": (RETENTION,), "expansion": (UPSELL, CROSS_SELL)}


class Less(NamedTuple):
    """share: of the work on what a stage brings, a fraction that is lost from the first day on."""

    arr: Arr
    share: float


def with_less(stage: Stage, less: Less) -> Stage:
    """The stage where an hour of that work achieves less, and CSMs know it. What was usual stays what it was.

    First renewals: work before them, a unit of which counts what a unit of work on retention does (see `sim/roles`).
    """
    if less.arr == "first renewals":
        return replace(stage, draws=edited(stage.draws, partial(_unprepared, stage, less.share)))
    left = np.ones(stage.field.skill.shape[1])
    left[list(_TASKS[less.arr])] = 1.0 - less.share
    skill, newcomer = stage.field.skill * left, stage.field.newcomer * left
    for array in (skill, newcomer):
        array.setflags(write=False)
    return replace(stage, field=stage.field._replace(skill=skill, newcomer=newcomer))


def _unprepared(stage: Stage, share: float, draws: Draws) -> Draws:
    lost = share * stage.field.b * response_of(stage.field, draws)
    latent = draws.latent.copy()
    latent[:, stage.portfolio.first_renewals] -= lost[:, None].astype(np.float32)
    return draws._replace(latent=latent)
