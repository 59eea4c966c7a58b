"""History: read with every problem at once, agreed with the book account by account; the samples' past as stated."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.book import EVENTS, SAMPLES, Ledger, differences, ledger, load_sample, load_sample_history, read_history
from sim.book.schema import Book
from sim.problems import InputError
from sim.world.benchmarks import RETENTION_BY_ACV, RetentionBand, band_of
from tests.tiny_book import tiny_book

HEADER = "account_id,date,event,arr_change,segment\n"


def history(*rows: str):
    return read_history((HEADER + "\n".join(rows)).encode())


def complaints(*rows: str, header: str = HEADER) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_history((header + "\n".join(rows)).encode())
    return [str(problem) for problem in caught.value.problems]


def test_columns_and_words_are_read_as_people_write_them():
    past = history(
        'A1,31.03.2025,Price increase,"$1,200",Big',
        "A1,2025-01-31,renewal,0,Big",
        "A2,30 Jun 2025,cross-sell,500,",
    )
    assert [EVENTS[code] for code in past.event] == ["renewal", "price_increase", "cross_sell"]
    assert past.date.tolist() == [date(2025, 1, 31), date(2025, 3, 31), date(2025, 6, 30)]
    assert past.arr_change.tolist() == [0.0, 1200.0, 500.0]
    assert past.segment == ("Big", "Big", "")


def test_every_problem_at_once():
    assert complaints(
        ",2025-02-01,upsell,5,",
        "A1,2025-02-30,upsell,5,",
        "A1,2025-02-01,upsel,5,",
        "A1,2025-02-01,churn,500,",
        "A1,2025-02-01,upsell,-5,",
        "A1,2025-02-01,renewal,7,",
        "A1,2025-02-01,contraction,,",
    ) == [
        "history.csv, row 4, event: must be one of new, churn, contraction, price_decrease, price_increase, upsell, "
        "cross_sell, renewal (got 'upsel').",
        "history.csv, row 3, date: must be a date; write dates like 2026-03-31 (got '2025-02-30').",
        "history.csv, row 8, arr_change: must not be empty.",
        "history.csv, row 5, arr_change: must be below 0 for churn, as it takes ARR away; put a minus sign in front "
        "(got '500').",
        "history.csv, row 6, arr_change: must be above 0 for upsell, as it adds ARR; choose another event if it took "
        "ARR away (got '-5').",
        "history.csv, row 7, arr_change: must be 0 for renewal; give what it changed a row of its own, like "
        "price_increase (got '7').",
        "history.csv, row 2, account_id: must not be empty.",
    ]


def test_a_customer_comes_before_anything_else_and_after_churn():
    assert complaints(
        "A1,2025-03-01,upsell,5,",
        "A1,2025-04-01,new,100,",
        "A2,2025-05-01,upsell,50,",
        "A2,2025-04-01,churn,-100,",
    ) == [
        "history.csv, row 3, event: can be new only once, or again after churn; use upsell for more (got 'new').",
        "history.csv, row 4, event: follows churn of the same account; add a row new if it came back (got 'upsell').",
    ]


def test_a_missing_column_is_named():
    (said,) = complaints("A1,2025-03-01,upsell", header="account_id,date,event\n")
    assert "arr_change: is a required column" in said


def row_of(books: Ledger, account: str) -> tuple[float, float, bool]:
    i = books.account_id.index(account)
    return float(books.opening_arr[i]), float(books.closing_arr[i]), bool(books.customer_before[i])


def test_what_an_account_paid_before_follows_from_where_it_ended():
    books = ledger(
        history(
            "A1,2025-03-01,upsell,50000,",  # in the book at 300,000
            "B2,2025-03-01,new,40000,",
            "B2,2025-04-01,upsell,8000,",  # 48,000 in the book
            "X1,2025-03-01,contraction,-2000,Small",
            "X1,2025-05-01,churn,-10000,Small",
        ),
        tiny_book(),
    )
    assert row_of(books, "A1") == (250_000, 300_000, True)
    assert row_of(books, "A2") == (300_000, 300_000, True)  # nothing has happened to it
    assert row_of(books, "B2") == (0, 48_000, False)
    assert row_of(books, "X1") == (12_000, 0, True)
    assert books.segment[books.account_id.index("X1")] == "Small"
    assert differences(books).empty


def test_what_does_not_agree_with_the_book_is_listed_not_refused():
    books = ledger(
        history(
            "A1,2025-03-01,churn,-1000,",  # still in the book, at 300,000
            "B2,2025-03-01,new,40000,",  # 48,000 in the book
            "X1,2025-03-01,new,7000,",  # never left, not in the book
            "C3,2025-03-01,contraction,-5000,",
        ),
        tiny_book(),
    )
    listed = differences(books).set_index("account_id")
    assert listed["difference"].to_dict() == {"A1": -300_000, "B2": -8_000, "X1": 7_000}
    assert listed["why"].to_dict() == {
        "A1": "has left by the history, but is in the book",
        "B2": "changes do not add up to the book's ARR",
        "X1": "has not left by the history, but is not in the book",
    }
    assert books.closing_arr.sum() - books.book_arr.sum() == listed["difference"].sum()


LIFE = st.lists(
    st.tuples(st.sampled_from(["A1", "B2", "X1"]), st.sampled_from(EVENTS), st.integers(1, 400_000)), max_size=12
)


@given(LIFE)
def test_ledgers_add_up_and_no_account_is_ever_below_nothing(life):
    rows = []
    before: dict[str, str] = {}
    for day, (account, event, size) in enumerate(life):
        if (event == "new") != (before.get(account, "churn" if event == "new" else "") == "churn"):
            continue
        sign = 0 if event == "renewal" else -1 if event in ("churn", "contraction", "price_decrease") else 1
        rows.append(f"{account},2025-01-{day + 1:02d},{event},{sign * size},")
        before[account] = event
    if not rows:
        return
    past = history(*rows)
    books = ledger(past, tiny_book())
    running = books.opening_arr.copy()
    assert (running >= 0).all()
    for account, change in zip(books.account, past.arr_change, strict=True):
        running[account] += change
        assert running[account] >= -1e-6
    np.testing.assert_allclose(running, books.closing_arr, atol=1e-6)
    gap = differences(books)["difference"].sum()
    assert gap == pytest.approx(books.closing_arr.sum() - books.book_arr.sum(), abs=0.5 * len(books.account_id))


def test_the_key_of_caches_hangs_on_every_event_but_not_on_the_name():
    rows = ("A1,2025-03-01,upsell,5,", "A2,2025-03-01,upsell,5,")
    past = history(*rows)
    assert read_history((HEADER + "\n".join(rows)).encode(), name="other.csv").digest == past.digest
    assert history(rows[0], "A2,2025-03-01,upsell,6,").digest != past.digest
    assert history(rows[0], "A2,2025-03-02,upsell,5,").digest != past.digest


# --- the samples' past ----------------------------------------------------------------------------------


def retention(books: Ledger, rows: set[int], opens: np.datetime64) -> tuple[int, float, float]:
    """Customers at the start, GRR and NRR of these accounts over a year, one event at a time."""
    arr = dict(enumerate(books.opening_arr))
    lost = 0.0
    start: dict[int, float] = {}
    past = books.history
    year = (opens.astype("datetime64[D]"), (opens + 12).astype("datetime64[D]"))
    for when, account, change in zip(past.date, books.account, past.arr_change, strict=True):
        if when >= year[0] and not start:
            start = {row: value for row, value in arr.items() if row in rows and value > 0}
        if when < year[1]:
            arr[account] += change
            lost += change if account in start and change < 0 else 0.0
    opening = sum(start.values())
    return len(start), 1 + lost / opening, sum(arr[row] for row in start) / opening


@pytest.mark.parametrize("name", SAMPLES)
def test_the_past_leads_up_to_the_book_and_meets_published_retention(name):
    book, past = load_sample(name), load_sample_history(name)
    books = ledger(past, book)
    assert differences(books).empty
    assert books.closing_arr.sum() == pytest.approx(book.arr.sum())
    assert past.date.min() >= np.datetime64("2024-01-01")
    assert past.date.max() < np.datetime64(book.as_of)
    bands = bands_by_segment(book)
    assert set(books.segment) <= set(bands)
    for opens in (np.datetime64("2024-01", "M"), np.datetime64("2025-01", "M")):
        for segment, band in bands.items():
            rows = {row for row, other in enumerate(books.segment) if other == segment}
            customers, grr, nrr = retention(books, rows, opens)
            if customers > 500_000:  # fewer dollars are a handful of accounts
                assert grr == pytest.approx(band.grr, abs=0.012), (opens, segment)
                assert nrr == pytest.approx(band.nrr, abs=0.015), (opens, segment)


def bands_by_segment(book: Book) -> dict[str, RetentionBand]:
    found = {segment: band_of(arr) for segment, arr in zip(book.segment, book.arr, strict=True)}
    assert set(found.values()) <= set(RETENTION_BY_ACV)
    return found


@pytest.mark.parametrize("name", SAMPLES)
def test_the_past_agrees_with_tenure_and_terms(name):
    book, past = load_sample(name), load_sample_history(name)
    first = np.datetime64(book.as_of, "M")
    came = {a: d for a, d, e in zip(past.account_id, past.date, past.event, strict=True) if EVENTS[e] == "new"}
    young = [row for row in range(len(book)) if book.tenure_months[row] <= 24]
    assert {book.account_id[row] for row in young} == {account for account in came if account in book.account_id}
    for row in young:
        tenure = first - came[book.account_id[row]].astype("datetime64[M]")
        assert int(tenure.astype(int)) == book.tenure_months[row]
    place = {account: row for row, account in enumerate(book.account_id)}
    for account, when, event in zip(past.account_id, past.date, past.event, strict=True):
        if EVENTS[event] == "renewal" and account in place:
            row = place[account]
            months = int((when.astype("datetime64[M]") - first).astype(int))
            assert (book.renewal_month[row] - months) % book.term_months[row] == 0
