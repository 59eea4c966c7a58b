"""Saved scenarios: one link opens the same figures for everybody it is for, and says what has changed since."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest
from test_app import assert_sound, button, figures, fresh_app, open_app, scenario, sentence, visit

from pages.parts.discussion import minutes
from sim.book.samples import load_sample
from sim.engine.run import set_stage, simulate
from sim.share.audience import Audience
from sim.share.link import encode, fingerprint_of, opening
from sim.share.report import comparison
from sim.share.store.comments import comments
from sim.share.store.scenarios import lineage, list_scenarios, save_scenario
from sim.share.store.shares import list_shares, revoke, share
from sim.share.store.store import LOCAL, Member, default_url, open_store

ME = Member(LOCAL, LOCAL)


def saved(at: AppTest) -> str:
    """The id under which the scenario on the screen was kept."""
    at.session_state["save_and_share"] = True
    at.run()
    button(at, "Save").click().run()
    assert_sound(at)
    return list_scenarios(open_store(default_url()), ME)[0].id


def shown_report(at: AppTest) -> dict[str, object]:
    """The figures of what is on the screen, computed apart from it."""
    now = scenario(at)
    stage = set_stage(load_sample(now.sample), now.current, now.world, seed=now.seed, trials=now.trials)
    return comparison(simulate(stage, now.candidate), simulate(stage, now.current), now.seed)


def opened(token: str, **beside: str) -> AppTest:
    at = fresh_app()
    at.query_params["s"] = token
    for key, value in beside.items():
        at.query_params[key] = value
    return at.run()


@pytest.fixture(scope="module")
def mine() -> tuple[AppTest, str]:
    """The app with a book of the reader's own, and the id of what was saved of it."""
    at = open_app(sample="startup", trials=64, uploaded=replace(load_sample("startup"), name="mine"))
    return at, saved(at)


def link(scenario_id: str, audience: Audience) -> str:
    return share(open_store(default_url()), ME, scenario_id, audience)


def test_a_saved_link_opens_the_same_figures_and_checks_them(mine):
    at, scenario_id = mine
    token = link(scenario_id, "full")
    there = opened(token)
    assert (sentence(there), figures(there)) == (sentence(at), figures(at))
    assert dict(there.query_params) == {"s": token}  # the address is as it was pasted
    assert any("to the last digit" in caption.value for caption in there.caption)
    assert list(scenario(there).uploaded.account_name) == list(load_sample("startup").account_name)


def test_what_is_changed_on_a_saved_link_comes_back_on_refresh_and_names_its_parent(mine):
    _, scenario_id = mine
    token = link(scenario_id, "full")
    there = opened(token)
    there.session_state["scenario"] = replace(scenario(there), seed=3)
    there.run()
    assert there.query_params["s"] == token
    again = opened(**{key: value for key, value in dict(there.query_params).items() if key != "s"}, token=token)
    assert sentence(again) == sentence(there)
    assert scenario(again).seed == 3
    child = saved(again)
    line = lineage(open_store(default_url()), ME, child)
    assert [one.id for one in line] == [child, scenario_id]


@pytest.mark.parametrize("audience", ["summary", "team"])
def test_a_link_for_fewer_eyes_shows_the_same_totals_and_no_names(mine, audience):
    # The start-up's team is too small for totals of pay: ARR only. The mid-market sample has both.
    _, scenario_id = mine
    there = opened(link(scenario_id, audience))
    assert_sound(there)
    told = str(there.main) + str(there.sidebar)
    book = load_sample("startup")
    assert not [name for name in (*book.account_name, *book.team.csm_name) if name in told]


def test_what_opens_nothing_says_so_in_one_sentence(mine):
    _, scenario_id = mine
    for token in ("x" * 32, "", "%%%", "<script>", scenario_id):
        there = opened(token)
        assert not there.exception
        assert "opens nothing here" in " ".join(text.value for text in there.text)
    token = link(scenario_id, "full")
    (key,) = [one.key for one in list_shares(open_store(default_url()), ME, scenario_id) if one.revoked_at is None][:1]
    revoke(open_store(default_url()), ME, key)
    assert "opens nothing here" in " ".join(text.value for text in opened(token).text)


def test_a_link_that_is_withdrawn_closes_on_who_is_in_it(mine):
    _, scenario_id = mine
    token = link(scenario_id, "full")
    there = opened(token)
    (key,) = [one.key for one in list_shares(open_store(default_url()), ME, scenario_id) if one.revoked_at is None][:1]
    revoke(open_store(default_url()), ME, key)
    there.run()
    assert_sound(there)
    assert "This link was withdrawn" in there.info[0].value
    assert not there.main.metric and not there.sidebar.children
    there.button(key="after_withdrawal").click().run()
    assert scenario(there).uploaded is None


def test_another_model_shows_what_was_saved_beside_todays_figures_and_why(mine):
    """As if the scenario had been saved with the first model, when each figure was a dollar less."""
    at, _ = mine
    results = json.loads(json.dumps(shown_report(at)))
    for side in ("candidate", "current"):
        results[side]["plan_cost"]["mean"] -= 1.0
    pairs = tuple((key, "1.0" if key == "model" else value) for key, value in encode(opening())[0])
    store = open_store(default_url())
    old = save_scenario(store, ME, title="Last month", pairs=pairs, report=results | {"model_version": "1.0"})
    there = opened(link(old, "full"))
    assert_sound(there)
    assert any("made with model 1.0" in one.value and "four sweeps" in one.value for one in there.info)
    assert [list(table.value.columns.get_level_values(1).unique()) for table in there.table] == [["Saved", "Today"]]


def test_without_its_book_the_saved_figures_are_there_to_look_at(mine):
    at, _ = mine
    store = open_store(default_url())
    book = load_sample("startup")
    other = replace(book, arr=2.0 * book.arr)
    link_to = replace(opening(), fingerprint=fingerprint_of(other), trials=64)
    bare = save_scenario(
        store, ME, title="Bare", pairs=encode(link_to)[0], report=shown_report(at), book_digest=other.digest
    )
    there = opened(link(bare, "full"))
    assert_sound(there)
    assert any("not here" in one.value for one in there.markdown)
    assert any("Retained ARR" in table.value.index for table in there.table)


def test_a_meeting_votes_and_takes_minutes(mine):
    _, scenario_id = mine
    there = opened(link(scenario_id, "full"))
    visit(there, "present")
    while not button(there, "Next").disabled:
        button(there, "Next").click().run()
    there.text_input(key="comment_text").input("Ask =finance() first")
    button(there, "Say it").click().run()
    assert_sound(there)
    assert any("1 prefer it, 0 have concerns" in one.value for one in there.markdown)
    store = open_store(default_url())
    (said,) = comments(store, ME, scenario_id)
    assert (said.stance, said.text) == ("prefer", "Ask =finance() first")
    page = visit(open_app(sample="startup", trials=64), "scenarios")
    assert_sound(page)
    assert list(minutes([said])["stance"]) == ["Prefer"]


def test_an_owner_deletes_a_book_with_all_that_came_of_it(mine):
    _, scenario_id = mine
    token = link(scenario_id, "full")
    page = visit(open_app(sample="startup", trials=64), "scenarios")
    button(page, "Delete it all").click().run()
    assert_sound(page)
    assert "opens nothing here" in " ".join(text.value for text in opened(token).text)
