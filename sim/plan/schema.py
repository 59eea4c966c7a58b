"""The compensation plan: what leadership can change. Frozen, validated, extras forbidden; written as TOML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

Kpi = Literal["nps", "adoption", "mbo", "value_acknowledged", "training", "time_to_onboard", "utilisation"]
"""Scores of a month, the better the higher, in the order of the engine."""
Measure = Literal[
    "gross_retention",
    "net_retention",
    "logo_retention",
    "upsell_bookings",
    "cross_sell_bookings",
    "expansion_bookings",
    "referrals",
    "renewals",
    Kpi,
]
Kind = Literal["bonus", "commission", "spif"]
QuotaRule = Literal["flat", "risk_adjusted", "white_space"]
Period = Literal["month", "quarter", "half", "year"]
NoRenewalDue = Literal["target", "carry", "zero"]

RETENTION_MEASURES: tuple[Measure, ...] = ("gross_retention", "net_retention", "logo_retention")
BOOKING_MEASURES: tuple[Measure, ...] = ("upsell_bookings", "cross_sell_bookings", "expansion_bookings")
EVENT_MEASURES: tuple[Measure, ...] = ("referrals", "renewals")
KPI_MEASURES: tuple[Kpi, ...] = get_args(Kpi)
PERIOD_MONTHS: dict[Period, int] = {"month": 1, "quarter": 3, "half": 6, "year": 12}

_HIGHEST_TARGET: dict[Measure, float] = {
    "gross_retention": 1.0,
    "net_retention": 2.0,
    "logo_retention": 1.0,
    "nps": 100.0,
    "adoption": 1.0,
    "mbo": 2.0,
    "value_acknowledged": 1.0,
    "training": 1.0,
    "time_to_onboard": 1.0,
    "utilisation": 1.0,
}
"""Targets beyond these cannot be meant: rates written as percentages, mostly."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Tier(_Part):
    """From this attainment on, each further point pays `slope` times what a point below target pays.

    Above 1 it is an accelerator, below 1 a decelerator, 0 a plateau.
    """

    start: float = Field(ge=0.0, le=5.0)
    slope: float = Field(ge=0.0, le=20.0)


class Curve(_Part):
    """Payout (1 = target pay) as a function of attainment (1 = quota).

    Nothing below `threshold`; `pay_at_threshold` at it (above 0 it is a cliff); a line to 1 at quota; then
    `tiers`. `cap`: the most it ever pays, in target pays; None = uncapped.
    """

    threshold: float = Field(default=0.0, ge=0.0, lt=1.0)
    pay_at_threshold: float = Field(default=0.0, ge=0.0, le=1.0)
    tiers: tuple[Tier, ...] = ()
    cap: float | None = Field(default=None, gt=0.0, le=10.0)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        starts = [tier.start for tier in self.tiers]
        if starts != sorted(set(starts)):
            raise ValueError("tiers must start at rising attainments, each once")
        if starts and starts[0] < self.threshold:
            raise ValueError("tiers must start at or above the threshold")
        if self.cap is not None and self.cap < self.pay_at_threshold:
            raise ValueError("cap must not be below the pay at the threshold")
        if self.cap is not None and self.cap < self.threshold:
            # Legal as a formula, but whoever writes it takes the cap for an attainment.
            raise ValueError("threshold is above the cap: a threshold is a share of quota, a cap of target pay")
        return self


class Quota(_Part):
    """What attainment 1 means.

    rule: `flat` gives every CSM the same target; `risk_adjusted` the retention expected of the CSM's own
        book; `white_space` a bookings target in proportion to the CSM's own white space, with the same total.
    target: flat target in the measure's own unit: a rate for retention (0.92), USD a year and CSM for
        bookings, events a year and CSM, points for NPS, a fraction for the other KPIs. None = what the team is
        expected to reach.
    stretch: multiplies the result.
    """

    rule: QuotaRule = "flat"
    target: float | None = Field(default=None, gt=0.0)
    stretch: float = Field(default=1.0, ge=0.5, le=2.0)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.rule != "flat" and self.target is not None:
            raise ValueError("target belongs to the flat rule only; leave it out or use rule = 'flat'")
        return self


class Gate(_Part):
    """No pay on the component for a period in which this retention measure is below `minimum` (a rate)."""

    measure: Literal["gross_retention", "net_retention", "logo_retention"] = "gross_retention"
    minimum: float = Field(gt=0.0, le=2.0)


class Component(_Part):
    """One line of the plan.

    kind `bonus`: weight x target variable pay x payout(attainment).
    kind `commission`: on each dollar booked, at `rate`, or at the rate that pays `weight` of target variable
        pay at quota.
    kind `spif`: `amount` USD for each event (referrals found, renewals closed), outside target variable pay.
    weight: share of target variable pay; the weights of a plan add up to 1.
    """

    name: str = Field(min_length=1, max_length=60)
    measure: Measure
    kind: Kind = "bonus"
    weight: float | None = Field(default=None, ge=0.0, le=1.0)
    rate: float | None = Field(default=None, ge=0.0, le=1.0)
    amount: float | None = Field(default=None, ge=0.0, le=100_000.0)
    quota: Quota = Quota()
    curve: Curve = Curve()
    gate: Gate | None = None

    @model_validator(mode="after")
    def _fits_kind(self) -> Self:
        if self.kind == "bonus" and (self.weight is None or self.rate is not None or self.amount is not None):
            raise ValueError("a bonus takes a weight, and neither rate nor amount")
        if self.kind == "commission":
            if self.measure not in BOOKING_MEASURES:
                raise ValueError(f"a commission is paid on bookings ({', '.join(BOOKING_MEASURES)})")
            if (self.weight is None) == (self.rate is None) or self.amount is not None:
                raise ValueError("a commission takes either a weight or a rate, and no amount")
        if self.kind == "spif":
            if self.measure not in EVENT_MEASURES:
                raise ValueError(f"a SPIF is paid per event ({', '.join(EVENT_MEASURES)})")
            if self.amount is None or self.weight is not None or self.rate is not None:
                raise ValueError("a SPIF takes an amount, and neither weight nor rate")
            if self.curve != Curve() or self.quota != Quota():
                raise ValueError("a SPIF pays the same for each event: leave out curve and quota")
        if self.quota.rule == "white_space" and self.measure not in (*BOOKING_MEASURES, "net_retention"):
            raise ValueError("quota rule 'white_space' fits bookings and net retention only")
        if self.quota.rule == "risk_adjusted" and self.measure not in RETENTION_MEASURES:
            raise ValueError("quota rule 'risk_adjusted' fits retention measures only")
        most = _HIGHEST_TARGET.get(self.measure)
        if most is not None and self.quota.target is not None and self.quota.target > most:
            raise ValueError(f"quota target of {self.measure} must be at most {most:g}")
        return self


def weights_complaint(weights: Sequence[float]) -> str:
    """What is wrong with the sum of a plan's weights; empty when nothing is, or when there are none."""
    total = sum(weights)
    if not weights or abs(total - 1.0) <= 1e-6:
        return ""
    return f"weights of the components must add up to 1 (they add up to {total:g})"


class Plan(_Part):
    """A compensation plan for the whole team.

    variable_share: target variable pay as a share of on-target earnings (the pay mix: 0.2 is 80/20).
    hold: what stays as it is under the plan in force when the mix moves: on-target earnings or base pay.
    period: payout period; period_by_level: other periods for some levels of the team file.
    true_up: periods are measured year to date and each payment brings the year's total to what is due (never
        back).
    clawback_months: upsell and cross-sell of an account that leaves within so many months is taken off
        bookings.
    ramp_guarantee, ramp_guarantee_months: a new hire is paid at least this share of target for so many
        months.
    no_renewal_due: what a retention component pays when a CSM has no renewal due in a period: its target,
        nothing, or nothing now with its target added to the next period that has one.
    """

    name: str = Field(min_length=1, max_length=80)
    description: str = Field(default="", max_length=600)
    variable_share: float = Field(ge=0.0, le=0.6)
    hold: Literal["ote", "base"] = "ote"
    period: Period = "quarter"
    period_by_level: dict[str, Period] = {}
    true_up: bool = False
    clawback_months: int = Field(default=0, ge=0, le=24)
    ramp_guarantee: float = Field(default=0.0, ge=0.0, le=1.0)
    ramp_guarantee_months: int = Field(default=0, ge=0, le=12)
    no_renewal_due: NoRenewalDue = "target"
    components: tuple[Component, ...] = Field(default=(), max_length=8)

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        weights = [component.weight for component in self.components if component.weight is not None]
        if complaint := weights_complaint(weights):
            raise ValueError(complaint)
        if self.variable_share > 0 and not weights:
            raise ValueError("a plan with variable pay needs components with weights that add up to 1")
        names = [component.name for component in self.components]
        if len(set(names)) < len(names):
            raise ValueError("component names must differ")
        return self

    def period_months(self, levels: tuple[str, ...]) -> Iterator[int]:
        """Payout period of each CSM, months, by level."""
        return (PERIOD_MONTHS[self.period_by_level.get(level, self.period)] for level in levels)
