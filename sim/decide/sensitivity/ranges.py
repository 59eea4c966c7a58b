"""Over which values an assumption is tried: narrower than what the model takes, wide enough to hold honest doubt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sim.problems import InputError, Problem
from sim.world.parameters import ASSUMPTIONS, Assumption, World


class Range(NamedTuple):
    """Values of one assumption, in its unit, from low to high; each is as likely as any other."""

    name: str
    low: float
    high: float


_SCEPTIC_TO_OPTIMIST = "from the sceptic's world to the optimist's"
_HALF = "half as much to half as much again"
_TIMES = "half to twice"
_OURS = "judgement"

PLAUSIBLE: dict[str, tuple[float, float, str]] = {
    "kappa_expansion": (0.0, 0.20, _SCEPTIC_TO_OPTIMIST),
    "churn_cut": (0.0, 0.20, _SCEPTIC_TO_OPTIMIST),
    "kappa_kpi": (0.0, 0.20, _SCEPTIC_TO_OPTIMIST),
    "response_spread": (0.0, 1.0, "from the base world to the mixed one"),
    "task_overlap": (0.0, 0.6, "none to twice"),
    "present_bias": (0.7, 1.0, "field estimates"),
    "risk_aversion": (0.0, 2.0, _OURS),
    "effort_max": (2.0, 4.0, _OURS),
    "influence_sd": (0.0, 1.0, "none to twice"),
    "shock_rho": (0.0, 0.10, "none to the stress value"),
    "downsell_share": (0.15, 0.45, _HALF),
    "erosion_share": (0.10, 0.30, _HALF),
    "contraction_depth": (0.15, 0.35, _OURS),
    "erosion_depth": (0.025, 0.075, _HALF),
    "uplift_probability": (0.25, 0.75, _HALF),
    "uplift_rate": (0.015, 0.045, _HALF),
    "upsell_arrivals": (0.4, 1.2, _HALF),
    "upsell_take": (0.25, 0.75, _HALF),
    "cross_sell_arrivals": (0.2, 0.6, _HALF),
    "cross_sell_take": (0.25, 0.75, _HALF),
    "win_rate": (0.2, 0.4, _OURS),
    "nps_noise": (0.0, 10.0, _OURS),
    "nps_response_rate": (0.5, 2.0, _TIMES),
    "nps_response_sd": (65.0, 85.0, _OURS),
    "adoption_noise": (0.015, 0.06, _TIMES),
    "mbo_mean": (0.8, 1.0, _OURS),
    "mbo_noise": (0.125, 0.5, _TIMES),
    "value_arr_limit": (50_000.0, 100_000.0, "half to as it is: above it somebody may have no such account"),
    "value_reviews": (2.0, 8.0, _TIMES),
    "acknowledgement_rate": (0.5, 0.9, _OURS),
    "training_enrolment": (0.05, 0.15, _HALF),
    "training_effect": (0.0, 0.10, _SCEPTIC_TO_OPTIMIST),
    "onboarded_on_time": (0.6, 0.9, _OURS),
    "utilisation": (0.6, 0.8, _OURS),
    "utilisation_noise": (0.015, 0.06, _TIMES),
    "attrition": (0.10, 0.30, "the range its source gives"),
    "attrition_response": (0.0, 4.0, "from the sceptic's world to twice the base"),
    "vacancy_months": (1.0, 5.0, _OURS),
    "ramp_months": (3.0, 9.0, _HALF),
    "orphan_penalty": (0.0, 0.6, "none to twice"),
    "replacement_cost": (0.10, 0.40, _TIMES),
    "on_cost": (0.10, 0.30, _HALF),
    "pull_share": (0.0, 0.2, "none to a fifth of the deals"),
    "pull_discount": (0.04, 0.10, _OURS),
    "pull_churn": (0.0, 0.6, "none to twice"),
}
"""(low, high, why): where each assumption is tried. The bounds of the model itself hold values that nobody expects."""


def plausible(world: World) -> tuple[Range, ...]:
    """The plausible range of every assumption, widened where the world's own value lies outside it."""
    here = world.model_dump()
    return tuple(Range(name, min(low, here[name]), max(high, here[name])) for name, (low, high, _) in PLAUSIBLE.items())


def checked(ranges: Iterable[Range], world: World) -> tuple[Range, ...]:
    """The ranges as they are. Raises InputError for each that leaves the model's bounds, or the world outside."""
    kept, problems = tuple(ranges), []
    for chosen in kept:
        row, here = ASSUMPTIONS[chosen.name], float(getattr(world, chosen.name))
        if not (row.low <= chosen.low <= chosen.high <= row.high):
            rule = f"must run upwards within {row.low:g} to {row.high:g} ({row.unit})"
        elif not (chosen.low <= here <= chosen.high):
            rule = f"must hold the value that the other pages use, {here:g} ({row.unit})"
        else:
            continue
        problems.append(Problem(f"range of {row.label}", f"{chosen.low:g} to {chosen.high:g}", rule))
    if problems:
        raise InputError(problems)
    return kept


def written(row: Assumption, value: float, digits: int = 3, *, unit: bool = True) -> str:
    """A value of an assumption as people write it, in so many figures: 3 %, 18 % a year, 3 months, 0.3 logit.

    Without the unit: 3 %, 18 %, 3, 0.3.
    """
    share = row.unit.startswith("fraction") or row.name == "attrition"
    number = f"{_short(100.0 * value, digits)} %" if share else _short(value, digits)
    plain = row.unit.startswith(("fraction", "correlation", "elasticity", "reference"))
    return number if plain or not unit else f"{number} {row.unit}"


def _short(value: float, digits: int) -> str:
    """No trailing zeros."""
    return f"{float(f'{value:.{digits}g}'):g}"
