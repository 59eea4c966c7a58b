"""The roles after the sale: complete, with a plan each that is valid, runs, and pays for what the role can move."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.book.samples import load_sample
from sim.engine.run import set_stage, simulate
from sim.plan.read import plan_preset
from sim.plan.schema import Measure, Plan
from sim.problems import InputError
from sim.roles.archetypes import ARCHETYPES, Archetype, archetype_plan
from sim.world.benchmarks import BENCHMARKS
from sim.world.parameters import World

FOLDER = Path(__file__).parents[1] / "sim" / "roles" / "presets"
KEYS = [role.key for role in ARCHETYPES]
SOLD: tuple[str, ...] = ("upsell", "cross_sell")
MOVED_BY: dict[Measure, tuple[str, ...]] = {
    "gross_retention": ("retention",),
    "logo_retention": ("retention",),
    "renewals": ("retention",),
    "net_retention": ("retention", *SOLD),
    "expansion_bookings": SOLD,
    "referrals": SOLD,
    "upsell_bookings": SOLD[:1],
    "cross_sell_bookings": SOLD[1:],
    "nps": ("kpi",),
    "adoption": ("kpi",),
    "mbo": ("kpi",),
    "time_to_onboard": ("kpi",),
    "utilisation": ("kpi",),
}
"""Tasks whose effort moves a measure."""


def paid_tasks(plan: Plan) -> set[str]:
    return {task for part in plan.components for task in MOVED_BY[part.measure]}


def test_every_role_has_a_plan_and_every_plan_a_role() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.toml")) == sorted(KEYS)
    assert len({role.name for role in ARCHETYPES}) == len(KEYS) == 11


@pytest.mark.parametrize("role", ARCHETYPES, ids=KEYS)
def test_a_role_is_complete_and_its_plan_is_within_its_range(role: Archetype) -> None:
    plan = archetype_plan(role.key)
    texts = (role.owns, role.measures, role.measured_by, role.mix_source, role.hands_over, plan.description)
    assert all(re.fullmatch(r"[A-Z0-9].*\.", text) for text in texts)
    assert plan.name == role.name
    low, high = role.mix
    assert 0.0 < low <= plan.variable_share <= high <= 0.6
    assert f"{100 * (1 - plan.variable_share):.0f}/{100 * plan.variable_share:.0f}" in plan.description
    assert sum(part.weight or 0.0 for part in plan.components) == pytest.approx(1.0)


@pytest.mark.parametrize("role", ARCHETYPES, ids=KEYS)
def test_it_is_paid_for_what_it_moves_and_moves_what_it_is_paid_for(role: Archetype) -> None:
    paid = paid_tasks(archetype_plan(role.key))
    effort = role.effort._asdict()
    assert [task for task in paid if effort[task] == 0.0] == []
    assert [task for task, skill in effort.items() if skill >= 1.0 and task not in paid] == []
    assert all(0.0 <= skill <= 1.5 for skill in effort.values())


@pytest.mark.parametrize("role", ARCHETYPES, ids=KEYS)
def test_a_mix_without_a_published_source_is_called_judgement(role: Archetype) -> None:
    (published,) = (row for row in BENCHMARKS if row.label == "Pay mix")
    if role.mix_source.startswith("Judgement"):
        assert role.confidence == "low"
    else:
        assert role.confidence == published.confidence
        assert published.low <= role.mix[0] <= role.mix[1] <= published.high
        digits = re.findall(r"\d+", role.mix_source)
        assert {f"{100 * role.mix[0]:.0f}", f"{100 * role.mix[1]:.0f}"} <= set(digits)


def test_periods_grow_with_the_level() -> None:
    for key in KEYS:
        months = [*archetype_plan(key).period_months(("csm", "lead", "manager"))]
        assert months == sorted(months), key
    (csm,), (lead,), (manager,) = (
        [*archetype_plan(key).period_months((key,))] for key in ("renewal", "lead", "manager")
    )
    assert csm < lead < manager


def test_every_plan_runs_on_the_small_sample() -> None:
    stage = set_stage(load_sample("startup"), plan_preset("current_80_20"), World(), trials=64)
    for key in KEYS:
        outcome = simulate(stage, archetype_plan(key))
        target = float((outcome.csm_target).sum())
        assert 0.3 * target < outcome.variable_pay.mean() < 2.0 * target, key


def test_an_unknown_role_is_told_the_nearest() -> None:
    with pytest.raises(InputError, match="the nearest is 'onboarding'"):
        archetype_plan("onbording")
