"""Your book: the one in use, the way to bring another, and what a file may hold."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.parts import access, bring, compute, state
from pages.parts.literal import literal
from pages.parts.tables import dollars, download, hundredfold, rate
from pages.parts.view import BOOK_VIEW, BRING
from sim.book.columns import dictionary
from sim.book.intake.spellings import KINDS
from sim.book.intake.tables import account_file, team_file, template
from sim.book.samples import SAMPLES, sample_file
from sim.share.tables import account_table, segment_table
from sim.words import money, percent

COLUMNS = "Columns and templates"


def _in_use() -> None:
    """Segments and accounts of the book in use."""
    book = compute.book_of(state.scenario())
    st.markdown(f"### {literal(book.name)}")
    if state.scenario().uploaded is None and access.audience() == "full":
        st.caption("This book is made up.")
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
        hundredfold(segments, "renewal"),
        hide_index=True,
        width="stretch",
        column_config={
            "segment": "Segment",
            "accounts": st.column_config.NumberColumn("Accounts", format="%,d"),
            "arr": dollars("ARR"),
            "renewal": rate("Expected renewal", help="Weighted by ARR."),
            "whitespace": dollars("White space"),
        },
    )
    if access.audience() != "full":
        access.withheld()
        return
    with st.expander(f"All {len(book):,} accounts"):
        accounts = account_table(book)
        st.dataframe(
            hundredfold(accounts, "renewal_probability"),
            hide_index=True,
            width="stretch",
            height=420,
            column_config={
                "account_id": st.column_config.TextColumn("Account", pinned=True),
                "account_name": "Name",
                "csm_id": "CSM",
                "segment": "Segment",
                "arr": dollars("ARR"),
                "renewal_month": st.column_config.NumberColumn(
                    "Renews in month", help="1 = the first month simulated."
                ),
                "term_months": "Term, months",
                "renewal_probability": rate("Renewal"),
                "upsell_whitespace": dollars("Upsell"),
                "cross_sell_whitespace": dollars("Cross-sell"),
            },
        )
    row = st.container(horizontal=True)
    for name, make in (("accounts", account_file), ("team", team_file)):
        download(f"Download {name}.csv", partial(make, book), f"{name}.csv", place=row, figures=False)


def _columns() -> None:
    """What each file may hold, a template of it, and the samples as they are."""
    st.markdown("### Columns and templates")
    st.caption("Your headers may be any others: they are matched when you bring the file.")
    for kind, columns in KINDS.items():
        st.markdown(f"#### {kind.capitalize()}")
        download(
            f"Template: {kind}.csv", partial(template, columns), f"{kind}.csv", key=f"template_{kind}", figures=False
        )
        with st.expander(f"The {len(columns)} columns", expanded=kind == "accounts"):
            st.markdown(dictionary(columns))
    st.markdown("#### Sample books")
    for sample, title in SAMPLES.items():
        st.caption(title)
        row = st.container(horizontal=True)
        for kind in ("accounts", "team", "history"):
            row.download_button(
                f"{kind}.csv",
                data=partial(sample_file, sample, kind),
                file_name=f"{sample}_{kind}.csv",
                mime="text/csv",
                on_click="ignore",
                key=f"sample_{sample}_{kind}",
            )


VIEWS = [bring.IN_USE, BRING, COLUMNS] if access.may("bring") else [bring.IN_USE, COLUMNS]
if st.session_state.get(BOOK_VIEW) not in VIEWS:
    st.session_state[BOOK_VIEW] = bring.IN_USE
view = st.segmented_control("What to show", VIEWS, key=BOOK_VIEW, required=True, label_visibility="collapsed")
if view == BRING:
    st.markdown("### Bring your own book")
    bring.draw()
elif view == COLUMNS:
    _columns()
else:
    _in_use()
