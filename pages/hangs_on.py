"""What it hangs on: the conclusion in four worlds, by assumption, over all of them at once, and what to find out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from pages.parts import access, compute, four_worlds, job, sensitivity_charts, state, worlds_tried
from pages.parts.criterion_form import ask_criterion, ask_worth
from pages.parts.job import Report
from pages.parts.literal import literal
from pages.parts.problems import show_problems
from pages.parts.range_table import ranges_of
from pages.parts.tables import download
from sim.decide.choice.criterion import Criterion
from sim.decide.sensitivity import findings, study, tables
from sim.decide.sensitivity.design import MOST_VARIED, can_vary, design
from sim.decide.sensitivity.information import NET
from sim.decide.sensitivity.ranges import Range
from sim.decide.sensitivity.study import SAMPLE_TRIALS, Ends, Sample
from sim.plan.schema import Plan
from sim.problems import InputError
from sim.runs.cluster import executor_at
from sim.runs.setting import Setting, key_of

ONE, ALL = "one_by_one", "all_at_once"
SIZES = (32, 64, 128, 256)
USUAL_SIZE = 64
HOW = f"""
* Every figure is the **paired difference** candidate less plan in force: both meet the same luck in every world.
* **One at a time**: each assumption at the low and the high end of its range, all others as in the sidebar. What only
  matters together with something else does not show here.
* **All at once**: worlds are spread evenly over the ranges of the assumptions that matter most one at a time (at most
  {MOST_VARIED} are proposed), each value as likely as any other and independent of the others; the rest stay as in the
  sidebar. Each world has {SAMPLE_TRIALS} trials at most, with the same luck in all.
* **Share of the spread**: Sobol' indices (Saltelli and others 2010). *By itself* is the part of the variance between
  worlds that goes when this assumption is known; *with others* is the part that stays when all others are known. Lines
  are 90 % intervals, from drawing the sampled worlds again.
* **Where it flips**: the smallest decision tree that tells who wins in worlds it has not seen; a larger one is taken
  only when it tells them better by more than a standard error.
* **Worth of knowing**: the choice is the candidate or the plan in force, by ARR at the end less cost. Knowing an
  assumption is worth what the right choice at each of its values brings over the choice made now, on average (expected
  value of partial perfect information; Strong, Oakley and Brennan 2014). A real pilot tells less than everything.
"""


def _conclusion() -> tuple[Criterion, float]:
    """What is concluded upon, and what a dollar of ARR is worth."""
    row = st.container(horizontal=True, gap="medium", vertical_alignment="bottom")
    criterion = ask_criterion(row, "Conclusion", "hangs_on", 280, NET)
    worth = ask_worth(
        row,
        "What $1 of ARR is worth, $",
        "hangs_worth",
        220,
        "ARR is a yearly rate at the end of the horizon, cost is spent over it: this is the exchange rate. The "
        "default is one year's gross margin, nothing for later years. The worth of knowing more uses it too.",
    )
    return criterion, worth


def _needed(name: str, key: str) -> bool:
    """Whether the study has to be started; one of another plan, book or world is dropped."""
    found = job.find(name)
    if found is not None and found.key != key:
        job.forget(name)
        return True
    return found is None or (found.ended and not found.complete)


def _start_tornado(key: str, setting: Setting, plan: Plan, ranges: tuple[Range, ...]) -> None:
    address = state.cluster()

    def work(report: Report) -> Ends:
        with executor_at(address) as executor:
            return study.one_by_one(executor, setting, plan, ranges, report)

    job.start(ONE, key, work)


def _start_sample(key: str, setting: Setting, plan: Plan, varied: Sequence[Range], size: int) -> None:
    address = state.cluster()

    def work(report: Report) -> Sample:
        with executor_at(address) as executor:
            return study.all_at_once(executor, setting, plan, design(varied, size), report)

    job.start(ALL, key, work)


def _tornado(setting: Setting, ranges: Sequence[Range], criterion: Criterion, worth: float, found: Ends) -> None:
    drawn = study.tornado(setting.world, ranges, found, criterion, worth)
    if drawn:
        sensitivity_charts.tornado(tables.tornado_picture(drawn), criterion.label, findings.tornado_finding(drawn))
        st.caption(literal(findings.tornado_note(drawn, setting.trials)))
        download("Download as CSV", partial(tables.tornado_table, drawn), "one_at_a_time.csv", help="All assumptions.")


def _choice(ranges: Sequence[Range], proposed: Sequence[Range]) -> tuple[tuple[Range, ...], int]:
    """Which assumptions move together, and how many rows of worlds."""
    known = {chosen.name: chosen for chosen in ranges if can_vary(chosen)}
    names = st.multiselect(
        "Assumptions that move together",
        list(known),
        default=[chosen.name for chosen in proposed],
        format_func=findings.label,
        max_selections=12,
        key=f"varied_{key_of(ranges, proposed)}",
        help="Proposed: those with most of the spread one at a time. The others stay as in the sidebar. The common "
        "shock stays too: it would need luck of its own in each world.",
    )
    size = st.select_slider(
        "Worlds",
        SIZES,
        value=USUAL_SIZE,
        format_func=lambda rows: f"{rows * (len(names) + 2):,}",
        key="hangs_size",
        persist_state="session",
        width=320,
        help="About ten a second on a laptop. Four times as many halve the intervals.",
    )
    return tuple(known[name] for name in names), size


now = state.scenario()
setting, plan = compute.setting_of(now), now.candidate
st.markdown("### What it hangs on")
if plan == now.current:
    st.info("The candidate is the plan in force. Move a lever on the page What if to see here what that hangs on.")
    st.stop()
criterion, worth = _conclusion()
key = key_of(setting.key, plan.model_dump_json())
try:
    four = four_worlds.side_by_side(setting, plan)
except InputError as error:
    show_problems("The plans cannot be run on this book:", access.told(error))
    st.stop()
four_worlds.draw(four, criterion, worth)

with st.expander("How this is measured"):
    st.markdown(HOW)
ranges = ranges_of(setting.world)
st.markdown("#### One assumption at a time")
st.caption("Which assumption moves the conclusion most, and which could turn it: each at both ends of its range.")
one_key = key_of(key, ranges)
if _needed(ONE, one_key):
    st.button(
        "Move each assumption",
        on_click=_start_tornado,
        args=(one_key, setting, plan, ranges),
        type="primary",
        help=f"Some {2 * len(ranges)} worlds with all trials: about ten seconds on a laptop.",
    )
job.show(ONE, "Moving one assumption after the other", partial(_tornado, setting, ranges, criterion, worth))
one = job.find(ONE)
if one is None or not one.complete:
    st.stop()

st.markdown("#### All at once")
varied, size = _choice(ranges, study.proposed(setting.world, ranges, one.answer))
all_key = key_of(key, varied, size)
if _needed(ALL, all_key):
    st.button(
        "Try all worlds",
        on_click=_start_sample,
        args=(all_key, setting, plan, varied, size),
        disabled=not varied,
        type="primary",
        help="Progress and what is found so far show while it runs; it can be stopped.",
    )
job.show(ALL, "Trying worlds", partial(worlds_tried.draw, all_key, now.months, criterion, worth))
