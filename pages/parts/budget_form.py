"""What the budget page asks for: where the budget comes from, and which lever to solve for."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts import compute
from pages.parts.state import Scenario
from pages.parts.view import view
from sim.book.schema import Book
from sim.decide.budget import basis
from sim.decide.budget.basis import Budget
from sim.decide.budget.solve import solvable
from sim.engine.outcome import Outcome
from sim.plan.schema import Plan
from sim.world.economics import ECONOMICS

_WIDTH = 220


def ask_budget(now: Scenario, current: Outcome) -> Budget:
    """The budget for compensation over the horizon. Raises InputError when nothing is left to spend."""
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    with row:
        chosen = view("Budget from", list(basis.BASES.values()), "budget_basis")
    book = compute.book_of(now)
    name = f"{book.digest[:12]}_{now.months}"
    if chosen == basis.BASES["amount"]:
        usual = basis.usual_budget(current.plan_cost)
        amount = ask_dollars(
            row,
            "Budget, $",
            usual,
            f"budget_amount_{name}",
            "For base, variable pay, on-cost and replacing leavers over the horizon. To begin with: what the plan "
            "in force stays within in four trials of five.",
            step=basis.ROUND,
        )
        return basis.from_amount(amount, usual)
    revenue = ask_revenue(row, now, current)
    if chosen == basis.BASES["share"]:
        share = row.number_input(
            "Share of revenue, %",
            0.1,
            100.0,
            100.0 * basis.CUSTOMARY_SHARE,
            0.1,
            format="%.1f",
            key="budget_share",
            persist_state="session",
            width=_WIDTH,
            help="7 % is what SaaS companies spend on customer success (SaaS Capital); confidence: medium.",
        )
        return basis.from_share(share / 100.0, revenue)
    margin = ask_margin(row)
    others = ask_dollars(
        row,
        "Other costs, $",
        round(usual_others(now, revenue), -3),
        f"budget_others_{name}",
        "Everything but this team's compensation. To begin with: cost of delivery and what the page Valuation "
        "holds for new, expanded and upsold ARR (add research and administration); without figures there, what a 20 % "
        "margin and 7 % for customer success leave.",
    )
    return basis.from_margin(margin, revenue, others)


def ask_dollars(
    row: DeltaGenerator, label: str, first: float, key: str, help: str, *, step: float = 100_000.0
) -> float:
    """An amount in whole dollars, at first ``first``; the same figure on every page that asks under this key."""
    return row.number_input(
        label,
        min_value=0.0,
        value=first,
        step=step,
        format="%.0f",
        key=key,
        persist_state="session",
        width=_WIDTH,
        help=help,
    )


def ask_revenue(row: DeltaGenerator, now: Scenario, current: Outcome) -> float:
    """Of the horizon, USD; the same figure on every page."""
    return ask_dollars(
        row,
        "Revenue, $",
        round(basis.revenue(current, compute.new_arr_of(now)), -3),
        f"budget_revenue_{compute.book_of(now).digest[:12]}_{now.months}",
        "Of the horizon. To begin with: the mean of the simulation under the plan in force, and new customers at "
        "last year's pace where there is a history.",
    )


def ask_margin(row: DeltaGenerator) -> float:
    """A fraction; the same figure on every page."""
    margin = row.number_input(
        "Profit margin, %",
        -100.0,
        95.0,
        100.0 * basis.CUSTOMARY_MARGIN,
        0.5,
        format="%.1f",
        key="budget_margin",
        persist_state="session",
        width=_WIDTH,
        help="Operating profit as a share of revenue that must remain.",
    )
    return margin / 100.0


def usual_others(now: Scenario, revenue: float) -> float:
    """All costs but the CSMs' compensation over the horizon, USD, as far as they are known."""
    return basis.other_costs(revenue, *_known_costs(now, compute.book_of(now)))


def _known_costs(now: Scenario, book: Book) -> tuple[float, dict[str, float]]:
    """Gross margin and money spent by activity, as the page Valuation holds them for this book."""
    history = compute.history_of(now)
    key = f"{book.digest[:12]}{history.digest[:12] if history else ''}"
    margin = st.session_state.get("gross_margin", 100.0 * ECONOMICS["gross_margin"].default) / 100.0
    return margin, st.session_state.get("costs", {}).get(key, {}).get("spent", {})


def ask_solve(plan: Plan) -> tuple[str, float, bool] | None:
    """Lever, limit of P(over) and whether to go; None when the plan has no lever to solve for."""
    levers = {lever.name: lever for lever in solvable(plan)}
    if not levers:
        st.info("This plan has no lever on pay to solve for: it pays a salary, or an amount per event.")
        return None
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    lever = row.selectbox(
        "Lever",
        list(levers),
        format_func=lambda name: levers[name].label,
        key="budget_lever",
        persist_state="session",
        width=280,
        help="The one setting of the candidate that may move, within the range of the what-if page.",
    )
    limit = row.number_input(
        "Chance over budget at most, %",
        1.0,
        50.0,
        10.0,
        1.0,
        format="%.0f",
        key="budget_limit",
        persist_state="session",
        width=230,
        help="The share of trials in which the budget may be broken.",
    )
    go = row.button("Solve", key="budget_go", type="primary", help="Some 20 runs of the plan on the same luck.")
    return lever, limit / 100.0, go
