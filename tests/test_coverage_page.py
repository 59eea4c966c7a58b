"""The page on the journey's coverage without a browser: findings, edits, the way back, files, and what cannot be."""

from __future__ import annotations

import json
import re

import pytest
from streamlit.testing.v1 import AppTest
from test_app import CURRENT, assert_sound, button, complaints, open_app, visit

from sim.book.samples import load_sample
from sim.decide.coverage.cost import priced
from sim.decide.coverage.example import EXAMPLE
from sim.decide.coverage.less import with_less
from sim.decide.coverage.matrix import Cell, Coverage, Pay, Stage, Team
from sim.decide.coverage.table import to_table
from sim.decide.coverage.year import year_of
from sim.engine.run import set_stage, simulate
from sim.plan.levers import with_lever
from sim.share.store.drafts import keep_draft
from sim.share.store.store import Member, default_url, open_store
from sim.share.tables import to_csv
from sim.words import money
from sim.world.parameters import world_preset

HOSTILE = "=<b>x</b> [l](http://e.x) :red[x] $a$ *i*"
SOUND = Coverage(
    (Stage("Renewal", "renewals"),),
    (Team("CSM", simulated=True), Team("Sales")),
    ((Cell("RA", Pay("share", 1.0)), Cell("I")),),
)


def matrix(at: AppTest) -> Coverage:
    return at.session_state["journey"].value


def said(at: AppTest) -> list[str]:
    return [re.sub(r"\\(.)", r"\1", text.value) for text in at.main.markdown]


def edit(at: AppTest, **tables: dict[str, object]) -> AppTest:
    """Typed into the tables by name, and applied; the number of changes so far is part of their keys."""
    number = at.session_state["journey"].number if "journey" in at.session_state else 0
    for name, changes in tables.items():
        nothing = {"edited_rows": {}, "added_rows": [], "deleted_rows": []}
        at.session_state[f"journey_{name.replace('_', ' ')}_{number}"] = nothing | changes
    return button(at, "Apply").click().run()


def load(at: AppTest, content: bytes, name: str = "coverage.csv") -> AppTest:
    return at.file_uploader(key="journey_file").set_value((name, content, "text/csv")).run()


def test_it_opens_with_the_example_its_problems_and_what_they_cost():
    at = visit(open_app(), "coverage")
    assert_sound(at)
    stage = set_stage(load_sample("startup"), CURRENT, world_preset("base"), trials=256)

    def run(plan, less):
        return simulate(with_less(stage, less) if less else stage, plan)

    found = priced(EXAMPLE, year_of(stage.portfolio, CURRENT, run))
    cards = [text for text in said(at) if " · " in text]
    assert [card.split(" · ")[1] for card in cards] == [f"{one.rule}, {one.stage}" for one in found]
    assert cards[0].startswith(f"**{money(found[0].dollars)} a year ± {money(found[0].error)}**")
    assert all(one.dollars is not None for one in found)
    (chart,) = at.get("vega_lite_chart")
    assert "3 problems in who owns what" in chart.proto.alt
    assert "3 problems in who owns what. The dearest, $" in " ".join(said(at))


def test_edits_wait_for_apply_and_are_taken_back():
    at = visit(open_app(), "coverage")
    at.session_state["journey_role_0"] = {"edited_rows": {2: {"team 1": "RA"}}, "added_rows": [], "deleted_rows": []}
    at.run()
    assert "journey" not in at.session_state
    edit(
        at,
        role={"edited_rows": {2: {"team 1": "a r"}}},
        paid={"edited_rows": {4: {"team 0": None}}},
        depends_on={"edited_rows": {1: {"team 2": ["CSM", "Sales"]}}},
        teams={"edited_rows": {0: {"name": "Hunters"}, 3: {"variable pay": "95,000"}}},
    )
    assert_sound(at)
    now = matrix(at)
    assert now.cells[2][1].letters == "RA" and now.cells[4][0].pay is None
    assert now.cells[1][2].depends_on == ("CSM", "Hunters")
    assert (now.teams[0].name, now.teams[3].variable_pay) == ("Hunters", 95_000.0)
    edit(
        at,
        stages={
            "edited_rows": {4: {"name": "Renewals"}},
            "deleted_rows": [0, 1],
            "added_rows": [{"name": "Win back"}, {}],
        },
        teams={"deleted_rows": [5], "added_rows": [{"name": "Partners", "variable pay": "10"}]},
    )
    assert_sound(at)
    changed = matrix(at)
    assert [stage.name for stage in changed.stages][-3:] == ["Renewals", EXAMPLE.stages[5].name, "Win back"]
    assert changed.cells[0] == (*now.cells[2][:5], Cell())
    visit(at, "what_if")
    visit(at, "coverage")
    assert matrix(at) == changed
    for expected in (now, EXAMPLE):
        button(at, "Undo").click().run()
        assert_sound(at)
        assert matrix(at) == expected
    assert button(at, "Undo").disabled
    edit(at, role={"edited_rows": {2: {"team 1": "A"}}})
    button(at, "Back to the example").click().run()
    assert matrix(at) == EXAMPLE
    button(at, "Undo").click().run()
    assert matrix(at).cells[2][1].letters == "A"


def test_another_session_goes_on_where_this_one_was_left():
    at = edit(visit(open_app(), "coverage"), role={"edited_rows": {2: {"team 1": "RA"}}})
    after = visit(open_app(), "coverage")
    assert_sound(after)
    assert matrix(after) == matrix(at) != EXAMPLE
    edit(after, role={"edited_rows": {2: {"team 2": "I"}}})
    button(after, "Undo").click().run()
    again = visit(open_app(), "coverage")
    assert matrix(again) == matrix(at) and button(again, "Undo").disabled
    keep_draft(open_store(default_url()), Member("local", "local"), "journey", '{"stages": 1}')  # of another version
    fresh = visit(open_app(), "coverage")
    assert_sound(fresh)
    assert "journey" not in fresh.session_state


def test_edits_that_cannot_be_are_told_all_at_once_and_change_nothing():
    at = visit(open_app(), "coverage")
    edit(
        at,
        role={"edited_rows": {2: {"team 1": "owner"}}},
        paid={"edited_rows": {4: {"team 0": "lots"}}},
        stages={"edited_rows": {1: {"name": "conversion"}}},
        teams={"edited_rows": {0: {"variable pay": "-5"}}, "added_rows": [{"name": "A;B"}]},
    )
    told = complaints(at)
    for part in (
        "Nothing was changed",
        "matrix, First use and ramp-up, CSM, role: must be some of R, A, C and I",
        "matrix, Renewal, Sales, paid: must be like 30%",
        "stages: must have different names",
        "Sales, variable pay: must be USD a year",
        "must be a name of up to 60 letters",
    ):
        assert part in told
    assert "journey" not in at.session_state
    edit(at, stages={"deleted_rows": list(range(6))})
    assert "stages: must be 1 to 20" in complaints(at)


def test_a_spreadsheet_is_loaded_when_the_user_says_so():
    at = visit(open_app(), "coverage")
    load(at, to_csv(to_table(SOUND)))
    assert_sound(at)
    assert "Stages: 1, teams: 2, problems: 0." in [text.value for text in at.text]
    assert "journey" not in at.session_state
    button(at, "Use this matrix").click().run()
    assert_sound(at)
    assert matrix(at) == SOUND
    assert at.success[0].value.startswith("Every stage has one owner who is paid for it")
    button(at, "Undo").click().run()
    assert matrix(at) == EXAMPLE
    load(at, b"part,stage,Sales\nrole,Renewal,Q\n")
    assert "must be some of R, A, C and I" in complaints(at)
    assert matrix(at) == EXAMPLE


def test_names_from_a_file_are_shown_as_they_are():
    hostile = Coverage(
        (Stage(f"{HOSTILE} 1", "renewals"), Stage(f"{HOSTILE} 2")),
        (Team(f"{HOSTILE} 3"), Team(f"{HOSTILE} 4")),
        ((Cell("A"), Cell("R")), (Cell(depends_on=(f"{HOSTILE} 4",)), Cell("", Pay("share", 0.3)))),
    )
    at = visit(open_app(), "coverage")
    load(at, to_csv(to_table(hostile)))
    button(at, "Use this matrix").click().run()
    assert_sound(at)
    assert matrix(at) == hostile
    for text in [*at.main.markdown, *at.caption, *at.success]:
        assert "[l](" not in text.value and "<b>x" not in text.value
    assert any(HOSTILE in text for text in said(at))
    (chart,) = at.get("vega_lite_chart")
    assert "data" not in json.loads(chart.proto.spec)


def test_a_plan_that_cannot_be_run_leaves_the_findings_without_dollars():
    fitted = with_lever(CURRENT, "quota_rule", "fitted")
    book = load_sample("startup")
    bare = book.__class__(**vars(book) | {"upsell_whitespace": 0.0 * book.arr, "cross_sell_whitespace": 0.0 * book.arr})
    at = visit(open_app(uploaded=bare, candidate=fitted), "coverage")
    assert "There are no dollars" in complaints(at)
    assert len([text for text in said(at) if text.startswith("**Not priced**")]) == 3


@pytest.mark.parametrize("months", [1, 36])
def test_other_horizons_and_one_trial(months):
    assert_sound(visit(open_app(months=months, trials=1), "coverage"))
