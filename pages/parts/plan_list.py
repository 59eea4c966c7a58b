"""The list of plans that are compared: add, rename, remove, undo."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.parts import state
from pages.parts.plan_file import plan_from_file
from sim.decide.choice.contenders import LONGEST, MOST_PLANS, free_name
from sim.decide.choice.naming import name_of
from sim.plan.read import PLAN_PRESETS, plan_preset
from sim.plan.schema import Plan
from sim.problems import InputError

WITH_CANDIDATE = "with_candidate"


def plan_list() -> InputError | None:
    """Buttons that change the list; the error of a change that cannot be made."""
    now = state.scenario()
    row = st.container(horizontal=True, vertical_alignment="center")
    full = len(now.plans) >= MOST_PLANS
    why = f"The list holds {MOST_PLANS} plans at most: remove one first." if full else None
    with row.popover("Add a plan", disabled=full, help=why):
        refused = _add(now)
    with row.popover("Rename or remove", disabled=not now.plans):
        refused = _change(now) or refused
    row.button("Undo", key="undo_list", on_click=state.undo_list, disabled=not now.lists, help="The list as it was.")
    row.toggle(
        "With the candidate",
        value=True,
        key=WITH_CANDIDATE,
        persist_state="session",
        help="Compares the candidate of the page What if too, as it is now.",
    )
    return refused


def _add(now: state.Scenario) -> InputError | None:
    left = [name for name in PLAN_PRESETS if plan_preset(name) not in (*now.plans, now.current)]
    if left:
        shipped = st.selectbox(
            "Shipped plan",
            left,
            format_func=lambda name: plan_preset(name).name,
            key="add_preset",
            help="Those that are not on the list yet.",
        )
        # The box may still hold what another click has put on the list.
        chosen = plan_preset(shipped if shipped in left else left[0])
        st.button("Add it", key="add_preset.use", on_click=_keep, args=(chosen,), width="stretch")
    proposed = free_name(name_of(now.candidate, now.preset), state.taken())
    name = st.text_input(
        "The candidate, as it is now, under the name",
        proposed,
        max_chars=LONGEST,
        key=f"keep_name_{len(now.lists)}",
        help="It stays as it is on the list, whatever becomes of the candidate on the page What if.",
    )
    refused = None
    if st.button("Keep the candidate", width="stretch"):
        refused = _attempt(lambda: state.keep_plan(now.candidate, name))
    return plan_from_file("From a file", "list_file", _keep) or refused


def _keep(plan: Plan) -> None:
    state.keep_plan(plan, free_name(plan.name, state.taken()))


def _change(now: state.Scenario) -> InputError | None:
    names = [plan.name for plan in now.plans]
    chosen = st.selectbox("Plan", names, key="change_plan", help="Of the list.")
    chosen = chosen if chosen in names else names[0] if names else ""
    name = st.text_input("New name", chosen, max_chars=LONGEST, key=f"rename_{chosen}_{len(now.lists)}")
    row = st.container(horizontal=True)
    rename = row.button("Rename", disabled=not names, width="stretch")
    row.button("Remove", on_click=state.drop_plan, args=(chosen,), disabled=not names, width="stretch")
    return _attempt(lambda: state.rename_plan(chosen, name)) if rename else None


def _attempt(change: Callable[[], None]) -> InputError | None:
    try:
        change()
    except InputError as error:
        return error
    return st.rerun()
