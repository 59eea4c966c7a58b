"""The crew's outcomes as one: ARR of the accounts, once each, and the pay of everybody who worked on them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.engine.outcome import Outcome
from sim.engine.state import ACCOUNTS_LOST

Array = NDArray[np.generic]


def whole(names: Sequence[str], outcomes: Sequence[Outcome], owns: Sequence[bool]) -> Outcome:
    """One outcome of all roles, each named. owns: whose accounts these are; the ARR of the others is the same ARR.

    Components are named after their role. A person's attainment is NaN on components of other roles.
    """
    if len(outcomes) == 1:
        return outcomes[0]
    masters = [outcome for outcome, its in zip(outcomes, owns, strict=True) if its]
    segments = tuple(sorted({name for outcome in masters for name in outcome.segments}))
    arr_rows = ACCOUNTS_LOST + 1
    flows = np.sum([outcome.flows for outcome in outcomes], axis=0)
    flows[:arr_rows] = np.sum([outcome.flows[:arr_rows] for outcome in masters], axis=0)

    def joined(name: str, axis: int = 0) -> Array:
        return np.concatenate([getattr(outcome, name) for outcome in outcomes], axis=axis)

    def own(name: str) -> Array:
        return np.concatenate(
            [getattr(outcome, name) * np.float32(its) for outcome, its in zip(outcomes, owns, strict=True)]
        )

    made = Outcome(
        opening_arr=sum(outcome.opening_arr for outcome in masters),
        opening_accounts=sum(outcome.opening_accounts for outcome in masters),
        components=tuple(
            f"{name}: {part}" for name, outcome in zip(names, outcomes, strict=True) for part in outcome.components
        ),
        spifs=tuple(spif for outcome in outcomes for spif in outcome.spifs),
        weights=tuple(weight for outcome in outcomes for weight in outcome.weights),
        on_cost_rate=outcomes[0].on_cost_rate,
        csm_ids=tuple(person for outcome in outcomes for person in outcome.csm_ids),
        csm_opening_arr=own("csm_opening_arr"),  # type: ignore[arg-type]
        csm_target=joined("csm_target"),  # type: ignore[arg-type]
        csm_base=joined("csm_base"),  # type: ignore[arg-type]
        segments=segments,
        segment_opening_arr=_by_segment("segment_opening_arr", masters, segments),  # type: ignore[arg-type]
        flows=flows,
        paid=joined("paid"),  # type: ignore[arg-type]
        earned=joined("earned"),  # type: ignore[arg-type]
        guarantee_earned=np.sum([outcome.guarantee_earned for outcome in outcomes], axis=0),
        above_target=joined("above_target"),  # type: ignore[arg-type]
        effort=joined("effort"),  # type: ignore[arg-type]
        csm_pay=joined("csm_pay"),  # type: ignore[arg-type]
        csm_lost=own("csm_lost"),  # type: ignore[arg-type]
        csm_expansion=own("csm_expansion"),  # type: ignore[arg-type]
        attainment=_diagonal([outcome.attainment for outcome in outcomes]),  # type: ignore[arg-type]
        csm_leaves=joined("csm_leaves"),  # type: ignore[arg-type]
        segment_lost=_by_segment("segment_lost", masters, segments),  # type: ignore[arg-type]
        segment_expansion=_by_segment("segment_expansion", masters, segments),  # type: ignore[arg-type]
    )
    for value in vars(made).values():
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
    return made


def _by_segment(name: str, masters: Sequence[Outcome], segments: Sequence[str]) -> Array:
    first = getattr(masters[0], name)
    total = np.zeros((len(segments), *first.shape[1:]), dtype=first.dtype)
    for outcome in masters:
        total[[segments.index(segment) for segment in outcome.segments]] += getattr(outcome, name)
    return total


def _diagonal(blocks: Sequence[Array]) -> Array:
    """(C, I, T) of each role -> (all C, all I, T), NaN where a component is another role's."""
    shape = (sum(block.shape[0] for block in blocks), sum(block.shape[1] for block in blocks), blocks[0].shape[2])
    made = np.full(shape, np.nan, dtype=np.float32)
    row = column = 0
    for block in blocks:
        made[row : row + block.shape[0], column : column + block.shape[1]] = block
        row, column = row + block.shape[0], column + block.shape[1]
    return made
