"""The what-if settings in one table: bounds, words, widget and link of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from sim.plan import edits
from sim.plan.edits import Picks, on_bookings, on_retention
from sim.plan.schema import Component, Plan

Widget = Literal["slider", "toggle", "choice"]
Group = Literal["Pay mix", "Retention", "Expansion", "Rules"]
LeverValue = float | str | bool


@dataclass(frozen=True, slots=True)
class Lever:
    """One setting of the what-if page.

    unit: "%" for a fraction that is shown as a percentage, "x" for a multiple, "months", or "".
    low, high, step: bounds of a slider, in the plan's own unit (0.85, not 85); a plan from a file may lie
        outside, and stays so until the lever is moved. All 0 for other widgets.
    source: why these bounds.
    options: value and label of each choice.
    link: name of the setting in a link.
    reason: why a plan may not have this setting, one sentence.
    """

    name: str
    label: str
    group: Group
    widget: Widget
    help: str
    source: str
    link: str
    reason: str
    get: Callable[[Plan], LeverValue | None]
    put: Callable[[Plan, Any], Plan]
    unit: str = ""
    low: float = 0.0
    high: float = 0.0
    step: float = 0.0
    options: tuple[tuple[str, str], ...] = ()


def _set(name: str) -> Callable[[Plan, Any], Plan]:
    """Writer of one of the plan's own fields."""
    return lambda plan, value: plan.model_copy(update={name: value})


def _if_any(picks: Picks, name: str) -> Callable[[Plan], Any]:
    """Reader of one of the plan's own fields that means nothing without components of some kind."""
    return lambda plan: getattr(plan, name) if any(map(picks, plan.components)) else None


def _is_weighed(component: Component) -> bool:
    return component.weight is not None


_NO_RETENTION = "This plan pays nothing on retention."
_NO_BOOKINGS = "This plan pays nothing on upsell or cross-sell."
_JUDGEMENT = "Judgement: wide enough for the plans in use, no wider."

LEVERS: tuple[Lever, ...] = (
    Lever(
        name="variable_share",
        label="Variable pay",
        group="Pay mix",
        widget="slider",
        unit="%",
        low=0.0,
        high=0.5,
        step=0.01,
        help="Target variable pay as a share of on-target earnings: 20 % is a pay mix of 80/20.",
        source="Customer Success runs from 90/10 to 70/30 (Alexander Group, SBI); 50/50 is sales.",
        link="mix",
        reason="This plan has no component with a weight to pay variable pay on.",
        get=_if_any(_is_weighed, "variable_share"),
        put=_set("variable_share"),
    ),
    Lever(
        name="hold",
        label="When the mix moves, keep",
        group="Pay mix",
        widget="choice",
        options=(("ote", "on-target earnings"), ("base", "base pay")),
        help="What stays as it is under the plan in force: people's on-target earnings, or their base pay.",
        source="The two ways in which companies move a mix.",
        link="hold",
        reason="",
        get=lambda plan: plan.hold,
        put=_set("hold"),
    ),
    Lever(
        name="retention_weight",
        label="Weight of retention",
        group="Pay mix",
        widget="slider",
        unit="%",
        low=0.0,
        high=1.0,
        step=0.05,
        help="Share of target variable pay that hangs on retention; the other components share the rest.",
        source="All that a weight can be.",
        link="rw",
        reason="Needs a component on retention and another with a weight to trade it against.",
        get=edits.retention_weight,
        put=edits.with_retention_weight,
    ),
    Lever(
        name="retention_threshold",
        label="Retention threshold",
        group="Retention",
        widget="slider",
        unit="%",
        low=0.5,
        high=0.99,
        step=0.01,
        help="Share of the retention quota below which nothing is paid. The line still meets target pay at "
        "quota, so a higher threshold makes it steeper, and accelerators with it.",
        source="85 % is customary; books that keep less than half of quota are not managed by pay.",
        link="rt",
        reason=_NO_RETENTION,
        get=lambda plan: edits.threshold(plan, on_retention),
        put=lambda plan, value: edits.with_threshold(plan, on_retention, value),
    ),
    Lever(
        name="retention_capped",
        label="Cap retention pay",
        group="Retention",
        widget="toggle",
        help="Whether pay on retention ends somewhere, however high attainment is.",
        source="Both are common.",
        link="rcap",
        reason=_NO_RETENTION,
        get=lambda plan: edits.capped(plan, on_retention),
        put=lambda plan, value: edits.with_capped(plan, on_retention, value),
    ),
    Lever(
        name="retention_cap",
        label="Retention cap",
        group="Retention",
        widget="slider",
        unit="x",
        low=1.0,
        high=4.0,
        step=0.05,
        help="The most that retention pays, as a multiple of its target pay.",
        source="Caps in use lie between target pay and three times it; 4 is as good as none.",
        link="rc",
        reason="Retention pay has no cap in this plan.",
        get=lambda plan: edits.cap(plan, on_retention),
        put=lambda plan, value: edits.with_cap(plan, on_retention, value),
    ),
    Lever(
        name="no_renewal_due",
        label="No renewal due",
        group="Retention",
        widget="choice",
        options=(
            ("target", "pays target"),
            ("carry", "target moves to next period"),
            ("zero", "pays nothing"),
        ),
        help="What retention pays a CSM for a payout period in which no contract of the book falls due.",
        source="The three answers that plans give.",
        link="due",
        reason=_NO_RETENTION,
        get=_if_any(on_retention, "no_renewal_due"),
        put=_set("no_renewal_due"),
    ),
    Lever(
        name="expansion_threshold",
        label="Expansion threshold",
        group="Expansion",
        widget="slider",
        unit="%",
        low=0.0,
        high=0.95,
        step=0.05,
        help="Share of the bookings quota below which nothing is paid on upsell and cross-sell.",
        source="From the first dollar up to the strictest in use.",
        link="et",
        reason=_NO_BOOKINGS,
        get=lambda plan: edits.threshold(plan, on_bookings),
        put=lambda plan, value: edits.with_threshold(plan, on_bookings, value),
    ),
    Lever(
        name="expansion_capped",
        label="Cap expansion pay",
        group="Expansion",
        widget="toggle",
        help="Whether pay on upsell and cross-sell ends somewhere, however high attainment is.",
        source="Both are common.",
        link="ecap",
        reason=_NO_BOOKINGS,
        get=lambda plan: edits.capped(plan, on_bookings),
        put=lambda plan, value: edits.with_capped(plan, on_bookings, value),
    ),
    Lever(
        name="expansion_cap",
        label="Expansion cap",
        group="Expansion",
        widget="slider",
        unit="x",
        low=1.0,
        high=4.0,
        step=0.05,
        help="The most that upsell and cross-sell pay, as a multiple of their target pay.",
        source="Caps in use lie between target pay and three times it; 4 is as good as none.",
        link="ec",
        reason="Expansion pay has no cap in this plan.",
        get=lambda plan: edits.cap(plan, on_bookings),
        put=lambda plan, value: edits.with_cap(plan, on_bookings, value),
    ),
    Lever(
        name="quota_stretch",
        label="Stretch of the bookings quota",
        group="Expansion",
        widget="slider",
        unit="x",
        low=0.8,
        high=1.5,
        step=0.05,
        help="Multiplies every quota on upsell and cross-sell.",
        source=_JUDGEMENT,
        link="qs",
        reason=_NO_BOOKINGS,
        get=edits.stretch,
        put=edits.with_stretch,
    ),
    Lever(
        name="expansion_gate",
        label="Gate expansion on retention",
        group="Expansion",
        widget="toggle",
        help="No pay on upsell and cross-sell for a period in which the CSM's retention is below a minimum.",
        source="Both are common.",
        link="gate",
        reason=_NO_BOOKINGS,
        get=edits.gated,
        put=edits.with_gated,
    ),
    Lever(
        name="gate_minimum",
        label="Retention that opens the gate",
        group="Expansion",
        widget="slider",
        unit="%",
        low=0.7,
        high=0.95,
        step=0.01,
        help="Below this retention rate upsell and cross-sell pay nothing.",
        source="From well below what segments retain (90 to 93 %, SaaS Capital 2023) to just above.",
        link="gm",
        reason="No gate stands before expansion pay in this plan.",
        get=edits.gate_minimum,
        put=edits.with_gate_minimum,
    ),
    Lever(
        name="clawback_months",
        label="Clawback",
        group="Expansion",
        widget="slider",
        unit="months",
        low=0.0,
        high=12.0,
        step=1.0,
        help="Upsell and cross-sell of an account that leaves within so many months is taken off bookings.",
        source="None up to one yearly term.",
        link="cb",
        reason=_NO_BOOKINGS,
        get=_if_any(on_bookings, "clawback_months"),
        put=_set("clawback_months"),
    ),
    Lever(
        name="accelerator",
        label="Accelerator",
        group="Rules",
        widget="slider",
        unit="x",
        low=1.0,
        high=4.0,
        step=0.1,
        help="Beyond quota each further point pays this many times what a point below it pays; 1 is none. "
        "Acts on the components that accelerate, or on all but KPIs and SPIFs when none does.",
        source="1.5 is customary, 3 is steep; 4 shows what steeper does.",
        link="acc",
        reason="Nothing in this plan can pay more steeply beyond quota.",
        get=edits.accelerator,
        put=edits.with_accelerator,
    ),
    Lever(
        name="period",
        label="Payout period",
        group="Rules",
        widget="choice",
        options=(("month", "month"), ("quarter", "quarter"), ("half", "half-year"), ("year", "year")),
        help="Over how long pay is measured; levels with a period of their own keep it.",
        source="The four in use.",
        link="per",
        reason="",
        get=lambda plan: plan.period,
        put=_set("period"),
    ),
    Lever(
        name="true_up",
        label="True-up over the year",
        group="Rules",
        widget="toggle",
        help="Attainment is measured year to date; each payment brings the year's total to what is due.",
        source="Both are common.",
        link="tu",
        reason="This plan has no variable pay to true up.",
        get=_if_any(lambda component: component.kind != "spif", "true_up"),
        put=_set("true_up"),
    ),
    Lever(
        name="quota_rule",
        label="Quotas",
        group="Rules",
        widget="choice",
        options=(("flat", "the same for everybody"), ("fitted", "fitted to each book")),
        help="Fitted: retention against what the CSM's own book should renew, upsell and cross-sell in "
        "proportion to its white space. The team's total stays; a fixed target in the plan is given up.",
        source="The two ends of what companies do.",
        link="qr",
        reason="This plan has no quota on retention, upsell or cross-sell.",
        get=edits.quota_rule,
        put=edits.with_quota_rule,
    ),
)
"""Every setting of the what-if page, in the order of the page."""
