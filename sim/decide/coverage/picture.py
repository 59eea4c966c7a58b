"""Small tables for the picture of the matrix and for its findings, and what they say."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sim.decide.coverage.matrix import Coverage
from sim.decide.coverage.rules import HIDDEN, NO_OWNER, Finding
from sim.words import money

PAID, UNPAID, PROBLEM = KINDS = ("paid", "not paid", "problem")


def problem_cells(coverage: Coverage, found: Sequence[Finding]) -> set[tuple[str, str]]:
    """Stage and team of each cell that a finding points at: all of a stage that nobody owns, and of a hidden
    dependency the one depended on."""
    everybody = tuple(team.name for team in coverage.teams)
    cells: set[tuple[str, str]] = set()
    for one in found:
        teams = everybody if one.rule == NO_OWNER else one.teams[1:] if one.rule == HIDDEN else one.teams
        cells |= {(one.stage, team) for team in teams}
    return cells


def cell_table(coverage: Coverage, found: Sequence[Finding]) -> pd.DataFrame:
    """A row for each cell: stage, team, text (the letters, with a dollar sign where paid), kind, one of `KINDS`."""
    problems = problem_cells(coverage, found)
    return pd.DataFrame(
        [
            (
                stage.name,
                team.name,
                " ".join(filter(None, (cell.letters, "$" if cell.pay else ""))),
                PROBLEM if (stage.name, team.name) in problems else PAID if cell.pay else UNPAID,
            )
            for stage, team, cell in coverage.each()
        ],
        columns=["stage", "team", "text", "kind"],
    )


def headline(found: Sequence[Finding]) -> str:
    """What the matrix says, without a full stop at the end; the findings as `priced` orders them."""
    if not found:
        return "Every stage has one owner who is paid for it, and nobody is paid for what others do"
    count = f"{len(found)} problem{'s' if len(found) > 1 else ''} in who owns what"
    dearest = found[0]
    if dearest.dollars is None:
        return f"{count}. {dearest.says.rstrip('.')}"
    return f"{count}. The dearest, {money(dearest.dollars)} a year: {dearest.says.rstrip('.')}"


def finding_table(found: Sequence[Finding]) -> pd.DataFrame:
    """A row for each finding: rule, stage, teams, finding, usd_a_year, standard_error, how."""
    return pd.DataFrame(
        [(one.rule, one.stage, "; ".join(one.teams), one.says, one.dollars, one.error, one.how) for one in found],
        columns=["rule", "stage", "teams", "finding", "usd_a_year", "standard_error", "how"],
    ).astype({"usd_a_year": float, "standard_error": float})
