"""Renewal risk, segments and white space without a browser: every sample book, and what the pages put in the book."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from test_app import assert_sound, button, complaints, open_app, scenario, sentence, visit

from pages.parts.applied import Applied
from sim.book.risk import Override, override_table
from sim.book.samples import SAMPLES, load_sample
from sim.decide.customers.segments import WAYS
from sim.world.benchmarks import band_of

SOURCES = ("Past renewals", "History of the book", "Survivors of a cohort", "Benchmark by size")


@pytest.mark.parametrize("book", SAMPLES)
def test_renewal_risk_opens_on_every_sample_book_with_every_source(book):
    at = visit(open_app(sample=book), "risk")
    for source in SOURCES:
        at.button_group(key="risk_source").set_value(source).run()
        assert_sound(at)
        assert any(b.label == "Use these probabilities" for b in at.button)


def test_computed_risk_is_put_in_the_book_and_taken_back():
    at = visit(open_app(), "risk")
    before = load_sample("startup")
    at.button_group(key="risk_source").set_value("Benchmark by size").run()
    button(at, "Use these probabilities").click().run()
    assert_sound(at)
    used = scenario(at).uploaded
    assert used is not None
    assert used.renewal_probability == pytest.approx([1 - (1 - band_of(arr).grr) * 0.7 for arr in before.arr])
    assert scenario(at).history is not None
    assert any("from benchmark by size" in text.value for text in at.markdown)
    visit(at, "what_if")
    assert sentence(at)
    visit(at, "risk")
    at.button_group(key="risk_source").set_value("Survivors of a cohort").run()
    button(at, "Use these probabilities").click().run()
    assert np.ptp(scenario(at).uploaded.renewal_probability) > 0.05
    button(at, "Back to the probabilities of the book").click().run()
    assert_sound(at)
    assert scenario(at).uploaded is None  # the sample again, past and all


def test_overrides_in_use_stay_listed_with_their_reasons():
    book = load_sample("startup")
    risk = book.renewal_probability.copy()
    risk[3] = 0.1
    listed = override_table(book, book.renewal_probability, (Override(book.account_id[3], 0.1, "Their sponsor left."),))
    at = open_app(sample="startup")
    at.session_state["scenario"] = replace(scenario(at), uploaded=replace(book, renewal_probability=risk))
    columns = "renewal_probability"
    at.session_state["applied_risk"] = Applied(
        "past renewals", book.account_id, {columns: book.renewal_probability}, {columns: risk}, listed
    )
    visit(at, "risk")
    assert_sound(at)
    reasons = [frame.value["reason"].tolist() for frame in at.dataframe if "reason" in frame.value]
    assert ["Their sponsor left."] in reasons
    button(at, "Back to the probabilities of the book").click().run()
    assert_sound(at)
    assert ["Their sponsor left."] not in [
        frame.value["reason"].tolist() for frame in at.dataframe if "reason" in frame.value
    ]


def test_the_files_of_past_renewals_are_checked_and_kept():
    at = visit(open_app(), "risk")
    at.file_uploader(key="renewals_file").set_value(("r.csv", b"renewed,nps\nmaybe,5\n1,900\n", "text/csv")).run()
    button(at, "Read it").click().run()
    said = complaints(at)
    assert "row 2, renewed" in said and "row 3, nps" in said
    rows = "\n".join(f"{int(n % 7 != 0)},{n % 60 + (n % 7 != 0) * 3}" for n in range(400))
    at.file_uploader(key="renewals_file").set_value(("r.csv", f"renewed,nps\n{rows}".encode(), "text/csv")).run()
    button(at, "Read it").click().run()
    assert_sound(at)
    assert any(metric.label == "Past renewals" and metric.value == "400" for metric in at.metric)
    visit(at, "book")
    visit(at, "risk")
    assert any(metric.value == "400" for metric in at.metric)


@pytest.mark.parametrize("book", SAMPLES)
def test_segments_open_on_every_sample_book_in_every_way(book):
    at = visit(open_app(sample=book), "segments")
    for way in WAYS:
        at.button_group(key="segments_by").set_value(way).run()
        assert_sound(at)
        total = next(table.value for table in at.dataframe if "cost_share" in table.value).iloc[-1]
        assert total["accounts"] == len(load_sample(book))
    assert len(at.get("vega_lite_chart")) == 1


@pytest.mark.parametrize("book", SAMPLES)
def test_white_space_opens_on_every_sample_book(book):
    at = visit(open_app(sample=book), "white_space")
    assert_sound(at)
    assert len(at.get("vega_lite_chart")) == 1
    at.slider(key="white_quantile").set_value(90).run()
    assert_sound(at)


def test_white_space_and_complexity_are_put_in_the_book_and_taken_back():
    at = visit(open_app(), "white_space")
    before = load_sample("startup")
    button(at, "Use this white space").click().run()
    button(at, "Use this complexity").click().run()
    assert_sound(at)
    used = scenario(at).uploaded
    assert used.upsell_whitespace.sum() != before.upsell_whitespace.sum()
    assert np.ptp(used.complexity) > 2
    assert (used.renewal_probability == before.renewal_probability).all()
    visit(at, "segments")
    assert_sound(at)
    visit(at, "what_if")
    assert sentence(at)
    visit(at, "white_space")
    button(at, "Back to the white space of the book").click().run()
    assert scenario(at).uploaded.digest != before.digest
    button(at, "Back to its complexity").click().run()
    assert_sound(at)
    assert scenario(at).uploaded is None


def test_a_table_of_products_is_checked_and_kept():
    at = visit(open_app(), "white_space")
    at.file_uploader(key="products_file").set_value(("p.csv", b"account_id,Core\nA-0001,-5\n", "text/csv")).run()
    button(at, "Read it").click().run()
    assert "row 2, Core" in complaints(at)
    rows = "\n".join(f"{account},{row % 3 and 100},50" for row, account in enumerate(load_sample("startup").account_id))
    file = f"account_id,Only,**Bold**\n{rows}\n".encode()
    at.file_uploader(key="products_file").set_value(("p.csv", file, "text/csv")).run()
    button(at, "Read it").click().run()
    assert_sound(at)
    shown = next(table.value for table in at.dataframe if "holders" in table.value)
    assert dict(zip(shown["product"], shown["holders"], strict=True)) == {"Only": 100, "**Bold**": 150}
