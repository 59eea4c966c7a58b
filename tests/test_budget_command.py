"""`python -m sim budget`: the figures of the page, in words and as JSON, and one sentence for each problem."""

from __future__ import annotations

import numpy as np
import pytest
from test_command_line import Captured, complaints, output, report

from sim.book.samples import load_sample
from sim.decide.budget.fit import paired_fit, sentence
from sim.engine.run import set_stage, simulate
from sim.plan import plan_preset
from sim.plan.levers import with_lever
from sim.world.parameters import World

TRIALS = 128
RUN = ("budget", "--book", "startup", "--plan", "at_risk_70_30", "--trials", str(TRIALS))


def test_json_is_the_engines_answer(capsys: Captured) -> None:
    current = plan_preset("current_80_20")
    stage = set_stage(load_sample("startup"), current, World(), trials=TRIALS)
    then, now = simulate(stage, plan_preset("at_risk_70_30")), simulate(stage, current)
    budget = float(np.quantile(then.plan_cost, 0.7))
    options = ("--budget", repr(budget), "--solve", "variable_share", "--most-over", "0.2", "--stress")
    found = report(capsys, *RUN, *options)
    assert found["budget"] == budget
    assert found["finding"] == sentence(paired_fit(then, now, budget))
    assert found["fit"][0]["over"] == np.mean(then.plan_cost > budget)
    assert found["fit"][1]["p90"] == pytest.approx(np.quantile(now.plan_cost, 0.9))
    assert sum(part["candidate"] for part in found["parts"][:-1]) == pytest.approx(then.plan_cost.mean())
    assert sum(month["accrued"] for month in found["months_of_candidate"]) == pytest.approx(then.plan_cost.mean())
    solved = found["solution"]
    mended = with_lever(plan_preset("at_risk_70_30"), "variable_share", solved["value"])
    assert np.mean(simulate(stage, mended).plan_cost > budget) == solved["over"] <= 0.2
    assert found["events"][-1]["retained_arr"] is None
    text = output(capsys, *RUN, *options)
    assert text.startswith(found["finding"])
    assert solved["finding"] in text
    assert "Three largest accounts lost" in text


def test_a_budget_from_the_top_down(capsys: Captured) -> None:
    assert report(capsys, *RUN, "--share", "0.07", "--revenue", "1e7")["budget"] == pytest.approx(7e5)
    by_margin = report(capsys, *RUN, "--margin", "0.2", "--other-costs", "7e6", "--revenue", "1e7")
    assert by_margin["budget"] == pytest.approx(1e6)
    assert "four trials of five" in report(capsys, *RUN)["budget_is"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--budget", "-5"), ["--budget: must be above 0"]),
        (("--margin", "0.2"), ["--margin: goes with --other-costs; give both or neither"]),
        (("--share", "0", "--most-over", "1"), ["--share: must be above 0", "--most-over: must be a fraction"]),
        (("--solve", "retention_capp"), ["--solve: must be a lever that this plan can move: retention_cap"]),
        (("--margin", "0.9", "--other-costs", "5e6", "--revenue", "1e7"), ["budget: must leave something to spend"]),
    ],
)
def test_what_cannot_be_is_told(capsys: Captured, options: tuple[str, ...], words: list[str]) -> None:
    told = complaints(capsys, *RUN, *options)
    assert len(told) == len(words)
    for line, start in zip(told, words, strict=True):
        assert line.startswith(start)
