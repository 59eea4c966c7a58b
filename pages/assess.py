"""Assess and repeat: what happened against what was promised, the rest of the year, what to do next, and the log."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.parts import access, assess_charts, assess_form, decision_log, state
from pages.parts.literal import literal
from pages.parts.pair import both_or_stop
from pages.parts.problems import show_problems
from pages.parts.tables import dollars, download, hundredfold, rate
from sim.decide.assess.condition import Update, condition
from sim.decide.assess.effect import Effect, effect_sentence, effect_table, effects
from sim.decide.assess.figures import FIGURE
from sim.decide.assess.groups import example_groups, to_file
from sim.decide.assess.next_steps import Step, next_steps
from sim.decide.assess.picture import (
    fan_finding,
    fan_table,
    likeness_sentence,
    strip_finding,
    strip_table,
    update_table,
)
from sim.decide.assess.promise import Promise, month_table, promised, standings
from sim.decide.assess.surprise import reasons, surprise, verdict
from sim.decide.headline import headlines
from sim.engine.outcome import Outcome
from sim.problems import InputError

LEVELS = ("P10", "P50", "P90")
SMALLEST_TEAM = 4
"""Two units in each group."""
HOW = """
* **Promised** is the simulation of the plan that the year runs under: P10, P50 and P90 of its trials, of sums since the
  first month. The **percentile** of a figure is the share of trials below it.
* **Surprise**: every trial is treated as if it had happened, and the year takes its rank among them, once by how many
  monthly figures fall outside P10 to P90 and once by the figure to date that is farthest from its mean. If the model is
  right, the chance to be as odd is exact, although the months and figures of a year hang together.
* **Updated**: the trials that resemble the year so far count, the nearer the more, and what is left of the distance is
  taken off along a straight line (regression adjustment). What has happened is certain. Where too few trials resemble
  the year, the page says so and gives a wider range.
* **Two groups**: each unit's mean after the change less its mean before, changed against unchanged (difference in
  differences). The interval is Welch's, so it allows for units that hang together over time. Of several tactics the
  intervals hold all at once. It says what follows the change, and is its effect only if both groups would otherwise
  have moved alike.
* **Next steps** put a model that does not fit first, then figures that fall short of P10 to P90, by dollars.
"""


def _steps(steps: list[Step]) -> None:
    for number, step in enumerate(steps, start=1):
        with st.container(border=number == 1, gap="xsmall"):
            st.markdown(f"{number}. **{literal(step.do)}.**")
            st.caption(literal(f"{step.why}."))


def _tables(promise: Promise, months: pd.DataFrame, update: Update) -> None:
    totals = update_table(promise, update)
    labels = {f"{kind.lower()}_{level.lower()}": (kind, level) for kind in ("Promised", "Updated") for level in LEVELS}
    with st.expander("The year as a table"):
        st.dataframe(
            totals.round(),
            hide_index=True,
            width="stretch",
            column_config={"figure": st.column_config.TextColumn("Figure", pinned=True)}
            | {name: dollars(f"{kind} {level}", format="%,d") for name, (kind, level) in labels.items()},
        )
        download("Download the year", totals, "assess_year.csv")
    with st.expander("The months as a table"):
        named = months.assign(figure=months["figure"].map(lambda name: FIGURE[name].title))
        st.dataframe(
            hundredfold(named, "percentile", "percentile_to_date").round(1),
            hide_index=True,
            width="stretch",
            column_config={
                "figure": st.column_config.TextColumn("Figure", pinned=True),
                "percentile": rate("Percentile"),
                "percentile_to_date": rate("Percentile to date"),
            },
        )
        download("Download the months", months, "assess_months.csv")


def _example(now: state.Scenario, current: Outcome) -> pd.DataFrame | None:
    """None for a team too small to be divided."""
    made = example_groups(current, assess_form.another_year(now, now.candidate))
    return made if made["unit"].nunique() >= SMALLEST_TEAM else None


def _effects(found: list[Effect]) -> None:
    for one in found:
        st.markdown(literal(effect_sentence(one)))
    table = effect_table(found)
    if len(found) > 1:
        st.dataframe(
            table,
            hide_index=True,
            width="stretch",
            column_order=["tactic", "effect", "low", "high", "units_changed", "units_unchanged"],
            column_config={
                "tactic": st.column_config.TextColumn("Tactic", pinned=True),
                "effect": st.column_config.NumberColumn("Difference in differences", format="%+.4g"),
                "low": st.column_config.NumberColumn("95 % from", format="%+.4g"),
                "high": st.column_config.NumberColumn("to", format="%+.4g"),
                "units_changed": "Units changed",
                "units_unchanged": "Unchanged",
            },
        )
    download("Download the effects", table, "effects.csv")


access.need_everything()
st.markdown("### Assess and repeat")
now = state.scenario()
candidate, current = both_or_stop(now)
plan = assess_form.ask_plan(now)
promise = promised(current if plan is now.current else candidate)
try:
    known, is_example = assess_form.known_year(now, plan)
except InputError as error:
    show_problems("There is no example of a year:", error)
    st.stop()
places, odd, update = standings(promise, known), surprise(promise, known), condition(promise, known)
if is_example:
    st.caption("An example: a year that the model has drawn with other luck. Load actuals to assess your own.")
st.markdown(f"#### {verdict(odd)}.")
st.markdown(literal(reasons(odd)).replace(" \\%", "\u00a0\\%"))
left, right = st.columns([5, 4], gap="large")
with left:
    name = st.selectbox("Figure", known.names, format_func=lambda name: FIGURE[name].title, key="assess_figure")
    unit = "accounts" if not FIGURE[name].amount else "USD" if name == "variable_pay" else "USD a year"
    table = fan_table(promise, known, update, name)
    assess_charts.fan(table, fan_finding(promise, update, name), amount=FIGURE[name].amount, unit=unit)
    st.caption(likeness_sentence(update, promise.monthly.shape[2]))
with right:
    assess_charts.strip(strip_table(places), strip_finding(places))
brought = st.session_state.get(assess_form.GROUPS)
measured = [] if brought is None else effects(brought)
st.markdown("#### What to do next")
_steps(next_steps(places, odd, update, measured))
_tables(promise, month_table(promise, known), update)

st.markdown("#### What a change is followed by")
st.caption("Two groups, one that a tactic or a plan change reached and one that it did not, before and after.")
groups = assess_form.ask_groups()
if groups is None:
    groups = _example(now, current)
    if groups is not None:
        st.caption(
            "An example: expansion as a share of each CSM's ARR in two simulated years. Every other CSM had the "
            "candidate in the second."
        )
if groups is None:
    st.info("Load two groups to see what a change was followed by.")
else:
    _effects(measured or effects(groups))
    download("These groups", to_file(groups), "groups.csv", figures=False)

if access.may("save"):
    st.markdown("#### Log of decisions")
    decision_log.draw(headlines(candidate, current))
with st.expander("How this is worked out"):
    st.markdown(HOW)
