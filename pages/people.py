"""By CSM: what each person would earn and attain, then and now."""

from __future__ import annotations

import streamlit as st

from pages.parts import access, compute, state
from pages.parts.pair import both_or_stop
from pages.parts.problems import show_problems
from pages.parts.tables import dollars, download, hundredfold, rate, signed_dollars, whole
from sim.problems import InputError
from sim.share.audience import SMALLEST_GROUP
from sim.share.tables import csm_table

RATES = ["attainment_now", "attainment_then", "no_payout"]


def _by_role(now: state.Scenario) -> None:
    """For who sees no single person."""
    st.markdown("### Attainment by role")
    try:
        table = compute.groups_of(now)
    except InputError as error:
        show_problems("The plans cannot be run on this book:", error)
        return
    access.withheld()
    st.caption(f"Roles and levels of fewer than {SMALLEST_GROUP} people are merged.")
    st.dataframe(
        hundredfold(table, "attainment_now", "attainment_then"),
        hide_index=True,
        width="stretch",
        column_config={
            "group": st.column_config.TextColumn("Role", pinned=True),
            "csms": whole("CSMs"),
            "arr": dollars("ARR"),
            "retained_now": dollars("Retained ARR now"),
            "expansion_now": dollars("Expansion now"),
            "attainment_now": rate("Attainment now", help="Mean over CSMs and trials, components by weight."),
            "retained_then": dollars("Retained ARR, candidate"),
            "expansion_then": dollars("Expansion, candidate"),
            "attainment_then": rate("Candidate", help="The same under the candidate."),
        },
    )
    download("Download as CSV", table, "roles.csv")


def _by_csm(now: state.Scenario) -> None:
    st.markdown("### Pay and attainment by CSM")
    book = compute.book_of(now)
    candidate, current = both_or_stop(now)
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


now = state.scenario()
if access.audience() == "full":
    _by_csm(now)
else:
    _by_role(now)
