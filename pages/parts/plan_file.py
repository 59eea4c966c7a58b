"""A plan from a file: one uploader for the plan in force and for the candidate."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from sim.plan.read import read_plan
from sim.plan.schema import Plan
from sim.problems import InputError


def plan_from_file(label: str, key: str, use: Callable[[Plan], None]) -> InputError | None:
    """An uploader; ``use`` takes the plan when that is asked for. Returns what is wrong with the file."""
    with st.expander(label):
        file = st.file_uploader(
            "plan.toml",
            type="toml",
            key=key,
            help="A plan as the download gives it; the shipped plans are such files too.",
        )
        if not (st.button("Use it", key=f"{key}.use", disabled=file is None, width="stretch") and file):
            return None
        try:
            use(read_plan(file.getvalue(), name=file.name))
        except InputError as error:
            return error
    return st.rerun()
