"""A role's view of the book: the accounts that it works on, who of it works on which, and what its work does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.run import Stage

Ints = NDArray[np.int64]


class Does(NamedTuple):
    """What a role does with the accounts that it works on.

    owns: it answers for them; those of all owners together are the whole book, each once.
    finds: its effort on expansion brings opportunities, and wins them. closes: it wins those that others find.
    onboards: its effort on the KPI task is the quality of onboarding, which first renewals feel.
    supports: its effort on the KPI task helps those who onboard.
    """

    owns: bool = False
    finds: bool = False
    closes: bool = False
    onboards: bool = False
    supports: bool = False


@dataclass(frozen=True, eq=False)
class Part:
    """One role's view of the book.

    stage: the accounts that it works on, by person, and the effort that its plan in force buys.
    accounts: (n_accounts of the stage,), the number of each of them in the whole book, in the order of the engine.
    """

    stage: Stage
    accounts: Ints
    does: Does


SUPPORT = 0.20
"""Share by which a unit of effort of those whom others depend on makes their work count for more. Judgement, low
confidence: nothing published puts a figure on it."""


class Place(NamedTuple):
    """Where a part's accounts are in the whole book. A = accounts of the book, E = renewals of the part.

    seat: (A,), the person of the part who works on an account, -1 for nobody.
    renewal: (E, 2), account of the book and month of each renewal of the part.
    """

    seat: Ints
    renewal: Ints


def n_accounts_of(parts: Sequence[Part]) -> int:
    return int(max(part.accounts.max() for part in parts)) + 1


def place_of(part: Part, n_accounts: int) -> Place:
    portfolio = part.stage.portfolio
    seat = np.full(n_accounts, -1, dtype=np.int64)
    seat[part.accounts] = np.repeat(np.arange(portfolio.n_csms), np.diff(portfolio.first))
    return Place(seat, np.column_stack([part.accounts[portfolio.renewal_account], portfolio.renewal_month]))


def check(parts: Sequence[Part]) -> None:
    first = parts[0].stage
    for part in parts:
        stage = part.stage
        same = (stage.trials, stage.draws.chunk, stage.portfolio.n_months, stage.draws.recipe.seed)
        if same != (first.trials, first.draws.chunk, first.portfolio.n_months, first.draws.recipe.seed):
            raise ValueError("all parts need the same trials, months and seed")
        if stage.world != first.world:
            raise ValueError("all parts need the same world")
    if first.world.pull_share > 0.0:
        raise ValueError("with several roles the timing lever must be off: who would pull a deal forward?")
    owned = np.sort(np.concatenate([part.accounts if part.does.owns else part.accounts[:0] for part in parts]))
    if not np.array_equal(owned, np.arange(n_accounts_of(parts))):
        raise ValueError("each account needs exactly one owner")
