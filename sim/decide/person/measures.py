"""What the measures of a plan are called, and how their values are written."""

from __future__ import annotations

from sim.plan.schema import BOOKING_MEASURES, EVENT_MEASURES, Measure
from sim.words import exact_money, percent

NAMES: dict[Measure, str] = {
    "gross_retention": "gross retention",
    "net_retention": "net retention",
    "logo_retention": "logo retention",
    "upsell_bookings": "upsell",
    "cross_sell_bookings": "cross-sell",
    "expansion_bookings": "expansion",
    "referrals": "opportunities found",
    "renewals": "renewals closed",
    "nps": "NPS",
    "adoption": "adoption",
    "mbo": "MBO score",
    "value_acknowledged": "value acknowledged",
    "training": "training enrolments",
    "time_to_onboard": "onboarded on time",
    "utilisation": "utilisation",
}
TOTALS = (*BOOKING_MEASURES, *EVENT_MEASURES)
"""Measures that add up over a window; the others are rates and means."""


def written(measure: Measure, value: float) -> str:
    """A level of the measure: 93.4 %, $84,000, 7, 33.0 points."""
    if measure in BOOKING_MEASURES:
        return exact_money(round(100.0 * value))
    if measure in EVENT_MEASURES:
        return f"{value:,.1f}".removesuffix(".0")
    if measure == "nps":
        return f"{value:.1f} points"
    return percent(value)


def window_quota(measure: Measure, quota: float, months: float) -> float:
    """The quota of a window of so many months: totals are set for a year, rates and means are not."""
    return quota * months / 12.0 if measure in TOTALS else quota
