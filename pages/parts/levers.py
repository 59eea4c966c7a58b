"""The lever panel: every setting of the plan, drawn from the one table of levers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts import state
from pages.parts.lever import Format, moved
from pages.parts.lever import lever as numeric_lever
from pages.parts.literal import literal
from pages.parts.plan_file import plan_from_file
from pages.parts.view import view
from sim.decide.choice.contenders import MOST_PLANS, free_name
from sim.decide.choice.naming import name_of
from sim.plan.levers import LEVERS, Lever, LeverValue, lever_reason, lever_value
from sim.plan.read import PLAN_PRESETS, plan_preset, plan_to_toml
from sim.plan.schema import Plan
from sim.problems import InputError

CURRENT = "Plan in force"
OTHER = "Another plan"
GROUPS: tuple[str, ...] = tuple(dict.fromkeys(lever.group for lever in LEVERS))


@dataclass
class Download:
    """What the button gives: the levers move while it stays as it is."""

    candidate: Plan


class Panel(NamedTuple):
    """What stands around the levers: their place and group, what the download gives, what is wrong with a file."""

    levers: DeltaGenerator
    group: str
    download: Download
    refused: InputError | None


def panel() -> Panel:
    """Draw all of the panel but the levers themselves, which move many times a second: `draw` does."""
    _start_from()
    group = view("Levers", GROUPS, "lever_group")  # one group at a time: what nobody sees costs as much as what is seen
    place = st.container()
    refused = plan_from_file("Candidate from a file", "candidate_file", state.load)
    download = _download()
    st.button(
        "Keep it for Compare",
        on_click=_keep,
        disabled=len(state.scenario().plans) >= MOST_PLANS,
        width="stretch",
        help="Puts the candidate as it is now on the list of the page Compare, under a name that says what was moved. "
        f"It can be renamed there; the list holds up to {MOST_PLANS} plans.",
    )
    return Panel(place, group, download, refused)


def take(group: str) -> InputError | None:
    """Keep what the user has just moved; the error of a move that the plan does not allow."""
    refused = None
    for setting in LEVERS:
        if setting.group != group or (chosen := _chosen(setting)) is None:
            continue
        value = lever_value(state.scenario().candidate, setting.name)
        if value is None or chosen == value:
            continue
        try:
            state.move(setting.name, chosen)
        except InputError as error:
            refused = error
    return refused


def _chosen(setting: Lever) -> LeverValue | None:
    key = _key(setting)
    if setting.widget == "slider":
        return moved(key, setting.low, setting.high, setting.step, _format(setting))
    touched = st.session_state.pop(f"{key}.touched", False)
    chosen: LeverValue | None = st.session_state.get(key) if touched else None
    return chosen


def draw(group: str, on_move: Callable[[], None]) -> None:
    """The levers of a group, as the candidate has them, after all that follows them. ``on_move`` is called before a run
    answers one of them."""
    for setting in LEVERS:
        if setting.group == group:
            _draw(setting, on_move)


def _download() -> Download:
    held = Download(state.scenario().candidate)
    st.download_button(
        "Download the candidate",
        data=lambda: plan_to_toml(held.candidate),
        file_name="candidate.toml",
        mime="application/toml",
        on_click="ignore",
        width="stretch",
        help="The plan as a TOML file, which the command line and this page read.",
    )
    return held


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


def _draw(setting: Lever, on_move: Callable[[], None]) -> None:
    now = state.scenario()
    value, reason = lever_value(now.candidate, setting.name), lever_reason(now.candidate, setting.name)
    if setting.widget == "slider":
        _slider(setting, now, value, reason, on_move)
    elif setting.widget == "toggle":
        _toggle(setting, bool(value), reason)
    else:
        _choice(setting, value, reason)


def _slider(
    setting: Lever, now: state.Scenario, value: LeverValue | None, reason: str | None, on_move: Callable[[], None]
) -> None:
    marks = {}
    for name, other in (("in force", now.current), ("preset", now.preset)):
        place = lever_value(other, setting.name)
        if isinstance(place, int | float) and not (name == "preset" and other == now.current):
            marks[name] = float(place)
    numeric_lever(
        setting.label,
        key=_key(setting),
        value=float(value) if isinstance(value, int | float) else setting.low,
        low=setting.low,
        high=setting.high,
        step=setting.step,
        unit="" if setting.unit == "%" else setting.unit,
        fmt=_format(setting),
        help=setting.help,
        marks=marks,
        disabled=value is None,
        reason=reason,
        live=st.session_state.get("live_levers", True),
        last=True,
        on_move=on_move,
    )


def _toggle(setting: Lever, value: bool, reason: str | None) -> None:
    key = _key(setting)
    st.session_state[key] = value
    words = reason or setting.help
    st.toggle(setting.label, key=key, on_change=_note, args=(key,), help=words, disabled=bool(reason))


def _choice(setting: Lever, value: LeverValue | None, reason: str | None) -> None:
    words, key = dict(setting.options), _key(setting)
    st.session_state[key] = value if value in words else setting.options[0][0]
    st.selectbox(
        setting.label,
        list(words),
        format_func=words.__getitem__,
        key=key,
        on_change=_note,
        args=(key,),
        help=reason or setting.help,
        disabled=bool(reason),
    )


def _key(setting: Lever) -> str:
    return f"lever.{setting.name}"


def _format(setting: Lever) -> Format:
    return "percent" if setting.unit == "%" else "number"


def _note(key: str) -> None:
    st.session_state[f"{key}.touched"] = True
