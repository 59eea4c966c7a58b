"""Who owns what: the assignment of accounts to CSMs, before it is applied."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from pages.parts import compute, state, target_charts
from pages.parts.problems import show_problems
from pages.parts.tables import dollars, download
from sim.book.schema import Book
from sim.decide.compare import Summary, differences
from sim.decide.targets import handover
from sim.decide.targets.assignment import Assignment, solve
from sim.decide.targets.hours import Hours
from sim.decide.targets.sharing import Wishes, sharing
from sim.engine.run import Stage, simulate
from sim.plan.schema import Plan
from sim.problems import InputError
from sim.words import money, percent

SECONDS = 20.0
HOW = """
* **Looked for**: skill where it is worth most (retention skill on the ARR that effort can still save, upsell and
  cross-sell skill on white space, at the effort that today's plan buys), less what hand-overs lose, less a penalty for
  each load outside the band: accounts, ARR, ARR at risk, renewals due by quarter, expected expansion, hours.
* **Hours** come from the Capacity page; nobody's fair share may exceed the hours of a CSM.
* **Gap**: the share of the improvement over today that some other assignment might still bring. The bound holds for
  all accounts and all CSMs.
* **Simulated effect**: the plan in force after the hand-overs less today, every account meeting the same luck. Effort
  counts from what the old owner had brought, and a hand-over costs the log-odds set here.
* Where quotas are flat, expansion may fall although skill is better used: it moves attainment, and with it effort.
"""


@dataclass(frozen=True)
class Found:
    """What the page shows of an assignment."""

    assignment: Assignment
    changes: dict[str, Summary]


@st.cache_resource(max_entries=8, show_spinner=f"Looking for the best assignment, up to {SECONDS + 10:.0f} seconds...")
def _found(key: str, _stage: Stage, _current: Plan, wishes: Wishes, hours: Hours) -> Found:
    best = solve(sharing(_stage, wishes, hours), SECONDS)
    after = simulate(handover.moved_stage(_stage, _current, best.csm, wishes.handover), _current)
    return Found(best, differences(after, simulate(_stage, _current)))


def _wishes() -> Wishes | None:
    """The form; None until it was sent once."""
    usual = Wishes()
    with st.form("wishes_form", border=False):
        row = st.columns(3, gap="medium", vertical_alignment="bottom")
        band = row[0].slider(
            "Loads within, ± %", 5, 100, round(100 * usual.band), 5, help="Of each CSM's fair share, free of penalty."
        )
        most = row[1].slider(
            "Accounts that may change hands, %", 0, 100, round(100 * usual.most_moved), 1, help="The fewer, the calmer."
        )
        cost = row[2].slider(
            "A hand-over costs, log-odds",
            0.0,
            0.3,
            usual.handover,
            0.01,
            help="Of renewal. 0.05 raises low churn by about 5 %. Judgement, low confidence; an account "
            "that loses its CSM altogether loses 0.30 in the base world.",
        )
        if st.form_submit_button("Find an assignment", type="primary"):
            st.session_state["wishes"] = Wishes(band / 100.0, most / 100.0, cost)
    held: Wishes | None = st.session_state.get("wishes")
    return held


def _apply(book: Book) -> None:
    state.change(uploaded=book)
    st.session_state.pop("wishes", None)


def _draw(stage: Stage, wishes: Wishes, hours: Hours, found: Found) -> None:
    book, best = stage.portfolio.book, found.assignment
    loads = handover.load_table(stage, best.csm, hours)
    outside = handover.outside_band(loads, wishes.band)
    st.markdown(f"#### {handover.finding(best.csm, book, outside)}.")
    row = st.container(horizontal=True, gap="medium")
    for label, name in (("Retained ARR", "retained_arr"), ("Expansion", "expansion_arr"), ("Plan cost", "plan_cost")):
        change = found.changes[name]
        row.metric(
            label,
            f"{money(change.mean, signed=True)} ± {money(change.standard_error)}".replace("$", "\\$"),
            help="Simulated, against today's owners on the same luck: mean paired difference and its standard error.",
            width=230,
        )
    row.metric("Gap", percent(best.gap), help="Of the improvement over today, at most so much was left.", width=110)
    target_charts.loads(loads, wishes.band, f"{outside['today'] - outside['proposed']} more loads within the band")
    table = handover.handovers(book, best.csm)
    st.dataframe(
        table,
        hide_index=True,
        width="stretch",
        height=min(420, 60 + 35 * len(table)),
        column_order=["account_id", "account_name", "segment", "arr", "renewal_month", "from_csm", "to_csm"],
        column_config={
            "account_id": st.column_config.TextColumn("Account", pinned=True),
            "account_name": "Name",
            "segment": "Segment",
            "arr": dollars("ARR"),
            "renewal_month": st.column_config.NumberColumn("Renews in month", help="1 = the first month simulated."),
            "from_csm": "From",
            "to_csm": "To",
        },
    )
    row = st.container(horizontal=True)
    download("Download the hand-overs", table, "handovers.csv", place=row, disabled=table.empty)
    row.button(
        "Apply to the book",
        on_click=_apply,
        args=(handover.moved_book(stage, best.csm, wishes.handover),),
        disabled=table.empty,
        help="All pages then use the book with these owners; renewal probabilities of accounts that moved change by "
        "their new owner's skill and by what the hand-over costs. The file itself is not changed.",
    )


now = state.scenario()
st.markdown("### Who owns which account")
st.caption("Skill where it matters most, even loads, few hand-overs. Nothing changes before you apply it.")
wishes = _wishes()
if wishes is not None:
    hours = st.session_state.get("hours", Hours())
    try:
        key, stage = compute.stage_of(now)
        found = _found(key, stage, now.current, wishes, hours)
    except InputError as error:
        show_problems("The plan in force cannot be run on this book. Choose another one in the sidebar:", error)
        st.stop()
    _draw(stage, wishes, hours, found)
with st.expander("How this is found and measured"):
    st.markdown(HOW)
