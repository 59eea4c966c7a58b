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
# The same of a plan that pays on KPIs, training among them.
KPI_DIGITS = {
    "retained_arr": (2451513.2177550117, 302.23067867236205),
    "logo_retention": (0.9338281249999999, -0.0004687500000000004),
    "plan_cost": (566718.685182696, -6772.172848353226),
    "variable_pay": (90617.23765224672, -5606.289873627695),
    "expansion_arr": (253291.07055664062, -23275.865600585938),
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
    current = simulate(stage, plan_preset("current_80_20"))
    for plan, held in (("at_risk_70_30", DIGITS), ("customer_outcomes", KPI_DIGITS)):
        candidate = simulate(stage, plan_preset(plan))
        means, changes = summaries(candidate), differences(candidate, current)
        for name, digits in held.items():
            assert (means[name].mean, changes[name].mean) == pytest.approx(digits, rel=1e-9), (plan, name)
