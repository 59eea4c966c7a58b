"""The one validated object that a session holds: what is compared, under which assumptions, and the way back."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from pages.parts import access
from sim.book.history import History
from sim.book.schema import Book
from sim.decide.choice.contenders import MOST_PLANS, named
from sim.engine.run import MONTHS, TRIALS
from sim.plan.levers import LeverValue, with_lever
from sim.plan.read import PLAN_PRESETS, plan_preset
from sim.plan.schema import Plan
from sim.problems import InputError, Problem
from sim.share.link import opening
from sim.world.parameters import World

STEPS_BACK = 50
"""Moves that can be undone."""
CANDIDATE, IN_FORCE = "Candidate", "Plan in force"
"""Names that no plan of the list may have: these two are always there."""
_KEY = "scenario"


@dataclass(frozen=True)
class Scenario:
    """Immutable; pages replace it.

    preset: the plan that the candidate started from. moved: the lever of the move in progress, if any.
    history: past events of the uploaded book, if it came with any; the sample books have their own.
    moves: preset and candidate before each move, the latest last; a drag of one lever is one move.
    plans: the list that the candidate and the plan in force are compared with, each under a name of its own.
    lists: the list before each change of it, the latest last.
    """

    sample: str
    uploaded: Book | None
    current: Plan
    preset: Plan
    candidate: Plan
    world: World
    world_name: str
    seed: int = 1
    trials: int = TRIALS
    months: int = MONTHS
    moved: str | None = None
    moves: tuple[tuple[Plan, Plan], ...] = ()
    history: History | None = None
    plans: tuple[Plan, ...] = ()
    lists: tuple[tuple[Plan, ...], ...] = ()


def scenario() -> Scenario:
    """This session's scenario; at first what a link without any setting means."""
    if _KEY not in st.session_state:
        first = opening()
        st.session_state[_KEY] = Scenario(
            sample=first.sample,
            uploaded=None,
            current=first.current,
            preset=first.preset,
            candidate=first.candidate,
            world=first.world,
            world_name=first.world_name,
            moves=((first.current, first.current),),
            plans=first.plans,
        )
    held: Scenario = st.session_state[_KEY]
    return held


def only_looks() -> str:
    """Why no other plan or assumption meets the book on the screen; empty where it may, as on a sample."""
    return access.only_looks() if scenario().uploaded is not None else ""


def _keep(new: Scenario) -> None:
    now = scenario()
    if new.uploaded is not None and _asked(new) != _asked(now) and (reason := only_looks()):
        st.toast(reason)
        return
    st.session_state[_KEY] = new


def _asked(one: Scenario) -> tuple[object, ...]:
    """All that a book's figures hang on; the way back, say, is nothing of it."""
    return one.current, one.preset, one.candidate, one.plans, one.world, one.seed, one.trials, one.months


def change(**settings: object) -> None:
    """Replace settings other than the candidate."""
    _keep(replace(scenario(), **settings))  # type: ignore[arg-type]  # field names are checked by replace itself


def move(lever: str, value: LeverValue) -> None:
    """Set one lever of the candidate.

    Every value of a drag is applied to the plan it started from: passing over another setting does not wear it down.
    Raises InputError when the plan does not allow it; nothing is changed then.
    """
    now = scenario()
    goes_on = now.moved == lever
    start = now.moves[-1][1] if goes_on else now.candidate
    candidate = with_lever(start, lever, value)
    _keep(replace(now, candidate=candidate, moved=lever, moves=now.moves if goes_on else _longer(now)))


def arrive(afresh: bool, **settings: object) -> None:
    """What a link says. Undo leads back to the candidate of before, or, afresh, to the plan in force."""
    now = scenario()
    new = replace(now, **settings, moved=None)  # type: ignore[arg-type]  # field names are checked by replace itself
    moves = ((new.current, new.current),) if afresh else now.moves
    if not afresh and (now.preset, now.candidate) != (new.preset, new.candidate):
        moves = _longer(now)
    _keep(replace(new, moves=moves if moves[-1:] != ((new.preset, new.candidate),) else moves[:-1]))


def load(plan: Plan) -> None:
    """Start again from a plan (a preset, a file, the current one); can be undone."""
    now = scenario()
    _keep(replace(now, preset=plan, candidate=plan, moved=None, moves=_longer(now)))


def set_current(plan: Plan) -> None:
    """Another plan in force; the candidate starts from it."""
    change(current=plan)
    load(plan)


def undo() -> None:
    """Back to the candidate before the last move."""
    now = scenario()
    if now.moves:
        preset, candidate = now.moves[-1]
        _keep(replace(now, preset=preset, candidate=candidate, moved=None, moves=now.moves[:-1]))


def cluster() -> str:
    """Address of the workers for long work; empty for this machine. A job does not know the session: read it before."""
    address: str = st.session_state.get("cluster", "")
    return address.strip()


def _longer(now: Scenario) -> tuple[tuple[Plan, Plan], ...]:
    return (*now.moves, (now.preset, now.candidate))[-STEPS_BACK:]


def preset_of(plan: Plan) -> str | None:
    """The name of the shipped plan that this one is, if any."""
    return next((name for name in PLAN_PRESETS if plan_preset(name) == plan), None)


# --- the list of plans ------------------------------------------------------------------------------------


def keep_plan(plan: Plan, name: str) -> None:
    """Add a plan to the list. Raises InputError when the name cannot be used or the list is full."""
    plans = scenario().plans
    if len(plans) >= MOST_PLANS:
        rule = f"holds {MOST_PLANS} plans at most: remove one first"
        raise InputError([Problem("list of plans", "", rule)])
    _list(*plans, named(plan, name, taken()))


def rename_plan(old: str, new: str) -> None:
    """Raises InputError when the new name cannot be used."""
    others = [name for name in taken() if name != old]
    _list(*(named(plan, new, others) if plan.name == old else plan for plan in scenario().plans))


def drop_plan(name: str) -> None:
    """Take a plan off the list."""
    _list(*(plan for plan in scenario().plans if plan.name != name))


def undo_list() -> None:
    """The list before its last change."""
    now = scenario()
    if now.lists:
        _keep(replace(now, plans=now.lists[-1], lists=now.lists[:-1]))


def taken() -> tuple[str, ...]:
    """Names that another plan cannot have."""
    return (CANDIDATE, IN_FORCE, *(plan.name for plan in scenario().plans))


def _list(*plans: Plan) -> None:
    now = scenario()
    if plans != now.plans:
        _keep(replace(now, plans=plans, lists=(*now.lists, now.plans)[-STEPS_BACK:]))
