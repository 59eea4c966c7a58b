"""Luck in KPIs: how much of what varies in a bonus is noise of the measure, for whom, and what it would take."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.parts import conduct_charts
from pages.parts.charts import finding
from pages.parts.state import Scenario
from pages.parts.tables import download, hundredfold, rate, whole
from pages.parts.view import view
from sim.decide.measures import told
from sim.decide.measures.luck import DIFFERENCES, LITTLE, SHORT, Luck, luck_in
from sim.engine.run import Stage
from sim.plan.schema import Plan
from sim.runs.setting import key_of
from sim.words import percent

HEIGHT = 360
HOW = f"""
* A score is measured on so many things: answers to a survey, reviews of large accounts, new accounts. With few of them
  it scatters, and pay scatters with it. **Luck** is the share of the variance of a component's pay that is this
  scatter; the rest is that CSMs really differ.
* **Real differences** is how far their true levels lie apart, a standard deviation as a share of the level. Nobody
  measures it without noise: try another.
* **Paid short** is the chance that somebody who is truly at target is paid less than {percent(SHORT, 0)} of it.
* Longer payout periods and fewer, broader measures help; so does asking more customers.
"""


@st.cache_data(max_entries=32, show_spinner="Working out how much is luck...")
def _luck(key: str, _stage: Stage, _plan: Plan, differences: float) -> list[Luck]:
    return luck_in(_stage, _plan, differences)


def draw(now: Scenario, stage: Stage, key: str) -> None:
    percents = st.slider(
        "Real differences between CSMs, % of the level",
        2,
        40,
        round(100.0 * DIFFERENCES),
        1,
        key="kpi_differences",
        width=420,
        help="Standard deviation of true levels between CSMs. No source: the smaller, the more of the pay is luck.",
    )
    found = _luck(key_of(key, now.candidate.model_dump_json()), stage, now.candidate, percents / 100.0)
    if not found:
        finding("The candidate pays on no KPI, so that no bonus hangs on how well one is measured")
        st.info("Choose a plan with NPS, training or another KPI on What if, such as `customer_outcomes`.")
        return
    name = view("Component", [luck.component for luck in found], "luck_of")
    luck = next(luck for luck in found if luck.component == name)
    table = told.luck_table(stage.portfolio.book.team, luck)
    left, right = st.columns(2, gap="medium")
    with left:
        counted = table["sample"].notna().any() and table["luck"].notna().any()
        if counted:
            data = told.luck_picture(stage.portfolio.book.team, luck)
            conduct_charts.luck(data, told.luck_finding(luck), told.counted(luck), height=HEIGHT)
            st.caption(
                "A dot is a CSM. The line is what the middle one would have with more; dashed: " + percent(LITTLE, 0)
            )
        else:
            finding(told.luck_finding(luck))
            st.info("This score is no count: its noise is an assumption, the same for everybody, on the page Method.")
    with right:
        _table(table, luck)
    with st.expander("How this is measured"):
        st.markdown(HOW)


def _table(table: pd.DataFrame, luck: Luck) -> None:
    points = luck.measure == "nps"
    shown = hundredfold(table, "luck", "paid_short", *([] if points else ["score_sd"]))
    what = told.counted(luck)
    st.dataframe(
        shown if what else shown.drop(columns=["sample", "enough"]),
        hide_index=True,
        width="stretch",
        height=min(HEIGHT + 40, 40 + 35 * len(table)),
        column_config={
            "csm_id": st.column_config.TextColumn("CSM", pinned=True),
            "csm_name": "Name",
            "sample": st.column_config.NumberColumn("Counted", format="%.1f", help=f"A payout: {what}."),
            "score_sd": st.column_config.NumberColumn(
                "Scatter", format="%.1f" if points else "%.1f pp", help="Standard deviation of the score."
            ),
            "luck": rate("Luck", help="Of the variance of pay on this component."),
            "paid_short": rate(
                "Paid short", help=f"Chance of less than {percent(SHORT, 0)} of target, truly at target."
            ),
            "enough": whole(
                "It would take", help=f"To count, for {percent(LITTLE, 0)} of luck; empty: none is enough."
            ),
        },
    )
    download("Download as CSV", table, "luck.csv")
