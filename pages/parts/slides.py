"""The questions of a planning meeting, one a slide: each draws its answer and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd
import streamlit as st

from pages.parts import answer, budget_charts, charts, compute, discussion, four_worlds, shared_link
from pages.parts.budget_form import ask_budget
from pages.parts.literal import literal
from pages.parts.problems import show_problems
from pages.parts.state import Scenario
from sim.book.schema import Book
from sim.decide import picture
from sim.decide.bridge import arr_bridge, cost_bridge
from sim.decide.budget.fit import cost_spread, paired_fit, sentence
from sim.decide.choice.criterion import CRITERIA, WORTH
from sim.decide.sensitivity.information import NET
from sim.engine.outcome import Outcome
from sim.plan.changes import lever_changes
from sim.problems import InputError
from sim.words import money, percent

HEIGHT = 520
TYPE_SIZE = 1.4
"""Of charts; the page sets that of text."""


class Scene(NamedTuple):
    """What the slides are about."""

    now: Scenario
    book: Book
    candidate: Outcome
    current: Outcome


def proposal(scene: Scene) -> None:
    """Which settings change."""
    changes = lever_changes(scene.now.candidate, scene.now.current)
    accounts, people = len(scene.book), len(scene.book.team)
    st.markdown(
        literal(
            f"{accounts:,} accounts, {people} CSMs, {money(scene.candidate.opening_arr)} ARR, "
            f"{scene.now.months} months, against {scene.now.current.name}."
        )
    )
    if not changes:
        st.info("The candidate is the plan in force. Move a lever on the page What if.")
        return
    table = pd.DataFrame(changes).set_axis(["Setting", "Plan in force", "Candidate"], axis=1)
    st.table(table.map(literal).set_index("Setting"))


def worth_it(scene: Scene) -> None:
    """The answer in a sentence, and the figures."""
    answer.sentence(scene.candidate, scene.current)
    answer.figures(scene.candidate, scene.current)


def certainty(scene: Scene) -> None:
    """The cloud of paired differences."""
    data = picture.difference_cloud(scene.candidate, scene.current)
    charts.cloud(
        data, picture.cloud_finding(scene.candidate, scene.current), signed=True, height=HEIGHT, type_size=TYPE_SIZE
    )


def origin(scene: Scene) -> None:
    """Both waterfalls."""
    sides = (
        (arr_bridge(scene.candidate, scene.current), "Closing ARR", False),
        (cost_bridge(scene.candidate, scene.current), "Plan cost", True),
    )
    for column, (steps, total, less) in zip(st.columns(2, gap="medium"), sides, strict=True):
        with column:
            data = picture.bridge_table(steps, total, less_is_better=less)
            charts.bridge(data, picture.bridge_finding(steps, total), height=HEIGHT, key=total, type_size=TYPE_SIZE)


def budget(scene: Scene) -> None:
    """Whether it fits; the budget is the one of the page Budget fit."""
    said = st.container()
    try:
        chosen = ask_budget(scene.now, scene.current)
    except InputError as error:
        show_problems("There is no budget:", error)
        return
    found = paired_fit(scene.candidate, scene.current, chosen.amount)
    with said:
        st.markdown(f"#### {literal(sentence(found))}")
        spread = cost_spread(scene.candidate, scene.current, (picture.CANDIDATE, picture.CURRENT))
        title = f"Over {money(chosen.amount)} in {percent(found.candidate.over, 0)} of trials"
        budget_charts.cost(spread, chosen.amount, title, TYPE_SIZE)


def assumptions(scene: Scene) -> None:
    """The conclusion in the four shipped worlds."""
    setting = compute.setting_of(scene.now)
    four_worlds.draw(four_worlds.side_by_side(setting, scene.now.candidate), CRITERIA[NET], WORTH)


def vote(scene: Scene) -> None:
    """What the meeting says of the saved scenario on the screen."""
    held = shared_link.opened()
    if held is None:
        st.info("Votes belong to a saved scenario. *Save and share* it in the sidebar, and open its link here.")
        return
    left, right = st.columns(2, gap="large")
    with left:
        discussion.form(held.scenario.id)
    with right:
        discussion.live(held.scenario.id)


QUESTIONS: dict[str, tuple[str, Callable[[Scene], None]]] = {
    "proposal": ("What is proposed?", proposal),
    "answer": ("What does it cost, and what does it keep?", worth_it),
    "certainty": ("How sure is that?", certainty),
    "origin": ("Where does the difference come from?", origin),
    "budget": ("Does it fit the budget?", budget),
    "worlds": ("What does it hang on?", assumptions),
    "vote": ("What do you say?", vote),
}
"""By its word in a link: the question, and what draws the answer."""
