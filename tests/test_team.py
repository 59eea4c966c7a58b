"""A designed team against today's: nothing changed changes nothing; another role is another plan and another reach."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from strategies import book_of

from sim.decide.compare import differences
from sim.decide.team.study import Added, Design, Study, roles_of, study
from sim.decide.team.words import double_finding, finding, pay_bars, role_table
from sim.engine.run import set_stage, simulate
from sim.plan.read import plan_preset
from sim.problems import InputError
from sim.roles.archetypes import ARCHETYPES, archetype_plan
from sim.runs.setting import Setting
from sim.world.parameters import World

IN_FORCE, CANDIDATE = plan_preset("current_80_20"), plan_preset("at_risk_70_30")
BOOK = replace(book_of(30, 5), tenure_months=np.where(np.arange(30) % 3 == 0, 4.0, 40.0))
SETTING = Setting(BOOK, IN_FORCE, World(), trials=256)
EVERYBODY = tuple(
    Added(role.key, 2, 120e3, archetype_plan(role.key).variable_share, credit=1.0 if role.joins == "closes" else 0.0)
    for role in ARCHETYPES
    if role.joins != "owns"
)


def changes(found: Study) -> dict[str, float]:
    return {name: change.mean for name, change in differences(found.after, found.before).items()}


def test_no_change_is_exactly_nothing_and_a_candidate_is_what_if() -> None:
    found = study(SETTING, IN_FORCE, Design())
    assert set(changes(found).values()) == {0.0}
    assert finding(found) == "This team cannot be told from today's with these trials"
    stage = set_stage(BOOK, IN_FORCE, World(), trials=256)
    alone = differences(simulate(stage, CANDIDATE), simulate(stage, IN_FORCE))
    assert differences(*_both(study(SETTING, CANDIDATE, Design()))) == alone


def _both(found: Study) -> tuple:
    return found.after, found.before


def test_people_who_are_there_today_cost_nothing_new() -> None:
    there = Design(added=(replace(EVERYBODY[-1], new=False), replace(EVERYBODY[1], new=False)))
    assert set(changes(study(SETTING, IN_FORCE, there)).values()) == {0.0}


def test_a_team_of_every_role_adds_up() -> None:
    told: list[float] = []
    found = study(SETTING, CANDIDATE, Design("retention_only", 0.0, EVERYBODY), told.append)
    assert told == sorted(told) and told[-1] == 1.0
    table, bars = role_table(found), pay_bars(found)
    assert list(table["role"]) == [role.name for role in found.roles]
    assert table["cost"].sum() == pytest.approx(found.after.plan_cost.mean())
    assert bars["amount"].sum() == pytest.approx((found.after.base_pay + found.after.variable_pay).mean())
    assert table["booked"][0] == pytest.approx(found.after.expansion_arr.mean())
    assert table["credited"].sum() == pytest.approx(table["booked"][0])
    assert "count twice" not in double_finding(found)
    twice = study(SETTING, CANDIDATE, Design("", 1.0, EVERYBODY[:1]))
    assert "of bookings count twice, 100.0 % of all" in double_finding(twice)


def test_more_specialists_reach_further() -> None:
    large = replace(SETTING, book=book_of(600, 6))
    few, more = (changes(study(large, IN_FORCE, Design("", 1.0, (Added("overlay", n, 150e3, 0.4),)))) for n in (1, 4))
    assert 0.0 < few["expansion_arr"] < more["expansion_arr"]
    assert few["plan_cost"] < more["plan_cost"]


def test_new_customers_alone_are_onboarded() -> None:
    (_, role) = roles_of(BOOK, IN_FORCE, CANDIDATE, Design(added=(Added("onboarding", 2, 9e4, 0.1, 0.0),)))
    assert np.array_equal(role.seat >= 0, BOOK.tenure_months < 12)


def test_what_is_wrong_is_said_all_at_once() -> None:
    old = replace(BOOK, tenure_months=np.full(30, 40.0))
    wrong = Design(added=(Added("overlay", 6, 1e5, 0.4), Added("onboarding", 1, 1e5, 0.1)))
    with pytest.raises(InputError) as caught:
        roles_of(old, IN_FORCE, CANDIDATE, wrong)
    assert len(caught.value.problems) == 2
    with pytest.raises(InputError, match="nobody knows who would pull a deal forward"):
        study(replace(SETTING, world=World(pull_share=0.1)), CANDIDATE, Design())
