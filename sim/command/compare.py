"""`python -m sim compare`: any number of plans against the plan in force, on one criterion."""

from __future__ import annotations

import argparse
import json
from collections.abc import Hashable
from typing import Any

from sim.command.options import PLANS, blaming, check_worth, command, criterion_options, setting_and_plans
from sim.decide.choice.contenders import Contender, enter, free_name
from sim.decide.choice.criterion import CRITERIA
from sim.decide.choice.parts import PARTS
from sim.decide.choice.standing import in_words, standings
from sim.problems import InputError
from sim.runs.setting import run
from sim.share.choice_report import choice, parts
from sim.words import percent

IN_FORCE = "Plan in force"
_PARTS = {part.lower(): part for part in PARTS}


def add_parser(commands: Any) -> None:
    parser = command(
        commands,
        "compare",
        "compare any number of plans with the plan in force",
        "Run plans on the same luck: which is best how often, what it takes to tell them apart, what pays for itself.",
    )
    parser.add_argument("--plan", required=True, action="append", help=f"{PLANS}; may be repeated")
    criterion_options(parser, "retained_less_cost", "what best means")
    parser.add_argument(
        "--by", choices=[part.lower() for part in PARTS], help="with --json: the differences by part too"
    )


def answer(options: argparse.Namespace) -> str:
    """What is printed. Raises InputError, of a plan that does not fit the book only when no other does."""
    setting, plans = setting_and_plans(options, options.plan, lambda: check_worth(options.worth))
    with blaming("--current"):
        current = Contender(IN_FORCE, setting.current, run(setting, setting.current))
    named: list[str] = [IN_FORCE]
    for plan in plans:
        named.append(free_name(plan.name, named))
    fit, refused = enter(list(zip(named[1:], plans, strict=True)), lambda plan: run(setting, plan))
    if not fit:
        raise InputError([problem for plan in refused for problem in plan.error.problems])
    criterion = CRITERIA[options.criterion]
    report = choice(fit, current, criterion, options.worth, options.seed)
    report["left_out"] = [f"{plan.name}: {problem}" for plan in refused for problem in plan.error.problems]
    if options.json:
        if options.by:
            report["parts"] = parts(fit, current, _PARTS[options.by])
        return json.dumps(report, indent=2, allow_nan=False)
    table = in_words(standings(fit, current, criterion, options.worth))
    return _written(report, table.to_dict("records"))


def _written(report: dict[str, Any], rows: list[dict[Hashable, Any]]) -> str:
    """The answer, a table of the plans, the break-even of each, and what was left out."""
    shown = ("plan_cost", "retained_arr", "expansion_arr")
    heads = ["plan", "best in", "beats", "criterion", *(name.replace("_", " ").replace("arr", "ARR") for name in shown)]
    lines = [heads]
    for row in rows:
        chances = [percent(row["best"], 0), percent(row["ahead"], 0)]
        lines.append([row["plan"], *chances, *(row[name] for name in ("criterion", *shown))])
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    sentences = [found["sentence"] for found in report["break_even"]]
    left_out = [f"Left out: {sentence}" for sentence in report["left_out"]]
    settling = [report["settling"]] if report["settling"] else []
    return "\n".join([report["answer"], *settling, "", *table, "", *sentences, *left_out])
