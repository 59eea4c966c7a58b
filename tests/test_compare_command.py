"""``python -m sim compare``: the same figures as the engine's, in words and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from test_command_line import Captured, complaints, files, output, report

from sim.book.samples import load_sample
from sim.decide.choice.contenders import Contender
from sim.decide.choice.criterion import CRITERIA
from sim.decide.choice.standing import standing, standing_sentence
from sim.engine.run import set_stage, simulate
from sim.plan.read import plan_preset
from sim.world.parameters import world_preset

__all__ = ["files"]  # a fixture: a book without white space
PLANS = ("posthog", "at_risk_80_20", "flowfuse")
COMPARE = ("compare", "--book", "startup", "--trials", "128", *(word for name in PLANS for word in ("--plan", name)))


def contenders() -> list[Contender]:
    current = plan_preset("current_80_20")
    stage = set_stage(load_sample("startup"), current, world_preset("base"), trials=128)
    plans = [(plan_preset(name).name, plan_preset(name)) for name in PLANS]
    return [Contender(name, plan, simulate(stage, plan)) for name, plan in [*plans, ("Plan in force", current)]]


@pytest.mark.parametrize("criterion", CRITERIA)
def test_json_is_the_engines_answer(capsys: Captured, criterion: str) -> None:
    found = report(capsys, *COMPARE, "--criterion", criterion, "--worth", "2")
    plans = contenders()
    wanted = standing(plans, CRITERIA[criterion], 2.0)
    assert [row["plan"] for row in found["plans"]] == [plan.name for plan in plans]
    assert [row["best"] for row in found["plans"]] == pytest.approx(wanted.chance.tolist())
    assert found["answer"] == standing_sentence(plans, wanted, CRITERIA[criterion])
    cost = plans[0].outcome.plan_cost - plans[-1].outcome.plan_cost
    assert found["plans"][0]["differences"]["plan_cost"]["mean"] == pytest.approx(float(cost.mean()))
    assert found["break_even"][0]["extra_cost"] == pytest.approx(float(cost.mean()))
    assert found["left_out"] == []


@pytest.mark.parametrize("part", ["segment", "csm", "month"])
def test_parts_add_up_to_the_team(capsys: Captured, part: str) -> None:
    found = report(capsys, *COMPARE, "--by", part)
    team = {row["plan"]: row["differences"]["retained_arr"]["mean"] for row in found["plans"]}
    rows = found["parts"]["Retained ARR"]
    for plan in team.keys() - {"Plan in force"}:
        assert sum(row["mean"] for row in rows if row["plan"] == plan) == pytest.approx(team[plan], abs=1.0)
    names = set(load_sample("startup").team.csm_name)
    assert not names & {row["part"] for row in rows}, "ids, no names"


def test_in_words(capsys: Captured) -> None:
    text = output(capsys, *COMPARE)
    found = report(capsys, *COMPARE)
    assert text.startswith(found["answer"])
    for row in found["break_even"]:
        assert row["sentence"] in text
    lines = text.splitlines()
    assert [line.split("  ")[0] for line in lines[3:7]] == ["PostHog", "At risk 80/20", "FlowFuse", "Plan in force"]


def test_the_same_plan_twice_and_one_trial(capsys: Captured) -> None:
    found = report(capsys, "compare", "--book", "startup", "--plan", "posthog", "--plan", "posthog", "--trials", "1")
    assert [row["plan"] for row in found["plans"]] == ["PostHog", "PostHog (2)", "Plan in force"]
    assert found["plans"][0]["differences"]["plan_cost"]["standard_error"] is None
    assert np.isclose(sum(row["best"] for row in found["plans"]), 1.0)
    none = report(capsys, *COMPARE, "--worth", "0")
    assert none["break_even"][0]["grr_needed"] is None


def test_a_plan_that_does_not_fit_is_left_out(capsys: Captured, files: Path) -> None:
    book = ("compare", "--book", str(files / "accounts.csv"), "--team", str(files / "team.csv"), "--trials", "64")
    book = (*book, "--current", "corporate_mbo")
    found = report(capsys, *book, "--plan", "current_80_20", "--plan", "salary_spiffs")
    assert [row["plan"] for row in found["plans"]] == ["Salary with SPIFs", "Plan in force"]
    (sentence,) = found["left_out"]
    assert sentence.startswith("Customary 80/20: component ") and "quota" in sentence
    assert "Left out: Customary 80/20" in output(capsys, *book, "--plan", "current_80_20", "--plan", "salary_spiffs")
    assert any("quota" in line for line in complaints(capsys, *book, "--plan", "current_80_20"))


def test_every_problem_at_once(capsys: Captured) -> None:
    said = complaints(
        capsys,
        "compare",
        "--book",
        "startup",
        "--plan",
        "postdog",
        "--plan",
        "x.toml",
        "--worth",
        "-1",
        "--trials",
        "0",
    )
    assert len(said) == 4
    assert json.dumps(said).count("--plan") == 2
