"""What the studies say, in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.decide.choice.criterion import Criterion
from sim.decide.compare import CENT, Summary
from sim.decide.sensitivity.flip import Condition, Rule
from sim.decide.sensitivity.information import Worth
from sim.decide.sensitivity.ranges import Range, written
from sim.decide.sensitivity.sobol import Indices
from sim.decide.sensitivity.tornado import Bar
from sim.decide.sensitivity.worlds import Change
from sim.decide.verdict import range_in_words
from sim.words import money, percent
from sim.world.parameters import ASSUMPTIONS

Floats = NDArray[np.float64]

WINS, LOSES, SAME, UNTOLD = "wins", "loses", "the same", "cannot be told apart"
_PLURAL = {"uplift_probability", "upsell_arrivals", "cross_sell_arrivals", "win_rate", "attrition", "pull_share"}
BARS_DRAWN = 12
"""Bars of a tornado that are worth a look."""
SMALL = 0.05
"""A share of the spread, or of the value of knowing everything, that is not worth a word."""


def standing(figure: Summary) -> str:
    """How the candidate stands against the plan in force on a conclusion: one of the four words above."""
    if abs(figure.mean) <= CENT and figure.p95 - figure.p5 <= CENT:
        return SAME
    if not figure.clear:
        return UNTOLD
    return WINS if figure.mean > 0.0 else LOSES


def row_finding(criterion: Criterion, row: Mapping[str, Summary]) -> str:
    """In which of the shipped worlds the candidate wins, and in which it does not."""
    words = {
        WINS: "wins in {}",
        LOSES: "loses in {}",
        SAME: "changes nothing in {}",
        UNTOLD: "cannot be told from the plan in force in {}",
    }
    found = {word: [name for name, figure in row.items() if standing(figure) == word] for word in words}
    parts = [text.format(_listed(found[word], len(row))) for word, text in words.items() if found[word]]
    return f"{criterion.label}: the candidate {'; '.join(parts)}."


def _listed(names: Sequence[str], of: int) -> str:
    if len(names) == of:
        return f"all {of} worlds"
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"the {listed} world{'s' if len(names) > 1 else ''}"


def card(figure: Summary, change: Change) -> list[str]:
    """What stands under the figure of one world: its range over trials, and the differences that it is made of."""
    spread = range_in_words(figure)
    parts = {"Retained ARR": change.retained_arr, "ARR at the end": change.closing_arr, "Plan cost": change.plan_cost}
    return [spread, *(f"{name} {_change(values)}" for name, values in parts.items())]


def _change(values: Floats) -> str:
    return "the same in every trial" if not values.any() else money(float(values.mean()), signed=True)


def tornado_note(bars: Sequence[Bar], trials: int) -> str:
    """What the picture leaves out, and where its bars start."""
    here = f"Bars start at the conclusion here, {money(bars[0].at_here, signed=True)} on {trials:,} trials."
    rest = bars[BARS_DRAWN:]
    if not rest:
        return here
    return f"{here} The other {len(rest)} assumptions move it by {money(rest[0].swing)} or less each."


def tornado_finding(bars: Sequence[Bar]) -> str:
    """What moves the conclusion most, and whether any single assumption turns it."""
    most = bars[0]
    if most.swing <= CENT:
        return "No single assumption moves the conclusion"
    ends = sorted((most.at_low, most.at_here, most.at_high))
    turning = sum(bar.turns for bar in bars)
    turn = "none turns it alone" if not turning else f"{turning} of {len(bars)} can turn it alone"
    return f"{label(most.name)} moves it most, {money(ends[0], signed=True)} to {money(ends[2], signed=True)}; {turn}"


def indices_finding(names: Sequence[str], found: Indices) -> str:
    """Where the spread of the conclusion comes from."""
    order = np.argsort(-found.total)
    first = label(names[order[0]])
    together = 1.0 - float(np.clip(found.first, 0.0, 1.0).sum())
    text = f"{first} is behind {percent(min(float(found.total[order[0]]), 1.0), 0)} of the spread"
    if len(names) > 1 and found.total[order[1]] > SMALL:
        text += f", {_lower(label(names[order[1]]))} behind {percent(min(float(found.total[order[1]]), 1.0), 0)}"
    return text if together <= SMALL else f"{text}; {percent(together, 0)} shows only when several move together"


def rule_finding(rule: Rule) -> str:
    """Where the conclusion flips."""
    if rule.wins in (0.0, 1.0):
        return f"The candidate {'wins' if rule.wins else 'loses'} in all sampled worlds"
    if not rule.regions:
        often = percent(max(rule.wins, 1.0 - rule.wins), 0)
        told = "and no simple rule tells which"
        return f"The candidate {'wins' if rule.wins > 0.5 else 'loses'} in {often} of sampled worlds, {told}"
    where = ", or ".join(_region(region) for region in rule.regions)
    if rule.loses:
        return f"The candidate wins unless {where}"
    return f"The candidate wins only where {where}"


def rule_certainty(rule: Rule) -> str:
    """How far the rule can be trusted."""
    if rule.wins in (0.0, 1.0):
        said = "Within the ranges that were tried, nothing turns the conclusion."
    elif not rule.regions:
        said = "Rules with up to three limits tell worlds that they were not made from no better than the usual case."
    else:
        said = (
            f"The candidate wins in {percent(rule.wins, 0)} of the sampled worlds. The rule is right in "
            f"{percent(rule.right, 0)} of worlds that it was not made from; always saying what is usual would be right "
            f"in {percent(rule.usual, 0)}."
        )
    if rule.untold > SMALL:
        said += f" In {percent(rule.untold, 0)} of them the plans cannot be told apart with the trials of a world."
    return said


def _region(region: Sequence[Condition]) -> str:
    return " and ".join(_condition(condition) for condition in region)


def _condition(condition: Condition) -> str:
    row = ASSUMPTIONS[condition.name]
    name, verb = _lower(row.label), "are" if condition.name in _PLURAL else "is"
    low, high = (None if at is None else written(row, at, digits=2) for at in condition[1:])
    if low is not None and high is not None:
        return f"{name} {verb} between {low} and {high}"
    return f"{name} {verb} {f'above {low}' if high is None else f'below {high}'}"


def pays(found: Worth) -> bool:
    """Whether knowing more is worth a dollar."""
    return found.all_known >= 1.0


def worth_finding(varied: Sequence[Range], found: Worth, months: int) -> str:
    """Which assumption is worth a pilot, and what the pilot may cost."""
    over = "a year" if months == 12 else f"over {months} months"
    if not pays(found):
        return "Knowing more would not change the choice: no pilot is worth its cost"
    best = int(found.one_known.argmax())
    if found.one_known[best] < SMALL * found.all_known:
        most = money(found.all_known)
        return f"No single assumption is worth a pilot; knowing all of them is worth at most {most} {over}"
    value = money(float(found.one_known[best]))
    return f"Worth a pilot: {_lower(label(varied[best].name))}. Knowing it is worth up to {value} {over}"


def worth_certainty(varied: Sequence[Range], found: Worth, net: Criterion) -> str:
    """The choice without knowing more, how often it is wrong, and how exact the values are."""
    choice = "the candidate" if found.mean > 0.0 else "the plan in force"
    best = int(found.one_known.argmax())
    parts = [
        f"By {_lower(net.label)}, {choice} is the better choice without knowing more; it is the wrong one in "
        f"{percent(found.wrong, 0)} of the sampled worlds.",
        f"Knowing everything would be worth {_between(found.all_least, found.all_known)}.",
    ]
    if found.one_known[best] >= 1.0:
        low, high = float(found.one_low[best]), float(found.one_high[best])
        parts.append(f"{label(varied[best].name)}: 90 % of repeated studies would say {_between(low, high)}.")
    return " ".join(parts)


def _between(low: float, high: float) -> str:
    low, high = max(low, 0.0), max(high, 0.0)
    return money(high) if money(low) == money(high) else f"{money(low)} to {money(high)}"


def label(name: str) -> str:
    """The assumption as people call it."""
    return ASSUMPTIONS[name].label


def _lower(text: str) -> str:
    """Within a sentence; abbreviations keep their capitals."""
    return text if text[1:2].isupper() else text[0].lower() + text[1:]
