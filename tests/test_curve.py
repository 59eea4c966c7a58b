"""The payout curve against published oracles, a second implementation and numerical integration."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta as beta_law
from scipy.stats import norm

from sim.plan.curve import (
    Floats,
    PayCurve,
    expected,
    expected_beta,
    expected_lognormal,
    marginal,
    marginal_slope,
    pay_curve,
    payout,
)
from sim.plan.schema import Curve, Kind, Tier

# A busy machine is no failure of the code.
unhurried = settings(deadline=None)

ORACLE = pay_curve(Curve(threshold=0.85, pay_at_threshold=0.5, tiers=(Tier(start=1.0, slope=2.0),), cap=2.0), "bonus")
ATTAINMENTS = np.linspace(0.0, 6.0, 1201)


def test_curve_of_the_published_oracle_bends_where_it_says() -> None:
    assert payout(ORACLE, [0.0, 0.8499, 0.85, 0.925, 1.0, 1.075, 1.15, 9.0]) == pytest.approx(
        [0.0, 0.0, 0.5, 0.75, 1.0, 1.5, 2.0, 2.0]
    )


@pytest.mark.parametrize(
    ("found", "published"),
    [
        (expected(ORACLE, 0.95, 0.12), 0.85152862),
        (marginal(ORACLE, 0.95, 0.12), 4.64313959),
        (expected(ORACLE, 1.0, 0.15), 1.07848578),
        (expected(ORACLE, 0.8, 0.1), 0.22299220),
        (expected_lognormal(ORACLE, 0.95, 0.12), 0.83748835),
        (expected_beta(ORACLE, 45.0, 5.0, 0.92), 0.95059350),
    ],
)
def test_closed_forms_meet_the_published_oracles(found: float, published: float) -> None:
    assert abs(found - published) < 1e-8


def test_a_cliff_with_nothing_above_it_pays_its_lump_with_the_chance_of_reaching_it() -> None:
    cliff = pay_curve(Curve(threshold=0.9, pay_at_threshold=1.0), "bonus")
    assert expected(cliff, 1.0, 0.1) == pytest.approx(norm.cdf(1.0), abs=1e-15)
    assert payout(cliff, [0.89, 0.9, 1.0, 3.0]).tolist() == [0.0, 1.0, 1.0, 1.0]


def test_a_cap_met_by_the_lump_ends_the_curve_there() -> None:
    lump = pay_curve(Curve(threshold=0.4, pay_at_threshold=0.5, cap=0.5, tiers=(Tier(start=1, slope=3),)), "bonus")
    assert payout(lump, [0.39, 0.4, 1.0, 4.0]).tolist() == [0.0, 0.5, 0.5, 0.5]


def test_a_plateau_below_the_cap_never_meets_it() -> None:
    plateau = pay_curve(Curve(tiers=(Tier(start=1.2, slope=0.0),), cap=1.5), "bonus")
    assert payout(plateau, [1.0, 1.2, 5.0]) == pytest.approx([1.0, 1.2, 1.2])


def test_commission_with_and_without_a_cliff() -> None:
    beyond = pay_curve(Curve(threshold=0.4), "commission")
    from_the_first_dollar = pay_curve(Curve(threshold=0.4, pay_at_threshold=0.4), "commission")
    assert payout(beyond, [0.39, 0.4, 1.0]) == pytest.approx([0.0, 0.0, 0.6])
    assert payout(from_the_first_dollar, [0.39, 0.4, 1.0]) == pytest.approx([0.0, 0.4, 1.0])


def test_a_spif_pays_each_event_the_same() -> None:
    assert payout(pay_curve(Curve(), "spif"), [0.0, 1.0, 7.0]).tolist() == [0.0, 1.0, 7.0]


def test_shapes_broadcast_and_arrays_are_read_only() -> None:
    assert expected(ORACLE, np.ones((3, 1)), np.full(4, 0.1)).shape == (3, 4)
    assert payout(ORACLE, np.ones((2, 5))).shape == (2, 5)
    with pytest.raises(ValueError, match="read-only"):
        ORACLE.knots[0] = 0.0


@st.composite
def curves(draw: st.DrawFn, lowest_tier: float = 0.0) -> Curve:
    threshold = draw(st.floats(0.0, 0.95))
    pay = draw(st.sampled_from([0.0, 1.0]) | st.floats(0.0, 1.0))
    starts = sorted(draw(st.sets(st.floats(max(threshold, lowest_tier), 3.0), max_size=3)))
    tiers = tuple(Tier(start=start, slope=draw(st.floats(0.0, 5.0))) for start in starts)
    cap = draw(st.none() | st.floats(max(pay, threshold, 0.05), 5.0))
    return Curve(threshold=threshold, pay_at_threshold=pay, tiers=tiers, cap=cap)


kinds = st.sampled_from(["bonus", "commission"])


def written_out(curve: Curve, kind: Kind, x: float) -> float:
    """The same curve read off segment by segment, as one would on paper."""
    if x < curve.threshold:
        return 0.0
    base = 1.0 if kind == "commission" else (1.0 - curve.pay_at_threshold) / (1.0 - curve.threshold)
    starts = [curve.threshold, *(tier.start for tier in curve.tiers), np.inf]
    slopes = [base, *(base * tier.slope for tier in curve.tiers)]
    paid = curve.pay_at_threshold
    for slope, (start, end) in zip(slopes, pairwise(starts), strict=True):
        paid += slope * max(min(x, end) - start, 0.0)
    return paid if curve.cap is None else min(paid, curve.cap)


@unhurried
@given(curves(), kinds)
def test_payout_is_the_curve_read_off_segment_by_segment(curve: Curve, kind: Kind) -> None:
    # Attainments at the knots themselves are left to the tests above: rounding decides there.
    found = payout(pay_curve(curve, kind), ATTAINMENTS + 1e-7)
    assert found == pytest.approx([written_out(curve, kind, x) for x in ATTAINMENTS + 1e-7], abs=1e-9)


@unhurried
@given(curves(), kinds)
def test_pay_never_falls_as_attainment_rises_and_stays_within_the_cap(curve: Curve, kind: Kind) -> None:
    pays = payout(pay_curve(curve, kind), ATTAINMENTS)
    assert np.all(np.diff(pays) >= -1e-9)
    assert np.all((pays >= 0.0) & (pays <= (np.inf if curve.cap is None else curve.cap + 1e-9)))


@unhurried
@given(curves(), kinds)
def test_pay_jumps_at_the_cliff_only(curve: Curve, kind: Kind) -> None:
    built = pay_curve(curve, kind)
    step = 1e-9
    jumps = payout(built, built.knots + step) - payout(built, built.knots - step)
    steepest = np.abs(np.cumsum(built.slope_changes)).max()
    cliff = np.where(np.abs(built.knots - curve.threshold) <= step, curve.pay_at_threshold, 0.0)
    assert np.all(np.abs(jumps - cliff) <= 3.0 * step * (1.0 + steepest) * len(built.knots))


@unhurried
@given(curves(lowest_tier=1.0))
def test_target_is_paid_at_quota_unless_a_cap_is_lower(curve: Curve) -> None:
    cap = np.inf if curve.cap is None else curve.cap
    assert payout(pay_curve(curve, "bonus"), 1.0) == pytest.approx(min(1.0, cap))


@unhurried
@given(curves(), kinds, st.floats(0.05, 5.0))
def test_a_cap_never_raises_pay(curve: Curve, kind: Kind, cap: float) -> None:
    uncapped = curve.model_copy(update={"cap": None})
    capped = curve.model_copy(update={"cap": max(cap, curve.pay_at_threshold, curve.threshold)})
    assert np.all(payout(pay_curve(capped, kind), ATTAINMENTS) <= payout(pay_curve(uncapped, kind), ATTAINMENTS) + 1e-9)


@unhurried
@given(curves(lowest_tier=1.0), st.floats(0.0, 0.95))
def test_a_higher_threshold_never_raises_a_bonus_up_to_quota(curve: Curve, other: float) -> None:
    # Beyond quota it does: the base slope is steeper, and accelerators are multiples of it.
    low, high = sorted((curve.threshold, other))
    pays = [
        payout(pay_curve(curve.model_copy(update={"threshold": threshold}), "bonus"), ATTAINMENTS)
        for threshold in (low, high)
    ]
    assert np.all((pays[1] <= pays[0] + 1e-9)[ATTAINMENTS <= 1.0])


def test_a_higher_threshold_does_raise_a_bonus_beyond_quota() -> None:
    low, high = (pay_curve(Curve(threshold=threshold), "bonus") for threshold in (0.5, 0.9))
    assert payout(low, 1.1) == pytest.approx(1.2)
    assert payout(high, 1.1) == pytest.approx(2.0)


@unhurried
@given(curves(lowest_tier=1.0), st.floats(0.0, 0.95))
def test_a_higher_threshold_never_raises_a_commission_at_any_attainment(curve: Curve, other: float) -> None:
    low, high = sorted((curve.threshold, other))
    pays = [
        payout(pay_curve(curve.model_copy(update={"threshold": threshold}), "commission"), ATTAINMENTS)
        for threshold in (low, high)
    ]
    assert np.all(pays[1] <= pays[0] + 1e-9)


NODES, WEIGHTS = np.polynomial.legendre.leggauss(24)


def integral(function: Callable[[Floats], Floats], breaks: Floats) -> float:
    """Gauss-Legendre between neighbouring breaks."""
    lows, widths = breaks[:-1, None], np.diff(breaks)[:, None]
    points = lows + widths * (NODES + 1.0) / 2.0
    return float(np.sum(function(points) * WEIGHTS * widths / 2.0))


def gaussian_mean(function: Callable[[Floats], Floats], kinks: Floats) -> float:
    """E function(Z) for Z ~ N(0, 1), split at the kinks."""
    breaks = np.unique(np.concatenate([np.arange(-14.0, 15.0), kinks[np.abs(kinks) < 14.0]]))
    return integral(lambda z: function(z) * norm.pdf(z), breaks)


means = st.floats(0.0, 2.5)
sds = st.floats(0.01, 1.0)


@unhurried
@given(curves(), kinds, means, sds)
def test_normal_closed_forms_are_the_integrals(curve: Curve, kind: Kind, mean: float, sd: float) -> None:
    built = pay_curve(curve, kind)
    kinks = (built.knots - mean) / sd

    def scored(score: Callable[[Floats], Floats]) -> float:
        # Derivatives of E f(m + s Z) in m are expectations too: f times the score of the normal (Stein).
        return gaussian_mean(lambda z: payout(built, mean + sd * z) * score(z), kinks)

    size = 1.0 + np.abs(built.slope_changes).sum()
    assert expected(built, mean, sd) == pytest.approx(scored(np.ones_like), abs=1e-9 * size)
    assert marginal(built, mean, sd) == pytest.approx(scored(lambda z: z / sd), abs=1e-9 * size / sd)
    curved = scored(lambda z: (z * z - 1.0) / sd**2)
    assert marginal_slope(built, mean, sd) == pytest.approx(curved, abs=1e-9 * size / sd**2)


@unhurried
@given(curves(), kinds, st.floats(0.1, 2.5), st.floats(0.02, 1.0))
def test_lognormal_closed_form_is_the_integral(curve: Curve, kind: Kind, mean: float, cv: float) -> None:
    built = pay_curve(curve, kind)
    variance = np.log1p(cv**2)
    location, scale = np.log(mean) - variance / 2.0, np.sqrt(variance)
    kinks = (np.log(np.maximum(built.knots, 1e-30)) - location) / scale
    found = gaussian_mean(lambda z: payout(built, np.exp(location + scale * z)), kinks)
    size = 1.0 + np.abs(built.slope_changes).sum()
    assert expected_lognormal(built, mean, cv) == pytest.approx(found, abs=1e-9 * size)


@unhurried
@given(curves(), st.integers(1, 60), st.integers(1, 20), st.floats(0.3, 1.2))
def test_beta_closed_form_is_the_integral(curve: Curve, a: int, b: int, target: float) -> None:
    # Whole shape parameters: the density is a polynomial, which the rule integrates exactly.
    built = pay_curve(curve, "bonus")
    rates = built.knots * target
    breaks = np.unique(np.concatenate([np.linspace(0.0, 1.0, 101), rates[(rates > 1e-9) & (rates < 1.0)]]))
    found = integral(lambda r: payout(built, r / target) * beta_law.pdf(r, a, b), breaks)
    size = 1.0 + np.abs(built.slope_changes).sum() / target
    assert expected_beta(built, a, b, target) == pytest.approx(found, abs=1e-9 * size)


@unhurried
@given(curves(), kinds, means, sds)
def test_more_attainment_is_never_expected_to_pay_less(curve: Curve, kind: Kind, mean: float, sd: float) -> None:
    built: PayCurve = pay_curve(curve, kind)
    assert marginal(built, mean, sd) >= -1e-9 * (1.0 + np.abs(built.slope_changes).sum())
