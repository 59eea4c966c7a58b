"""A crew: all roles of the team with their people, and each role's part in a simulation of all of them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.book.schema import Book, Team
from sim.engine.forecast import N_TASKS
from sim.engine.portfolio import CSM_WORKS, Works, prepare
from sim.engine.run import DrawStore, Stage, set_stage
from sim.engine.state import TRAINING, field
from sim.plan.schema import Plan
from sim.problems import InputError, Problem
from sim.roles.part import Does, Part
from sim.world.parameters import World

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Role:
    """One role with its people. Of a book with A accounts.

    people: who they are, what they earn and how skilled they are.
    works: what a unit of effort achieves on retention, upsell, cross-sell and KPI, 0 where that is not their work.
        worked: the same today, if it is another.
    seat: (A,), which of them works on an account, -1 for nobody.
    in_force: the plan that they are under today; None where the role is new.
    plan: the candidate.
    credit: share of each booking on its accounts that counts for this role, 0 to 1.
    """

    name: str
    people: Team
    works: Works
    seat: Ints
    in_force: Plan | None
    plan: Plan
    does: Does
    credit: float = 1.0
    worked: Works | None = None


def owners(book: Book, in_force: Plan, plan: Plan, name: str = "CSM") -> Role:
    """The team of the book as one role: everybody answers for the accounts that are theirs, and sells."""
    return Role(name, book.team, CSM_WORKS, book.csm, in_force, plan, Does(owns=True, finds=True))


def pods(book: Book, n_people: int) -> Ints:
    """(n_accounts,): whole books of CSMs, the largest first, dealt to ``n_people`` so that ARR is about even."""
    arr = np.bincount(book.csm, weights=book.arr, minlength=len(book.team))
    load, person = np.zeros(n_people), np.empty(len(book.team), dtype=np.int64)
    for csm in np.argsort(-arr, kind="stable"):
        person[csm] = np.argmin(load)
        load[person[csm]] += arr[csm]
    return person[book.csm]


def people(prefix: str, n_people: int, ote: float, level: str) -> Team:
    """New people of one role, all alike and of average skill. ote: USD a year."""

    def each(value: float) -> NDArray[np.float64]:
        return np.full(n_people, value)

    names = tuple(f"{prefix} {number}" for number in range(1, n_people + 1))
    return Team(
        csm_id=names,
        csm_name=names,
        role=(prefix,) * n_people,
        level=(level,) * n_people,
        base_salary=each(np.nan),
        ote=each(ote),
        skill_retention=each(1.0),
        skill_upsell=each(1.0),
        skill_cross_sell=each(1.0),
    )


def part_of(
    role: Role, book: Book, world: World, *, seed: int, trials: int, n_months: int, draws: DrawStore | None = None
) -> Part:
    """The role's part in a simulation of the crew.

    draws: of an earlier part of the same people and accounts, to share them.
    Raises InputError for sizes, quotas, and people without accounts.
    """
    idle = sorted(set(range(len(role.people))) - set(role.seat.tolist()))
    if idle:
        rule = f"needs accounts for everybody, and has none for {len(idle)} of {len(role.people)}; take fewer people"
        raise InputError([Problem(f"role '{role.name}'", "", rule)])
    worked = np.flatnonzero(role.seat >= 0)
    view = _view(book, worked, role)
    stage = set_stage(
        view,
        role.in_force or role.plan,
        world,
        seed=seed,
        trials=trials,
        n_months=n_months,
        draws=draws,
        works=role.worked or role.works,
    )
    if role.worked is not None:
        stage = _working(stage, role)
    if role.in_force is None:
        stage = _unheard_of(stage)
    return Part(stage, worked[stage.portfolio.order], role.does)


def _view(book: Book, worked: Ints, role: Role) -> Book:
    """The book as the role sees it: its accounts, owned by its people."""

    def seen(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return value[worked]
        return tuple(value[number] for number in worked) if isinstance(value, tuple) else value

    columns = {column.name: seen(getattr(book, column.name)) for column in fields(book) if column.name != "team"}
    return replace(book, **{**columns, "csm": role.seat[worked]}, team=role.people)


def _working(stage: Stage, role: Role) -> Stage:
    """The same people with other work; what is known of the accounts was seen with the work of before."""
    before = stage.portfolio
    portfolio = prepare(before.book, role.in_force or role.plan, before.n_months, role.works)
    return replace(stage, portfolio=portfolio, field=field(portfolio, stage.world))


def _unheard_of(stage: Stage) -> Stage:
    """What is known of the accounts was seen without this role: all of its effort is new."""
    anchor = stage.anchor.copy()
    anchor[..., [*range(N_TASKS), TRAINING]] = 0.0
    anchor.setflags(write=False)  # the kernel is compiled for read-only anchors
    return replace(stage, anchor=anchor)
