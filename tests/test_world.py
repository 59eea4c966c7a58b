"""Every assumption says what it is and where it comes from; a world is immutable and names all that it refuses."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sim.problems import InputError
from sim.world.benchmarks import RETENTION_BY_ACV, band_of
from sim.world.parameters import ASSUMPTIONS, WORLD_PRESETS, Assumption, World, world_preset

ROWS = list(ASSUMPTIONS.values())


def refused(overrides: dict[str, float]) -> list[str]:
    with pytest.raises(InputError) as caught:
        World().changed(overrides)
    return [str(problem) for problem in caught.value.problems]


# --- the table ----------------------------------------------------------------------------------------------


def test_the_table_lists_every_field_of_the_world() -> None:
    assert list(ASSUMPTIONS) == list(World.model_fields)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_an_assumption_is_complete(row: Assumption) -> None:
    assert row.label
    assert row.unit
    assert row.help.endswith(".")
    assert row.source.endswith(".")
    assert row.confidence in ("high", "medium", "low")
    assert row.low < row.high
    assert row.low <= row.default <= row.high
    assert getattr(World(), row.name) == row.default


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_bounds_hold_and_both_ends_are_allowed(row: Assumption) -> None:
    for value in (row.low, row.high):
        assert getattr(World().changed({row.name: value}), row.name) == value
    for value in (row.low - 1e-6, row.high + 1e-6, math.nan, math.inf, -math.inf):
        assert refused({row.name: value}) == [
            f"assumption {row.name}: must be from {row.low:g} to {row.high:g} ({row.unit}) (got {str(value)!r})."
        ]


def test_labels_differ() -> None:
    assert len({row.label for row in ROWS}) == len(ROWS)


def test_defaults_are_those_of_the_model() -> None:
    """Section 5 of the model, where it gives a figure with a source."""
    world = World()
    assert (world.kappa_expansion, world.churn_cut, world.shock_rho) == (0.10, 0.10, 0.02)
    assert (world.downsell_share, world.attrition, world.replacement_cost) == (0.30, 0.18, 0.21)
    assert ASSUMPTIONS["kappa_expansion"].high == 0.30
    assert ASSUMPTIONS["churn_cut"].high == 0.20


# --- worlds ---------------------------------------------------------------------------------------------------


def test_a_world_is_frozen_and_knows_no_other_names() -> None:
    with pytest.raises(ValidationError):
        World().churn_cut = 0.0  # type: ignore[misc]
    with pytest.raises(ValidationError):
        World(churn=0.0)  # type: ignore[call-arg]


def test_changed_leaves_the_original_and_the_rest_alone() -> None:
    world = World()
    other = world.changed({"churn_cut": 0.05, "attrition": 0.1})
    assert world == World()
    assert other.model_dump() == world.model_dump() | {"churn_cut": 0.05, "attrition": 0.1}
    assert world.changed({}) == world


def test_changed_reports_everything_at_once() -> None:
    assert refused({"chrun_cut": 0.1, "attrition": 7.0, "shock_rho": -0.1, "kapa_expansion": 0.1}) == [
        "assumption chrun_cut: is not known; the nearest is 'churn_cut'.",
        "assumption kapa_expansion: is not known; the nearest is 'kappa_expansion'.",
        "assumption shock_rho: must be from 0 to 0.3 (correlation) (got '-0.1').",
        "assumption attrition: must be from 0 to 0.6 (a year) (got '7.0').",
    ]


@given(st.dictionaries(st.sampled_from(sorted(ASSUMPTIONS)), st.floats(0.0, 1.0), min_size=1))
def test_changed_takes_what_is_inside_the_bounds_and_names_the_rest(shares: dict[str, float]) -> None:
    rows = [row for row in ROWS if row.name in shares]
    inside = {row.name: min(row.low + shares[row.name] * (row.high - row.low), row.high) for row in rows}
    assert World().changed(inside).model_dump() == World().model_dump() | inside
    outside = {name: ASSUMPTIONS[name].high + 1.0 for name in inside}
    assert len(refused(outside)) == len(outside)


# --- presets --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WORLD_PRESETS)
def test_each_preset_is_a_world_with_a_description(name: str) -> None:
    assert isinstance(world_preset(name), World)
    assert WORLD_PRESETS[name].endswith(".")


def test_presets_are_those_of_the_model() -> None:
    assert sorted(WORLD_PRESETS) == ["base", "mixed", "optimistic", "sceptic"]
    assert world_preset("base") == World()
    sceptic = world_preset("sceptic")
    assert sceptic.kappa_expansion == sceptic.churn_cut == sceptic.kappa_kpi == sceptic.training_effect == 0.0
    assert sceptic.attrition_response == 0.0
    optimistic = world_preset("optimistic")
    for name in ("kappa_expansion", "churn_cut", "kappa_kpi", "training_effect"):
        assert getattr(optimistic, name) == 2.0 * getattr(World(), name)
    assert world_preset("mixed").response_spread == 1.0


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(InputError, match=r"^world: must be one of base, .* \(got 'pessimistic'\)\.$"):
        world_preset("pessimistic")


# --- benchmarks -----------------------------------------------------------------------------------------------


def test_benchmark_bands_are_as_published() -> None:
    assert [(band.grr, band.nrr) for band in RETENTION_BY_ACV] == [
        (0.90, 1.00),
        (0.90, 1.02),
        (0.92, 1.03),
        (0.93, 1.05),
        (0.93, 1.07),
        (0.93, 1.10),
    ]
    edges = [band.acv_below for band in RETENTION_BY_ACV]
    assert edges == [12_000, 25_000, 50_000, 100_000, 250_000, math.inf]
    assert [band_of(edge - 1).acv_below for edge in edges[:-1]] == edges[:-1]
    assert [band_of(edge).acv_below for edge in edges[:-1]] == edges[1:]
