"""Book: what is known of the accounts, and what a file must hold."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.parts import compute, state
from sim.book.columns import ACCOUNT_COLUMNS, TEAM_COLUMNS, dictionary
from sim.share.tables import account_table, segment_table
from sim.words import money, percent

_dollars = partial(st.column_config.NumberColumn, format="$%,d")

book = compute.book_of(state.scenario())
st.markdown(f"### {book.name}")
if state.scenario().uploaded is None:
    st.caption("This book is made up. Bring your own in the sidebar.")
segments = segment_table(book)
total = segments.iloc[-1]
row = st.container(horizontal=True, gap="medium")  # wraps on a narrow screen
for label, value in (
    ("ARR", money(total["arr"])),
    ("Accounts", f"{len(book):,}"),
    ("CSMs", f"{len(book.team):,}"),
    ("Expected renewal", percent(total["renewal"])),
    ("White space", money(total["whitespace"])),
):
    row.metric(label, value, width=150)
st.dataframe(
    segments.assign(renewal=100.0 * segments["renewal"]),
    hide_index=True,
    width="stretch",
    column_config={
        "segment": "Segment",
        "accounts": st.column_config.NumberColumn("Accounts", format="%,d"),
        "arr": _dollars("ARR"),
        "renewal": st.column_config.NumberColumn("Expected renewal", format="%.1f %%", help="Weighted by ARR."),
        "whitespace": _dollars("White space"),
    },
)
with st.expander(f"All {len(book):,} accounts"):
    accounts = account_table(book)
    st.dataframe(
        accounts.assign(renewal_probability=100.0 * accounts["renewal_probability"]),
        hide_index=True,
        width="stretch",
        height=420,
        column_config={
            "account_id": st.column_config.TextColumn("Account", pinned=True),
            "account_name": "Name",
            "csm_id": "CSM",
            "segment": "Segment",
            "arr": _dollars("ARR"),
            "renewal_month": st.column_config.NumberColumn("Renews in month", help="1 = the first month simulated."),
            "term_months": "Term, months",
            "renewal_probability": st.column_config.NumberColumn("Renewal", format="%.1f %%"),
            "upsell_whitespace": _dollars("Upsell"),
            "cross_sell_whitespace": _dollars("Cross-sell"),
        },
    )
with st.expander("What a file must hold"):
    st.markdown(
        "**accounts.csv**\n\n" + dictionary(ACCOUNT_COLUMNS) + "\n\n**team.csv**\n\n" + dictionary(TEAM_COLUMNS)
    )
