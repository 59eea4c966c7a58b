"""One CSM: what a person would earn under each plan, a payout worked out line by line, and pacing through the year."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from pages.parts import compute, pacing_view, payout_view, person_charts, state
from pages.parts.literal import literal
from pages.parts.problems import show_problems
from pages.parts.state import Scenario
from pages.parts.tables import dollars, download, hundredfold, rate
from pages.parts.view import view
from sim.book.schema import Book
from sim.decide.person.earnings import Earnings, earnings
from sim.decide.picture import CANDIDATE, CURRENT
from sim.engine.outcome import Outcome
from sim.engine.run import Stage
from sim.plan.schema import Plan
from sim.problems import InputError
from sim.words import money

PAYOUT, PACING = "A payout, line by line", "Pacing"


def _plans(now: Scenario) -> dict[str, Plan]:
    """Every plan that this person could be paid under, by name."""
    listed = {plan.name: plan for plan in now.plans}
    return {CURRENT: now.current, CANDIDATE: now.candidate} | listed


def _outcomes(now: Scenario, plans: dict[str, Plan]) -> dict[str, Outcome]:
    """Of the plans that fit the book; those that do not are named on the page."""
    found = {}
    for name, plan in plans.items():
        try:
            found[name] = compute.run_plan(now, plan)
        except InputError as error:
            show_problems(f"{literal(name)} cannot be run on this book:", error)
    return found


def _earnings(name: str, outcomes: dict[str, Outcome], csm: int) -> dict[str, Earnings]:
    earned = {plan: earnings(outcome, csm) for plan, outcome in outcomes.items()}
    table = pd.DataFrame([{"plan": plan, **own._asdict()} for plan, own in earned.items()])
    known = table.dropna(subset=["p50"]).assign(
        kind=lambda rows: [plan if plan in (CANDIDATE, CURRENT) else "listed" for plan in rows["plan"]]
    )
    left, right = st.columns([2, 3], gap="medium")
    with left:
        if len(known):
            person_charts.ranges(known, _finding(earned))
        else:
            st.info("In no trial does this person stay to the end of the horizon.")
    with right:
        st.dataframe(
            hundredfold(table.drop(columns="mean"), "none", "stays"),
            hide_index=True,
            width="stretch",
            column_config={
                "plan": st.column_config.TextColumn("Plan", pinned=True),
                "base": dollars("Base"),
                "target": dollars("Target variable"),
                "p10": dollars("P10", help="Variable pay that 10 % of trials stay below."),
                "p50": dollars("P50", help="The median of variable pay."),
                "p90": dollars("P90", help="Variable pay that 10 % of trials exceed."),
                "none": rate("No payout", help="Share of trials without any variable pay."),
                "stays": rate(
                    "Stays", help="Share of trials in which this person is there to the end; pay is of these."
                ),
            },
        )
        download("Download as CSV", table, "one_csm.csv", help="Pay over the horizon, USD.")
    return earned


def _finding(earned: dict[str, Earnings]) -> str:
    then, now = earned.get(CANDIDATE), earned.get(CURRENT)
    if then is None or now is None or not (np.isfinite(then.p50) and np.isfinite(now.p50)):
        return "Variable pay, P10 to P90"
    change = then.base + then.p50 - now.base - now.p50
    if abs(change) < 0.5:
        return "A typical year pays the same under both plans"
    total = f"A typical year pays {money(abs(change))} {'more' if change > 0 else 'less'} in all under the candidate"
    base, variable = then.base - now.base, then.p50 - now.p50
    if min(abs(base), abs(variable)) < 0.5:
        return total
    return f"{total}: base {money(base, signed=True)}, variable {money(variable, signed=True)}"


def _page(now: Scenario, book: Book, stage: Stage) -> None:
    team = book.team
    left, right = st.columns(2, gap="medium")
    csm = left.selectbox(
        "Person",
        range(len(team)),
        format_func=lambda c: f"{team.csm_name[c]} ({team.csm_id[c]})",
        key="person",
        help="As in the team file.",
    )
    plans = _plans(now)
    outcomes = _outcomes(now, plans)
    if csm is None or not outcomes:
        return
    earned = _earnings(team.csm_name[csm], outcomes, csm)
    of = right.selectbox("Plan to work out", list(outcomes), key="person_plan", help="For the payout and the pacing.")
    if of is None:
        return
    if view("What to work out", (PAYOUT, PACING), "person_view") == PAYOUT:
        payout_view.draw(stage, plans[of], outcomes[of], csm, earned[of])
    else:
        pacing_view.draw(stage, plans[of], csm)


st.markdown("### One CSM")
now = state.scenario()
book = compute.book_of(now)
try:
    _, stage = compute.stage_of(now)
except InputError as error:
    show_problems("The plan in force cannot be run on this book. Choose another one in the sidebar:", error)
else:
    _page(now, book, stage)
