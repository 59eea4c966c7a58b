"""Over which values assumptions are tried: the proposed ranges, and the table to change them."""

from __future__ import annotations

import streamlit as st

from pages.parts.problems import show_problems
from sim.decide.sensitivity.ranges import Range, checked, plausible
from sim.decide.sensitivity.tables import ranges_table
from sim.problems import InputError
from sim.runs.setting import key_of
from sim.world.parameters import World

_OWN = "own_ranges"


def ranges_of(world: World) -> tuple[Range, ...]:
    """The ranges of this session, and the table to change them."""
    proposed = plausible(world)
    held: tuple[str, tuple[Range, ...]] | None = st.session_state.get(_OWN)
    chosen = held[1] if held and held[0] == world.model_dump_json() else proposed
    with st.expander("What is varied, and over which ranges"):
        st.caption(
            "Each value of a range is as likely as any other. The ranges are narrower than what the model takes: they "
            "should hold what you think possible, no more. Fractions are written as such: 0.1 is 10 %."
        )
        with st.form("ranges_form", border=False):
            number = st.column_config.NumberColumn
            edited = st.data_editor(
                ranges_table(chosen, world),
                hide_index=True,
                width="stretch",
                height=320,
                disabled=["assumption", "here", "unit", "why"],
                key=f"ranges_{key_of(str(chosen))}",
                column_config={
                    "assumption": st.column_config.TextColumn("Assumption", pinned=True),
                    "here": number("Here", format="%.3g", help="The value that the other pages use."),
                    "low": number("Low", format="%.3g", required=True),
                    "high": number("High", format="%.3g", required=True),
                    "unit": "Unit",
                    "why": st.column_config.TextColumn("Why these", help="Of the ranges that are proposed."),
                },
            )
            row = st.container(horizontal=True)
            applied = row.form_submit_button("Apply")
            reset = row.form_submit_button("Back to the proposed ranges", disabled=chosen == proposed)
        if reset:
            st.session_state.pop(_OWN, None)
            st.rerun()
        if applied:
            wanted = [
                Range(before.name, float(low), float(high))
                for before, low, high in zip(chosen, edited["low"], edited["high"], strict=True)
            ]
            try:
                st.session_state[_OWN] = (world.model_dump_json(), checked(wanted, world))
                st.rerun()
            except InputError as error:
                show_problems("The ranges stay as they were:", error)
    return chosen
