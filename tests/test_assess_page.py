"""The page Assess without a browser: the example, actuals and groups from files, next steps, and the log."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache

import pytest
from streamlit.testing.v1 import AppTest
from test_access import signed_in
from test_app import CURRENT, SMALL, assert_sound, button, complaints, open_app, visit
from test_assess import TWO_BY_TWO

from pages.parts import address, stored
from pages.parts.assess_form import EXAMPLE_TRIALS
from sim.book.samples import load_sample
from sim.decide.assess.actuals import Actuals, to_table, until
from sim.decide.assess.condition import condition
from sim.decide.assess.picture import fan_finding, strip_finding
from sim.decide.assess.promise import Promise, promised, standings, year_of
from sim.decide.assess.surprise import reasons, surprise, verdict
from sim.decide.headline import headlines
from sim.engine.run import set_stage, simulate
from sim.plan.read import plan_preset
from sim.share.link import encode
from sim.share.store.decisions import decisions
from sim.share.store.scenarios import save_scenario
from sim.share.store.store import Member, open_store
from sim.share.tables import to_csv
from sim.world.parameters import world_preset

HOSTILE = "=<b>x</b> [l](http://e.x) :red[x] $a$ *i*"
CANDIDATE = plan_preset("at_risk_70_30")


@cache
def simulated(seed: int = 1, trials: int = 256, months: int = 12) -> Promise:
    book = load_sample("startup")
    stage = set_stage(book, CURRENT, world_preset("base"), seed=seed, trials=trials, n_months=months)
    return promised(simulate(stage, CURRENT))


def example(months: int) -> Actuals:
    return until(year_of(simulated(0, EXAMPLE_TRIALS), 0), months)


def said(at: AppTest) -> str:
    texts = [text.value for part in (at.main.markdown, at.caption, at.info) for text in part]
    return "\n".join(re.sub(r"\\(.)", r"\1", text) for text in texts).replace("\u00a0", " ")


def load(at: AppTest, key: str, content: bytes, name: str = "file.csv") -> AppTest:
    return at.file_uploader(key=key).set_value((name, content, "text/csv")).run()


def test_it_opens_with_a_year_of_the_model_and_says_where_it_stands():
    at = visit(open_app(), "assess")
    assert_sound(at)
    known = example(6)
    told = said(at)
    assert "An example: a year that the model has drawn" in told
    odd = surprise(simulated(), known)
    assert f"#### {verdict(odd)}." in told and reasons(odd) in told
    update = condition(simulated(), known)
    assert fan_finding(simulated(), update, "net_change") in told
    assert strip_finding(standings(simulated(), known)) in told
    assert f"{update.effective:,.0f} of 256 simulated years" in told
    assert "1. **" in told and "The change cannot be told from nothing" in told
    fan, strip = at.get("vega_lite_chart")
    assert "promised P10 to P90" in fan.proto.alt and "Percentile of each figure" in strip.proto.alt
    assert "data" not in json.loads(fan.proto.spec)


def test_earlier_months_and_other_figures_are_a_move_away():
    at = visit(open_app(), "assess")
    at.slider(key="assess_months_12_False").set_value(3)
    at.selectbox(key="assess_figure").select("churned_arr")
    assert_sound(at.run())
    assert fan_finding(simulated(), condition(simulated(), example(3)), "churned_arr") in said(at)
    at.slider(key="assess_months_12_False").set_value(12)
    assert_sound(at.run())
    assert "Churned ARR came to" in said(at) and "nothing is left to forecast" in said(at)


def test_actuals_are_loaded_when_the_user_says_so_and_stay():
    known = until(year_of(simulated(5, 64), 1), 4)
    values = known.values.copy()
    values[known.names.index("churned_arr")] *= 5.0
    known = replace(known, values=values)
    at = visit(open_app(), "assess")
    load(at, "assess_file", to_csv(to_table(known).drop(columns="upsell")))
    assert_sound(at)
    assert "Months: 4, figures: 6." in [text.value for text in at.text]
    assert "An example: a year" in said(at)
    button(at, "Use these actuals").click().run()
    visit(at, "what_if")
    visit(at, "assess")
    assert_sound(at)
    told = said(at)
    assert "An example: a year" not in told and "This year surprises the model more than" in told
    assert "Find out why churned ARR is not as simulated" in told
    assert "Net change" not in told  # what it is made of is not all known
    assert said(visit(open_app(), "assess")) == told  # another session goes on from there
    at.segmented_control(key="assess_plan").set_value("Candidate").run()
    assert_sound(at)
    button(at, "Back to the example").click().run()
    assert "An example: a year" in said(at)
    assert "An example: a year" in said(visit(open_app(), "assess"))


def test_files_that_cannot_be_read_are_told_and_change_nothing():
    at = visit(open_app(), "assess")
    load(at, "assess_file", b"month,upsell\n1,-5\n3,1\n")
    told = complaints(at)
    for part in ("Nothing was loaded", "upsell: must be from 0 to", "no month 2"):
        assert part in told
    load(at, "assess_file", b"%PDF-1.4")
    assert "is a PDF" in complaints(at)
    assert "An example: a year" in said(at)


def test_groups_are_loaded_shown_as_they_are_and_part_of_what_is_next():
    named = f"tactic,{TWO_BY_TWO}".splitlines()
    rows = [named[0], *(f"{HOSTILE},{row}" for row in named[1:]), *(f"QBR,{row}" for row in named[1:])]
    at = visit(open_app(), "assess")
    load(at, "groups_file", "\n".join(rows).encode())
    button(at, "Use these groups").click().run()
    assert_sound(at)
    told = said(at)
    assert "QBR cannot be told from nothing: +4.0 a unit and period" in told
    assert "Go on measuring QBR, with more units" in told
    for text in [*at.main.markdown, *at.caption]:
        assert "[l](" not in text.value and "<b>x" not in text.value
    assert HOSTILE in told
    assert at.dataframe[-1].value["tactic"].tolist() == [HOSTILE, "QBR"]


def test_a_decision_is_logged_with_the_figures_on_the_screen(monkeypatch, tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'log.sqlite'}")
    monkeypatch.setattr(stored, "store", lambda: store)
    at = visit(open_app(candidate=CANDIDATE), "assess")
    assert "Nothing was decided yet" in said(at)
    at.text_input(key="decision_title").input(HOSTILE)
    at.text_area(key="decision_text").input("Fewer, larger bonuses")
    button(at, "Add to the log").click().run()
    assert_sound(at)
    (kept,) = decisions(store, Member("local", "local"))
    stage = set_stage(load_sample("startup"), CURRENT, world_preset("base"), trials=256)
    shown = headlines(simulate(stage, CANDIDATE), simulate(stage, CURRENT))
    assert [figure.change for figure in kept.figures] == [one.change for one in shown]
    assert (kept.title, kept.text, kept.scenario_id) == (HOSTILE, "Fewer, larger bonuses", None)
    assert f"**{HOSTILE}**" in said(at) and f"Based on: Plan cost {shown[0].candidate} ({shown[0].change})" in said(at)
    button(at, "Add to the log").click().run()
    assert "title: must not be empty" in complaints(at)
    assert len(decisions(store, Member("local", "local"))) == 1


def test_a_decision_names_the_saved_scenario_that_is_on_the_screen(monkeypatch, tmp_path):
    from saver import REPORT

    store = open_store(f"sqlite:///{tmp_path / 'log.sqlite'}")
    monkeypatch.setattr(stored, "store", lambda: store)
    me = Member("local", "local")
    link = address.Link(
        "startup", "", CURRENT, CURRENT, CURRENT, "base", SMALL.world, trials=SMALL.trials, views={"why": "effort"}
    )
    saved = save_scenario(store, me, title="T", pairs=encode(link)[0], report=REPORT)
    save_scenario(store, me, title="O", pairs=encode(replace(link, seed=9))[0], report=REPORT)
    at = visit(open_app(), "assess")
    at.text_input(key="decision_title").input("Stay")
    at.text_area(key="decision_text").input("Why not")
    button(at, "Add to the log").click().run()
    assert_sound(at)
    assert decisions(store, me)[0].scenario_id == saved
    assert "saved as a scenario" in said(at)


def test_without_its_store_the_page_says_so_and_goes_on(monkeypatch):
    monkeypatch.setattr("sim.share.store.store.default_url", lambda: "mysql://nowhere")
    monkeypatch.setattr("pages.parts.stored.default_url", lambda: "mysql://nowhere")
    at = visit(open_app(), "assess")
    assert not at.exception
    assert [error.value for error in at.error] == ["The log cannot be read now:"]
    assert "1. **" in said(at)


@pytest.mark.parametrize(("email", "may"), [("v@b.com", False), ("p@b.com", True)])
def test_a_viewer_brings_nothing_and_decides_nothing(email, may):
    at = visit(signed_in(email).run(), "assess")
    assert_sound(at)
    keys = {upload.key for upload in at.main.file_uploader}
    assert keys == ({"assess_file", "groups_file"} if may else set())
    assert any(text.key == "decision_title" for text in at.text_input) == may


@pytest.mark.parametrize(("months", "trials"), [(1, 1), (36, 64)])
def test_other_horizons_and_one_trial(months, trials):
    assert_sound(visit(open_app(months=months, trials=trials), "assess"))
