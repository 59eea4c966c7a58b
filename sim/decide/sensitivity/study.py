"""The runs behind the page, spread over an executor, each answer told as it grows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.decide.choice.criterion import CRITERIA, Criterion
from sim.decide.sensitivity.design import Design, screened, worlds_of
from sim.decide.sensitivity.ranges import Range
from sim.decide.sensitivity.tornado import Bar, End, bars, ends, moved
from sim.decide.sensitivity.worlds import Case, Change, changes, joined, only
from sim.engine.philox import LANES
from sim.engine.run import ANCHOR_BLOCKS
from sim.plan.schema import Plan
from sim.runs.setting import Setting
from sim.runs.spread import spread
from sim.world.parameters import World, world_preset

Floats = NDArray[np.float64]

SAMPLE_TRIALS = ANCHOR_BLOCKS * LANES
"""Trials in each world of a sample, as many as its anchor takes: luck is the same in all, so few tell worlds apart."""
APART = ("retained_arr", "closing_arr", "cost")
ROW = ("sceptic", "base", "optimistic", "mixed")

Ends = Mapping[End, Change]


def variants(world: World) -> dict[str, World]:
    """The shipped responses to pay, in the order of ROW; all that they do not speak of is as in ``world``."""
    presets = {name: world_preset(name).model_dump() for name in ROW}
    spoken = [name for name in World.model_fields if len({preset[name] for preset in presets.values()}) > 1]
    return {name: world.changed({field: preset[field] for field in spoken}) for name, preset in presets.items()}


def side_by_side(executor: Executor, setting: Setting, plan: Plan) -> dict[str, Change]:
    """The paired difference in each of the shipped worlds, (n_trials,) each. Raises InputError."""
    worlds = variants(setting.world)
    found = spread(executor, changes, [Case(setting, plan, (world,)) for world in worlds.values()])
    return {name: only(change) for name, change in zip(worlds, found, strict=True)}


def one_by_one(
    executor: Executor,
    setting: Setting,
    plan: Plan,
    ranges: Sequence[Range],
    told: Callable[[float, Ends], None],
) -> Ends:
    """The paired difference at each end of each range, (n_trials,) each. Raises InputError.

    told: the share done and what is there so far.
    """
    tasks = ends(setting.world, ranges)
    found: dict[End, Change] = {}

    def done(place: int, change: Change) -> None:
        found[tasks[place]] = only(change)
        told(len(found) / len(tasks), dict(found))

    cases = [Case(setting, plan, (moved(setting.world, end),)) for end in tasks]
    return dict(zip(tasks, map(only, spread(executor, changes, cases, done)), strict=True))


def tornado(world: World, ranges: Sequence[Range], found: Ends, criterion: Criterion, worth: float) -> list[Bar]:
    """The bars of a conclusion, from the ends that have been run."""
    return bars(world, ranges, {end: criterion.figure(change, worth) for end, change in found.items()})


def proposed(world: World, ranges: Sequence[Range], found: Ends) -> tuple[Range, ...]:
    """The assumptions worth varying together, whatever the conclusion and the worth of ARR: ARR and cost apart."""
    return screened([tornado(world, ranges, found, CRITERIA[name], 0.0) for name in APART], ranges)


class Sample(NamedTuple):
    """Worlds that have been simulated: the first rows of a design, and the paired difference in each of their worlds.

    found: of each row, (n_varied + 2, n_trials).
    """

    design: Design
    found: tuple[Change, ...]

    @property
    def points(self) -> Floats:
        """(n_rows, n_a_row, n_varied), values of the assumptions."""
        return self.design.points[: len(self.found)]

    def figure(self, criterion: Criterion, worth: float) -> Floats:
        """A conclusion in each world and trial, candidate less plan in force: (n_rows, n_a_row, n_trials)."""
        values = criterion.figure(joined(self.found), worth)
        return values.reshape(len(self.found), -1, values.shape[1])


def all_at_once(
    executor: Executor, setting: Setting, plan: Plan, design: Design, told: Callable[[float, Sample], None]
) -> Sample:
    """The paired difference in every world of the design. Raises InputError.

    told: the share done, and the rows there so far, from the first row on without a gap.
    """
    small = replace(setting, trials=min(setting.trials, SAMPLE_TRIALS))
    cases = [Case(small, plan, worlds_of(design, row, setting.world)) for row in range(len(design.points))]
    waiting: dict[int, Change] = {}
    rows: list[Change] = []

    def done(place: int, change: Change) -> None:
        waiting[place] = change
        while len(rows) in waiting:
            rows.append(waiting.pop(len(rows)))
        told((len(rows) + len(waiting)) / len(cases), Sample(design, tuple(rows)))

    return Sample(design, tuple(spread(executor, changes, cases, done)))
