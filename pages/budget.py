"""Budget fit: what may be spent, whether the plan stays within it, what breaks it, and which lever mends it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from pages.parts import budget_charts, compute, job, state
from pages.parts.budget_form import ask_budget, ask_solve
from pages.parts.charts import finding
from pages.parts.literal import literal
from pages.parts.pair import both_or_stop
from pages.parts.problems import show_problems
from pages.parts.tables import dollars, download, hundredfold, rate, signed_dollars
from sim.decide.budget import events, level
from sim.decide.budget.fit import PairedFit, cost_spread, fit_table, paired_fit, sentence
from sim.decide.budget.parts import (
    PARTS,
    month_bars,
    month_finding,
    month_table,
    part_bars,
    part_finding,
    parts_table,
)
from sim.decide.budget.solve import Solution, solution_sentence, solve
from sim.decide.picture import CANDIDATE, CURRENT
from sim.engine.outcome import Outcome
from sim.engine.run import Stage, simulate
from sim.plan.schema import Plan
from sim.problems import InputError
from sim.runs.setting import key_of
from sim.words import money, percent, points

SOLVE, STRESS = "budget_solve", "budget_stress"
HOW = """
* **Plan cost**: base, variable pay, employer's on-cost on both, and replacing leavers, over the horizon.
* **Over budget**: the share of trials above the budget. P90 is what the plan stays within in nine trials of ten; the
  **reserve** is P90 less P50, to be held beside a budget at the median. **Overrun**: the mean excess of the trials that
  are over.
* **Above target** is what a payout period or year pays beyond target pay, component by component. With a true-up it
  goes down again when the year falls back.
* **Earned** is the pay of a period spread evenly over its months, with hindsight; **paid** is when the period closes.
* **Sensitivity** puts every CSM at one attainment, on every component but SPIFs, straight through the payout curves,
  gates open. **Volatility** adds the spread between CSMs, normal and as wide as simulated; so are vacancies.
* **Solving for a lever** moves it on the same luck until the cost that the plan stays within in all but the allowed
  trials meets the budget, and stops at the value nearest to where the lever stands.
* **Events** come on top of the luck of each trial. Quotas and expectations stay as they were: nobody saw them coming.
"""


def _metrics(found: PairedFit) -> None:
    then, now = found.candidate, found.current
    row = st.container(horizontal=True, gap="small")
    odds = "Share of trials in which the plan costs more than the budget. Below: against the plan in force."
    row.metric("Over budget", percent(then.over), points(found.gap), "inverse", help=odds, width=115)
    for label, value, before, help in (
        ("P50", then.p50, now.p50, "The median of plan cost."),
        ("P80", then.p80, now.p80, "Four trials of five stay within it."),
        ("P90", then.p90, now.p90, "Nine trials of ten stay within it."),
        ("P95", then.p95, now.p95, "19 trials of 20 stay within it."),
        ("Reserve", then.reserve, now.reserve, "P90 less P50."),
        ("Overrun", then.overrun, now.overrun, "By how much the budget is broken on average, when it is."),
    ):
        row.metric(
            label,
            money(value).replace("$", "\\$"),
            money(value - before, signed=True).replace("$", "\\$"),
            "inverse",
            help=f"{help} Below: against the plan in force.",
            width=115,
        )


def _pictures(candidate: Outcome, current: Outcome, found: PairedFit, roll: level.Payroll) -> None:
    budget = found.candidate.budget
    breaks = level.breaking(roll, candidate.plan_cost, budget)
    left, right = st.columns(2, gap="large")
    with left:
        spread = cost_spread(candidate, current, (CANDIDATE, CURRENT))
        title = f"Over {money(budget)} in {percent(found.candidate.over, 0)} of trials"
        budget_charts.cost(spread, budget, f"{title}; the plan in force in {percent(found.current.over, 0)}")
    with right:
        budget_charts.level(level.level_table(roll), budget, level.level_finding(breaks))
    st.caption(literal(level.volatility_sentence(breaks)))
    download("Download the fit", fit_table(found), "budget_fit.csv")


def _made_of(candidate: Outcome, current: Outcome) -> None:
    table = parts_table(candidate, current)
    months = month_table(candidate)
    left, right = st.columns(2, gap="large")
    with left:
        budget_charts.parts(part_bars(table), part_finding(table))
        with st.expander("The parts as a table"):
            st.dataframe(
                table.round(),
                hide_index=True,
                width="stretch",
                column_config={
                    "part": st.column_config.TextColumn("Part", pinned=True),
                    "candidate": dollars("Candidate"),
                    "current": dollars("In force"),
                    "difference": signed_dollars("Change, $"),
                    "meaning": st.column_config.TextColumn("What it is", width="large"),
                },
            )
        download("Download the parts", table, "budget_parts.csv")
    with right:
        budget_charts.months(month_bars(months), month_finding(months))
        with st.expander("The months as a table"):
            st.dataframe(
                months.round(),
                hide_index=True,
                width="stretch",
                column_config={
                    "month": st.column_config.NumberColumn("Month", pinned=True),
                    "accrued": dollars("Earned", help="Cost by the months in which pay is earned."),
                    "cash": dollars("Paid", help="Cost by the month in which it is paid."),
                    "cash_p10": dollars("Paid, P10"),
                    "cash_p90": dollars("Paid, P90"),
                    "owed": dollars("Owed", help="Earned but not yet paid at the month's end, with on-cost."),
                },
            )
        download("Download the months", months, "budget_months.csv")


def _solution(found: Solution) -> None:
    finding(solution_sentence(found))
    if found.plan is not None and not found.keeps:
        st.button(
            "Use it in the candidate",
            key="budget_use",
            on_click=state.load,
            args=(found.plan,),
            help="Puts the plan with this value into the levers of the what-if page. Undo there takes it back.",
        )


def _stress(found: list[pd.DataFrame]) -> None:
    candidate, current = found
    table = events.both(candidate, current)
    finding(events.stress_finding(candidate))
    st.dataframe(
        hundredfold(table, "over", "over_current").round(1),
        hide_index=True,
        width="stretch",
        column_config={
            "event": st.column_config.TextColumn("Event", pinned=True),
            "cost": dollars("Plan cost", help="Mean under the candidate."),
            "cost_change": signed_dollars("Change, $", help="Against the candidate as simulated, trial by trial."),
            "retained_arr": dollars("Retained ARR", help="Mean under the candidate."),
            "retained_change": signed_dollars("Change of ARR, $"),
            "over": rate("Over budget", help="Share of trials, under the candidate."),
            "over_current": rate("In force", help="Share of trials over budget under the plan in force."),
        },
        column_order=[str(name) for name in table.columns if name != "what"],
        placeholder="-",
    )
    told = (f"**{event}**: {literal(what)}" for event, what in zip(table["event"], table["what"], strict=True) if what)
    st.caption("  \n".join(told))
    download("Download the events", table, "budget_events.csv")


def _start_solving(key: str, stage: Stage, plan: Plan, lever: str, budget: float, limit: float) -> None:
    def work(report: job.Report) -> Solution:
        done = 0

        def cost(one: Plan) -> NDArray[np.float64]:
            nonlocal done
            done += 1
            report(1.0 - 0.9**done, None)  # how many there will be is not known
            return simulate(stage, one).plan_cost

        return solve(cost, plan, lever, budget, limit)

    job.start(SOLVE, key, work)


def _start_stress(key: str, whole: compute.Whole, plans: tuple[Plan, Plan], budget: float) -> None:
    sides = [(plan, whole.run(plan)) for plan in plans]

    def work(report: job.Report) -> list[pd.DataFrame]:
        return events.stress_plans(whole.stage, sides, budget, lambda share: report(share, None))

    job.start(STRESS, key, work)


st.markdown("### Does it fit the budget?")
now = state.scenario()
candidate, current = both_or_stop(now)
whole = compute.whole_of(now)
key, stage = whole.key, whole.stage
try:
    budget = ask_budget(now, current)
except InputError as error:
    show_problems("There is no budget:", error)
    st.stop()

found = paired_fit(candidate, current, budget.amount)
st.markdown(f"#### {literal(sentence(found))}".replace(" \\%", "\u00a0\\%"))
st.caption(literal(f"The budget: {money(budget.amount)} for {candidate.n_months} months, {budget.how}."))
_metrics(found)
_pictures(candidate, current, found, level.payroll(stage, now.candidate, whole.run(now.candidate)))
st.markdown(
    "#### What it is made of, and when it is due", help="  \n".join(f"**{n}**: {m}" for n, (m, _) in PARTS.items())
)
_made_of(candidate, current)

st.markdown("#### Solve for a lever")
# Solving is asking for the total under many plans.
reason = state.only_looks()
if reason:
    st.info(reason)
wish = None if reason else ask_solve(now.candidate)
if wish is not None:
    lever, limit, go = wish
    solve_key = key_of(key, now.candidate.model_dump_json(), budget.amount, lever, limit)
    if go:
        _start_solving(solve_key, stage, now.candidate, lever, budget.amount, limit)
    solving = job.find(SOLVE)
    if solving is not None and solving.key == solve_key:
        job.show(SOLVE, "Trying values", _solution)

st.markdown("#### Bad years by name")
stress_key = key_of(key, now.candidate.model_dump_json(), budget.amount)
stressing = job.find(STRESS)
if stressing is None or stressing.key != stress_key:
    st.caption("A recession, the three largest accounts lost, two CSMs gone in the first quarter, everybody at 130 %.")
    if st.button("Run the stress tests", help="Both plans, each event on the same luck: a few seconds."):
        _start_stress(stress_key, whole, (now.candidate, now.current), budget.amount)
        st.rerun()
else:
    job.show(STRESS, "Stress tests", _stress)
with st.expander("How this is measured"):
    st.markdown(HOW)
