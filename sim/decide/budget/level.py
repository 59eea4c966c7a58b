"""What attainment breaks the budget: all books together (sensitivity), and the spread at one level (volatility).

Closed forms, straight through the payout curves: cost at level x is  fixed + sum_i target_i f_i(x), and with a normal
spread s_i between CSMs  fixed + sum_i target_i E f_i(X), X ~ N(x, s_i).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq

from sim.decide.budget.fit import is_over
from sim.engine.contract import contract
from sim.engine.outcome import Outcome
from sim.engine.run import Stage
from sim.plan.curve import PayCurve, expected, pay_curve, payout
from sim.plan.schema import Plan
from sim.words import money, percent

Floats = NDArray[np.float64]
HIGHEST = 3.0
"""Nobody asks for more than three times quota."""
SHOWN = np.linspace(0.5, 1.6, 111)
NARROWEST = 1e-6
ALIKE, SPREAD = "all CSMs alike", "spread as simulated"


@dataclass(frozen=True)
class Payroll:
    """A plan's cost as a function of attainment. I = components other than SPIFs; USD over the horizon, with on-cost.

    fixed: base pay, SPIFs, guarantees and replacement, at their simulated means. target: (I,), at payout 1.
    level, spread: (I,), mean attainment, and its standard deviation between CSMs in a trial. by_trial: (I, n_trials),
    mean attainment over the CSMs. Means over CSMs are weighted by target pay; where nothing was measured, 1.
    """

    fixed: float
    target: Floats
    curves: tuple[PayCurve, ...]
    level: Floats
    spread: Floats
    by_trial: Floats


def payroll(stage: Stage, plan: Plan, outcome: Outcome) -> Payroll:
    """As the plan is on this stage, with seats as empty as the outcome has them on average."""
    deal = contract(plan, stage.portfolio, stage.forecast, stage.world)
    paying = [i for i, spif in enumerate(outcome.spifs) if not spif]
    with_on_cost = 1.0 + outcome.on_cost_rate
    full_base = float(outcome.csm_base.sum())
    served = float(outcome.base_pay.mean()) / full_base if full_base > 0.0 else 1.0
    others = outcome.base_pay + outcome.spif_pay + outcome.total("guarantee_pay")
    weight = deal.monthly_pay[:, paying]
    attainment = outcome.attainment[:, paying].astype(np.float64)
    by_trial, within = _team(attainment, weight)
    return Payroll(
        fixed=with_on_cost * float(others.mean()) + float(outcome.total("replacement_cost").mean()),
        target=with_on_cost * served * outcome.n_months * weight.sum(axis=0),
        curves=tuple(pay_curve(plan.components[i].curve, plan.components[i].kind) for i in paying),
        level=by_trial.mean(axis=1),
        spread=within.mean(axis=1),
        by_trial=by_trial,
    )


def _team(attainment: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation over CSMs: (n_csms, I, n_trials) -> (I, n_trials) each."""
    measured = np.isfinite(attainment)
    weights = np.where(measured, weight[:, :, None], 0.0)
    total = weights.sum(axis=0)
    values = np.where(measured, attainment, 0.0)
    nothing = np.ones_like(total)
    mean = np.divide((weights * values).sum(axis=0), total, out=nothing, where=total > 0.0)
    square = np.divide((weights * (values - mean) ** 2).sum(axis=0), total, out=0.0 * total, where=total > 0.0)
    return mean, np.sqrt(square)


def cost_at(roll: Payroll, level: Floats | float) -> Floats:
    """Cost, USD, when every CSM attains ``level`` on every component; any shape."""
    x = np.asarray(level, dtype=np.float64)
    cost = np.full(x.shape, roll.fixed)
    for target, curve in zip(roll.target, roll.curves, strict=True):
        cost = cost + target * payout(curve, x)
    return cost


def cost_with_spread(roll: Payroll, level: Floats | float) -> Floats:
    """The same on average when CSMs spread around ``level`` as they do in the simulation."""
    x = np.asarray(level, dtype=np.float64)
    cost = np.full(x.shape, roll.fixed)
    for target, curve, spread in zip(roll.target, roll.curves, roll.spread, strict=True):
        cost = cost + target * expected(curve, x, max(float(spread), NARROWEST))
    return cost


def cost_together(roll: Payroll) -> Floats:
    """Cost in each trial if all CSMs stood at their team's mean: (n_trials,), USD."""
    cost = np.full(roll.by_trial.shape[1], roll.fixed)
    for target, curve, level in zip(roll.target, roll.curves, roll.by_trial, strict=True):
        cost = cost + target * payout(curve, level)
    return cost


def breaking_level(cost_of: Callable[[float], float], budget: float) -> float | None:
    """Attainment from which on the budget is broken; 0 when even that breaks it, None when no attainment does.

    Cost never falls as attainment rises, so there is one such level.
    """
    if cost_of(0.0) > budget:
        return 0.0
    if not cost_of(HIGHEST) > budget:
        return None
    return float(brentq(lambda x: cost_of(x) - budget, 0.0, HIGHEST, xtol=1e-6))


@dataclass(frozen=True)
class Breaking:
    """What breaks the budget under one plan.

    together, spread: breaking levels without and with spread between CSMs. spread_cost: USD that the spread adds at the
    simulated levels. over_together: P(over) if all CSMs stood at the team's mean in each trial. over: as simulated.
    """

    together: float | None
    spread: float | None
    spread_cost: float
    over_together: float
    over: float


def breaking(roll: Payroll, cost: Floats, budget: float) -> Breaking:
    """cost: (n_trials,), as simulated, USD."""
    at_level = roll.fixed + float(
        sum(t * float(payout(c, x)) for t, c, x in zip(roll.target, roll.curves, roll.level, strict=True))
    )
    with_spread = roll.fixed + float(
        sum(
            t * float(expected(c, x, max(float(s), NARROWEST)))
            for t, c, x, s in zip(roll.target, roll.curves, roll.level, roll.spread, strict=True)
        )
    )
    return Breaking(
        together=breaking_level(lambda x: float(cost_at(roll, x)), budget),
        spread=breaking_level(lambda x: float(cost_with_spread(roll, x)), budget),
        spread_cost=with_spread - at_level,
        over_together=float(is_over(cost_together(roll), budget).mean()),
        over=float(is_over(cost, budget).mean()),
    )


def level_table(roll: Payroll) -> pd.DataFrame:
    """Cost by level of attainment, without and with spread: level, cost (USD), kind."""
    lines = {ALIKE: cost_at(roll, SHOWN), SPREAD: cost_with_spread(roll, SHOWN)}
    return pd.concat(
        [pd.DataFrame({"level": SHOWN, "cost": line, "kind": kind}) for kind, line in lines.items()], ignore_index=True
    )


def level_finding(found: Breaking) -> str:
    """What attainment breaks the budget, in words."""
    if found.together is None:
        return "No attainment breaks the budget, if all CSMs attain the same"
    if found.together == 0.0:
        return "Fixed pay alone breaks the budget"
    return f"All CSMs at {percent(found.together, 0)} of quota break the budget"


def volatility_sentence(found: Breaking) -> str:
    """How much of the risk is the spread between CSMs."""
    direction = "adds" if found.spread_cost >= 0 else "saves"
    return (
        f"Sensitivity: if in each trial all CSMs stood at their team's average, the budget would be broken in "
        f"{percent(found.over_together, 0)} of trials. Volatility: with the spread between them as simulated it is "
        f"{percent(found.over, 0)}; at the average level the spread {direction} {money(abs(found.spread_cost))}."
    )
