"""Plans as files: the presets, the round trip, and every problem in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.plan import PLAN_PRESETS, load_plan, pay_curve, payout, plan_preset, plan_to_toml, read_plan
from sim.plan.schema import (
    BOOKING_MEASURES,
    EVENT_MEASURES,
    RETENTION_MEASURES,
    Component,
    Curve,
    Gate,
    Kind,
    Plan,
    Quota,
    Tier,
)
from sim.problems import InputError

# A busy machine is no failure of the code.
unhurried = settings(deadline=None)

PRESET_FOLDER = Path(__file__).parent.parent / "sim" / "plan" / "presets"

VALID = """
name = "A plan"
variable_share = 0.2

[[component]]
name = "Retention"
measure = "gross_retention"
weight = 1.0
"""


def problems(text: str | bytes | Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_plan(text)
    return [str(problem) for problem in caught.value.problems]


def only(text: str | bytes | Path) -> str:
    found = problems(text)
    assert len(found) == 1, found
    return found[0]


# --- presets ------------------------------------------------------------------------------------------


def test_the_list_of_presets_is_the_folder() -> None:
    plans = [path.stem for path in PRESET_FOLDER.glob("*.toml") if not path.name.endswith(".expected.toml")]
    assert sorted(PLAN_PRESETS) == sorted(plans)


@pytest.mark.parametrize("name", PLAN_PRESETS)
def test_each_preset_is_valid_and_says_what_it_is(name: str) -> None:
    text = (PRESET_FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    assert text.startswith("# ")
    plan = plan_preset(name)
    assert plan.description
    assert read_plan(text) == load_plan(PRESET_FOLDER / f"{name}.toml") == load_plan(name) == plan


def test_names_of_presets_differ() -> None:
    assert len({plan_preset(name).name for name in PLAN_PRESETS}) == len(PLAN_PRESETS)


# Payout in target pays of each weighted component at attainments 0.8, 0.9, 1, 1.1 and 2, worked by hand from
# the description of the plan.
AT = [0.8, 0.9, 1.0, 1.1, 2.0]
PAYOUTS: dict[str, list[list[float]]] = {
    "current_80_20": [[0, 1 / 3, 1, 1.5, 1.5], [0.7, 0.85, 1, 1.225, 2]],
    "at_risk_80_20": [[0, 1 / 3, 1, 2, 2], [0.6, 0.8, 1, 1.3, 2]],
    "at_risk_70_30": [[0, 1 / 3, 1, 2, 2], [0.6, 0.8, 1, 1.3, 2]],
    "retention_referral": [[0, 1 / 3, 1, 1.5, 1.5], [0.8, 0.9, 1, 1.1, 1.5]],
    "bonus_commission_mix": [[0, 1 / 3, 1, 1.5, 1.5], [0.8, 0.9, 1, 1.15, 2.5]],
    "commission_uncapped": [[0.8, 0.9, 1, 1.15, 2.75]],
    "corporate_mbo": [[0.6, 0.8, 1, 1.2, 1.2], [0, 0.5, 1, 1.5, 1.5]],
    "salary_spiffs": [],
    "customer_outcomes": [
        [0, 1 / 3, 1, 1.5, 1.5],
        [0.8, 0.9, 1, 1.1, 1.5],
        [0.8, 0.9, 1, 1.1, 1.5],
    ],
    "posthog": [[0, 0, 1, 2.1, 12]],
    "flowfuse": [[0, 3.5 / 15, 1, 26.5 / 15, 130 / 15], [0.8, 0.9, 1, 1, 1]],
}


@pytest.mark.parametrize("name", PLAN_PRESETS)
def test_each_preset_pays_what_its_description_says(name: str) -> None:
    weighted = [component for component in plan_preset(name).components if component.weight is not None]
    found = [payout(pay_curve(component.curve, component.kind), AT).tolist() for component in weighted]
    assert found == [pytest.approx(row) for row in PAYOUTS[name]]


@pytest.mark.parametrize(("name", "zero", "target"), [("posthog", 1.0, 1.1), ("flowfuse", 1.0, 1.15)])
def test_published_plans_pay_nothing_at_100_percent_net_retention(name: str, zero: float, target: float) -> None:
    component = plan_preset(name).components[0]
    assert component.quota.target == target
    pays = payout(pay_curve(component.curve, component.kind), [zero / target, (zero + target) / 2 / target, 1.0])
    assert pays == pytest.approx([0.0, 0.5, 1.0], abs=1e-12)


def test_unknown_preset_gets_the_nearest_one() -> None:
    with pytest.raises(InputError, match="the nearest is 'flowfuse' \\(got 'flowfues'\\)"):
        load_plan("flowfues")


# --- the round trip -----------------------------------------------------------------------------------

shares = st.floats(0.0, 1.0)
KINDS: tuple[Kind, ...] = ("bonus", "commission")
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@st.composite
def curves(draw: st.DrawFn) -> Curve:
    threshold = draw(st.floats(0.0, 0.9))
    starts = sorted(draw(st.sets(st.floats(threshold, 3.0), max_size=3)))
    return Curve(
        threshold=threshold,
        pay_at_threshold=draw(shares),
        tiers=tuple(Tier(start=start, slope=draw(st.floats(0.0, 20.0))) for start in starts),
        cap=draw(st.none() | st.floats(1.0, 10.0)),
    )


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    weights = draw(st.lists(st.integers(1, 9), min_size=1, max_size=4))
    gates = st.none() | st.builds(Gate, minimum=st.floats(0.5, 1.0))
    quotas = st.builds(Quota, target=st.none() | st.floats(0.1, 1.0), stretch=st.floats(0.5, 2.0))
    weighted = [
        Component(
            name=f"{draw(names)[:50]}{index}",
            measure=draw(st.sampled_from(BOOKING_MEASURES if kind == "commission" else RETENTION_MEASURES)),
            kind=kind,
            weight=weight / sum(weights),
            quota=draw(quotas),
            curve=draw(curves()),
            gate=draw(gates),
        )
        for index, weight in enumerate(weights)
        for kind in [draw(st.sampled_from(KINDS))]
    ]
    amounts = draw(st.lists(st.floats(0.0, 9999.0), max_size=2))
    spifs = [
        Component(name=f"SPIF {amount} {index}", measure=EVENT_MEASURES[index], kind="spif", amount=amount)
        for index, amount in enumerate(amounts)
    ]
    return Plan(
        name=draw(names),
        description=draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=40)),
        variable_share=draw(st.floats(0.0, 0.6)),
        hold=draw(st.sampled_from(["ote", "base"])),
        period=draw(st.sampled_from(["month", "quarter", "half", "year"])),
        period_by_level=draw(st.dictionaries(names, st.sampled_from(["month", "year"]), max_size=3)),
        true_up=draw(st.booleans()),
        clawback_months=draw(st.integers(0, 24)),
        no_renewal_due=draw(st.sampled_from(["target", "carry", "zero"])),
        components=(*weighted, *spifs),
    )


@unhurried
@given(plans())
def test_a_plan_written_and_read_again_is_the_same_plan(plan: Plan) -> None:
    assert read_plan(plan_to_toml(plan)) == plan


# --- problems -----------------------------------------------------------------------------------------


def test_a_valid_plan_has_none_and_may_be_text_bytes_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(b"\xef\xbb\xbf" + VALID.encode())
    assert read_plan(VALID) == read_plan(VALID.encode()) == read_plan(file) == load_plan(str(file))


def test_all_problems_are_told_at_once_in_the_words_of_the_file() -> None:
    text = """
name = "Mine"
variable_share = 60
period = "quaterly"
true_up = "maybe"
clawback_months = 2.5
paid_by = 1

[[component]]
name = "Retention"
measure = "gross_retension"
weight = 0.6
threshold = 0.8

[component.curve]
threshold = "85%"
tiers = [{ start = 1, slop = 2 }, { start = 150, slope = 1 }]

[[component]]
name = "Upsell"
measure = "upsell_bookings"
weight = 0.3

[component.curve]
tresholds = 0.85
"""
    first, second = "plan.toml, component 1 'Retention', ", "plan.toml, component 2 'Upsell', "
    assert sorted(problems(text)) == sorted(
        [
            "plan.toml, variable_share: must be at most 0.6; write 60 % as 0.6 (got '60').",
            "plan.toml, period: must be one of month, quarter, half, year (got 'quaterly').",
            "plan.toml, true_up: must be true or false (got 'maybe').",
            "plan.toml, clawback_months: must be a whole number (got '2.5').",
            "plan.toml, paid_by: is not a known key; the nearest is 'period_by_level'.",
            first + "measure: must be one of gross_retention, net_retention, logo_retention, upsell_bookings, "
            "cross_sell_bookings, expansion_bookings, referrals, renewals, nps, adoption, mbo, "
            "value_acknowledged, training, time_to_onboard, utilisation; the nearest "
            "is 'gross_retention' (got 'gross_retension').",
            first + "threshold: belongs in the table 'component.curve'.",
            first + "curve.threshold: must be a number, 0.85, not 85 % (got '85%').",
            first + "curve.tier 1, slope: is missing.",
            first + "curve.tier 1, slop: is not a known key; the nearest is 'slope'.",
            first + "curve.tier 2, start: must be at most 5; write 150 % as 1.5 (got '150').",
            second + "curve.tresholds: is not a known key; the nearest is 'threshold'.",
            "plan.toml: weights of the components must add up to 1 (they add up to 0.9).",
        ]
    )


def component(**lines: str) -> str:
    given = {"name": '"It"', "measure": '"gross_retention"', "weight": "1.0"} | lines
    return 'name = "A"\nvariable_share = 0.2\n[[component]]\n' + "".join(
        f"{key} = {value}\n" for key, value in given.items() if value
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            component(weight="0.9"),
            "plan.toml: weights of the components must add up to 1 (they add up to 0.9).",
        ),
        (
            'name = "A"\nvariable_share = 0.2',
            "plan.toml: a plan with variable pay needs components with weights ",
        ),
        (component(curve="{ threshold = 0.9, cap = 0.8 }"), "'It', curve: threshold is above the cap: "),
        (
            component(curve="{ pay_at_threshold = 0.5, cap = 0.4 }"),
            "'It', curve: cap must not be below the pay ",
        ),
        (component(curve="{ threshold = 1.0 }"), "curve.threshold: must be below 1 (got '1.0')."),
        (component(curve="{ threshold = 100 }"), "must be below 1; write 100 % as 1 (got '100')."),
        (component(curve="{ threshold = -0.1 }"), "must be at least 0 (got '-0.1')."),
        (component(curve="{ cap = 0.0 }"), "curve.cap: must be above 0 (got '0.0')."),
        (
            component(curve="{ cap = nan }"),
            "curve.cap: must be a number, neither infinite nor NaN (got 'nan').",
        ),
        (component(curve="{ tiers = 3 }"), "curve.tiers: must be a list in square brackets (got '3')."),
        (component(curve="3"), "'It', curve: must be a table of keys and values (got '3')."),
        (component(quota="{ target = 92 }"), "'It': quota target of gross_retention must be at most 1."),
        (component(quota="{ target = 0 }"), "quota.target: must be above 0 (got '0')."),
        (
            component(quota='{ rule = "risk_adjusted", target = 0.9 }'),
            "quota: target belongs to the flat rule ",
        ),
        (
            component(quota='{ rule = "white_space" }'),
            "quota rule 'white_space' fits bookings and net retention ",
        ),
        (
            component(gate="{ minimum = true, measure = 3 }"),
            "gate.measure: must be one of gross_retention, net",
        ),
        (component(kind='"commission"'), "'It': a commission is paid on bookings ("),
        (
            component(kind='"spif"', weight="", amount="5"),
            "'It': a SPIF is paid per event (referrals, renewals).",
        ),
        (component(weight=""), "component 1 'It': a bonus takes a weight, and neither rate nor amount."),
        (component(name='""'), "plan.toml, component 1, name: must not be empty."),
        (component(name="3"), "plan.toml, component 1, name: must be text in quotes (got '3')."),
        (component(name=f'"{"x" * 61}"'), "name: must be at most 60 characters long (got 'xxx"),
        (component(measure=""), "plan.toml, component 1 'It', measure: is missing."),
        (
            VALID.replace("[[component]]", "[component]"),
            "must be written [[component]], in double brackets, once",
        ),
        (
            VALID.replace("[[component]]", "[[components]]").replace("0.2", "0.0"),
            "plan.toml, components: is not a ",
        ),
        (
            VALID.replace("= 0.2", "= 20%"),
            "plan.toml, line 3: is not TOML (expected newline or end of document ",
        ),
        (VALID.replace("= 0.2", "= .2"), "neither 85% nor .85) (got 'variable_share = .2')."),
        (VALID + 'x = "', "plan.toml, at its end: is not TOML (unterminated string);"),
        (VALID + "name = 1\nname = 2", "plan.toml, line 9: is not TOML (cannot overwrite a value);"),
        ("x = " + "[" * 20_000, "plan.toml: has brackets, keys or numbers that a plan never needs."),
        ("x = " + "9" * 5_000, "plan.toml: has brackets, keys or numbers that a plan never needs."),
        ("#" * 100_001, "plan.toml: must be smaller than 100 kB, as a plan is."),
        (
            b"name = 'A'\nx = '\xff'",
            "plan.toml, line 2: is not UTF-8 text; save the file with the encoding UTF-8.",
        ),
        (VALID.encode("utf-16"), "plan.toml, line 1: is not UTF-8 text;"),
        (Path("nowhere.toml"), "nowhere.toml: cannot be read (no such file or directory)."),
        (Path(), "cannot be read (is a directory)."),
    ],
)
def test_one_problem_is_one_sentence(text: str | bytes | Path, sentence: str) -> None:
    assert sentence in only(text)


def test_an_empty_file_is_told_what_is_missing() -> None:
    assert problems("") == ["plan.toml, name: is missing.", "plan.toml, variable_share: is missing."]


@unhurried
@given(st.recursive(st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=3)))
def test_no_value_of_any_kind_is_met_with_a_traceback(value: object) -> None:
    for template in (
        {"component": value},
        {"component": [{"curve": value, "weight": value}]},
        {"name": value},
    ):
        assert problems(tomli_w.dumps(template))
