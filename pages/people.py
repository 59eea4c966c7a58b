"""By CSM: what each person would earn and attain, then and now."""

from __future__ import annotations

import streamlit as st

from pages.parts import compute, state
from pages.parts.pair import both_or_stop
from pages.parts.tables import dollars, download, hundredfold, rate, signed_dollars
from sim.share.tables import csm_table

RATES = ["attainment_now", "attainment_then", "no_payout"]

st.markdown("### Pay and attainment by CSM")
now = state.scenario()
book = compute.book_of(now)
candidate, current = both_or_stop(now, book)
table = csm_table(book, candidate, current)
lose = int((table["change"] < -0.05 * table["pay_now"]).sum())
st.caption(
    f"Expected total pay over {candidate.n_months} months, base and variable, for a CSM who stays. "
    f"{lose} of {len(table)} would expect to earn over 5 % less than today. "
    "P10, P50 and P90 are variable pay under the candidate."
)
st.dataframe(
    hundredfold(table, *RATES),
    hide_index=True,
    width="stretch",
    height=560,
    column_config={
        "csm_id": st.column_config.TextColumn("CSM", pinned=True),
        "csm_name": "Name",
        "level": "Level",
        "pay_now": dollars("Pay now"),
        "pay_then": dollars("Pay, candidate"),
        "change": signed_dollars("Change, $"),
        "p10": dollars("P10", help="Variable pay under the candidate that 10 % of trials stay below."),
        "p50": dollars("P50", help="The median of variable pay under the candidate."),
        "p90": dollars("P90", help="Variable pay under the candidate that 10 % of trials exceed."),
        "attainment_now": rate("Attainment now", help="Mean over trials, components by weight."),
        "attainment_then": rate("Candidate", help="The same under the candidate."),
        "no_payout": rate("No payout", help="Share of trials without any variable pay under the candidate."),
    },
)
download("Download as CSV", table, "csms.csv")
