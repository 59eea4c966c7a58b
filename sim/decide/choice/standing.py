"""Who is ahead: the table of all plans against the plan in force, and the answer in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.decide.choice.contenders import Contender
from sim.decide.choice.criterion import Criterion, chance_ahead, chance_best, scores
from sim.decide.choice.settle import Settling, settle
from sim.decide.compare import CENT, METRICS, Summary, summarise
from sim.decide.verdict import range_in_words
from sim.engine.outcome import Outcome
from sim.words import money, percent, points

Floats = NDArray[np.float64]

FIGURES: dict[str, tuple[str, Callable[[Outcome], Floats]]] = {
    "plan_cost": ("Plan cost", METRICS["plan_cost"]),
    "retained_arr": ("Retained ARR", METRICS["retained_arr"]),
    "expansion_arr": ("Expansion", METRICS["expansion_arr"]),
    "closing_arr": ("ARR at the end", lambda outcome: outcome.closing_arr),
    "gross_retention": ("GRR", METRICS["gross_retention"]),
    "net_retention": ("NRR", METRICS["net_retention"]),
    "variable_pay": ("Variable pay", METRICS["variable_pay"]),
}
"""What the table compares: label and (n_trials,) of an outcome, USD, USD a year or a fraction."""
RATES = ("gross_retention", "net_retention")


class Standing(NamedTuple):
    """Of all plans, the one in force among them, on one criterion.

    chance: share of trials in which each is best, in the order of the plans. first, second: their numbers, by the mean
    of the criterion. gap: first less second, paired, USD. settling: whether that gap can be told from none.
    """

    chance: Floats
    first: int
    second: int
    gap: Summary
    settling: Settling


def standing(plans: Sequence[Contender], criterion: Criterion, worth: float) -> Standing:
    """plans: two or more, on the same stage. worth: USD that a dollar of ARR is worth."""
    score = scores([plan.outcome for plan in plans], criterion, worth)
    first, second = np.argsort(-score.mean(axis=1), kind="stable")[:2]
    gap = score[first] - score[second]
    return Standing(chance_best(score), int(first), int(second), summarise(gap), settle(gap))


def standing_sentence(plans: Sequence[Contender], found: Standing, criterion: Criterion) -> str:
    """The answer: who is ahead, by how much, and whether that can be told."""
    first, second = plans[found.first].name, plans[found.second].name
    on = criterion.label[0].lower() + criterion.label[1:] if not criterion.label.startswith("ARR") else criterion.label
    trials = plans[0].outcome.n_trials
    best = f"best in {percent(float(found.chance[found.first]), 0)} of trials"
    if found.settling.same:
        return f"On {on}, {first} and {second} are best on average, and come out the same in every trial."
    if not found.settling.clear:
        return (
            f"On {on}, {first} and {second} cannot be told apart with these {trials:,} trials "
            f"({money(found.gap.mean, signed=True)} on average, {range_in_words(found.gap)}); "
            f"{first} is {best}."
        )
    return (
        f"On {on}, {first} is ahead: {best}, and on average {money(found.gap.mean)} better than {second} "
        f"({range_in_words(found.gap)})."
    )


def settling_sentence(found: Standing, trials: int, most: int) -> str:
    """What it would take to tell the first two apart; empty when nothing would, or nothing need."""
    settling = found.settling
    if settling.clear or settling.same:
        return ""
    seen = "" if math.isinf(settling.seen) else f"A mean difference above {money(settling.seen)} would have shown. "
    if settling.needed is None:
        return f"{seen}On average there is nothing between them here: no number of trials is known that would tell."
    if settling.needed > most:
        limit = settling.seen * math.sqrt(trials / most)
        return (
            f"{seen}About {_about(settling.needed)} trials would be needed, and {most:,} are the most that this takes: "
            f"they would show a difference above {money(limit)}. Call them equal on this, and choose on other grounds."
        )
    return (
        f"{seen}About {_about(settling.needed)} trials would settle it, with nine chances in ten, if the difference is "
        "what it looks like."
    )


def _about(number: int) -> str:
    """To two figures, never below."""
    step = 10 ** max(int(math.log10(number)) - 1, 0)
    return f"{-(-number // step) * step:,}"


def standings(plans: Sequence[Contender], current: Contender, criterion: Criterion, worth: float) -> pd.DataFrame:
    """A row for each plan but the one in force, which comes last: what the download holds.

    best: share of trials in which it is best of all; ahead: share in which it beats the plan in force. For the
    criterion and each of FIGURES the paired difference: mean, standard_error, p5, p95 (single trials), clear.
    """
    entered = [*plans, current]
    score = scores([plan.outcome for plan in entered], criterion, worth)
    chance = chance_best(score)
    rows = []
    for number, plan in enumerate(entered):
        gain = score[number] - score[-1]
        row: dict[str, object] = {"plan": plan.name, "best": chance[number], "ahead": chance_ahead(gain)}
        changes = {"criterion": gain}
        changes |= {name: figure(plan.outcome) - figure(current.outcome) for name, (_, figure) in FIGURES.items()}
        for name, change in changes.items():
            told = summarise(change)
            row |= {
                f"{name}.mean": told.mean,
                f"{name}.standard_error": told.standard_error,
                f"{name}.p5": told.p5,
                f"{name}.p95": told.p95,
                f"{name}.clear": told.clear,
            }
        rows.append(row)
    return pd.DataFrame(rows)


def in_words(table: pd.DataFrame) -> pd.DataFrame:
    """The standings as people read them: each difference with twice its standard error, or that none can be told.

    The last row is the plan in force, which differs from itself in nothing.
    """
    shown: dict[str, object] = {"plan": table["plan"], "best": table["best"], "ahead": table["ahead"]}
    for name in ("criterion", *FIGURES):
        columns = [table[f"{name}.{part}"].tolist() for part in ("mean", "standard_error", "clear", "p5", "p95")]
        shown[name] = [*(_cell(name in RATES, *cell) for cell in list(zip(*columns, strict=True))[:-1]), "-"]
    return pd.DataFrame(shown)


def _cell(rate: bool, mean: float, error: float, clear: bool, low: float, high: float) -> str:
    tiny = 1e-9 if rate else CENT
    if max(abs(mean), abs(low), abs(high)) < tiny:
        return "the same"
    if not math.isfinite(error):
        return "one trial cannot tell"
    give = f"±{200 * error:.2f}" if rate else f"±{money(2 * error)}"
    if not clear:
        return f"not told apart ({give}{' pp' if rate else ''})"
    return f"{points(mean, 2)} {give}" if rate else f"{money(mean, signed=True)} {give}"
