"""A scenario as TOML: there and back, run by the command line to the page's figures, and whatever else it may hold."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import plans, worlds
from test_take import NAMES, renamed

from pages.parts import compute
from pages.parts.address import VIEWS
from pages.parts.state import Scenario
from sim.__main__ import main
from sim.book.samples import load_sample
from sim.engine.run import MODEL_VERSION
from sim.plan.levers import with_lever
from sim.plan.read import PLAN_PRESETS, plan_preset
from sim.problems import InputError
from sim.share.link import Link, fingerprint_of, opening
from sim.share.report import comparison
from sim.share.take.scenario_file import read_scenario, scenario_to_toml
from sim.share.take.stamp import Stamp, stamp_of
from sim.world.parameters import WORLD_PRESETS, world_preset

LINK = replace(
    opening(),
    sample="startup",
    current=plan_preset("at_risk_80_20"),
    preset=plan_preset("at_risk_70_30"),
    candidate=with_lever(plan_preset("at_risk_70_30"), "retention_cap", 1.5),
    world_name="mixed",
    world=world_preset("mixed").changed({"churn_cut": 0.05}),
    seed=7,
    trials=64,
    months=6,
    plans=(plan_preset("posthog"), plan_preset("flowfuse").model_copy(update={"name": "Mine"})),
    views={"why": "effort"},
)
FAST = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def stamped(link: Link) -> Stamp:
    return stamp_of(link, load_sample("startup"), date(2026, 3, 1), "full", "http://localhost:8501/")


def written(link: Link = LINK) -> str:
    return scenario_to_toml(link, stamped(link))


WHOLE = written()


def complaints(content: str | bytes) -> list[str]:
    with pytest.raises(InputError) as raised:
        read_scenario(content)
    return [str(problem) for problem in raised.value.problems]


def test_it_comes_back_as_it_was():
    found = read_scenario(written(), views=VIEWS)
    assert found.link == LINK
    assert read_scenario(written(opening()), views=VIEWS).link == opening()
    assert read_scenario(written(replace(LINK, plans=()))).link.plans == ()
    assert tomllib.loads(written())["current"] == "at_risk_80_20"  # by name where there is one


@FAST
@given(st.data())
def test_any_scenario_comes_back_as_it_was(data):
    name = data.draw(st.sampled_from(list(WORLD_PRESETS)))
    link = replace(
        LINK,
        fingerprint=data.draw(st.sampled_from(["", "0" * 32, "f4cbb9fb4519872c7111657fe8295202"])),
        current=data.draw(plans()),
        preset=plan_preset(data.draw(st.sampled_from(PLAN_PRESETS))),
        candidate=data.draw(plans()),
        world_name=name,
        world=data.draw(worlds()),
        seed=data.draw(st.integers(0, 2**31 - 1)),
        trials=data.draw(st.integers(1, 16_384)),
        months=data.draw(st.integers(1, 36)),
    )
    assert read_scenario(written(link), views=VIEWS).link == link


def test_the_command_line_runs_it_to_the_figures_of_the_page(tmp_path, capsys):
    file = tmp_path / "scenario.toml"
    file.write_text(written(), encoding="utf-8")
    shown = Scenario(
        sample=LINK.sample,
        uploaded=None,
        current=LINK.current,
        preset=LINK.preset,
        candidate=LINK.candidate,
        world=LINK.world,
        world_name=LINK.world_name,
        seed=LINK.seed,
        trials=LINK.trials,
        months=LINK.months,
    )
    page = [compute.run_plan(shown, plan) for plan in (LINK.candidate, LINK.current)]
    assert main(["run", "--scenario", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == comparison(page[0], page[1], LINK.seed)


def test_a_book_of_ones_own_is_known_by_its_fingerprint(tmp_path, capsys):
    folder = Path(__file__).parents[1] / "sample_data"
    own = load_sample("startup")
    file = tmp_path / "scenario.toml"
    file.write_text(written(replace(LINK, fingerprint=fingerprint_of(own))), encoding="utf-8")

    def run(*more: str) -> tuple[int, str]:
        code = main(["run", "--scenario", str(file), "--json", *more])
        return code, capsys.readouterr().err

    files = {
        name: ("--book", str(folder / name / "accounts.csv"), "--team", str(folder / name / "team.csv"))
        for name in ("startup", "midmarket")
    }
    assert run(*files["startup"]) == (0, "")
    code, said = run(*files["midmarket"])
    assert (code, said.count("\n")) == (2, 1)
    assert said.startswith("--book: is another book than the scenario's")
    code, said = run()
    assert (code, said.count("\n")) == (2, 1)
    assert fingerprint_of(own)[:8] in said
    assert own.digest not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "more", [("--seed", "3"), ("--plan", "posthog"), ("--set", "churn_cut=0"), ("--book", "enterprise")]
)
def test_what_the_file_says_is_not_said_twice(tmp_path, capsys, more):
    file = tmp_path / "scenario.toml"
    file.write_text(written(), encoding="utf-8")
    assert main(["run", "--scenario", str(file), *more]) == 2
    assert capsys.readouterr().err.startswith(f"{more[0]}: ")


def test_another_model_is_said(tmp_path, capsys):
    file = tmp_path / "scenario.toml"
    file.write_text(written().replace(f'model = "{MODEL_VERSION}"', 'model = "0.9"'), encoding="utf-8")
    assert main(["run", "--scenario", str(file)]) == 0
    assert "written with model 0.9" in capsys.readouterr().err


def test_everything_wrong_is_said_at_once():
    content = """
        sede = 1
        trials = "many"
        months = 400
        book = "startups"
        world = 3
        candidate = "at_risk"
        plans = ["posthog", "posthog"]
        [assumptions]
        churn_cut = 5
        kapa = 1
        [current]
        name = "x"
        variable_share = 20
    """
    found = complaints(content)
    for part in (
        "scenario.toml, sede: is not a known key; the nearest is 'seed'",
        "scenario.toml, trials: must be a number (got 'many')",
        "scenario.toml, months: must be a whole number from 1 to",
        "scenario.toml, book: must be a sample book; the nearest is 'startup'",
        "scenario.toml, world: must be text in quotes",
        "scenario.toml, candidate: must be a table with the settings of a plan",
        "scenario.toml, plans, number 2: name of the plan: is taken",
        "scenario.toml, assumptions, kapa: is not a known key",
        "scenario.toml, current, variable_share: must be at most 0.6; write 20 % as 0.2",
    ):
        assert any(sentence.startswith(part) for sentence in found), (part, found)
    assert any("churn_cut" in sentence for sentence in found)


@pytest.mark.parametrize(
    "content", ["", "scenario = 2", "scenario = true", "x = [", b"\xff", "x" * 1_000_001, "plans = 3"]
)
def test_hardly_a_scenario(content):
    if content == "":
        assert read_scenario(content).link == replace(opening(), preset=opening().current, candidate=opening().current)
    else:
        assert complaints(content)


def test_hostile_names_come_back(tmp_path):
    plan = plan_preset("posthog")
    for name in NAMES:
        fit = plan.model_copy(update={"name": name[:80].strip() or "x", "description": name[:600]})
        link = replace(LINK, candidate=fit)
        stamp = stamp_of(link, renamed(load_sample("startup")), date(2026, 3, 1), "full")
        assert read_scenario(scenario_to_toml(link, stamp), views=VIEWS).link.candidate == fit


# Anything that TOML can hold, under keys that a scenario knows and others.
SCALARS = (
    st.none().map(lambda _: date(2026, 1, 1))
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["startup", "base", "at_risk_70_30", "~1eJw", "1.1", "0" * 32])
)
KEYS = st.sampled_from(
    """scenario model book fingerprint world seed trials months assumptions view current started_from candidate plans
    churn_cut name component components variable_share weight curve tiers quota gate measure why tab hash v vs
    """.split()  # noqa: SIM905
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


@settings(FAST, max_examples=200)
@given(st.dictionaries(KEYS, VALUES, max_size=8))
def test_whatever_it_holds_there_is_a_sentence(table):
    try:
        found = read_scenario(tomli_w.dumps(table), views=VIEWS)
    except InputError as error:
        assert error.problems
        assert all("\n" not in str(problem) or "\n" in repr(table) for problem in error.problems)
    else:
        assert read_scenario(written(found.link), views=VIEWS).link == found.link


@settings(FAST, max_examples=100)
@given(st.binary(max_size=60), st.integers(0, 2_000), st.integers(0, 60))
def test_a_damaged_file_is_refused_or_read(junk, place, gone):
    content = WHOLE.encode()
    try:
        read_scenario(content[:place] + junk + content[place + gone :], views=VIEWS)
    except InputError as error:
        assert str(error)
