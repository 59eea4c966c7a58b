"""The page of roles without a browser: a design, its simulation, the way back, and what cannot be."""

from __future__ import annotations

import time

import pytest
from streamlit.testing.v1 import AppTest
from test_app import CURRENT, assert_sound, complaints, open_app, visit

from pages.parts.crew import EXAMPLE
from pages.parts.literal import literal
from pages.parts.undoable import Held
from sim.book.samples import load_sample
from sim.decide.team.study import Added, Design, study
from sim.decide.team.words import finding, role_table
from sim.runs.setting import Setting
from sim.world.parameters import world_preset


def simulated(at: AppTest) -> AppTest:
    at.button(key="crew_run").click().run()
    while not at.session_state["job_roles"].ended:
        time.sleep(0.05)
    return at.run()


def design(at: AppTest) -> Design:
    held: Design = at.session_state["crew"].value
    return held


@pytest.fixture(scope="module")
def page() -> AppTest:
    return visit(open_app(), "roles")


def test_the_example_is_simulated_as_the_engine_does_it(page: AppTest) -> None:
    assert_sound(page)
    at = simulated(page)
    assert_sound(at)
    book, world = load_sample("startup"), world_preset("base")
    found = study(Setting(book, CURRENT, world, trials=256), CURRENT, EXAMPLE)
    assert f"#### {literal(finding(found))}." in [text.value for text in at.main.markdown]
    table = at.main.dataframe[0].value
    assert table.to_dict("list") == role_table(found).to_dict("list")


def test_roles_are_added_changed_removed_and_taken_back() -> None:
    at = visit(open_app(), "roles")
    at.selectbox(key="crew_more").select("onboarding").run()
    at.button(key="crew_add").click().run()
    assert [one.role for one in design(at).added] == ["overlay", "onboarding"]
    assert design(at).added[1].credit == 0.0
    number = at.session_state["crew"].number
    at.number_input(key=f"crew_people_1_{number}").set_value(3).run()
    assert design(at).added[1].n_people == 3
    assert design(visit(open_app(), "roles")) == design(at)  # another session goes on from there
    number = at.session_state["crew"].number
    at.button(key=f"crew_drop_0_{number}").click().run()
    assert [one.role for one in design(at).added] == ["onboarding"]
    for _ in range(3):
        at.button(key="crew_undo").click().run()
    assert design(at) == EXAMPLE
    assert at.button(key="crew_undo").disabled
    assert_sound(at)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (Design("", 1.0, (Added("overlay", 50, 1e5, 0.4),)), "Overlay specialist, people"),
        (Design("", 0.0, ()), "credit of CSM"),
    ],
)
def test_what_cannot_be_is_one_sentence(wrong: Design, said: str) -> None:
    at = open_app()
    at.session_state["crew"] = Held(wrong)
    at = simulated(visit(at, "roles"))
    assert said in complaints(at)
