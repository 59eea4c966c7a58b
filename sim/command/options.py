"""What the commands share: which book, which plan in force, which world, whose luck; read with all problems at once."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from sim.book.read import read_book
from sim.book.samples import SAMPLES, load_sample
from sim.book.schema import Book
from sim.decide.choice.criterion import CRITERIA, MOST_WORTH, WORTH
from sim.engine.run import MAX_MONTHS, MAX_TRIALS, MONTHS, TRIALS, check_size
from sim.plan.read import PLAN_PRESETS, load_plan
from sim.plan.schema import Plan
from sim.problems import InputError, Problem
from sim.runs.setting import Setting
from sim.world.parameters import ASSUMPTIONS, WORLD_PRESETS, World, world_preset

T = TypeVar("T")

PLANS = f"plan.toml, or a preset: {', '.join(PLAN_PRESETS)}"


USUAL: dict[str, str | int] = {
    "current": "current_80_20",
    "world": "base",
    "trials": TRIALS,
    "months": MONTHS,
    "seed": 1,
}
"""The options of a setting that have a default."""


def command(
    commands: Any, name: str, help: str, description: str, *, or_scenario: bool = False
) -> argparse.ArgumentParser:
    """The parser of a command that simulates, with the options of its setting. commands: as argparse makes it.

    or_scenario: the setting may be in a scenario's file instead; then options that are not given are None.
    """
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=help,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=description,
        epilog="assumptions for --set (default, range):\n"
        + "\n".join(
            f"  {row.name:26} {row.label} ({row.default:g}, {row.low:g} to {row.high:g} {row.unit})"
            for row in ASSUMPTIONS.values()
        ),
    )

    def usual(name: str, help: str, **more: Any) -> None:
        default = None if or_scenario else USUAL[name]
        parser.add_argument(f"--{name}", default=default, help=f"{help} (default: {USUAL[name]})", **more)

    samples = ", ".join(SAMPLES)
    parser.add_argument("--book", required=not or_scenario, help=f"accounts.csv, or a sample book: {samples}")
    parser.add_argument("--team", help="team.csv (not needed with a sample book)")
    parser.add_argument("--as-of", help="first month, as 2026-01-01; default: the month of the earliest renewal")
    usual("current", f"the plan in force: {PLANS}")
    usual("world", ", ".join(WORLD_PRESETS))
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="override an assumption; may be repeated"
    )
    usual("trials", f"1 to {MAX_TRIALS:,}", type=int)
    usual("months", f"horizon, 1 to {MAX_MONTHS}", type=int)
    usual("seed", "0 or above", type=int)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser


def criterion_options(parser: argparse.ArgumentParser, usual: str, help: str) -> None:
    """Of the commands that conclude: upon what, and what a dollar of ARR is worth. usual: the criterion's default."""
    parser.add_argument("--criterion", choices=list(CRITERIA), default=usual, help=f"{help} (default: %(default)s)")
    parser.add_argument(
        "--worth",
        type=float,
        default=WORTH,
        metavar="USD",
        help=f"what a dollar of ARR is worth, 0 to {MOST_WORTH:g} (default: %(default)s, a year's gross margin)",
    )


def check_worth(worth: float) -> None:
    """Raises InputError when ``--worth`` is out of range."""
    if not 0.0 <= worth <= MOST_WORTH:
        raise InputError([Problem("--worth", f"{worth:g}", f"must be from 0 to {MOST_WORTH:g} USD")])


def cluster_option(parser: argparse.ArgumentParser) -> None:
    """Of the commands that take long: where they work."""
    parser.add_argument(
        "--cluster",
        default="",
        metavar="ADDRESS",
        help="work on a Dask cluster, as tcp://10.0.0.5:8786, to which the book is sent (default: on this machine)",
    )


def setting_and_plans(
    options: argparse.Namespace, plans: list[str], *checks: Callable[[], object]
) -> tuple[Setting, list[Plan]]:
    """The setting and the plans of ``--plan``. Raises InputError with the problems of them all.

    checks: of further options; each raises InputError when one is wrong.
    """
    problems: list[Problem] = []

    def attempt(read: Callable[[], T]) -> T | None:
        try:
            return read()
        except InputError as error:
            problems.extend(error.problems)
        return None

    book = attempt(lambda: book_of(options))
    current = attempt(lambda: read_plan("--current", options.current))
    read = [attempt(lambda name=name: read_plan("--plan", name)) for name in plans]  # type: ignore[misc]
    world = attempt(lambda: _world(options))
    attempt(lambda: check_size(options.trials, options.months, options.seed))
    for check in checks:
        attempt(check)
    if problems or book is None or current is None or world is None:
        raise InputError(problems)
    setting = Setting(book, current, world, options.seed, options.trials, options.months)
    return setting, [plan for plan in read if plan is not None]


@contextmanager
def blaming(option: str) -> Iterator[None]:
    """Several plans are given: a problem of one of them says of which."""
    try:
        yield
    except InputError as error:
        raise InputError(_placed(problem, option) for problem in error.problems) from None


def _placed(problem: Problem, option: str) -> Problem:
    return replace(problem, where=option if problem.where == "plan" else f"{option}, {problem.where}")


def read_plan(option: str, name: str) -> Plan:
    """A preset or a file, given with ``option``. Raises InputError."""
    with blaming(option):
        return load_plan(name)


def book_of(options: argparse.Namespace) -> Book:
    """The book of ``--book`` and ``--team``. Raises InputError."""
    if options.team is None:
        if Path(options.book).suffix:
            raise InputError([Problem("--team", "", "is missing: give the team.csv that goes with the accounts")])
        if options.as_of is not None:
            raise InputError([Problem("--as-of", options.as_of, "goes with a book of your own, not with a sample")])
        return load_sample(options.book)
    return read_book(Path(options.book), Path(options.team), as_of=as_of(options.as_of))


def as_of(text: str | None) -> date | None:
    """The date of ``--as-of``, if given. Raises InputError."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError([Problem("--as-of", text, "must be a date like 2026-01-01")]) from None


def _world(options: argparse.Namespace) -> World:
    overrides, problems = {}, []
    for item in options.set:
        name, _, value = item.partition("=")
        try:
            overrides[name.strip()] = float(value)
        except ValueError:
            problems.append(Problem(f"--set {name}", value, "must be a number, as in --set churn_cut=0.05"))
    if problems:
        raise InputError(problems)
    return world_preset(options.world).changed(overrides)
