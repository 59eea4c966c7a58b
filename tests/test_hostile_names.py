"""Names out of a file are shown as they are: Markdown or HTML in them becomes nothing else, on no page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from test_app import assert_sound, open_app, scenario, visit

from sim.book import Book, load_sample

PAGES = sorted(path.stem for path in (Path(__file__).parents[1] / "pages").glob("[!_]*.py"))
HOSTILE = "<b>x</b> [l](http://e.x) :red[x] $a$ *i*"
TEXTS = ("markdown", "caption", "info", "warning", "error", "success", "header", "subheader", "title")
LABELLED = ("metric", "button", "checkbox", "selectbox", "radio", "expander", "tab", "download_button")


def renamed(book: Book) -> Book:
    def names(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(f"{HOSTILE} {text}" for text in texts)

    team = book.team
    hostile = replace(
        team,
        **{name: names(getattr(team, name)) for name in ("csm_id", "csm_name", "role", "level")},
    )
    columns = {name: names(getattr(book, name)) for name in ("account_id", "account_name", "segment")}
    return replace(book, name=HOSTILE, team=hostile, **columns)


@pytest.mark.parametrize("page", PAGES)
def test_names_are_shown_as_they_are(page):
    at = open_app(sample="startup")
    at.session_state["scenario"] = replace(scenario(at), uploaded=renamed(load_sample("startup")), history=None)
    visit(at, page)
    assert_sound(at)
    said = [element.value for kind in TEXTS for element in at.get(kind)]
    said += [element.label for kind in LABELLED for element in at.get(kind)]
    assert said
    assert [text for text in said if "[l](" in str(text) or "<b>x" in str(text)] == []
