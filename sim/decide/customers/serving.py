"""What it takes to serve an account: assumptions with unit, bounds, source and confidence, and the hours they give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from sim.book.schema import Book, Floats
from sim.problems import InputError, Problem
from sim.world.parameters import Assumption

MODELS = ("Tech-touch", "Pooled", "Named", "Dedicated")
"""Service models, from the lightest to the heaviest."""

_BENCHMARK = "Ours, from accounts a CSM looks after: 1,600 productive hours over "

SERVING: tuple[Assumption, ...] = (
    Assumption(
        "hours_tech_touch",
        "Tech-touch: hours for an account",
        "hours a year",
        0,
        2_000,
        2,
        "low",
        _BENCHMARK + "about 800 accounts.",
        "At complexity 3.",
    ),
    Assumption(
        "hours_pooled",
        "Pooled: hours for an account",
        "hours a year",
        0,
        2_000,
        10,
        "low",
        _BENCHMARK + "about 160 accounts.",
        "At complexity 3.",
    ),
    Assumption(
        "hours_named",
        "Named: hours for an account",
        "hours a year",
        0,
        2_000,
        40,
        "medium",
        _BENCHMARK + "40 accounts; SaaStr and surveys give 30 to 50 mid-market accounts a CSM.",
        "At complexity 3.",
    ),
    Assumption(
        "hours_dedicated",
        "Dedicated: hours for an account",
        "hours a year",
        0,
        2_000,
        110,
        "medium",
        _BENCHMARK + "15 accounts; SaaStr and surveys give 10 to 20 enterprise accounts a CSM.",
        "At complexity 3.",
    ),
    Assumption(
        "pooled_from", "Pooled from", "USD of ARR", 0, 1e9, 10_000, "low", "Judgement.", "Median ARR of the segment."
    ),
    Assumption(
        "named_from", "Named from", "USD of ARR", 0, 1e9, 30_000, "low", "Judgement.", "Median ARR of the segment."
    ),
    Assumption(
        "dedicated_from",
        "Dedicated from",
        "USD of ARR",
        0,
        1e9,
        150_000,
        "low",
        "Judgement.",
        "Median ARR of the segment.",
    ),
    Assumption(
        "complexity_effect",
        "More hours for a point of complexity",
        "fraction",
        0,
        0.45,
        0.25,
        "low",
        "Judgement.",
        "Hours are multiplied with 1 + this x (complexity - 3): at 0.25, from half at 1 to one and a half at 5.",
    ),
    Assumption(
        "productive_hours",
        "Productive hours of a CSM",
        "hours a year",
        500,
        2_500,
        1_600,
        "medium",
        "Customary: 2,080 paid hours less leave, training and meetings.",
        "Hours with and for customers.",
    ),
    Assumption(
        "loading",
        "Loaded cost over on-target pay",
        "ratio",
        1,
        3,
        1.3,
        "medium",
        "Customary 1.25 to 1.4: taxes, benefits, tools, management.",
        "What a CSM costs, over on-target earnings.",
    ),
    Assumption(
        "gross_margin",
        "Gross margin before customer success",
        "fraction",
        0.05,
        1,
        0.75,
        "medium",
        "SaaS medians of 70 to 80 %.",
        "What a dollar of ARR leaves after hosting and support.",
    ),
)

DEFAULTS: Mapping[str, float] = MappingProxyType({row.name: row.default for row in SERVING})


def serving(values: Mapping[str, float]) -> Mapping[str, float]:
    """Every assumption by name, with these values in place of the defaults.

    Raises InputError when one is out of bounds or the thresholds fall.
    """
    chosen = {**DEFAULTS, **values}
    problems = [
        Problem(row.label, f"{chosen[row.name]:g}", f"must be from {row.low:g} to {row.high:,.15g} {row.unit}")
        for row in SERVING
        if not row.low <= chosen[row.name] <= row.high
    ]
    steps = [chosen[f"{name}_from"] for name in ("pooled", "named", "dedicated")]
    if sorted(steps) != steps:
        problems.append(Problem("Pooled, named and dedicated from", "", "must rise from one to the next"))
    if problems:
        raise InputError(problems)
    return MappingProxyType(chosen)


def usual_model(median_arr: float, assumed: Mapping[str, float]) -> str:
    """The service model of a segment whose median account pays this (USD a year)."""
    return MODELS[sum(median_arr >= assumed[f"{name}_from"] for name in ("pooled", "named", "dedicated"))]


def hourly_cost(book: Book, assumed: Mapping[str, float]) -> float:
    """Loaded cost of a productive CSM hour, USD: the team's mean pay (on target where known, else base) and loading."""
    pay = np.where(np.isfinite(book.team.ote), book.team.ote, book.team.base_salary)
    return float(pay.mean()) * assumed["loading"] / assumed["productive_hours"]


def hours_of(book: Book, models: Sequence[str], assumed: Mapping[str, float]) -> Floats:
    """CSM hours a year of each account under its service model, shape (n_accounts,).

    models: one of `MODELS` for each account.
    """
    usual = {model: assumed[f"hours_{model.lower().replace('-', '_')}"] for model in MODELS}
    base = np.array([usual[model] for model in models])
    result: Floats = base * (1.0 + assumed["complexity_effect"] * (book.complexity - 3.0))
    return result
