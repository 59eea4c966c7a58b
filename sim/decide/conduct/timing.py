"""Timing games: what moves when CSMs can move deals across the end of a period, and what that gives away."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.decide.compare import Summary, summarise
from sim.engine.outcome import Outcome
from sim.words import money, percent
from sim.world.parameters import World

Floats = NDArray[np.float64]


class Games(NamedTuple):
    """One plan, with deals that can be moved against the same luck without; paired, over the horizon.

    pulled, put_off: ARR closed a month early, and a month late, USD a year.
    discount: USD a year of ARR given away to close early; given: of all expansion booked before discounts.
    closing: change of closing ARR, USD a year. pay: change of variable pay, USD.
    shifted: (H,), change of the expansion booked in each month, mean, USD a year of ARR.
    """

    pulled: Summary
    put_off: Summary
    discount: Summary
    given: float
    closing: Summary
    pay: Summary
    shifted: Floats


def with_timing(world: World, share: float) -> World:
    """The world in which CSMs can move this share of deals next to a period's end (0: none)."""
    return world.changed({"pull_share": share})


def games(moving: Outcome, still: Outcome) -> Games:
    """What moving deals does under one plan. moving, still: its outcomes in the worlds of ``with_timing``."""
    discount = moving.total("discount")
    booked = moving.expansion_arr.mean() + discount.mean()
    before = still.monthly("upsell") + still.monthly("cross_sell")
    after = moving.monthly("upsell") + moving.monthly("cross_sell")
    return Games(
        pulled=summarise(moving.total("pulled")),
        put_off=summarise(moving.total("put_off")),
        discount=summarise(discount),
        given=float(discount.mean() / booked) if booked > 0.0 else 0.0,
        closing=summarise(moving.closing_arr - still.closing_arr),
        pay=summarise(moving.variable_pay - still.variable_pay),
        shifted=(after - before).mean(axis=1),
    )


def shift_table(by_plan: dict[str, Games]) -> pd.DataFrame:
    """Columns: plan, month (1 = first), shifted (USD a year of ARR)."""
    return pd.concat(
        [
            pd.DataFrame({"plan": plan, "month": np.arange(1, len(found.shifted) + 1), "shifted": found.shifted})
            for plan, found in by_plan.items()
        ],
        ignore_index=True,
    )


def shift_finding(candidate: Games) -> str:
    """Short enough for a chart's title."""
    if candidate.pulled.mean + candidate.put_off.mean < 1.0:
        return "Nothing moves: another month pays no better"
    moved = f"{money(candidate.pulled.mean)} closes a month early, {money(candidate.put_off.mean)} a month late"
    return f"{moved}; {percent(candidate.given, 2)} of expansion is given away"
