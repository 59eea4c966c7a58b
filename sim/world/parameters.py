"""What nobody knows for sure: each assumption with its unit, bounds, source and confidence beside its default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sim.problems import InputError, Problem
from sim.words import nearest

Confidence = Literal["high", "medium", "low"]


@dataclass(frozen=True, slots=True)
class Assumption:
    """One row of the table of assumptions, as the methods page shows it."""

    name: str
    label: str
    unit: str
    low: float
    high: float
    default: float
    confidence: Confidence
    source: str
    help: str


def _assume(
    default: float,
    low: float,
    high: float,
    *,
    label: str,
    unit: str,
    source: str,
    confidence: Confidence,
    help: str,
) -> Any:
    return Field(
        default=default,
        ge=low,
        le=high,
        allow_inf_nan=False,
        title=label,
        description=help,
        json_schema_extra={
            "unit": unit,
            "source": source,
            "confidence": confidence,
            "low": low,
            "high": high,
        },
    )


class World(BaseModel):
    """The assumptions of one run. Immutable; unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # --- the response to pay -------------------------------------------------------------------------------
    kappa_expansion: float = _assume(
        0.10,
        0.0,
        0.30,
        label="Expansion gained at reference effort",
        unit="fraction",
        confidence="medium",
        source="Lazear 2000 (within-worker 0.20) and Condly et al. 2003 (22 %), both at about 40 % variable pay; "
        "halved for a 20 % share (scaling is ours). Sceptic 0: Cala et al. 2022.",
        help="Extra upsell and cross-sell of an average CSM under the reference plan, against salary only.",
    )
    churn_cut: float = _assume(
        0.10,
        0.0,
        0.20,
        label="Churn cut at reference effort",
        unit="fraction",
        confidence="low",
        source="Judgement.",
        help="Share of churn that the effort bought by the reference plan prevents, at low churn.",
    )
    kappa_kpi: float = _assume(
        0.10,
        0.0,
        0.30,
        label="KPI gained at reference effort",
        unit="fraction",
        confidence="low",
        source="Set equal to the expansion response; judgement.",
        help="Rise of NPS and other KPI scores under the reference plan, as a share of their usual level.",
    )
    response_spread: float = _assume(
        0.0,
        0.0,
        1.0,
        label="Uncertainty of the response",
        unit="fraction",
        confidence="low",
        source="Ours: 1 spans everything from no response to twice the base case.",
        help="Each trial multiplies the response to pay by a draw from 1 - spread to 1 + spread (mixed world: 1).",
    )
    task_overlap: float = _assume(
        0.3,
        0.0,
        0.9,
        label="Competition between tasks",
        unit="fraction",
        confidence="low",
        source="Judgement; the mechanism is Holmstrom & Milgrom 1991.",
        help="How far an hour on one task takes from the others: more pay for upsell takes effort from retention.",
    )
    present_bias: float = _assume(
        1.0,
        0.5,
        1.0,
        label="Weight of pay at the period's end",
        unit="fraction",
        confidence="low",
        source="1 = none; field estimates run from 0.7 to 1 (Chung, Steenburgh & Sudhir 2014 find some).",
        help="A dollar at the end of the period counts this much against effort today.",
    )
    risk_aversion: float = _assume(
        0.0,
        0.0,
        5.0,
        label="Risk aversion",
        unit="per target bonus",
        confidence="low",
        source="Judgement; the mechanism is the linear contract of Holmstrom & Milgrom 1987.",
        help="How much the variance of a period's payout counts against its mean (in units of the target payout).",
    )
    effort_max: float = _assume(
        3.0,
        1.0,
        5.0,
        label="Most effort on a task",
        unit="reference efforts",
        confidence="low",
        source="Judgement.",
        help="No plan buys more than this multiple of the effort under the reference plan.",
    )
    influence_sd: float = _assume(
        0.5,
        0.0,
        1.5,
        label="Spread of influenceability",
        unit="fraction",
        confidence="low",
        source="Judgement; uplift studies find customers whom outreach drives away (Ascarza 2018).",
        help="Accounts differ in how far effort moves their renewal: mean 1, this standard deviation, some below zero.",
    )
    # --- renewals ------------------------------------------------------------------------------------------
    shock_rho: float = _assume(
        0.02,
        0.0,
        0.30,
        label="Common shock",
        unit="correlation",
        confidence="low",
        source="Fitted on insurance lapses 1995-2009: 0.023; stress 0.05 to 0.10.",
        help="Correlation of renewals across all accounts in a year: good and bad years.",
    )
    downsell_share: float = _assume(
        0.30,
        0.0,
        0.60,
        label="Share of losses that is downsell",
        unit="fraction",
        confidence="low",
        source="Judgement: cancelled 70, downsold 30.",
        help="Of the ARR lost at renewals, the share lost on accounts that stay.",
    )
    erosion_share: float = _assume(
        0.20,
        0.0,
        1.0,
        label="Share of downsell that is price erosion",
        unit="fraction",
        confidence="low",
        source="Judgement.",
        help="Of the downsell, the share given away in price; the rest is fewer seats or modules.",
    )
    contraction_depth: float = _assume(
        0.25,
        0.05,
        0.50,
        label="Depth of a contraction",
        unit="fraction of ARR",
        confidence="low",
        source="Judgement.",
        help="Mean share of ARR lost when an account contracts (uniform from 0 to twice this).",
    )
    erosion_depth: float = _assume(
        0.05,
        0.01,
        0.25,
        label="Depth of a price concession",
        unit="fraction of ARR",
        confidence="low",
        source="Judgement.",
        help="Mean price cut when one is given (uniform from 0 to twice this).",
    )
    uplift_probability: float = _assume(
        0.5,
        0.0,
        1.0,
        label="Renewals with a price increase",
        unit="fraction",
        confidence="low",
        source="Judgement.",
        help="Share of renewing accounts whose price goes up; at most those that get no concession.",
    )
    uplift_rate: float = _assume(
        0.03,
        0.0,
        0.15,
        label="Price increase",
        unit="fraction of ARR",
        confidence="low",
        source="Judgement.",
        help="Mean price increase where there is one (uniform from 0 to twice this).",
    )
    # --- expansion -----------------------------------------------------------------------------------------
    upsell_arrivals: float = _assume(
        0.8,
        0.0,
        12.0,
        label="Upsell deals",
        unit="a year and account",
        confidence="low",
        source="With the take below and 30 % white space this is 10 % of ARR a year (Gainsight, top companies).",
        help="Closed upsell deals a year on an account that has white space.",
    )
    upsell_take: float = _assume(
        0.5,
        0.0,
        1.0,
        label="White space an upsell takes",
        unit="fraction",
        confidence="low",
        source="Judgement.",
        help="Share of the upsell white space left that one deal uses up.",
    )
    cross_sell_arrivals: float = _assume(
        0.4,
        0.0,
        12.0,
        label="Cross-sell deals",
        unit="a year and account",
        confidence="low",
        source="Judgement: half as frequent as upsell.",
        help="Closed cross-sell deals a year on an account that has white space.",
    )
    cross_sell_take: float = _assume(
        0.5,
        0.0,
        1.0,
        label="White space a cross-sell takes",
        unit="fraction",
        confidence="low",
        source="Judgement.",
        help="Share of the cross-sell white space left that one deal uses up.",
    )
    win_rate: float = _assume(
        0.3,
        0.05,
        1.0,
        label="Opportunities that close",
        unit="fraction",
        confidence="low",
        source="Judgement; customary for qualified expansion opportunities.",
        help="Referral measures count opportunities found; this share of them becomes a deal.",
    )
    # --- KPIs ----------------------------------------------------------------------------------------------
    nps_noise: float = _assume(
        0.0,
        0.0,
        60.0,
        label="Noise of a month's NPS beyond sampling",
        unit="points",
        confidence="low",
        source="None known, and so none assumed.",
        help="What no larger sample takes away: who was asked, and on which day. Standard deviation of a month's NPS.",
    )
    nps_response_rate: float = _assume(
        1.0,
        0.1,
        24.0,
        label="Answers to NPS surveys",
        unit="a year and account",
        confidence="low",
        source="Judgement: two surveys a year, every other one answered.",
        help="The fewer answers, the more of a CSM's NPS is luck.",
    )
    nps_response_sd: float = _assume(
        75.0,
        0.0,
        100.0,
        label="Spread of NPS answers",
        unit="points",
        confidence="medium",
        source="By definition: an NPS of 33 from one half promoters (100), one sixth detractors (-100) has 75.",
        help="Standard deviation of one answer, worth 100, 0 or -100 points.",
    )
    adoption_noise: float = _assume(
        0.03,
        0.0,
        0.3,
        label="Noise of a month's adoption",
        unit="fraction",
        confidence="low",
        source="Judgement.",
        help="Standard deviation of one CSM's measured adoption in one month around its true value.",
    )
    mbo_mean: float = _assume(
        0.9,
        0.0,
        1.5,
        label="MBO score",
        unit="fraction",
        confidence="low",
        source="Judgement: MBOs are usually paid close to target.",
        help="Mean score on management objectives under the plan in force.",
    )
    mbo_noise: float = _assume(
        0.25,
        0.0,
        1.0,
        label="Noise of a month's MBO score",
        unit="fraction",
        confidence="low",
        source="Judgement.",
        help="Standard deviation of one CSM's MBO score in one month.",
    )
    value_arr_limit: float = _assume(
        100_000.0,
        0.0,
        1_000_000.0,
        label="Accounts whose value is reviewed",
        unit="USD of ARR",
        confidence="low",
        source="Judgement: a review with the customer's executives is for large accounts.",
        help="Value identified and acknowledged is measured on accounts with at least this ARR at the start.",
    )
    value_reviews: float = _assume(
        4.0,
        0.5,
        12.0,
        label="Value reviews",
        unit="a year and account",
        confidence="low",
        source="Judgement: one in each quarterly business review.",
        help="How often a customer is asked to acknowledge the value identified.",
    )
    acknowledgement_rate: float = _assume(
        0.7,
        0.0,
        1.0,
        label="Value that is acknowledged",
        unit="fraction",
        confidence="low",
        source="Judgement.",
        help="Share of value reviews in which the customer acknowledges the value, under the plan in force.",
    )
    training_enrolment: float = _assume(
        0.1,
        0.0,
        1.0,
        label="Training enrolments",
        unit="fraction of accounts a month",
        confidence="low",
        source="Judgement: each account about once a year.",
        help="Share of accounts that enrol somebody for training in a month, under the plan in force.",
    )
    training_effect: float = _assume(
        0.05,
        0.0,
        0.5,
        label="Renewals won by training",
        unit="logit",
        confidence="low",
        source="Judgement: about half of what the reference effort on retention does; claims of vendors are larger.",
        help="Log-odds that later renewals gain from a year of reference effort on training.",
    )
    onboarded_on_time: float = _assume(
        0.75,
        0.0,
        1.0,
        label="Accounts onboarded on time",
        unit="fraction",
        confidence="low",
        source="Judgement.",
        help="Share of new accounts that are live within the time agreed, under the plan in force.",
    )
    utilisation: float = _assume(
        0.7,
        0.0,
        1.0,
        label="Utilisation",
        unit="fraction",
        confidence="low",
        source="Judgement; customary in professional services.",
        help="Share of working hours that are billed, under the plan in force.",
    )
    utilisation_noise: float = _assume(
        0.03,
        0.0,
        0.3,
        label="Noise of a month's utilisation",
        unit="fraction",
        confidence="low",
        source="Judgement: hours are many, and booked one by one.",
        help="Standard deviation of one CSM's utilisation in one month around its true value.",
    )
    # --- people --------------------------------------------------------------------------------------------
    attrition: float = _assume(
        0.18,
        0.0,
        0.60,
        label="CSMs who leave",
        unit="a year",
        confidence="low",
        source="No source found; range 0.10 to 0.30.",
        help="Share of CSMs who leave in a year under the plan in force.",
    )
    attrition_response: float = _assume(
        2.0,
        0.0,
        10.0,
        label="Attrition's response to pay",
        unit="elasticity",
        confidence="low",
        source="Separation elasticities of 1 to 3 are usual (Manning 2021); the best leave first (Sandvik et al.).",
        help="Expected pay 1 % below today's, against the market, raises the hazard of leaving by this many percent.",
    )
    vacancy_months: float = _assume(
        3.0,
        0.0,
        12.0,
        label="Vacancy",
        unit="months",
        confidence="low",
        source="Judgement.",
        help="Whole months a book has no CSM after one leaves: no effort, no pay.",
    )
    ramp_months: float = _assume(
        6.0,
        0.0,
        18.0,
        label="Ramp of a new hire",
        unit="months",
        confidence="low",
        source="Judgement.",
        help="Whole months over which a new hire's output rises to that of an average CSM.",
    )
    orphan_penalty: float = _assume(
        0.30,
        0.0,
        2.0,
        label="Loss of an account manager",
        unit="logit",
        confidence="low",
        source="Judgement: about 25 % more churn while the book is vacant.",
        help="Renewal log-odds lost by an account whose CSM has left and not been replaced.",
    )
    replacement_cost: float = _assume(
        0.21,
        0.0,
        1.0,
        label="Cost of replacing a CSM",
        unit="fraction of base salary",
        confidence="medium",
        source="Boushey & Glynn 2012: 21 % of salary.",
        help="Recruiting and onboarding cost of one replacement.",
    )
    on_cost: float = _assume(
        0.20,
        0.0,
        0.60,
        label="Employer on-cost",
        unit="fraction of pay",
        confidence="low",
        source="Judgement: payroll taxes and benefits that move with pay.",
        help="Employer's cost on top of base and variable pay.",
    )
    # --- timing games (off by default) ---------------------------------------------------------------------
    pull_share: float = _assume(
        0.0,
        0.0,
        0.5,
        label="Deals that can be moved in time",
        unit="fraction",
        confidence="low",
        source="Off by default; mechanism Oyer 1998, Larkin 2014.",
        help="Share of expansion deals next to a period's end that a CSM can pull forward, or put off when that pays.",
    )
    pull_discount: float = _assume(
        0.07,
        0.0,
        0.5,
        label="Discount on a pulled deal",
        unit="fraction",
        confidence="medium",
        source="Larkin 2014: 6 to 8 % of revenue.",
        help="Share of a deal's ARR given away to close it a month early.",
    )
    pull_churn: float = _assume(
        0.30,
        0.0,
        2.0,
        label="Churn of pulled deals",
        unit="logit",
        confidence="low",
        source="Judgement.",
        help="Renewal log-odds lost by an account that was closed early at a discount.",
    )

    def changed(self, overrides: Mapping[str, float]) -> World:
        """This world with some assumptions replaced.

        Raises InputError with every unknown name (and the nearest known one) and every value out of bounds.
        """
        unknown = [name for name in overrides if name not in World.model_fields]
        problems = [
            Problem(
                f"assumption {name}",
                "",
                f"is not known; the nearest is '{nearest(name, World.model_fields)}'",
            )
            for name in unknown
        ]
        known = {name: value for name, value in overrides.items() if name not in unknown}
        try:
            world = World.model_validate(self.model_dump() | known)
        except ValidationError as error:
            for issue in error.errors():
                name = str(issue["loc"][0])
                row = ASSUMPTIONS[name]
                rule = f"must be from {row.low:g} to {row.high:g} ({row.unit})"
                problems.append(Problem(f"assumption {name}", str(issue["input"]), rule))
        if problems:
            raise InputError(problems)
        return world

    def scaled(self, factors: Mapping[str, float]) -> World:
        """This world with some assumptions multiplied, and held at their bounds. Raises InputError: unknown names."""
        known = {name: getattr(self, name) * factor for name, factor in factors.items() if name in ASSUMPTIONS}
        # Rounded to what a person would have typed: products of tenths are not exact.
        held = {name: min(max(round(v, 9), ASSUMPTIONS[name].low), ASSUMPTIONS[name].high) for name, v in known.items()}
        return self.changed({**factors, **held})


def _row(name: str) -> Assumption:
    field = World.model_fields[name]
    extra = field.json_schema_extra
    assert isinstance(extra, dict)
    return Assumption(
        name=name,
        label=str(field.title),
        unit=str(extra["unit"]),
        low=float(str(extra["low"])),
        high=float(str(extra["high"])),
        default=float(field.default),
        confidence=extra["confidence"],  # type: ignore[arg-type]  # written by _assume just above
        source=str(extra["source"]),
        help=str(field.description),
    )


ASSUMPTIONS: dict[str, Assumption] = {name: _row(name) for name in World.model_fields}
"""The table of assumptions, in the order of the model."""

_PRESETS: dict[str, dict[str, float]] = {
    "base": {},
    "sceptic": {
        "kappa_expansion": 0.0,
        "churn_cut": 0.0,
        "kappa_kpi": 0.0,
        "training_effect": 0.0,
        "attrition_response": 0.0,
    },
    "optimistic": {"kappa_expansion": 0.20, "churn_cut": 0.20, "kappa_kpi": 0.20, "training_effect": 0.10},
    "mixed": {"response_spread": 1.0},
}

WORLD_PRESETS: dict[str, str] = {
    "base": "The defaults: pay buys some effort, and effort buys some retention and expansion.",
    "sceptic": "Effort changes nothing and nobody leaves over pay: every plan has the same outcomes.",
    "optimistic": "Twice the base response.",
    "mixed": "The response itself is drawn in each trial, from none to twice the base.",
}


def world_preset(name: str) -> World:
    """One of the shipped worlds. Raises InputError for an unknown name."""
    if name not in _PRESETS:
        rule = f"must be one of {', '.join(_PRESETS)}"
        raise InputError([Problem("world", name, rule)])
    return World(**_PRESETS[name])
