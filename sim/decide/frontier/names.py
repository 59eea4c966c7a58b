"""Plans named in words: what sets one apart from the plan it started from, the largest step first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sim.plan.levers import LEVERS, Lever, LeverValue, lever_value
from sim.plan.schema import Plan
from sim.words import percent

WORDS_IN_A_NAME = 3
LONGEST = 80
"""Characters of a plan's name (the plan's own limit)."""

_PERIODS = {"month": "monthly pay", "quarter": "quarterly pay", "half": "half-yearly pay", "year": "yearly pay"}
_NOTHING_DUE = {
    "target": "target when nothing is due",
    "carry": "target carried on",
    "zero": "no pay when nothing is due",
}


def _mix(value: float, before: float) -> str:
    return f"{'higher' if value > before else 'lower'} mix {100 * (1 - value):.0f}/{100 * value:.0f}"


def _rate(text: str) -> Callable[[float, float], str]:
    return lambda value, before: f"{text} {percent(value, 0)}"


def _times(text: str) -> Callable[[float, float], str]:
    return lambda value, before: f"{text} {value:.2f}".rstrip("0").rstrip(".") + "x"


def _months(value: float, before: float) -> str:
    return f"clawback {value:.0f} months" if value else "no clawback"


_NUMBERS: dict[str, Callable[[float, float], str]] = {
    "variable_share": _mix,
    "retention_weight": _rate("retention weight"),
    "retention_threshold": _rate("retention from"),
    "retention_cap": _rate("retention cap at"),
    "expansion_threshold": lambda value, before: (
        f"expansion from {percent(value, 0)}" if value else "expansion from the first dollar"
    ),
    "expansion_cap": _rate("expansion cap at"),
    "quota_stretch": _times("bookings quota"),
    "gate_minimum": _rate("gate at"),
    "clawback_months": _months,
    "accelerator": _times("accelerator"),
}
_SWITCHES: dict[str, tuple[str, str]] = {
    "retention_capped": ("retention uncapped", "retention capped"),
    "expansion_capped": ("expansion uncapped", "expansion capped"),
    "expansion_gate": ("no gate", "gate on retention"),
    "true_up": ("no true-up", "true-up"),
}
_CHOICES: dict[str, dict[str, str]] = {
    "hold": {"ote": "on-target earnings kept", "base": "base pay kept"},
    "no_renewal_due": _NOTHING_DUE,
    "period": _PERIODS,
    "quota_rule": {"flat": "flat quotas", "fitted": "fitted quotas"},
}


def changes_in_words(plan: Plan, base: Plan) -> list[str]:
    """Every lever that stands elsewhere than in the base plan, the largest step first: "accelerator 2.4x"."""
    told: list[tuple[float, str]] = []
    for lever in LEVERS:
        value, before = lever_value(plan, lever.name), lever_value(base, lever.name)
        if value is None or value == before:
            continue
        if lever.name in _SWITCHES and value and _height(plan, lever) is not None:
            continue  # "cap at 150 %" says that there is one
        told.append((_step(lever, value, before), _in_words(lever, value, before)))
    return [text for _, text in sorted(told, key=lambda item: -item[0])]


def _height(plan: Plan, switch: Lever) -> LeverValue | None:
    """Where the cap or gate lies that a switch puts on."""
    height = {
        "retention_capped": "retention_cap",
        "expansion_capped": "expansion_cap",
        "expansion_gate": "gate_minimum",
    }
    return lever_value(plan, height[switch.name]) if switch.name in height else None


def _step(lever: Lever, value: LeverValue, before: LeverValue | None) -> float:
    """As a share of what the lever can do; a switch or a choice is half of everything."""
    if lever.widget == "slider" and isinstance(value, int | float) and isinstance(before, int | float):
        return abs(value - before) / (lever.high - lever.low)
    return 0.5


def _in_words(lever: Lever, value: LeverValue, before: LeverValue | None) -> str:
    if isinstance(value, bool):
        return _SWITCHES[lever.name][value]
    if isinstance(value, str):
        return _CHOICES[lever.name][value]
    return _NUMBERS[lever.name](value, before if isinstance(before, int | float) else 0.0)


def names(plans: Sequence[Plan], base: Plan) -> list[str]:
    """A name for each plan, all different: its largest steps, and more of them where two would be alike."""
    found: list[str] = []
    for plan in plans:
        words = changes_in_words(plan, base) or ["as it is"]
        for n in range(min(WORDS_IN_A_NAME, len(words)), len(words) + 1):
            name = _cut(words[:n])
            if name not in found:
                break
        else:
            name = next(text for k in range(2, len(plans) + 2) if (text := f"{_cut(words)[:74]} ({k})") not in found)
        found.append(name)
    return found


def _cut(words: Sequence[str]) -> str:
    """Joined, as a sentence begins; whole words only."""
    text = words[0]
    for word in words[1:]:
        if len(text) + 2 + len(word) > LONGEST:
            break
        text = f"{text}, {word}"
    return text[:1].upper() + text[1:]
