"""The book of business: accounts and the team that owns them. Frozen, typed, columnar."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def restore(instance: object, state: dict[str, Any]) -> None:
    """Sets what was pickled, its arrays read-only again: they come back writable."""
    vars(instance).update(state)
    freeze(instance)


def freeze(instance: object) -> None:
    """Makes every array of a dataclass read-only."""
    for field in fields(instance):  # type: ignore[arg-type]  # both callers are dataclasses
        value = getattr(instance, field.name)
        if isinstance(value, np.ndarray):
            value.setflags(write=False)


@dataclass(frozen=True)
class Team:
    """The CSMs, one entry each, in the order of the file.

    base_salary, ote: USD a year, shape (n_csms,). Exactly one of the two is given for each CSM, the other is NaN:
        the plan in force turns one into the other.
    skill_retention, skill_upsell, skill_cross_sell: what one unit of effort of this CSM achieves, 1 = average.
    """

    csm_id: tuple[str, ...]
    csm_name: tuple[str, ...]
    role: tuple[str, ...]
    level: tuple[str, ...]
    base_salary: Floats
    ote: Floats
    skill_retention: Floats
    skill_upsell: Floats
    skill_cross_sell: Floats

    def __post_init__(self) -> None:
        freeze(self)

    def __setstate__(self, state: dict[str, Any]) -> None:
        restore(self, state)

    def __len__(self) -> int:
        return len(self.csm_id)


@dataclass(frozen=True)
class Book:
    """What is known of the customers at the start of the simulation.

    as_of: the first day of the first simulated month.
    csm: index into ``team`` of the CSM who owns each account, shape (n_accounts,).
    arr, upsell_whitespace, cross_sell_whitespace: USD a year.
    renewal_month: whole months from ``as_of`` to the month in which the contract next falls due, 0 = the first.
    term_months: length of each further term, months.
    renewal_probability: that the account renews when due, with the effort that the plan in force buys.
    complexity 1-5; nps -100..100; adoption 0..1; tenure_months: months as a customer.
    """

    name: str
    as_of: date
    account_id: tuple[str, ...]
    account_name: tuple[str, ...]
    csm: Ints
    segment: tuple[str, ...]
    arr: Floats
    renewal_month: Ints
    term_months: Ints
    renewal_probability: Floats
    upsell_whitespace: Floats
    cross_sell_whitespace: Floats
    complexity: Floats
    nps: Floats
    adoption: Floats
    tenure_months: Floats
    team: Team

    def __post_init__(self) -> None:
        freeze(self)

    def __setstate__(self, state: dict[str, Any]) -> None:
        restore(self, state)

    def __len__(self) -> int:
        return len(self.account_id)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content (names of the file and of the book apart): the key of every cache."""
        return digest_of(self, self.team)


def digest_of(*parts: Any) -> str:
    """SHA-256 of the fields of dataclasses, in order; names of files and books, and parts given apart, left out."""
    sha = hashlib.sha256()
    for part in parts:
        for field in fields(part):
            if field.name not in ("name", "team"):
                sha.update(field.name.encode() + b"\0" + _content(getattr(part, field.name)) + b"\0")
    return sha.hexdigest()


def _content(value: Any) -> bytes:
    """What a digest is made of: arrays by their bytes, texts with their lengths."""
    if isinstance(value, np.ndarray):
        return value.tobytes()
    if isinstance(value, tuple):
        # Lengths are written out, so that ("ab", "c") and ("a", "bc") differ.
        return b"".join(f"{len(text.encode())}:".encode() + text.encode() for text in value)
    return str(value).encode()
