"""What the page on dollars across teams asks for: the budget, limits, and teams outside the simulation; with undo."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts import undoable
from pages.parts.budget_form import ask_dollars, ask_margin, ask_revenue, usual_others
from pages.parts.problems import show_problems
from pages.parts.state import Scenario
from pages.parts.undoable import Held
from pages.parts.view import view
from sim.decide.allocation.entered import Bounds, Row, Wishes, read_wishes, rows_of
from sim.decide.allocation.returns import Worth
from sim.decide.allocation.topdown import Split, from_incentive, from_total
from sim.decide.budget import basis
from sim.engine.outcome import Outcome
from sim.problems import InputError

_KEY = "allocation"
AS_TODAY, AMOUNT, MARGIN = "Today's dollars", "Dollars", "Profit margin"
_WIDTH = 220
_BOUND = "USD a year, like 120,000, or a share of the team's on-target earnings, like 15%. Empty: none."
_COLUMNS = {
    "name": st.column_config.TextColumn("Team", max_chars=60, pinned=True),
    "heads": st.column_config.TextColumn("People", max_chars=10),
    "ote": st.column_config.TextColumn("OTE, $", max_chars=20, help="On-target earnings of the whole team, a year."),
    "today": st.column_config.TextColumn(
        "Incentives today, $", max_chars=20, help="Of the whole team, a year; part of its OTE."
    ),
    "next_dollar": st.column_config.TextColumn(
        "ARR of the next dollar, $",
        max_chars=10,
        help="An assumption: the ARR a year that one more incentive dollar keeps or adds at today's dollars. It halves "
        "with each further today's dollars. Empty: nothing is assumed, and the team stays where it is.",
    ),
    "floor": st.column_config.TextColumn("Floor", max_chars=20, help=f"At least so much. {_BOUND}"),
    "cap": st.column_config.TextColumn("Cap", max_chars=20, help=f"At most so much. {_BOUND}"),
}


def _first(now: Scenario) -> Wishes:
    """The example of teams outside is as invented as the sample books: a book of one's own starts without."""
    return Wishes() if now.uploaded is None else Wishes(outside=())


def _held(now: Scenario) -> Held[Wishes]:
    return undoable.held(_KEY, _first(now))


def wishes_of(now: Scenario) -> Wishes:
    """This session's."""
    return _held(now).value


def _put(now: Scenario, wishes: Wishes) -> None:
    held = _held(now)
    if wishes != held.value:
        undoable.put(_KEY, held, wishes)


# --- the budget ---------------------------------------------------------------------------------------------------


def ask_split(row: DeltaGenerator, now: Scenario, current: Outcome, within: float, today: float) -> Split:
    """Incentive dollars a year and what they are part of. within: base pay of the CSMs, as `Split`; today: incentive
    dollars of all teams now; USD a year. Raises InputError when nothing is left."""
    outside = wishes_of(now).outside
    with row:
        chosen = view("Incentive budget from", [AS_TODAY, AMOUNT, MARGIN], "allocation_basis", titled=True)
    on_cost = now.world.on_cost
    if chosen == AS_TODAY:
        return from_incentive(today, within, outside, on_cost)
    if chosen == AMOUNT:
        amount = ask_dollars(
            row,
            "Incentives, $ a year",
            round(today, -3),
            f"allocation_amount_{round(today)}",
            "Variable pay of all post-purchase teams together, without on-cost.",
            step=10_000.0,
        )
        return from_incentive(amount, within, outside, on_cost)
    revenue, margin = ask_revenue(row, now, current), ask_margin(row)
    a_year = 12.0 / current.n_months
    # What is spent on teams outside the simulation is in this budget, so it is not among the other costs.
    theirs = sum((1.0 + on_cost) * team.ote for team in outside) / a_year
    others = ask_dollars(
        row,
        "Other costs, $",
        max(round(usual_others(now, revenue) - theirs, -3), 0.0),
        f"allocation_others_{round(revenue)}_{round(theirs)}",
        "Of the horizon: everything but the compensation of all teams of this page. To begin with: what Budget "
        "fit starts from, less what the teams outside the simulation earn.",
    )
    return from_total(basis.from_margin(margin, revenue, others).amount * a_year, within, outside, on_cost)


# --- limits and teams ---------------------------------------------------------------------------------------------


def ask_wishes(now: Scenario, names: Sequence[str]) -> None:
    """The form; names: teams of the simulation. What is sent takes effect as a whole, and can be undone."""
    held = _held(now)
    wishes, number = held.value, held.number
    within, outside = rows_of(wishes, names)
    with st.form("allocation_form", border=False):
        row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
        loss = row.number_input(
            "No team loses more than, %",
            0.0,
            100.0,
            100.0 * wishes.most_loss,
            5.0,
            format="%.0f",
            key=f"allocation_loss_{number}",
            width=_WIDTH,
            help="Of today's incentive dollars. 100 is no limit.",
        )
        ratio = row.number_input(
            "A head at most, times",
            1.0,
            100.0,
            wishes.most_ratio,
            0.5,
            format="%.1f",
            key=f"allocation_ratio_{number}",
            width=_WIDTH,
            placeholder="no limit",
            help="Incentive dollars a head in any team are at most so many times those in any other. Empty: no limit.",
        )
        expansion = row.number_input(
            "An expansion dollar counts as",
            0.0,
            10.0,
            wishes.worth.expansion,
            0.1,
            format="%.2f",
            key=f"allocation_worth_{number}",
            width=_WIDTH,
            help="In retained dollars. 1 counts ARR as ARR. The practitioner rule that a retained dollar costs 1 where "
            "an expanded one costs 2 and an upsold one 4 would speak for 2 or more: what is dearer to get is worth "
            "more once it is there. No study was found for it.",
        )
        st.caption("CSMs of the book: their dollars today and their returns are simulated.")
        bounds = _edited([one._asdict() for one in within], ["name", "floor", "cap"], f"within_{number}", fixed=True)
        st.caption(
            "Teams outside the simulation: as entered. What a dollar earns there is assumed, not known."
            + (" These three are invented." if wishes.outside == Wishes().outside else "")
        )
        teams = _edited([one._asdict() for one in outside], list(_COLUMNS), f"outside_{number}", fixed=False)
        sent = st.form_submit_button("Apply", type="primary", help="Takes over limits and teams. Undo takes it back.")
    st.button("Undo", key="allocation_undo", disabled=not held.before, on_click=undoable.undo, args=(_KEY, held))
    if sent:
        try:
            typed = [Row(name, floor=row.floor, cap=row.cap) for name, row in zip(names, bounds, strict=True)]
            worth = Worth(1.0, expansion)
            _put(now, read_wishes(typed, teams, loss / 100.0, ratio, worth, _of_others(wishes, names)))
        except InputError as error:
            show_problems("Nothing was changed:", error)
        else:
            st.rerun()


def _of_others(wishes: Wishes, names: Sequence[str]) -> tuple[tuple[str, Bounds], ...]:
    """Floors and caps of teams that the book is not divided into now: they wait until it is again."""
    here = {*names, *(team.name for team in wishes.outside)}
    return tuple((name, bounds) for name, bounds in wishes.bounds if name not in here)


def _edited(rows: list[dict[str, str]], columns: list[str], key: str, *, fixed: bool) -> list[Row]:
    """The table as typed; fixed: its rows and their names stay."""
    table = st.data_editor(
        pd.DataFrame(rows, columns=list(_COLUMNS)),
        hide_index=True,
        width="stretch",
        num_rows="fixed" if fixed else "dynamic",
        disabled=["name"] if fixed else False,
        column_order=columns,
        column_config=_COLUMNS,
        key=f"allocation_{key}",
    )
    return [Row(*texts) for texts in table[list(_COLUMNS)].fillna("").astype(str).itertuples(index=False)]
