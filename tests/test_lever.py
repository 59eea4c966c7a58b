"""The lever without a browser: what it returns, whatever the browser sent."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from pages.parts.lever import lever, on_grid

APP = "apps/lever_app.py"


def answer(at: AppTest) -> dict[str, float]:
    assert not at.exception
    return {name: float(value) for name, value in (part.split("=") for part in at.text[0].value.split()[1:])}


@pytest.fixture
def at() -> AppTest:
    return AppTest.from_file(APP, default_timeout=30).run()


@given(
    st.floats(-1e6, 1e6),
    st.integers(-1000, 1000),
    st.floats(1e-3, 1e5),
    st.integers(1, 1000),
    st.floats(0, 0.9),
)
def test_a_move_lands_on_the_nearest_place_of_the_grid(value, start, step, steps, rest):
    low = start * step
    high = low + step * (steps + rest)
    got = on_grid(value, low, high, step)
    places = [low + step * i for i in range(steps + 1)]
    nearest = min(abs(place - value) for place in places)
    assert low - 1e-9 <= got <= high + 1e-9
    assert abs(got - value) == pytest.approx(nearest, rel=1e-9, abs=1e-6)


def test_decimal_steps_give_decimal_values():
    assert [on_grid(x, 0.5, 1.0, 0.05) for x in (0.5499, 0.7, 0.8, 3.0)] == [0.55, 0.7, 0.8, 1.0]


def test_a_move_is_reported_once_and_then_the_app_owns_the_value(at, move_lever):
    assert answer(at)["mix"] == 0.7
    assert answer(move_lever(at, "mix", 0.9137))["mix"] == 0.91
    assert answer(at.run())["mix"] == 0.91
    assert answer(at.button[0].click().run()) == {"mix": 0.8, "rate": 2.02, "bonus": 60_000, "cap": 1.5}
    assert answer(at.button[1].click().run())["mix"] == 0.7
    assert answer(move_lever(at, "mix", 0.9137))["mix"] == 0.91


def test_values_off_the_grid_or_out_of_bounds_stay_until_they_are_moved(at, move_lever):
    at.button[0].click().run()
    assert answer(move_lever(at, "mix", 0.6)) == {"mix": 0.6, "rate": 2.02, "bonus": 60_000, "cap": 1.5}
    assert answer(move_lever(at, "rate", 2.03))["rate"] == 2.05


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"value": 1e300, "n": 1}, 1.0),
        ({"value": -5, "n": 1}, 0.5),
        ({"value": math.nan, "n": 1}, 0.7),
        ({"value": math.inf, "n": 1}, 0.7),
        ({"value": "0.9", "n": 1}, 0.7),
        ({"value": True, "n": 1}, 0.7),
        ({"value": None, "n": 1}, 0.7),
        ({"value": 0.9, "n": "1"}, 0.7),
        ({"value": 0.9, "n": [1]}, 0.7),
        ({"value": 0.9}, 0.7),
        ([0.9], 0.7),
        (0.9, 0.7),
    ],
)
def test_whatever_a_hostile_browser_sends_is_clamped_or_ignored(at, sent, expected):
    at.session_state["mix"] = {"move": sent}
    assert answer(at.run())["mix"] == expected


def test_a_disabled_lever_cannot_be_moved(at, move_lever):
    assert answer(move_lever(at, "cap", 1.9))["cap"] == 1.5


def test_the_plain_slider_gives_the_same_results(at):
    at.query_params["live"] = "0"
    at.run()
    assert [slider.value for slider in at.slider] == [70, 1.5, 12_000, 150]
    assert answer(at.slider(key="mix").set_value(91.0).run())["mix"] == 0.91
    assert answer(at.button[0].click().run()) == {"mix": 0.8, "rate": 2.02, "bonus": 60_000, "cap": 1.5}
    assert [slider.value for slider in at.slider] == [80, 2.02, 50_000, 150]
    assert answer(at.slider(key="rate").set_value(3.0).run())["rate"] == 3.0
    at.query_params["live"] = "1"
    assert answer(at.run()) == {"mix": 0.8, "rate": 3.0, "bonus": 60_000, "cap": 1.5}


@pytest.mark.parametrize(("low", "high", "step"), [(1, 1, 0.1), (2, 1, 0.1), (0, 1, 0), (0, 1, 2), (0, math.inf, 1)])
def test_bounds_that_leave_nothing_to_choose_are_a_mistake_of_the_page(low, high, step):
    with pytest.raises(ValueError, match="low < high and a step between"):
        lever("Pay mix", key="mix", value=0.7, low=low, high=high, step=step)
