"""From attainment to pay: the payout curve as knots, and its closed forms when attainment is uncertain."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincc, ndtr

from sim.plan.schema import Curve, Kind

Floats = NDArray[np.float64]

_OUT_OF_REACH = 1e6
"""Nobody attains this: a cap met only there (by a slope of almost 0) is never met."""


@dataclass(frozen=True)
class PayCurve:
    """Payout f(x) = sum_j slope_changes[j] max(x - knots[j], 0) + sum_j lumps[j] [x >= knots[j]].

    knots: attainments where the curve bends or jumps, rising, shape (n_knots,).
    slope_changes: target pays per unit of attainment gained at each knot, shape (n_knots,).
    lumps: target pays paid at once at each knot, shape (n_knots,).
    """

    knots: Floats
    slope_changes: Floats
    lumps: Floats

    def __post_init__(self) -> None:
        for array in (self.knots, self.slope_changes, self.lumps):
            array.setflags(write=False)


def pay_curve(curve: Curve, kind: Kind) -> PayCurve:
    """The payout curve of one component.

    bonus: 0 below the threshold, `pay_at_threshold` at it, then the line that would pay 1 at quota.
        Its slope is the base slope, (1 - pay_at_threshold) / (1 - threshold). With `pay_at_threshold` = 1 it
        is 0, and so is every tier: the component pays its target at the threshold and nothing more.
    commission: the base slope is 1. At the threshold `pay_at_threshold` is paid at once: with 0, only what is
        booked beyond the threshold pays; with `threshold`, everything does once the threshold is met.
    spif: one `amount` for each event, whatever the curve says.

    From the start of a tier on, the slope is the tier's times the base slope. Where the cap is met the curve
    goes flat and later tiers are dropped; a curve that levels off below its cap never meets it.
    """
    if kind == "spif":
        return _from_segments([(0.0, 1.0)], lump=0.0)
    base = 1.0 if kind == "commission" else (1.0 - curve.pay_at_threshold) / (1.0 - curve.threshold)
    tiers = [(tier.start, tier.slope * base) for tier in curve.tiers]
    head = [] if tiers and tiers[0][0] == curve.threshold else [(curve.threshold, base)]
    segments = head + tiers
    if curve.cap is not None:
        segments = _capped(segments, curve.pay_at_threshold, curve.cap)
    return _from_segments(segments, lump=curve.pay_at_threshold)


def _capped(segments: list[tuple[float, float]], lump: float, cap: float) -> list[tuple[float, float]]:
    """Segments (start, slope), rising, up to where their payout meets the cap; flat from there."""
    paid = lump
    ends = [end for (_, _), (end, _) in pairwise(segments)] + [_OUT_OF_REACH]
    kept: list[tuple[float, float]] = []
    for (start, slope), end in zip(segments, ends, strict=True):
        if paid >= cap:
            return [*kept, (start, 0.0)]
        kept.append((start, slope))
        met = start + (cap - paid) / slope if slope > 0.0 else _OUT_OF_REACH
        if met < end:
            return [*kept, (met, 0.0)]
        paid += slope * (end - start)
    return kept


def _from_segments(segments: list[tuple[float, float]], lump: float) -> PayCurve:
    knots, slopes = np.array(segments, dtype=np.float64).T
    lumps = np.zeros(len(segments))
    lumps[0] = lump
    return PayCurve(knots.copy(), np.diff(slopes, prepend=0.0), lumps)


def payout(curve: PayCurve, attainment: ArrayLike) -> Floats:
    """Pay in target pays at each attainment, any shape."""
    x = np.asarray(attainment, dtype=np.float64)[..., None]
    return _total(curve, np.maximum(x - curve.knots, 0.0), x >= curve.knots)


def expected(curve: PayCurve, mean: ArrayLike, sd: ArrayLike) -> Floats:
    """E f(X) for X ~ N(mean, sd), in target pays; mean and sd > 0 broadcast.

    E max(X - k, 0) = (m - k) Phi(z) + s phi(z) and P(X >= k) = Phi(z), with z = (m - k) / s (Bachelier 1900).
    """
    gap, s, z = _standardised(curve, mean, sd)
    beyond = ndtr(z)
    return _total(curve, gap * beyond + s * _phi(z), beyond)


def variance(curve: PayCurve, mean: ArrayLike, sd: ArrayLike) -> Floats:
    """Var f(X) for X ~ N(mean, sd), in target pays squared; mean and sd > 0 broadcast.

    On the piece from u to v (standardised) f is g + b s Z: E f2 adds up over the pieces
    g2 (Phi(v) - Phi(u)) + 2 g b s (phi(u) - phi(v)) + b2 s2 (Phi(v) - Phi(u) + u phi(u) - v phi(v)).
    """
    gap, s, z = _standardised(curve, mean, sd)
    slope = np.cumsum(curve.slope_changes)
    at_knot = np.cumsum(curve.lumps) + np.concatenate([[0.0], np.cumsum(slope[:-1] * np.diff(curve.knots))])
    here, spread = at_knot + slope * gap, slope * s
    below, density = ndtr(-z), _phi(z)
    inside = np.diff(below, append=1.0)
    tilt = -np.diff(density, append=0.0)
    bulge = np.diff(z * density, append=0.0)  # z is minus the standardised knot
    square = here**2 * inside + 2.0 * here * spread * tilt + spread**2 * (inside + bulge)
    return np.asarray(np.maximum(square.sum(axis=-1) - expected(curve, mean, sd) ** 2, 0.0))


def marginal(curve: PayCurve, mean: ArrayLike, sd: ArrayLike) -> Floats:
    """dE f(X) / dmean for X ~ N(mean, sd): what one more unit of attainment is expected to pay; sd > 0."""
    _, s, z = _standardised(curve, mean, sd)
    return _total(curve, ndtr(z), _phi(z) / s)


def marginal_slope(curve: PayCurve, mean: ArrayLike, sd: ArrayLike) -> Floats:
    """d2E f(X) / dmean2 for X ~ N(mean, sd): how the marginal pay changes with attainment; sd > 0."""
    _, s, z = _standardised(curve, mean, sd)
    density = _phi(z) / s
    return _total(curve, density, -z * density / s)


def expected_lognormal(curve: PayCurve, mean: ArrayLike, cv: ArrayLike) -> Floats:
    """E f(X) for lognormal X with this mean > 0 and coefficient of variation > 0; shapes broadcast.

    E max(X - k, 0) = m Phi(d + s) - k Phi(d) and P(X >= k) = Phi(d), with s2 = ln(1 + cv2) and
    d = (ln(m / k) - s2 / 2) / s (Black 1976).
    """
    m = np.asarray(mean, dtype=np.float64)[..., None]
    variance = np.log1p(np.square(np.asarray(cv, dtype=np.float64)))[..., None]
    s = np.sqrt(variance)
    log_knots = np.log(curve.knots, where=curve.knots > 0.0, out=np.full_like(curve.knots, -np.inf))
    d = (np.log(m) - log_knots - variance / 2.0) / s
    beyond = ndtr(d)
    return _total(curve, m * ndtr(d + s) - curve.knots * beyond, beyond)


def expected_beta(curve: PayCurve, a: ArrayLike, b: ArrayLike, target: ArrayLike) -> Floats:
    """E f(R / target) for a retention rate R ~ Beta(a, b); a, b and target > 0 broadcast.

    E max(R - c, 0) = mean P(R' >= c) - c P(R >= c), with R' ~ Beta(a + 1, b).
    """
    a, b, target = (np.asarray(value, dtype=np.float64)[..., None] for value in (a, b, target))
    rate = np.minimum(curve.knots * target, 1.0)
    beyond = betaincc(a, b, rate)
    excess = a / (a + b) * betaincc(a + 1.0, b, rate) - rate * beyond
    return _total(curve, excess / target, beyond)


def _standardised(curve: PayCurve, mean: ArrayLike, sd: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Distance of the mean from each knot, the sd, and their ratio; the knots are the last axis."""
    gap = np.asarray(mean, dtype=np.float64)[..., None] - curve.knots
    s = np.asarray(sd, dtype=np.float64)[..., None]
    return gap, s, gap / s


def _phi(z: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi))


def _total(curve: PayCurve, per_slope: NDArray[Any], per_lump: NDArray[Any]) -> Floats:
    return np.asarray(per_slope @ curve.slope_changes + per_lump @ curve.lumps)
