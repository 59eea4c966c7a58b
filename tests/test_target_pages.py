"""The pages on targets without a browser: every sample book, every plan, and what they set in motion."""

from __future__ import annotations

import pytest
from test_app import CURRENT, assert_sound, button, open_app, scenario, visit

from sim.book.samples import SAMPLES, load_sample
from sim.decide.targets import quotas
from sim.decide.targets.hours import Hours
from sim.decide.targets.sharing import Wishes
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


# --- who owns what --------------------------------------------------------------------------------------


@pytest.fixture
def impatient(monkeypatch):
    """The pages are run as scripts, so the time that the solver may take is shortened where they take it from."""
    from sim.decide.targets import assignment

    patient = assignment.solve
    monkeypatch.setattr(assignment, "solve", lambda sharing, seconds: patient(sharing, min(seconds, 3.0)))


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("book", SAMPLES)
def test_an_assignment_is_found_on_every_sample_book(book):
    at = visit(open_app(sample=book), "assignment")
    assert_sound(at)
    assert not at.metric  # nothing is proposed before it is asked for
    button(at, "Find an assignment").click().run()
    assert_sound(at)
    assert [metric.label for metric in at.metric] == ["Retained ARR", "Expansion", "Plan cost", "Gap"]
    assert 0 < len(at.dataframe[0].value) <= 0.1 * len(load_sample(book))
    assert len(at.get("vega_lite_chart")) == 1


@pytest.mark.usefixtures("impatient")
def test_an_assignment_is_applied_to_the_book():
    at = visit(open_app(), "assignment")
    button(at, "Find an assignment").click().run()
    table = at.dataframe[0].value
    button(at, "Apply to the book").click().run()
    assert_sound(at)
    before, after = load_sample("startup"), scenario(at).uploaded
    assert after is not None
    owner = dict(zip(after.account_id, after.csm, strict=True))
    assert [before.team.csm_name[owner[account]] for account in table["account_id"]] == table["to_csm"].tolist()
    assert int((after.csm != before.csm).sum()) == len(table)
    assert not at.metric
    for page in ("what_if", "people", "book"):
        assert_sound(visit(at, page))


@pytest.mark.usefixtures("impatient")
def test_no_hand_overs_allowed_means_none():
    at = visit(open_app(), "assignment")
    at.session_state["wishes"] = Wishes(most_moved=0.0)
    at.run()
    assert_sound(at)
    assert any("Nothing better was found" in text.value for text in at.markdown)
    assert button(at, "Apply to the book").disabled
    assert at.dataframe[0].value.empty


# --- capacity -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("book", SAMPLES)
def test_capacity_opens_on_every_sample_book(book):
    at = visit(open_app(sample=book), "capacity")
    assert_sound(at)
    assert [metric.label for metric in at.metric] == ["CSMs", "CSMs needed", "Leavers", "New CSMs"]
    assert at.metric[0].value == str(len(load_sample(book).team))
    assert len(at.get("vega_lite_chart")) == 1


def test_shorter_horizons_and_other_leads():
    for months in (3, 24):
        at = visit(open_app(months=months), "capacity")
        for lead in (0, 9):
            at.slider(key="lead").set_value(lead).run()
            assert_sound(at)


def test_hours_of_ones_own_change_what_is_needed():
    at = visit(open_app(), "capacity")
    needed = at.metric[1].value
    at.session_state["hours"] = Hours(care_3=60.0)
    at.run()
    assert_sound(at)
    assert float(at.metric[1].value) > float(needed)
    button(at, "Back to the defaults").click().run()
    assert at.metric[1].value == needed
