"""Figures change only together with the model's version, and the ledger says why."""

from __future__ import annotations

import pytest

from sim.book.samples import load_sample
from sim.decide.compare import differences, summaries
from sim.engine.run import MODEL_VERSION, set_stage, simulate
from sim.plan.read import plan_preset
from sim.share.ledger import CHANGES, since
from sim.world.parameters import world_preset

# The start-up sample, 256 trials, seed 1, mixed world with timing games: mean of 70/30 behind a gate, and mean
# difference from the customary plan in force.
DIGITS = {
    "retained_arr": (2469162.66231142, 17951.67523508067),
    "logo_retention": (0.940703125, 0.00640625),
    "plan_cost": (585101.8330642143, 11610.975033165072),
    "variable_pay": (153387.86218892862, 57164.33466305422),
    "expansion_arr": (276515.20654296875, -51.7296142578125),
}


def test_the_ledger_begins_with_the_version_in_use() -> None:
    assert CHANGES[0].version == MODEL_VERSION
    assert [change.since for change in CHANGES] == sorted((change.since for change in CHANGES), reverse=True)
    assert since(MODEL_VERSION) == ()
    assert since("1.0") == CHANGES[:-1]
    assert since("0.9") is None


def test_no_figure_changes_without_the_version() -> None:
    """If this fails on purpose: raise MODEL_VERSION, add to the ledger, then write the new digits here."""
    world = world_preset("mixed").changed({"pull_share": 0.3})
    stage = set_stage(load_sample("startup"), plan_preset("current_80_20"), world, trials=256)
    candidate, current = (simulate(stage, plan_preset(name)) for name in ("at_risk_70_30", "current_80_20"))
    found = {
        name: (figure.mean, differences(candidate, current)[name].mean)
        for name, figure in summaries(candidate).items()
        if name in DIGITS
    }
    for name, digits in DIGITS.items():
        assert found[name] == pytest.approx(digits, rel=1e-9), name
