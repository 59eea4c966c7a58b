"""Saved links, exports and meetings as somebody would use them who wants to see, or to do, more than was granted."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest
from test_access import CANDIDATE, OUTCOMES, PRIVATE, SCENARIO, SIGN_IN, Sent, files, marked_book
from test_app import assert_sound, button, figures, fresh_app, scenario, sentence, visit
from test_take import sheets

from sim.book.schema import Book
from sim.engine.run import set_stage, simulate
from sim.plan.levers import with_lever
from sim.plan.schema import Plan
from sim.share.audience import Audience
from sim.share.link import Link, Pairs, encode, fingerprint_of, opening
from sim.share.packed import pack
from sim.share.report import comparison
from sim.share.store.audit import trail
from sim.share.store.books import keep_book
from sim.share.store.comments import comment, comments, delete_comment
from sim.share.store.scenarios import LONGEST_TITLE, lineage, list_scenarios, save_scenario
from sim.share.store.shares import list_shares, revoke, share
from sim.share.store.store import LOCAL, Member, default_url, open_store

ME = Member(LOCAL, LOCAL)
ACME = Member("b.com", "o@b.com")
ROLES = {"v@b.com": "viewer", "p@b.com": "planner", "o@b.com": "owner", "v@c.com": "viewer"}
EVIL = with_lever(CANDIDATE, "variable_share", 0.5)
BOOK = marked_book()
assert files  # a fixture that tests here take by its name


def link_to(book: Book | None = BOOK, **settings: object) -> Link:
    fingerprint = "" if book is None else fingerprint_of(book)
    first = replace(opening(), sample="startup", fingerprint=fingerprint, candidate=CANDIDATE, preset=CANDIDATE)
    return replace(first, trials=64, **settings)


def kept(link: Link, book: Book | None = BOOK, member: Member = ME, *, with_book: bool = True, **more: object) -> str:
    """The id of a saved scenario."""
    if book is None or book is BOOK:
        outcomes = OUTCOMES
    else:
        stage = set_stage(book, link.current, link.world, seed=link.seed, trials=64)
        outcomes = tuple(simulate(stage, plan) for plan in (link.candidate, link.current))
    store = open_store(default_url())
    if book is not None and with_book:
        keep_book(store, member, book)
    said = {"title": "T", "pairs": encode(link)[0], "report": comparison(*outcomes, link.seed)} | more
    digest = None if book is None else book.digest
    return save_scenario(store, member, book_digest=digest, **said)  # type: ignore[arg-type]


def token_of(scenario_id: str, audience: Audience, member: Member = ME) -> str:
    return share(open_store(default_url()), member, scenario_id, audience)


def opened(token: str, beside: Pairs = (), email: str = "") -> AppTest:
    at = fresh_app()
    if email:
        at.secrets = {"auth": SIGN_IN, "access": {"roles": ROLES}}
        at.user = {"is_logged_in": True, "email": email}
    at.query_params["s"] = token
    for key, value in beside:
        at.query_params[key] = value
    return at.run()


def told(at: AppTest) -> str:
    return " ".join(text.value for text in at.text)


# --- more than a role may -----------------------------------------------------------------------------------


def test_who_only_looks_sets_no_plan_by_the_address_and_others_do():
    """The fingerprint stands in every export, and the address takes any plan: the way past the locked levers."""
    scenario_id = kept(link_to(), member=ACME)
    token, whole = (token_of(scenario_id, audience, ACME) for audience in ("summary", "full"))
    evil = encode(link_to(candidate=EVIL, preset=EVIL, seed=9, views={"why": "cost"}))[0]
    short = (("candidate", pack(EVIL)), ("trials", "1"))
    for shown, beside, email in (
        (token, evil, "v@b.com"),
        (whole, short, "v@b.com"),
        (token, evil, "p@b.com"),
        (token, short, "p@b.com"),
    ):
        at = opened(shown, beside, email)
        assert (scenario(at).candidate, scenario(at).seed, scenario(at).trials) == (CANDIDATE, 1, 64)
        assert "here one only looks" in told(at)
    for shown, beside, email in ((whole, evil, "p@b.com"), (token, short, "o@b.com")):
        assert scenario(opened(shown, beside, email)).candidate == EVIL
    assert opened(token, (("why", "cost"),), "v@b.com").session_state["views"]["why_view"] == 3
    for email in ("v@b.com", "p@b.com"):
        assert_no_way_by_history(token, evil, email)


def assert_no_way_by_history(token: str, evil: Pairs, email: str) -> None:
    alone = opened(token, email=email)
    assert_sound(alone)
    del alone.session_state["link.read"]  # back to another view of it: nothing that a role could forbid
    alone.query_params["why"] = "cost"
    assert_sound(alone.run())
    assert len(alone.toast) == 0
    # Without the token, as if by the browser's history: the book is not there.
    assert len(alone.session_state["link.books"]) == 1
    del alone.session_state["link.read"]
    alone.query_params.clear()
    alone.query_params.update(dict(evil))
    alone.run()
    assert scenario(alone).uploaded is None
    assert alone.session_state["access.audience"] == "summary"


def test_another_organisation_and_a_viewer_find_nothing_beyond_their_link():
    scenario_id = kept(link_to(), member=ACME)
    token = token_of(scenario_id, "full", ACME)
    stranger = opened(token, email="v@c.com")
    assert "opens nothing here" in told(stranger)
    assert scenario(stranger).uploaded is None
    viewer = saving(opened(token, email="v@b.com"))
    assert not [one for one in viewer.button if one.key in ("save_go", "bring")]
    pages = {page["url_pathname"]: key for key, page in viewer._registered_pages.items()}
    viewer._page_hash = pages["scenarios"]
    assert "not for your role" in viewer.run().info[0].value
    assert "scenario_row" not in viewer.session_state


@pytest.mark.parametrize("audience", ["summary", "full"])
def test_a_guest_opens_nothing_that_people_at_the_machine_or_of_an_organisation_have_saved(audience, monkeypatch):
    import pages.parts.host as host

    tokens = {
        member: token_of(scenario_id, audience, member)
        for member in (ME, ACME)
        for scenario_id in [kept(link_to(), member=member)]
    }
    assert scenario(opened(tokens[ME])).uploaded is not None  # alone at this machine
    monkeypatch.setattr(host.st, "get_option", lambda name: "0.0.0.0" if name == "server.address" else None)
    for token in tokens.values():
        at = fresh_app()
        at.secrets["access"] = {"open": True}
        at.query_params["s"] = token
        at.run()
        assert "opens nothing here" in told(at)
        assert scenario(at).uploaded is None
        assert not PRIVATE.search(Sent(at, {}).content)
    pages = {page["url_pathname"]: key for key, page in at._registered_pages.items()}
    at._page_hash = pages["scenarios"]
    assert "not for your role" in at.run().info[0].value
    assert stored_as(at) == Member("guest", "guest")


def stored_as(at: AppTest) -> Member:
    """As whom this session would read the store."""
    there = AppTest.from_string(
        "import streamlit as st\nfrom pages.parts import stored\nst.json(vars(stored.member()))"
    )
    there.secrets["access"] = at.secrets["access"]
    return Member(**json.loads(there.run().json[0].value))


# --- more than a link grants --------------------------------------------------------------------------------


def test_a_file_for_fewer_eyes_holds_no_token_that_opens_more(files):
    token = token_of(kept(link_to()), "full")
    at = opened(token)
    at.session_state["export"] = True
    for audience in ("summary", "team", "full"):
        files.clear()
        at.session_state["export_audience"] = audience
        assert_sound(at.run())
        for name in ("decision.xlsx", "scenario.toml"):
            content = files[name]
            if name.endswith("xlsx"):
                content = str(sheets(content)["About"]).encode()
            assert (token.encode() in content) == (audience == "full"), (name, audience)


@pytest.mark.parametrize("most", ["team", "full"])
def test_a_workbook_shows_no_other_groups_than_the_page(most, files):
    """Two ways to merge would tell together what neither tells."""
    at = opened(token_of(kept(link_to()), most))
    at.session_state["export"] = True
    at.session_state["export_audience"] = "team"
    assert_sound(at.run())
    book = sheets(files["decision.xlsx"])
    assert [row[0] for row in book["Roles"]][1:] == ["CSM, senior", "Others"]
    assert [row[0] for row in book["Segments"]][1:-1] == ["Others", "small"]
    assert "CSMs" not in book
    assert not PRIVATE.search(str(book).encode())


def test_four_people_stay_four_people_in_files_and_in_saved_figures(files):
    small = marked_book(4)
    link = link_to(small)
    at = opened(token_of(kept(link, small), "full"))
    at.session_state["export"] = True
    at.session_state["export_audience"] = "summary"
    files.clear()
    assert_sound(at.run())
    assert files.keys() & {"decision.pdf", "decision.xlsx", "decision.pptx"} == set()
    other = replace(small, arr=2.0 * small.arr)
    scenario_id = kept(link_to(other), other, with_book=False)
    for audience, pay in (("summary", False), ("full", True)):
        there = opened(token_of(scenario_id, audience))
        assert_sound(there)
        (table,) = (table.value for table in there.table)
        assert ("Plan cost" in table.index, "Retained ARR" in table.index) == (pay, True)


def test_a_link_inside_a_link_never_widens_it_and_a_dead_one_leaves_nothing_open():
    scenario_id = kept(link_to())
    narrow, wide = (token_of(scenario_id, audience) for audience in ("summary", "full"))
    at = opened(narrow)
    for token in (wide, narrow):  # as the browser's history would lead there
        del at.session_state["link.read"]
        at.query_params["s"] = token
        assert_sound(at.run())
        assert at.session_state["access.audience"] == "summary"
        assert not PRIVATE.search(Sent(at, {}).content)
    revoke(open_store(default_url()), ME, list_shares(open_store(default_url()), ME, scenario_id)[0].key)
    del at.session_state["link.read"]
    at.query_params["s"] = wide
    at.run()
    assert "opens nothing here" in told(at)
    assert "shared_link.opened" not in at.session_state
    assert not list(at.table)


# --- what a link means --------------------------------------------------------------------------------------


def test_a_key_that_a_mail_program_adds_leaves_the_saved_scenario_as_it_is():
    token = token_of(kept(link_to(seed=5)), "full")
    there = opened(token)
    at = opened(token, (("utm_source", "mail"),))
    assert "utm_source" in told(at)
    assert (scenario(at).seed, figures(at)) == (5, figures(there))
    assert scenario(opened(token, (("seed", "7"),))).candidate == CANDIDATE


def test_moved_back_to_what_the_app_opens_with_a_saved_scenario_is_another_one():
    token = token_of(kept(replace(opening(), seed=5), None), "full")
    at = opened(token)
    at.session_state["scenario"] = replace(scenario(at), seed=1)
    at.run()
    again = opened(token, tuple((key, value) for key, value in dict(at.query_params).items() if key != "s"))
    assert scenario(again).seed == 1
    assert not any("saved" in caption.value and "last digit" in caption.value for caption in again.caption)


def test_a_scenario_of_another_version_opens_with_a_sentence_for_what_is_unknown():
    results = comparison(*OUTCOMES, 1)
    for side in ("candidate", "current", "difference"):
        results[side] = {"retained_arr": results[side]["retained_arr"], "new_figure": {"mean": 1.0}}
        results[side]["plan_cost"] = {"mean": None}
    pairs = (*encode(link_to())[0], ("lever_of_tomorrow", "3"))
    pairs = tuple((key, "1.0" if key == "model" else value) for key, value in pairs)
    at = opened(token_of(kept(link_to(), pairs=pairs, report=results | {"model_version": "1.0"}), "full"))
    assert not at.exception
    assert "lever_of_tomorrow" in told(at)
    assert [list(table.value.columns.get_level_values(1).unique()) for table in at.table] == [["Saved", "Today"]]


# --- what is written ----------------------------------------------------------------------------------------


def saving(at: AppTest) -> AppTest:
    at.session_state["save_and_share"] = True
    return at.run()


def test_what_no_link_can_hold_is_not_saved_without_it():
    levels = {f"{'level' * 3}{(k * 7919) ** 5 % 10**14}": "month" for k in range(400)}
    long = Plan.model_validate({**CANDIDATE.model_dump(), "period_by_level": levels})
    assert encode(link_to(candidate=long, preset=long))[1]
    at = fresh_app()
    at.session_state["scenario"] = replace(SCENARIO, uploaded=BOOK, candidate=long, preset=long)
    saving(at.run())
    assert not at.exception
    assert not [one for one in at.button if one.label == "Save"]
    assert "too long for a link" in told(at)


def test_without_the_book_nothing_is_kept_or_taken_away_in_its_name():
    other = replace(BOOK, arr=2.0 * BOOK.arr)
    at = opened(token_of(kept(link_to(other), other, with_book=False), "full"))
    at.session_state["export"] = True
    assert_sound(saving(at))
    assert not [one for one in at.button if one.key == "save_go"]
    assert not at.sidebar.get("download_button")
    button(at, next(one.label for one in at.button if one.key == "link_go_on")).click().run()
    assert_sound(saving(at))
    assert [one for one in at.button if one.key == "save_go"]
    assert at.sidebar.get("download_button")


def test_a_child_names_the_scenario_that_was_opened_not_the_one_saved_before():
    store = open_store(default_url())
    first = kept(link_to(), title="First")
    at = fresh_app()
    at.session_state["scenario"] = replace(SCENARIO, seed=8)
    saving(at.run())
    button(at, "Save").click().run()
    second = list_scenarios(store, ME)[0].id
    assert second != first
    address_open(at, first)
    assert (trail(store, ME)[0].action, trail(store, ME, first)[0].action) == ("opened", "opened")
    assert not [one for one in at.button if one.key == "save_link"]  # a link to another scenario than is on the screen
    saving(at)
    button(at, "Save").click().run()
    assert_sound(at)
    child = list_scenarios(store, ME)[0].id
    assert [one.id for one in lineage(store, ME, child)] == [child, first]


def address_open(at: AppTest, scenario_id: str) -> None:
    """The button *Open* of the page Scenarios, for its second row."""
    visit(at, "scenarios")
    place = [one.id for one in list_scenarios(open_store(default_url()), ME)].index(scenario_id)
    assert place == 1
    at.session_state["scenario_row"] = {"selection": {"rows": [place], "columns": [], "cells": []}}
    at.run()
    at.button(key="scenario_open").click().run()
    assert_sound(at)


def test_minutes_bear_the_stamp_of_the_scenario_that_was_talked_about(files):
    scenario_id = kept(link_to(seed=77), title="Talked about")
    store = open_store(default_url())
    comment(store, ME, scenario_id, "concern", "=cmd|' /C calc'!A0")
    at = fresh_app()
    at.session_state["scenario"] = replace(SCENARIO, seed=1)
    visit(at.run(), "scenarios")
    assert_sound(at)
    rows = dict(sheets(files["minutes.xlsx"])["About"])
    assert (rows["Seed"], rows["Fingerprint of the book"]) == ("77", fingerprint_of(BOOK))
    assert trail(store, ME, scenario_id)[0].action == "exported"
    assert b"'=cmd" in files["minutes.csv"]


@pytest.mark.parametrize(
    ("email", "deletes"), [("v@b.com", {"v@b.com"}), ("p@b.com", {"p@b.com"}), ("o@b.com", {"v@b.com", "p@b.com"})]
)
def test_a_comment_is_taken_back_by_who_made_it_or_an_owner(email, deletes, files):
    scenario_id, store = kept(link_to(), member=ACME), open_store(default_url())
    for who in ("v@b.com", "p@b.com"):
        comment(store, Member("b.com", who), scenario_id, "concern", f"by {who}")
    at = opened(token_of(scenario_id, "summary", ACME), email=email)
    visit(at, "present")
    at.session_state["views"]["slide"] = 6
    assert_sound(at.run())
    numbers = {one.number: one.author for one in comments(store, ACME, scenario_id)}
    offered = {one.key for one in at.button if str(one.key).startswith("comment_delete_")}
    assert offered == {f"comment_delete_{number}" for number, who in numbers.items() if who in deletes}
    for key in sorted(offered):
        at.button(key=key).click().run()
        assert_sound(at)
    left = comments(store, ACME, scenario_id)
    assert {one.author for one in left} == {"v@b.com", "p@b.com"} - deletes
    standing = f"#### 0 prefer it, {len(left)} have concerns" if left else "#### Nobody has voted yet"
    assert standing in [one.value for one in at.markdown]
    assert trail(store, ACME)[0].action == "comment deleted"
    boss = fresh_app()
    boss.secrets = {"auth": SIGN_IN, "access": {"roles": ROLES}}
    boss.user = {"is_logged_in": True, "email": "o@b.com"}
    assert_sound(visit(boss.run(), "scenarios"))
    assert [who in files["minutes.csv"].decode() for who in ("v@b.com", "p@b.com")] == [
        who not in deletes for who in ("v@b.com", "p@b.com")
    ]


def test_a_comment_that_is_gone_when_it_is_deleted_is_a_sentence_and_old_ones_are_folded():
    scenario_id, store = kept(link_to()), open_store(default_url())
    for number in range(22):
        comment(store, ME, scenario_id, "none", f"No. {number}")
    at = visit(fresh_app().run(), "scenarios")
    assert_sound(at)
    shown = [one.key for one in at.button if str(one.key).startswith("comment_delete_")]
    first, *_, last = comments(store, ME, scenario_id)
    assert len(shown) == 20 and f"comment_delete_{first.number}" not in shown
    assert "2 earlier" in [one.label for one in at.expander]
    delete_comment(store, ME, scenario_id, last.number)
    at.button(key=f"comment_delete_{last.number}").click().run()
    assert not at.exception
    assert [error.value for error in at.error] == ["Not deleted:"] and "deleted already" in told(at)


# --- hostile words, a store that is gone --------------------------------------------------------------------

WORDS = (
    "# **x** <script>alert(1)</script> :red[x] $a$ [l](http://e.x) ![i](http://e.x/i.png)",
    "\u202e=1+1 مرحبا",
    "-" * LONGEST_TITLE,
)


@pytest.mark.parametrize("title", WORDS)
def test_words_of_others_are_shown_as_they_are(title, files):
    scenario_id = kept(link_to(), title=title[:LONGEST_TITLE], note=title * 9)
    comment(open_store(default_url()), ME, scenario_id, "concern", title)
    at = opened(token_of(scenario_id, "team"))
    visit(at, "present")
    at.session_state["views"]["slide"] = 6
    assert_sound(at.run())
    shown = [text.value for text in (*at.markdown, *at.caption) if "script" in text.value]
    assert all("<script" not in text.replace("\\<", "") and "](http" not in text for text in shown)
    assert_sound(visit(at, "what_if"))


def test_a_store_that_is_gone_is_a_sentence_on_every_page_and_nothing_else_is_lost(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path / 'own.sqlite'}"
    monkeypatch.setenv("CS_COMP_STORE", url)
    token = token_of(kept(link_to()), "full")
    at = opened(token)
    said = sentence(at)
    away = (tmp_path / "own.sqlite").rename(tmp_path / "elsewhere.sqlite")
    assert sentence(at.run()) == said  # what is open stays open
    visit(at, "present")
    at.session_state["views"]["slide"] = 6
    at.run()
    at.text_input(key="comment_text").input("lost?")
    button(at, "Say it").click().run()
    assert not at.exception
    assert {error.value for error in at.error} == {"Not kept:", "The comments cannot be read now:"}
    visit(at, "scenarios")
    assert not at.exception and "cannot be read now" in at.error[0].value
    late = opened(token)
    assert not late.exception and "cannot be reached" in told(late)
    assert dict(late.query_params) == {"s": token}  # a reload, once it is back, opens it
    away.rename(tmp_path / "own.sqlite")
    assert sentence(opened(token)) == said
    assert comments(open_store(url), ME, list_scenarios(open_store(url), ME)[0].id) == []
