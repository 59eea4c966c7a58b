"""What people enter: floors and caps, how far dollars may move, teams outside the simulation; checked all at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim.decide.allocation.allocate import Limits
from sim.decide.allocation.outside import EXAMPLE, Outside
from sim.decide.allocation.returns import EVEN, Worth
from sim.problems import InputError, Problem

MOST_OUTSIDE = 12
MOST_DOLLARS = 1e9
MOST_HEADS = 100_000
MOST_RETURN = 100.0
LONGEST_NAME = 60
_NUMBER = re.compile(r"\$?\s*(\d[\d,' ]{0,20}(?:\.\d{1,9})?)\s*(%?)")


class Amount(NamedTuple):
    """USD a year, or a share of the team's on-target earnings."""

    value: float
    of_ote: bool

    def dollars(self, ote: float) -> float:
        return self.value * ote if self.of_ote else self.value


@dataclass(frozen=True)
class Bounds:
    """Of one team; None where there is none."""

    floor: Amount | None = None
    cap: Amount | None = None


@dataclass(frozen=True)
class Wishes:
    """bounds: by name of the team. most_loss: share of today's dollars that any team may lose. most_ratio: of dollars a
    head between any two teams, None for no limit. worth: of an ARR dollar kept, and of one added."""

    outside: tuple[Outside, ...] = EXAMPLE
    bounds: tuple[tuple[str, Bounds], ...] = ()
    most_loss: float = 0.30
    most_ratio: float | None = None
    worth: Worth = EVEN

    def limits(self, budget: float) -> Limits:
        return Limits(budget, self.most_loss, np.inf if self.most_ratio is None else self.most_ratio)

    def bounds_of(self, name: str, ote: float) -> tuple[float, float]:
        """Floor and cap in USD a year; ote: of the whole team, USD a year."""
        held = dict(self.bounds).get(name, Bounds())
        floor = held.floor.dollars(ote) if held.floor else 0.0
        return floor, held.cap.dollars(ote) if held.cap else np.inf


class Row(NamedTuple):
    """A team as typed. The texts of a team of the simulation but for its bounds are empty."""

    name: str
    heads: str = ""
    ote: str = ""
    today: str = ""
    next_dollar: str = ""
    floor: str = ""
    cap: str = ""


def read_wishes(
    within: Iterable[Row],
    outside: Iterable[Row],
    most_loss: float,
    most_ratio: float | None,
    worth: Worth,
    others: Iterable[tuple[str, Bounds]] = (),
) -> Wishes:
    """others: bounds of teams that are not among the rows, which stay. Raises InputError with everything wrong."""
    problems: list[Problem] = []
    within, outside = list(within), [row for row in outside if any(text.strip() for text in row)]
    bounds = {row.name: _bounds(row, problems) for row in within}
    teams = []
    names = [row.name for row in within] + [row.name.strip() for row in outside]
    if len(outside) > MOST_OUTSIDE:
        problems.append(Problem("teams outside the simulation", str(len(outside)), f"must be at most {MOST_OUTSIDE}"))
    for row in outside[:MOST_OUTSIDE]:
        bounds[row.name.strip()] = _bounds(row, problems)
        teams.append(_outside(row, names, problems))
    if problems:
        raise InputError(dict.fromkeys(problems))
    kept = tuple((name, one) for name, one in {**dict(others), **bounds}.items() if one != Bounds())
    return Wishes(tuple(teams), kept, most_loss, most_ratio, worth)


def _outside(row: Row, names: list[str], problems: list[Problem]) -> Outside:
    name = row.name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        problems.append(Problem("team", name, f"must have a name of up to {LONGEST_NAME} letters"))
    elif names.count(name) > 1:
        problems.append(Problem("team", name, "must have a name that no other team has"))

    def number(what: str, text: str, low: float, high: float, unit: str) -> float:
        found = _amount(text)
        if found is None or found.of_ote or not low <= found.value <= high:
            problems.append(Problem(f"{name}, {what}", text, f"must be {unit} from {low:,g} to {high:,g}"))
            return low
        return found.value

    heads = number("people", row.heads, 1, MOST_HEADS, "a whole number")
    if heads != int(heads):
        problems.append(Problem(f"{name}, people", row.heads, "must be a whole number"))
    today = number("today", row.today, 0.0, MOST_DOLLARS, "USD a year")
    ote = number("OTE", row.ote, 0.0, MOST_DOLLARS, "USD a year")
    if ote < today:
        problems.append(Problem(f"{name}, OTE", row.ote, "must be of the whole team, with its incentive pay in it"))
    next_dollar = None
    if row.next_dollar.strip():
        next_dollar = number("ARR of the next dollar", row.next_dollar, 0.0, MOST_RETURN, "USD of ARR")
        if today == 0.0:
            rule = "needs incentive dollars today to go on from; leave it empty, or enter today's"
            problems.append(Problem(f"{name}, ARR of the next dollar", row.next_dollar, rule))
    return Outside(name, int(heads), ote, today, next_dollar)


def _bounds(row: Row, problems: list[Problem]) -> Bounds:
    def bound(what: str, text: str) -> Amount | None:
        found = _amount(text)
        if text.strip() and (found is None or found.value > (1.0 if found.of_ote else MOST_DOLLARS)):
            rule = "must be USD a year, like 120,000, or a share of on-target earnings, like 15%"
            problems.append(Problem(f"{row.name.strip()}, {what}", text, rule))
        return found

    floor, cap = bound("floor", row.floor), bound("cap", row.cap)
    if floor and cap and floor.of_ote == cap.of_ote and floor.value > cap.value:
        problems.append(Problem(f"{row.name.strip()}, cap", row.cap, "must not be below the floor"))
    return Bounds(floor, cap)


def _amount(text: str) -> Amount | None:
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        return None
    value = float(re.sub(r"[,' ]", "", found[1]))
    return Amount(value / 100.0, True) if found[2] else Amount(value, False)


def write_amount(amount: Amount | None) -> str:
    """As it is read."""
    if amount is None:
        return ""
    return f"{100.0 * amount.value:.10g}%" if amount.of_ote else f"{amount.value:,.10g}"


def rows_of(wishes: Wishes, names: Iterable[str]) -> tuple[list[Row], list[Row]]:
    """As typed: the teams of the simulation by these names, and those outside."""
    held = dict(wishes.bounds)

    def ends(name: str) -> tuple[str, str]:
        bounds = held.get(name, Bounds())
        return write_amount(bounds.floor), write_amount(bounds.cap)

    within = [Row(name, floor=floor, cap=cap) for name in names for floor, cap in [ends(name)]]
    outside = [
        Row(one.name, str(one.heads), _plain(one.ote), _plain(one.today), _plain(one.next_dollar), *ends(one.name))
        for one in wishes.outside
    ]
    return within, outside


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:,.10g}"
