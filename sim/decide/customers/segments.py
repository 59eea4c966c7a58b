"""Segments of customers: by size, growth room, complexity or health, or by rules that the user writes."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.book.schema import Book, Floats
from sim.problems import InputError, Problem
from sim.words import nearest

FILE, SIZE, ROOM, COMPLEXITY, HEALTH, RULES = (
    "Segment in the file",
    "Size",
    "Growth room",
    "Complexity",
    "Health",
    "Own rules",
)
WAYS = (SIZE, ROOM, COMPLEXITY, HEALTH, FILE, RULES)
REST = "Everything else"
MOST_RULES = 50

BANDS: dict[str, tuple[tuple[float, ...], tuple[str, ...]]] = {
    SIZE: (
        (10_000, 30_000, 150_000),
        ("Under $10k", "$10k to $30k", "$30k to $150k", "$150k and more"),
    ),
    ROOM: ((0.05, 0.20), ("Little room: under 5 % of ARR", "Some room: 5 to 20 %", "Much room: 20 % and more")),
    COMPLEXITY: ((2.5, 3.5), ("Simple: 1 to 2", "Usual: 3", "Complex: 4 to 5")),
    HEALTH: ((0.85, 0.95), ("At risk: renewal under 85 %", "Watch: 85 to 95 %", "Healthy: 95 % and more")),
}
"""Where each kind of segment begins (the lower end belongs to the higher one), and the names. Ours."""


class Rule(NamedTuple):
    """One condition; rules of the same name must all hold, and the first name whose rules hold is the segment."""

    column: str
    operator: str
    value: float | str
    name: str


_NUMBERS: Mapping[str, Callable[[Book], Floats]] = {
    "arr": lambda book: book.arr,
    "renewal_probability": lambda book: book.renewal_probability,
    "white_space": lambda book: book.upsell_whitespace + book.cross_sell_whitespace,
    "growth_room": lambda book: (book.upsell_whitespace + book.cross_sell_whitespace) / book.arr,
    "complexity": lambda book: book.complexity,
    "nps": lambda book: book.nps,
    "adoption": lambda book: book.adoption,
    "tenure_months": lambda book: book.tenure_months,
    "term_months": lambda book: book.term_months.astype(float),
    "months_to_renewal": lambda book: book.renewal_month.astype(float),
}
_TEXTS: Mapping[str, Callable[[Book], Sequence[str]]] = {
    "segment": lambda book: book.segment,
    "csm_id": lambda book: [book.team.csm_id[owner] for owner in book.csm],
}
COLUMNS = (*_NUMBERS, *_TEXTS)
_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}
OPERATORS = tuple(_COMPARE)


def read_rules(rows: Iterable[Sequence[Any]]) -> tuple[Rule, ...]:
    """Rules from rows of (name, column, operator, value), as a table on a page gives them; empty rows are passed over.

    Raises InputError with every problem.
    """
    problems: list[Problem] = []
    rules: list[Rule] = []
    for number, row in enumerate(rows, start=1):
        name, column, sign, value = ("" if pd.isna(cell) else str(cell).strip() for cell in row)
        if not (name or column or value):
            continue
        where = f"rule {number}"
        if not name:
            problems.append(Problem(f"{where}, segment", "", "must have a name"))
        if column not in COLUMNS:
            rule = f"must be one of {', '.join(COLUMNS)}; the nearest is '{nearest(column, COLUMNS)}'"
            problems.append(Problem(f"{where}, column", column, rule))
        allowed = ("=", "!=") if column in _TEXTS else OPERATORS
        if sign not in allowed:
            problems.append(Problem(f"{where}, operator", sign, f"must be one of {' '.join(allowed)} for this column"))
        read = value if column in _TEXTS else _number(value)
        if read is None:
            problems.append(Problem(f"{where}, value", value, "must be a number, like 50000, 0.85 or 85%"))
            continue
        rules.append(Rule(column, sign, read, name))
    if len(rules) > MOST_RULES:
        problems.append(Problem("rules", f"{len(rules)}", f"must be at most {MOST_RULES}"))
    if not rules and not problems:
        problems.append(Problem("rules", "", "must hold at least one; write a name, a column, an operator and a value"))
    if problems:
        raise InputError(problems)
    return tuple(rules)


def _number(text: str) -> float | None:
    bare = text.removesuffix("%").replace(",", "").removeprefix("$").strip()
    try:
        value = float(bare) / (100 if text.endswith("%") else 1)
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def segments_of(book: Book, way: str, rules: Sequence[Rule] = ()) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Which segment each account is in, as an index into the names, shape (n_accounts,), and the names in order."""
    if way == RULES:
        return _by_rules(book, rules)
    if way == FILE:
        codes, found = pd.factorize(np.array(book.segment, dtype=object))
        return codes.astype(np.int64), tuple(str(name) for name in found)
    values = {
        SIZE: book.arr,
        ROOM: _NUMBERS["growth_room"](book),
        COMPLEXITY: book.complexity,
        HEALTH: book.renewal_probability,
    }[way]
    edges, names = BANDS[way]
    return np.searchsorted(np.array(edges), values, side="right").astype(np.int64), names


def _by_rules(book: Book, rules: Sequence[Rule]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    written = list(dict.fromkeys(rule.name for rule in rules))
    names = tuple(dict.fromkeys([*written, REST]))
    place = np.full(len(book), names.index(REST), dtype=np.int64)
    for index in reversed(range(len(written))):
        holds = np.ones(len(book), dtype=bool)
        for rule in rules:
            if rule.name == names[index]:
                holds &= _holds(book, rule)
        place[holds] = index
    return place, names


def _holds(book: Book, rule: Rule) -> NDArray[np.bool_]:
    if rule.column in _TEXTS:
        same = np.array([text.casefold() == str(rule.value).casefold() for text in _TEXTS[rule.column](book)])
        return same if rule.operator == "=" else ~same
    return np.asarray(_COMPARE[rule.operator](_NUMBERS[rule.column](book), rule.value), dtype=bool)
