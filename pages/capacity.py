"""Capacity: hours needed against hours there, how many CSMs that takes, and the hiring need over the year."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.parts import compute, state, target_charts
from pages.parts.pair import both_or_stop
from pages.parts.problems import show_problems
from pages.parts.tables import download, hundredfold
from sim.decide.targets import capacity
from sim.decide.targets.hours import HOUR_ROWS, Hours
from sim.problems import InputError

HOW = """
* **Hours needed**: care by complexity for as long as an account is expected to stay, renewals in the month in which
  they fall due, and opportunities as they are found (what closes divided by the win rate).
* **Hours there**: productive hours of those expected to be there, divided between competences as each book needs, and
  counted by skill: an hour of a CSM with skill 1.1 is 1.1 hours. New hires ramp up to average skill.
* **Leaving** is as simulated under the candidate: pay against the market moves it. Seats are vacant, then refilled, as
  in the assumptions. The expectation is computed, not drawn.
* **New CSMs**: the fewest, as late as possible, so that hours suffice from the month in which somebody whose search
  starts today is fully productive. Capacity does not move retention in the simulation.
"""


def _hours() -> Hours:
    """The session's hours, and the table to change them."""
    held: Hours = st.session_state.get("hours", Hours())
    with st.expander("Assumptions about hours"):
        shown = pd.DataFrame(
            [
                {
                    "name": row.name,
                    "What": row.label,
                    "Value": getattr(held, row.name),
                    "Unit": row.unit,
                    "Range": f"{row.low:g} to {row.high:g}",
                    "Confidence": row.confidence,
                    "Source": row.source,
                }
                for row in HOUR_ROWS
            ]
        )
        edited = st.data_editor(
            shown,
            hide_index=True,
            width="stretch",
            disabled=[column for column in shown.columns if column != "Value"],
            column_order=[column for column in shown.columns if column != "name"],
            key=f"hours_table_{hash(held)}",
        )
        row = st.container(horizontal=True)
        if row.button("Use these hours", help="On this page and for Who owns what."):
            values = pd.to_numeric(edited["Value"], errors="coerce").fillna(-1.0)
            try:
                st.session_state["hours"] = held.changed(dict(zip(edited["name"], values.astype(float), strict=True)))
            except InputError as error:
                show_problems("Nothing was changed:", error)
                return held
            st.rerun()
        if row.button("Back to the defaults", disabled=held == Hours()):
            st.session_state.pop("hours")
            st.rerun()
    return held


now = state.scenario()
book = compute.book_of(now)
st.markdown("### Capacity as it is")
outcomes = both_or_stop(now)
_, stage = compute.stage_of(now)
answer = st.container()
hours = _hours()
candidate, current = (capacity.hazard_of(outcome) for outcome in outcomes)
found = capacity.capacity(stage, hours, candidate)
months = capacity.month_table(found)
with answer:
    lead = st.slider(
        "Months from opening a search to the first day",
        0,
        9,
        3,
        key="lead",
        width=420,
        help="Of a new CSM, on average.",
    )
    plan = capacity.hiring(months["needed"].to_numpy(), months["there"].to_numpy(), candidate, stage.world, hours, lead)
    st.markdown(f"#### {capacity.finding(months, plan)}.")
    levels = capacity.level_table(stage, found, hours)
    team = levels[levels["level"] == "Team"]
    row = st.container(horizontal=True, gap="medium")
    before = len(book.team) * capacity.staffing(current, stage.world).leavers.sum()
    for label, value, help in (
        ("CSMs", f"{len(book.team):,}", "In the team file."),
        ("CSMs needed", f"{team['csms_needed'].sum():,.1f}", "As is: hours needed over hours there, by competence."),
        ("Leavers", f"{months['leavers'].sum():,.1f}", f"Under the candidate; {before:,.1f} under the plan in force."),
        ("New CSMs", f"{int(plan.starts.sum()):,}", "Besides those who replace leavers."),
    ):
        row.metric(label, value, help=help, width=130)
    target_charts.hours(months, plan.hours, capacity.load_finding(months))
    st.dataframe(
        hundredfold(levels, "load"),
        hide_index=True,
        width="stretch",
        height=min(38 + 35 * len(levels), 640),
        column_config={
            "level": st.column_config.TextColumn("Level", pinned=True),
            "competence": "Competence",
            "csms": st.column_config.NumberColumn("CSMs", format="%.1f", help="Their time for it, in full-time CSMs."),
            "needed": st.column_config.NumberColumn("Hours needed", format="%,d", help="A year."),
            "there": st.column_config.NumberColumn("Hours there", format="%,d", help="A year, counted by skill."),
            "load": st.column_config.NumberColumn("Load", format="%.0f %%", help="Needed of what is there."),
            "csms_needed": st.column_config.NumberColumn("CSMs needed", format="%.1f", help="Of the same skill."),
        },
    )
    year = months.assign(new_csms=plan.starts, hours_of_new_csms=plan.hours)
    st.dataframe(
        year,
        hide_index=True,
        width="stretch",
        height=min(38 + 35 * len(year), 640),
        column_config={
            "month": st.column_config.NumberColumn("Month", pinned=True),
            "needed": st.column_config.NumberColumn("Hours needed", format="%,d"),
            "there": st.column_config.NumberColumn("Hours there", format="%,d"),
            "csms": st.column_config.NumberColumn("CSMs at work", format="%.1f", help="Expected, new CSMs apart."),
            "leavers": st.column_config.NumberColumn("Leavers", format="%.2f", help="Expected at the month's end."),
            "new_csms": st.column_config.NumberColumn("New CSMs start", help="Searches start the lead time earlier."),
            "hours_of_new_csms": st.column_config.NumberColumn("Hours of new CSMs", format="%,d"),
        },
    )
    download("Download the year", year, "capacity.csv")
with st.expander("How this is measured"):
    st.markdown(HOW)
