"""The levers: what is read is what was set, nothing else moves, and no plan becomes invalid."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.plan import (
    LEVERS,
    PLAN_PRESETS,
    Curve,
    Lever,
    LeverValue,
    Plan,
    Tier,
    lever_reason,
    lever_value,
    pay_curve,
    payout,
    plan_preset,
    read_plan,
    with_lever,
)
from sim.problems import InputError

# A busy machine is no failure of the code.
unhurried = settings(deadline=None)

by_lever = pytest.mark.parametrize("lever", LEVERS, ids=lambda lever: lever.name)
by_preset = pytest.mark.parametrize("preset", PLAN_PRESETS)

# What a move is meant to take along: with the cap gone there is none to set, and so on.
TOGETHER = [
    {"retention_capped", "retention_cap"},
    {"expansion_capped", "expansion_cap"},
    {"expansion_gate", "gate_minimum"},
]


def ends(lever: Lever) -> list[LeverValue]:
    """Both ends of a slider, both positions of a toggle, every choice."""
    match lever.widget:
        case "slider":
            return [lever.low, lever.high]
        case "toggle":
            return [False, True]
        case "choice":
            return [option for option, _ in lever.options]


def others(plan: Plan, moved: str) -> dict[str, LeverValue | None]:
    along = {name for group in TOGETHER if moved in group for name in group} | {moved}
    return {lever.name: lever_value(plan, lever.name) for lever in LEVERS if lever.name not in along}


# --- the table ----------------------------------------------------------------------------------------


def test_names_and_links_are_unique_and_fit_a_link() -> None:
    assert len({lever.name for lever in LEVERS}) == len({lever.link for lever in LEVERS}) == len(LEVERS)
    assert all(re.fullmatch(r"[a-z]{2,4}", lever.link) for lever in LEVERS)


@by_lever
def test_each_lever_says_what_it_is(lever: Lever) -> None:
    assert lever.label and lever.help.endswith(".") and lever.source.endswith(".")
    assert (lever.widget == "slider") == (lever.low < lever.high and lever.step > 0.0)
    assert (lever.widget == "choice") == (len(lever.options) > 1)
    if lever.widget == "slider":
        steps = (lever.high - lever.low) / lever.step
        assert steps == pytest.approx(round(steps))


@by_lever
def test_each_lever_moves_some_preset_and_gives_a_reason_where_it_cannot(lever: Lever) -> None:
    values = [lever_value(plan_preset(name), lever.name) for name in PLAN_PRESETS]
    assert any(value is not None for value in values)
    for name, value in zip(PLAN_PRESETS, values, strict=True):
        assert bool(lever_reason(plan_preset(name), lever.name)) == (value is None)


def test_values_of_the_current_plan() -> None:
    plan = plan_preset("current_80_20")
    assert {lever.name: lever_value(plan, lever.name) for lever in LEVERS} == {
        "variable_share": 0.2,
        "hold": "ote",
        "retention_weight": 0.6,
        "retention_threshold": 0.85,
        "retention_capped": True,
        "retention_cap": 1.5,
        "no_renewal_due": "target",
        "expansion_threshold": 0.5,
        "expansion_capped": True,
        "expansion_cap": 2.0,
        "quota_stretch": 1.0,
        "expansion_gate": False,
        "gate_minimum": None,
        "clawback_months": 0,
        "accelerator": 1.5,
        "period": "quarter",
        "true_up": True,
        "quota_rule": "flat",
    }


# --- laws ---------------------------------------------------------------------------------------------


@by_preset
@by_lever
def test_setting_what_is_set_changes_nothing(preset: str, lever: Lever) -> None:
    plan = plan_preset(preset)
    value = lever_value(plan, lever.name)
    if value is not None:
        assert with_lever(plan, lever.name, value) == plan
        # Nor does the writer itself, where it is not spared the work.
        assert Plan.model_validate(lever.put(plan, value).model_dump()) == plan


@by_preset
@by_lever
def test_every_position_of_every_lever_holds_and_moves_nothing_else(preset: str, lever: Lever) -> None:
    plan = plan_preset(preset)
    for value in ends(lever):
        if lever_value(plan, lever.name) is None:
            with pytest.raises(InputError, match=re.escape(lever.reason.rstrip("."))):
                with_lever(plan, lever.name, value)
            continue
        moved = with_lever(plan, lever.name, value)
        assert lever_value(moved, lever.name) == value
        assert others(moved, lever.name) == others(plan, lever.name)


positions = st.sampled_from(LEVERS).flatmap(
    lambda lever: st.tuples(
        st.just(lever),
        st.integers(0, round((lever.high - lever.low) / lever.step)).map(
            lambda step: round(lever.low + step * lever.step, 10)
        )
        if lever.widget == "slider"
        else st.sampled_from(ends(lever)),
    )
)


@unhurried
@given(st.sampled_from(PLAN_PRESETS), st.lists(positions, max_size=12))
def test_any_sequence_of_moves_leaves_a_valid_plan_that_reads_as_it_was_set(
    preset: str, moves: list[tuple[Lever, LeverValue]]
) -> None:
    plan = plan_preset(preset)
    for lever, value in moves:
        if lever_value(plan, lever.name) is None:
            continue
        before = others(plan, lever.name)
        plan = with_lever(plan, lever.name, value)
        assert lever_value(plan, lever.name) == pytest.approx(value)
        assert others(plan, lever.name) == before
        assert Plan.model_validate(plan.model_dump()) == plan


# --- what single levers do ----------------------------------------------------------------------------


def curve_of(plan: Plan, index: int) -> Curve:
    return plan.components[index].curve


def weights_of(plan: Plan) -> list[float | None]:
    return [component.weight for component in plan.components]


def test_weight_moves_in_proportion_and_comes_back_from_nothing() -> None:
    plan = read_plan(
        """
name = "Three"
variable_share = 0.2
component = [
    { name = "GRR", measure = "gross_retention", weight = 0.4 },
    { name = "Upsell", measure = "upsell_bookings", weight = 0.45 },
    { name = "NPS", measure = "nps", weight = 0.15 },
]
"""
    )
    assert weights_of(with_lever(plan, "retention_weight", 0.2)) == pytest.approx([0.2, 0.6, 0.2])
    all_retention = with_lever(plan, "retention_weight", 1.0)
    assert weights_of(all_retention) == [1.0, 0.0, 0.0]
    assert weights_of(with_lever(all_retention, "retention_weight", 0.5)) == pytest.approx([0.5, 0.25, 0.25])


def test_a_threshold_takes_the_tiers_below_it_along() -> None:
    curve = Curve(threshold=0.5, tiers=(Tier(start=0.6, slope=2), Tier(start=0.7, slope=0.5), Tier(start=1, slope=3)))
    plan = plan_preset("current_80_20")
    component = plan.components[0].model_copy(update={"curve": curve})
    plan = plan.model_copy(update={"components": (component, plan.components[1])})
    moved = curve_of(with_lever(plan, "retention_threshold", 0.9), 0)
    assert moved.tiers == (Tier(start=0.9, slope=0.5), Tier(start=1.0, slope=3))
    assert moved.threshold == 0.9


def test_an_accelerator_is_added_at_quota_where_there_is_none() -> None:
    moved = with_lever(plan_preset("posthog"), "accelerator", 3.0)
    assert payout(pay_curve(curve_of(moved, 0), "bonus"), [1.0, 1.1]) == pytest.approx([1.0, 4.3])


def test_a_first_accelerator_lifts_the_later_ones_but_no_plateau() -> None:
    plan = plan_preset("commission_uncapped")
    tiers = (Tier(start=1.0, slope=1.5), Tier(start=1.5, slope=2.0), Tier(start=3.0, slope=0.0))
    component = plan.components[0].model_copy(update={"curve": Curve(tiers=tiers)})
    moved = with_lever(plan.model_copy(update={"components": (component,)}), "accelerator", 3.0)
    assert [tier.slope for tier in curve_of(moved, 0).tiers] == [3.0, 3.0, 0.0]


def test_an_accelerator_moves_what_accelerates_and_leaves_straight_lines_alone() -> None:
    plan = plan_preset("bonus_commission_mix")
    assert lever_value(plan, "accelerator") == 1.5
    moved = with_lever(plan, "accelerator", 2.0)
    assert curve_of(moved, 0) == curve_of(plan, 0)
    assert curve_of(moved, 1).tiers == (Tier(start=1.0, slope=2.0),)


def test_an_accelerator_leaves_kpis_alone() -> None:
    plan = plan_preset("flowfuse")
    moved = with_lever(plan, "accelerator", 2.0)
    assert curve_of(moved, 0).tiers == (Tier(start=1.0, slope=2.0),)
    assert curve_of(moved, 1) == curve_of(plan, 1)


def test_caps_go_and_come_back() -> None:
    uncapped = with_lever(plan_preset("current_80_20"), "expansion_capped", False)
    assert curve_of(uncapped, 1).cap is None and curve_of(uncapped, 0).cap == 1.5
    assert lever_reason(uncapped, "expansion_cap") == "Expansion pay has no cap in this plan."
    assert curve_of(with_lever(uncapped, "expansion_capped", True), 1).cap == 2.0


def test_fitted_quotas_follow_risk_and_white_space_and_keep_the_stretch() -> None:
    stretched = with_lever(plan_preset("current_80_20"), "quota_stretch", 1.2)
    fitted = with_lever(stretched, "quota_rule", "fitted")
    assert [component.quota.rule for component in fitted.components] == ["risk_adjusted", "white_space"]
    assert [component.quota.stretch for component in fitted.components] == [1.0, 1.2]
    assert with_lever(fitted, "quota_rule", "flat") == stretched
    assert with_lever(plan_preset("posthog"), "quota_rule", "fitted").components[0].quota.target is None


def test_a_gate_goes_before_bookings_only() -> None:
    gated = with_lever(plan_preset("current_80_20"), "expansion_gate", True)
    assert gated.components[0].gate is None
    assert gated.components[1].gate is not None and gated.components[1].gate.minimum == 0.85


# --- problems -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("variable_share", 0.55, "Variable pay: must be from 0 to 0.5 (got '0.55')."),
        ("variable_share", True, "Variable pay: must be from 0 to 0.5 (got 'True')."),
        ("variable_share", float("nan"), "Variable pay: must be from 0 to 0.5 (got 'nan')."),
        ("variable_share", "20%", "Variable pay: must be from 0 to 0.5 (got '20%')."),
        ("clawback_months", 2.5, "Clawback, clawback_months: must be a whole number (got '2.5')."),
        ("period", "week", "Payout period: must be one of month, quarter, half, year (got 'week')."),
        ("true_up", 1.0, "True-up over the year: must be on or off (got '1.0')."),
        (
            "gate_minimum",
            0.9,
            "Retention that opens the gate: cannot be set: No gate stands before expansion pay in ",
        ),
        ("cap", 2.0, "lever cap: is not a lever; the nearest is '"),
    ],
)
def test_a_wrong_move_gets_one_sentence(name: str, value: LeverValue, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        with_lever(plan_preset("current_80_20"), name, value)
    assert str(caught.value).startswith(sentence)
    assert len(caught.value.problems) == 1


def test_a_threshold_above_the_cap_is_refused_in_words() -> None:
    plan = plan_preset("current_80_20")
    low = plan.components[0].model_copy(update={"curve": Curve(threshold=0.5, cap=0.6)})
    plan = plan.model_copy(update={"components": (low, plan.components[1])})
    with pytest.raises(InputError, match="threshold is above the cap"):
        with_lever(plan, "retention_threshold", 0.9)
