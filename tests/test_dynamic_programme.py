"""Re-solving each month against the full dynamic programme, on the same luck."""

from __future__ import annotations

import numpy as np
import pytest
from dynamic_programme import Job, optimal_policy, walk
from one_csm import Floats, line
from validation import is_held

from sim.plan.curve import pay_curve, payout
from sim.plan.schema import Curve, Tier

LUCK: Floats = np.random.default_rng(3).standard_normal((12, 10_000))
RETENTION_SLOPE = 1.0 / 0.15  # the reference line of gross retention runs from 85 % to 100 %
PLANS = {
    "linear": (Curve(), 1.0),
    "threshold": (Curve(threshold=0.85), RETENTION_SLOPE),
    "threshold with a cliff": (Curve(threshold=0.85, pay_at_threshold=0.5), RETENTION_SLOPE),
    "accelerator": (Curve(tiers=(Tier(start=1.0, slope=2.0),)), 1.0),
    "cap": (Curve(cap=1.1), 1.0),
}
ALL_OR_NOTHING = Curve(threshold=0.999999, pay_at_threshold=1.0)


def _job(curve: Curve, reference_slope: float, kappa: float, noise: float) -> Job:
    """A year whose quota is what one unit of effort reaches."""
    return Job(pay_curve(curve, "bonus"), kappa, noise, 12.0 * (1.0 + kappa), reference_slope)


def _gaps(job: Job) -> tuple[float, float]:
    """Output and pay of re-solving over those of the dynamic programme, less 1."""
    policy, _ = optimal_policy(job)
    best, _ = walk(job, LUCK, policy)
    found, _ = walk(job, LUCK)
    output = found.mean() / best.mean() - 1.0
    pay = payout(job.curve, found).mean() / payout(job.curve, best).mean() - 1.0
    return float(output), float(pay)


@pytest.mark.parametrize("noise", [0.2, 0.3, 0.45])
@pytest.mark.parametrize("name", PLANS)
def test_resolving_comes_close_to_the_dynamic_programme(name: str, noise: float) -> None:
    """The model asks for 0.4 % of output and 1.4 % of pay over five plans."""
    curve, reference_slope = PLANS[name]
    for kappa, response in ((0.1, "default response"), (0.2, "twice the response")):
        output, pay = _gaps(_job(curve, reference_slope, kappa, noise))
        assert is_held(f"largest gap in output, {response}", abs(output))
        assert is_held(f"largest gap in pay, {response}", abs(pay))


def test_resolving_comes_close_on_an_all_or_nothing_bonus_at_twice_the_response() -> None:
    output, pay = _gaps(_job(ALL_OR_NOTHING, 1.0, 0.2, 0.2))
    assert abs(output) < 0.02
    assert abs(pay) < 0.02


@pytest.mark.parametrize("name", PLANS)
def test_the_oracle_is_an_optimum(name: str) -> None:
    """Its value is what following it earns on average, and re-solving never earns more."""
    curve, reference_slope = PLANS[name]
    job = _job(curve, reference_slope, 0.1, 0.3)
    policy, value = optimal_policy(job)
    followed = job.utility(*walk(job, LUCK, policy))
    assert abs(followed.mean() - value) < 4.0 * followed.std() / np.sqrt(followed.size)
    difference = followed - job.utility(*walk(job, LUCK))
    assert difference.mean() > -4.0 * difference.std() / np.sqrt(difference.size) - 1e-6


def test_both_hold_the_effort_of_a_linear_contract_all_year() -> None:
    job = Job(line(1.3), 0.2, 0.3, 12.0)
    policy, _ = optimal_policy(job)
    assert walk(job, LUCK, policy)[1] == pytest.approx(1.3, abs=0.011)  # its efforts are 0.01 apart
    assert walk(job, LUCK)[1] == pytest.approx(1.3, abs=1e-6)
