"""The four purposes of pay, candidate against plan in force."""

from __future__ import annotations

import streamlit as st

from pages.parts.literal import literal
from pages.parts.state import Scenario
from pages.parts.tables import download
from sim.book.schema import Book
from sim.decide.conduct import leaving, scorecard
from sim.decide.conduct.months import Months, effort_months
from sim.decide.conduct.purposes import PURPOSES
from sim.decide.conduct.scorecard import Entry, Side
from sim.decide.person.measures import NAMES
from sim.decide.picture import main_components
from sim.engine.outcome import Outcome
from sim.engine.run import Stage
from sim.plan.schema import Measure, Plan
from sim.runs.setting import key_of


@st.cache_resource(max_entries=16, show_spinner="Counting the months with effort...")
def _months(key: str, _stage: Stage, _plans: tuple[Plan, Plan]) -> list[Months]:
    return effort_months(_stage, _plans)


def draw(now: Scenario, book: Book, stage: Stage, key: str, candidate: Outcome, current: Outcome) -> None:
    plans = (now.candidate, now.current)
    left, right = st.columns([3, 1], gap="medium")
    named = left.multiselect(
        "Measures that the strategy names",
        list(NAMES),
        default=_strategy(now.current),
        format_func=lambda measure: NAMES[measure],
        key="strategy",
        persist_state="session",
        help="Focus counts the pay that is on these. At first: what the plan in force puts most weight on.",
    )
    gap = right.number_input(
        "Market above today's OTE, %",
        -30.0,
        50.0,
        0.0,
        1.0,
        format="%.1f",
        key="market_gap",
        persist_state="session",
        help="How far the market pays above your on-target earnings of today (below: negative). The market is each "
        "CSM's own OTE under the plan in force, moved by this.",
    )
    found = _months(key_of(key, *(plan.model_dump_json() for plan in plans)), stage, plans)
    sides = [
        Side(plan, outcome, months) for plan, outcome, months in zip(plans, (candidate, current), found, strict=True)
    ]
    chosen: set[Measure] = {measure for measure in NAMES if measure in named}
    entries = scorecard.scorecard(stage, sides[0], sides[1], chosen, gap / 100.0)
    for pair in (PURPOSES[:2], PURPOSES[2:]):
        for column, purpose in zip(st.columns(2, gap="medium"), pair, strict=True):
            with column.container(border=True, height="stretch"):
                _purpose(purpose, [entry for entry in entries if entry.figure.purpose == purpose])
    if not leaving.regretted(book.team).any():
        st.caption("The team file gives everybody the same skill, so that nobody's leaving can be called regretted.")
    download("Download as CSV", scorecard.scorecard_table(entries), "scorecard.csv")


def _strategy(plan: Plan) -> list[Measure]:
    heaviest = main_components(plan, 1)
    return [plan.components[i].measure for i in heaviest]


QUESTIONS = {
    "Entice": "Would they join?",
    "Retain": "Would they stay?",
    "Motivate": "Is effort worth it?",
    "Focus": "Effort on the right things?",
}


def _purpose(purpose: str, entries: list[Entry]) -> None:
    st.markdown(f"**{purpose}** · {QUESTIONS[purpose]}")
    row = st.container(horizontal=True, gap="medium")
    for entry in entries:
        change = scorecard.change_told(entry)
        row.metric(
            entry.figure.name,
            literal(scorecard.told(entry, entry.candidate)),
            delta=change.replace("$", "\\$") or None,
            delta_color="off" if not entry.clear else "normal" if entry.figure.more_is == "better" else "inverse",
            help=literal(f"{entry.figure.meaning} Plan in force: {scorecard.told(entry, entry.current)}."),
            width=210,
        )
    st.caption(literal(scorecard.in_words(entries)).replace(" \\%", "\u00a0%"))  # a figure and its sign stay together
