"""Thousands of small books: each as if it were alone, in order, wherever it runs; a bad one stops nobody."""

from __future__ import annotations

from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import pytest

from sim.decide.compare import differences
from sim.decide.many_books import TOGETHER, on_books
from sim.engine.run import set_stage, simulate
from sim.plan.read import plan_preset
from sim.runs.setting import Setting
from sim.runs.spread import local_executor
from sim.world.parameters import world_preset
from tests.strategies import book_of

CURRENT, CANDIDATE = plan_preset("current_80_20"), plan_preset("at_risk_70_30")
SETTINGS = [
    Setting(book_of(6, 2, seed), CURRENT, world_preset("base"), trials=64, months=6) for seed in range(2 * TOGETHER + 3)
]


def test_each_book_is_worked_out_as_if_it_were_alone() -> None:
    counts: list[int] = []
    with local_executor() as executor:
        found = on_books(executor, SETTINGS, CANDIDATE, counts.append)
    assert [answer.book for answer in found] == [setting.book.digest for setting in SETTINGS]
    for answer, setting in zip(found, SETTINGS, strict=True):
        stage = set_stage(setting.book, CURRENT, setting.world, trials=64, n_months=6)
        assert answer.changes == differences(simulate(stage, CANDIDATE), simulate(stage, CURRENT))
    assert counts[-1] == len(SETTINGS)
    assert counts == sorted(counts)


def test_processes_change_nothing() -> None:
    executor: Executor
    with local_executor() as executor:
        here = on_books(executor, SETTINGS[:12], CANDIDATE)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        assert on_books(executor, SETTINGS[:12], CANDIDATE) == here


def test_a_book_that_cannot_be_run_says_why_and_stops_nobody() -> None:
    barren = replace(
        SETTINGS[0].book,
        upsell_whitespace=0.0 * SETTINGS[0].book.arr,
        cross_sell_whitespace=0.0 * SETTINGS[0].book.arr,
    )
    with local_executor() as executor:
        first, second = on_books(executor, [replace(SETTINGS[0], book=barren), SETTINGS[1]], CANDIDATE)
    assert first.changes == {}
    assert "must be above zero" in str(first.problems[0])
    assert second.changes
    assert second.problems == ()


def test_whoever_has_had_enough_ends_the_work() -> None:
    class Enough(Exception):
        pass

    def stop(count: int) -> None:
        raise Enough

    with local_executor() as executor, pytest.raises(Enough):
        on_books(executor, SETTINGS, CANDIDATE, stop)
