"""Book: what is known of the accounts, and what a file must hold."""

from __future__ import annotations

import streamlit as st

from pages.parts import compute, state
from sim.book.columns import ACCOUNT_COLUMNS, TEAM_COLUMNS, dictionary
from sim.share.tables import account_table, segment_table
from sim.words import money, percent

book = compute.book_of(state.scenario())
st.markdown(f"### {book.name}")
if state.scenario().uploaded is None:
    st.caption("This book is made up. Bring your own in the sidebar.")
segments = segment_table(book)
total = segments.iloc[-1]
for column, (label, value) in zip(
    st.columns(5),
    (
        ("ARR", money(total["arr"])),
        ("Accounts", f"{len(book):,}"),
        ("CSMs", f"{len(book.team):,}"),
        ("Expected renewal, by ARR", percent(total["renewal"])),
        ("White space", money(total["whitespace"])),
    ),
    strict=True,
):
    column.metric(label, value)
st.dataframe(
    segments,
    hide_index=True,
    width="stretch",
    column_config={
        "segment": "Segment",
        "accounts": "Accounts",
        "arr": st.column_config.NumberColumn("ARR", format="dollar"),
        "renewal": st.column_config.NumberColumn("Expected renewal, by ARR", format="percent"),
        "whitespace": st.column_config.NumberColumn("White space", format="dollar"),
    },
)
with st.expander(f"All {len(book):,} accounts"):
    st.dataframe(account_table(book), hide_index=True, width="stretch", height=420)
with st.expander("What a file must hold"):
    st.markdown(
        "**accounts.csv**\n\n" + dictionary(ACCOUNT_COLUMNS) + "\n\n**team.csv**\n\n" + dictionary(TEAM_COLUMNS)
    )
