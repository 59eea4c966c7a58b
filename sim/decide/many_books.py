"""One question to thousands of books: what a plan does on each, worked out anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

from sim.decide.compare import Summary, differences
from sim.engine.run import simulate
from sim.plan.schema import Plan
from sim.problems import InputError, Problem
from sim.runs.setting import Setting, make_stage
from sim.runs.spread import spread

TOGETHER = 10
"""Small books in a task: sending one alone would take longer than its work."""


@dataclass(frozen=True)
class OnBook:
    """book: its digest. changes: paired differences from the plan in force by metric; empty where it cannot be run."""

    book: str
    changes: dict[str, Summary]
    problems: tuple[Problem, ...] = ()


def on_books(
    executor: Executor,
    settings: Iterable[Setting],
    plan: Plan,
    done: Callable[[int], None] = lambda count: None,
) -> list[OnBook]:
    """The plan against the plan in force on each book, in the order of the settings, whatever the executor.

    A book on which one of the plans cannot be run says why and stops nobody. done: told how many books are ready; what
    it raises ends the work.
    """
    everything = list(settings)
    parts = [everything[first : first + TOGETHER] for first in range(0, len(everything), TOGETHER)]
    ready = 0

    def count(place: int, found: list[OnBook]) -> None:
        nonlocal ready
        ready += len(found)
        done(ready)

    answers = spread(executor, partial(_each, plan), parts, count)
    return [answer for part in answers for answer in part]


def _each(plan: Plan, settings: Sequence[Setting]) -> list[OnBook]:
    return [_on_book(setting, plan) for setting in settings]


def _on_book(setting: Setting, plan: Plan) -> OnBook:
    try:
        # Not the kept stage: thousands of books would push out those that people are working with.
        stage = make_stage(setting)
        changes = differences(simulate(stage, plan), simulate(stage, setting.current))
    except InputError as error:
        return OnBook(setting.book.digest, {}, error.problems)
    return OnBook(setting.book.digest, changes)
