"""What a search for plans may do: the form of the frontier page."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from pages.parts import state
from sim.decide.frontier import tables
from sim.decide.frontier.explore import PLANS
from sim.decide.frontier.figures import Limit
from sim.decide.frontier.space import POLICIES, Space, make_space, usual
from sim.plan.schema import Plan
from sim.runs.setting import key_of

SIZES = (200, 500, 1_000, PLANS, 5_000)
IN_FORCE, CANDIDATE = "Plan in force", "Candidate"
_HELD = "frontier_wishes"


@dataclass(frozen=True, eq=False)
class Wishes:
    """What was asked for last; the form shows it again when the page is opened again. base: the plan that moves."""

    base: Plan
    start: str
    table: pd.DataFrame
    policies: tuple[str, ...]
    limit: Limit
    plans: int

    def space(self) -> Space:
        """Raises InputError with everything that is wrong with the ranges and policies."""
        return make_space(self.base, tables.moves_of(self.base, self.table), self.policies)


def wishes_held() -> Wishes:
    """Those of the last search."""
    held: Wishes = st.session_state[_HELD]
    return held


def ask(now: state.Scenario, cost_now: Limit) -> Wishes | None:
    """The form. Wishes when it was sent just now."""
    held: Wishes | None = st.session_state.get(_HELD)
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    starts = [IN_FORCE, CANDIDATE]
    start = row.selectbox(
        "Levers that stay are those of",
        starts,
        index=starts.index(held.start) if held else 0,
        key="frontier_start",
        width=230,
        help="Every plan tried is this one with some levers moved.",
    )
    base = now.current if start == IN_FORCE else now.candidate
    kept = held is not None and held.start == start and set(held.table["name"]) == set(_usual_table(base)["name"])
    with st.form("frontier_form", border=False):
        policies = st.pills(
            "Policies that every plan keeps",
            [policy.name for policy in POLICIES],
            selection_mode="multi",
            default=list(held.policies) if held else [],
            format_func=lambda name: next(policy.label for policy in POLICIES if policy.name == name),
            help="  \n".join(f"**{policy.label}**: {policy.help}" for policy in POLICIES),
        )
        with st.expander("Levers that may move, and how far"):
            table = _levers(held.table if held is not None and kept else _usual_table(base))
        columns = st.columns([3, 3, 4, 2], gap="medium", vertical_alignment="bottom")
        budget = columns[0].number_input(
            f"Budget over {now.months} months, $",
            min_value=1.0,
            value=held.limit.budget if held else cost_now.budget,
            step=10_000.0,
            format="%.0f",
            help="Plan cost: base, variable, on-cost and replacing leavers. At first 5 % above what the plan in force "
            "costs in a bad year.",
        )
        over = columns[1].slider(
            "Chance over budget at most, %",
            0,
            50,
            round(100 * (held.limit if held else cost_now).most_over),
            help="Share of trials in which a plan may cost more than the budget.",
        )
        plans = columns[2].select_slider(
            "Plans to try",
            SIZES,
            held.plans if held else PLANS,
            help="2,000 take up to a minute on two cores with 500 accounts.",
        )
        sent = columns[3].form_submit_button("Search", type="primary", width="stretch")
    if not sent:
        return None
    wishes = Wishes(base, start, table, tuple(policies), Limit(float(budget), over / 100.0), int(plans))
    st.session_state[_HELD] = wishes
    return wishes


def _usual_table(base: Plan) -> pd.DataFrame:
    return tables.move_table(base, usual(base))


def _levers(table: pd.DataFrame) -> pd.DataFrame:
    edited = st.data_editor(
        table,
        hide_index=True,
        width="stretch",
        height=36 * (len(table) + 1) + 2,
        disabled=["lever", "unit", "now", "values"],
        column_order=["moves", "lever", "low", "high", "unit", "now", "values"],
        column_config={
            "moves": st.column_config.CheckboxColumn("Moves", help="Unticked levers stay where they are.", width=70),
            "lever": st.column_config.TextColumn("Lever", pinned=True),
            "low": st.column_config.NumberColumn("From", format="%g", help="The same in From and To fixes the lever."),
            "high": st.column_config.NumberColumn("To", format="%g"),
            "unit": st.column_config.TextColumn("Unit", width=70),
            "now": st.column_config.TextColumn("Stands at"),
            "values": st.column_config.TextColumn("Takes", help="Values of switches and choices; policies bind them."),
        },
        key=f"frontier_levers_{key_of(*table.astype(str).to_numpy().ravel())[:12]}",
    )
    return pd.DataFrame(edited)
