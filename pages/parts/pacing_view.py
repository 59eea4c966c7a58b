"""Where a CSM stands in the middle of a period, and what it is worth to go on."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.parts import person_charts
from pages.parts.literal import literal
from pages.parts.measure_input import ask_standing
from pages.parts.tables import dollars, hundredfold, rate
from pages.parts.view import view
from sim.decide.person.measures import NAMES
from sim.decide.person.pace_words import pacing_sentence, small_money, window
from sim.decide.person.pacing import Pacing, pacing, pay_ahead
from sim.decide.person.standing import asked, on_course, span
from sim.engine.compile import Terms
from sim.engine.forecast import TASKS
from sim.engine.run import Stage, terms_of
from sim.plan.schema import BOOKING_MEASURES, EVENT_MEASURES, Measure, Plan
from sim.words import money

POINTS = 41


def draw(stage: Stage, plan: Plan, csm: int) -> None:
    """The user sets month and results so far; the rest follows from the engine's own closed forms."""
    measures = asked(plan)
    if not measures:
        st.info("This plan pays a salary and nothing else: nothing paces.")
        return
    terms = terms_of(stage, plan)
    n_months = stage.portfolio.n_months
    month = 0
    if n_months > 1:
        month = int(
            st.slider(
                "Months that are over",
                0,
                n_months - 1,
                min(7, n_months - 1),
                key="pace_month",
                width=420,
                help="The results below are those of the pay period in progress, up to the end of this month.",
            )
        )
    opens = int(terms.opens[csm, month])
    standing: dict[Measure, float] = {}
    if month == opens:
        st.caption("A period has just begun: nothing has happened in it yet.")
        standing = {measure: on_course(measure, stage, csm, opens, month) for measure in measures}
    else:
        st.caption(f"Results of months {opens + 1} to {month}; at first what was expected of this book.")
        row = st.container(horizontal=True, gap="medium")
        book = stage.portfolio.book.digest
        for measure in measures:
            with row.container(width=230):
                usual = on_course(measure, stage, csm, opens, month)
                standing[measure] = ask_standing(measure, usual, f"pace_{measure}_{csm}_{opens}_{month}_{book[:8]}")
    found = pacing(stage, plan, terms, csm, month, standing)
    st.markdown(f"#### {literal(pacing_sentence(found))}".replace(" \\%", "\u00a0%"))
    left, right = st.columns(2, gap="medium")
    with left:
        _components(found)
        _effort(found)
    with right:
        if month > opens:
            _curve(stage, plan, terms, csm, month, standing, found)


def _components(found: Pacing) -> None:
    table = pd.DataFrame(
        {
            "name": [pace.name for pace in found.components],
            "so_far": [pace.attained for pace in found.components],
            "ahead": [pace.mean for pace in found.components],
            "give": [pace.sd for pace in found.components],
            "chance": [pace.chance for pace in found.components],
            "gate": [pace.opens for pace in found.components],
            "pay": [pace.pay for pace in found.components],
            "target": [pace.target for pace in found.components],
        }
    )
    if all(pace.opens == 1.0 for pace in found.components):
        table = table.drop(columns="gate")
    st.dataframe(
        hundredfold(table, *(name for name in ("so_far", "ahead", "give", "chance", "gate") if name in table)),
        hide_index=True,
        width="stretch",
        column_config={
            "name": st.column_config.TextColumn("Component", pinned=True),
            "so_far": rate("So far", help="Of the period's quota."),
            "ahead": rate("Expected", help="Attainment expected at the period's end."),
            "give": rate("Give or take", help="Standard deviation of that attainment."),
            "chance": rate("Hits quota", help="Chance to reach quota in this period."),
            "gate": rate("Gate", help="Chance that the gate is passed."),
            "pay": dollars("Expected pay"),
            "target": dollars("Target"),
        },
    )


def _effort(found: Pacing) -> None:
    made = [f"{task} {effort:.2f}" for task, effort in zip(TASKS, found.effort, strict=True) if effort >= 0.005]
    st.caption(
        f"Pay is for {window(found)} as a whole, whatever earlier paydays have paid of it. Effort that this standing "
        f"buys, 1 = the reference plan's: {', '.join(made) or 'none'}."
    )
    worth = {unit: value for unit, value in found.worth.items() if value >= 5e-4}
    if worth:
        row = st.container(horizontal=True, gap="medium")
        for unit, value in worth.items():
            row.metric(f"One more {unit}", literal(small_money(value)), width=200, help="Expected pay for it, now.")


def _curve(
    stage: Stage, plan: Plan, terms: Terms, csm: int, month: int, standing: dict[Measure, float], found: Pacing
) -> None:
    measures = asked(plan)
    measure = measures[0]
    if len(measures) > 1:
        names = {NAMES[each]: each for each in measures}
        measure = names[view("Result", list(names), "pace_of")]
    at = span(measure, stage, csm, found.opens, month, standing[measure], POINTS)
    pay = pay_ahead(stage, plan, terms, csm, month, [{**standing, measure: float(value)} for value in at])
    scale = 1.0 if measure in (*BOOKING_MEASURES, *EVENT_MEASURES, "nps") else 100.0
    data = pd.DataFrame(
        {
            "at": [*(scale * at), scale * standing[measure]],
            "pay": [*pay, found.pay],
            "part": ["pay"] * len(at) + ["now"],
        }
    )
    title = f"Expected pay is {money(float(pay.min()))} to {money(float(pay.max()))}, by {NAMES[measure]} so far"
    across = f"{NAMES[measure]} so far{'' if scale == 1.0 else ', %'}"
    person_charts.pace(data, title, across, of_money=measure in BOOKING_MEASURES, height=300)
