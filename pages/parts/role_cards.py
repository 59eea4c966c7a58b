"""The roles after the sale: a picture of how much pay is at risk, and a card each with its plan."""

from __future__ import annotations

from functools import cache

import altair as alt
import streamlit as st

from pages.parts import state
from pages.parts.charts import Spec, draw, kept
from pages.parts.literal import literal
from pages.parts.tables import download
from pages.parts.view import view
from sim.roles.archetypes import ARCHETYPES, Archetype, archetype_plan
from sim.roles.tables import (
    JUDGED,
    PUBLISHED,
    effort_in_words,
    mix_finding,
    mix_in_words,
    mix_picture,
    periods_in_words,
    role_table,
)

FILTERS = {
    "All roles": ("retention", "upsell", "cross_sell", "kpi"),
    "Renewals": ("retention",),
    "Expansion": ("upsell", "cross_sell"),
    "KPIs": ("kpi",),
}
MOSTLY = 1.0
"""A role is listed with the tasks that its effort moves at least as well as an average CSM's."""


@cache
def _mix_spec() -> Spec:
    axis = alt.Axis(format=".0%", values=[0, 0.1, 0.2, 0.3, 0.4, 0.5])
    room = alt.Scale(domain=[0, 0.66])  # for the text behind the longest bar
    x = alt.X("low:Q", title="variable pay, of on-target earnings", axis=axis, scale=room)
    y = alt.Y("role:N", title=None, sort=None, axis=alt.Axis(labelLimit=170, ticks=False))
    legend = alt.Legend(orient="bottom", title=None, labelLimit=200)
    basis = alt.Color("basis:N", scale=alt.Scale(domain=[PUBLISHED, JUDGED]), legend=legend)
    told = [
        alt.Tooltip("role:N", title="role"),
        alt.Tooltip("share:Q", title="its plan", format=".0%"),
        alt.Tooltip("low:Q", title="from", format=".0%"),
        alt.Tooltip("high:Q", title="to", format=".0%"),
    ]
    bars = alt.Chart().mark_bar(height={"band": 0.45}, opacity=0.4).encode(x=x, x2="high:Q", y=y, color=basis)
    ticks = alt.Chart().mark_tick(thickness=4, size=20).encode(x=alt.X("share:Q"), y=y, color=basis, tooltip=told)
    texts = alt.Chart().mark_text(align="left", dx=8, fontSize=12).encode(x=alt.X("high:Q"), y=y, text="range:N")
    return kept(alt.layer(bars, ticks, texts.encode(color=basis)))


def roles() -> None:
    """All of it, below a filter."""
    chosen = view("What the role's effort moves", list(FILTERS), "roles_of", titled=True)
    found = [
        role for role in ARCHETYPES if any(getattr(role.effort, task) >= MOSTLY for task in FILTERS[chosen])
    ] or list(ARCHETYPES)
    data = mix_picture(found)
    alt_text = "Usual range of variable pay by role, and a mark where the role's plan lies."
    draw(_mix_spec(), data, mix_finding(data), alt_text, 90 + 30 * len(data), "mix")
    st.caption("Bars: usual range. Marks: the plans offered here.")
    for at in range(0, len(found), 2):  # in rows, so that they come in their order on a phone too
        for column, role in zip(st.columns(2, gap="small"), found[at : at + 2], strict=False):
            with column:
                _card(role)
    download("Download the roles", role_table, "roles.csv", figures=False)


def _card(role: Archetype) -> None:
    plan = archetype_plan(role.key)
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{literal(role.name)}**  \n{literal(role.owns)}")
        rows = (
            ("Paid on", role.measures),
            ("Plan", plan.description),
            ("At risk", f"{mix_in_words(role)}. {role.mix_source} Confidence: {role.confidence}."),
            ("Paid", f"{periods_in_words(plan)}."),
            ("Effort", f"{effort_in_words(role)}; 1 is an average CSM (judgement)."),
            ("Hand-overs", role.hands_over),
        )
        st.markdown("  \n".join(f":gray[{label}] {literal(text)}" for label, text in rows))
        st.button(
            "Use its plan",
            key=f"use_{role.key}",
            on_click=_use,
            args=(role,),
            disabled=state.scenario().candidate == plan,
            help="Makes it the candidate of all pages. Undo takes it back.",
        )


def _use(role: Archetype) -> None:
    plan = archetype_plan(role.key)
    state.load(plan)
    if state.scenario().candidate == plan:
        st.toast(f"{literal(role.name)}: its plan is the candidate now. Undo takes it back.")
