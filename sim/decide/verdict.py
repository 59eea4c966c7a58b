"""The answer in one sentence, in plain words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.decide.compare import CENT, Summary, summarise
from sim.engine.outcome import Outcome
from sim.words import money, percent


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the candidate does against the plan in force, over the horizon.

    cost, retained, closing: paired differences, USD and USD a year. keeps_less: share of trials in which it retains
    less ARR. sentence: all of it in words.
    """

    cost: Summary
    retained: Summary
    closing: Summary
    keeps_less: float
    sentence: str


def verdict(candidate: Outcome, current: Outcome) -> Verdict:
    """Compare the candidate with the plan in force on the same luck."""
    cost = summarise(candidate.plan_cost - current.plan_cost)
    kept = candidate.retained_arr - current.retained_arr
    retained = summarise(kept)
    closing = summarise(candidate.closing_arr - current.closing_arr)
    keeps_less = float(np.mean(kept < -CENT))
    return Verdict(cost, retained, closing, keeps_less, _sentence(cost, retained, closing, keeps_less))


def _sentence(cost: Summary, retained: Summary, closing: Summary, keeps_less: float) -> str:
    if not (_moves(cost) or _moves(retained) or _moves(closing)):
        return "The same as the plan in force: no trial costs more or less, and none keeps more or less ARR."
    parts = [_cost_part(cost), _retained_part(retained, keeps_less), _closing_part(closing, retained)]
    return ". ".join(part[0].upper() + part[1:] for part in parts if part) + "."


def _moves(figure: Summary) -> bool:
    return abs(figure.mean) >= CENT or figure.p95 - figure.p5 >= CENT


def range_in_words(figure: Summary) -> str:
    """Where nine tenths of the trials of a figure in USD lie."""
    return f"90 % of trials: {money(figure.p5, signed=True)} to {money(figure.p95, signed=True)}"


def _cost_part(cost: Summary) -> str:
    if not _moves(cost):
        return "costs the same in every trial"
    if not cost.clear:
        return f"the cost cannot be told from that of the plan in force ({range_in_words(cost)})"
    direction = "more" if cost.mean > 0 else "less"
    return f"costs {money(abs(cost.mean))} {direction} ({range_in_words(cost)})"


def _retained_part(retained: Summary, keeps_less: float) -> str:
    if not _moves(retained):
        return "keeps exactly the same ARR"
    if not retained.clear:
        return f"the ARR kept cannot be told from that of the plan in force ({range_in_words(retained)})"
    if retained.mean > 0:
        return f"keeps {money(retained.mean)} more ARR; in {percent(keeps_less, 0)} of trials it keeps less"
    return (
        f"keeps {money(-retained.mean)} less ARR; in {percent(1.0 - keeps_less, 0)} of trials it keeps as much or more"
    )


def _closing_part(closing: Summary, retained: Summary) -> str:
    """Expansion can turn the answer round: say where ARR ends when it does not simply follow retention."""
    if not _moves(closing) or not closing.clear or abs(closing.mean - retained.mean) < CENT:
        return ""
    direction = "above" if closing.mean > 0 else "below"
    return f"with expansion, ARR ends {money(abs(closing.mean))} {direction} the plan in force"
