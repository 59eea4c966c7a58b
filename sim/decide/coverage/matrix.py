"""Who does what at each stage of a customer's journey, who is paid for it, and who depends on whom."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from sim.problems import InputError, Problem
from sim.words import nearest

RESPONSIBLE, ACCOUNTABLE, CONSULTED, INFORMED = LETTERS = "RACI"
WORDS = {"R": "responsible", "A": "accountable", "C": "consulted", "I": "informed"}

Arr = Literal["none", "first renewals", "renewals", "expansion"]
"""What the simulation knows of a stage: nothing, the first renewals that it prepares, the ARR that renews in it, or the
expansion that is booked in it."""
ARR_KINDS: tuple[Arr, ...] = get_args(Arr)

PayKind = Literal["share", "commission", "quota relief"]
PAY_KINDS: tuple[PayKind, ...] = get_args(PayKind)

MOST_STAGES = MOST_TEAMS = 20
LONGEST_NAME = 60
MOST_PAY = 1_000_000_000.0
"""USD a year; more is a slip of the keys."""
LISTED = ";"
"""What stands between the names of a list, and so in no name."""


@dataclass(frozen=True)
class Stage:
    """A part of the journey."""

    name: str
    arr: Arr = "none"


@dataclass(frozen=True)
class Team:
    """variable_pay: of the whole team at target, USD a year; None where it is not known.

    simulated: these are the CSMs of the book, and their variable pay comes from the simulation.
    """

    name: str
    variable_pay: float | None = None
    simulated: bool = False


@dataclass(frozen=True)
class Pay:
    """What a team is paid for a stage. rate: a fraction above 0.

    `share`: of the team's variable pay. `commission`: of each dollar of ARR that the stage brings.
    `quota relief`: of that dollar too, as the commission that is credited to the team without a sale of its own.
    """

    kind: PayKind
    rate: float


@dataclass(frozen=True)
class Cell:
    """One team at one stage. letters: of `LETTERS`, in that order. depends_on: names of the teams without which this
    one cannot do its part."""

    letters: str = ""
    pay: Pay | None = None
    depends_on: tuple[str, ...] = ()

    @property
    def works(self) -> bool:
        """Responsible or accountable."""
        return RESPONSIBLE in self.letters or ACCOUNTABLE in self.letters


EMPTY = Cell()


@dataclass(frozen=True)
class Coverage:
    """The matrix. cells: a row for each stage with a cell for each team, in their order.

    Raises InputError with everything that is wrong with it.
    """

    stages: tuple[Stage, ...]
    teams: tuple[Team, ...]
    cells: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        problems = [
            *_names("stages", [stage.name for stage in self.stages], MOST_STAGES),
            *_names("teams", [team.name for team in self.teams], MOST_TEAMS),
            *_teams(self.teams),
        ]
        if [len(row) for row in self.cells] != [len(self.teams)] * len(self.stages):
            problems.append(Problem("matrix", "", "must have a row for each stage with a cell for each team"))
        else:
            problems += self._cells()
        if problems:
            raise InputError(problems)

    def _cells(self) -> Iterator[Problem]:
        names = {team.name for team in self.teams}
        for stage, team, cell in self.each():
            where = f"{stage.name}, {team.name}"
            if cell.letters != in_order(cell.letters):
                yield Problem(where, cell.letters, "must be some of the letters R, A, C, I, each once, in that order")
            if cell.pay is not None:
                yield from _pay(where, cell.pay)
            for other in cell.depends_on:
                if other not in (others := names - {team.name}):
                    hint = f"; the nearest is {nearest(other, sorted(others))}" if others else ""
                    yield Problem(f"{where}, depends on", other, f"must be another team of the matrix{hint}")
            if len(set(cell.depends_on)) < len(cell.depends_on):
                yield Problem(f"{where}, depends on", "", "must name each team once")
        for team, column in zip(self.teams, zip(*self.cells, strict=True), strict=False):
            shares = sum(cell.pay.rate for cell in column if cell.pay and cell.pay.kind == "share")
            if shares > 1.0 + 1e-9:
                rule = f"shares of variable pay must add up to at most 100% (they add up to {100.0 * shares:.4g}%)"
                yield Problem(f"{team.name}, paid", "", rule)

    def each(self) -> Iterator[tuple[Stage, Team, Cell]]:
        """Every cell with its stage and its team, stage by stage."""
        for stage, row in zip(self.stages, self.cells, strict=True):
            for team, cell in zip(self.teams, row, strict=True):
                yield stage, team, cell

    def rows(self) -> Iterator[tuple[Stage, dict[str, Cell]]]:
        """Each stage with its cells by the name of the team."""
        names = [team.name for team in self.teams]
        for stage, row in zip(self.stages, self.cells, strict=True):
            yield stage, dict(zip(names, row, strict=True))


def in_order(letters: str) -> str:
    """Those of the letters that are known, each once, in the usual order."""
    return "".join(letter for letter in LETTERS if letter in letters)


def _names(what: str, names: Sequence[str], most: int) -> Iterator[Problem]:
    if not 1 <= len(names) <= most:
        yield Problem(what, str(len(names)), f"must be 1 to {most}")
    for place, name in enumerate(names, start=1):
        if not name or name != name.strip():
            yield Problem(f"{what}, number {place}", name, "must have a name, without space around it")
        elif len(name) > LONGEST_NAME or not name.isprintable() or LISTED in name or name.startswith("'"):
            rule = f"must be a name of up to {LONGEST_NAME} letters in one line, without '{LISTED}' or ' in front"
            yield Problem(f"{what}, number {place}", name, rule)
    for name, times in Counter(name.casefold() for name in names if name).items():
        if times > 1:
            yield Problem(what, name, "must have different names, whatever their capitals")


def _teams(teams: Sequence[Team]) -> Iterator[Problem]:
    for team in teams:
        amount = team.variable_pay
        if team.simulated and amount is not None:
            yield Problem(f"{team.name}, variable pay", f"{amount:g}", "must be empty: it comes from the simulation")
        elif amount is not None and not 0.0 <= amount <= MOST_PAY:
            yield Problem(f"{team.name}, variable pay", f"{amount:g}", f"must be from 0 to {MOST_PAY:,.0f} USD a year")
    simulated = [team.name for team in teams if team.simulated]
    if len(simulated) > 1:
        yield Problem("teams", " and ".join(simulated), "must have at most one that is simulated: the CSMs of the book")


def _pay(where: str, pay: Pay) -> Iterator[Problem]:
    if pay.kind not in PAY_KINDS:
        yield Problem(f"{where}, paid", pay.kind, f"must be one of {', '.join(PAY_KINDS)}")
    if not (math.isfinite(pay.rate) and 0.0 < pay.rate <= 1.0):
        yield Problem(f"{where}, paid", f"{100.0 * pay.rate:g}%", "must be above 0% and at most 100%")
