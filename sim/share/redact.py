"""A book and an outcome as a reader of an audience may see them: without names and without anybody's pay.

Totals of the team are those of the real book to the last bit, because only what is about single people and customers is
replaced. People are merged into groups of at least SMALLEST_GROUP, customers into segments that as many people serve,
and what is too small for a group of its own joins the next smallest, so that it does not follow from a total either.

A team of fewer people has no group: then ARR is shown and nothing that is made of pay (`too_few`), because the cost of
so small a team tells what one of them earns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.book.schema import Book, Floats, Ints, Team
from sim.engine.outcome import Outcome
from sim.engine.state import FLOWS
from sim.share.audience import SMALLEST_GROUP, Audience
from sim.share.report import mean_attainment

_OF_PAY = ("base_pay", "guarantee_pay", "replacement_cost")
_PAID = ("paid", "earned", "guarantee_earned", "above_target", "csm_target", "csm_base", "csm_pay")
BOOK, TEAM, ACCOUNTS, OTHERS = "Shared book", "Team", "All accounts", "Others"


def too_few(team: Team, audience: Audience) -> bool:
    """Whether the whole team is too small for its pay to be shown as a total."""
    return audience != "full" and len(team) < SMALLEST_GROUP


def merged(labels: Sequence[str], people: Iterable[int] | None = None) -> tuple[Ints, tuple[str, ...]]:
    """The group of each label, as an index, and the groups' names in the order of the alphabet, `OTHERS` last.

    people: who stands behind each label; without it somebody else behind each. Every group has SMALLEST_GROUP people at
    least; where that is impossible there is one. Which group is merged hangs on sizes and names alone.
    """
    behind: dict[str, set[int]] = {}
    for label, person in zip(labels, range(len(labels)) if people is None else people, strict=True):
        behind.setdefault(label, set()).add(person)
    joined: dict[str, set[int]] = {}
    for name in sorted(behind, key=lambda name: (len(behind[name]), name)):
        if len(behind[name]) >= SMALLEST_GROUP and (not joined or len(set().union(*joined.values())) >= SMALLEST_GROUP):
            break
        joined[name] = behind[name]
    names = [*sorted(behind.keys() - joined.keys()), *([OTHERS] if joined else [])]
    place = {name: names.index(OTHERS if name in joined else name) for name in behind}
    return np.array([place[label] for label in labels], dtype=np.int64), tuple(names)


def people_groups(team: Team, audience: Audience) -> tuple[Ints, tuple[str, ...]]:
    """The group of each CSM and the groups' names: roles and levels, for `summary` the team."""
    if audience == "summary":
        return np.zeros(len(team), dtype=np.int64), (TEAM,)
    return merged([", ".join(filter(None, pair)) for pair in zip(team.role, team.level, strict=True)])


def _segments(book: Book, audience: Audience) -> tuple[str, ...]:
    if audience == "summary":
        return (ACCOUNTS,) * len(book)
    place, names = merged(book.segment, book.csm.tolist())
    return tuple(names[index] for index in place)


def visible_book(book: Book, audience: Audience) -> Book:
    """The book with "Account 1" for the largest and so on, CSMs likewise by ARR, small segments merged.

    Pay, as on-target earnings, is the mean of what is known of everybody, on target or base; skill is everybody's mean
    too; both are NaN for a team of fewer than SMALLEST_GROUP. What is known of accounts stays in its place, so that
    sums stay what they are. It is for showing: to simulate it is another book.
    """
    if audience == "full":
        return book
    team = book.team
    by_csm = np.array([book.arr[book.csm == csm].sum() for csm in range(len(book.team))])
    people = tuple(f"CSM {rank}" for rank in _ranks(by_csm))
    group, groups = people_groups(team, audience)
    roles = tuple(groups[index] for index in group)
    shown = Team(
        csm_id=people,
        csm_name=people,
        role=roles,
        level=roles,
        base_salary=np.full(len(team), np.nan),
        ote=_same(np.where(np.isfinite(team.ote), team.ote, team.base_salary), team),
        skill_retention=_same(team.skill_retention, team),
        skill_upsell=_same(team.skill_upsell, team),
        skill_cross_sell=_same(team.skill_cross_sell, team),
    )
    accounts = tuple(f"Account {rank}" for rank in _ranks(book.arr))
    return replace(
        book, name=BOOK, account_id=accounts, account_name=accounts, segment=_segments(book, audience), team=shown
    )


def _ranks(amounts: Floats) -> Ints:
    """1 for the largest."""
    ranks = np.empty(len(amounts), dtype=np.int64)
    ranks[np.argsort(-amounts, kind="stable")] = np.arange(1, len(amounts) + 1)
    return ranks


def _same(values: Floats, team: Team) -> Floats:
    """The mean of what is known, for everybody; NaN where too few know it."""
    known = values[np.isfinite(values)]
    return np.full(len(team), known.mean() if len(known) >= SMALLEST_GROUP else np.nan)


def visible_outcome(outcome: Outcome, book: Book, audience: Audience) -> Outcome:
    """The outcome of the real book with its people and segments merged.

    Of the team everything stays. Groups have ARR and leavers but no pay: csm_target, csm_base and csm_pay are NaN.
    effort is the team's mean, one row. attainment is pooled, (1, n_components, n_csms * n_trials) in rising order: how
    it is spread can be drawn, whose it is cannot be told; ``csm_attainment`` of it means nothing.
    """
    if audience == "full":
        return outcome
    group, groups = people_groups(book.team, audience)
    visible = dict(zip(book.segment, _segments(book, audience), strict=True))
    segments = tuple(dict.fromkeys(visible[name] for name in outcome.segments))
    of_segment = np.array([segments.index(visible[name]) for name in outcome.segments])
    no_pay = np.full(len(groups), np.nan)
    pooled = np.sort(outcome.attainment.transpose(1, 0, 2).reshape(1, outcome.attainment.shape[1], -1), axis=2)
    return replace(
        outcome,
        csm_ids=groups,
        csm_opening_arr=_added(outcome.csm_opening_arr, group, len(groups)),
        csm_target=no_pay,
        csm_base=no_pay,
        csm_pay=np.full((len(groups), outcome.n_trials), np.nan, dtype=np.float32),
        csm_lost=_added(outcome.csm_lost, group, len(groups)),
        csm_expansion=_added(outcome.csm_expansion, group, len(groups)),
        csm_leaves=_added(outcome.csm_leaves.astype(np.int64), group, len(groups)),
        effort=outcome.effort.mean(axis=0, keepdims=True),
        attainment=pooled,
        segments=segments,
        segment_opening_arr=_added(outcome.segment_opening_arr, of_segment, len(segments)),
        segment_lost=_added(outcome.segment_lost, of_segment, len(segments)),
        segment_expansion=_added(outcome.segment_expansion, of_segment, len(segments)),
    )


def without_pay(outcome: Outcome) -> Outcome:
    """ARR and customers alone: everything that is made of pay, the cost of replacing leavers included, is NaN."""
    flows = outcome.flows.copy()
    flows[[FLOWS.index(name) for name in _OF_PAY]] = np.nan
    paid = {name: np.full_like(getattr(outcome, name), np.nan) for name in _PAID}
    return replace(outcome, flows=flows, **paid)


def _added(values: NDArray[Any], group: Ints, groups: int) -> NDArray[Any]:
    """(n, ...) as sums over the members of each group, (n_groups, ...)."""
    sums: NDArray[Any] = np.zeros((groups, *values.shape[1:]), dtype=values.dtype)
    np.add.at(sums, group, values)
    return sums


def group_table(book: Book, candidate: Outcome, current: Outcome, audience: Audience) -> pd.DataFrame:
    """CSMs by role and level, from outcomes of the real book: how many, their ARR, what is kept and sold, attainment.

    Columns: group, csms, arr, then for ``now`` and ``then`` retained_, expansion_ (USD a year, means of the trials) and
    attainment_ (mean of the group's CSMs of whom anything was measured).
    """
    group, groups = people_groups(book.team, audience)
    columns: dict[str, object] = {
        "group": groups,
        "csms": np.bincount(group, minlength=len(groups)),
        "arr": _added(current.csm_opening_arr, group, len(groups)),
    }
    for when, one in {"now": current, "then": candidate}.items():
        retained = one.csm_opening_arr - one.csm_lost.mean(axis=1, dtype=np.float64)
        expansion = one.csm_expansion.mean(axis=1, dtype=np.float64)
        known = pd.Series(mean_attainment(one)).groupby(group).mean()
        columns[f"retained_{when}"] = _added(retained, group, len(groups))
        columns[f"expansion_{when}"] = _added(expansion, group, len(groups))
        columns[f"attainment_{when}"] = known.reindex(range(len(groups))).to_numpy()
    return pd.DataFrame(columns)
