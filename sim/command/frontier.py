"""`python -m sim frontier`: plans that no other plan beats, searched for in the space that the options allow."""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import Any

from sim.command.options import PLANS, cluster_option, command, read_plan, setting_and_plans
from sim.decide.frontier.explore import PLANS as TRIED
from sim.decide.frontier.explore import explore
from sim.decide.frontier.figures import Limit, usual_limit
from sim.decide.frontier.finalists import Frontier
from sim.decide.frontier.space import POLICIES, Move, Space, make_space, usual
from sim.decide.frontier.tables import finding, luck_in_words, offer_table
from sim.engine.run import MODEL_VERSION
from sim.plan.levers import LEVERS
from sim.plan.read import plan_to_toml
from sim.plan.schema import Plan
from sim.problems import InputError, Problem
from sim.runs.cluster import executor_at
from sim.runs.setting import run
from sim.words import money, nearest, percent

MOST_PLANS = 100_000


def add_parser(commands: Any) -> None:
    parser = command(
        commands,
        "frontier",
        "search for plans that no other beats on cost, retained ARR and fairness",
        "Search the plans that the options allow for those that no other beats on cost in a bad year (P90), retained "
        "ARR and the pay gap between CSMs of equal skill, within a budget. Same input, same plans, bit for bit.",
    )
    parser.add_argument(
        "--from", dest="start", metavar="PLAN", help=f"levers that stay are its; {PLANS}; default: the plan in force"
    )
    parser.add_argument(
        "--move",
        action="append",
        default=[],
        metavar="LEVER=VALUES",
        help="a lever that may move: variable_share=0.1..0.4, period=month,quarter, retention_capped=on,off; may be "
        f"repeated; default: the customary ones and ranges. Levers: {', '.join(lever.name for lever in LEVERS)}",
    )
    parser.add_argument(
        "--policy",
        action="append",
        default=[],
        metavar="NAME",
        help=f"a rule that every plan keeps; may be repeated: {', '.join(policy.name for policy in POLICIES)}",
    )
    parser.add_argument(
        "--budget", type=float, help="USD over the horizon (default: 5 %% above the P90 of the plan in force)"
    )
    parser.add_argument("--most-over", type=float, default=0.10, help="largest P(over budget) (default: %(default)s)")
    parser.add_argument(
        "--plans", type=int, default=TRIED, help=f"plans to try, 1 to {MOST_PLANS:,} (default: %(default)s)"
    )
    cluster_option(parser)
    parser.add_argument("--out", metavar="FOLDER", help="write the plans found there, as frontier_1.toml and so on")


def answer(options: argparse.Namespace) -> str:
    """What is printed. Raises InputError."""
    setting, _ = setting_and_plans(
        options, [], lambda: _sizes(options), lambda: _base(options), lambda: _moves(options)
    )
    base = _base(options) or setting.current
    space = make_space(base, _moves(options) or usual(base), options.policy)
    limit = Limit(options.budget or usual_limit(run(setting, setting.current).plan_cost).budget, options.most_over)
    with executor_at(options.cluster) as executor:
        found = explore(executor, setting, space, limit, options.plans)
    if options.out:
        _write(found, Path(options.out))
    if options.json:
        return json.dumps(_report(found, space, options.seed, setting.trials), indent=2, allow_nan=False)
    return _written(found)


def _sizes(options: argparse.Namespace) -> None:
    problems: list[Problem] = []
    if not 1 <= options.plans <= MOST_PLANS:
        problems.append(Problem("--plans", str(options.plans), f"must be from 1 to {MOST_PLANS:,}"))
    if not 0.0 <= options.most_over <= 1.0:
        problems.append(Problem("--most-over", f"{options.most_over:g}", "must be a fraction from 0 to 1, like 0.1"))
    if options.budget is not None and not (options.budget > 0.0 and math.isfinite(options.budget)):
        problems.append(Problem("--budget", f"{options.budget:g}", "must be above 0, in USD over the horizon"))
    if problems:
        raise InputError(problems)


def _base(options: argparse.Namespace) -> Plan | None:
    return read_plan("--from", options.start) if options.start else None


def _moves(options: argparse.Namespace) -> list[Move]:
    moves: list[Move] = []
    problems: list[Problem] = []
    for text in options.move:
        try:
            moves.append(_move(text))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return moves


def _move(text: str) -> Move:
    name, _, values = (part.strip() for part in text.partition("="))
    lever = next((lever for lever in LEVERS if lever.name == name), None)
    if lever is None:
        known = [lever.name for lever in LEVERS]
        raise InputError([Problem("--move", text, f"must name a lever; the nearest is '{nearest(name, known)}'")])
    if lever.widget == "slider":
        low, _, high = values.partition("..")
        try:
            return Move(name, float(low), float(high or low))
        except ValueError:
            raise InputError(
                [Problem(f"--move {name}", values, "must be a range like 0.1..0.4, or a number")]
            ) from None
    words: dict[str, str | bool] = {value: value for value, _ in lever.options} or {"on": True, "off": False}
    chosen = [value.strip() for value in values.split(",")]
    if not set(chosen) <= set(words):
        raise InputError(
            [Problem(f"--move {name}", values, f"must be some of {', '.join(words)}, with commas between")]
        )
    return Move(name, allowed=tuple(dict.fromkeys(words[value] for value in chosen)))


def _write(found: Frontier, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, offer in enumerate(found.offers, start=1):
        (folder / f"frontier_{number}.toml").write_text(plan_to_toml(offer.plan), encoding="utf-8")


def _report(found: Frontier, space: Space, seed: int, trials: int) -> dict[str, Any]:
    rows = offer_table(found).to_dict("records")
    plans = [offer.plan.model_dump(mode="json", exclude_defaults=True) for offer in found.offers]
    return {
        "model_version": MODEL_VERSION,
        "seed": seed,
        "trials": trials,
        "finding": finding(found),
        "budget": found.limit.budget,
        "most_over": found.limit.most_over,
        "plans_tried": found.screened.tries,
        "plans_different": len(found.screened.tried),
        "plans_within_budget": found.within,
        "levers": [move.lever for move in space.moves],
        "offers": [{**row, "terms": plan} for row, plan in zip(rows, plans, strict=False)],
        "current": rows[-1],
    }


def _written(found: Frontier) -> str:
    lines = [f"{finding(found)}."]
    if not found.offers:
        return lines[0]
    lines += ["", f"{'':4}{'cost P90':>12}{'retained ARR':>15}{'promised':>12}{'pay gap':>10}{'P(over)':>10}  plan"]
    for row in offer_table(found).to_dict("records"):
        lines.append(
            f"{row['number'] or '':<4}{money(row['cost_p90']):>12}{money(row['retained_change'], signed=True):>15}"
            f"{money(row['retained_promised'], signed=True):>12}{percent(row['pay_gap']):>10}{percent(row['over']):>10}"
            f"  {row['plan']}"
        )
    return "\n".join([*lines, "", f"{luck_in_words(found)}.", f"Budget {money(found.limit.budget)}."])
