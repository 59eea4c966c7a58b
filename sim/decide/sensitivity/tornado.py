"""One assumption at a time, at its low and its high, all others as they are: which end moves the conclusion most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.decide.compare import Z_CLEAR, standard_error
from sim.decide.sensitivity.ranges import Range
from sim.world.parameters import World

Floats = NDArray[np.float64]


class End(NamedTuple):
    """One assumption moved to one end of its range; ``name`` is empty where nothing is moved."""

    name: str
    value: float


HERE = End("", 0.0)


class Bar(NamedTuple):
    """One assumption. low, here, high: its values. at_low, at_here, at_high: the conclusion there (mean over trials).

    clear_low, clear_high: whether the conclusion there can be told from zero with these trials.
    """

    name: str
    low: float
    here: float
    high: float
    at_low: float
    at_here: float
    at_high: float
    clear_low: bool
    clear_high: bool

    @property
    def swing(self) -> float:
        """Between the least and the most of the three."""
        found = (self.at_low, self.at_here, self.at_high)
        return max(found) - min(found)

    @property
    def turns(self) -> bool:
        """Whether an end has the other sign than here, beyond noise."""
        ends = ((self.at_low, self.clear_low), (self.at_high, self.clear_high))
        return any(clear and at * self.at_here < 0.0 for at, clear in ends)

    @property
    def turns_at(self) -> float:
        """Value at which the conclusion changes sign, on straight lines between the three; NaN where it does not."""
        points = ((self.low, self.at_low), (self.here, self.at_here), (self.high, self.at_high))
        for (left, before), (right, after) in pairwise(points):
            if before * after < 0.0:
                return left + (right - left) * before / (before - after)
        return float("nan")


def ends(world: World, ranges: Sequence[Range]) -> list[End]:
    """What has to be run: nothing moved, then each end that is not where the world is already."""
    here = world.model_dump()
    moved = [End(name, value) for name, low, high in ranges for value in (low, high) if value != here[name]]
    return [HERE, *dict.fromkeys(moved)]


def moved(world: World, end: End) -> World:
    """The world with one assumption at an end."""
    return world.changed({end.name: end.value}) if end.name else world


def bars(world: World, ranges: Sequence[Range], found: Mapping[End, Floats]) -> list[Bar]:
    """Bars of the assumptions whose ends have been run, the longest first.

    found: the conclusion at each end run so far, (n_trials,), candidate less plan in force.
    """
    if HERE not in found:
        return []
    drawn = []
    for name, low, high in ranges:
        here = float(getattr(world, name))
        at_low, at_high = (found.get(HERE if value == here else End(name, value)) for value in (low, high))
        if at_low is not None and at_high is not None:
            means = [float(values.mean()) for values in (at_low, found[HERE], at_high)]
            drawn.append(Bar(name, low, here, high, means[0], means[1], means[2], _clear(at_low), _clear(at_high)))
    return sorted(drawn, key=lambda bar: -bar.swing)


def _clear(values: Floats) -> bool:
    return abs(float(values.mean())) > Z_CLEAR * standard_error(values)
