"""What a plan tempts people to: where effort stops paying, timing games, leaving."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from pages.parts import compute, conduct_charts
from pages.parts.charts import finding
from pages.parts.literal import literal
from pages.parts.state import Scenario
from pages.parts.tables import download, hundredfold, points_gap, rate
from pages.parts.view import view
from sim.book.schema import Book
from sim.decide.conduct import leaving as going
from sim.decide.conduct import timing as moved
from sim.decide.conduct import zones
from sim.decide.conduct.effort_split import effort_on_risk
from sim.decide.picture import CANDIDATE, CURRENT
from sim.engine.outcome import Outcome
from sim.engine.run import Stage
from sim.plan.schema import Component, Plan
from sim.words import money, percent

HEIGHT = 340

# --- where effort pays ----------------------------------------------------------------------------------


def rates(now: Scenario, stage: Stage, candidate: Outcome, current: Outcome) -> None:
    curved = [component for component in now.candidate.components if component.kind != "spif"]
    if not curved:
        st.info("No component of the candidate is paid on a curve: an event pays the same whenever it comes.")
        return
    name = view("Component", [component.name for component in curved], "rate_of")
    chosen = next(component for component in curved if component.name == name)
    sides = {CANDIDATE: _side(stage, now.candidate, chosen, candidate)}
    for component in now.current.components:
        if component.measure == chosen.measure and component.kind != "spif":
            sides.setdefault(CURRENT, _side(stage, now.current, component, current))
    component, target, attained = sides[CANDIDATE]
    found = zones.zones(component, attained)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        table = zones.rate_table(sides, found, conduct_charts.DEAD)
        conduct_charts.rate(table, zones.zone_finding(name, found), height=HEIGHT)
    with right:
        st.markdown(f"**When effort stops paying**, for a CSM whom quota pays {literal(money(target))} a year")
        sentences = [literal(sentence).replace(" \\%", "\u00a0%") for sentence in zones.zone_sentences(found, target)]
        st.markdown("\n".join(f"* {sentence}" for sentence in sentences))
        st.caption(
            "A point is 1 % of quota. Gates and other components come on top. Above the cap and below the threshold "
            "effort goes elsewhere, or stops."
        )


def _side(stage: Stage, plan: Plan, component: Component, outcome: Outcome) -> zones.Side:
    i = plan.components.index(component)
    return component, zones.pay_at_quota(stage, plan, i), outcome.attainment[:, i]


# --- timing games ---------------------------------------------------------------------------------------


def timing(now: Scenario, stage: Stage, candidate: Outcome, current: Outcome) -> None:
    on = st.toggle(
        "Let CSMs move deals across the end of a period",
        key="timing_on",
        help="Runs both plans again in a world in which a share of the deals next to a period's end can be closed a "
        "month early, at a discount, or put off.",
    )
    split = effort_on_risk(candidate, stage), effort_on_risk(current, stage)
    if on:
        share = st.slider(
            "Deals next to a period's end that can be moved, %",
            5,
            50,
            max(5, round(100.0 * now.world.pull_share) or 20),
            5,
            key="timing_share",
            width=420,
            help="No source found; the discount and the churn of pulled deals are on the page Method.",
        )
        _games(now, share / 100.0)
    else:
        st.info("Timing games are off: switch them on to see what this plan tempts CSMs to at the end of a period.")
    if all(np.isfinite(split)):
        finding("Cherry-picking: expansion over accounts at risk")
        st.markdown(
            literal(
                f"Where renewals at risk fall due, {percent(split[0], 0)} of the effort on customers goes to keeping "
                f"them; under the plan in force {percent(split[1], 0)}. The rest goes to what can be sold."
            )
        )


def _games(now: Scenario, share: float) -> None:
    worlds = [replace(now, world=moved.with_timing(now.world, each)) for each in (share, 0.0)]
    plans = {CANDIDATE: now.candidate, CURRENT: now.current}
    found = {name: moved.games(*(compute.run_plan(each, plan) for each in worlds)) for name, plan in plans.items()}
    then, before = found.values()
    row = st.container(horizontal=True, gap="medium")
    for label, a, b, help in (
        ("Pulled forward", then.pulled.mean, before.pulled.mean, "ARR closed a month early, a discount given for it."),
        (
            "Put off",
            then.put_off.mean,
            before.put_off.mean,
            "Sandbagging: ARR closed a month late, because it pays more.",
        ),
        ("Given away", then.discount.mean, before.discount.mean, "ARR lost in discounts for closing early."),
        ("Closing ARR", then.closing.mean, before.closing.mean, "Against a world without timing games."),
    ):
        signed = label == "Closing ARR"
        row.metric(
            label,
            "within noise" if signed and not then.closing.clear else literal(money(a, signed=signed)),
            help=literal(f"{help} Plan in force: {money(b, signed=signed)}."),
            width=210,
        )
    if np.abs(then.shifted).max() < 1.0 and np.abs(before.shifted).max() < 1.0:
        finding("Nothing moves: another month pays no better under either plan")
        return
    conduct_charts.shift(moved.shift_table(found), moved.shift_finding(then), height=HEIGHT)


# --- who leaves -----------------------------------------------------------------------------------------


def leaving(now: Scenario, book: Book, candidate: Outcome, current: Outcome) -> None:
    table = going.leaving_table(book.team, candidate, current)
    finding(going.leaving_finding(table))
    if now.world.attrition_response == 0.0:
        st.info("In this world nobody leaves over pay. Choose another response to pay in the sidebar.")
    st.caption(
        "Chance that the CSM of today leaves within the horizon. It rises when expected pay falls below what it is "
        "under the plan in force; pay is all that the model knows of."
    )
    st.dataframe(
        hundredfold(table, "leaves_now", "leaves_then", "change"),
        hide_index=True,
        width="stretch",
        height=min(560, 40 + 35 * len(table)),
        column_config={
            "csm_id": st.column_config.TextColumn("CSM", pinned=True),
            "csm_name": "Name",
            "skill": st.column_config.NumberColumn("Skill", format="%.2f", help="Mean of the three; 1 = average."),
            "regretted": st.column_config.CheckboxColumn("Regretted", help="Above-median skill."),
            "leaves_now": rate("Leaves, now"),
            "leaves_then": rate("Leaves, candidate"),
            "change": points_gap("Change"),
            "clear": st.column_config.CheckboxColumn(
                "Clear", help="The change can be told from noise with these trials (two standard errors, paired)."
            ),
        },
    )
    download("Download as CSV", table, "leaving.csv")
