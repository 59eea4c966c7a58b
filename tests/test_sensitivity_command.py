"""`python -m sim sensitivity`: the studies as JSON and in words, as the engine has them; what options cannot be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sim.__main__ import main
from sim.book.samples import load_sample
from sim.engine.run import set_stage, simulate
from sim.plan.read import plan_preset
from sim.world.parameters import ASSUMPTIONS, WORLD_PRESETS, World

Captured = pytest.CaptureFixture[str]
BRIEF = ("sensitivity", "--book", "startup", "--plan", "at_risk_70_30", "--trials", "64", "--months", "6")
TWO = ("--vary", "churn_cut", "--vary", "on_cost", "--rows", "8")


def printed(capsys: Captured, *arguments: str) -> str:
    assert main([*BRIEF, *arguments]) == 0
    return capsys.readouterr().out


def report(capsys: Captured, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(printed(capsys, *arguments, "--json"), parse_constant=pytest.fail)
    return found


def refused(capsys: Captured, *arguments: str) -> str:
    assert main([*BRIEF, *arguments]) == 2
    return capsys.readouterr().err


def test_json_is_the_engines_answer(capsys: Captured) -> None:
    found = report(capsys, *TWO, "--criterion", "retained_arr", "--range", "churn_cut=0.02..0.15")
    assert set(found["side_by_side"]["worlds"]) == set(WORLD_PRESETS)
    assert found["side_by_side"]["worlds"]["sceptic"]["standing"] == "the same"
    bars = {bar["name"]: bar for bar in found["one_at_a_time"]["assumptions"]}
    assert set(bars) == set(ASSUMPTIONS)
    assert (bars["churn_cut"]["low"], bars["churn_cut"]["high"]) == (0.02, 0.15)
    current = plan_preset("current_80_20")
    stage = set_stage(load_sample("startup"), current, World(churn_cut=0.02), trials=64, n_months=6)
    gap = simulate(stage, plan_preset("at_risk_70_30")).retained_arr - simulate(stage, current).retained_arr
    assert bars["churn_cut"]["at_low"] == float(gap.mean())
    every = found["all_at_once"]
    assert (every["worlds"], every["trials"]) == (32, 64)
    assert [one["name"] for one in every["varied"]] == ["churn_cut", "on_cost"]
    shares = {one["name"]: one["total"]["share"] for one in every["spread"]["assumptions"]}
    assert shares["on_cost"] == 0.0 < shares["churn_cut"]  # on-cost keeps no customer
    assert every["knowing"]["criterion"] == "closing_less_cost"
    assert report(capsys, *TWO, "--criterion", "retained_arr", "--range", "churn_cut=0.02..0.15") == found


def test_the_answer_in_words(capsys: Captured) -> None:
    found, text = report(capsys, *TWO), printed(capsys, *TWO)
    for part in (found["side_by_side"], found["one_at_a_time"], found["all_at_once"]["flips"]):
        assert part["finding"] in text
    assert "32 worlds of 64 trials" in text
    assert "Sceptic".lower() in text


def test_no_sample_is_asked_for(capsys: Captured) -> None:
    assert report(capsys, "--rows", "0")["all_at_once"] is None


def test_one_trial_is_no_nan(capsys: Captured) -> None:
    found = report(capsys, "--trials", "1", *TWO)
    assert found["side_by_side"]["worlds"]["base"]["standard_error"] is None
    assert found["all_at_once"]["knowing"] is None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--range", "churn_cut=a..b"), "--range churn_cut: must be a range, as in --range churn_cut=0.02..0.15"),
        (("--range", "churn_cot=0..0.1"), "--range: must name an assumption; the nearest is 'churn_cut'"),
        (("--range", "churn_cut=0..0.9"), "range of Churn cut at reference effort: must run upwards within 0 to 0.2"),
        (("--range", "churn_cut=0..0.05"), "must hold the value that the other pages use, 0.1"),
        (("--vary", "lunch"), "--vary: must name an assumption"),
        (("--vary", "shock_rho"), "--vary: cannot move together with others"),
        (("--worth", "-1"), "--worth: must be from 0 to 100 USD"),
    ],
)
def test_what_cannot_be_is_said(capsys: Captured, arguments: tuple[str, ...], sentence: str) -> None:
    assert sentence in refused(capsys, *arguments)


def test_all_problems_at_once(capsys: Captured) -> None:
    said = refused(capsys, "--range", "x=1..2", "--vary", "y", "--worth", "nan", "--world", "rosy")
    assert len(said.splitlines()) == 4
