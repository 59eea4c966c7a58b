"""The guided questions: every path ends in a valid plan that runs, every answer changes what is simulated, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import product

import pytest
from strategies import book_of

from sim.book.samples import SAMPLES, load_sample
from sim.engine.compile import compile_plan
from sim.engine.contract import contract
from sim.engine.run import Stage, set_stage, simulate
from sim.plan.guide import QUESTIONS, Advice, advise, proposed
from sim.plan.guide.plan import SALARY
from sim.plan.levers import lever_value
from sim.plan.read import PLAN_PRESETS, plan_preset, plan_to_toml, read_plan
from sim.plan.schema import BOOKING_MEASURES, RETENTION_MEASURES, Plan
from sim.problems import InputError
from sim.world.benchmarks import BENCHMARKS
from sim.world.parameters import ASSUMPTIONS, WORLD_PRESETS, World, world_preset

KEYS = tuple(question.key for question in QUESTIONS)
PATHS = tuple(product(*(tuple(option.key for option in question.options) for question in QUESTIONS)))
WRONG = {"clear": "no", "backed": "no", "influence": "little"}
BEST = proposed(37e6, 20)


@cache
def advised() -> dict[tuple[str, ...], Advice]:
    """Of every path."""
    return {path: advise(dict(zip(KEYS, path, strict=True))) for path in PATHS}


def answered() -> Iterator[tuple[dict[str, str], Advice]]:
    for path, advice in advised().items():
        yield dict(zip(KEYS, path, strict=True)), advice


def rules_out(answers: dict[str, str]) -> int:
    return sum(answers[key] == answer for key, answer in WRONG.items())


@cache
def stage_of(world: World, n_accounts: int = 12) -> Stage:
    book = book_of(n_accounts, 3, levels=("csm", "lead", "manager"))
    return set_stage(book, plan_preset("current_80_20"), world, trials=64)


# --- every path -----------------------------------------------------------------------------------------------


def test_every_path_ends_in_a_valid_plan_that_can_be_written_down() -> None:
    distinct: dict[str, Plan] = {}
    for _, advice in answered():
        distinct.setdefault(advice.plan.model_dump_json(), advice.plan)
        assert advice.start in PLAN_PRESETS
    for json, plan in distinct.items():
        assert Plan.model_validate_json(json) == plan
    for plan in list(distinct.values())[::20]:
        assert read_plan(plan_to_toml(plan)) == plan


def test_quotas_can_be_set_for_every_plan_and_whatever_it_is_made_of_compiles() -> None:
    stage = stage_of(World())
    compiled = set()
    for plan in {advice.plan.model_dump_json(): advice.plan for _, advice in answered()}.values():
        deal = contract(plan, stage.portfolio, stage.forecast, stage.world)
        assert (deal.quota > 0.0).all() and (deal.monthly_pay >= 0.0).all() and (deal.base > 0.0).all()
        parts = repr(plan.components)
        if parts not in compiled:
            compiled.add(parts)
            compile_plan(plan, stage.portfolio, stage.forecast, stage.world, stage.anchor)
    assert len(compiled) > 100


def test_plans_run_in_the_worlds_that_the_answers_imply() -> None:
    """One path in a few hundred."""
    for path in PATHS[::389]:
        advice = advised()[path]
        outcome = simulate(stage_of(World().scaled(advice.world)), advice.plan)
        assert (outcome.plan_cost > 0.0).all()
        assert (outcome.variable_pay > 0.0).any()


def test_every_answer_changes_the_plan_or_the_world_whatever_the_others_are() -> None:
    """The strongest form: any two answers to a question differ, all else equal, in every context."""
    simulated = {
        path: (advice.plan.model_dump_json(exclude={"name", "description"}), tuple(sorted(advice.world.items())))
        for path, advice in advised().items()
    }
    same = [
        (path, question.key, option.key)
        for path in PATHS
        for place, question in enumerate(QUESTIONS)
        for option in question.options
        if option.key != path[place] and simulated[path] == simulated[(*path[:place], option.key, *path[place + 1 :])]
    ]
    assert same == []


@pytest.mark.parametrize("answers", [BEST, BEST | {"clear": "no"}], ids=["variable", "salary"])
def test_what_an_answer_changes_is_felt_in_figures(answers: dict[str, str]) -> None:
    def figures(chosen: dict[str, str]) -> tuple[float, float]:
        advice = advise(chosen)
        outcome = simulate(stage_of(World().scaled(advice.world), 90), advice.plan)
        return float(outcome.plan_cost.sum()), float(outcome.closing_arr.sum())

    for question in QUESTIONS:
        options = [option.key for option in question.options if answers["clear"] != "no" or question.key != "clear"]
        found = {figures(answers | {question.key: key}) for key in options}
        assert len(found) == len(options), question.key


def test_every_path_has_a_reason_for_each_answer_and_says_when_variable_pay_is_wrong() -> None:
    texts = {text for _, advice in answered() for text in (*advice.reasons, *advice.warnings)}
    assert [text for text in texts if not text.endswith(".") or not text[0].isupper() or "\n" in text] == []
    for answers, advice in answered():
        assert len(advice.reasons) == len(QUESTIONS)
        assert len(set(advice.reasons)) == len(QUESTIONS)
        wrong = [text for text in advice.warnings if text.startswith("Variable pay is the wrong tool")]
        assert len(wrong) == rules_out(answers)
        assert wrong == list(advice.warnings) or not wrong


# --- what the advice is ---------------------------------------------------------------------------------------


def test_where_variable_pay_is_wrong_it_is_a_salary_with_spiffs_and_nowhere_else() -> None:
    for answers, advice in answered():
        salary = rules_out(answers) > 0
        assert (advice.plan.variable_share == 0.0) == salary
        assert ({part.kind for part in advice.plan.components} == {"spif"}) == salary
        assert advice.plan.description.startswith(SALARY) == salary
        assert (advice.start == "salary_spiffs") == salary
        assert not salary or not any(re.search("at risk|quota|hangs? on", reason) for reason in advice.reasons)


@pytest.mark.parametrize("book", SAMPLES)
def test_such_a_salary_ends_slightly_above_the_market(book: str) -> None:
    known = load_sample(book)
    answers = proposed(float(known.arr.sum()), len(known.team)) | {"clear": "no"}
    stage = set_stage(known, plan_preset("current_80_20"), World().scaled(advise(answers).world), trials=64)
    for paid_as in ("bonus", "both", "commission"):
        outcome = simulate(stage, advise(answers | {"paid_as": paid_as}).plan)
        assert outcome.csm_base == pytest.approx(stage.portfolio.ote)  # all of what is taken for the market
        assert 0.01 < (outcome.variable_pay / outcome.base_pay).mean() < 0.08


def test_variable_pay_stays_within_what_is_reported() -> None:
    (mix,) = (row for row in BENCHMARKS if row.label == "Pay mix")
    shares = {advice.plan.variable_share for answers, advice in answered() if not rules_out(answers)}
    assert (min(shares), max(shares)) == (mix.low, mix.high)


def test_what_each_answer_does_to_the_plan() -> None:
    for answers, advice in answered():
        plan = advice.plan
        kinds = {part.kind for part in plan.components}
        assert plan.period == answers["front"]
        months = [*plan.period_months(("csm", "lead", "manager"))]
        assert months == sorted(months)
        assert (months[2] > months[0]) == (answers["leads"] == "longer")
        if rules_out(answers):
            continue
        measures = {part.measure for part in plan.components}
        caps = [part.curve.cap for part in plan.components if part.kind != "spif"]
        gates = [part.measure for part in plan.components if part.gate]
        assert bool(measures & set(RETENTION_MEASURES)) == (answers["influence"] != "expansion")
        assert bool(measures & set(BOOKING_MEASURES)) == (answers["influence"] != "retention")
        assert ("mbo" in measures) == (answers["clear"] == "partly")
        assert ("commission" in kinds) == (answers["paid_as"] != "bonus" and answers["influence"] != "retention")
        assert ("spif" in kinds) == (answers["paid_as"] != "bonus" and answers["influence"] == "retention")
        assert answers["backed"] != "hesitant" or all(cap is not None and cap <= 1.5 for cap in caps)
        assert answers["size"] == "large" or gates == []
        assert not set(gates) & set(RETENTION_MEASURES)
        fitted = "flat" if answers["size"] == "small" else "fitted"
        assert lever_value(plan, "quota_rule") == fitted


def test_what_each_answer_does_to_the_world() -> None:
    for answers, advice in answered():
        world = World().scaled(advice.world)
        weak = answers["clear"] != "yes" or answers["influence"] in ("expansion", "little")
        assert (world.churn_cut < World().churn_cut) == weak
        assert (world.present_bias < 1.0) == (answers["backed"] != "yes")
        assert (world.mbo_noise > World().mbo_noise) == (answers["clear"] != "yes")
        if answers["influence"] == "little":
            assert world.churn_cut <= 0.01  # next to nothing


@pytest.mark.parametrize("name", WORLD_PRESETS)
def test_the_assumptions_of_every_path_are_within_their_bounds_in_every_world(name: str) -> None:
    for factors in {tuple(sorted(advice.world.items())) for _, advice in answered()}:
        world = world_preset(name).scaled(dict(factors))
        for changed, _ in factors:
            row = ASSUMPTIONS[changed]
            assert row.low <= getattr(world, changed) <= row.high
    assert name != "sceptic" or world.churn_cut == 0.0, "who believes in no response is not talked into one"


# --- at the edges ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arr", "csms", "expected"),
    [
        (0.0, 1, ("small", "small")),
        (9_999_999.0, 5, ("small", "small")),
        (10e6, 6, ("medium", "medium")),
        (99.9e6, 25, ("medium", "medium")),
        (100e6, 26, ("large", "large")),
    ],
)
def test_size_is_proposed_from_the_book(arr: float, csms: int, expected: tuple[str, str]) -> None:
    answers = proposed(arr, csms)
    assert (answers["size"], answers["arr"]) == expected
    assert tuple(answers) == KEYS
    assert advise(answers).warnings == ()


def test_answers_that_are_none_are_told_all_at_once() -> None:
    with pytest.raises(InputError) as caught:
        advise(BEST | {"clear": "perhaps", "size": ""})
    assert [str(problem) for problem in caught.value.problems] == [
        "question clear: must be answered with one of yes, partly, no (got 'perhaps').",
        "question size: must be answered with one of small, medium, large.",
    ]


def test_the_table_is_complete() -> None:
    assert len(set(KEYS)) == len(KEYS)
    for question in QUESTIONS:
        assert question.text.endswith("?") and question.help[-1] in ".?" and question.source.endswith(".")
        keys = [option.key for option in question.options]
        assert len(set(keys)) == len(keys) >= 2
        for option in question.options:
            assert {name for name, _ in option.world} <= set(ASSUMPTIONS)


def test_assumptions_are_multiplied_and_held_at_their_bounds() -> None:
    world = World().scaled({"churn_cut": 0.75, "mbo_noise": 9.0, "present_bias": 0.1})
    assert (world.churn_cut, world.mbo_noise, world.present_bias) == (0.075, 1.0, 0.5)
    assert World().scaled({}) == World()
    with pytest.raises(InputError, match="assumption chrun_cut: is not known; the nearest is 'churn_cut'"):
        World().scaled({"chrun_cut": 0.5})
