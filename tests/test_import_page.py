"""The page that brings a book: files of any header to a book in use, step by step, and what is said on the way."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from odd_files import GOOD, cells, workbook
from streamlit.testing.v1 import AppTest
from test_app import HOSTILE, SMALL, button, fresh_app, open_app, scenario, visit

from sim.book.samples import SAMPLE_DATA, load_sample
from sim.share.store.books import list_books
from sim.share.store.store import Member, open_store

CRM = (
    "Record ID,Company name,Company owner,Monthly recurring revenue,Renewal date,Customer tier,Notes\n"
    '1,Kites,Ada,"$1,000",2026-03-31,Gold,x\n2,Tents,Zeb,$500,2026-05-31,Silver,y\n3,Boats,Zeb,$oops,2026-05-31,Silver,z\n'
)


def bring(*files: tuple[str, bytes], at: AppTest | None = None) -> AppTest:
    at = visit(at or open_app(), "book")
    at.button_group(key="book_view").set_value("Bring your own").run()
    if files:
        at.file_uploader(key="book_files").set_value([(name, content, "text/csv") for name, content in files]).run()
    assert not at.exception
    return at


def choose(at: AppTest, column: str, option: str) -> None:
    """Another choice for a column: a header of the file, or one of the words in brackets."""
    (box,) = [box for box in at.selectbox if box.key and box.key.startswith("match.") and box.label == column]
    box.select_index(box.options.index(option)).run()


def fill(at: AppTest, column: str, value: str) -> None:
    choose(at, column, "(the same for all rows)")
    (field,) = [field for field in at.text_input if field.label == f"{column} in all rows"]
    field.set_value(value).run()


def said(at: AppTest) -> str:
    assert not at.exception
    return "\n".join(text.value for group in (at.error, at.text, at.caption, at.info) for text in group)


def test_a_crm_export_becomes_the_book_in_use():
    at = bring(("export.csv", CRM.encode()))
    chosen = {box.label: box.value for box in at.selectbox if box.key and box.key.startswith("match.")}
    assert (chosen["account_id"], chosen["arr"], chosen["renewal_date"], chosen["nps"]) == (0, 3, 4, -2)
    assert "HubSpot calls it so. By the month: times 12." in said(at)
    button(at, "Check").click().run()
    assert "team: is missing" in said(at)
    at.checkbox(key="import_make_team").check().run()
    assert "Something has changed since the last check" in said(at)
    button(at, "Check").click().run()
    assert "is a required column, unless health_score is there" in said(at)
    fill(at, "renewal_probability", "90%")
    choose(at, "segment", "Customer tier")
    button(at, "Check").click().run()
    totals, broken = (table.value for table in at.dataframe[:2])
    assert totals.iloc[0].tolist() == ["export.csv", "3", "2", "1", "$18,000", "$18,000", "$0"]
    assert broken["rule"].tolist() == ["must be an amount, like 12000 or $12,000"]
    assert button(at, "Use this book").disabled
    at.checkbox(key="import_go_on").check().run()
    button(at, "Use this book").click().run()
    book = scenario(at).uploaded
    assert (book.arr.tolist(), book.segment, book.team.csm_name) == (
        [12_000, 6_000],
        ("Gold", "Silver"),
        ("Ada", "Zeb"),
    )
    assert at.button_group(key="book_view").value == "In use"
    # The next file with this header is matched as the last one was.
    at = bring(("next_month.csv", CRM.replace("oops", "700").encode()), at=at)
    at.checkbox(key="import_make_team").check().run()
    button(at, "Check").click().run()
    assert not button(at, "Use this book").disabled
    assert at.dataframe[0].value.loc[0, "Kept"] == "3"


def test_several_files_are_told_apart_by_their_headers():
    folder = SAMPLE_DATA / "startup"
    files = [
        (f"{name}.csv", (folder / f"{kind}.csv").read_bytes())
        for name, kind in zip("xyz", ("history", "team", "accounts"), strict=True)
    ]
    at = bring(*files)
    kinds = [box.value for box in at.selectbox if box.label == "What it holds"]
    assert kinds == ["history", "team", "accounts"]
    button(at, "Check").click().run()
    assert at.dataframe[0].value["Rows read"].tolist()[:2] == ["150", "4"]
    button(at, "Use this book").click().run()
    assert scenario(at).uploaded.digest == load_sample("startup").digest
    assert len(scenario(at).history) > 0


def test_one_workbook_with_two_sheets_and_a_file_that_is_none():
    team = [["csm_id", "ote"], ["C1", 100_000], ["C2", 90_000]]
    book = workbook(("Accounts", cells()), ("Team", team))
    at = bring(("book.xlsx", book), ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"))
    assert "old.xls: is an old Excel file (.xls)" in said(at)
    button(at, "Check").click().run()
    button(at, "Use this book").click().run()
    assert len(scenario(at).uploaded) == 2


def test_files_survive_a_look_at_another_page():
    at = bring(("accounts.csv", GOOD.encode()))
    visit(at, "method")
    at = bring(at=at)
    assert "accounts.csv: 2 rows, 6 columns" in said(at)
    button(at, "Start over").click().run()
    assert "accounts.csv" not in said(at)


def test_hostile_headers_and_cells_are_shown_as_they_are():
    header = ",".join(f'"{name}"' for name in HOSTILE)
    at = bring(("<b>a</b>.csv", f"account_id,{header}\nA,{header}\n".encode()))
    choose(at, "account_name", HOSTILE[1])
    button(at, "Check").click().run()
    rich = [text.value for group in (at.markdown, at.caption) for text in group]
    assert not [text for text in rich for name in (*HOSTILE, "<b>") if name in text]


def test_a_team_may_be_made_with_the_earnings_that_the_user_states():
    at = bring(("accounts.csv", GOOD.encode()))
    at.checkbox(key="import_make_team").check().run()
    at.number_input(key="import_ote").set_value(95_000).run()
    button(at, "Check").click().run()
    button(at, "Use this book").click().run()
    assert scenario(at).uploaded.team.ote.tolist() == [95_000, 95_000]


def test_a_database_named_in_the_secrets(tmp_path: Path):
    with sqlite3.connect(tmp_path / "crm.db") as database:
        database.execute("create table a (account_id, csm_id, arr, renewal_date, health_score)")
        database.execute("insert into a values ('A', 'C', 1200.5, '2026-03-31', 75)")
    at = fresh_app()
    at.secrets["database"] = {
        "url": f"sqlite:///{tmp_path / 'crm.db'}",
        "accounts": "select * from a",
        "team": "select x from a",
    }
    at.session_state["scenario"] = SMALL
    at = bring(at=at.run())
    button(at, "Read accounts, team from the database").click().run()
    assert "team query: names a column that is not there" in said(at)
    assert "accounts query: 1 row, 5 columns" in said(at)
    at.checkbox(key="import_make_team").check().run()
    button(at, "Check").click().run()
    button(at, "Use this book").click().run()
    assert scenario(at).uploaded.arr.tolist() == [1200.5]


def test_a_book_is_kept_on_the_server_only_when_it_is_asked_for(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'kept.sqlite'}"
    at = fresh_app()
    at.secrets["store"] = {"url": url}
    at.session_state["scenario"] = SMALL
    at = bring(("accounts.csv", GOOD.encode()), at=at.run())
    at.checkbox(key="import_make_team").check().run()
    button(at, "Check").click().run()
    assert not list(tmp_path.iterdir())
    at.checkbox(key="import_keep").check().run()
    button(at, "Use this book").click().run()
    digest = scenario(at).uploaded.digest
    assert [book.digest for book in list_books(open_store(url), Member("local", "Ada"))] == [digest]
    at.session_state["scenario"] = replace(SMALL)
    at = bring(at=at)
    at.text_input(key="import_digest").set_value("0" * 64).run()
    button(at, "Open").click().run()
    assert "is not in the store; import its files again" in said(at)
    at.text_input(key="import_digest").set_value(digest).run()
    button(at, "Open").click().run()
    assert scenario(at).uploaded.digest == digest


def test_without_secrets_nothing_is_offered_that_needs_them():
    at = bring(("accounts.csv", GOOD.encode()))
    assert not [one for one in at.button if "database" in one.label]


@pytest.mark.parametrize("view", ["In use", "Bring your own", "Columns and templates"])
def test_every_view_of_the_page_opens(view: str):
    at = visit(open_app(), "book")
    at.button_group(key="book_view").set_value(view).run()
    assert not at.exception
