"""By CSM: what each person would earn and attain, then and now."""

from __future__ import annotations

import streamlit as st

from pages.parts import compute, state
from pages.parts.problems import show_problems
from sim.problems import InputError
from sim.share.tables import csm_table, to_csv

st.markdown("### Pay and attainment by CSM")
now = state.scenario()
book = compute.book_of(now)
try:
    current = compute.run_plan(now, book, now.current)
    candidate = compute.run_plan(now, book, now.candidate)
except InputError as error:
    show_problems("This plan cannot be run on this book:", error)
    st.stop()

table = csm_table(book, candidate, current)
lose = int((table["change"] < -0.05 * table["pay_now"]).sum())
st.caption(
    f"Expected total pay over {candidate.n_months} months, base and variable, for a CSM who stays. "
    f"{lose} of {len(table)} would expect to earn over 5 % less than today."
)
money = st.column_config.NumberColumn(format="dollar")
st.dataframe(
    table,
    hide_index=True,
    width="stretch",
    height=560,
    column_config={
        "csm_id": "CSM",
        "csm_name": "Name",
        "level": "Level",
        "pay_now": st.column_config.NumberColumn("Expected pay now", format="dollar"),
        "pay_then": st.column_config.NumberColumn("Expected pay, candidate", format="dollar"),
        "change": st.column_config.NumberColumn("Change", format="dollar"),
        "p10": st.column_config.NumberColumn("Variable P10", format="dollar"),
        "p50": st.column_config.NumberColumn("Variable P50", format="dollar"),
        "p90": st.column_config.NumberColumn("Variable P90", format="dollar"),
        "attainment_now": st.column_config.NumberColumn("Attainment now", format="percent"),
        "attainment_then": st.column_config.NumberColumn("Attainment, candidate", format="percent"),
        "no_payout": st.column_config.NumberColumn("P(no variable pay)", format="percent"),
    },
)
st.download_button(
    "Download as CSV", data=lambda: to_csv(table), file_name="csms.csv", mime="text/csv", on_click="ignore"
)
