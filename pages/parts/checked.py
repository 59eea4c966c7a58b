"""What a check of imported files found: totals that add up, and the rows that are refused."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from pages.parts.tables import download
from sim.book.intake.gather import Gathered, Matched
from sim.book.intake.importing import Count, refused_rows, rules
from sim.words import exact_money


def show_totals(counts: tuple[Count, ...]) -> None:
    """Rows and ARR of each file: read, kept and refused."""
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "File": count.file,
                    "Rows read": f"{count.read:,}",
                    "Kept": f"{count.kept:,}",
                    "Refused": f"{count.refused:,}",
                    "ARR read": exact_money(count.read_cents) if count.read_cents or count.unread else "-",
                    "ARR kept": exact_money(count.kept_cents) if count.read_cents or count.unread else "-",
                    "ARR refused": exact_money(count.refused_cents) if count.read_cents or count.unread else "-",
                }
                for count in counts
            ]
        ),
        hide_index=True,
        width="stretch",
    )
    unread = sum(count.unread for count in counts)
    more = f" {unread:,} refused rows have no readable amount and count as \\$0." if unread else ""
    st.caption(f"Read = kept + refused, in rows and in ARR.{more} In a history, ARR is what the events changed.")


def goes_on_without(matched: list[Matched], outcome: Gathered) -> bool:
    """What is refused and why; whether the user goes on without it."""
    bad = outcome.result.bad
    st.dataframe(
        rules(bad),
        hide_index=True,
        width="stretch",
        column_config={
            "file": "File",
            "column": "Column",
            "rule": st.column_config.TextColumn("Rule", width="large"),
            "rows": st.column_config.NumberColumn("Rows", format="%,d"),
            "first_row": st.column_config.NumberColumn("First row", format="%d"),
            "example": "What stands there",
        },
    )
    row = st.container(horizontal=True)
    for file in matched:
        if any(fault.file == file.sheet.file for fault in bad):
            download(
                f"Download the refused rows of {file.mapping.kind}",
                partial(refused_rows, file.sheet, bad),
                f"refused_{file.mapping.kind}.csv",
                place=row,
                key=f"refused_{file.sheet.file}",
                figures=False,
            )
    if outcome.result.book is None:
        return False
    refused = sum(count.refused for count in outcome.counts)
    arr = exact_money(outcome.result.accounts.refused_cents)
    return st.checkbox(
        f"Go on without {refused:,} row{'s' if refused > 1 else ''} (\\{arr} of ARR in accounts)", key="import_go_on"
    )
