"""The popover that everything is taken away from, without a browser: what it offers, and what is noted for it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest
from test_app import SMALL, assert_sound, open_app, visit

from pages.parts import address, pass_on, stamped
from sim.share.audience import AUDIENCES
from sim.share.link import Link, encode

DOCUMENTS = ["Document (PDF)", "Workbook (XLSX)", "Slides (PPTX)", "Plan for CSMs (PDF)", "Scenario (TOML)"]


def opened(at: AppTest) -> AppTest:
    at.session_state["export"] = True
    return at.run()


def offered(at: AppTest) -> list[str]:
    assert_sound(at)
    return [button.label for button in at.sidebar.get("download_button")]


def test_nothing_is_made_or_listed_before_it_is_asked_for():
    at = open_app(sample="startup").run()
    assert offered(at) == []
    assert list(at.session_state["charts.shown"]) == ["cloud", "curve"]


def test_the_decision_and_the_charts_of_the_page_are_offered():
    at = opened(open_app(sample="startup").run())
    assert at.sidebar.selectbox(key="export_audience").value == AUDIENCES[0]  # the least, until more is asked for
    charts = ["PNG", "SVG"] * len(at.session_state["charts.shown"])  # they show what the reader of the page sees
    assert offered(at) == [*DOCUMENTS, *charts]
    at.sidebar.selectbox(key="export_audience").select(AUDIENCES[-1]).run()
    assert offered(at) == [*DOCUMENTS, *charts]


def test_charts_of_another_page_are_forgotten():
    at = open_app(sample="startup").run()
    visit(at, "compare")
    assert_sound(at)
    assert "cloud" not in at.session_state["charts.shown"]
    assert at.session_state["charts.shown"]


def test_every_table_is_a_workbook_too():
    at = visit(open_app(sample="startup"), "compare")
    labels = [button.label for button in at.main.get("download_button")]
    assert labels.count("XLSX") == labels.count("Download as CSV") > 0


def test_a_file_encodes_the_link_once(monkeypatch: pytest.MonkeyPatch):
    """A page stamps each of its tables on every run."""
    asked: list[Link] = []
    for module in (stamped, pass_on, address):
        monkeypatch.setattr(module, "encode", lambda link: asked.append(link) or encode(link))
    script = "import streamlit as st\nfrom pages.parts.stamped import stamp\nst.text(stamp('full').link)"
    at = AppTest.from_string(script)
    at.session_state["scenario"] = replace(SMALL, seed=9)
    at.run()
    assert not at.exception
    assert len(asked) == 1
    assert "seed=9" in at.text[0].value
