"""The pages on targets without a browser: every sample book, every plan, and what they set in motion."""

from __future__ import annotations

import pytest
from test_app import CURRENT, assert_sound, button, open_app, scenario, visit

from sim.book.samples import SAMPLES, load_sample
from sim.decide import quotas
from sim.engine.run import set_stage
from sim.plan.read import PLAN_PRESETS, plan_preset
from sim.world.parameters import world_preset


@pytest.mark.parametrize("book", SAMPLES)
def test_quotas_open_on_every_sample_book(book):
    at = visit(open_app(sample=book), "quotas")
    assert_sound(at)
    assert len(at.dataframe[0].value) == len(load_sample(book).team)
    assert len(at.get("vega_lite_chart")) == 2


@pytest.mark.parametrize("plan", PLAN_PRESETS)
def test_quotas_of_every_plan(plan):
    at = visit(open_app(current=plan_preset(plan)), "quotas")
    assert_sound(at)
    names = quotas.targeted(plan_preset(plan))
    assert len(at.dataframe) == bool(names)
    for name in names:
        at.selectbox(key="quota_of").select(name).run()
        assert_sound(at)


def test_fitted_quotas_can_be_tried_and_taken_back():
    at = visit(open_app(), "quotas")
    button(at, "Try as candidate").click().run()
    stage = set_stage(load_sample("startup"), CURRENT, world_preset("base"), trials=256)
    assert scenario(at).candidate == quotas.fitted(CURRENT, stage, "risk_adjusted")
    visit(at, "what_if")
    button(at, "Undo").click().run()
    assert scenario(at).candidate == CURRENT
