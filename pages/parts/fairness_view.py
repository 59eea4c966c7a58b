"""Who can earn what, how unequal pay is, and what it hangs on."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages.parts import conduct_charts, target_charts
from pages.parts.charts import finding
from pages.parts.state import Scenario
from sim.book.schema import Book
from sim.decide.conduct import fairness as fair
from sim.decide.conduct.fairness import Fairness
from sim.decide.conduct.merit import merit_finding, merit_table
from sim.decide.picture import CANDIDATE, CURRENT
from sim.decide.targets.pay_shares import share_bars
from sim.engine.outcome import Outcome
from sim.engine.run import Stage
from sim.plan.schema import Plan
from sim.runs.setting import key_of
from sim.words import percent, points

HOW = """
* **Chance to hit quota**: share of trials in which a CSM attains the whole quota over the horizon, components weighted
  as in the plan.
* **Performance** is the ARR that a CSM's accounts kept and added, less what the forecast expects of that very book: a
  hard book is no bad performance. CSM-years are sorted by it and cut into tenths.
* **Why pay differs**: payout (variable pay as a share of target) between CSMs, split by the law of total variance.
  *Book* is what remains when skill is average and everybody's customers get the same effort, averaged over luck;
  *luck* is what changes around it; *skill and effort* is the rest, *interaction* how far it goes with the other two.
* **Gini**: 0 when all are paid the same, near 1 when one has it all; dollars of variable pay, so that part of it is
  nothing but the difference between target pays.
"""


@st.cache_resource(max_entries=16, show_spinner="Giving everybody's customers the same effort...")
def _fairness(key: str, _stage: Stage, _plan: Plan, _outcome: Outcome) -> Fairness:
    return fair.fairness(_stage, _plan, _outcome)


def draw(now: Scenario, book: Book, stage: Stage, key: str, candidate: Outcome, current: Outcome) -> None:
    by_plan = {
        name: _fairness(key_of(key, plan.model_dump_json()), stage, plan, outcome)
        for name, plan, outcome in ((CANDIDATE, now.candidate, candidate), (CURRENT, now.current, current))
    }
    then, before = by_plan.values()
    row = st.container(horizontal=True, gap="medium")
    for label, a, b, help in (
        ("Gini of variable pay", then.gini, before.gini, "0: all are paid the same; near 1: one has it all."),
        ("No payout", then.none, before.none, "Share of CSM-years without any variable pay."),
        (
            "Pay follows performance",
            then.merit.correlation,
            before.merit.correlation,
            "Rank correlation of payout with performance: 1 = the order of pay is that of performance, 0 = unrelated.",
        ),
    ):
        share = label == "No payout"
        known = np.isfinite(a)
        change = (points(a - b) if share else f"{a - b:+.2f}") if known and np.isfinite(b) else ""
        row.metric(
            label,
            (percent(a) if share else f"{a:.2f}") if known else "none",
            delta=None if change in ("", "+0.00", "-0.00", "+0.0 pp", "-0.0 pp") else change,
            delta_color="normal" if label.startswith("Pay") else "inverse",
            help=help,
            width=210,
        )
    left, right = st.columns(2, gap="medium")
    with left:
        dots = fair.chance_table(book.team, by_plan)
        if len(dots):
            target_charts.reach(dots, fair.chance_finding(then, before), height=190)
        else:
            finding(fair.chance_finding(then, before))
            st.info("Neither plan pays on a quota: there is none to hit.")
        if np.isfinite(then.shares.book) or np.isfinite(before.shares.book):
            bars = share_bars((name, found.shares) for name, found in by_plan.items() if np.isfinite(found.shares.book))
            target_charts.shares(bars, fair.share_finding(then, before), height=230)
    with right:
        if min(candidate.csm_target.min(), current.csm_target.min()) <= 0.0:
            finding(merit_finding(then.merit, before.merit))
            st.info("Payouts can only be compared where both plans set a target for variable pay.")
        else:
            table = merit_table({name: found.merit for name, found in by_plan.items()})
            conduct_charts.merit(table, merit_finding(then.merit, before.merit), height=400)
    with st.expander("How this is measured"):
        st.markdown(HOW)
