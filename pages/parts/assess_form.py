"""What the page Assess is told: under which plan the year runs, what has happened, and who was changed."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import streamlit as st

from pages.parts import access, compute, drafts, state
from pages.parts.read_file import read_file
from pages.parts.tables import download
from sim.decide.assess import actuals, groups
from sim.decide.assess.actuals import Actuals
from sim.decide.assess.figures import COLUMNS, NET
from sim.decide.assess.promise import promised, year_of
from sim.engine.outcome import Outcome
from sim.plan.schema import Plan

_ACTUALS, GROUPS = "assess.actuals", "assess.groups"
EXAMPLE_TRIALS = 64


def ask_plan(now: state.Scenario) -> Plan:
    """The plan that the year runs under: its promise is what the year is held against."""
    chosen = st.segmented_control(
        "The year runs under",
        [state.IN_FORCE, state.CANDIDATE],
        default=state.IN_FORCE,
        required=True,
        key="assess_plan",
        help="What happened is held against the simulation of this plan.",
    )
    return now.current if chosen == state.IN_FORCE else now.candidate


def another_year(now: state.Scenario, plan: Plan) -> Outcome:
    """Years of the same model with other luck. Raises InputError as `compute.run_plan`."""
    return compute.run_plan(replace(now, seed=now.seed ^ 1, trials=EXAMPLE_TRIALS), plan)


def known_year(now: state.Scenario, plan: Plan) -> tuple[Actuals, bool]:
    """What has happened, as far as it is to be counted, and whether it is only an example."""
    held = _held(now)
    year = held or year_of(promised(another_year(now, plan)), 0)
    most = min(year.n_months, now.months)
    row = st.container(horizontal=True, vertical_alignment="bottom")
    if most > 1:
        first = most if held else max(most // 2, 1)
        months = row.slider(
            "Months that have happened",
            1,
            most,
            first,
            key=f"assess_months_{most}_{held is not None}",
            help="Earlier months show what could have been known then.",
            width=260,
        )
    else:
        months = 1
    _bring(row, now, held)
    empty = actuals.template(now.months)
    download("Template", empty, "actuals_template.csv", place=row, figures=False, help="A row for each month.")
    download("These actuals", actuals.to_table(year), "actuals.csv", place=row, figures=False, key="get_actuals")
    return actuals.until(year, min(months, most)), held is None


class Brought(NamedTuple):
    """Actuals that were loaded, and of which book: its hash, or a sample's name. values: a row for each name."""

    book: str
    names: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]


NOTHING = Brought("", (), ())


def brought() -> bool:
    """Whether this session has loaded what happened to the book on the screen."""
    return _held(state.scenario()) is not None


def _held(now: state.Scenario) -> Actuals | None:
    """The actuals that were loaded, in this session or the one before, if they are of the book on the screen."""
    if _ACTUALS not in st.session_state:
        st.session_state[_ACTUALS] = drafts.left(_ACTUALS, Brought) or NOTHING
    held: Brought = st.session_state[_ACTUALS]
    known = {figure.name for figure in COLUMNS}
    if held.book != _book(now) or not known.issuperset(held.names):
        return None
    return actuals.actuals(held.names, np.array(held.values))


def _book(now: state.Scenario) -> str:
    return now.uploaded.digest if now.uploaded else now.sample


def _bring(row: st.delta_generator.DeltaGenerator, now: state.Scenario, held: Actuals | None) -> None:
    if held is not None:
        row.button("Back to the example", key="assess_example", on_click=_keep, args=(now, NOTHING))
    if not access.may("bring"):
        return
    first = compute.book_of(now).as_of
    with row.popover("Load actuals"):
        st.caption(
            f"A row for each month from the first on: month 1 is {first:%B %Y}. Amounts are those of the whole team, "
            "losses positive. Columns that you do not have may be left out."
        )
        read = read_file(
            "Actuals as CSV, XLSX or Parquet",
            "assess_file",
            actuals.MOST_BYTES,
            lambda content, name: actuals.read_actuals(content, name, first, now.months),
        )
        if read is not None:
            st.text(f"Months: {read.n_months}, figures: {len(read.names)}.")
            st.button(
                "Use these actuals", type="primary", key="assess_use", on_click=_keep, args=(now, _brought(now, read))
            )


def _brought(now: state.Scenario, read: Actuals) -> Brought:
    rows = {name: tuple(row.tolist()) for name, row in zip(read.names, read.values, strict=True) if name != NET}
    return Brought(_book(now), tuple(rows), tuple(rows.values()))


def _keep(now: state.Scenario, held: Brought) -> None:
    st.session_state[_ACTUALS] = held
    drafts.keep(_ACTUALS, held, now.uploaded.digest if now.uploaded else None)


def ask_groups() -> pd.DataFrame | None:
    """The table of who was changed that the session has brought, if any."""
    held: pd.DataFrame | None = st.session_state.get(GROUPS)
    row = st.container(horizontal=True)
    if held is not None:
        row.button("Back to the example", key="groups_example", on_click=st.session_state.pop, args=(GROUPS, None))
    if access.may("bring"):
        with row.popover("Load two groups"):
            st.caption("\n".join(f"* **{column.name}**: {column.meaning}" for column in groups.COLUMNS))
            read = read_file("Groups as CSV, XLSX or Parquet", "groups_file", groups.MOST_BYTES, groups.read_groups)
            if read is not None:
                st.text(f"Rows: {len(read):,}, tactics: {read['tactic'].nunique()}.")
                st.button("Use these groups", type="primary", key="groups_use", on_click=_keep_groups, args=(read,))
    return held


def _keep_groups(read: pd.DataFrame) -> None:
    st.session_state[GROUPS] = read
