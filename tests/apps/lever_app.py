"""A page of levers for the tests: the last answer and the number of runs stand in plain text.

Query parameters: slow = seconds that an answer takes, live = 0 for plain sliders, fragment = 1 to rerun
only a part.
"""

from __future__ import annotations

import time

import streamlit as st

from pages.parts.lever import lever

START = {"mix": 0.7, "rate": 1.5, "bonus": 12_000.0}
# Off the grid and out of bounds, as a plan from a file may be.
PRESET = {"mix": 0.8, "rate": 2.02, "bonus": 60_000.0}


def put(values: dict[str, float]) -> None:
    st.session_state["settings"] = dict(values)


def draw() -> None:
    settings = st.session_state["settings"]
    st.session_state["runs"] = st.session_state.get("runs", 0) + 1
    live = st.query_params.get("live", "1") == "1"
    settings["mix"] = lever(
        "Pay mix",
        key="mix",
        value=settings["mix"],
        low=0.5,
        high=1.0,
        step=0.01,
        fmt="percent",
        help="Base salary as a share of on-target earnings.\nThe rest is variable.",
        marks={"current": 0.7, "preset": 0.8},
        live=live,
    )
    settings["rate"] = lever(
        "Accelerator", key="rate", value=settings["rate"], low=1, high=4, step=0.05, unit="×", live=live
    )
    settings["bonus"] = lever(
        "Bonus", key="bonus", value=settings["bonus"], low=0, high=50_000, step=500, fmt="money", live=live
    )
    settings["cap"] = lever(
        "Cap",
        key="cap",
        value=1.5,
        low=1,
        high=2,
        step=0.1,
        fmt="percent",
        disabled=True,
        reason="There is no cap in this plan.",
        live=live,
    )
    time.sleep(float(st.query_params.get("slow", "0")))
    st.text("answer " + " ".join(f"{name}={value:g}" for name, value in settings.items()))
    st.text(f"runs {st.session_state['runs']}")


if "settings" not in st.session_state:
    put(START)
st.button("Use preset", on_click=put, args=(PRESET,))
st.button("Reset", on_click=put, args=(START,))
(st.fragment(draw) if st.query_params.get("fragment") == "1" else draw)()
