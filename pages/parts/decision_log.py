"""The log of decisions: what was decided and why, with the figures that were on the screen then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from pages.parts import address, state, stored
from pages.parts.literal import literal
from pages.parts.problems import show_problems
from pages.parts.tables import download
from sim.decide.headline import Headline
from sim.problems import InputError
from sim.share.read_link import decode
from sim.share.store.decisions import LONGEST_TEXT, LONGEST_TITLE, Decision, decide, decisions
from sim.share.store.scenarios import list_scenarios

SHOWN = 10
READ = "Everybody in your organisation reads the log: name no customers there, and no pay. Entries cannot be changed."


def draw(figures: Sequence[Headline]) -> None:
    """A form for the next decision, and those of before. figures: on the screen now."""
    with st.form("decide", clear_on_submit=True):
        title = st.text_input("Decision", max_chars=LONGEST_TITLE, key="decision_title", help=READ)
        text = st.text_area(
            "What, and why", max_chars=LONGEST_TEXT, key="decision_text", placeholder="What was decided, and why"
        )
        if st.form_submit_button("Add to the log", type="primary"):
            try:
                _add(title.strip(), text.strip(), figures)
            except InputError as error:
                show_problems("Not added:", error)
            else:
                st.toast("Added")
    try:
        found = decisions(stored.store(), stored.member())
    except InputError as error:
        show_problems("The log cannot be read now:", error)
        return
    if not found:
        st.caption(
            "Nothing was decided yet. What is added keeps the headline figures of the candidate as they are now."
        )
        return
    for one in found[:SHOWN]:
        _entry(one)
    download("Download the log", _table(found), "decisions.csv", figures=False)


def _add(title: str, text: str, figures: Sequence[Headline]) -> None:
    now = state.scenario()
    decide(
        stored.store(),
        stored.member(),
        title=title,
        text=text,
        figures=figures,
        scenario_id=_saved_as(),
        book_digest=now.uploaded.digest if now.uploaded is not None else None,
    )


def _saved_as() -> str | None:
    """The latest saved scenario that is just what is on the screen, whatever is looked at of it."""
    now = replace(address.link(), views={})
    for saved in list_scenarios(stored.store(), stored.member()):
        if replace(decode(saved.pairs, address.VIEWS).link, views={}) == now:
            return saved.id
    return None


def _entry(one: Decision) -> None:
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{literal(one.title)}**")
        st.markdown(literal(one.text))
        based = "; ".join(f"{figure.label} {figure.candidate} ({figure.change})" for figure in one.figures)
        saved = ", saved as a scenario" if one.scenario_id else ""
        when = f"{one.created_at:%Y-%m-%d %H:%M} UTC"
        st.caption(literal(f"{one.author}, {when}, model {one.model_version}{saved}. Based on: {based}."))


def _table(found: Sequence[Decision]) -> pd.DataFrame:
    """A row for each decision and figure; times in UTC."""
    rows = [
        (
            f"{one.created_at:%Y-%m-%d %H:%M}",
            one.author,
            one.title,
            one.text,
            one.scenario_id or "",
            one.model_version,
            *(figure.label, figure.candidate, figure.current, figure.change, figure.spread),
        )
        for one in found
        for figure in one.figures
    ]
    names = ["time_utc", "who", "title", "text", "scenario", "model", "figure", "candidate", "in_force", "change"]
    return pd.DataFrame(rows, columns=[*names, "range_of_90_percent"])
