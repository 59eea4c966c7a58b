"""Journey coverage: who owns which stage, who is paid for what, what is wrong with it and what that costs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from pages.parts import compute, journey, journey_chart, journey_editor, state
from pages.parts.literal import literal
from pages.parts.problems import show_problems
from pages.parts.read_file import read_file
from pages.parts.tables import download
from sim.decide.coverage.cost import LOST_AT_HAND_OVER, priced
from sim.decide.coverage.less import Less, with_less
from sim.decide.coverage.matrix import Coverage
from sim.decide.coverage.picture import finding_table, headline
from sim.decide.coverage.rules import MOST_HANDS, Finding, findings
from sim.decide.coverage.table import MOST_BYTES, read_coverage, to_table
from sim.decide.coverage.year import year_of
from sim.engine.outcome import Outcome
from sim.plan.schema import Plan
from sim.problems import InputError
from sim.roles.part import SUPPORT
from sim.words import money, percent

SHOWN = 8
HOW = f"""
* **The rules.** A stage has exactly one accountable team, and that team is paid for it. Whom the owner depends on
  (those it names, and those responsible beside it) is paid for the stage, too. Nobody else is: pay without a part is an
  overlap. Three teams or more at work on one stage are too many cooks. A team that is paid at two stages or more and
  needed at none of them is paid for what others do.
* **Dollars** are of a year of the candidate plan on the book: the mean over trials, with its standard error.
  A commission or quota relief is its rate times the ARR that fell due in the year and is still there at its end, or
  times booked expansion. A share is a share of variable pay: simulated for the CSMs, as entered for others.
* **A stage without a paid owner** is priced by taking the CSMs' pay for it away, on the same luck. What else the plan
  pays stays the same in dollars; a gate on retention counts as pay for renewals. Pay for net retention goes with
  renewals, though expansion moves it as well.
* **Hidden dependencies and too many cooks** are priced by work that is lost, on the same luck, while CSMs know it:
  {percent(SUPPORT, 0)} of an owner's work where whom it depends on ignores the stage;
  {percent(LOST_AT_HAND_OVER, 0)} for each team at work beyond {MOST_HANDS}. Judgement, low confidence: nothing
  published puts figures on either.
* **First renewals** stand for the stages that prepare them: a unit of work there counts for a first renewal what a unit
  of work on retention counts for any. Judgement.
* **No dollars** where the simulation has nothing to say: it holds renewals and expansion, not what a conversion is
  worth. Figures of several findings may be about the same dollars: do not add them up.
"""


def _found(matrix: Coverage) -> list[Finding]:
    """Priced, or as they are with the reason on the page."""
    now = state.scenario()
    try:
        whole = compute.whole_of(now)

        def run(plan: Plan, less: Less | None) -> Outcome:
            if less is None:
                return whole.run(plan)
            return compute.run_changed(whole, repr(less), partial(with_less, less=less), plan)

        return priced(matrix, year_of(whole.stage.portfolio, now.candidate, run))
    except InputError as error:
        show_problems("There are no dollars, because a plan cannot be run on this book:", error)
        return findings(matrix)


def _list(found: Sequence[Finding]) -> None:
    for one in found:
        if one.dollars is None:
            cost = "Not priced"
        else:
            spread = f" ± {money(one.error)}" if one.error is not None else ""
            cost = f"{money(one.dollars)} a year{spread}"
        where = f", {literal(one.stage)}" if one.stage else ""
        with st.container(border=True, gap="xsmall"):
            st.markdown(f"**{literal(cost)}** · {one.rule}{where}")
            st.markdown(literal(one.says))
            st.caption(literal(one.how))


def _import() -> None:
    with st.popover("Load a spreadsheet"):
        label = "A matrix as it is downloaded here, as CSV or XLSX"
        read = read_file(label, "journey_file", MOST_BYTES, read_coverage, ("csv", "xlsx"))
        if read is not None:
            st.text(f"Stages: {len(read.stages)}, teams: {len(read.teams)}, problems: {len(findings(read))}.")
            st.button("Use this matrix", type="primary", key="journey_use", on_click=journey.put, args=(read,))


held = journey.journey()
found = _found(held.value)
st.markdown("### Journey coverage")
st.caption("Who owns each stage of the customer's journey, who is paid for it, and what is wrong with that.")
left, right = st.columns([4, 5], gap="medium")
with right:
    journey_chart.matrix(held.value, found)
with left:
    if not found:
        st.success(f"{headline(found)}.")
    _list(found[:SHOWN])
    if len(found) > SHOWN:
        with st.expander(f"{len(found) - SHOWN} more"):
            _list(found[SHOWN:])
st.markdown("#### The matrix")
journey_editor.draw()
row = st.container(horizontal=True)
row.button("Undo", key="journey_undo", on_click=journey.undo, disabled=not held.before)
row.button("Back to the example", key="journey_reset", on_click=journey.reset, help="Undo takes it back.")
download("Download the matrix", partial(to_table, held.value), "coverage.csv", place=row)
download("Download the findings", partial(finding_table, found), "coverage_findings.csv", place=row)
with row:
    _import()
with st.expander("How this is found"):
    st.markdown(HOW)
