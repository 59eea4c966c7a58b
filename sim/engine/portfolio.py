"""The book as the engine walks it: accounts sorted by CSM, renewals listed by month, pay resolved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.book.schema import Book
from sim.plan.schema import Plan

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


Works = tuple[float, float, float, float]
"""What a unit of effort of average skill achieves on retention, upsell, cross-sell and KPI; 0 where that is not the
team's work."""
CSM_WORKS: Works = (1.0, 1.0, 1.0, 1.0)


@dataclass(frozen=True)
class Portfolio:
    """Accounts in the order of their CSMs; every array read-only.

    first: (n_csms + 1,), accounts first[c]:first[c+1] belong to CSM c.
    order: (n_accounts,), index of each account in the book.
    due: (n_accounts, n_months), number of the renewal that falls due, or -1.
    renewal_account, renewal_month: (n_renewals,), sorted by account, then month.
    base, ote: (n_csms,), USD a year under the plan in force.
    works: (n_tasks,), see ``Works``. skill: (n_csms, n_tasks), of today's CSMs: that times their own, 1 = average.
    segments: names, sorted. segment: (n_accounts,), index into them.
    """

    book: Book
    n_months: int
    first: Ints
    order: Ints
    due: Ints
    renewal_account: Ints
    renewal_month: Ints
    term_months: Ints
    arr: Floats
    renewal_probability: Floats
    upsell_whitespace: Floats
    cross_sell_whitespace: Floats
    base: Floats
    ote: Floats
    works: Floats
    skill: Floats
    segments: tuple[str, ...]
    segment: Ints

    @property
    def n_accounts(self) -> int:
        return len(self.arr)

    @property
    def n_csms(self) -> int:
        return len(self.ote)

    @property
    def first_renewals(self) -> NDArray[np.bool_]:
        """(n_renewals,): those that end an account's first term."""
        is_new = self.book.tenure_months[self.order] < self.term_months
        earliest: NDArray[np.bool_] = np.diff(self.renewal_account, prepend=-1) > 0
        return is_new[self.renewal_account] & earliest

    @property
    def account_ids(self) -> list[str]:
        """In the order of the engine."""
        return [self.book.account_id[index] for index in self.order]

    @property
    def opening_arr(self) -> float:
        """USD a year."""
        return float(self.arr.sum())

    def by_csm(self, values: Floats) -> Floats:
        """Sum over each CSM's accounts: (n_accounts, ...) -> (n_csms, ...)."""
        return np.add.reduceat(values, self.first[:-1], axis=0)

    def by_segment(self, values: Floats) -> Floats:
        """Sum over each segment's accounts: (n_accounts,) -> (n_segments,)."""
        total = np.zeros(len(self.segments))
        np.add.at(total, self.segment, values)
        return total


def prepare(book: Book, current: Plan, n_months: int, works: Works = CSM_WORKS) -> Portfolio:
    """The book under the plan in force, for a horizon of ``n_months``."""
    order = np.argsort(book.csm, kind="stable")
    first = np.searchsorted(book.csm[order], np.arange(len(book.team) + 1))
    start, term = book.renewal_month[order], book.term_months[order]
    months = np.arange(n_months)
    is_due = (months >= start[:, None]) & ((months - start[:, None]) % term[:, None] == 0)
    account, month = np.nonzero(is_due)
    due = np.full(is_due.shape, -1, dtype=np.int64)
    due[account, month] = np.arange(len(account))

    team = book.team
    fixed = 1.0 - current.variable_share
    base = np.where(np.isnan(team.base_salary), team.ote * fixed, team.base_salary)
    ote = np.where(np.isnan(team.ote), team.base_salary / fixed, team.ote)
    ones = np.ones(len(team))
    segments, segment = np.unique(np.array(book.segment), return_inverse=True)
    portfolio = Portfolio(
        book=book,
        n_months=n_months,
        first=first.astype(np.int64),
        order=order.astype(np.int64),
        due=due,
        renewal_account=account.astype(np.int64),
        renewal_month=month.astype(np.int64),
        term_months=term,
        arr=book.arr[order],
        renewal_probability=book.renewal_probability[order],
        upsell_whitespace=book.upsell_whitespace[order],
        cross_sell_whitespace=book.cross_sell_whitespace[order],
        base=base,
        ote=ote,
        works=np.array(works),
        skill=np.column_stack([team.skill_retention, team.skill_upsell, team.skill_cross_sell, ones]) * works,
        segments=tuple(segments.tolist()),
        segment=segment[order].astype(np.int64),
    )
    for value in vars(portfolio).values():
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
    return portfolio
