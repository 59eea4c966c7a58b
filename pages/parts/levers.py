"""The lever panel: every setting of the plan, drawn from the one table of levers."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from pages.parts import state
from pages.parts.lever import lever as numeric_lever
from pages.parts.literal import literal
from pages.parts.plan_file import plan_from_file
from pages.parts.view import keep, recalled
from sim.decide.choice.contenders import MOST_PLANS, free_name
from sim.decide.choice.naming import name_of
from sim.plan.levers import LEVERS, Lever, LeverValue, lever_reason, lever_value
from sim.plan.read import PLAN_PRESETS, plan_preset, plan_to_toml
from sim.plan.schema import Plan
from sim.problems import InputError

CURRENT = "Plan in force"
OTHER = "Another plan"
GROUPS: tuple[str, ...] = tuple(dict.fromkeys(lever.group for lever in LEVERS))


def panel() -> InputError | None:
    """Draw all levers and keep the moves; the error of a move that the plan does not allow."""
    _start_from()
    refused = None
    st.session_state.setdefault("lever_group", recalled(GROUPS, "lever_group"))
    for tab, group in zip(st.tabs(GROUPS, key="lever_group", on_change="rerun"), GROUPS, strict=True):
        if not tab.open:
            continue  # a lever that nobody sees costs as much as one on the page
        keep(group, GROUPS, "lever_group")  # the tabs' own memory ends when another page is opened
        with tab:
            for setting in LEVERS:
                if setting.group == group:
                    refused = _draw(setting) or refused
    return _files() or refused


def _files() -> InputError | None:
    """The candidate from a file, and to one."""
    refused = plan_from_file("Candidate from a file", "candidate_file", state.load)
    candidate = state.scenario().candidate
    st.download_button(
        "Download the candidate",
        data=lambda: plan_to_toml(candidate),
        file_name="candidate.toml",
        mime="application/toml",
        on_click="ignore",
        width="stretch",
        help="The plan as a TOML file, which the command line and this page read.",
    )
    st.button(
        "Keep it for Compare",
        on_click=_keep,
        disabled=len(state.scenario().plans) >= MOST_PLANS,
        width="stretch",
        help="Puts the candidate as it is now on the list of the page Compare, under a name that says what was moved. "
        f"It can be renamed there; the list holds up to {MOST_PLANS} plans.",
    )
    return refused


def _keep() -> None:
    now = state.scenario()
    name = free_name(name_of(now.candidate, now.preset), state.taken())
    state.keep_plan(now.candidate, name)
    st.toast(f"Kept as {literal(name)}")


def _start_from() -> None:
    now = state.scenario()
    started = CURRENT if now.preset == now.current else state.preset_of(now.preset)
    # The state decides, not the widget: undo and another plan in force change it too.
    st.session_state["start_from"] = started or OTHER
    st.selectbox(
        "Start from",
        [CURRENT, *PLAN_PRESETS, *([] if started else [OTHER])],
        format_func=lambda name: _name_of(name, now.preset),
        key="start_from",
        on_change=_load_chosen,
        help="Puts a whole plan into the levers. The comparison stays with the plan in force, chosen in the sidebar.",
    )
    row = st.container(horizontal=True)  # side by side on a phone too
    row.button(
        "Undo",
        on_click=state.undo,
        disabled=not state.scenario().moves,
        help="Takes back the last move.",
        shortcut="Ctrl+Z",
        width="stretch",
    )
    row.button("Reset", on_click=_reset, help="Every lever back to the plan in force.", width="stretch")


def _load_chosen() -> None:
    name = st.session_state["start_from"]
    if name == CURRENT:
        _reset()
    elif name != OTHER:
        state.load(plan_preset(name))


def _reset() -> None:
    state.load(state.scenario().current)


def _name_of(choice: str, other: Plan) -> str:
    if choice in PLAN_PRESETS:
        return plan_preset(choice).name
    return other.name if choice == OTHER else choice


def _draw(setting: Lever) -> InputError | None:
    now = state.scenario()
    value = lever_value(now.candidate, setting.name)
    if setting.widget == "slider":
        chosen: LeverValue | None = _slider(setting, now.candidate, now.current, now.preset, value)
    elif setting.widget == "toggle":
        chosen = _toggle(setting, now.candidate, value)
    else:
        chosen = _choice(setting, now.candidate, value)
    if chosen is None or chosen == value:
        return None
    try:
        state.move(setting.name, chosen)
    except InputError as error:
        return error
    return None


def _slider(setting: Lever, plan: Plan, current: Plan, preset: Plan, value: LeverValue | None) -> float | None:
    reason = lever_reason(plan, setting.name)
    marks = {}
    for name, other in (("in force", current), ("preset", preset)):
        place = lever_value(other, setting.name)
        if isinstance(place, int | float) and not (name == "preset" and other == current):
            marks[name] = float(place)
    fmt: Literal["percent", "number"] = "percent" if setting.unit == "%" else "number"
    moved = numeric_lever(
        setting.label,
        key=f"lever.{setting.name}",
        value=float(value) if isinstance(value, int | float) else setting.low,
        low=setting.low,
        high=setting.high,
        step=setting.step,
        unit="" if setting.unit == "%" else setting.unit,
        fmt=fmt,
        help=setting.help,
        marks=marks,
        disabled=value is None,
        reason=reason,
        live=st.session_state.get("live_levers", True),
    )
    return None if value is None else moved


def _toggle(setting: Lever, plan: Plan, value: LeverValue | None) -> bool | None:
    key = _follow(setting, bool(value))
    reason = lever_reason(plan, setting.name)
    words = reason or setting.help
    on = st.toggle(setting.label, key=key, on_change=_note, args=(key,), help=words, disabled=bool(reason))
    return on if _noted(key) else None


def _choice(setting: Lever, plan: Plan, value: LeverValue | None) -> str | None:
    words = dict(setting.options)
    key = _follow(setting, value if value in words else setting.options[0][0])
    reason = lever_reason(plan, setting.name)
    chosen: str = st.selectbox(
        setting.label,
        list(words),
        format_func=words.__getitem__,
        key=key,
        on_change=_note,
        args=(key,),
        help=reason or setting.help,
        disabled=bool(reason),
    )
    return chosen if _noted(key) else None


def _follow(setting: Lever, value: LeverValue) -> str:
    """Widgets show what the candidate says, unless the user has just touched them."""
    key = f"lever.{setting.name}"
    if not st.session_state.get(f"{key}.touched"):
        st.session_state[key] = value
    return key


def _note(key: str) -> None:
    st.session_state[f"{key}.touched"] = True


def _noted(key: str) -> bool:
    return bool(st.session_state.pop(f"{key}.touched", False))
