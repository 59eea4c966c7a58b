"""The lever: one numeric setting under the user's finger, whose picture follows while it is dragged.

A range input as a Streamlit component (`lever.js`, `lever.css`). It sends its next value when the answer to
its last one is on the page, so moves never pile up and the last one always wins.

**Who owns the value.** The app does: it passes `value` on every run and takes what `lever` returns. That is
`value` itself, except in the run that answers a move of the user's: then it is where the user put it. So a
preset, undo or reset simply passes another `value`; the thumb follows as soon as the user is not holding it.
Keep the result before the next Streamlit call: a run can be cut short there, and a move is reported once.
What the app does not accept it keeps out by `low` and `high`: a result changed after the call shows one run late.

**In tests.** Streamlit's AppTest can't drag; it moves a lever by writing what the browser would send:
`at.session_state[key] = {"move": {"value": 0.3, "n": 1}}`, then `at.run()` (another `n` for each move; the
fixture `move_lever` does it). With `live=False` it is `at.slider(key=key)`, in shown units: 30 for 30 %.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Literal, TypeGuard

import streamlit as st

from pages.parts.assets import read

Format = Literal["number", "percent", "money"]
"""How a value is written: as it is, a fraction as a percentage, or in dollars."""

_HTML = """
<div class="lever">
  <div class="head">
    <label for="range"></label>
    <button class="help" type="button" aria-expanded="false" aria-controls="tip" hidden>?</button>
    <input class="entry" type="text" inputmode="decimal" autocomplete="off" spellcheck="false">
    <div class="tip" id="tip" role="note"></div>
  </div>
  <div class="track">
    <input id="range" type="range" aria-describedby="marks note">
    <div class="ticks" aria-hidden="true"></div>
  </div>
  <div class="marks" id="marks"></div>
  <div class="note" id="note" aria-live="polite"></div>
</div>
"""
_component = st.components.v2.component(
    "lever",
    html=_HTML,
    css=read("help.css", "lever.css"),
    js=read("help.js", "lever.js"),
)


def lever(
    label: str,
    *,
    key: str,
    value: float,
    low: float,
    high: float,
    step: float,
    unit: str = "",
    fmt: Format = "number",
    help: str | None = None,
    marks: Mapping[str, float] | None = None,
    disabled: bool = False,
    reason: str | None = None,
    live: bool = True,
    last: bool = False,
    on_move: Callable[[], None] | None = None,
) -> float:
    """Draw a lever and return its value: `value`, or where the user has just moved it.

    label: what is set; also its accessible name. help: plain text behind a question mark.
    value: what the app holds now. It may lie off the grid or outside the bounds (a plan from a file may):
        then it is shown as it is and returned unchanged until the user moves the lever.
    low, high, step: what the user can choose; a move is brought onto this grid, whatever the browser sent.
    unit, fmt: how values are written; for fmt="percent" low, high, step and value are fractions.
    marks: up to a few places worth seeing on the track, by name, as {"current": 0.7, "preset": 0.8}.
    disabled, reason: there is nothing to set (no value is shown), and the sentence that says why.
    live: False draws `st.slider`, which reports on release only, with the same result.
    last: drawn after all that follows it. Then the next value is sent while the browser still paints the answer.
    on_move: called when the user has moved it, before the run that answers draws anything (not without `live`).

    Raises ValueError for bounds or a step that leave nothing to choose.
    """
    if not (math.isfinite(low) and math.isfinite(high) and low < high and 0 < step <= high - low):
        raise ValueError(f"lever {key!r}: needs low < high and a step between (got {low}, {high}, {step})")
    fresh = moved(key, low, high, step, fmt)
    if fresh is not None and not disabled:
        value = fresh
    if not live:
        _slider(label, key, value, (low, high, step), unit, fmt, help, disabled, reason)
        return value
    move = _move(st.session_state.get(key))
    _component(
        key=key,
        on_move_change=on_move or (lambda: None),
        data={
            "label": label,
            "value": value,
            "low": low,
            "high": high,
            "step": step,
            "unit": _unit(unit, fmt),
            "fmt": fmt,
            "decimals": _decimals(step, fmt),
            "help": help or "",
            "marks": list((marks or {}).items()),
            "disabled": disabled,
            "reason": (reason or "") if disabled else "",
            "last": last,
            "answered": move[1] if move is not None else 0,
        },
    )
    return value


def moved(key: str, low: float, high: float, step: float, fmt: Format = "number") -> float | None:
    """Where the user has just put a lever, told once; None if it was not moved.

    `lever` asks this itself. A page asks before it draws, so that the answer is ready when the lever is sent to the
    browser: what reaches it in two parts is drawn twice.
    """
    held = st.session_state.get(key)
    if (move := _move(held)) is not None:
        fresh = st.session_state.get(f"{key}.answered") != move[1]
        st.session_state[f"{key}.answered"] = move[1]
        return on_grid(move[0], low, high, step) if fresh else None
    if st.session_state.pop(f"{key}.moved", False) and _is_number(held):
        return on_grid(held / _scale(fmt), low, high, step)
    return None


def on_grid(value: float, low: float, high: float, step: float) -> float:
    """The nearest of low, low + step, ... up to high."""
    steps = math.floor((high - low) / step + 1e-9)
    place = round((min(max(value, low), high) - low) / step)
    return round(low + step * min(place, steps), 10)


def _move(state: object) -> tuple[float, float] | None:
    """The user's last move as (value, its number), or None if there is none or it makes no sense."""
    move = state.get("move") if isinstance(state, Mapping) else None
    if not isinstance(move, Mapping):
        return None
    value, number = move.get("value"), move.get("n")
    return (float(value), float(number)) if _is_number(value) and _is_number(number) else None


def _is_number(part: object) -> TypeGuard[float]:
    return isinstance(part, int | float) and not isinstance(part, bool) and math.isfinite(part)


def _scale(fmt: Format) -> float:
    """Shown value per value."""
    return 100.0 if fmt == "percent" else 1.0


def _unit(unit: str, fmt: Format) -> str:
    return unit or ("%" if fmt == "percent" else "")


def _decimals(step: float, fmt: Format) -> int:
    """Decimals that tell two neighbouring steps apart."""
    shown = f"{step * _scale(fmt):.6f}".rstrip("0")
    return len(shown.split(".")[1])


def _slider(
    label: str,
    key: str,
    value: float,
    bounds: tuple[float, float, float],
    unit: str,
    fmt: Format,
    help: str | None,
    disabled: bool,
    reason: str | None,
) -> None:
    """The same lever as `st.slider`, in shown units."""
    low, high, step = bounds
    scale, decimals = _scale(fmt), _decimals(step, fmt)

    def mark_moved() -> None:
        st.session_state[f"{key}.moved"] = True

    st.session_state[key] = round(min(max(value, low), high) * scale, 10)
    suffix = _unit(unit, fmt).replace("%", "%%")
    st.slider(
        label,
        low * scale,
        high * scale,
        step=step * scale,
        key=key,
        format=f"{'$' if fmt == 'money' else ''}%.{decimals}f {suffix}".strip(),
        help=help,
        disabled=disabled,
        on_change=mark_moved,
    )
    if disabled and reason:
        st.caption(reason)
