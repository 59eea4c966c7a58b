"""`--scenario`: the setting and the plan of a command out of one file, as the app exports it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sim.book.samples import SAMPLES, load_sample
from sim.book.schema import Book
from sim.command.options import USUAL, book_of, setting_and_plans
from sim.engine.run import MODEL_VERSION
from sim.plan.schema import Plan
from sim.problems import InputError, Problem
from sim.runs.setting import Setting
from sim.share.link import Link, fingerprint_of
from sim.share.take.scenario_file import read_scenario

IN_THE_FILE = ("current", "plan", "world", "set", "trials", "months", "seed")
"""Options that a scenario already settles."""


def add_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--scenario",
        metavar="FILE",
        help="scenario.toml as the app exports it, in place of --plan and all of the setting; of a book of one's own "
        "it holds a fingerprint only: give its files with --book and --team",
    )


def setting_and_plan(options: argparse.Namespace) -> tuple[Setting, Plan]:
    """Out of ``--scenario``, or out of the options. Raises InputError with every problem.

    Says on standard error when the file was written with another version of the model.
    """
    if options.scenario is not None:
        return _from_file(options)
    missing = [name for name in ("book", "plan") if getattr(options, name) is None]
    if missing:
        rule = "is missing: give it, or a whole scenario with --scenario"
        raise InputError(Problem(f"--{name}", "", rule) for name in missing)
    for name, value in USUAL.items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    setting, plans = setting_and_plans(options, [options.plan])
    return setting, plans[0]


def _from_file(options: argparse.Namespace) -> tuple[Setting, Plan]:
    rule = "is in the scenario's file: leave it out, or change it there"
    problems = [Problem(f"--{name}", "", rule) for name in IN_THE_FILE if getattr(options, name) not in (None, [])]
    try:
        found = read_scenario(Path(options.scenario))
    except InputError as error:
        raise InputError([*problems, *error.problems]) from None
    if problems:
        raise InputError(problems)
    if found.model not in ("", MODEL_VERSION):
        note = f"The scenario was written with model {found.model}; these are the figures of model {MODEL_VERSION}."
        print(note, file=sys.stderr)
    link = found.link
    setting = Setting(_book(options, link), link.current, link.world, link.seed, link.trials, link.months)
    return setting, link.candidate


def _book(options: argparse.Namespace, link: Link) -> Book:
    """The scenario's book. Raises InputError when it is not here, or when the one given is another."""
    if not link.fingerprint:
        if options.book not in (None, link.sample):
            rule = f"must be left out: the scenario is about the sample book {link.sample}, {SAMPLES[link.sample]}"
            raise InputError([Problem("--book", str(options.book), rule)])
        return load_sample(link.sample)
    short = link.fingerprint[:8]
    if options.book is None:
        rule = f"is missing: the scenario is about a book of its own, whose fingerprint begins with {short}"
        raise InputError([Problem("--book", "", f"{rule}; give its files with --book and --team")])
    book = book_of(options)
    mine = fingerprint_of(book)
    if mine != link.fingerprint:
        rule = (
            f"is another book than the scenario's: its fingerprint begins with {mine[:8]}, not {short}; give the same "
            "files, and --as-of where the first month was chosen"
        )
        raise InputError([Problem("--book", "", rule)])
    return book
