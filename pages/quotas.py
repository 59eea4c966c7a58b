"""Quotas: targets that fit each book beside flat ones, who can reach them, and what fitting costs."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pages.parts import compute, state, target_charts
from pages.parts.problems import show_problems
from pages.parts.tables import download
from sim.decide.targets import quotas
from sim.decide.targets.quotas import Study
from sim.engine.run import Stage
from sim.plan.schema import BOOKING_MEASURES, KPI_MEASURES, RETENTION_MEASURES, Component, Plan
from sim.problems import InputError
from sim.words import money

HOW = """
* **Flat**: one target for everybody, what the team is expected to reach (or the plan's fixed target).
* **Adjusted to risk**: the retention expected of the CSM's own accounts. **Aligned with white space**: the bookings
  expected of them. Both keep the plan's ambition: the same stretch over what is expected.
* **Chance to reach quota at equal skill**: an average colleague on the same accounts, on the same luck. Renewal
  probabilities already hold what today's owner does, so the colleague is measured against that.
* **Why pay differs**: payout (variable pay as a share of target) between CSMs, split by the law of total variance.
  *Book* is what remains when skill is average and everybody's customers get the same effort, averaged over luck;
  *luck* is what changes around it from trial to trial; *skill and effort* is the rest, and *interaction* says how far
  it goes with the other two. They add up to 100 %.
* Quotas that fit the book use probabilities that a good CSM has already improved: measure ambition, not past success.
"""


@st.cache_resource(max_entries=8, show_spinner="Putting average colleagues in charge of each book...")
def _study(key: str, _stage: Stage, _plan: Plan) -> Study:
    return quotas.study(_stage, _plan)


def _changes(study: Study) -> None:
    """What each other way would do, against today's quotas."""
    for number, option in enumerate(study.options):
        if option.today:
            continue
        cost, kept = study.changes[number]["plan_cost"], study.changes[number]["retained_arr"]
        st.markdown(f"**{option.name}**, against today's quotas")
        row = st.container(horizontal=True, gap="medium")
        for label, figure, help in (
            ("Plan cost", cost, "Base, variable, on-cost and replacing leavers."),
            ("Retained ARR", kept, "Opening ARR less churn, contraction and price erosion."),
        ):
            row.metric(
                label,
                f"{money(figure.mean, signed=True)} ± {money(figure.standard_error)}".replace("$", "\\$"),
                help=f"{help} Mean paired difference and its standard error.",
                width=230,
            )
        row.button(
            "Try as candidate",
            key=f"try_{number}",
            on_click=state.load,
            args=(option.plan,),
            help="Puts the plan with these quotas into the levers of the what-if page. Undo there takes it back.",
        )


def _format(component: Component) -> tuple[str, float]:
    """Column format of a quota, and what it is multiplied with."""
    if component.measure in BOOKING_MEASURES:
        return "$%,d", 1.0
    if component.measure in (*RETENTION_MEASURES, *KPI_MEASURES) and component.measure != "nps":
        return "%.1f %%", 100.0
    return "%.1f", 1.0


def _table(study: Study, component: Component) -> None:
    own = study.table[study.table["component"] == component.name]
    shape, scale = _format(component)
    shown: dict[str, object] = {"csm_id": own["csm_id"], "csm_name": own["csm_name"]}
    columns: dict[str, Any] = {"csm_id": st.column_config.TextColumn("CSM", pinned=True), "csm_name": "Name"}
    for number, option in enumerate(study.options):
        quota, chance = f"quota_{number}", f"reach_{number}"
        shown |= {quota: scale * own[quota], chance: 100.0 * own[chance]}
        columns[quota] = st.column_config.NumberColumn(option.label, format=shape, help="Target of the CSM, a year.")
        columns[chance] = st.column_config.ProgressColumn(
            "Chance", format="%.0f %%", min_value=0.0, max_value=100.0, help="Chance at equal skill."
        )
    st.dataframe(pd.DataFrame(shown), hide_index=True, width="stretch", height=420, column_config=columns)


now = state.scenario()
st.markdown("### Quotas that fit the book")
try:
    key, stage = compute.stage_of(now)
    found = _study(key, stage, now.current)
except InputError as error:
    show_problems("The plan in force cannot be run on this book. Choose another one in the sidebar:", error)
    st.stop()
names = quotas.targeted(now.current)
if not names:
    st.info("The plan in force sets no quotas: it pays a salary, or an amount per event.")
    st.stop()
for refused in found.refused:
    show_problems("One way to fit the quotas cannot be used on this book:", refused)

st.caption("Quotas of the plan in force, and others as ambitious. Chances are those of an average CSM on each book.")
chosen = st.selectbox(
    "Component", names, key="quota_of", width=320, help="Names of the plan file; SPIFs have no quota."
)
component = next(part for part in now.current.components if part.name == chosen)
left, right = st.columns(2, gap="medium")
height = 110 + 46 * len(found.options)
with left:
    target_charts.reach(quotas.reach_table(found, component.name), quotas.finding(found, component.name), height=height)
with right:
    target_charts.shares(quotas.share_table(found), quotas.share_finding(found), height=height + 40)
    if np.isfinite(found.shares[found.today].book):
        lines = [
            quotas.share_sentence(option, shares) for option, shares in zip(found.options, found.shares, strict=True)
        ]
        st.caption("  \n".join(lines))
_changes(found)
_table(found, component)
download(
    "Download as CSV",
    partial(quotas.download, found),
    "quotas.csv",
    help="All components, all ways to set the quotas.",
)
with st.expander("How this is measured"):
    st.markdown(HOW)
