"""A comparison as plain data: what the command line prints and what can be downloaded."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.decide.compare import Summary, differences, summaries
from sim.engine.outcome import Outcome
from sim.engine.run import MODEL_VERSION

Floats = NDArray[np.float64]


def comparison(candidate: Outcome, current: Outcome, seed: int) -> dict[str, Any]:
    """JSON of a comparison: model_version, seed, trials, candidate, current, difference, csms. No names, ids only.

    Null stands where there is no figure: the standard error of a single trial, attainment that was never measured.
    """
    return {
        "model_version": MODEL_VERSION,
        "seed": seed,
        "trials": candidate.n_trials,
        **of_the_team(candidate, current),
        "csms": csm_rows(candidate, current),
    }


def of_the_team(candidate: Outcome, current: Outcome) -> dict[str, dict[str, dict[str, float | None]]]:
    """JSON of candidate, current and difference, for who may see no single CSM too."""
    return {
        "candidate": _plain(summaries(candidate)),
        "current": _plain(summaries(current)),
        "difference": _plain(differences(candidate, current)),
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
    attainment = [_known(value) for value in mean_attainment(outcome).tolist()]
    return (outcome.csm_base + variable).tolist(), variable.tolist(), attainment


def mean_attainment(outcome: Outcome) -> Floats:
    """Mean over the trials in which anything was measured, NaN for a CSM without any: (n_csms,)."""
    measured = np.isfinite(outcome.csm_attainment)
    total = np.where(measured, outcome.csm_attainment, 0.0).sum(axis=1)
    trials = measured.sum(axis=1)
    mean: Floats = np.divide(total, trials, out=np.full_like(total, np.nan), where=trials > 0)
    return mean


def _plain(figures: dict[str, Summary]) -> dict[str, dict[str, float | None]]:
    return {name: {key: _known(value) for key, value in asdict(figure).items()} for name, figure in figures.items()}


def _known(value: float) -> float | None:
    """JSON has no word for NaN or infinity."""
    return value if math.isfinite(value) else None
