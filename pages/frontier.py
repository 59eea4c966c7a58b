"""Frontier: plans that no other beats on cost in a bad year, ARR kept and fairness, in the space that is allowed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from pages.parts import address, compute, frontier_charts, job, state
from pages.parts.frontier_form import Wishes, ask, wishes_held
from pages.parts.literal import literal
from pages.parts.pair import both_or_stop
from pages.parts.problems import show_problems
from pages.parts.tables import download, hundredfold, rate, signed_dollars, whole
from sim.decide.frontier import tables
from sim.decide.frontier.explore import SCREENED_ON, explore
from sim.decide.frontier.figures import Glimpse, usual_limit
from sim.decide.frontier.finalists import Frontier, Offer
from sim.plan.read import plan_to_toml
from sim.problems import InputError
from sim.runs.cluster import executor_at
from sim.runs.setting import Setting
from sim.words import money, percent

JOB = "frontier"
ABREAST = 3
PROMISED = "Change from the plan in force, on the luck that chose it."
HOW = f"""
* **Cost in a bad year**: the plan cost that one trial in ten exceeds (P90). **Retained ARR**: expected.
* **Pay gap by book**: everybody gets average skill and keeps the own book; by so much the expected pay of two CSMs,
  picked at random, then differs, in percent of the mean pay (twice the Gini coefficient). What is left is what the
  books decide, not the person. Salaries alone give 0 %.
* **The search** (NSGA-II) tries plans a generation of 50 at a time, each on {SCREENED_ON} trials with the same luck for
  all. The best of them run on all trials, also with single levers put back to where they were: a lever that earns
  nothing does not stay moved.
* **Checked on fresh luck**: who comes first among thousands owes part of it to luck. The plans offered run again on
  luck that had no say in the choice; all figures shown are from there, and what had been promised stands beside them.
* **No other plan beats** a plan offered: none of those run on the same luck, the plan in force included, is at least as
  good in all three figures and better in one.
"""


def _start(setting: Setting, wishes: Wishes) -> None:
    try:
        space = wishes.space()
    except InputError as error:
        show_problems("No search was started:", error)
        return

    address = state.cluster()

    def work(report: job.Report) -> Frontier:
        with executor_at(address) as executor:
            return explore(executor, setting, space, wishes.limit, wishes.plans, report)

    job.start(JOB, setting.key, work)


def _draw(found: Glimpse | Frontier) -> None:
    if isinstance(found, Glimpse):
        _glimpse(found)
    else:
        _frontier(found)


def _glimpse(found: Glimpse) -> None:
    dots = tables.cloud(found, wishes_held().limit)
    leaders = int((dots["part"] == "leader").sum())
    today = pd.DataFrame({"cost": [0.0], "arr": [0.0], "gap": [found.now.pay_gap], "part": ["today"]})
    today = today.assign(label=tables.TODAY, name=tables.TODAY)
    _pictures(pd.concat([dots, today]), f"{found.tries:,} plans tried, {leaders} that no other beats so far")


def _pictures(points: pd.DataFrame, title: str) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        frontier_charts.arr_against_cost(points, title)
    with right:
        frontier_charts.gap_against_cost(points, "The same plans by fairness: lower is fairer")


def _frontier(found: Frontier) -> None:
    st.markdown(f"#### {_together(tables.finding(found))}.")
    if found.offers:
        points = pd.concat([tables.cloud(found.screened, found.limit), tables.offer_points(found)])
        _pictures(points, "Numbered: plans to choose from; dots: plans screened, orange if none beat them")
        _offers(found)
        st.markdown(f"**{_together(tables.luck_in_words(found))}.**")
        _table(found)


def _offers(found: Frontier) -> None:
    numbered = list(enumerate(found.offers, start=1))
    for first in range(0, len(numbered), ABREAST):  # row by row: on a phone they then stand in their order
        columns = st.columns(ABREAST, gap="medium")
        for column, (number, offer) in zip(columns, numbered[first : first + ABREAST], strict=False):
            with column, st.container(border=True):
                _offer(number, offer, found)


def _offer(number: int, offer: Offer, found: Frontier) -> None:
    now = found.fresh
    st.markdown(f"**{number}. {_together(offer.plan.name)}**")
    cost = offer.fresh.cost_p90 - now.cost_p90
    spread = f"90 % of trials: {money(offer.retained.p5, signed=True)} to {money(offer.retained.p95, signed=True)}"
    lines = (
        f"Cost in a bad year {money(offer.fresh.cost_p90)} ({money(cost, signed=True)})",
        f"Retained ARR {money(offer.retained.mean, signed=True)} ({spread})",
        f"Pay gap by book {percent(offer.fresh.pay_gap)} (today {percent(now.pay_gap)})",
        f"Over budget in {percent(offer.fresh.over)} of trials",
    )
    st.markdown("  \n".join(_together(line) for line in lines))
    row = st.container(horizontal=True)
    if row.button("Open in What if", key=f"frontier_try_{number}", help="Becomes the candidate; Undo takes it back."):
        state.load(offer.plan)
        address.go(Path(__file__).parent / "what_if.py")
    row.download_button(
        "Plan file",
        data=lambda: plan_to_toml(offer.plan),
        file_name=f"frontier_{number}.toml",
        mime="application/toml",
        on_click="ignore",
        key=f"frontier_file_{number}",
        help="The plan as a TOML file, which the command line and the what-if page read.",
    )


def _together(text: str) -> str:
    """The text as it is, a figure and its sign on one line."""
    return literal(text).replace(" \\%", "\u00a0\\%")


def _table(found: Frontier) -> None:
    table = tables.offer_table(found)
    st.dataframe(
        hundredfold(table, "pay_gap", "pay_gap_promised", "over", "over_promised"),
        hide_index=True,
        width="stretch",
        column_order=[
            "number",
            "plan",
            "retained_promised",
            "retained_change",
            "cost_p90_promised",
            "cost_p90_change",
            "pay_gap_promised",
            "pay_gap",
            "over_promised",
            "over",
        ],
        column_config={
            "number": whole("No.", pinned=True, width=50, help="As in the pictures; 0 is the plan in force."),
            "plan": st.column_config.TextColumn("Plan", width="medium"),
            "retained_promised": signed_dollars("ARR promised", help=PROMISED),
            "retained_change": signed_dollars("ARR fresh", help="The same on luck that had no say."),
            "cost_p90_promised": signed_dollars("P90 promised", help=PROMISED),
            "cost_p90_change": signed_dollars("P90 fresh", help="The same on luck that had no say."),
            "pay_gap_promised": rate("Gap promised", help="Pay gap by book, on the luck that chose it."),
            "pay_gap": rate("Gap fresh", help="The same on luck that had no say."),
            "over_promised": rate("Over promised", help="Chance over budget, on the luck that chose it."),
            "over": rate("Over fresh", help="The same on luck that had no say."),
        },
    )
    download("Download the plans", table, "frontier.csv")


now = state.scenario()
st.markdown("### Frontier")
st.caption(
    "Plans that no other plan beats on cost in a bad year, ARR kept and fairness, within your budget and rules. "
    "Pick one and look closer in What if."
)
if reason := state.only_looks():
    st.info(reason)
    st.stop()
_, current = both_or_stop(now)
setting = compute.setting_of(now)
wishes = ask(now, usual_limit(current.plan_cost))
if wishes is not None:
    _start(setting, wishes)
search = job.find(JOB)
if search is None:
    st.info("Nothing was searched yet. The levers that may move start with the customary ones and ranges.")
elif search.key != setting.key:
    st.warning("The book, the plan in force or the assumptions have changed since this search: search again.")
job.show(JOB, "Searching", _draw)
with st.expander("How plans are found and checked"):
    st.markdown(HOW)
