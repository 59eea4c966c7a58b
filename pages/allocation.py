"""Across teams: a budget for all post-purchase teams, and where its incentive dollars earn most."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import streamlit as st

from pages.parts import allocation_charts, compute, job, state
from pages.parts.allocation_form import ask_split, ask_wishes, wishes_of
from pages.parts.literal import literal
from pages.parts.pair import both_or_stop
from pages.parts.problems import show_problems
from pages.parts.tables import dollars, download, hundredfold, rate, signed_dollars, whole
from pages.parts.view import view
from sim.decide.allocation import findings
from sim.decide.allocation.groups import groupings
from sim.decide.allocation.levels import LEVELS, run_levels
from sim.decide.allocation.outside import FURTHEST
from sim.decide.allocation.study import Measured, Study, measured, study
from sim.decide.allocation.topdown import split_sentence
from sim.engine.outcome import Outcome
from sim.engine.run import Stage
from sim.plan.schema import Plan
from sim.problems import InputError
from sim.runs.setting import key_of
from sim.words import money, percent, points

JOB = "allocation"
HOW = f"""
* **Teams** are CSMs of the book by level, role or the segment with most of their ARR, and what you enter. Simulated
  CSMs do not influence each other, so {len(LEVELS)} runs on the same luck, with {LEVELS[0]:g} to {LEVELS[-1]:g} times
  the candidate's variable pay and base pay as it is, say what each team does at each level.
* **ARR gained** is retained ARR and expansion above what the team has without incentives, a year. **Today** is the
  variable pay of the plan in force, so the candidate's curve need not go through today's ARR.
* **The curve** is the least concave one above the simulated points. Where it runs well above a point, the page says so.
* **Teams outside the simulation** follow an assumption: the next dollar earns what was entered at today's dollars, and
  half as much with each further today's dollars, up to {FURTHEST:g} times these. It has no error: it is no estimate.
* **The best split** is the optimum of a linear programme: the most ARR within budget, floors, caps and limits; of
  several, the cheapest. **The next dollar** is the price of its budget.
* **± is the standard error** of the mean over trials, with that of the dollars in it. A wrong assumption about the
  response to pay moves all curves: try the other worlds in the sidebar.
* **Against today's split** is against today's shares of the same budget, so more money alone is no gain.
* **Concentration** (Herfindahl) is the sum of squared shares of teams: 1 where one team has everything.
"""


class Found(NamedTuple):
    """within: base pay of the CSMs and replacing leavers with on-cost, USD a year. teams: by what they are made of."""

    within: float
    teams: dict[str, Measured]


def _start(key: str, stage: Stage, plan: Plan, current: Outcome) -> None:
    today = current.csm_pay.mean(axis=1, dtype=np.float64) * 12.0 / current.n_months

    def work(report: job.Report) -> Found:
        runs = run_levels(stage, plan, lambda share: report(0.9 * share, None))
        book = stage.portfolio.book
        return Found(runs.fixed, {name: measured(runs, one, today) for name, one in groupings(book).items()})

    job.start(JOB, key, work)


def _words(text: str) -> str:
    """As it is, a figure and its sign on one line."""
    return literal(text).replace(" \\%", "\u00a0\\%")


def _metrics(answer: Study) -> None:
    names, today = zip(*((team.name, team.today) for team in answer.teams), strict=True)
    concentrated, before = (findings.concentration(names, each) for each in (answer.best.dollars, np.array(today)))
    row = st.container(horizontal=True, gap="medium")
    error = f" ± {money(answer.error)}" if np.isfinite(answer.error) and answer.error > 0.5 else ""
    row.metric(
        "ARR gained a year",
        f"{money(answer.gain, signed=True)}{error}".replace("$", "\\$"),
        help="Best split against today's shares of the same budget; its standard error is that of the simulated teams.",
        width=210,
    )
    row.metric(
        "The next dollar earns",
        f"\\${answer.best.next_dollar:,.2f}",
        help="ARR a year that one more incentive dollar a year brings: the shadow price of the budget.",
        width=190,
    )
    if concentrated and before:
        row.metric(
            "Largest share",
            percent(concentrated.share, 0),
            points(concentrated.share - before.share, 0),
            "off",
            help="Share of all incentive dollars that the largest team gets. Below: against today.",
            width=150,
        )
        row.metric(
            "Concentration",
            f"{concentrated.herfindahl:.2f}",
            f"{concentrated.herfindahl - before.herfindahl:+z.2f}",
            "off",
            help="Herfindahl index over teams. Below: against today.",
            width=150,
        )


def _answer(answer: Study) -> None:
    st.markdown(f"#### {_words(findings.headline(answer))}")
    st.caption(_words(" ".join(findings.doubts(answer))))
    _metrics(answer)
    bars = findings.change_bars(answer)
    left, right = st.columns(2, gap="large")
    with left:
        allocation_charts.changes(bars, findings.loss_sentence(answer))
    with right:
        height = max(90 + 40 * len(answer.teams), 320)
        allocation_charts.curves(findings.curve_table(answer), findings.curve_finding(answer), height)
    st.markdown("#### What each team gets, and loses")
    st.caption(_words(findings.concentration_sentence(answer)))
    table = findings.team_table(answer)
    st.dataframe(
        hundredfold(table, "change_share", "share_today", "share_proposed"),
        hide_index=True,
        width="stretch",
        placeholder="-",
        height=min(38 + 35 * len(table), 640),
        column_config={
            "team": st.column_config.TextColumn("Team", pinned=True),
            "basis": st.column_config.TextColumn(
                "Return",
                help="Simulated; assumed by whoever entered it; or held where it is.",
            ),
            "people": whole("People"),
            "today": dollars("Today", help="Incentive dollars a year under the plan in force, or as entered."),
            "proposed": dollars("Proposed"),
            "change": signed_dollars("Change, $"),
            "change_share": rate("Change", help="Of today's dollars."),
            "head_today": dollars("A head today"),
            "head_proposed": dollars("A head"),
            "head_change": signed_dollars("Change a head, $"),
            "share_today": rate("Share today", help="Of all incentive dollars."),
            "share_proposed": rate("Share"),
            "next_dollar": st.column_config.NumberColumn(
                "Next dollar, ARR", format="$%.2f", help="What one more dollar to this team alone would earn a year."
            ),
            "next_dollar_error": st.column_config.NumberColumn("±", format="%.2f", help="Standard error."),
        },
    )
    download("Download the teams", table, "allocation.csv")
    told = [" ".join(findings.price_sentences(answer)), *findings.sagging(answer)]
    st.caption("  \n".join(_words(sentence) for sentence in told if sentence))


def _draw(found: Found) -> None:
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    with row:
        teams = found.teams[view("Teams by", list(found.teams), "allocation_by", titled=True)]
    if not teams.points.mean[0].any():
        st.info(
            "The candidate pays no incentives, so there is nothing to say about more or fewer: choose another plan."
        )
        return
    wishes = wishes_of(now)
    today = float(teams.today.sum()) + sum(team.today for team in wishes.outside)
    try:
        split = ask_split(row, now, current, found.within, today)
        st.caption(literal(split_sentence(split)))
        _answer(study(teams, wishes, split.incentive))
    except InputError as error:
        show_problems("There is no such split:", error)
    st.markdown("#### Limits and teams")
    ask_wishes(now, teams.grouping.names)


st.markdown("### Incentive dollars across teams")
now = state.scenario()
_, current = both_or_stop(now)
stage_key, stage = compute.stage_of(now)
key = key_of(stage_key, now.candidate.model_dump_json())
running = job.find(JOB)
if running is None or running.key != key:
    _start(key, stage, now.candidate, current)
job.show(JOB, "Paying each team more and less", _draw)
with st.expander("How this is measured"):
    st.markdown(HOW)
