"""`python -m sim run`: one plan against the plan in force."""

from __future__ import annotations

import argparse
import json
from typing import Any

from sim.command import scenario
from sim.command.options import PLANS, blaming, command
from sim.decide.verdict import verdict
from sim.runs.setting import run
from sim.share.report import comparison
from sim.words import money, percent, points


def add_parser(commands: Any) -> None:
    parser = command(
        commands,
        "run",
        "simulate a plan against the plan in force",
        "Simulate a plan on a book, paired with the plan in force: same input, same output, bit for bit.",
        or_scenario=True,
    )
    parser.add_argument("--plan", help=PLANS)
    scenario.add_option(parser)


def answer(options: argparse.Namespace) -> str:
    """What is printed. Raises InputError."""
    setting, plan = scenario.setting_and_plan(options)
    with blaming("--current"):
        now = run(setting, setting.current)
    with blaming("--plan"):
        then = run(setting, plan)
    report = comparison(then, now, setting.seed)
    if options.json:
        return json.dumps(report, indent=2, allow_nan=False)
    return f"{verdict(then, now).sentence}\n\n{_table(report)}"


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
