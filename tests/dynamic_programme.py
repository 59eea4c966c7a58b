"""The full dynamic programme of one CSM, one task, one payout period: the oracle for re-solving month by month.

Output of a month is 1 + kappa e + noise z, z standard normal; attainment is output to date over quota. Effort e costs
kappa e^2 / 2 a month. The payout f(attainment) is worth quota x f / reference slope, so that a line with the reference
slope buys e = 1 (model, section 4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from one_csm import chosen

from sim.plan.curve import PayCurve, expected, payout

Floats = NDArray[np.float64]

EFFORTS = np.linspace(0.0, 3.0, 301)
STEP = 0.002
NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(41)
WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True)
class Job:
    """quota: in months of output without effort. noise: sd of a month's output, in the same unit.

    reference_slope: target pays for a unit of attainment that buy e = 1. months: of the payout period.
    """

    curve: PayCurve
    kappa: float
    noise: float
    quota: float
    reference_slope: float = 1.0
    months: int = 12

    @property
    def worth(self) -> float:
        """Of a target pay, in the units of the cost of effort."""
        return self.quota / self.reference_slope

    @property
    def grid(self) -> Floats:
        """Attainment to date, wide enough that nobody leaves it: (n_states,)."""
        spread = 6.0 * self.noise * np.sqrt(self.months)
        top = self.months * (1.0 + 3.0 * self.kappa) + spread
        return np.arange(-spread / self.quota, top / self.quota, STEP)

    def after(self, attainment: Floats, effort: Floats, luck: Floats) -> Floats:
        """Attainment one month later; ``luck`` standard normal."""
        return attainment + (1.0 + self.kappa * effort + self.noise * luck) / self.quota

    def utility(self, attainment: Floats, efforts: Floats) -> Floats:
        """Pay at the end less the cost of all months: attainment (n_lanes,), efforts (months, n_lanes)."""
        return self.worth * payout(self.curve, attainment) - 0.5 * self.kappa * (efforts**2).sum(axis=0)


def optimal_policy(job: Job) -> tuple[Floats, float]:
    """Effort by month and state (months, n_states), and the value on the first day."""
    state = job.grid
    mean_next = job.after(state[:, None], EFFORTS, np.zeros(1))
    cost = 0.5 * job.kappa * EFFORTS**2
    policy = np.empty((job.months, len(state)))
    value = np.empty(0)
    for month in reversed(range(job.months)):
        if month == job.months - 1:
            # The last month has a closed form, so that no grid has to resolve a cliff.
            worth = job.worth * expected(job.curve, mean_next, job.noise / job.quota)
        else:
            blurred = np.interp(state[:, None] + NODES * job.noise / job.quota, state, value) @ WEIGHTS
            worth = np.interp(mean_next, state, blurred)
        total = worth - cost
        best = total.argmax(axis=1)
        policy[month] = EFFORTS[best]
        value = np.take_along_axis(total, best[:, None], axis=1)[:, 0]
    return policy, float(np.interp(0.0, state, value))


def resolved(job: Job, month: int, attainment: Floats) -> Floats:
    """Effort of the engine, which plans as if it were held to the period's end: (n_lanes,)."""
    left = job.months - month
    return chosen(
        [job.curve],
        [attainment + left / job.quota],
        [np.sqrt(left) * job.noise / job.quota],
        [[left * job.kappa / job.quota]],
        [job.worth],
        left * job.kappa,
    )[0]


def walk(job: Job, luck: Floats, policy: Floats | None = None) -> tuple[Floats, Floats]:
    """Attainment at the end, and effort of each month: (n_lanes,), (months, n_lanes).

    luck: (months, n_lanes). Without a policy the CSM re-solves each month, as in the engine.
    """
    attainment = np.zeros(luck.shape[1])
    efforts = np.empty_like(luck)
    for month in range(job.months):
        if policy is None:
            efforts[month] = resolved(job, month, attainment)
        else:
            efforts[month] = np.interp(attainment, job.grid, policy[month])
        attainment = job.after(attainment, efforts[month], luck[month])
    return attainment, efforts
