"""Where effort goes when accounts at risk fall due: to them, or to what is easier to sell."""

from __future__ import annotations

import numpy as np

from sim.engine.forecast import CROSS_SELL, RETENTION, UPSELL
from sim.engine.outcome import Outcome
from sim.engine.run import Stage


def effort_on_risk(outcome: Outcome, stage: Stage) -> float:
    """Share of customer effort that goes to retention, each CSM's months weighted by the ARR expected to be lost in
    them. NaN where nothing is at risk or nobody makes an effort. Less of it is cherry-picking: expansion over accounts
    at risk.
    """
    at_risk = stage.forecast.loss
    effort = (outcome.effort * at_risk[..., None]).sum(axis=(0, 1))
    total = float(effort[[RETENTION, UPSELL, CROSS_SELL]].sum())
    return float(effort[RETENTION]) / total if total > 1e-9 * max(float(np.sum(at_risk)), 1.0) else float("nan")
