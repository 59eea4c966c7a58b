"""A comparison as plain data: what the command line prints and what can be downloaded."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from sim.decide.compare import differences, summaries
from sim.engine.outcome import Outcome
from sim.engine.run import MODEL_VERSION


def comparison(candidate: Outcome, current: Outcome, seed: int) -> dict[str, Any]:
    """JSON of a comparison: model_version, seed, trials, candidate, current, difference, csms. No names, ids only."""
    return {
        "model_version": MODEL_VERSION,
        "seed": seed,
        "trials": candidate.n_trials,
        "months": candidate.n_months,
        "candidate": {name: asdict(figure) for name, figure in summaries(candidate).items()},
        "current": {name: asdict(figure) for name, figure in summaries(current).items()},
        "difference": {name: asdict(figure) for name, figure in differences(candidate, current).items()},
        "csms": csm_rows(candidate, current),
    }


def csm_rows(candidate: Outcome, current: Outcome) -> list[dict[str, Any]]:
    """Expected pay (base and variable, USD over the horizon) and attainment of each CSM, under both plans.

    Pay is what a CSM who stays the whole horizon has in base, and the mean over trials of variable pay.
    Attainment is null where the plan has no weighted component or nothing was ever due.
    """
    then, now = _people(candidate), _people(current)
    return [
        {
            "csm_id": csm,
            "expected_pay": then[0][c],
            "expected_variable_pay": then[1][c],
            "expected_attainment": then[2][c],
            "current_expected_pay": now[0][c],
            "current_expected_variable_pay": now[1][c],
            "current_expected_attainment": now[2][c],
        }
        for c, csm in enumerate(candidate.csm_ids)
    ]


def _people(outcome: Outcome) -> tuple[list[float], list[float], list[float | None]]:
    variable = outcome.csm_pay.mean(axis=1, dtype=np.float64)
    attainment: list[float | None] = []
    for values in outcome.csm_attainment:
        known = values[np.isfinite(values)]
        attainment.append(float(known.mean()) if len(known) else None)
    return (outcome.csm_base + variable).tolist(), variable.tolist(), attainment
