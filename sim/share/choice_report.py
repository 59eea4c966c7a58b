"""A comparison of many plans as plain data: what the command line prints."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from sim.decide.choice.contenders import Contender
from sim.decide.choice.criterion import Criterion
from sim.decide.choice.parts import figures_by, part_changes, part_names
from sim.decide.choice.payback import payback, payback_sentence
from sim.decide.choice.standing import FIGURES, settling_sentence, standing, standing_sentence, standings
from sim.engine.run import MAX_TRIALS, MODEL_VERSION

_PARTS_OF_A_FIGURE = ("mean", "standard_error", "p5", "p95", "clear")


def choice(
    plans: Sequence[Contender], current: Contender, criterion: Criterion, worth: float, seed: int
) -> dict[str, Any]:
    """JSON: who is ahead, what it takes to tell, the paired differences and break-even of each plan. Nobody is named.

    Null stands where there is no figure: the standard error of a single trial, a break-even at a worth of nothing.
    """
    everybody = [*plans, current]
    trials = current.outcome.n_trials
    found = standing(everybody, criterion, worth)
    return {
        "model_version": MODEL_VERSION,
        "seed": seed,
        "trials": trials,
        "criterion": criterion.name,
        "worth": worth,
        "answer": standing_sentence(everybody, found, criterion),
        "settling": settling_sentence(found, trials, MAX_TRIALS),
        "trials_needed": found.settling.needed,
        "plans": _plans(plans, current, criterion, worth),
        "break_even": [_break_even(plan, current, worth) for plan in plans],
    }


def parts(plans: Sequence[Contender], current: Contender, part: str) -> dict[str, list[dict[str, Any]]]:
    """JSON of paired differences by segment, CSM (by id) or month, for every figure that can be split so."""
    names = part_names(current.outcome, part)
    return {
        figure: [
            {str(name): _plain(value) for name, value in row.items()}
            for row in part_changes(plans, current.outcome, part, figure, names).to_dict("records")
        ]
        for figure in figures_by(part)
    }


def _plans(plans: Sequence[Contender], current: Contender, criterion: Criterion, worth: float) -> list[dict[str, Any]]:
    rows = []
    for row in standings(plans, current, criterion, worth).to_dict("records"):
        figures = {
            name: {part: _plain(row[f"{name}.{part}"]) for part in _PARTS_OF_A_FIGURE}
            for name in ("criterion", *FIGURES)
        }
        rows.append({"plan": row["plan"], "best": row["best"], "ahead": row["ahead"], "differences": figures})
    return rows


def _break_even(plan: Contender, current: Contender, worth: float) -> dict[str, Any]:
    found = payback(plan.outcome, current.outcome, worth)
    return {
        "plan": plan.name,
        "extra_cost": found.cost.mean,
        "grr_needed": _plain(found.needed),
        "grr_change": found.grr.mean,
        "pays_for_itself": found.pays,
        "sentence": payback_sentence(plan.name, found),
    }


def _plain(value: Any) -> Any:
    """JSON has no word for NaN or infinity."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
