"""`python -m sim budget`: does a plan fit a budget, what breaks it, which value of a lever mends it."""

from __future__ import annotations

import argparse
import json
import math
from typing import Any

import pandas as pd

from sim.command.options import PLANS, blaming, command, setting_and_plans
from sim.decide.budget import basis, events, level
from sim.decide.budget.basis import Budget
from sim.decide.budget.fit import PairedFit, fit_table, paired_fit, sentence
from sim.decide.budget.parts import month_table, parts_table
from sim.decide.budget.solve import Solution, solution_sentence, solvable, solve
from sim.engine.outcome import Outcome
from sim.engine.run import MODEL_VERSION
from sim.plan.schema import Plan
from sim.problems import InputError, Problem
from sim.runs.setting import Setting, run, stage_at
from sim.words import money, percent


def add_parser(commands: Any) -> None:
    parser = command(
        commands,
        "budget",
        "set a plan's cost against a budget",
        "The chance that a plan breaks a budget for compensation, beside the plan in force on the same luck; what the "
        "cost is made of, when it is earned and paid, and what attainment breaks the budget.",
    )
    parser.add_argument("--plan", required=True, help=PLANS)
    amount = parser.add_mutually_exclusive_group()
    amount.add_argument(
        "--budget", type=float, help="USD over the horizon (default: what the plan in force stays within 4 times of 5)"
    )
    amount.add_argument("--share", type=float, help="the budget as a share of revenue, like 0.07")
    amount.add_argument("--margin", type=float, help="profit margin that must remain, like 0.2; with --other-costs")
    parser.add_argument("--revenue", type=float, help="USD over the horizon (default: as simulated, no new customers)")
    parser.add_argument("--other-costs", type=float, help="USD over the horizon: all costs but compensation")
    parser.add_argument("--solve", metavar="LEVER", help="find the value that keeps P(over) within --most-over")
    parser.add_argument("--most-over", type=float, default=0.10, help="largest P(over budget) (default: %(default)s)")
    parser.add_argument("--stress", action="store_true", help="run the named bad years as well")


def answer(options: argparse.Namespace) -> str:
    """What is printed. Raises InputError."""
    setting, (plan,) = _read(options)
    with blaming("--current"):
        current = run(setting, setting.current)
    with blaming("--plan"):
        candidate = run(setting, plan)
    budget = _budget(options, current)
    found = paired_fit(candidate, current, budget.amount)
    roll = level.payroll(stage_at(setting), plan, candidate)
    solution = (
        solve(lambda one: run(setting, one).plan_cost, plan, options.solve, budget.amount, options.most_over)
        if options.solve
        else None
    )
    stressed = _stress(setting, plan, candidate, current, budget.amount) if options.stress else None
    if options.json:
        report = _report(found, budget, candidate, current, roll) | {"seed": options.seed}
        report |= {"solution": _solved(solution)} if solution else {}
        report |= {"events": _records(stressed)} if stressed is not None else {}
        return json.dumps(report, indent=2, allow_nan=False)
    return _written(found, budget, candidate, current, roll, solution, stressed)


def _read(options: argparse.Namespace) -> tuple[Setting, list[Plan]]:
    setting, plans = setting_and_plans(options, [options.plan], lambda: _check(options))
    if options.solve:
        known = [lever.name for lever in solvable(plans[0])]
        if options.solve not in known:
            rule = f"must be a lever that this plan can move: {', '.join(known) or 'it has none'}"
            raise InputError([Problem("--solve", options.solve, rule)])
    return setting, plans


def _check(options: argparse.Namespace) -> None:
    problems = []
    for name in ("budget", "share", "revenue"):
        value = getattr(options, name)
        if value is not None and not (value > 0.0 and math.isfinite(value)):
            problems.append(Problem(f"--{name}", f"{value:g}", "must be above 0"))
    if options.margin is not None and not -1.0 <= options.margin < 1.0:
        problems.append(Problem("--margin", f"{options.margin:g}", "must be a fraction from -1 to below 1, like 0.2"))
    if (options.margin is None) != (options.other_costs is None):
        problems.append(Problem("--margin", "", "goes with --other-costs; give both or neither"))
    if options.other_costs is not None and not (options.other_costs >= 0.0 and math.isfinite(options.other_costs)):
        problems.append(Problem("--other-costs", f"{options.other_costs:g}", "must be 0 or more"))
    if not 0.0 <= options.most_over < 1.0:
        problems.append(Problem("--most-over", f"{options.most_over:g}", "must be a fraction from 0 to below 1"))
    if problems:
        raise InputError(problems)


def _budget(options: argparse.Namespace, current: Outcome) -> Budget:
    revenue = options.revenue or basis.revenue(current)
    if options.share is not None:
        return basis.from_share(options.share, revenue)
    if options.margin is not None:
        return basis.from_margin(options.margin, revenue, options.other_costs)
    usual = basis.usual_budget(current.plan_cost)
    return basis.from_amount(options.budget or usual, usual)


def _stress(setting: Setting, plan: Plan, candidate: Outcome, current: Outcome, budget: float) -> pd.DataFrame:
    sides = [(plan, candidate), (setting.current, current)]
    then, now = events.stress_plans(stage_at(setting), sides, budget, lambda share: None)
    return events.both(then, now)


def _report(
    found: PairedFit, budget: Budget, candidate: Outcome, current: Outcome, roll: level.Payroll
) -> dict[str, Any]:
    breaks = level.breaking(roll, candidate.plan_cost, budget.amount)
    return {
        "model_version": MODEL_VERSION,
        "trials": candidate.n_trials,
        "months": candidate.n_months,
        "budget": budget.amount,
        "budget_is": budget.how,
        "finding": sentence(found),
        "fit": _records(fit_table(found)),
        "gap": found.gap,
        "gap_standard_error": found.gap_error if math.isfinite(found.gap_error) else None,
        "parts": _records(parts_table(candidate, current).drop(columns="meaning")),
        "months_of_candidate": _records(month_table(candidate)),
        "breaking_attainment": breaks.together,
        "breaking_attainment_with_spread": breaks.spread,
        "over_if_all_alike": breaks.over_together,
        "cost_of_spread": breaks.spread_cost,
    }


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as JSON has them: no NaN."""
    rows: list[dict[str, Any]] = json.loads(table.to_json(orient="records", double_precision=15))
    return rows


def _solved(found: Solution) -> dict[str, Any]:
    return {
        "lever": found.lever.name,
        "most_over": found.limit,
        "start": found.start,
        "value": found.value,
        "over": found.over,
        "over_before": found.before,
        "finding": solution_sentence(found),
    }


def _written(
    found: PairedFit,
    budget: Budget,
    candidate: Outcome,
    current: Outcome,
    roll: level.Payroll,
    solution: Solution | None,
    stressed: pd.DataFrame | None,
) -> str:
    breaks = level.breaking(roll, candidate.plan_cost, budget.amount)
    lines = [sentence(found), f"The budget: {money(budget.amount)}, {budget.how}.", ""]
    lines.append(f"{'':18}{'candidate':>14}{'current':>14}{'difference':>14}")
    for label, then, now in (
        ("P50", found.candidate.p50, found.current.p50),
        ("P80", found.candidate.p80, found.current.p80),
        ("P90", found.candidate.p90, found.current.p90),
        ("P95", found.candidate.p95, found.current.p95),
        ("reserve", found.candidate.reserve, found.current.reserve),
        ("overrun when over", found.candidate.overrun, found.current.overrun),
    ):
        lines.append(f"{label:18}{money(then):>14}{money(now):>14}{money(then - now, signed=True):>14}")
    lines.append("")
    for row in parts_table(candidate, current).to_dict("records"):
        gap = money(row["difference"], signed=True)
        lines.append(f"{row['part']:18}{money(row['candidate']):>14}{money(row['current']):>14}{gap:>14}")
    lines += ["", f"{level.level_finding(breaks)}. {level.volatility_sentence(breaks)}"]
    if solution is not None:
        lines += ["", solution_sentence(solution)]
    if stressed is not None:
        lines += ["", f"{'':30}{'cost':>12}{'retained ARR':>16}{'P(over)':>10}{'in force':>10}"]
        for row in stressed.to_dict("records"):
            kept = row["retained_change"]
            arr = money(kept, signed=True) if math.isfinite(kept) else "-"
            odds = f"{percent(row['over']):>10}{percent(row['over_current']):>10}"
            lines.append(f"{row['event']:30}{money(row['cost']):>12}{arr:>16}{odds}")
    return "\n".join(lines)
