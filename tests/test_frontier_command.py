"""`python -m sim frontier`: the plans of the search, as a table, as JSON and as files; what the options cannot be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sim.__main__ import main
from sim.book.samples import load_sample
from sim.decide.frontier.figures import assess
from sim.decide.frontier.finalists import fresh_seed
from sim.plan.levers import lever_value
from sim.plan.read import plan_preset, read_plan
from sim.plan.schema import Plan
from sim.runs.setting import Setting
from sim.world.parameters import world_preset

Captured = pytest.CaptureFixture[str]
BRIEF = ("frontier", "--book", "startup", "--trials", "128", "--months", "6", "--plans", "40")


def report(capsys: Captured, *arguments: str) -> dict[str, Any]:
    assert main([*BRIEF, *arguments, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    return found


def test_json_holds_the_plans_and_their_figures_on_fresh_luck(capsys: Captured) -> None:
    found = report(capsys, "--policy", "quarterly_at_most", "--budget", "400000", "--most-over", "0.5")
    assert found["plans_tried"] == 40
    assert found["plans_within_budget"] <= found["plans_different"] <= 40
    assert (found["budget"], found["most_over"]) == (400_000.0, 0.5)
    fresh = Setting(
        load_sample("startup"), plan_preset("current_80_20"), world_preset("base"), fresh_seed(1), trials=128, months=6
    )
    assert found["offers"]
    for offer in found["offers"]:
        plan = Plan.model_validate(offer["terms"])
        assert plan.name == offer["plan"]
        assert plan.period in ("month", "quarter")
        there = assess(fresh, 400_000.0, plan)
        assert there is not None
        assert (offer["cost_p90"], offer["retained_arr"]) == (there.figures.cost_p90, there.figures.retained_arr)
        assert (offer["pay_gap"], offer["over"]) == (there.figures.pay_gap, there.figures.over)
    assert report(capsys, "--policy", "quarterly_at_most", "--budget", "400000", "--most-over", "0.5") == found


def test_the_table_and_the_files_are_the_same_plans(capsys: Captured, tmp_path: Any) -> None:
    moves = ("--move", "variable_share=0.1..0.4", "--move", "retention_capped=off", "--move", "accelerator=2")
    found = report(capsys, *moves, "--out", str(tmp_path))
    assert main([*BRIEF, *moves]) == 0
    printed = capsys.readouterr().out
    plans = [read_plan(path) for path in sorted(tmp_path.glob("frontier_*.toml"))]
    assert [plan.name for plan in plans] == [offer["plan"] for offer in found["offers"]]
    assert all(plan.name in printed for plan in plans)
    assert found["finding"] in printed
    for plan in plans:
        assert lever_value(plan, "retention_capped") is False
        assert lever_value(plan, "accelerator") == 2.0
        assert plan.period == plan_preset("current_80_20").period


def test_the_search_may_start_from_another_plan(capsys: Captured) -> None:
    found = report(capsys, "--from", "posthog", "--plans", "20")
    for offer in found["offers"]:
        assert [part["measure"] for part in offer["terms"]["components"]] == ["net_retention"]


def test_everything_that_is_wrong_is_told_at_once(capsys: Captured) -> None:
    wrong = ["--move", "variable_shore=0.1..0.2", "--move", "period=week", "--move", "accelerator=fast"]
    wrong += ["--plans", "0", "--most-over", "10", "--budget", "-5", "--from", "posthawk", "--world", "nowhere"]
    assert main(["frontier", "--book", "startup", *wrong]) == 2
    told = capsys.readouterr().err.splitlines()
    for part in (
        "--move: must name a lever; the nearest is 'variable_share'",
        "--move period: must be some of month, quarter, half, year",
        "--move accelerator: must be a range like 0.1..0.4",
        "--plans: must be from 1 to",
        "--most-over: must be a fraction",
        "--budget: must be above 0",
        "--from: must be one of",
        "world",
    ):
        assert any(part in line for line in told), part
    assert len(told) == 8


def test_policies_and_clusters_that_cannot_be(capsys: Captured) -> None:
    assert main([*BRIEF, "--policy", "capped", "--policy", "uncapped"]) == 2
    assert "leave no value" in capsys.readouterr().err
    assert main([*BRIEF, "--cluster", "nowhere"]) == 2
    assert "cluster: must be the address of a Dask scheduler" in capsys.readouterr().err
