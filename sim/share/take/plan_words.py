"""A plan in plain words, for the people who are paid by it."""

from __future__ import annotations

from typing import NamedTuple

from sim.decide.person.measures import NAMES, TOTALS, window_quota, written
from sim.plan.curve import pay_curve, payout
from sim.plan.schema import PERIOD_MONTHS, Component, Curve, Measure, NoRenewalDue, Period, Plan
from sim.words import exact_money, percent

MEANING: dict[Measure, str] = {
    "gross_retention": "of the ARR that falls due in the period, the share that is kept; losses are churn, smaller "
    "contracts and lower prices",
    "net_retention": "ARR of your accounts against what it was, sales to them included, as a rate a year",
    "logo_retention": "of the accounts whose contract falls due in the period, the share that renews",
    "upsell_bookings": "ARR of upsell that you close, USD",
    "cross_sell_bookings": "ARR of cross-sell that you close, USD",
    "expansion_bookings": "ARR of upsell and cross-sell that you close, USD",
    "referrals": "opportunities that you find and pass on",
    "renewals": "renewals that you close",
    "nps": "mean NPS of your accounts, points",
    "adoption": "mean adoption of your accounts",
    "mbo": "the score of the objectives agreed with you",
    "value_acknowledged": "of the value reviews with your large accounts, the share in which the customer acknowledges "
    "the value identified",
    "training": "of your accounts, the share that enrols somebody for training, mean of the months",
    "time_to_onboard": "of your new accounts, the share that is live within the time agreed",
    "utilisation": "of your working hours, the share that is billed",
}
EVERY: dict[Period, str] = {"month": "month", "quarter": "quarter", "half": "half-year", "year": "year"}
_NOTHING_DUE: dict[NoRenewalDue, str] = {
    "target": "When no contract of yours falls due in a period, its retention part pays its target.",
    "carry": "When no contract of yours falls due in a period, its retention part pays nothing then; its target is "
    "added to the next period that has one.",
    "zero": "When no contract of yours falls due in a period, its retention part pays nothing.",
}
_POINTS = (0.5, 0.7, 0.8, 0.9, 0.95, 1.0, 1.05, 1.1, 1.2, 1.5)
_MOST_POINTS = 9


class Part(NamedTuple):
    """One component. table: attainment, and what it pays of its target; empty for pay by the event."""

    name: str
    share: str
    lines: tuple[str, ...]
    table: tuple[tuple[str, str], ...]


def part(component: Component, quota: float, months: int, *, own: bool) -> Part:
    """quota: of a year. months: of a payout period. own: it is this person's, not an example."""
    measure = NAMES[component.measure]
    lines = [f"Measured: {measure}, {MEANING[component.measure]}."]
    if component.kind == "spif":
        lines.append(f"It pays {exact_money(round(100 * (component.amount or 0)))} for each, whatever else happens.")
    else:
        lines += [_quota(component, quota, months, own=own), *_commission(component), *_curve(component)]
    if component.gate is not None:
        gate = component.gate
        lines.append(
            f"Gate: it pays nothing for a period in which {NAMES[gate.measure]} is below {percent(gate.minimum)}."
        )
    table = () if component.kind == "spif" else _points(component)
    return Part(component.name, _share(component), tuple(lines), table)


def _share(component: Component) -> str:
    if component.weight is not None:
        return f"{percent(component.weight, 0)} of target variable pay"
    return "on top of target variable pay"


def _quota(component: Component, quota: float, months: int, *, own: bool) -> str:
    rules = {
        "flat": "the same for everybody",
        "risk_adjusted": "set for each book: what its own accounts are expected to keep",
        "white_space": "set for each book, by the room for sales in its own accounts",
    }
    how = rules[component.quota.rule]
    if component.quota.rule == "flat" and component.quota.target is None:
        how += ", what the team is expected to reach"
    if component.quota.stretch != 1.0:
        how += f", times {component.quota.stretch:g}"
    amount = written(component.measure, quota)
    if component.measure in TOTALS:
        amount += (
            f" a year, {written(component.measure, window_quota(component.measure, quota, months))} a payout period"
        )
    return f"{'Your quota' if own else 'Quota'}: {'' if own else 'for example '}{amount} ({how})."


def _commission(component: Component) -> list[str]:
    if component.kind != "commission":
        return []
    if component.rate is not None:
        return [f"It is a commission: {percent(component.rate, 2)} of each dollar booked."]
    return ["It is a commission on each dollar booked, at the rate that pays its target at quota."]


def _curve(component: Component) -> list[str]:
    curve = component.curve
    lines = []
    if curve.threshold > 0.0:
        lines.append(f"Threshold: below {percent(curve.threshold, 0)} of quota it pays nothing.")
    if curve.pay_at_threshold > 0.0:
        lines.append(f"At {percent(curve.threshold, 0)} of quota it pays {percent(curve.pay_at_threshold, 0)} at once.")
    lines += _tiers(curve)
    if curve.cap is None:
        lines.append("There is no cap.")
    else:
        lines.append(f"Cap: it never pays more than {percent(curve.cap, 0)} of its target.")
    return lines


def _tiers(curve: Curve) -> list[str]:
    lines = []
    for tier in curve.tiers:
        name = "Accelerator: from" if tier.slope > 1.0 else "From"
        pays = f"{tier.slope:g} times as much as one below quota" if tier.slope > 0.0 else "nothing more"
        lines.append(f"{name} {percent(tier.start, 0)} of quota on, each further point pays {pays}.")
    return lines


def _points(component: Component) -> tuple[tuple[str, str], ...]:
    """What the engine's own curve pays at round attainments and where it bends."""
    curve = pay_curve(component.curve, component.kind)
    bends = {round(float(knot), 4) for knot in curve.knots if knot <= 3.0}
    last = _POINTS[-1] if curve.slope_changes.sum() > 0.0 else max(bends) + 0.1
    round_ones = [at for at in _POINTS if component.curve.threshold < at <= last and at not in bends]
    spare = max(_MOST_POINTS - len(bends) - 1, 0)
    below = {max(component.curve.threshold - 0.01, 0.0)} if component.curve.threshold > 0.0 else set()
    nearest = sorted(round_ones, key=lambda at: abs(at - 1.0))[:spare]
    return tuple(
        (percent(at, 0 if round(100 * at, 2).is_integer() else 1), percent(float(payout(curve, at)), 0))
        for at in sorted(bends | below | set(nearest))
    )


def rules(plan: Plan, level: str | None) -> list[str]:
    """When it is paid, and what holds for all parts. level: of the person; None for everybody."""
    period = plan.period if level is None else plan.period_by_level.get(level, plan.period)
    lines = [f"Variable pay is worked out and paid every {EVERY[period]}."]
    if level is None and plan.period_by_level:
        others = (f"{name} every {EVERY[period]}" for name, period in plan.period_by_level.items())
        lines.append(f"By level: {', '.join(others)}.")
    if plan.true_up:
        lines.append(
            "Results count from the start of the year: each payment brings the year's total up to what is due. What "
            "was paid too much is not asked back."
        )
    else:
        lines.append("Each period stands for itself: a weak one takes nothing from the next.")
    if plan.clawback_months:
        lines.append(
            f"Clawback: when an account leaves within {plan.clawback_months} months of an upsell or cross-sell, that "
            "sale is taken off your bookings."
        )
    if any(component.measure in ("gross_retention", "logo_retention") for component in plan.components):
        lines.append(_NOTHING_DUE[plan.no_renewal_due])
    if plan.ramp_guarantee and plan.ramp_guarantee_months:
        lines.append(
            f"New colleagues are paid at least {percent(plan.ramp_guarantee, 0)} of target for their first "
            f"{plan.ramp_guarantee_months} months."
        )
    return lines


def period_months(plan: Plan, level: str | None) -> int:
    """Months of a payout period."""
    return PERIOD_MONTHS[plan.period if level is None else plan.period_by_level.get(level, plan.period)]
