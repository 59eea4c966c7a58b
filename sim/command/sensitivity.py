"""`python -m sim sensitivity`: what the conclusion hangs on, where it flips, and what is worth finding out."""

from __future__ import annotations

import argparse
import json
from typing import Any

from sim.command.options import PLANS, check_worth, cluster_option, command, criterion_options, setting_and_plans
from sim.decide.choice.criterion import CRITERIA
from sim.decide.sensitivity import study
from sim.decide.sensitivity.design import MOST_VARIED, can_vary, design
from sim.decide.sensitivity.information import NET
from sim.decide.sensitivity.ranges import Range, checked, plausible
from sim.decide.sensitivity.study import SAMPLE_TRIALS, Sample
from sim.engine.run import MODEL_VERSION
from sim.problems import InputError, Problem
from sim.runs.cluster import executor_at
from sim.share.sensitivity_report import row_report, sample_report, tornado_report
from sim.words import money, nearest, percent
from sim.world.parameters import ASSUMPTIONS, World

ROWS = (0, 8, 16, 32, 64, 128, 256, 512, 1024)
BARS = 10


def add_parser(commands: Any) -> None:
    parser = command(
        commands,
        "sensitivity",
        "which assumptions a conclusion hangs on",
        "Try a plan against the plan in force in other worlds: the shipped ones, each assumption at both ends of its "
        "range, and many at once. Same input, same output, bit for bit.",
    )
    parser.add_argument("--plan", required=True, help=PLANS)
    criterion_options(parser, NET, "what is concluded upon")
    parser.add_argument(
        "--range",
        action="append",
        default=[],
        metavar="NAME=LOW..HIGH",
        help="where an assumption is tried; may be repeated; default: a plausible range of each",
    )
    parser.add_argument(
        "--vary",
        action="append",
        default=[],
        metavar="NAME",
        help=f"assumptions that move together; may be repeated; default: the {MOST_VARIED} that matter most alone",
    )
    parser.add_argument(
        "--rows",
        type=int,
        choices=ROWS,
        default=64,
        help=f"rows of worlds, each two more than assumptions move together, {SAMPLE_TRIALS} trials a world; 0: none "
        "(default: %(default)s)",
    )
    cluster_option(parser)


def answer(options: argparse.Namespace) -> str:
    """What is printed. Raises InputError."""
    setting, (plan,) = setting_and_plans(
        options, [options.plan], lambda: check_worth(options.worth), lambda: _read(options), lambda: _known(options)
    )
    ranges = _ranges(options, setting.world)
    criterion = CRITERIA[options.criterion]
    with executor_at(options.cluster) as executor:
        four = study.side_by_side(executor, setting, plan)
        ends = study.one_by_one(executor, setting, plan, ranges, _quiet)
        sample = None
        varied = _varied(options, ranges) or study.proposed(setting.world, ranges, ends)
        if options.rows and varied:
            sample = study.all_at_once(executor, setting, plan, design(varied, options.rows), _quiet)
    bars = study.tornado(setting.world, ranges, ends, criterion, options.worth)
    report = {
        "model_version": MODEL_VERSION,
        "seed": setting.seed,
        "trials": setting.trials,
        "months": setting.months,
        "criterion": criterion.name,
        "worth": options.worth,
        "side_by_side": row_report(four, criterion, options.worth),
        "one_at_a_time": tornado_report(bars),
        "all_at_once": sample and sample_report(sample, criterion, options.worth, setting.months),
    }
    return json.dumps(report, indent=2, allow_nan=False) if options.json else _written(report)


def _quiet(share: float, found: study.Ends | Sample) -> None:
    """A command has nobody to tell."""


def _read(options: argparse.Namespace) -> dict[str, Range]:
    """The ranges that are given, by assumption."""
    given, problems = {}, []
    for text in options.range:
        name, _, values = (part.strip() for part in text.partition("="))
        low, _, high = values.partition("..")
        try:
            given[name] = Range(name, float(low), float(high))
        except ValueError:
            rule = "must be a range, as in --range churn_cut=0.02..0.15"
            problems.append(Problem(f"--range {name}", values, rule))
            continue
        if name not in ASSUMPTIONS:
            problems.append(_unknown("--range", name))
    if problems:
        raise InputError(problems)
    return given


def _known(options: argparse.Namespace) -> None:
    wrong = [_unknown("--vary", name) for name in options.vary if name not in ASSUMPTIONS]
    if wrong:
        raise InputError(wrong)


def _unknown(option: str, name: str) -> Problem:
    return Problem(option, name, f"must name an assumption; the nearest is '{nearest(name, ASSUMPTIONS)}'")


def _ranges(options: argparse.Namespace, world: World) -> tuple[Range, ...]:
    given = _read(options)
    return checked([given.get(one.name, one) for one in plausible(world)], world)


def _varied(options: argparse.Namespace, ranges: tuple[Range, ...]) -> tuple[Range, ...]:
    chosen = [one for one in ranges if one.name in options.vary]
    still = [one for one in chosen if not can_vary(one)]
    if still:
        rule = "cannot move together with others: its range is a point, or it needs luck of its own in each world"
        raise InputError(Problem("--vary", one.name, rule) for one in still)
    return tuple(chosen)


def _written(report: dict[str, Any]) -> str:
    """Findings, the four worlds, the longest bars, and what the sampled worlds say."""
    row, one, every = report["side_by_side"], report["one_at_a_time"], report["all_at_once"]
    lines = [row["finding"], ""]
    lines += [
        f"  {name:12}{money(figure['mean'], signed=True):>9}   90 % of trials: {money(figure['p5'], signed=True)} to "
        f"{money(figure['p95'], signed=True)}"
        for name, figure in row["worlds"].items()
    ]
    lines += ["", f"{one['finding']}.", ""]
    lines += [
        f"  {ASSUMPTIONS[bar['name']].label:42}{bar['low']:>8g} {money(bar['at_low'], signed=True):>8}"
        f"{bar['high']:>8g} {money(bar['at_high'], signed=True):>8}"
        for bar in one["assumptions"][:BARS]
    ]
    if every:
        lines += ["", f"{every['worlds']:,} worlds of {every['trials']:,} trials:"]
        if every["spread"]:
            lines += [f"{every['spread']['finding']}.", ""]
            lines += [
                f"  {ASSUMPTIONS[part['name']].label:42}alone {_share(part['first']):>5}"
                f"   with others {_share(part['total']):>5}"
                for part in every["spread"]["assumptions"]
            ]
            lines.append("")
        for part in (every["flips"], every["knowing"]):
            if part:
                lines += [f"{part['finding']}.", part["certainty"]]
    lines.append(f"{report['trials']:,} trials, seed {report['seed']}, model {report['model_version']}")
    return "\n".join(lines)


def _share(part: dict[str, float]) -> str:
    """An estimate can fall a little outside what a share can be."""
    return percent(min(max(part["share"], 0.0), 1.0), 0)
