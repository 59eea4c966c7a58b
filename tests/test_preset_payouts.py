"""Each shipped plan pays what was worked out by hand beside it, to the cent."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest
from tiny_book import CSMS, tiny_book, world_without_luck

from sim.engine.outcome import Outcome
from sim.engine.run import set_stage, simulate
from sim.plan import read_plan
from sim.plan.schema import Component, Plan

FOLDER = Path(__file__).parent.parent / "sim" / "plan" / "presets"
EXPECTED = ".expected.toml"
WORKED = sorted(path.name.removesuffix(EXPECTED) for path in FOLDER.glob(f"*{EXPECTED}"))
HALF_A_CENT = 0.005
SINGLE = 0.002
"""Pay of each CSM is kept in single precision: the last bit of $20,000 is worth $0.002."""


def expected_pay(name: str) -> dict[str, dict[str, float]]:
    """USD a year, by CSM and component."""
    return tomllib.loads((FOLDER / f"{name}{EXPECTED}").read_text())


def run(plan: Plan, pays: Plan) -> Outcome:
    """The plan ``pays`` on the tiny book, with ``plan`` in force."""
    return simulate(set_stage(tiny_book(), plan, world_without_luck(), trials=64), pays)


def only(plan: Plan, i: int) -> Plan:
    """The plan with nothing paid but component ``i``: weights no longer add up, which pydantic is not asked."""

    def silenced(component: Component) -> Component:
        paid = {name: 0.0 for name in ("weight", "rate", "amount") if getattr(component, name) is not None}
        return component.model_copy(update=paid)

    parts = tuple(part if j == i else silenced(part) for j, part in enumerate(plan.components))
    return plan.model_copy(update={"components": parts})


def test_every_preset_has_its_expected_payouts_and_none_is_left_over() -> None:
    plans = sorted(path.stem for path in FOLDER.glob("*.toml") if not path.name.endswith(EXPECTED))
    assert plans == WORKED


@pytest.mark.parametrize("name", WORKED)
def test_pays_what_was_worked_out_by_hand(name: str) -> None:
    plan = read_plan(FOLDER / f"{name}.toml")
    by_hand = expected_pay(name)
    names = [component.name for component in plan.components]
    assert list(by_hand) == list(CSMS)
    assert all(list(parts) == names for parts in by_hand.values())

    for i, component in enumerate(names):
        paid = run(plan, only(plan, i)).csm_pay
        assert np.ptp(paid, axis=1).max() == 0.0, "no luck is left, so that every trial pays the same"
        wanted = [by_hand[csm][component] for csm in CSMS]
        np.testing.assert_allclose(paid[:, 0], wanted, rtol=0.0, atol=HALF_A_CENT + SINGLE, err_msg=component)

    whole = run(plan, plan)
    by_csm = [sum(by_hand[csm].values()) for csm in CSMS]
    by_component = [sum(by_hand[csm][component] for csm in CSMS) for component in names]
    tolerance = HALF_A_CENT * len(CSMS)
    np.testing.assert_allclose(whole.csm_pay[:, 0], by_csm, rtol=0.0, atol=tolerance)
    np.testing.assert_allclose(whole.paid.sum(axis=1)[:, 0], by_component, rtol=0.0, atol=tolerance)
    np.testing.assert_allclose(whole.variable_pay, sum(by_csm), rtol=0.0, atol=2.0 * tolerance)


def test_the_tiny_book_moves_as_its_table_says() -> None:
    plan = read_plan(FOLDER / "current_80_20.toml")
    outcome = run(plan, plan)
    lost = 60_000 + 82_230
    sold = [53_760 + 65_760 + 26_880, 6_720 + 6_720 + 3_360, 840 + 840 + 420, 105 + 105 + 45]
    assert outcome.opening_arr == 1_400_000
    assert np.ptp(outcome.closing_arr) == 0.0
    assert outcome.retained_arr[0] == 1_400_000 - lost
    bookings = (outcome.monthly("upsell") + outcome.monthly("cross_sell"))[:, 0].reshape(4, 3).sum(axis=1)
    assert bookings.tolist() == sold
    assert outcome.closing_arr[0] == 1_400_000 - lost + sum(sold)
    assert outcome.logo_retention[0] == 1.0 - 2 / 8
    assert outcome.base_pay[0] == pytest.approx(0.8 * 300_000)
