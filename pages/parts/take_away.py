"""Take it away: the decision as document, slides, workbook and scenario file, and the charts of the page as pictures.

Nothing is made before its button is pressed, and the list itself is drawn only while it is open.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from pages.parts import access, address, charts, compute, shared_link, shown, state
from pages.parts.literal import literal
from pages.parts.problems import show_problems
from pages.parts.stamped import stamp, theme
from pages.parts.tables import EXCEL
from sim.book.schema import Book
from sim.decide.sensitivity.study import side_by_side
from sim.engine.outcome import Outcome
from sim.problems import InputError
from sim.runs.setting import Setting
from sim.runs.spread import local_executor
from sim.share.audience import AUDIENCES, Audience
from sim.share.link import Link
from sim.share.take.decision import Decision, decision
from sim.share.take.deck import deck
from sim.share.take.document import decision_pdf
from sim.share.take.picture import Picture, to_png, to_svg
from sim.share.take.plan_document import plan_pdf
from sim.share.take.scenario_file import scenario_to_toml
from sim.share.take.stamp import AUDIENCE_WORDS, Stamp
from sim.share.take.tables import decision_sheets
from sim.share.take.workbook import workbook

POWERPOINT = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


@st.fragment
def export() -> None:
    """All that can be taken away, in a popover."""
    asked = st.popover("Export", width="stretch", key="export", on_change="rerun")
    if not asked.open:
        return
    if address.lacking():
        asked.caption(address.NOT_HERE)
        return
    with asked:
        audience = _audience()
        marked = stamp(audience)
        if compute.too_few_for(state.scenario(), audience):
            st.caption(compute.TOO_FEW)
        else:
            _decision(marked)
        _charts(stamp(access.audience()))  # they show what this reader sees
        st.caption(literal(f"Each file says: {marked.line}."))


def _audience() -> Audience:
    most = access.audience()
    options = AUDIENCES[: AUDIENCES.index(most) + 1]
    chosen = st.selectbox(
        "For readers who may see",
        options,
        format_func=lambda audience: AUDIENCE_WORDS[audience].capitalize(),
        key="export_audience",
        help="Totals only: groups of fewer than five people are put together, nobody's pay is shown.",
    )
    return chosen if chosen in options else options[0]


def _decision(marked: Stamp) -> None:
    now = state.scenario()
    book, link = compute.book_of(now, marked.audience), address.link()
    st.markdown("**The decision**: candidate against plan in force")
    try:
        outcomes = compute.run_plan(now, now.candidate), compute.run_plan(now, now.current)
    except InputError as error:
        show_problems("There is nothing to take away but the scenario: a plan cannot be run on this book.", error)
    else:
        setting, groups = compute.setting_of(now), compute.groups_of(now, marked.audience)
        say = partial(_said, link, setting, marked, *outcomes)
        picture, colours = charts.totals(*outcomes), theme()
        left, right = st.columns(2)
        with left:
            _file("Document (PDF)", "decision.pdf", "application/pdf", lambda: decision_pdf(say(), picture, colours))
            _file("Workbook (XLSX)", "decision.xlsx", EXCEL, lambda: _workbook(say(), book, groups, *outcomes))
        with right:
            _file("Slides (PPTX)", "decision.pptx", POWERPOINT, lambda: deck(say(), picture, colours))
            if access.audience() == "full":
                _, stage = compute.stage_of(now)
                _file(
                    "Plan for CSMs (PDF)",
                    "plan.pdf",
                    "application/pdf",
                    lambda: plan_pdf(stage, now.candidate, marked, colours),
                    help="What a CSM is paid for under the candidate, in plain words, with worked examples. "
                    "Nobody's pay.",
                )
    _file(
        "Scenario (TOML)",
        "scenario.toml",
        "application/toml",
        lambda: scenario_to_toml(link, marked),
        help="Everything that a link holds. The command line runs it to the same figures: "
        "python -m sim run --scenario scenario.toml",
    )


def _said(link: Link, setting: Setting, marked: Stamp, candidate: Outcome, current: Outcome) -> Decision:
    with local_executor() as executor:
        worlds = side_by_side(executor, setting, link.candidate) if link.candidate != link.current else None
    return decision(candidate, current, link, marked, worlds)


def _workbook(found: Decision, book: Book, groups: pd.DataFrame, candidate: Outcome, current: Outcome) -> bytes:
    return workbook(decision_sheets(found, book, groups, candidate, current), found.stamp)


def _charts(marked: Stamp) -> None:
    pictures = shown.charts()
    if not pictures:
        return
    st.markdown("**Charts of this page**")
    colours = theme()
    for key, picture in pictures.items():
        name = re.sub(r"[^a-z0-9]+", "_", key.lower()).strip("_")
        st.markdown(literal(_short(picture)))
        row = st.container(horizontal=True)
        with row:
            _file("PNG", f"{name}.png", "image/png", partial(to_png, picture, colours, marked))
            _file("SVG", f"{name}.svg", "image/svg+xml", partial(to_svg, picture, colours, marked))


def _short(picture: Picture) -> str:
    return picture.title if len(picture.title) <= 90 else picture.title[:89] + "…"


def _file(label: str, name: str, mime: str, made: Callable[[], bytes | str], help: str | None = None) -> None:
    st.download_button(
        label,
        data=shared_link.noted(made),
        file_name=name,
        mime=mime,
        on_click="ignore",
        key=f"take_{name}",
        width="stretch",
        help=help,
    )
