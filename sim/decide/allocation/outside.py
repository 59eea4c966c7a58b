"""Teams that the simulation does not hold (support, onboarding, services): as entered, with what is assumed of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PIECES = 24
"""Straight pieces that an assumed curve is made of, eight to today's dollars."""
FURTHEST = 3.0
"""Of today's dollars: an assumption about the next dollar says little about three times as many."""


@dataclass(frozen=True)
class Outside:
    """People, and USD a year of the whole team: on-target earnings, and today's incentive pay within it.

    next_dollar: ARR that one more incentive dollar a year is ASSUMED to keep or add, USD a year; None: nothing is
    assumed, and the team stays at today's dollars.
    """

    name: str
    heads: int
    ote: float
    today: float
    next_dollar: float | None = None

    @property
    def held(self) -> bool:
        return self.next_dollar is None


def assumed_curve(team: Outside) -> tuple[Floats, Floats]:
    """Dollars and the ARR that they gain over none: (K,) each, USD a year.

    The return of the next dollar halves with each further today's dollars d:  r'(x) = r 2^(1 - x/d), so that it is r at
    today's, and  r(x) = (2 r d / ln 2) (1 - 2^(-x/d)).
    """
    if team.next_dollar is None or team.today == 0.0:
        return np.unique([0.0, team.today]), np.zeros(1 + (team.today > 0.0))
    dollars = np.linspace(0.0, FURTHEST * team.today, PIECES + 1)
    gained = 2.0 * team.next_dollar * team.today / np.log(2.0) * -np.expm1(-dollars / team.today * np.log(2.0))
    return dollars, gained


EXAMPLE = (
    Outside("Onboarding", 6, 600_000.0, 120_000.0, 0.5),
    Outside("Support", 9, 720_000.0, 90_000.0, 0.3),
    Outside("Professional services", 8, 1_000_000.0, 150_000.0),
)
"""Invented, as are the people and prices of the sample books."""
