"""The difference of a plan from the plan in force by CSM, by month, by segment: parts that add up to the team."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.book.schema import Team
from sim.decide.choice.contenders import Contender
from sim.decide.compare import Z_CLEAR
from sim.engine.outcome import Outcome

Floats = NDArray[np.float64]

TEAM, SEGMENT, CSM, MONTH = "Team", "Segment", "CSM", "Month"
RETAINED, EXPANSION, PAY, COST = "Retained ARR", "Expansion", "Variable pay", "Plan cost"


def _month_cost(outcome: Outcome) -> Floats:
    pay = outcome.monthly("base_pay") + _month_pay(outcome)
    return pay * (1.0 + outcome.on_cost_rate) + outcome.monthly("replacement_cost")


def _month_pay(outcome: Outcome) -> Floats:
    total: Floats = outcome.paid.sum(axis=0) + outcome.monthly("guarantee_pay")
    return total


_SPLITS: dict[str, dict[str, Callable[[Outcome], Floats]]] = {
    TEAM: {
        RETAINED: lambda o: o.retained_arr[None],
        EXPANSION: lambda o: o.expansion_arr[None],
        PAY: lambda o: o.variable_pay[None],
        COST: lambda o: o.plan_cost[None],
    },
    SEGMENT: {
        RETAINED: lambda o: o.segment_opening_arr[:, None] - o.segment_lost,
        EXPANSION: lambda o: o.segment_expansion.astype(np.float64),
    },
    CSM: {
        RETAINED: lambda o: o.csm_opening_arr[:, None] - o.csm_lost,
        EXPANSION: lambda o: o.csm_expansion.astype(np.float64),
        PAY: lambda o: o.csm_pay.astype(np.float64),
    },
    MONTH: {
        # What is lost in a month is no longer retained at its end.
        RETAINED: lambda o: -(o.monthly("churn") + o.monthly("contraction") + o.monthly("erosion")),
        EXPANSION: lambda o: o.monthly("upsell") + o.monthly("cross_sell"),
        PAY: _month_pay,
        COST: _month_cost,
    },
}


PARTS = tuple(part for part in _SPLITS if part != TEAM)


def figures_by(part: str) -> tuple[str, ...]:
    """The figures that can be split this way."""
    return tuple(_SPLITS[part])


def split(outcome: Outcome, part: str, figure: str) -> Floats:
    """(n_parts, n_trials), USD; for months the share of each in the team's figure, for retained ARR without opening."""
    return _SPLITS[part][figure](outcome)


def part_names(outcome: Outcome, part: str) -> tuple[str, ...]:
    """In the order of `split`; CSMs by id."""
    if part == CSM:
        return outcome.csm_ids
    if part == SEGMENT:
        return outcome.segments
    if part == MONTH:
        return tuple(str(month + 1) for month in range(outcome.n_months))
    return (TEAM,)


def people_names(team: Team) -> tuple[str, ...]:
    """Names of CSMs; those who share one with their id."""
    common = Counter(team.csm_name)
    people = zip(team.csm_name, team.csm_id, strict=True)
    return tuple(name if common[name] == 1 else f"{name} ({csm})" for name, csm in people)


def part_changes(
    plans: Sequence[Contender], current: Outcome, part: str, figure: str, names: Sequence[str]
) -> pd.DataFrame:
    """Long form, a row for each plan and part: paired differences from the plan in force, USD.

    names: of the parts.
    Columns: plan, part, mean, standard_error, p5, p95 (of single trials), clear (whether it can be told from zero).
    """
    now = split(current, part, figure)
    tables = []
    for plan in plans:
        change = split(plan.outcome, part, figure) - now
        mean, trials = change.mean(axis=1), change.shape[1]
        error = change.std(axis=1, ddof=1) / np.sqrt(trials) if trials > 1 else np.full(len(mean), np.inf)
        p5, p95 = np.quantile(change, (0.05, 0.95), axis=1)
        clear = np.abs(mean) > Z_CLEAR * error
        columns = {"plan": plan.name, "part": names, "mean": mean, "standard_error": error, "p5": p5, "p95": p95}
        tables.append(pd.DataFrame({**columns, "clear": clear}))
    return pd.concat(tables, ignore_index=True)


def wide(changes: pd.DataFrame, order: Sequence[str]) -> pd.DataFrame:
    """A row for each part, and for each plan its mean and twice its standard error: ``mean.0``, ``give.0``, ``mean.1``.

    order: names of the plans; columns are numbered, because names are free text.
    """
    table = pd.DataFrame({"part": changes["part"].drop_duplicates()}).reset_index(drop=True)
    for number, name in enumerate(order):
        own = changes[changes["plan"] == name]
        table[f"mean.{number}"] = own["mean"].to_numpy()
        table[f"give.{number}"] = 2.0 * own["standard_error"].to_numpy()
    return table
