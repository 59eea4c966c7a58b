"""Imports from end to end: totals that add up, mappings that change nothing twice, real files, joins, the store."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from odd_files import cells as example_cells
from odd_files import workbook

from sim.__main__ import main
from sim.book import Book, load_sample, read_book
from sim.book.columns import ACCOUNT_COLUMNS, SUBSCRIPTION_COLUMNS, TEAM_COLUMNS
from sim.book.history import ledger
from sim.book.intake.fill import filled, read_words
from sim.book.intake.gather import Gathered, Matched, gather
from sim.book.intake.importing import refused_rows, rules
from sim.book.intake.mapfile import MOST, memory_to_toml, read_memory, remember
from sim.book.intake.mapping import ADDS, Mapping, Match, apply, propose, recognise, samples
from sim.book.intake.sheet import Sheet, make_sheet
from sim.book.intake.source import read_sheets
from sim.book.intake.spellings import KINDS, KNOWN_HEADERS, SPELLINGS
from sim.book.intake.tables import account_file, history_file, team_file, template
from sim.book.samples import SAMPLE_DATA, SAMPLES
from sim.problems import InputError
from sim.share.store.books import kept_book
from sim.share.store.store import Member, open_store
from sim.share.tables import to_csv

Captured = pytest.CaptureFixture[str]
SALESFORCE = "Account ID,Account Name,Account Owner,ACV,Contract End Date,Contract Term (months),Probability (%)"
HUBSPOT = "Record ID,Company name,Company owner,Monthly recurring revenue,Renewal date,Customer tier"
GAINSIGHT = "GSID,Company Name,CSM,ARR,Renewal Date,Overall Score,License Utilization,NPS"


def sheet_of(text: str | bytes, name: str = "accounts.csv") -> Sheet:
    (sheet,) = read_sheets(text.encode() if isinstance(text, str) else text, name, KNOWN_HEADERS)
    return sheet


def matched(text: str | bytes, kind: str = "accounts", name: str = "accounts.csv") -> Matched:
    sheet = sheet_of(text, name)
    return Matched(sheet, propose(sheet, kind).mapping)


def with_fill(file: Matched, **constants: str) -> Matched:
    kept = tuple(match for match in file.mapping.matches if match.column not in constants)
    added = tuple(Match(column, constant=value) for column, value in constants.items())
    return Matched(file.sheet, Mapping(file.mapping.kind, kept + added))


def book_of(gathered: Gathered) -> Book:
    assert gathered.result.book is not None, gathered.result.problems
    return gathered.result.book


def problems_of(*files: Matched, **options: object) -> list[str]:
    with pytest.raises(InputError) as caught:
        gather(files, **options)  # type: ignore[arg-type]
    return [str(problem) for problem in caught.value.problems]


# --- matching -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        (SALESFORCE, "account_id account_name csm_id arr renewal_date term_months renewal_probability"),
        (HUBSPOT, "account_id account_name csm_id arr renewal_date segment"),
        (GAINSIGHT, "account_id account_name csm_id arr renewal_date health_score adoption nps"),
        ("Acount Nr,Renewl Date,Helth Score,acct_arr_usd", "- renewal_date health_score -"),
        ("Annual Revenue,Employees,Total Charges,Phone", "- - - -"),
        ("ARR__c,Renewal_Date__c", "arr renewal_date"),
    ],
)
def test_headers_of_the_usual_systems_are_matched(header: str, columns: str) -> None:
    sheet = sheet_of(header + "\n" + ",".join("1" * len(header.split(","))) + "\n")
    for place in range(len(header.split(","))):
        sheet.cells[place] = ""  # what the cells hold is not in question here
    proposed = {match.header: match.column for match in propose(sheet, "accounts").mapping.matches}
    assert [proposed.get(name, "-") for name in header.split(",")] == columns.split()


def test_a_months_worth_is_recognised_and_multiplied() -> None:
    file = matched(HUBSPOT + "\n1,Kites,Ada,100,2026-03-31,Gold\n")
    book = book_of(gather([with_fill(file, renewal_probability="0.9")], ote=100_000))
    assert book.arr.tolist() == [1200]
    assert propose(file.sheet, "accounts").why["arr"] == "HubSpot calls it so. By the month: times 12."


def test_what_the_cells_hold_decides_against_a_likely_name() -> None:
    header = "account_id,Renewal,Health,arr\n"
    sheet = sheet_of(header + "A,yes,Fine,1\nB,no,Poor,2\n")
    assert [match.column for match in propose(sheet, "accounts").mapping.matches] == ["account_id", "arr"]
    sheet = sheet_of(header + "A,2026-01-31,Green,1\nB,31 Jan 2026,red,2\n")
    assert len(propose(sheet, "accounts").mapping.matches) == 4


def test_no_column_is_used_twice_and_the_best_match_wins() -> None:
    sheet = sheet_of("Customer,Account Name,id,account_id\nx,Kites,7,A1\n")
    proposed = propose(sheet, "accounts").mapping
    assert {match.column: match.header for match in proposed.matches} == {
        "account_id": "account_id",
        "account_name": "Account Name",
    }


@pytest.mark.parametrize("kind", KINDS)
def test_every_known_spelling_is_found_by_itself(kind: str) -> None:
    for meant in SPELLINGS[kind].values():
        sheet = sheet_of(f'"{meant.text}",x\n,1\n')
        (match,) = propose(sheet, kind).mapping.matches
        assert (match.column, match.monthly) == (meant.column, meant.monthly)


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_kind_of_a_file_shows_in_its_header(sample: str) -> None:
    for kind in ("accounts", "team"):
        assert recognise(sheet_of((SAMPLE_DATA / sample / f"{kind}.csv").read_bytes())) == kind
    assert recognise(sheet_of(SALESFORCE + "\n1,1,1,1,1,1,1\n")) == "accounts"
    assert recognise(sheet_of("Name,Title,OTE,CSM\nAda,CSM,1,a\n")) == "team"
    assert recognise(sheet_of("a,b\n1,2\n")) is None


def test_every_column_that_may_be_absent_says_what_it_would_add() -> None:
    optional = {column.name for columns in KINDS.values() for column in columns if not column.required}
    assert set(ADDS) == optional


def test_samples_are_the_first_different_cells_shortened() -> None:
    sheet = sheet_of("id,name\n1,Kites\n2,Kites\n3,\n4," + "x" * 60 + "\n")
    assert samples(sheet, "name") == ("Kites", "x" * 21 + "...")


def test_nameless_and_repeated_columns_can_be_told_apart() -> None:
    assert sheet_of("id,,name,name\n1,2,3,4\n").labels == ("id", "column 2", "name", "name (column 4)")


# --- values for all rows ----------------------------------------------------------------------------------------


def test_patterns_count() -> None:
    assert filled("2026-{09..11}-15", 5) == ["2026-09-15", "2026-10-15", "2026-11-15", "2026-09-15", "2026-10-15"]
    assert filled("P-{row}", 3) == ["P-1", "P-2", "P-3"]
    assert filled("12", 2) == ["12", "12"]
    with pytest.raises(InputError, match=r"must count upwards, as in \{1..12\}"):
        filled("{5..1}", 1)


def test_terms_and_colours_in_words() -> None:
    terms = ["Month-to-month", "One year", "two years", "36 months", "3 yrs", "Annual", "12", "decade", ""]
    assert read_words("term_months", pd.Series(terms)).tolist() == [
        "1",
        "12",
        "24",
        "36",
        "36",
        "12",
        "12",
        "decade",
        "",
    ]
    assert read_words("health_score", pd.Series(["Green", "AMBER", "red", "71"])).tolist() == ["80", "50", "20", "71"]


# --- properties -------------------------------------------------------------------------------------------------

arr_cells = st.one_of(
    st.integers(1, 10**13).map(lambda cents: f"{cents / 100:.2f}"), st.sampled_from(["", "x", "-5", "0"])
)
row_cells = st.tuples(
    st.sampled_from([f"A{n}" for n in range(8)] + [""]),
    st.sampled_from(["c1", "c2", "c3", ""]),
    arr_cells,
    st.sampled_from(["2026-03-31", "2027-01-15", "1926-03-31", "2226-01-01", "soon", ""]),
    st.sampled_from(["0.9", "85%", "85", ""]),
)


@settings(deadline=None, max_examples=80)
@given(st.lists(row_cells, min_size=1, max_size=12), st.sampled_from(["c1,1\nc2,2\n", "c1,\nc2,2\nc9,3\n"]))
def test_rows_and_arr_before_and_after_always_add_up(rows: list[tuple[str, ...]], team: str) -> None:
    text = "account_id,csm_id,arr,renewal_date,renewal_probability\n" + "".join(",".join(row) + "\n" for row in rows)
    accounts, people = matched(text), matched("csm_id,ote\n" + team, "team", "team.csv")
    result = gather([accounts, people]).result
    count = result.accounts
    filled_rows = [row for row in rows if any(row)]
    assert count.read == len(filled_rows)
    assert count.kept + count.refused == count.read
    assert count.kept_cents + count.refused_cents == count.read_cents
    amounts = [row[2] for row in filled_rows if row[2] not in ("", "x")]
    assert count.read_cents == sum(round(100 * float(amount)) for amount in amounts)
    refused = refused_rows(accounts.sheet, result.bad)
    assert len(refused) == count.refused == refused["row"].nunique()
    assert (refused["refused because"] != "").all()
    if result.book is None:
        assert result.problems
    else:
        assert len(result.book) == count.kept
        assert sum(np.rint(100 * result.book.arr).astype(int).tolist()) == count.kept_cents
        assert len(result.book.team) == result.team.kept == result.team.read - result.team.refused


headers = st.permutations(["Account ID", "Account Owner", "MRR", "Renewal", "Health", "Notes", "NPS Score"])


@settings(deadline=None, max_examples=50)
@given(headers, st.lists(st.integers(1, 10**8), min_size=1, max_size=6))
def test_a_mapping_of_what_a_mapping_gave_changes_nothing(header: list[str], amounts: list[int]) -> None:
    values = {"Account Owner": "Ada", "Renewal": "31.03.2026", "Health": "green", "Notes": "=1+1", "NPS Score": "40"}
    lines = [
        ",".join({**values, "Account ID": f"A{row}", "MRR": f"${amount / 100}"}[name] for name in header)
        for row, amount in enumerate(amounts)
    ]
    file = matched("\n".join([",".join(header), *lines]))
    table = apply(file.mapping, file.sheet)
    again = make_sheet("again.csv", list(table.cells.columns), 1, table.cells)
    second = propose(again, "accounts").mapping
    pd.testing.assert_frame_equal(apply(second, again).cells, table.cells)
    assert [(match.column, match.header) for match in second.matches] == [(name, name) for name in table.cells.columns]
    # The whole way round: what is written out and imported again is the same book.
    book = book_of(gather([file], ote=120_000))
    files = [matched(to_csv(account_file(book))), matched(to_csv(team_file(book)), "team", "team.csv")]
    assert book_of(gather(files)).digest == book.digest


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_shipped_book_comes_back_from_its_own_files(sample: str) -> None:
    book = load_sample(sample)
    accounts, team = to_csv(account_file(book)), to_csv(team_file(book))
    assert book_of(gather([matched(accounts), matched(team, "team", "team.csv")])).digest == book.digest
    assert read_book(accounts, team).digest == book.digest


def test_a_name_that_starts_like_a_formula_comes_back_as_it_was() -> None:
    text = "account_id,account_name,csm_id,arr,renewal_date,renewal_probability\n=1,-x,@c,1,2026-01-01,1\n"
    book = book_of(gather([matched(text)], ote=1))
    assert (book.account_id, book.account_name, book.team.csm_id) == (("=1",), ("-x",), ("@c",))
    assert read_book(to_csv(account_file(book)), to_csv(team_file(book))).digest == book.digest


# --- several files ------------------------------------------------------------------------------------------------


def test_refusals_run_through_both_files_until_what_is_left_fits() -> None:
    """c2's pay is missing, so b goes; c3 owned only d, whose ARR is no amount, so c3 goes."""
    accounts = matched(
        "account_id,csm_id,arr,renewal_date,renewal_probability\n"
        "a,c1,100,2026-03-31,0.9\nb,c2,200,2026-03-31,0.9\nd,c3,x,2026-03-31,0.9\n"
    )
    team = matched("csm_id,ote\nc1,1\nc2,\nc3,3\n", "team", "team.csv")
    result = gather([accounts, team]).result
    assert result.book is not None
    assert (result.book.account_id, result.book.team.csm_id) == (("a",), ("c1",))
    assert (result.accounts.kept_cents, result.accounts.refused_cents, result.accounts.unread) == (10_000, 20_000, 1)
    why = refused_rows(team.sheet, result.bad)
    assert why["row"].tolist() == [3, 4]
    assert why["refused because"].tolist() == [
        "base_salary or ote must be given, one of the two",
        "csm_id must own at least one account of accounts.csv; assign accounts or leave the CSM out",
    ]
    assert rules(result.bad)["rows"].sum() == 4


def test_a_slip_in_one_year_refuses_one_row_and_not_all_others() -> None:
    text = "account_id,csm_id,arr,renewal_date,renewal_probability\n" + "".join(
        f"a{row},c1,100,{year}-03-31,0.9\n" for row, year in enumerate((1926, 2026, 2027, 2028))
    )
    result = gather([matched(text)], ote=1).result
    assert result.book is not None
    assert (result.book.as_of, result.accounts.refused) == (date(2026, 3, 1), 1)


def test_a_workbook_may_hold_both_tables() -> None:
    team = [["csm_id", "ote"], ["C1", 100_000], ["C2", 90_000]]
    sheets = read_sheets(workbook(("Accounts", example_cells()), ("Team", team)), "book.xlsx", KNOWN_HEADERS)
    assert [sheet.file for sheet in sheets] == ["book.xlsx, sheet Accounts", "book.xlsx, sheet Team"]
    files = [Matched(sheet, propose(sheet, recognise(sheet) or "").mapping) for sheet in sheets]
    assert book_of(gather(files)).team.ote.tolist() == [100_000, 90_000]


def test_what_is_missing_or_there_twice_is_said() -> None:
    accounts = matched(SALESFORCE + "\n1,2,3,4,2026-01-01,12,90%\n")
    team = matched("csm_id,ote\nc1,1\n", "team", "team.csv")
    assert problems_of(accounts) == [
        "team: is missing: add the file of the CSMs, or let a team be made from the CSMs of the accounts."
    ]
    assert problems_of(team) == ["accounts: is missing: add the file of the accounts, or of subscriptions."]
    assert problems_of(accounts, accounts, ote=-1.0) == [
        "accounts.csv: is a second file of accounts; leave one of the two out.",
        "on-target earnings: must be above 0, like 120000 (got '-1').",
    ]
    wrong = Matched(
        accounts.sheet, Mapping("accounts", (Match("arr", "Arr"), Match("ar", "ACV"), Match("nps", "", "{2..1}")))
    )
    assert problems_of(wrong, ote=1.0) == [
        "accounts.csv, mapping of arr: is not a column of the file; the nearest is 'ACV' (got 'Arr').",
        "accounts.csv, mapping: is not a column of accounts; the nearest is 'arr' (got 'ar').",
        "value for all rows: must count upwards, as in {1..12} (got '{2..1}').",
    ]


RAVEN_ACCOUNTS = (
    "account_id,account_name,industry,country,signup_date,referral_source,plan_tier,seats,is_trial,churn_flag\n"
    "A-1,Company_0,EdTech,US,2023-01-15,organic,Basic,9,False,False\n"
    "A-2,Company_1,FinTech,IN,2023-05-01,other,Pro,18,False,False\n"
    "A-3,Company_2,DevTools,UK,2024-02-01,ads,Basic,1,False,True\n"
)
RAVEN_SUBSCRIPTIONS = (
    "subscription_id,account_id,start_date,end_date,plan_tier,seats,mrr_amount,arr_amount,is_trial,upgrade_flag,"
    "downgrade_flag,churn_flag,billing_frequency,auto_renew_flag\n"
    "S-1,A-1,2023-02-10,,Basic,9,100,1200,False,False,False,False,annual,True\n"
    "S-2,A-1,2024-04-01,,Pro,20,500,6000,False,True,False,False,monthly,True\n"
    "S-3,A-1,2023-02-10,2024-03-31,Pro,9,50,600,False,False,False,False,annual,True\n"
    "S-4,A-2,2023-05-05,,Pro,18,200,2400,False,False,False,False,annual,True\n"
    "S-5,A-2,2024-01-01,,Enterprise,18,900,10800,True,False,False,False,annual,True\n"
    "S-6,A-3,2024-02-01,2024-05-31,Basic,1,40,480,False,False,False,True,annual,True\n"
    "S-7,A-9,2024-02-01,,Basic,1,40,480,False,False,False,False,annual,True\n"
)


def test_accounts_and_subscriptions_are_joined() -> None:
    accounts = with_fill(matched(RAVEN_ACCOUNTS), csm_id="CSM {1..2}", renewal_probability="0.9")
    subscriptions = sheet_of(RAVEN_SUBSCRIPTIONS, "subscriptions.csv")
    assert recognise(accounts.sheet) == "accounts"
    assert recognise(subscriptions) == "subscriptions"
    files = [accounts, Matched(subscriptions, propose(subscriptions, "subscriptions").mapping)]
    gathered = gather(files, ote=100_000, as_of=date(2024, 12, 1))
    book = book_of(gathered)
    assert (book.account_id, book.segment) == (("A-1", "A-2"), ("Basic", "Pro"))
    assert book.arr.tolist() == [7200, 2400]
    assert book.term_months.tolist() == [1, 12]  # that of the larger one
    assert book.renewal_month.tolist() == [0, 5]
    assert book.tenure_months.tolist() == [22, 19]
    assert "3 subscriptions run and were added up by account; 3 had ended" in " ".join(gathered.notes)
    said = rules(gathered.result.bad)
    assert said["rule"].tolist() == [
        "must be an account_id of accounts.csv",
        "has no running subscription in subscriptions.csv",
    ]


RAVEN_CHURN = (
    "churn_event_id,account_id,churn_date,reason_code,refund_amount_usd,preceding_upgrade_flag,"
    "preceding_downgrade_flag,is_reactivation,feedback_text\n"
    "C-1,A-2,2024-10-15,pricing,0,False,False,False,too dear\nC-2,A-1,soon,support,0,False,False,False,\n"
)


def test_churn_events_end_subscriptions_and_starts_and_ends_are_a_history() -> None:
    accounts = with_fill(matched(RAVEN_ACCOUNTS), csm_id="CSM {1..2}", renewal_probability="0.9")
    subscriptions = matched(RAVEN_SUBSCRIPTIONS, "subscriptions", "subscriptions.csv")
    churn = matched(RAVEN_CHURN, "churn", "churn.csv")
    assert recognise(churn.sheet) == "churn"
    gathered = gather([accounts, subscriptions, churn], ote=100_000, as_of=date(2024, 12, 1))
    book, history = book_of(gathered), gathered.history
    assert (book.account_id, book.arr.tolist()) == (("A-1",), [7200])
    assert history is not None
    events = history_file(history).drop(columns="segment").values.tolist()
    assert events == [
        ["A-1", "2023-02-10", "new", 1800.0],
        ["A-2", "2023-05-05", "new", 2400.0],
        ["A-3", "2024-02-01", "new", 480.0],
        ["A-1", "2024-04-01", "upsell", 5400.0],
        ["A-3", "2024-06-01", "churn", -480.0],
        ["A-2", "2024-10-16", "churn", -2400.0],
    ]
    books = ledger(history, book)
    assert books.closing_arr.tolist() == books.book_arr.tolist()
    assert "must be a date; write dates like 2026-03-31" in rules(gathered.result.bad)["rule"].tolist()
    assert [(count.file, count.read, count.kept, count.refused) for count in gathered.counts[3:]] == [
        ("subscriptions.csv", 7, 6, 1),
        ("churn.csv", 2, 1, 1),
    ]
    assert problems_of(accounts, churn, ote=1.0) == [
        "churn.csv: goes with a file of subscriptions, which it ends; add it, or leave this one out."
    ]


def test_subscriptions_alone_make_accounts() -> None:
    file = matched(RAVEN_SUBSCRIPTIONS, "subscriptions", "subscriptions.csv")
    assert "needs csm_id" in str(gather([file], ote=1.0).result.problems[0])
    assert problems_of(Matched(file.sheet, Mapping("subscriptions", file.mapping.matches[:2])), ote=1.0)[0].startswith(
        "subscriptions.csv: needs start_date (first day); choose its column"
    )


# --- real files -----------------------------------------------------------------------------------------------------


def real(name: str) -> bytes:
    folder = os.environ.get("CS_COMP_DATA")
    if not folder or not (Path(folder) / name).is_file():
        pytest.skip(f"CS_COMP_DATA must name a folder that holds {name}")
    return (Path(folder) / name).read_bytes()


def test_telco_from_its_own_header() -> None:
    raw = real("telco_part.csv")
    file = matched(raw, name="telco_part.csv")
    assert {match.column: (match.header, match.monthly) for match in file.mapping.matches} == {
        "account_id": ("customerID", False),
        "arr": ("MonthlyCharges", True),
        "term_months": ("Contract", False),
        "tenure_months": ("tenure", False),
    }
    file = with_fill(file, csm_id="CSM {01..11}", renewal_date="2026-{01..12}-15", renewal_probability="0.9")
    book = book_of(gather([file], ote=90_000))
    data = pd.read_csv(Path(os.environ["CS_COMP_DATA"]) / "telco_part.csv")
    assert book.arr.tolist() == pytest.approx((12 * data["MonthlyCharges"]).tolist(), abs=0.005)
    terms = data["Contract"].map({"Month-to-month": 1, "One year": 12, "Two year": 24})
    assert book.term_months.tolist() == terms.tolist()
    assert book.tenure_months.tolist() == data["tenure"].tolist()
    assert len(book.team) == 11
    assert np.ptp(np.bincount(book.csm)) <= 1


def test_eudirectlapse_with_most_columns_filled() -> None:
    raw = real("eudirectlapse_part.csv")
    file = matched(raw, name="eudirectlapse_part.csv")
    assert file.mapping.matches == ()
    chosen = Matched(file.sheet, Mapping("accounts", (Match("arr", "prem_final"), Match("segment", "polholder_job"))))
    filled_in = with_fill(
        chosen,
        account_id="P-{row}",
        csm_id="CSM {01..40}",
        renewal_date="2026-{01..12}-01",
        renewal_probability="0.87",
    )
    result = gather([filled_in], ote=60_000).result
    data = pd.read_csv(Path(os.environ["CS_COMP_DATA"]) / "eudirectlapse_part.csv")
    assert result.accounts.read == result.accounts.kept == len(data)
    assert result.accounts.kept_cents == sum(round(100 * value) for value in data["prem_final"])
    assert result.book is not None
    assert set(result.book.segment) == set(data["polholder_job"])
    assert np.bincount(result.book.renewal_month).min() >= len(data) // 12


# --- templates, memory, store -----------------------------------------------------------------------------------------


def test_templates_can_be_loaded_as_they_are() -> None:
    accounts, team = to_csv(template(ACCOUNT_COLUMNS)), to_csv(template(TEAM_COLUMNS))
    book = read_book(accounts, team)
    assert (len(book), len(book.team)) == (1, 1)
    file = matched(to_csv(template(SUBSCRIPTION_COLUMNS)), "subscriptions", "subscriptions.csv")
    assert {match.column for match in file.mapping.matches} == {column.name for column in SUBSCRIPTION_COLUMNS}


def test_a_mapping_is_remembered_by_its_header() -> None:
    file = with_fill(matched(HUBSPOT + "\n1,Kites,Ada,100,2026-03-31,Gold\n"), renewal_probability='"0.9"\n')
    memory = remember({}, file.sheet.header_digest, file.mapping)
    assert read_memory(memory_to_toml(memory).encode()) == memory
    other = sheet_of(HUBSPOT + "\n2,Tents,Zeb,200,2026-04-30,Silver\n")
    assert memory[other.header_digest] == file.mapping
    assert sheet_of(SALESFORCE + "\n1,1,1,1,1,1,1\n").header_digest not in memory
    for number in range(MOST):
        memory = remember(memory, f"{number:064d}", file.mapping)
    assert len(memory) == MOST
    assert file.sheet.header_digest not in memory


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe", "line 1: is not UTF-8 text"),
        (b"[[file]\n", "line 1: is not TOML"),
        (b"x = 1\n", "x: is not as a saved mapping has it"),
        (
            b'[[file]]\nheader = "zz"\nkind = "accounts"\nmatch = []\n',
            "file.0.header: is not as a saved mapping has it",
        ),
        (b"#" * 300_000, "must be smaller than 200 kB"),
    ],
)
def test_other_files_are_no_mapping(content: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_memory(content)


# --- the command line -------------------------------------------------------------------------------------


def test_the_command_writes_what_the_simulator_reads(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "crm.csv").write_text(HUBSPOT + "\n1,Kites,Ada,100,2026-03-31,Gold\n2,Tents,Zeb,200,2026-05-31,\n")
    run = ["import", str(tmp_path / "crm.csv"), "--map", "Customer tier=segment", "--fill", "renewal_probability=90%"]
    paths = [
        "--out",
        str(tmp_path / "out"),
        "--save-map",
        str(tmp_path / "map.toml"),
        "--store",
        f"sqlite:///{tmp_path / 'kept.sqlite'}",
    ]
    assert main([*run, "--make-team", "100000", *paths]) == 0
    said = capsys.readouterr().out
    assert "crm.csv: 2 rows read = 2 kept + 0 refused; ARR $3,600 read = $3,600 kept + $0 refused." in said
    book = read_book(tmp_path / "out" / "accounts.csv", tmp_path / "out" / "team.csv")
    assert book.arr.tolist() == [1200, 2400]
    store = open_store(f"sqlite:///{tmp_path / 'kept.sqlite'}")
    assert kept_book(store, Member("local", "Ada"), book.digest).book.digest == book.digest
    remembered = [
        "import",
        str(tmp_path / "crm.csv"),
        "--map-file",
        str(tmp_path / "map.toml"),
        "--make-team",
        "100000",
    ]
    assert main([*remembered, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["book"] == book.digest
    assert report["accounts"]["read_cents"] == 360_000


def test_refused_rows_stop_the_command_until_they_are_left_out(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "a.csv").write_text(
        "account_id,csm_id,arr,renewal_date,health_score\na,c,1,2026-01-01,5\nb,c,=x,2026-01-01,5\n"
    )
    run = ["import", str(tmp_path / "a.csv"), "--make-team", "1", "--out", str(tmp_path / "out")]
    assert main(run) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "a.csv, row 3, arr: must be an amount, like 12000 or $12,000 (got '=x')."
    assert "2 rows read = 1 kept + 1 refused" in said[1]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["refused_accounts.csv"]
    refused = pd.read_csv(tmp_path / "out" / "refused_accounts.csv")
    assert refused["arr"].tolist() == ["'=x"]
    assert refused["refused because"].tolist() == ["arr must be an amount, like 12000 or $12,000"]
    assert main([*run, "--without-bad-rows"]) == 0
    assert len(read_book(tmp_path / "out" / "accounts.csv", tmp_path / "out" / "team.csv")) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--map", "ARR"], "--map: must be HEADER=COLUMN"),
        (["--map", "arr=price"], "--map: must be HEADER=COLUMN"),
        (["--fill", "colour=red"], "--fill: must be COLUMN=VALUE"),
        (["--monthly", "nps"], "--monthly: must be a column of the simulator that is matched"),
        (["--map-file", "none.toml"], "none.toml: cannot be read (no such file or directory)"),
        (["--team", "none.csv"], "none.csv: cannot be read: no such file or directory"),
        (["--team", "."], "cannot be read: is a directory"),
        (["--as-of", "soon"], "--as-of: must be a date like 2026-01-01"),
        (["--make-team", "nan"], "on-target earnings: must be above 0"),
        (["--store", "sqlite:////dev/null/x"], "store: cannot be reached: nothing was changed"),
        (["--out", "/dev/null/x"], "could not be read or written: not a directory"),
    ],
)
def test_every_misuse_of_the_command_is_a_sentence(
    options: list[str], said: str, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("account_id,csm_id,arr,renewal_date,health_score\na,c,1,2026-01-01,5\n")
    team = [] if "--make-team" in options or "--team" in options else ["--make-team", "1"]
    assert main(["import", "a.csv", *team, *options]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert "Traceback" not in captured.err
