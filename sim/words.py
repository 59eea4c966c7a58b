"""How figures and names are written for people: one place, used by pages, errors and the command line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name most like a mistyped one (always one of them)."""
    names = list(known)
    return (difflib.get_close_matches(name, names, n=1, cutoff=0.0) or names)[0]


def money(value: float, *, signed: bool = False) -> str:
    """USD as the field writes it: $1.25M, $182k, $950; with a sign for differences."""
    size = abs(value)
    sign = "-" if value < 0 and size > 0.5 else "+" if signed else ""  # what rounds to $0 is not negative
    if size >= 999_500:
        # Three figures or so: $1.25M, $37.3M, $412M.
        digits = 2 if size < 9_995_000 else 1 if size < 99_950_000 else 0
        return f"{sign}${size / 1e6:,.{digits}f}M"
    if size >= 9_950:
        return f"{sign}${size / 1e3:,.0f}k"
    if size >= 999.5:
        return f"{sign}${size / 1e3:,.1f}k"
    return f"{sign}${size:,.0f}"


def exact_money(cents: int) -> str:
    """USD to the cent, so that a reader can add up: $1,250,000, $182.50; whole dollars where there are no cents."""
    dollars, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}${dollars:,}{f'.{rest:02d}' if rest else ''}"


def cents(amount: int) -> str:
    """USD to the cent for a column of a table, where all have two places: 1,250.00, -182.50."""
    return f"{amount / 100.0:,.2f}"


def percent(value: float, digits: int = 1) -> str:
    """A fraction as a percentage: 93.4 %."""
    return f"{100 * value:z.{digits}f} %"


def points(value: float, digits: int = 1) -> str:
    """A difference of two fractions in percentage points: +0.7 pp."""
    return f"{100 * value:+z.{digits}f} pp"
