"""The figures of a year that are promised and then seen: what each is made of, in a file and in a simulation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.outcome import Outcome
from sim.words import money

Floats = NDArray[np.float64]

NET = "net_change"


class Figure(NamedTuple):
    """name: of the column in a file. flows: of the simulation that add up to it. more_is_better: which way is good.

    amount: USD, of ARR a year or of pay; otherwise accounts are counted.
    """

    name: str
    title: str
    meaning: str
    flows: tuple[str, ...]
    more_is_better: bool
    amount: bool = True


COLUMNS = (
    Figure("churned_arr", "Churned ARR", "ARR of the accounts that left in the month", ("churn",), False),
    Figure(
        "contraction",
        "Contraction",
        "ARR lost on accounts that stayed, price concessions included",
        ("contraction", "erosion"),
        False,
    ),
    Figure("uplift", "Price uplift", "ARR gained by price increases at renewal", ("uplift",), True),
    Figure("upsell", "Upsell", "ARR of upsell closed in the month", ("upsell",), True),
    Figure("cross_sell", "Cross-sell", "ARR of cross-sell closed in the month", ("cross_sell",), True),
    Figure("accounts_lost", "Accounts lost", "accounts that left in the month", ("accounts_lost",), False, False),
    Figure(
        "variable_pay",
        "Variable pay",
        "bonus, commission, guarantees and SPIFs paid in the month, the whole team",
        ("guarantee_pay",),  # and what the plan's components pay
        False,
    ),
)
"""What a file of actuals may hold."""
_SIGNS = {"churned_arr": -1.0, "contraction": -1.0, "uplift": 1.0, "upsell": 1.0, "cross_sell": 1.0}
FIGURES = (Figure(NET, "Net change of ARR", "gains less losses", (), True), *COLUMNS)
"""What is assessed: the columns, and first what those of ARR add up to."""
FIGURE = {figure.name: figure for figure in FIGURES}


def simulated(figure: Figure, outcome: Outcome) -> Floats:
    """One column by month and trial: (H, T)."""
    total: Floats = np.sum([outcome.monthly(flow) for flow in figure.flows], axis=0)
    return total + outcome.paid.sum(axis=0) if figure.name == "variable_pay" else total


def with_net(names: Sequence[str], values: Floats) -> tuple[tuple[str, ...], Floats]:
    """Columns (n_columns, ...) with the net change of ARR before them, where all that it is made of is there."""
    if not set(names) >= _SIGNS.keys():
        return tuple(names), values
    net = sum(sign * values[names.index(name)] for name, sign in _SIGNS.items())
    return (NET, *names), np.concatenate([[net], values])


def within(name: str) -> str:
    """The figure's title inside a sentence."""
    title = FIGURE[name].title
    return title[0].lower() + title[1:]


def written(name: str, value: float, *, signed: bool = False) -> str:
    """A value of the figure as people write it."""
    if FIGURE[name].amount:
        return money(value, signed=signed)
    return f"{value:{'+' if signed else ''},.0f} accounts"
