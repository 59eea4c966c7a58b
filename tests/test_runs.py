"""Many runs: the same answers whoever works them out, and in whatever order they arrive."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from sim.book.samples import load_sample
from sim.engine.run import set_stage, simulate
from sim.plan.read import plan_preset
from sim.runs.setting import Setting, draws_at, run, stage_at
from sim.runs.spread import local_executor, spread
from sim.world.parameters import world_preset

CURRENT, CANDIDATE = plan_preset("current_80_20"), plan_preset("at_risk_70_30")


@pytest.fixture(scope="module")
def setting() -> Setting:
    return Setting(load_sample("startup"), CURRENT, world_preset("base"), seed=3, trials=100, months=6)


def test_a_run_at_a_setting_is_the_engines_own(setting: Setting) -> None:
    stage = set_stage(setting.book, CURRENT, setting.world, seed=3, trials=100, n_months=6)
    assert run(setting, CANDIDATE).plan_cost.tolist() == simulate(stage, CANDIDATE).plan_cost.tolist()


def test_the_key_holds_everything_that_moves_a_figure(setting: Setting) -> None:
    others = [
        replace(setting, book=load_sample("midmarket")),
        replace(setting, current=CANDIDATE),
        replace(setting, world=world_preset("sceptic")),
        replace(setting, seed=4),
        replace(setting, trials=101),
        replace(setting, months=7),
    ]
    assert len({other.key for other in [setting, *others]}) == 7
    assert replace(setting).key == setting.key
    assert stage_at(replace(setting)) is stage_at(setting)


def test_worlds_share_their_luck_unless_the_common_shock_differs(setting: Setting) -> None:
    braver = replace(setting, world=setting.world.changed({"churn_cut": 0.15}))
    shaken = replace(setting, world=setting.world.changed({"shock_rho": 0.08}))
    assert draws_at(braver) is draws_at(setting)
    assert draws_at(shaken) is not draws_at(setting)


def test_answers_come_in_the_order_of_the_tasks() -> None:
    told: dict[int, int] = {}

    def slow_first(task: int) -> int:
        time.sleep(0.05 if task == 0 else 0.0)
        return task * task

    with local_executor() as executor:
        assert spread(executor, slow_first, range(20), told.__setitem__) == [task * task for task in range(20)]
    assert told == {task: task * task for task in range(20)}


def test_nothing_more_begins_once_the_caller_has_had_enough() -> None:
    begun: list[int] = []

    def task(number: int) -> int:
        begun.append(number)
        time.sleep(0.01)
        return number

    def enough(place: int, answer: int) -> None:
        raise KeyboardInterrupt

    with ThreadPoolExecutor(1) as executor, pytest.raises(KeyboardInterrupt):
        spread(executor, task, range(1000), enough)
    assert len(begun) < 100


def test_one_that_fails_ends_the_rest() -> None:
    def fails(number: int) -> float:
        if number == 3:
            raise ZeroDivisionError
        return float(np.sqrt(number))

    with local_executor() as executor, pytest.raises(ZeroDivisionError):
        spread(executor, fails, range(50))
