"""The command line: the same engine for analysts and scheduled jobs."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from sim.book.read import read_book
from sim.book.samples import SAMPLES, load_sample
from sim.book.schema import Book
from sim.decide.verdict import verdict
from sim.engine.run import MAX_MONTHS, MAX_TRIALS, MONTHS, TRIALS, check_size, set_stage, simulate
from sim.import_command import add_parser as add_import
from sim.import_command import run_import
from sim.plan.read import PLAN_PRESETS, load_plan
from sim.plan.schema import Plan
from sim.problems import InputError, Problem
from sim.share.report import comparison
from sim.words import money, percent, points
from sim.world.parameters import ASSUMPTIONS, WORLD_PRESETS, World, world_preset

USAGE_ERROR = 2
T = TypeVar("T")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0, or 2 with one sentence for each problem on standard error."""
    options = _parser().parse_args(arguments)
    try:
        print(_answer(options))
    except InputError as error:
        print(error, file=sys.stderr)
        return USAGE_ERROR
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        print(Problem("file", str(error.filename), f"could not be read or written: {reason}"), file=sys.stderr)
        return USAGE_ERROR
    return 0


def _answer(options: argparse.Namespace) -> str:
    if options.command == "warm":
        return _warm()
    if options.command == "import":
        return run_import(options, _as_of(options.as_of))
    return _run(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sim", description="What a Customer Success compensation plan costs, against the ARR it retains."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("warm", help="compile the engine and keep it on disk, so that the first run does not wait")
    add_import(commands)
    run = commands.add_parser(
        "run",
        help="simulate a plan against the plan in force",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Simulate a plan on a book, paired with the plan in force: same input, same output, bit for bit.",
        epilog="assumptions for --set (default, range):\n"
        + "\n".join(
            f"  {row.name:26} {row.label} ({row.default:g}, {row.low:g} to {row.high:g} {row.unit})"
            for row in ASSUMPTIONS.values()
        ),
    )
    presets = ", ".join(PLAN_PRESETS)
    run.add_argument("--book", required=True, help=f"accounts.csv, or a sample book: {', '.join(SAMPLES)}")
    run.add_argument("--team", help="team.csv (not needed with a sample book)")
    run.add_argument("--as-of", help="first month, as 2026-01-01; default: the month of the earliest renewal")
    run.add_argument("--plan", required=True, help=f"plan.toml, or a preset: {presets}")
    run.add_argument("--current", default="current_80_20", help="the plan in force, likewise (default: %(default)s)")
    run.add_argument("--world", default="base", help=f"{', '.join(WORLD_PRESETS)} (default: %(default)s)")
    run.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="override an assumption; may be repeated"
    )
    run.add_argument("--trials", type=int, default=TRIALS, help=f"1 to {MAX_TRIALS:,} (default: %(default)s)")
    run.add_argument("--months", type=int, default=MONTHS, help=f"horizon, 1 to {MAX_MONTHS} (default: %(default)s)")
    run.add_argument("--seed", type=int, default=1, help="0 or above (default: %(default)s)")
    run.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser


def _run(options: argparse.Namespace) -> str:
    book, current, plan, world = _inputs(options)
    with _blaming("--current"):
        stage = set_stage(book, current, world, seed=options.seed, trials=options.trials, n_months=options.months)
        now = simulate(stage, current)
    with _blaming("--plan"):
        then = simulate(stage, plan)
    report = comparison(then, now, options.seed)
    if options.json:
        return json.dumps(report, indent=2, allow_nan=False)
    return f"{verdict(then, now).sentence}\n\n{_table(report)}"


def _inputs(options: argparse.Namespace) -> tuple[Book, Plan, Plan, World]:
    """Book, plan in force, candidate and world; raises InputError with the problems of them all."""
    problems: list[Problem] = []

    def attempt(read: Callable[[], T]) -> T | None:
        try:
            return read()
        except InputError as error:
            problems.extend(error.problems)
        return None

    book = attempt(lambda: _book(options))
    current = attempt(lambda: _plan("--current", options.current))
    plan = attempt(lambda: _plan("--plan", options.plan))
    world = attempt(lambda: _world(options))
    attempt(lambda: check_size(options.trials, options.months, options.seed))
    if problems or book is None or current is None or plan is None or world is None:
        raise InputError(problems)
    return book, current, plan, world


@contextmanager
def _blaming(option: str) -> Iterator[None]:
    """Two plans are given: a problem of one of them says of which."""
    try:
        yield
    except InputError as error:
        raise InputError(_placed(problem, option) for problem in error.problems) from None


def _placed(problem: Problem, option: str) -> Problem:
    return replace(problem, where=option if problem.where == "plan" else f"{option}, {problem.where}")


def _plan(option: str, name: str) -> Plan:
    with _blaming(option):
        return load_plan(name)


def _book(options: argparse.Namespace) -> Book:
    if options.team is None:
        if Path(options.book).suffix:
            raise InputError([Problem("--team", "", "is missing: give the team.csv that goes with the accounts")])
        if options.as_of is not None:
            raise InputError([Problem("--as-of", options.as_of, "goes with a book of your own, not with a sample")])
        return load_sample(options.book)
    return read_book(Path(options.book), Path(options.team), as_of=_as_of(options.as_of))


def _as_of(text: str | None) -> date | None:
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


def _table(report: dict[str, Any]) -> str:
    """The seven figures as people read them: mean of both plans, the difference and its standard error."""
    lines = [f"{'':18}{'candidate':>14}{'current':>14}{'difference':>14}{'std. error':>14}"]
    for name in report["candidate"]:
        rate = name.endswith("retention")
        then, now, change = (report[part][name] for part in ("candidate", "current", "difference"))
        written = percent if rate else money
        gap = points(change["mean"], 2) if rate else money(change["mean"], signed=True)
        error = _error(change["standard_error"], rate)
        label = name.replace("_", " ").replace("arr", "ARR")
        lines.append(f"{label:18}{written(then['mean']):>14}{written(now['mean']):>14}{gap:>14}{error:>14}")
    lines.append(f"{report['trials']:,} trials, seed {report['seed']}, model {report['model_version']}")
    return "\n".join(lines)


def _error(size: float | None, rate: bool) -> str:
    if size is None:
        return "unknown"  # one trial
    return f"{100 * size:.2f} pp" if rate else money(size)


def _warm() -> str:
    current = load_plan("current_80_20")
    stage = set_stage(load_sample("startup"), current, world_preset("base"), trials=64)
    simulate(stage, current)
    return "The engine is compiled."


if __name__ == "__main__":
    sys.exit(main())
