"""One CSM's part of a run: her accounts, her contract and her luck, so that the engine's flows are hers alone."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.compile import Terms
from sim.engine.draws import Luck
from sim.engine.incentive import Incentive
from sim.engine.kpis import N_KPIS
from sim.engine.run import Stage
from sim.engine.state import Field

Floats = NDArray[np.float64]


class Seat(NamedTuple):
    """What the month loop reads, for one CSM: shapes as in the engine with n_csms = 1."""

    field: Field
    terms: Terms
    anchor: Floats
    luck: Luck


def seat_of(stage: Stage, terms: Terms, csm: int) -> Seat:
    """The seat of CSM number ``csm``; quotas and luck are those of the team's run."""
    first = stage.portfolio.first
    accounts, one = slice(int(first[csm]), int(first[csm + 1])), slice(csm, csm + 1)
    due = stage.field.due[accounts]
    numbers = due[due >= 0]  # renewals are listed by account, so hers have consecutive numbers
    start = int(numbers.min()) if len(numbers) else 0
    renewals = slice(start, start + len(numbers))
    return Seat(
        field=_field(stage.field, accounts, one, np.where(due >= 0, due - start, -1)),
        terms=_terms(terms, one),
        anchor=stage.anchor[one],
        luck=_luck(stage.draws.recipe, accounts, one, renewals),
    )


def _field(ground: Field, accounts: slice, one: slice, due: NDArray[np.int64]) -> Field:
    first = np.array([0, accounts.stop - accounts.start], dtype=np.int64)
    for array in (first, due):
        array.setflags(write=False)  # the kernel is compiled for such arrays
    return ground._replace(
        first=first,
        due=due,
        arr=ground.arr[accounts],
        upsell_whitespace=ground.upsell_whitespace[accounts],
        cross_sell_whitespace=ground.cross_sell_whitespace[accounts],
        log_odds=ground.log_odds[accounts],
        contraction_p=ground.contraction_p[accounts],
        erosion_p=ground.erosion_p[accounts],
        uplift_p=ground.uplift_p[accounts],
        uplift_most=ground.uplift_most[accounts],
        segment=ground.segment[accounts],
        skill=ground.skill[one],
        market_pay=ground.market_pay[one],
        kpi_mean=ground.kpi_mean[one],
        kpi_sd=ground.kpi_sd[one],
    )


def _terms(terms: Terms, one: slice) -> Terms:
    tables = terms.tables
    return terms._replace(
        monthly_pay=terms.monthly_pay[one],
        quota=terms.quota[one],
        opens=terms.opens[one],
        ends=terms.ends[one],
        closes=terms.closes[one],
        resets=terms.resets[one],
        base=terms.base[one],
        target=terms.target[one],
        level=terms.level[one],
        share=terms.share[one],
        gain=terms.gain[one],
        pull=terms.pull[one],
        gate_pull=terms.gate_pull[one],
        tables=Incentive(tables.low[one], tables.per_step[one], tables.value[one], tables.slope[one]),
    )


def _luck(recipe: Luck, accounts: slice, one: slice, renewals: slice) -> Luck:
    return replace(
        recipe,
        upsell_keys=recipe.upsell_keys[accounts],
        cross_sell_keys=recipe.cross_sell_keys[accounts],
        renewal_keys=recipe.renewal_keys[renewals],
        depth_keys=recipe.depth_keys[renewals],
        price_keys=recipe.price_keys[renewals],
        renewal_month=recipe.renewal_month[renewals],
        influence_keys=recipe.influence_keys[accounts],
        leave_keys=recipe.leave_keys[one],
        kpi_keys=recipe.kpi_keys[N_KPIS * one.start : N_KPIS * one.stop],
    )
