"""The hours that a book takes: by complexity, by what falls due, by what there is to sell."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.engine.forecast import Forecast, expect
from sim.engine.portfolio import Portfolio
from sim.problems import InputError, Problem
from sim.world.parameters import Confidence, World

Floats = NDArray[np.float64]
TASKS = ("Retention", "Upsell", "Cross-sell")
"""The competences that hours are counted by: the columns of every array with n_tasks here."""
COMPLEXITY = np.array([1.0, 2.0, 3.0, 4.0, 5.0])


@dataclass(frozen=True, slots=True)
class HourRow:
    """An assumption about hours, as the page shows it."""

    name: str
    label: str
    default: float
    low: float
    high: float
    unit: str
    confidence: Confidence
    source: str


_CARE = "Ours: with renewals and deals, 40 usual accounts or 15 of the most complex fill a CSM (SaaStr; surveys)"
_CARE_UNIT = "hours a year and account"
HOUR_ROWS: tuple[HourRow, ...] = (
    HourRow("care_1", "Care, complexity 1", 8.0, 0.0, 500.0, _CARE_UNIT, "low", _CARE),
    HourRow("care_2", "Care, complexity 2", 14.0, 0.0, 500.0, _CARE_UNIT, "low", _CARE),
    HourRow("care_3", "Care, complexity 3 (usual)", 24.0, 0.0, 500.0, _CARE_UNIT, "low", _CARE),
    HourRow("care_4", "Care, complexity 4", 46.0, 0.0, 500.0, _CARE_UNIT, "low", _CARE),
    HourRow("care_5", "Care, complexity 5", 90.0, 0.0, 500.0, _CARE_UNIT, "low", _CARE),
    HourRow("renewal", "A renewal", 6.0, 0.0, 200.0, "hours each", "low", "Judgement"),
    HourRow("upsell", "An upsell opportunity, won or not", 3.0, 0.0, 200.0, "hours each", "low", "Judgement"),
    HourRow("cross_sell", "A cross-sell opportunity, won or not", 3.0, 0.0, 200.0, "hours each", "low", "Judgement"),
    HourRow("per_csm", "Productive hours of a CSM", 1600.0, 200.0, 3000.0, "hours a year", "medium", "Customary"),
)


@dataclass(frozen=True)
class Hours:
    """What an account takes and a CSM has; see ``HOUR_ROWS`` for units, bounds and sources."""

    care_1: float = HOUR_ROWS[0].default
    care_2: float = HOUR_ROWS[1].default
    care_3: float = HOUR_ROWS[2].default
    care_4: float = HOUR_ROWS[3].default
    care_5: float = HOUR_ROWS[4].default
    renewal: float = HOUR_ROWS[5].default
    upsell: float = HOUR_ROWS[6].default
    cross_sell: float = HOUR_ROWS[7].default
    per_csm: float = HOUR_ROWS[8].default

    def changed(self, values: dict[str, float]) -> Hours:
        """With other values. Raises InputError with each one that is out of bounds or unknown."""
        rows = {row.name: row for row in HOUR_ROWS}
        problems = [
            Problem(
                rows[name].label if name in rows else name,
                str(value),
                f"must be from {rows[name].low:g} to {rows[name].high:g}" if name in rows else "is not an assumption",
            )
            for name, value in values.items()
            if name not in rows or not rows[name].low <= value <= rows[name].high
        ]
        if problems:
            raise InputError(problems)
        return replace(self, **values)


def by_account(portfolio: Portfolio, world: World) -> Forecast:
    """The forecast with a row for each account, in the order of the engine, instead of one for each CSM."""
    return expect(replace(portfolio, first=np.arange(portfolio.n_accounts + 1)), world)


def hours_needed(portfolio: Portfolio, world: World, hours: Hours) -> Floats:
    """Expected hours by account (engine's order), month and competence: (n_accounts, n_months, 3).

    Care is retention work, for as long as the account is there; renewals take theirs in the month in which they fall
    due; opportunities as they are found, which is what closes divided by the win rate.
    """
    forecast = by_account(portfolio, world)
    care = np.interp(
        portfolio.book.complexity[portfolio.order],
        COMPLEXITY,
        [hours.care_1, hours.care_2, hours.care_3, hours.care_4, hours.care_5],
    )
    lost = np.cumsum(forecast.accounts_lost, axis=1)
    there = 1.0 - np.concatenate([np.zeros((portfolio.n_accounts, 1)), lost[:, :-1]], axis=1)
    retention = there * care[:, None] / 12.0 + forecast.accounts_due * hours.renewal
    upsell = forecast.upsell_deals / world.win_rate * hours.upsell
    cross_sell = forecast.cross_sell_deals / world.win_rate * hours.cross_sell
    needed: Floats = np.stack([retention, upsell, cross_sell], axis=2)
    return needed
