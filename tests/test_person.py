"""One CSM: payslips that add up to what the engine pays, pacing against quadrature, a statement that can be printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm
from tiny_book import tiny_book, world_without_luck

from sim.book.samples import load_sample
from sim.decide.person.earnings import Earnings, earnings, median_trial, staying
from sim.decide.person.measures import written
from sim.decide.person.pace_words import pacing_sentence, small_money
from sim.decide.person.pacing import UNITS, pacing, pay_ahead
from sim.decide.person.paydays import Measured, Payday, paydays
from sim.decide.person.payslip import Payslip, payslips
from sim.decide.person.seat import seat_of
from sim.decide.person.standing import asked, on_course, running_total, span
from sim.engine.compile import MEASURES, Terms
from sim.engine.draws import draw_blocks
from sim.engine.outcome import Outcome, join_lanes
from sim.engine.run import Stage, set_stage, simulate, terms_of, walk
from sim.plan.curve import pay_curve, payout
from sim.plan.read import PLAN_PRESETS, plan_preset
from sim.plan.schema import Component, Curve, Gate, Measure, Plan, Quota, Tier
from sim.share.statement import Person, statement
from sim.world.parameters import World

BOOK = load_sample("startup")
CURRENT = plan_preset("current_80_20")
TRIALS = 256


@cache
def stage_of(**changes: float) -> Stage:
    return set_stage(BOOK, CURRENT, World(**changes), trials=TRIALS)


@cache
def run_of(preset: str) -> tuple[Plan, Terms, Outcome]:
    plan = plan_preset(preset)
    return plan, terms_of(stage_of(), plan), simulate(stage_of(), plan)


# --- her part of the run -------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", PLAN_PRESETS)
def test_the_seats_of_a_team_add_up_to_its_run(preset: str) -> None:
    _, terms, outcome = run_of(preset)
    stage, total = stage_of(), 0.0
    for csm in range(len(BOOK.team)):
        seat = seat_of(stage, terms, csm)
        draws = draw_blocks(seat.luck, 0, TRIALS // 64)
        results = walk(seat.field, seat.terms, seat.anchor, draws)
        total = total + join_lanes([results.flows], TRIALS)
        assert join_lanes([results.csm_pay], TRIALS)[0].tolist() == outcome.csm_pay[csm].tolist()
    np.testing.assert_allclose(total, outcome.flows, rtol=1e-12, atol=1e-6)


# --- payslips ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", PLAN_PRESETS)
def test_payslips_add_up_to_the_cent_and_to_what_the_engine_pays(preset: str) -> None:
    plan, terms, outcome = run_of(preset)
    for csm in range(len(BOOK.team)):
        for trial in staying(outcome, csm)[[0, 50, 100]].tolist():
            slips = payslips(plan, terms, csm, paydays(stage_of(), terms, csm, trial))
            for slip in slips:
                assert all(sum(line.cents for line in part.lines) == part.cents for part in slip.sections)
                assert sum(part.cents for part in slip.sections) == slip.cents
            paid = sum(slip.cents for slip in slips) / 100.0
            roundings = 0.005 * (1 + sum(len(slip.sections) for slip in slips))
            assert paid == pytest.approx(float(outcome.csm_pay[csm, trial]), abs=roundings + 0.005)


RICH = Plan(
    name="rich",
    variable_share=0.3,
    period="quarter",
    true_up=True,
    clawback_months=6,
    components=(
        Component(name="Kept", measure="gross_retention", weight=0.5, curve=Curve(threshold=0.8)),
        Component(
            name="Sold",
            measure="expansion_bookings",
            weight=0.5,
            quota=Quota(target=60_000.0),
            curve=Curve(threshold=0.5, pay_at_threshold=0.25, tiers=(Tier(start=1.0, slope=2.0),), cap=1.2),
            gate=Gate(minimum=0.75),
        ),
    ),
)


def tiny_slips(plan: Plan, csm: int) -> list[Payslip]:
    stage = set_stage(tiny_book(), plan, world_without_luck(), trials=1)
    terms = terms_of(stage, plan)
    return payslips(plan, terms, csm, paydays(stage, terms, csm, 0))


def lines(slip: Payslip, name: str) -> dict[str, int]:
    (section,) = [part for part in slip.sections if part.name == name]
    return {line.text: line.cents for line in section.lines}


def test_a_payout_with_cliff_accelerator_cap_and_clawback_is_that_of_paper() -> None:
    """Ben: OTE 100,000, 30 % variable, so 1,250 a month for each half. Year to date 12,000 clawed back in month 3.

    Quarter 1: booked 65,760 of 15,000, 53,760 after clawback, which is 358.4 % (438.4 % before). Curve: 25 % at 50 %,
    1.5 to 100 %, 3 beyond. Uncapped 1 + 3 x 3.384 = 11.152 before, 1 + 3 x 2.584 = 8.752 after; the cap leaves 1.2.
    Quota pay of the quarter: 3 x 1,250 = 3,750.
    """
    slips = tiny_slips(RICH, 1)
    first = lines(slips[0], "Sold")
    assert first == {
        "50 % of quota reached: 25 % of target at once": 93_750,
        "50.0 % to 100.0 % of quota: 1.50 % of target a point": 281_250,
        "100.0 % to 438.4 % of quota: 3.00 % of target a point": 3_807_000,
        "Clawback of $12,000": -900_000,
        "Cap at 120 % of target": -2_832_000,
    }
    assert sum(first.values()) == 450_000
    second = lines(slips[1], "Sold")  # 60,480 of 30,000: 201.6 %, capped again; six months of target, less the first
    assert second["Paid earlier for the same window"] == -450_000
    assert sum(second.values()) == 450_000
    assert slips[0].sections[1].basis == (
        "expansion $53,760 ($65,760 booked, less clawback) in 3 months, quota $15,000: 358.4 % attained. "
        "Quota pays $3,750"
    )


def test_clawback_is_that_of_the_window() -> None:
    """Paid by the quarter on its own, only the first of Ben's quarters bears the clawback."""
    slips = tiny_slips(RICH.model_copy(update={"true_up": False}), 1)
    bears = [any(line.startswith("Clawback") for line in lines(slip, "Sold")) for slip in slips]
    assert bears == [True, False, False, False]


def test_a_closed_gate_takes_everything() -> None:
    """Ben keeps 80 % of what falls due."""
    strict = RICH.components[1].model_copy(update={"gate": Gate(minimum=0.9)})
    slips = tiny_slips(RICH.model_copy(update={"components": (RICH.components[0], strict)}), 1)
    first = lines(slips[0], "Sold")
    assert first["Gate: gross retention 80.0 % is below 90.0 %"] == -450_000
    assert sum(first.values()) == 0


@pytest.mark.parametrize(
    ("rule", "text", "cents"),
    [
        ("target", "Nothing fell due: pays its target", 300_000),
        ("zero", "Nothing fell due: pays nothing", 0),
        ("carry", "Nothing fell due: its target is carried over", 0),
    ],
)
def test_nothing_due(rule: str, text: str, cents: int) -> None:
    """Cy has no renewal in the first quarter; half of 24,000 a year is 3,000 a quarter."""
    plan = RICH.model_copy(update={"no_renewal_due": rule})
    assert lines(tiny_slips(plan, 2)[0], "Kept") == {text: cents}


def test_what_is_paid_too_much_is_not_asked_back() -> None:
    """Ann sells early: with a true-up and a large quota, later quarters earn less to date than was paid."""
    sold = Component(name="Sold", measure="upsell_bookings", weight=1.0, quota=Quota(target=100_000.0), curve=Curve())
    plan = Plan(name="early", variable_share=0.2, period="quarter", true_up=True, components=(sold,))
    slips = tiny_slips(plan, 0)
    assert slips[0].cents == 600_000 * 35_840 / 25_000
    second = lines(slips[1], "Sold")
    # 40,320 of 50,000 on 12,000 of target is 9,676.80 to date; 8,601.60 was paid.
    assert second["Paid earlier for the same window"] == -860_160
    assert slips[1].cents == 967_680 - 860_160
    assert [slip.cents for slip in slips[2:]] == [981_120 - 967_680, 982_800 - 981_120]
    falls = plan.model_copy(update={"components": (sold.model_copy(update={"curve": Curve(threshold=0.5)}),)})
    later = tiny_slips(falls, 0)[1:]
    assert later[-1].cents == 0
    assert "What was paid too much is not asked back" in lines(later[-1], "Sold")


@pytest.mark.parametrize(
    ("measure", "value", "text"),
    [
        ("gross_retention", 0.934, "93.4 %"),
        ("upsell_bookings", 84_000.0, "$84,000"),
        ("referrals", 7.0, "7"),
        ("nps", 33.0, "33.0 points"),
    ],
)
def test_levels_are_written_in_their_unit(measure: Measure, value: float, text: str) -> None:
    assert written(measure, value) == text


# --- earnings ------------------------------------------------------------------------------------------


def test_earnings_are_of_those_who_stay() -> None:
    _, _, outcome = run_of("current_80_20")
    own = earnings(outcome, 0)
    stays = staying(outcome, 0)
    assert 0 < len(stays) < TRIALS
    assert own.stays == len(stays) / TRIALS
    assert own.p10 < own.p50 < own.p90
    trial = median_trial(outcome, 0)
    assert trial in stays
    pay = outcome.csm_pay[0, stays]
    assert (pay < outcome.csm_pay[0, trial]).sum() <= len(pay) // 2 <= (pay <= outcome.csm_pay[0, trial]).sum()


def test_nobody_who_stays_has_no_figures() -> None:
    _, _, outcome = run_of("current_80_20")
    gone = replace(outcome, csm_leaves=np.ones_like(outcome.csm_leaves))
    assert median_trial(gone, 0) is None
    assert np.isnan(earnings(gone, 0).p50)
    assert earnings(gone, 0).stays == 0.0


# --- pacing --------------------------------------------------------------------------------------------


def usual(stage: Stage, plan: Plan, terms: Terms, csm: int, month: int) -> dict[Measure, float]:
    opens = int(terms.opens[csm, month])
    return {measure: on_course(measure, stage, csm, opens, month) for measure in asked(plan)}


@pytest.mark.parametrize("preset", PLAN_PRESETS)
@pytest.mark.parametrize("month", [0, 4, 7, 11])
def test_expected_pay_is_the_integral_of_the_payout(preset: str, month: int) -> None:
    plan, terms, _ = run_of(preset)
    stage, csm = stage_of(), 1
    found = pacing(stage, plan, terms, csm, month, usual(stage, plan, terms, csm, month))
    months = found.ends - found.opens
    for i, (component, pace) in enumerate(zip(plan.components, found.components, strict=True)):
        if np.isnan(pace.mean):
            continue
        curve = pay_curve(component.curve, component.kind)

        def weighted(x: float, curve=curve, pace=pace) -> float:
            return float(payout(curve, x)) * norm.pdf(x, pace.mean, pace.sd)

        ends = pace.mean + pace.sd * np.array([-9.0, 9.0])
        integral, _ = quad(weighted, *ends, points=np.clip(curve.knots, *ends), limit=200)
        full = float(terms.monthly_pay[csm, i]) * months
        assert pace.pay == pytest.approx(full * pace.opens * integral, abs=1e-6 * full)
        assert pace.chance == pytest.approx(norm.sf(1.0, pace.mean, pace.sd))


def moved(standing: Mapping[Measure, float], terms: Terms, unit: str, size: float, stage: Stage, csm: int, month: int):
    """The standing with so much more of a unit."""
    opens = int(terms.opens[csm, month])
    new = dict(standing)
    for measure, value in standing.items():
        gain = size * UNITS[unit].get(MEASURES.index(measure), 0.0)
        one = running_total(measure, 1.0, stage, csm, opens, month) - running_total(
            measure, 0.0, stage, csm, opens, month
        )
        new[measure] = value + (gain / one if one else 0.0)
    return new


@pytest.mark.parametrize("preset", ["current_80_20", "at_risk_70_30", "posthog", "salary_spiffs"])
@pytest.mark.parametrize("unit", list(UNITS))
def test_one_more_is_worth_the_slope_of_expected_pay(preset: str, unit: str) -> None:
    """Where effort does nothing, expected pay follows the standing alone."""
    stage = stage_of(kappa_expansion=0.0, churn_cut=0.0, kappa_kpi=0.0)
    plan = plan_preset(preset)
    terms = terms_of(stage, plan)
    csm, month = 2, 8  # in the middle of a quarter
    standing = usual(stage, plan, terms, csm, month)
    if "gross_retention" in standing:
        standing["gross_retention"] = 0.85  # so that a gate may be passed or not
    found = pacing(stage, plan, terms, csm, month, standing)
    assert all(pace.opens == 1.0 or 0.1 < pace.opens < 0.9 for pace in found.components)
    size = 1.0 if unit.startswith("dollar") else 1e-3
    either = [moved(standing, terms, unit, sign * size, stage, csm, month) for sign in (-1.0, 1.0)]
    low, high = pay_ahead(stage, plan, terms, csm, month, either)
    assert found.worth[unit] == pytest.approx((high - low) / (2.0 * size), rel=1e-3, abs=1e-6)


def test_expected_pay_of_a_year_is_what_the_simulation_pays() -> None:
    """On the first day, for everybody; the forecast is normal and leaves second-year expansion out, so within 5 %."""
    stage = stage_of(kappa_expansion=0.0, churn_cut=0.0, kappa_kpi=0.0, attrition=0.0)
    plan = CURRENT.model_copy(update={"period": "year"})
    terms, outcome = terms_of(stage, plan), simulate(stage, plan)
    for csm in range(len(BOOK.team)):
        ahead = pacing(stage, plan, terms, csm, 0, usual(stage, plan, terms, csm, 0)).pay
        assert ahead == pytest.approx(outcome.csm_pay[csm].mean(), rel=0.05)


def test_many_standings_at_once_are_as_one_by_one() -> None:
    plan, terms, _ = run_of("at_risk_70_30")
    stage, csm, month = stage_of(), 0, 7
    standing = usual(stage, plan, terms, csm, month)
    at = span("expansion_bookings", stage, csm, 0, month, standing["expansion_bookings"], 5)
    standings = [{**standing, "expansion_bookings": float(value)} for value in at]
    together = pay_ahead(stage, plan, terms, csm, month, standings)
    alone = [pacing(stage, plan, terms, csm, month, each).pay for each in standings]
    assert together.tolist() == pytest.approx(alone)
    assert (np.diff(together) > 0.0).all()


def test_the_sentence_says_where_one_stands_and_what_a_dollar_is_worth() -> None:
    plan, terms, _ = run_of("current_80_20")
    stage = stage_of()
    found = pacing(stage, plan, terms, 0, 7, usual(stage, plan, terms, 0, 7))
    said = pacing_sentence(found)
    assert "of quota with" in said
    assert "of renewals still due" in said
    assert f"Expected pay for months 1 to 9: ${found.pay:,.0f} (at target ${found.target:,.0f})." in said
    worth = small_money(found.worth["dollar of ARR retained"])
    assert f"One more dollar of ARR retained is worth {worth}; one more dollar of upsell" in said


def test_with_nothing_due_the_rule_of_the_plan_is_expected() -> None:
    plan = RICH.model_copy(update={"true_up": False})
    stage = set_stage(tiny_book(), plan, world_without_luck(), trials=1)
    for rule, share in (("target", 1.0), ("zero", 0.0), ("carry", 0.0)):
        ruled = plan.model_copy(update={"no_renewal_due": rule})
        terms = terms_of(stage, ruled)
        found = pacing(stage, ruled, terms, 2, 0, usual(stage, ruled, terms, 2, 0))
        assert found.components[0].pay == pytest.approx(share * 3_000.0)
        assert "no renewal falls due" in pacing_sentence(found)


# --- the statement -------------------------------------------------------------------------------------


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.cells: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.cells.append(data)


def test_the_statement_holds_every_line_and_escapes_every_name() -> None:
    hostile = "<script>alert(1)</script> & <b>x</b>"
    payday = Payday(
        2,
        3,
        (Measured(1.0, True, 0.0), Measured(20_000.0, True, 0.0), Measured(1.0, True, 0.0)),
        3.0,
        (0.0, 0.0),
        False,
    )
    plan = RICH.model_copy(
        update={"components": (RICH.components[0].model_copy(update={"name": hostile[:60]}), RICH.components[1])}
    )
    stage = set_stage(tiny_book(), plan, world_without_luck(), trials=1)
    (slip,) = payslips(plan, terms_of(stage, plan), 1, [payday])
    own = Earnings(70_000.0, 30_000.0, 1.0, 2.0, float("nan"), 2.0, 0.0, 1.0)
    page = statement(Person(hostile, hostile, hostile), hostile, hostile, own, 12, [(hostile, slip)])
    parsed = Tags()
    parsed.feed(page)
    assert parsed.tags.isdisjoint({"script", "b", "a", "img", "link", "iframe"})
    assert "http" not in page
    for section in slip.sections:
        for line in section.lines:
            assert line.text in parsed.cells
    assert hostile in parsed.cells
