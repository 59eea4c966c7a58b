"""How much of a bonus on a KPI is luck: the score is measured on so many things, and pay follows the score.

A CSM's true level differs from that of others as N(level, (differences x level)^2); what is measured lies around it as
its noise says. With attainment A, true attainment T and payout f, the law of total variance splits

    Var f(A) = E Var(f(A) | T) + Var E(f(A) | T)        luck + what the CSM's level is worth

Classical test theory calls the second part's share reliability (Lord & Novick 1968).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from sim.engine.contract import contract
from sim.engine.kpis import expected_kpi, kpi_sample, noise_beyond_sampling, noise_of_one
from sim.engine.run import Stage
from sim.plan.curve import PayCurve, pay_curve, variance
from sim.plan.schema import KPI_MEASURES, Component, Measure, Plan
from sim.words import percent

Floats = NDArray[np.float64]

DIFFERENCES = 0.10
"""Standard deviation of true levels between CSMs, as a share of the level: judgement."""
LITTLE = 0.10
"""Share of luck that a sample is asked to bring pay down to."""
SHORT = 0.80
"""Paid less than this share of target, somebody at target feels it."""

# The true level on a grid: exact for noise above a twentieth of the real differences, and below that luck is small.
_REACH, _POINTS = 6.0, 240
_LEVELS = (np.arange(_POINTS) + 0.5) * (2.0 * _REACH / _POINTS) - _REACH
_WEIGHTS = np.exp(-0.5 * _LEVELS**2) / np.exp(-0.5 * _LEVELS**2).sum()
_MOST_COUNTED = 1e6
_SIZES = 60


@dataclass(frozen=True)
class Luck:
    """Luck in one KPI component; arrays (n_csms,), over the window that a payout is measured on.

    sample: things that the score counts; NaN where nothing is counted (adoption, MBO, utilisation).
    sd: of the measured score around the true level, in the score's unit.
    share: of the variance of the component's pay that is luck; NaN where nothing moves its pay.
    short: chance to be paid less than SHORT of target though the true level is at target. (To stay below target itself
        it is a half, however large the sample.)
    enough: things to count for a share of LITTLE; infinity when no number is enough, NaN where nothing is counted.
    by_size: (2, n_sizes), numbers of things, and the share of luck that they leave to the CSM for whom it takes
        the middle number; no sizes where nothing is counted.
    """

    component: str
    measure: Measure
    sample: Floats
    sd: Floats
    share: Floats
    short: Floats
    enough: Floats
    by_size: Floats


class _Part(NamedTuple):
    """A KPI component; arrays (n_csms,). one, beyond: noise of one thing counted, and of the window whatever its count.

    All but ``sample`` in attainment of ``quota``.
    """

    component: Component
    curve: PayCurve
    quota: Floats
    mean: Floats
    real: Floats
    one: Floats
    beyond: Floats
    sample: Floats

    @property
    def noise(self) -> Floats:
        return _noise(self.one, self.beyond, self.sample)

    @property
    def share(self) -> Floats:
        return luck_share(self.curve, self.mean, self.noise, self.real)


def luck_in(stage: Stage, plan: Plan, differences: float = DIFFERENCES) -> list[Luck]:
    """Luck in each component of the plan that is paid on a KPI, in the order of the plan. differences: above 0.

    Raises InputError as ``contract`` does.
    """
    return [_luck(part) for part in _parts(stage, plan, differences)]


def _luck(part: _Part) -> Luck:
    enough = _enough(part)
    return Luck(
        component=part.component.name,
        measure=part.component.measure,
        sample=part.sample,
        sd=part.noise * part.quota,
        share=part.share,
        short=chance_short(part.curve, part.noise),
        enough=enough,
        by_size=_by_size(part, enough),
    )


def mostly_luck(stage: Stage, plan: Plan) -> str:
    """A sentence on the KPI components whose pay is more luck than anything else, for the CSM in the middle, or "".

    Closed forms only, so that it can follow a lever.
    """
    shares = {part.component.name: _middle_share(part) for part in _parts(stage, plan, DIFFERENCES)}
    told = [f"{percent(share, 0)} of what varies in pay on {name}" for name, share in shares.items() if share > 0.5]
    if not told:
        return ""
    return f"Luck of the measure is {', and '.join(told)}: Fairness and behaviour says for whom, and how many it takes."


def _middle_share(part: _Part) -> float:
    """Of the CSM whose noise is in the middle, alone: for all of them it would be felt on a lever."""
    noise = part.noise
    c = int(np.argsort(noise, kind="stable")[len(noise) // 2])
    return float(luck_share(part.curve, part.mean[[c]], noise[[c]], part.real[[c]])[0])


def _parts(stage: Stage, plan: Plan, differences: float) -> Iterator[_Part]:
    if not any(component.measure in KPI_MEASURES for component in plan.components):
        return
    deal = contract(plan, stage.portfolio, stage.forecast, stage.world)
    months = deal.periods.window_months.max(axis=1)
    for i, component in enumerate(plan.components):
        measure, quota = component.measure, deal.quota[:, i]
        if measure not in KPI_MEASURES:
            continue
        level = expected_kpi(measure, stage.portfolio, stage.world)[1]
        yield _Part(
            component=component,
            curve=pay_curve(component.curve, component.kind),
            quota=quota,
            mean=level / quota,
            real=differences * np.abs(level) / quota,
            one=noise_of_one(measure, level, stage.world) / quota,
            beyond=noise_beyond_sampling(measure, stage.world) / np.sqrt(months) / quota,
            sample=kpi_sample(measure, stage.portfolio, stage.world) * months,
        )


def luck_share(curve: PayCurve, mean: Floats, noise: Floats, real: Floats) -> Floats:
    """E Var(f(A) | T) / Var f(A) for T ~ N(mean, real^2), A ~ N(T, noise^2), in attainment; real > 0, one shape.

    NaN where pay does not vary at all.
    """
    noise = np.maximum(noise, 1e-9)
    levels = mean[..., None] + real[..., None] * _LEVELS
    luck = variance(curve, levels, noise[..., None]) @ _WEIGHTS
    whole = variance(curve, mean, np.hypot(noise, real))
    share: Floats = np.divide(luck, whole, out=np.full_like(whole, np.nan), where=whole > 1e-12)
    return share


def chance_short(curve: PayCurve, noise: Floats) -> Floats:
    """P(f(A) < SHORT) for A ~ N(1, noise^2): the true level is at target."""
    slope = np.cumsum(curve.slope_changes)
    start = np.cumsum(curve.lumps) + np.concatenate([[0.0], np.cumsum(slope[:-1] * np.diff(curve.knots))])
    with np.errstate(divide="ignore", invalid="ignore"):
        met = np.where(start >= SHORT, curve.knots, curve.knots + (SHORT - start) / np.maximum(slope, 0.0))
    ends = np.append(curve.knots[1:], np.inf)
    needed = float(np.min(met[met <= ends], initial=np.inf))
    return np.asarray(ndtr((needed - 1.0) / np.maximum(noise, 1e-9)))


def _noise(one: Floats, beyond: Floats, counted: Floats) -> Floats:
    """Standard deviation of a score: that of one thing over so many, and what no number takes away."""
    sampling = np.divide(one**2, counted, out=np.zeros_like(one), where=counted > 0.0)
    return np.sqrt(sampling + beyond**2)


def _with(part: _Part, counted: Floats) -> Floats:
    """Share of luck if so many things were counted."""
    return luck_share(part.curve, part.mean, _noise(part.one, part.beyond, counted), part.real)


def _by_size(part: _Part, enough: Floats) -> Floats:
    """From what there is, or one, to twice what is enough, or a thousandfold."""
    counted = part.sample
    if np.isnan(counted).any():
        return np.empty((2, 0))
    c = int(np.argsort(enough, kind="stable")[len(enough) // 2])
    most = 2.0 * enough[c] if np.isfinite(enough[c]) else 1_000.0 * counted[c]
    sizes = np.geomspace(min(1.0, counted.min()), max(most, counted.max()), _SIZES)

    def of_hers(values: Floats) -> Floats:
        return np.full(_SIZES, values[c])

    noise = _noise(of_hers(part.one), of_hers(part.beyond), sizes)
    return np.stack([sizes, luck_share(part.curve, of_hers(part.mean), noise, of_hers(part.real))])


def _enough(part: _Part) -> Floats:
    """The sample at which luck falls to LITTLE, by bisection of its logarithm."""
    low, high = np.full_like(part.mean, -2.0), np.full_like(part.mean, np.log10(_MOST_COUNTED))
    never = _with(part, 10.0**high) > LITTLE
    for _ in range(30):
        middle = 0.5 * (low + high)
        more = _with(part, 10.0**middle) > LITTLE
        low, high = np.where(more, middle, low), np.where(more, high, middle)
    found = np.where(never, np.inf, 10.0**high)
    return np.asarray(np.where(np.isnan(part.sample), np.nan, found))
