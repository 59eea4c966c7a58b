"""What leadership can change: the plan, its payout curves and its levers."""

from sim.plan.curve import (
    PayCurve,
    expected,
    expected_beta,
    expected_lognormal,
    marginal,
    marginal_slope,
    pay_curve,
    payout,
)
from sim.plan.levers import LEVERS, Lever, LeverValue, lever_reason, lever_value, with_lever
from sim.plan.read import PLAN_PRESETS, load_plan, plan_preset, plan_to_toml, read_plan
from sim.plan.schema import Component, Curve, Gate, Plan, Quota, Tier

__all__ = [
    "LEVERS",
    "PLAN_PRESETS",
    "Component",
    "Curve",
    "Gate",
    "Lever",
    "LeverValue",
    "PayCurve",
    "Plan",
    "Quota",
    "Tier",
    "expected",
    "expected_beta",
    "expected_lognormal",
    "lever_reason",
    "lever_value",
    "load_plan",
    "marginal",
    "marginal_slope",
    "pay_curve",
    "payout",
    "plan_preset",
    "plan_to_toml",
    "read_plan",
    "with_lever",
]
