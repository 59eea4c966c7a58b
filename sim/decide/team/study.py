"""Another team: what roles added to the CSMs bring and cost against today's, on the same luck."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.book.schema import Book
from sim.decide.team.credit import Credit, credits_of, with_credit
from sim.engine.kpis import NEW_MONTHS
from sim.engine.outcome import Outcome
from sim.engine.portfolio import Works
from sim.engine.run import DrawStore
from sim.plan.edits import on_bookings
from sim.plan.schema import Plan
from sim.problems import InputError, Problem
from sim.roles.archetypes import Archetype, Effort, Joins, archetype, archetype_plan
from sim.roles.crew import Role, owners, part_of, people, pods
from sim.roles.part import Does, Part
from sim.roles.together import simulate_together
from sim.roles.whole import whole
from sim.runs.setting import Setting

Ints = NDArray[np.int64]
OWNERS = "CSM"
MOST_PEOPLE = 50
_DOES: dict[Joins, Does] = {
    "owns": Does(owns=True, finds=True),
    "closes": Does(closes=True),
    "onboards": Does(onboards=True),
    "supports": Does(supports=True),
    "beside": Does(),
}


@dataclass(frozen=True)
class Added:
    """People beside those who own accounts. role: key of one of ARCHETYPES.

    ote: USD a year each. variable_share: of it, instead of the archetype's plan's. credit: share of each booking that
    counts for them. new: they are not there today.
    """

    role: str
    n_people: int
    ote: float
    variable_share: float
    credit: float = 1.0
    new: bool = True


@dataclass(frozen=True)
class Design:
    """The team that is tried. owners_as: key of the archetype that CSMs become, empty for what they are today.

    owners_credit: share of each booking that counts for its account's CSM.
    """

    owners_as: str = ""
    owners_credit: float = 1.0
    added: tuple[Added, ...] = ()


@dataclass(frozen=True, eq=False)
class Study:
    """before, after: the whole team today under the plans in force, and as designed. outcomes: of each role, after."""

    roles: tuple[Role, ...]
    before: Outcome
    after: Outcome
    outcomes: tuple[Outcome, ...]
    credits: list[Credit]


def study(
    setting: Setting, candidate: Plan, design: Design, told: Callable[[float], None] = lambda share: None
) -> Study:
    """The design against today. candidate: of the CSMs, unless they become another role. told: the share that is done.

    Raises InputError with what is wrong with the design, and for quotas that cannot be set.
    """
    if setting.world.pull_share > 0.0:
        rule = "must be 0 with several roles: nobody knows who would pull a deal forward; set it in the sidebar"
        raise InputError([Problem("share of deals that can be moved", f"{setting.world.pull_share:g}", rule)])
    roles = roles_of(setting.book, setting.current, candidate, design)
    parts = [_part(role, setting) for role in roles]
    told(0.2)
    today = [(role, part) for role, part in zip(roles, parts, strict=True) if role.in_force is not None]
    then = [_today(role, part, setting) for role, part in today]
    before = simulate_together(
        then, [role.in_force or role.plan for role, _ in today], told=lambda share: told(0.2 + 0.2 * share)
    )
    plans = [with_credit(role.plan, role.credit) for role in roles]
    after = simulate_together(parts, plans, told=lambda share: told(0.4 + 0.6 * share))
    names, owns = [role.name for role in roles], [role.does.owns for role in roles]
    return Study(
        roles=roles,
        before=whole([role.name for role, _ in today], before, [role.does.owns for role, _ in today]),
        after=whole(names, after, owns),
        outcomes=after,
        credits=credits_of(roles, after),
    )


def _today(role: Role, part: Part, setting: Setting) -> Part:
    """The role as it works today, on the same luck."""
    if role.worked is None:
        return part
    return _part(replace(role, works=role.worked, worked=None), setting, part.stage.draws)


def _part(role: Role, setting: Setting, draws: DrawStore | None = None) -> Part:
    return part_of(
        role,
        setting.book,
        setting.world,
        seed=setting.seed,
        trials=setting.trials,
        n_months=setting.months,
        draws=draws,
    )


def roles_of(book: Book, current: Plan, candidate: Plan, design: Design) -> tuple[Role, ...]:
    """Owners first, then those added, in their order. Raises InputError with everything that is wrong."""
    problems = [problem for added in design.added for problem in _wrong(added, book)]
    if problems:
        raise InputError(problems)
    roles = (_owners(book, current, candidate, design), *_helpers(book, design.added))
    rule = "must be above 0 %, because the plan pays on bookings; give a plan that does not, or a share"
    unpaid = [role for role in roles if role.credit <= 0.0 and any(map(on_bookings, role.plan.components))]
    if unpaid:
        raise InputError([Problem(f"credit of {role.name}", f"{role.credit:.0%}", rule) for role in unpaid])
    return roles


def _owners(book: Book, current: Plan, candidate: Plan, design: Design) -> Role:
    same = owners(book, current, candidate, OWNERS)
    if not design.owners_as:
        return replace(same, credit=design.owners_credit)
    role = archetype(design.owners_as)
    return replace(
        same,
        name=role.name,
        plan=archetype_plan(role.key),
        works=role.effort,
        worked=same.works,
        credit=design.owners_credit,
    )


def _helpers(book: Book, added: Sequence[Added]) -> list[Role]:
    """Names are told apart by a number where a role comes twice."""
    made: list[Role] = []
    for one in added:
        role = archetype(one.role)
        again = sum(other.name.startswith(role.name) for other in made)
        name = f"{role.name} {again + 1}" if again else role.name
        plan = archetype_plan(role.key).model_copy(update={"variable_share": one.variable_share})
        level = role.key if role.key in ("lead", "manager") else "csm"
        beside = role.joins == "beside"
        seat = _seats(book, one, role)
        reach = min(1.0, role.serves * one.n_people / int((seat >= 0).sum()))  # with more accounts, less on each
        made.append(
            Role(
                name=name,
                people=people(name, one.n_people, one.ote, level),
                works=_thinned(Effort(0.0, 0.0, 0.0, role.effort.kpi) if beside else role.effort, reach),
                seat=seat,
                in_force=None if one.new else plan,
                plan=plan,
                does=_DOES[role.joins],
                credit=one.credit,
            )
        )
    return made


def _thinned(effort: Effort, reach: float) -> Works:
    retention, upsell, cross_sell, kpi = effort
    return reach * retention, reach * upsell, reach * cross_sell, reach * kpi


def _seats(book: Book, added: Added, role: Archetype) -> Ints:
    seat = pods(book, added.n_people)
    if role.joins != "onboards":
        return seat
    new = _new_customers(book)
    seat[:] = -1
    seat[new] = np.arange(len(new)) % added.n_people  # dealt in turn
    return seat


def _new_customers(book: Book) -> Ints:
    """Numbers of the accounts that are being onboarded."""
    return np.flatnonzero(book.tenure_months < NEW_MONTHS)


def _wrong(added: Added, book: Book) -> list[Problem]:
    role = archetype(added.role)
    most = min(MOST_PEOPLE, len(book.team))
    if role.joins == "onboards":
        most = min(most, len(_new_customers(book)))
    found = []
    if not 1 <= added.n_people <= most:
        whom = "customers in their first year" if role.joins == "onboards" else "CSMs"
        rule = (
            f"must be from 1 to {most}: the book has no more {whom} to share out"
            if most
            else f"needs {whom}: there are none"
        )
        found.append(Problem(f"{role.name}, people", str(added.n_people), rule))
    return found
