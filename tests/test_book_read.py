"""Reading a book: what is read, what is refused and in which words, and that nothing changes on the way."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.book import Book, dictionary, probability_from_health, read_book
from sim.book.columns import ACCOUNT_COLUMNS, Column
from sim.book.intake import sheet as sheet_module
from sim.book.intake import source as source_module
from sim.problems import InputError

TEAM = "csm_id,ote\nc1,120000\n"
HEADER = "account_id,csm_id,arr,renewal_date,renewal_probability\n"
GOOD = HEADER + "a,c1,1000,2026-03-31,0.9\n"


def read(accounts: str, team: str = TEAM, **options: date) -> Book:
    return read_book(accounts.encode(), team.encode(), **options)  # type: ignore[arg-type]


def refused(accounts: str | bytes, team: str | bytes = TEAM, **options: date) -> list[str]:
    with pytest.raises(InputError) as caught:
        sources = [text.encode() if isinstance(text, str) else text for text in (accounts, team)]
        read_book(*sources, **options)  # type: ignore[arg-type]
    return [str(problem) for problem in caught.value.problems]


def one_column(name: str, cells: list[str]) -> str:
    """A good accounts file but for these cells in one column."""
    rows = pd.DataFrame(
        {
            "account_id": [f"a{row}" for row in range(len(cells))],
            "csm_id": "c1",
            "arr": "1000",
            "renewal_date": "2026-03-31",
            "renewal_probability": "0.9",
        }
    )
    rows[name] = cells
    return rows.to_csv(index=False)


def amounts(*cells: str) -> list[float]:
    return read(one_column("arr", list(cells))).arr.tolist()


def months(*cells: str) -> list[int]:
    return read(one_column("renewal_date", list(cells)), as_of=date(2026, 1, 1)).renewal_month.tolist()


# --- what is read ------------------------------------------------------------------------------------------


def test_every_column_lands_where_it_belongs() -> None:
    book = read(
        "account_id,account_name,csm_id,segment,arr,renewal_date,term_months,renewal_probability,"
        "upsell_whitespace,cross_sell_whitespace,complexity,nps,adoption,tenure_months\n"
        'a,"Kites, Inc",c2,Small,1000,2026-05-31,24,0.9,300,200,4,-20,0.7,36\n'
        "b,=SUM(A1),c1,Large,2000,2026-03-01,1,0.8,0,0,1,100,1,0\n",
        "csm_id,csm_name,role,level,base_salary,ote,skill_retention,skill_upsell,skill_cross_sell\n"
        "c1,Ada,Lead CSM,lead,90000,,0.9,1.1,1.2\nc2,Zeb,CSM,senior,,120000,1,1,1\n",
    )
    assert book.as_of == date(2026, 3, 1)
    assert book.name == "accounts"
    assert book.account_id == ("a", "b")
    assert book.account_name == ("Kites, Inc", "=SUM(A1)")
    assert book.segment == ("Small", "Large")
    figures = (book.csm, book.arr, book.renewal_month, book.term_months, book.renewal_probability)
    assert [figure.tolist() for figure in figures] == [[1, 0], [1000, 2000], [2, 0], [24, 1], [0.9, 0.8]]
    figures = (book.upsell_whitespace, book.cross_sell_whitespace, book.complexity, book.nps)
    assert [figure.tolist() for figure in figures] == [[300, 0], [200, 0], [4, 1], [-20, 100]]
    assert (book.adoption.tolist(), book.tenure_months.tolist()) == ([0.7, 1], [36, 0])
    team = book.team
    assert (team.csm_id, team.csm_name) == (("c1", "c2"), ("Ada", "Zeb"))
    assert (team.role, team.level) == (("Lead CSM", "CSM"), ("lead", "senior"))
    assert (team.base_salary[0], team.ote[1]) == (90_000, 120_000)
    assert np.isnan(team.base_salary[1])
    assert np.isnan(team.ote[0])
    assert [team.skill_retention[0], team.skill_upsell[0], team.skill_cross_sell[0]] == [0.9, 1.1, 1.2]


def test_documented_defaults_stand_in_for_absent_columns_and_empty_cells() -> None:
    absent = read(GOOD)
    columns = [column for column in ACCOUNT_COLUMNS if not column.required and column.name != "health_score"]
    names = [column.name for column in columns if column.name != "renewal_probability"]
    empty = read(HEADER.strip() + "," + ",".join(names) + "\na,c1,1000,2026-03-31,0.9" + "," * len(names) + "\n")
    assert absent.digest == empty.digest
    assert (absent.account_name, absent.segment) == (("a",), ("All",))
    figures = (absent.term_months, absent.upsell_whitespace, absent.cross_sell_whitespace, absent.complexity)
    assert [figure.item() for figure in figures] == [12, 0, 0, 3]
    assert [figure.item() for figure in (absent.nps, absent.adoption, absent.tenure_months)] == [33, 0.6, 24]
    assert (absent.team.csm_name, absent.team.role, absent.team.level) == (("c1",), ("CSM",), ("csm",))
    assert absent.team.skill_retention.tolist() == [1.0]


def test_health_score_stands_in_for_an_empty_probability() -> None:
    book = read(
        "account_id,csm_id,arr,renewal_date,renewal_probability,health_score\n"
        "a,c1,1,2026-03-31,0.5,75\nb,c1,1,2026-03-31,,75\n"
    )
    assert book.renewal_probability.tolist() == pytest.approx([0.5, 0.94368856], abs=1e-8)


def test_health_map_meets_its_stated_points_and_rises() -> None:
    health = np.linspace(0, 100, 101)
    probability = probability_from_health(health)
    assert probability[[0, 100]].tolist() == pytest.approx([0.70, 0.97], abs=1e-12)
    assert (np.diff(probability) > 0).all()


def test_paths_uploads_and_contents_give_the_same_book(tmp_path: Path) -> None:
    (tmp_path / "q1.csv").write_text(GOOD)
    (tmp_path / "people.csv").write_text(TEAM)
    from_paths = read_book(tmp_path / "q1.csv", str(tmp_path / "people.csv"))
    from_files = read_book(io.BytesIO(GOOD.encode()), io.StringIO(TEAM), name="Book")
    assert from_paths.digest == from_files.digest == read(GOOD).digest
    assert (from_paths.name, from_files.name) == ("q1", "Book")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_separators_and_line_ends_do_not_matter(encoding: str, delimiter: str, line_end: str) -> None:
    text = HEADER + "é,c1,1000,2026-03-31,0.9\n"
    changed = text.replace(",", delimiter).replace("\n", line_end).encode(encoding)
    assert read_book(changed, TEAM.encode()).digest == read(text).digest


def test_headers_match_without_regard_to_case_spaces_and_underscores() -> None:
    text = GOOD.replace(HEADER, "Owner mail, Account ID ,CSM-ID,ARR,renewalDate,Renewal Probability\n")
    assert read(text.replace("\na,", "\nx@y.example,a,")).digest == read(GOOD).digest


def test_blank_rows_are_skipped_and_rows_keep_the_spreadsheets_numbers() -> None:
    text = "\n" + HEADER + "a,c1,1000,2026-03-31,0.9\n\n,,,,\nb,c1,x,2026-03-31,0.9\n"
    assert refused(text) == ["accounts.csv, row 6, arr: must be an amount, like 12000 or $12,000 (got 'x')."]
    assert len(read(text.replace("x", "5"))) == 2


def test_a_line_break_inside_quotes_is_one_row() -> None:
    header = "account_name,account_id,csm_id,arr,renewal_date,health_score\n"
    text = header + '"K\nL",a,c1,1,2026-01-01,50\nM,b,c1,-1,2026-01-01,50\n'
    assert [line.split(":")[0] for line in refused(text)] == ["accounts.csv, row 3, arr"]


# --- amounts -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    [
        "1200.50",
        "$1,200.50",
        "1,200.50",
        "USD 1200.50",
        "1 200,50",
        "1.200,50",
        "1200,5",
        "1'200.50",
        "1.2005e3",
        "1\xa0200.50 €",
        "1\u202f200,50",
        "£1,200.5",
        "  1200.5 ",
    ],
)
def test_one_amount_in_many_spellings(cell: str) -> None:
    assert amounts(cell) == [1200.5]


def test_a_comma_before_three_digits_is_a_thousands_separator() -> None:
    assert amounts("1,200", "12,345,678") == [1200, 12_345_678]


def test_other_cells_of_the_column_show_what_a_dot_means() -> None:
    assert amounts("1.200", "3.400,50") == [1200, 3400.5]
    assert amounts("1.200", "3400.5") == [1.2, 3400.5]


@pytest.mark.parametrize("cells", [["1.200", "900"], ["1,200.50", "3.400,50"], ["1.5", "1200,50"]])
def test_amounts_that_can_be_read_in_two_ways_are_refused(cells: list[str]) -> None:
    assert "two ways; write 1200 or 1200.50" in refused(one_column("arr", cells))[0]


def test_mixed_currencies_are_refused_and_never_added() -> None:
    assert refused(one_column("arr", ["$100", "€100"])) == [
        "accounts.csv, column arr: must be in one currency (found $, €); convert the column to USD."
    ]


@pytest.mark.parametrize("cell", ["nan", "inf", "-inf", "1e999", "12k", "twelve", "5%", "0x10", "1,2,3", "1 2", "$"])
def test_what_is_no_amount_is_refused(cell: str) -> None:
    assert refused(one_column("arr", [cell])) == [
        f"accounts.csv, row 2, arr: must be an amount, like 12000 or $12,000 (got {cell!r})."
    ]


@pytest.mark.parametrize("cell", ["0", "-5", "-$5", "$-5", "(5)", "2e12"])
def test_arr_must_be_positive_and_sane(cell: str) -> None:
    rule = "must be above 0, up to 1,000,000,000,000"
    assert refused(one_column("arr", [cell])) == [f"accounts.csv, row 2, arr: {rule} (got {cell!r})."]


# --- shares and other numbers ------------------------------------------------------------------------------


def test_percentages_are_read() -> None:
    book = read(one_column("renewal_probability", ["85%", "85 %", "0.85", "0,85", "8.5e-1", "1", "0"]))
    assert book.renewal_probability.tolist() == [0.85] * 5 + [1, 0]


def test_bare_percentages_are_refused_with_advice() -> None:
    lines = refused(one_column("renewal_probability", ["85", "0.9", "85%", "100"]))
    rule = "must be from 0 to 1; for 85 percent write 0.85 or 85%"
    assert lines == [
        f"accounts.csv, row 2, renewal_probability: {rule} (got '85').",
        f"accounts.csv, row 5, renewal_probability: {rule} (got '100').",
    ]


@pytest.mark.parametrize("cell", ["-0.1", "1.01", "101%", "250"])
def test_probabilities_outside_0_to_1_are_refused(cell: str) -> None:
    assert refused(one_column("renewal_probability", [cell])) == [
        f"accounts.csv, row 2, renewal_probability: must be from 0 to 1 (got {cell!r})."
    ]


BOUNDED = [column for column in ACCOUNT_COLUMNS if column.kind not in ("text", "date")]


@pytest.mark.parametrize("column", BOUNDED, ids=lambda column: column.name)
def test_both_bounds_of_each_column_hold(column: Column) -> None:
    values = read(one_column(column.name, [f"{column.high:.0f}"]))
    if column.name != "health_score":
        assert getattr(values, column.name).tolist() == [column.high]
    for cell in (f"{column.low - 1:.0f}", f"{column.high + 1:.0f}"):
        assert len(refused(one_column(column.name, [cell]))) == 1
    at_low = one_column(column.name, [f"{column.low:.0f}"])
    assert len(refused(at_low)) == 1 if column.above_low else len(read(at_low)) == 1


def test_terms_are_whole_months() -> None:
    assert refused(one_column("term_months", ["12.5"])) == [
        "accounts.csv, row 2, term_months: must be a whole number (got '12.5')."
    ]


# --- dates -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    [
        "2026-03-31",
        "2026-03-31T00:00:00",
        "2026-03-31 23:59:59Z",
        "20260331",
        "2026/03/31",
        "31 Mar 2026",
        "31-mar-2026",
        "Mar 31, 2026",
        "March 31 2026",
        "31.03.2026",
        "31.3.2026",
        "31/03/2026",
        "03/31/2026",
    ],
)
def test_one_date_in_many_spellings(cell: str) -> None:
    assert months(cell) == [2]


def test_one_clear_day_decides_for_the_column() -> None:
    assert months("05/04/2026", "31/03/2026") == [3, 2]
    assert months("05/04/2026", "03/31/2026") == [4, 2]
    assert months("04/04/2026") == [3]


def test_dates_that_can_be_read_in_two_ways_are_refused_once() -> None:
    assert refused(one_column("renewal_date", ["2026-01-01", "05/04/2026", "06/04/2026"])) == [
        "accounts.csv, column renewal_date, first in row 3: day and month cannot be told apart; "
        "write dates like 2026-03-31 (got '05/04/2026')."
    ]
    assert "are mixed" in refused(one_column("renewal_date", ["31/03/2026", "03/31/2026"]))[0]


@pytest.mark.parametrize("cell", ["2026-02-30", "31.02.2026", "soon", "46112", "2026-13-01", "31 Foo 2026", "31/3/26"])
def test_what_is_no_date_is_refused(cell: str) -> None:
    assert refused(one_column("renewal_date", [cell])) == [
        f"accounts.csv, row 2, renewal_date: must be a date; write dates like 2026-03-31 (got {cell!r})."
    ]


def test_the_first_month_is_that_of_the_earliest_renewal_or_the_one_given() -> None:
    text = one_column("renewal_date", ["2026-11-30", "2027-02-01"])
    assert (read(text).as_of, read(text).renewal_month.tolist()) == (date(2026, 11, 1), [0, 3])
    earlier = read(text, as_of=date(2026, 10, 20))
    assert (earlier.as_of, earlier.renewal_month.tolist()) == (date(2026, 10, 1), [1, 4])
    assert refused(text, as_of=date(2026, 12, 1)) == [
        "accounts.csv, row 2, renewal_date: must not be before the book's first month, 2026-12 (got '2026-11-30')."
    ]


def test_a_slip_in_a_year_is_caught() -> None:
    lines = refused(one_column("renewal_date", ["1926-03-31", "2026-03-31"]))
    assert len(lines) == 1
    assert "row 3" in lines[0]
    assert "1926-03" in lines[0]


# --- the two files together --------------------------------------------------------------------------------


def test_ids_and_owners() -> None:
    lines = refused(
        HEADER
        + "a,c1,1,2026-01-01,1\na,c1,1,2026-01-01,1\n,c1,1,2026-01-01,1\nd,,1,2026-01-01,1\ne,c11,1,2026-01-01,1\n",
        "csm_id,ote,base_salary\nc1,1,\nc1,1,\nc3,1,\n,1,\nc1,,\nc1,2,3\n",
    )
    assert sorted(lines) == sorted(
        [
            "team.csv, row 3, csm_id: must be unique; another row above has the same (got 'c1').",
            "team.csv, row 6, csm_id: must be unique; another row above has the same (got 'c1').",
            "team.csv, row 7, csm_id: must be unique; another row above has the same (got 'c1').",
            "team.csv, row 5, csm_id: must not be empty.",
            "team.csv, row 6, base_salary: or ote must be given, one of the two.",
            "team.csv, row 7, ote: must be empty where base_salary is given (got '2').",
            "team.csv, row 4, csm_id: must own at least one account of accounts.csv; "
            "assign accounts or leave the CSM out (got 'c3').",
            "accounts.csv, row 3, account_id: must be unique; another row above has the same (got 'a').",
            "accounts.csv, row 4, account_id: must not be empty.",
            "accounts.csv, row 5, csm_id: must not be empty; every account needs a CSM.",
            "accounts.csv, row 6, csm_id: must be a csm_id of team.csv; the nearest is 'c1' (got 'c11').",
        ]
    )


def test_problems_of_both_files_come_together() -> None:
    lines = refused(one_column("arr", ["x"]), "csm_id,ote\nc1,y\n")
    assert [line.split(":")[0] for line in lines] == ["team.csv, row 2, ote", "accounts.csv, row 2, arr"]


def test_missing_repeated_and_misspelt_columns() -> None:
    header = "account_id,csm,arr,ARR,renewal_date,health_score,adoptoin"
    assert refused(header + "\na,c1,1,1,2026-01-01,75,1\n") == [
        "accounts.csv, row 1, arr: must stand in the header only once.",
        "accounts.csv, row 1, csm_id: is a required column; the nearest header is 'csm'.",
        "accounts.csv, row 1, adoptoin: is not a known column; write 'adoption', or rename it if it is something else.",
    ]
    without_risk = GOOD.replace(",renewal_probability", "").replace(",0.9", "")
    assert refused(without_risk) == [
        "accounts.csv, renewal_probability: is a required column, unless health_score is there."
    ]
    assert refused(GOOD.replace("0.9", "")) == [
        "accounts.csv, row 2, renewal_probability: or health_score must be given."
    ]


# --- files that are no tables ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "accounts.csv: is empty; it needs a header and rows."),
        (b"\xef\xbb\xbf\r\n \n", "accounts.csv: is empty; it needs a header and rows."),
        (HEADER.encode(), "accounts.csv: has a header but no rows; add one row for each record."),
        (b"PK\x03\x04...", "accounts.csv: is a damaged workbook; save it again."),
        (
            GOOD.replace("a,c1", "a\0,c1").encode(),
            "accounts.csv: holds NUL bytes (the first in line 2); save it again as 'CSV UTF-8'.",
        ),
        (
            GOOD.replace("1000", "1,000").encode(),
            "accounts.csv, row 2: has 6 cells, the header 5; put cells with ',' in quotes.",
        ),
        (GOOD.replace("1000", '"1000').encode(), "accounts.csv, row 2: opens a quotation mark that never closes."),
        (
            GOOD.replace("a,c1", "caf\xe9,c1").encode("latin-1"),
            "accounts.csv, row 2, account_id: is not UTF-8 text; save the file as 'CSV UTF-8' (got 'caf\ufffd').",
        ),
    ],
)
def test_unreadable_files_get_one_sentence(content: bytes, sentence: str) -> None:
    assert refused(content) == [sentence]


def test_a_missing_file_gets_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^accounts\.csv: cannot be read: no such file or directory\.$"):
        read_book(tmp_path / "accounts.csv", TEAM.encode())


def test_size_is_bounded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = one_column("arr", ["1"] * 4)
    (tmp_path / "accounts.csv").write_text(text)
    monkeypatch.setattr(sheet_module, "MAX_ROWS", 4)
    assert len(read(text)) == 4
    monkeypatch.setattr(sheet_module, "MAX_ROWS", 3)
    assert refused(text) == ["accounts.csv: must have at most 3 rows; split the book or leave out small accounts."]
    monkeypatch.setattr(source_module, "MAX_BYTES", len(text) - 1)
    for source in (text.encode(), io.BytesIO(text.encode()), tmp_path / "accounts.csv"):
        with pytest.raises(InputError, match="must be smaller than"):
            read_book(source, TEAM.encode())


def test_a_hundred_thousand_bad_rows_are_all_counted_and_few_are_shown() -> None:
    with pytest.raises(InputError) as caught:
        read(one_column("arr", ["x"] * 100_000))
    assert len(caught.value.problems) == 100_000
    assert str(caught.value).endswith("... and 99,950 more problems of this kind.")


def test_the_dictionary_has_a_row_for_each_column() -> None:
    lines = dictionary(ACCOUNT_COLUMNS).splitlines()
    assert [line.split("|")[1].strip() for line in lines[2:]] == [column.name for column in ACCOUNT_COLUMNS]


# --- properties --------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=15)
@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=12))
def test_spellings_of_the_same_amounts_read_equal(cents: list[int]) -> None:
    values = [cent / 100 for cent in cents]
    english = [f"${value:,.2f}" for value in values]
    european = [f"{value:,.2f} €".translate(str.maketrans(",.", ".,")) for value in values]
    spaced = [f"{value:,.2f}".replace(",", " ") for value in values]
    assert amounts(*english) == amounts(*european) == amounts(*spaced) == values


@settings(deadline=None, max_examples=15)
@given(st.lists(st.dates(date(2026, 1, 1), date(2035, 12, 31)), min_size=1, max_size=8))
def test_spellings_of_the_same_dates_read_equal(days: list[date]) -> None:
    expected = [12 * (day.year - 2026) + day.month - 1 for day in days]
    for spelling in ("%Y-%m-%d", "%d.%m.%Y", "%d %b %Y", "%b %d, %Y", "%Y-%m-%dT00:00:00"):
        assert months(*(day.strftime(spelling) for day in days)) == expected
    # One clear day more, and slashes are as good as any.
    assert months(*(day.strftime("%d/%m/%Y") for day in days), "31/12/2026")[:-1] == expected
    assert months(*(day.strftime("%m/%d/%Y") for day in days), "12/31/2026")[:-1] == expected


@settings(deadline=None, max_examples=30)
@given(st.permutations(range(6)), st.lists(st.integers(1, 10**9), min_size=6, max_size=6))
def test_the_order_of_rows_changes_no_account_and_no_total(order: list[int], arr: list[int]) -> None:
    rows = [f"a{row},c{row % 2},{value},2026-0{row + 1}-15,0.{row + 1}\n" for row, value in enumerate(arr)]
    team = "csm_id,ote\nc0,100000\nc1,110000\n"
    one, other = read(HEADER + "".join(rows), team), read(HEADER + "".join(rows[row] for row in order), team)
    at = [other.account_id.index(name) for name in one.account_id]
    for name in ("arr", "csm", "renewal_month", "renewal_probability"):
        assert getattr(one, name).tolist() == getattr(other, name)[at].tolist()
    assert one.arr.tolist() == arr
