"""The page Numbers today: each sample, a book of one's own with and without a history, and a bad history."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from sim.book import SAMPLES, History, ledger, load_sample, load_sample_history, read_history
from sim.decide.past.quarters import bridge, past_quarters
from sim.decide.past.today import MISSING, retention_by_segment
from sim.words import money, percent
from tests.test_app import assert_sound, complaints, open_app, visit


def numbers(**settings: object) -> AppTest:
    return visit(open_app(**settings), "numbers")


def titles(at: AppTest) -> list[str]:
    """What the charts find: one line in bold above each."""
    found = [
        text.value.strip("*").replace("\\", "")
        for text in at.main.markdown
        if text.value.startswith("**") and text.value.endswith("**")
    ]
    assert len(found) == len(at.get("vega_lite_chart"))
    return found


def figures(at: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in at.metric}


@pytest.mark.parametrize("name", SAMPLES)
def test_each_sample_has_its_past(name):
    at = numbers(sample=name)
    assert_sound(at)
    book = load_sample(name)
    total = retention_by_segment(past_quarters(ledger(load_sample_history(name), book), book)).iloc[-1]
    shown = figures(at)
    assert (shown["ARR"], shown["GRR"], shown["NRR"]) == (
        money(book.arr.sum()),
        percent(total["grr"]),
        percent(total["nrr"]),
    )
    assert len(titles(at)) == 3
    assert [caption for caption in at.caption if "account by account" in caption.value]
    assert len(at.dataframe) == 4
    assert len(at.main.get("download_button")) == 2 * 5  # as CSV and as XLSX


def test_another_quarter_is_another_waterfall():
    at = numbers()
    assert titles(at)[0].startswith("Q4 2025: ARR ")
    at.selectbox(key="bridge_quarter").select("Q1 2024").run()
    assert_sound(at)
    assert titles(at)[0].startswith("Q1 2024: ARR ")


def test_new_customers_are_an_assumption_that_can_be_changed():
    at = numbers()
    (entry,) = [entry for entry in at.number_input if entry.label.startswith("ARR of new customers")]
    book = load_sample("startup")
    pace = bridge(past_quarters(ledger(load_sample_history("startup"), book), book))["new"].tail(4).mean()
    assert entry.value == pytest.approx(pace, abs=500)
    before = titles(at)[2]
    entry.set_value(0.0).run()
    assert_sound(at)
    assert titles(at)[2] != before


def own_book(history: History | None = None) -> dict[str, object]:
    return {"uploaded": replace(load_sample("startup"), name="Your book"), "history": history}


def test_without_a_history_the_page_says_what_is_missing_and_takes_one():
    at = numbers(**own_book())
    assert_sound(at)
    assert "without a history" in at.info[0].value
    told = "\n".join(text.value for text in at.markdown)
    assert all(sentence in told for sentence in MISSING)
    assert len(titles(at)) == 1
    assert figures(at)["GRR expected"]
    rows = "account_id,date,event,arr_change\nA-0001,2025-06-01,upsell,500\n"
    at.file_uploader(key="history_file").set_value(("history.csv", rows.encode(), "text/csv")).run()
    assert_sound(at)
    assert len(titles(at)) == 3
    assert "shorter than that" in at.info[0].value
    assert len(at.session_state["scenario"].history) == 1


def test_a_bad_history_gets_every_problem():
    at = numbers(**own_book())
    rows = "account_id,date,event,arr_change\nA-0001,2025-06-01,upsell,-500\nA-0001,soon,upsell,500\n"
    at.file_uploader(key="history_file").set_value(("history.csv", rows.encode(), "text/csv")).run()
    said = complaints(at)
    assert "history.csv, row 2, arr_change" in said
    assert "history.csv, row 3, date" in said
    assert at.session_state["scenario"].history is None


def test_what_does_not_agree_with_the_book_is_listed():
    rows = (
        "account_id,date,event,arr_change,segment\n"
        "A-0001,2025-06-01,churn,-500,\n"
        '"**bold** $x$ <b>",2025-06-01,new,700,"**bold** $x$ <b>"\n'
    )
    at = numbers(**own_book(read_history(rows.encode())))
    assert_sound(at)
    (said,) = [warning.value for warning in at.warning]
    assert "2 accounts differ" in said
    assert set(at.dataframe[0].value["account_id"]) == {"A-0001", "**bold** $x$ <b>"}
    rich = [*at.markdown, *at.caption, *at.metric, *at.warning]
    assert not [text for text in rich if "**bold**" in str(text.value) or "<b>" in str(text.value)]


def test_a_plan_that_does_not_fit_the_book_is_told():
    book = load_sample("startup")
    none = 0.0 * book.upsell_whitespace
    book = replace(book, upsell_whitespace=none, cross_sell_whitespace=none)
    assert "cannot be run on this book" in complaints(numbers(uploaded=book))
