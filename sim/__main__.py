"""The command line: the same engine for analysts and scheduled jobs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from sim.book.samples import load_sample
from sim.command import budget, compare, frontier, importing, run, sensitivity, store
from sim.engine.run import set_stage, simulate
from sim.plan.read import load_plan
from sim.problems import InputError, Problem
from sim.world.parameters import world_preset

USAGE_ERROR = 2
COMMANDS = {
    "run": run,
    "budget": budget,
    "compare": compare,
    "frontier": frontier,
    "sensitivity": sensitivity,
    "import": importing,
    "store": store,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0, or 2 with one sentence for each problem on standard error."""
    options = _parser().parse_args(arguments)
    try:
        print(_warm() if options.command == "warm" else COMMANDS[options.command].answer(options))
    except InputError as error:
        print(error, file=sys.stderr)
        return USAGE_ERROR
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        print(Problem("file", str(error.filename), f"could not be read or written: {reason}"), file=sys.stderr)
        return USAGE_ERROR
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sim", description="What a Customer Success compensation plan costs, against the ARR it retains."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("warm", help="compile the engine and keep it on disk, so that the first run does not wait")
    for module in COMMANDS.values():
        module.add_parser(commands)
    return parser


def _warm() -> str:
    current = load_plan("current_80_20")
    stage = set_stage(load_sample("startup"), current, world_preset("base"), trials=64)
    simulate(stage, current)
    return "The engine is compiled."


if __name__ == "__main__":
    sys.exit(main())
