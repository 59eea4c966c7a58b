"""One damaged row in the store: it is listed as damaged and can be deleted, and everything else goes on."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from saver import FIGURE, PAIRS, REPORT
from test_app import assert_sound, button, fresh_app, visit

from sim.__main__ import main
from sim.problems import InputError
from sim.share.store.audit import trail
from sim.share.store.backup import backup, restore
from sim.share.store.comments import comment, comments
from sim.share.store.decisions import decide, decisions
from sim.share.store.retention import Expired, expire
from sim.share.store.saved import Damaged, seal
from sim.share.store.scenarios import (
    delete_damaged,
    lineage,
    list_scenarios,
    look_through,
    open_scenario,
    save_scenario,
)
from sim.share.store.shares import open_share, share
from sim.share.store.store import LOCAL, Member, Store, open_store

ME = Member(LOCAL, LOCAL)


def save(store: Store, title: str, parent: str | None = None) -> str:
    difference = {**REPORT["difference"], "plan_cost": FIGURE}
    report = {**REPORT, "difference": difference}
    return save_scenario(store, ME, title=title, pairs=PAIRS, report=report, parent_id=parent)


def damage(file: Path, scenario_id: str, *, sealed: bool = False, **columns: object) -> None:
    """Writes into the row past the store. sealed: with the checksum of what then stands there."""
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.row_factory = sqlite3.Row
        database.execute("DROP TRIGGER IF EXISTS scenarios_immutable")
        if sealed:
            values = dict(database.execute("SELECT * FROM scenarios WHERE id = ?", [scenario_id]).fetchone()) | columns
            moment = datetime.fromisoformat(str(values["created_at"])).replace(tzinfo=UTC)
            columns["checksum"] = seal(values | {"created_at": moment})
        for name, value in columns.items():
            if name == "id":
                continue
            database.execute(f"UPDATE scenarios SET {name} = {placed(value)} WHERE id = ?", [bound(value), scenario_id])
        if "id" in columns:
            database.execute("UPDATE scenarios SET id = ? WHERE id = ?", [columns["id"], scenario_id])


def placed(value: object) -> str:
    return "CAST(? AS TEXT)" if isinstance(value, memoryview) else "?"


def bound(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value


NOT_UTF_8 = memoryview(b"caf\xe9 \xff\xfe")
"""Bytes where SQLite holds a text: Python refuses to read them as one."""
DAMAGES: dict[str, Mapping[str, Any]] = {
    "another checksum": {"checksum": "0" * 64},
    "another word": {"query": "v=1&seed=8"},
    "cut off": {"results": '{"candidate": {"retained_arr": {"me'},
    "cut off and sealed": {"results": '{"candidate": {"retained_arr": {"me', "sealed": True},
    "no figures": {"results": "{}", "sealed": True},
    "words for figures": {
        "results": '{"candidate": {}, "current": {}, "difference": {"plan_cost": "much"}}',
        "sealed": True,
    },
    "infinite": {
        "results": '{"candidate": {}, "current": {}, "difference": {"plan_cost": {"mean": 1e999}}}',
        "sealed": True,
    },
    "deep": {"results": "[" * 100_000, "sealed": True},
    "no text": {"title": NOT_UTF_8},
    "bytes": {"author": b"\x00\xff", "results": b"\x00"},
    "no moment": {"created_at": "yesterday"},
    "a number for a moment": {"created_at": 12},
    "markdown": {"title": "**x** <script>alert(1)</script> " * 900},
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_row_is_listed_and_deleted_and_the_others_are_as_they_were(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "one.sqlite"
    store = open_store(f"sqlite:///{file}")
    first = save(store, "First")
    bad = save(store, "Bad", first)
    child = save(store, "Child", bad)
    token = share(store, ME, bad, "summary")
    comment(store, ME, bad, "concern", "words")
    damage(file, bad, **DAMAGES[kind])

    last, found, one = look_through(store, ME)
    assert isinstance(found, Damaged) and found.id == bad
    assert [last.id, one.id] == [row.id for row in list_scenarios(store, ME)] == [child, first]
    assert [row.id for row in lineage(store, ME, child)] == [child]
    for call, what in ((open_scenario, bad), (open_share, token), (lineage, bad)):
        with pytest.raises(InputError, match=f"^scenario {bad}: was damaged .* or delete it on the page Scenarios.$"):
            call(store, ME, what)
    assert len(comments(store, ME, bad)) == 1
    assert save(store, "Another child", bad)
    for good in (child, first):
        with pytest.raises(InputError, match="is not there"):
            delete_damaged(store, Member("rival", "Bob"), found.number)
        assert open_scenario(store, ME, good).title in ("Child", "First")

    assert backup(store, tmp_path / "backup").rows["scenarios"] == 4
    assert expire(store, 30) == Expired(0, 0, 0, 0)
    delete_damaged(store, ME, found.number)
    assert (trail(store, ME)[0].action, trail(store, ME)[0].what) == ("deleted", bad)
    assert len(look_through(store, ME)) == 3
    for call, what in ((open_scenario, bad), (open_share, token), (comments, bad), (delete_damaged, found.number)):
        with pytest.raises(InputError, match=r"is not there|opens nothing here"):
            call(store, ME, what)


def test_what_is_whole_is_not_deleted_as_damaged(tmp_path: Path) -> None:
    file = tmp_path / "one.sqlite"
    store = open_store(f"sqlite:///{file}")
    save(store, "Whole")
    with pytest.raises(InputError, match="is not there"):
        delete_damaged(store, ME, 1)
    assert len(list_scenarios(store, ME)) == 1


def test_a_backup_with_a_damaged_row_comes_back_when_it_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "one.sqlite"
    store = open_store(f"sqlite:///{file}")
    good, bad, gone = save(store, "Good"), save(store, "Bad"), save(store, "Without its id")
    for scenario_id in (good, bad, gone):
        comment(store, ME, scenario_id, "prefer")
    damage(file, bad, results="{")
    damage(file, gone, id=b"\xff")
    backup(store, tmp_path / "backup")
    other = f"sqlite:///{tmp_path / 'two.sqlite'}"
    asked = ["store", "restore", str(tmp_path / "backup"), "--store", other]
    assert main(asked) == 2
    said = capsys.readouterr().err
    assert f"backup, scenario {bad}: was damaged" in said and good not in said and said.count("--damaged") == 2
    assert list_scenarios(open_store(other), ME) == []
    assert main([*asked, "--damaged"]) == 0
    assert "3 scenarios, 2 comments" in capsys.readouterr().out
    restored = open_store(other)
    assert [one.id for one in list_scenarios(restored, ME)] == [good]
    damaged = [one for one in look_through(restored, ME) if isinstance(one, Damaged)]
    assert [one.title for one in damaged] == ["Without its id", "Bad"]
    for one in damaged:
        delete_damaged(restored, ME, one.number)
    backup(restored, tmp_path / "sound")
    assert restore(restored, tmp_path / "sound", replacing=True).rows["scenarios"] == 1


@pytest.mark.parametrize("figures", ["[[", "3", '[["Plan cost"]]', "[" * 100_000, b"\x00"])
def test_a_decision_with_damaged_figures_keeps_its_words(figures: object, tmp_path: Path) -> None:
    file = tmp_path / "one.sqlite"
    store = open_store(f"sqlite:///{file}")
    for title in ("First", "Second"):
        decide(store, ME, title=title, text="why", figures=[])
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute("DROP TRIGGER decisions_immutable")
        database.execute("UPDATE decisions SET figures = ? WHERE title = 'First'", [figures])
    second, first = decisions(store, ME)
    assert (second.figures, first.text) == ((), "why")
    assert [one.label for one in first.figures] == ["its figures were damaged in the store"]


def test_the_page_names_it_in_a_sentence_and_deletes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "one.sqlite"
    monkeypatch.setenv("CS_COMP_STORE", f"sqlite:///{file}")
    store = open_store(f"sqlite:///{file}")
    good, bad, other = (save(store, title) for title in ("Good", "Bad", "Other"))
    token = share(store, ME, bad, "full")
    damage(file, bad, results='{"candidate":')
    damage(file, other, title=NOT_UTF_8, created_at="")

    at = visit(fresh_app().run(), "scenarios")
    assert_sound(at)
    assert len(at.warning) == 2
    assert f"*Bad* by local ({bad[:8]}) was damaged" in at.warning[1].value.replace("\\", "")
    assert "for a backup from before, or delete it" in at.warning[1].value
    assert next(text.value for text in at.markdown if text.value.startswith("#### ")) == "#### Good"
    at.text_input(key="comment_text").input("it works")
    button(at, "Say it").click().run()
    assert comments(store, ME, good)[0].text == "it works"

    there = fresh_app()
    there.query_params["s"] = token
    there.run()
    assert not there.exception
    assert f"scenario {bad}: was damaged" in " ".join(text.value for text in there.text)

    for left in (1, 0):
        next(one for one in at.button if str(one.key).startswith("delete_damaged_")).click().run()
        assert_sound(at)
        assert len(at.warning) == left
    assert [one.id for one in list_scenarios(store, ME)] == [good]
