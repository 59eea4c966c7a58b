"""Quotas that fit the book: flat, adjusted to risk, aligned with white space, and who can reach them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.decide.compare import Summary, differences
from sim.decide.targets.average_team import equal_skill, same_effort
from sim.decide.targets.pay_shares import PayShares, pay_shares, payout, share_bars
from sim.engine.contract import contract, expected_measure
from sim.engine.outcome import Outcome
from sim.engine.run import Stage, simulate
from sim.plan.schema import BOOKING_MEASURES, Component, Measure, Plan, Quota, QuotaRule
from sim.problems import InputError
from sim.words import percent

Floats = NDArray[np.float64]

RULES: tuple[QuotaRule, ...] = ("flat", "risk_adjusted", "white_space")
RULE_NAMES: dict[QuotaRule, str] = {
    "flat": "Flat",
    "risk_adjusted": "Adjusted to risk",
    "white_space": "Aligned with white space",
}
LEAST_STRETCH, MOST_STRETCH = 0.5, 2.0
"""What a plan file allows."""


def rule_for(measure: Measure, wish: QuotaRule) -> QuotaRule:
    """The rule that a measure takes when the plan is to be fitted by `wish`.

    Gross and logo retention only fit risk, bookings only white space, net retention either; events and KPIs neither.
    """
    if wish == "flat" or measure == "net_retention":
        return wish
    if measure in BOOKING_MEASURES:
        return "white_space"
    return "risk_adjusted" if measure in ("gross_retention", "logo_retention") else "flat"


def fitted(plan: Plan, stage: Stage, wish: QuotaRule) -> Plan:
    """The plan with every component's quota by `rule_for`, and as ambitious as before.

    A fixed target becomes a stretch of what the team is expected to reach, within what a plan allows (0.5 to 2).
    """
    components = tuple(_refit(component, stage, wish) for component in plan.components)
    return plan.model_copy(update={"components": components})


def _refit(component: Component, stage: Stage, wish: QuotaRule) -> Component:
    rule, quota = rule_for(component.measure, wish), component.quota
    if component.kind == "spif" or rule == quota.rule:
        return component
    stretch = quota.stretch
    if quota.target is not None:
        team = expected_measure(component.measure, stage.portfolio, stage.forecast, stage.world).team
        stretch = float(np.clip(stretch * quota.target / team, LEAST_STRETCH, MOST_STRETCH)) if team > 0.0 else stretch
    return component.model_copy(update={"quota": Quota(rule=rule, stretch=stretch)})


@dataclass(frozen=True)
class Option:
    """One way to set the plan's quotas. today: it is what the plan in force does."""

    name: str
    plan: Plan
    today: bool

    @property
    def label(self) -> str:
        """Its name, with a mark on today's."""
        return f"{self.name} (today)" if self.today and self.name != "Today" else self.name


def options(plan: Plan, stage: Stage) -> tuple[list[Option], list[InputError]]:
    """The ways that differ (flat, fitted to the book, and today's first when it is neither), and why others can't be.

    Net retention fits either risk or white space, so that there may be two fitted ways.
    """
    made: list[Option] = []
    refused: list[InputError] = []
    tried: list[Plan] = []
    for rule in RULES:
        candidate = fitted(plan, stage, rule)
        if candidate in tried:
            continue
        tried.append(candidate)
        try:
            contract(candidate, stage.portfolio, stage.forecast, stage.world)
        except InputError as error:
            refused.append(error)
        else:
            made.append(Option(RULE_NAMES[rule], candidate, candidate == plan))
    if not any(component.measure == "net_retention" for component in plan.components):
        made = [option if option.name == "Flat" else replace(option, name="Fits the book") for option in made]
    if not any(option.today for option in made):
        made.insert(0, Option("Today", plan, True))
    return made, refused


def reach(outcome: Outcome) -> Floats:
    """Chance of attaining the whole quota over the horizon: (n_csms, n_components); NaN when never measured.

    Its standard error is at most half the inverse root of the number of trials.
    """
    measured = np.isfinite(outcome.attainment)
    reached = (np.where(measured, outcome.attainment, 0.0) >= 1.0 - 1e-6) & measured
    count = measured.sum(axis=2)
    chance: Floats = np.divide(reached.sum(axis=2), count, out=np.full(count.shape, np.nan), where=count > 0)
    return chance


def targeted(plan: Plan) -> list[str]:
    """Names of the components that have a quota: all but SPIFs."""
    return [component.name for component in plan.components if component.kind != "spif"]


def quota_table(stage: Stage, choices: list[Option], at_equal_skill: list[Outcome]) -> pd.DataFrame:
    """One row for each CSM and component with a quota.

    Columns: csm_id, csm_name, component, rule_today, quota_<option>, reach_<option> (option by number, in the order of
    `choices`; in the measure's own unit, bookings in USD a year). Raises InputError for quotas that come out at zero.
    """
    team = stage.portfolio.book.team
    quotas = [contract(option.plan, stage.portfolio, stage.forecast, stage.world).quota for option in choices]
    chances = [reach(outcome) for outcome in at_equal_skill]
    today = next(option for option in choices if option.today)
    tables = []
    for i, component in enumerate(today.plan.components):
        if component.kind == "spif":
            continue
        columns: dict[str, object] = {
            "csm_id": team.csm_id,
            "csm_name": team.csm_name,
            "component": component.name,
            "rule_today": "fixed target" if component.quota.target is not None else RULE_NAMES[component.quota.rule],
        }
        for number, (quota, chance) in enumerate(zip(quotas, chances, strict=True)):
            columns |= {f"quota_{number}": quota[:, i], f"reach_{number}": chance[:, i]}
        tables.append(pd.DataFrame(columns))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


@dataclass(frozen=True)
class Study:
    """Everything that the quota page shows; lists in the order of ``options``.

    table: see ``quota_table``. shares: why pay differs between CSMs. changes: against today's quotas, paired.
    """

    options: list[Option]
    refused: list[InputError]
    table: pd.DataFrame
    shares: list[PayShares]
    changes: list[dict[str, Summary]]

    @property
    def today(self) -> int:
        """The option that is in force."""
        return next(number for number, option in enumerate(self.options) if option.today)


def study(stage: Stage, plan: Plan) -> Study:
    """Each way to set the quotas of the plan in force: as the team is, at equal skill, and with the same effort.

    Three runs an option, all on the luck of the stage.
    """
    choices, refused = options(plan, stage)
    actual = [simulate(stage, option.plan) for option in choices]
    average = equal_skill(stage)
    table = quota_table(stage, choices, [simulate(average, option.plan) for option in choices])
    shares = []
    for option, outcome in zip(choices, actual, strict=True):
        same = simulate(same_effort(stage, outcome.effort.mean(axis=0)), option.plan)
        shares.append(pay_shares(payout(outcome), payout(same)))
    today = next(number for number, option in enumerate(choices) if option.today)
    changes = [differences(outcome, actual[today]) for outcome in actual]
    return Study(choices, refused, table, shares, changes)


def finding(study: Study, component: str) -> str:
    """What fitting does to the chances on one component, short enough for a chart's title."""
    own, today = study.table[study.table["component"] == component], study.today
    widths = [_width(own[f"reach_{number}"]) for number in range(len(study.options))]
    if not np.isfinite(widths[today]):
        return "Nothing is measured in this horizon"
    best = int(np.argmin(widths))
    now = _range(own[f"reach_{today}"])
    if best == today:
        return f"Quota reached by {now}, the most even"
    return f"Quota reached: {now} today, {_range(own[f'reach_{best}'])} fitted"


def _width(chances: pd.Series) -> float:
    known = chances.dropna()
    return float(known.max() - known.min()) if len(known) else float("inf")


def _range(chances: pd.Series) -> str:
    known = chances.dropna()
    return f"{100 * known.min():.0f} to {percent(known.max(), 0)}"


def share_table(study: Study) -> pd.DataFrame:
    """Why pay differs, as bars: see ``share_bars``."""
    return share_bars((option.label, shares) for option, shares in zip(study.options, study.shares, strict=True))


def share_finding(study: Study) -> str:
    """How much of the differences in pay the book makes, now and at best; short enough for a chart's title."""
    now = study.shares[study.today].book
    if not np.isfinite(now):
        return "Variable pay does not differ between CSMs"
    least = min(shares.book for shares in study.shares)
    fitted = f", {percent(max(least, 0.0), 0)} fitted" if least < now else ""
    return f"Book in pay differences: {percent(max(now, 0.0), 0)} today{fitted}"


def share_sentence(option: Option, shares: PayShares) -> str:
    """The bar of one option in figures."""
    return (
        f"{option.label}: book {percent(shares.book, 0)}, luck {percent(shares.luck, 0)}, skill and effort "
        f"{percent(shares.skill_and_effort, 0)}, interaction {percent(shares.interaction, 0)}."
    )


def reach_table(study: Study, component: str) -> pd.DataFrame:
    """The chances on one component as dots: option, csm, chance; CSMs without any left out."""
    own = study.table[study.table["component"] == component]
    dots = [
        pd.DataFrame({"option": option.label, "csm": own["csm_name"], "chance": own[f"reach_{number}"]})
        for number, option in enumerate(study.options)
    ]
    return pd.concat(dots, ignore_index=True).dropna()


def download(study: Study) -> pd.DataFrame:
    """The table with the ways' names for their numbers."""
    names: dict[str, str] = {}
    for number, option in enumerate(study.options):
        names |= {f"quota_{number}": f"quota, {option.label}", f"reach_{number}": f"chance, {option.label}"}
    return study.table.rename(columns=names)
