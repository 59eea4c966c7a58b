"""One file's columns beside the simulator's: proposed, explained with sample values, and changed here."""

from __future__ import annotations

import streamlit as st

from sim.book.columns import Column
from sim.book.intake.mapping import ADDS, Mapping, Match, Proposal, samples
from sim.book.intake.sheet import Sheet
from sim.book.intake.spellings import KINDS

ABSENT, SAME = -2, -1
"""Choices besides the columns of the file."""
_HINTS = {
    "account_id": "A-{row}",
    "csm_id": "CSM {01..10}",
    "renewal_date": "2026-{01..12}-15",
    "renewal_probability": "0.9",
    "term_months": "12",
    "event": "churn",
}


def match_columns(sheet: Sheet, proposal: Proposal) -> Mapping:
    """A row of choices for each column of this kind of file; the columns that must be there come first."""
    kind = proposal.mapping.kind
    columns = sorted(KINDS[kind], key=lambda column: not _needed(column))
    matches = [_one(sheet, column, proposal) for column in columns if _needed(column)]
    optional = [column for column in columns if not _needed(column)]
    found = sum(proposal.mapping.match(column.name) is not None for column in optional)
    with st.expander(f"Optional: {found} of {len(optional)} found"):
        matches += [_one(sheet, column, proposal) for column in optional]
    return Mapping(kind, tuple(match for match in matches if match is not None))


def _needed(column: Column) -> bool:
    """What no file can do without, and what stands in for it."""
    return column.required or column.name in ("renewal_probability", "health_score", "ote", "base_salary")


def _one(sheet: Sheet, column: Column, proposal: Proposal) -> Match | None:
    kind = proposal.mapping.kind
    key = f"match.{sheet.file}.{sheet.header_digest[:16]}.{kind}.{column.name}"
    proposed = proposal.mapping.match(column.name)
    index = ABSENT
    if proposed is not None:
        index = sheet.labels.index(proposed.header) if proposed.header else SAME
    left, middle, right = st.columns([1.3, 1.5, 1.6], vertical_alignment="center", gap="small")
    unit = f", {column.unit}" if column.unit != "-" else ""
    left.markdown(f"**{column.name}**{'' if column.required else ' (optional)'}  \n:small[{column.meaning}{unit}]")
    chosen: int = middle.selectbox(
        column.name,
        [ABSENT, SAME, *range(len(sheet.labels))],
        index=index + 2,
        format_func=lambda place: {ABSENT: "(not in this file)", SAME: "(the same for all rows)"}.get(
            place, sheet.labels[place] if place >= 0 else ""
        ),
        key=key,
        label_visibility="collapsed",
    )
    if chosen == ABSENT:
        adds = ADDS.get(column.name)
        right.caption(f"It would add {adds}." if adds else f"Needed: {column.meaning}.")
        return None
    if chosen == SAME:
        value = right.text_input(
            f"{column.name} in all rows",
            value=proposed.constant if proposed is not None else "",
            placeholder=_HINTS.get(column.name, column.example),
            key=f"{key}.same",
            label_visibility="collapsed",
            max_chars=100,
            help="{row} becomes the number of the row; {1..12} counts from 1 to 12, row by row, over and over.",
        )
        return Match(column.name, constant=value) if value.strip() else None
    header = sheet.labels[chosen]
    with right:
        # Literal: what stands in a file is no Markdown.
        st.text("   ".join(samples(sheet, header)) or "(empty)")
        if proposed is not None and proposed.header == header:
            st.caption(proposal.why.get(column.name, "As remembered."))
        monthly = column.kind == "money" and st.checkbox(
            "A month's worth: times 12",
            value=proposed is not None and proposed.header == header and proposed.monthly,
            key=f"{key}.monthly",
        )
    return Match(column.name, header=header, monthly=monthly)
