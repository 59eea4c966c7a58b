"""The matrix as tables to type into, all of them taken over at once when the user says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import pandas as pd
import streamlit as st

from pages.parts import journey
from pages.parts.problems import show_problems
from pages.parts.undoable import Held
from sim.decide.coverage.cells import (
    SIMULATED,
    Unreadable,
    read_arr,
    read_names,
    read_variable_pay,
    write_names,
    write_variable_pay,
)
from sim.decide.coverage.matrix import ARR_KINDS, LONGEST_NAME, Coverage, Stage, Team
from sim.decide.coverage.reshape import Kept, reshaped
from sim.decide.coverage.table import ARR, DEPENDS, PAID, PART, ROLE, STAGE, VARIABLE, from_table, to_table
from sim.problems import InputError, Problem

LABELS = {ROLE: "Who does what", PAID: "Who is paid for it", DEPENDS: "Who depends on whom"}
SHAPE = "Stages and teams"
_HELP = {
    ROLE: "Letters: R responsible, A accountable, C consulted, I informed. RA is both.",
    PAID: "30% (of the team's variable pay), commission 2% or quota relief 2% (of the ARR of the stage).",
    DEPENDS: "Teams without which this one cannot do its part of the stage.",
}
Made = TypeVar("Made", Stage, Team)


def draw() -> None:
    """Four tables and one button."""
    held = journey.journey()
    table = to_table(held.value)
    with st.form("journey_form", border=False):
        *tabs, last = st.tabs([*LABELS.values(), SHAPE])
        for tab, part in zip(tabs, LABELS, strict=True):
            with tab:
                rows = table[PART] == part
                table.loc[rows] = _cells(table[rows], part, held)
        with last:
            stages, teams = _shape(held)
        if st.form_submit_button("Apply", type="primary", help="Takes over all four tables. Undo takes it back."):
            try:
                journey.put(_edited(table, stages, teams))
            except InputError as error:
                show_problems("Nothing was changed:", error)
            else:
                st.rerun()


def _cells(rows: pd.DataFrame, part: str, held: Held[Coverage]) -> pd.DataFrame:
    """One part of the table, as edited. Columns are numbered: names from a file are labels only."""
    st.caption(_HELP[part])
    names = [team.name for team in held.value.teams]
    numbered = [f"team {place}" for place in range(len(names))]
    shown = rows.set_axis([*rows.columns[:3], *numbered], axis=1)
    if part == DEPENDS:
        shown[numbered] = shown[numbered].map(lambda text: list(read_names(text)))
        columns = {
            key: st.column_config.MultiselectColumn(name, options=names)
            for key, name in zip(numbered, names, strict=True)
        }
    else:
        columns = {
            key: st.column_config.TextColumn(name, max_chars=40) for key, name in zip(numbered, names, strict=True)
        }
    edited = st.data_editor(
        shown,
        hide_index=True,
        width="stretch",
        key=f"journey_{part}_{held.number}",
        disabled=[STAGE],
        column_order=[STAGE, *numbered],
        column_config={STAGE: st.column_config.TextColumn("Stage", pinned=True), **columns},
    )
    if part == DEPENDS:
        edited[numbered] = edited[numbered].map(lambda chosen: write_names(tuple(chosen or ())))
    return edited.set_axis(rows.columns, axis=1)


def _shape(held: Held[Coverage]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Stages and teams, as edited; the index of a row says which of the old ones it was."""
    st.caption("Add a row below the last one, type over a name to rename it, select rows at the left to remove them.")
    left, right = st.columns(2)
    with left:
        stages = st.data_editor(
            pd.DataFrame(
                {"name": [one.name for one in held.value.stages], ARR: [one.arr for one in held.value.stages]}
            ),
            num_rows="dynamic",
            width="stretch",
            key=f"journey_stages_{held.number}",
            column_config={
                "name": st.column_config.TextColumn("Stage", max_chars=LONGEST_NAME),
                ARR: st.column_config.SelectboxColumn(
                    "Simulated as", options=list(ARR_KINDS), help="What the simulation knows of this stage."
                ),
            },
        )
    with right:
        teams = st.data_editor(
            pd.DataFrame(
                {
                    "name": [one.name for one in held.value.teams],
                    VARIABLE: [write_variable_pay(one.variable_pay, one.simulated) for one in held.value.teams],
                }
            ),
            num_rows="dynamic",
            width="stretch",
            key=f"journey_teams_{held.number}",
            column_config={
                "name": st.column_config.TextColumn("Team", max_chars=LONGEST_NAME),
                VARIABLE: st.column_config.TextColumn(
                    "Variable pay, USD a year",
                    max_chars=20,
                    help=f"Of the whole team at target. Of the CSMs of the book '{SIMULATED}'. Empty: not known.",
                ),
            },
        )
    return stages, teams


def _edited(table: pd.DataFrame, stages: pd.DataFrame, teams: pd.DataFrame) -> Coverage:
    """Raises InputError with all that is wrong in any of the tables."""
    held = journey.journey().value
    problems: list[Problem] = []

    def stage(name: str, arr: str) -> Stage:
        return Stage(name, read_arr(arr))

    def team(name: str, pay: str) -> Team:
        return Team(name, *read_variable_pay(pay))

    new_stages = list(_rows(stages, len(held.stages), stage, problems))
    new_teams = list(_rows(teams, len(held.teams), team, problems))
    try:
        held = from_table(table)
    except InputError as error:
        problems += error.problems
    try:
        made = reshaped(held, new_stages, new_teams)
    except InputError as error:
        raise InputError(dict.fromkeys([*problems, *error.problems])) from None
    if problems:
        raise InputError(problems)
    return made


def _rows(
    table: pd.DataFrame, known: int, make: Callable[[str, str], Made], problems: list[Problem]
) -> Iterator[tuple[Kept, Made]]:
    """Each row with which of the old ones it was; rows that were added and left empty count for nothing."""
    texts = table.fillna("").astype(str)
    for number, (old, name, value) in enumerate(texts.itertuples(name=None), start=1):
        if not (name.strip() or value.strip()):
            continue
        try:
            yield (old if isinstance(old, int) and old < known else None), make(name.strip(), value)
        except Unreadable as error:
            problems.append(Problem(f"{name.strip() or f'row {number}'}, {table.columns[1]}", value, str(error)))
