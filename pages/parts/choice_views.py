"""The views of the page Compare: clouds, distributions, parts, people, levers, break-even."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from pages.parts import access, charts, choice_charts, compute
from pages.parts.literal import literal
from pages.parts.state import Scenario
from pages.parts.tables import dollars, download, hundredfold, rate, signed_dollars, whole
from pages.parts.view import view
from sim.decide import picture
from sim.decide.bridge import lever_bridge
from sim.decide.choice import findings, parts, payback, people, pictures
from sim.decide.choice.contenders import Contender
from sim.decide.choice.criterion import Criterion
from sim.engine.outcome import Outcome
from sim.share.audience import Audience

Floats = NDArray[np.float64]
RETAINED, COST = "Retained ARR", "Plan cost"
SPLITS: dict[Audience, tuple[str, ...]] = {"summary": (parts.MONTH,), "team": parts.PARTS, "full": parts.PARTS}
"""How a difference may be split."""


class Choice(NamedTuple):
    """What the views show. plans: without the one in force. places: the colour of each plan, by name."""

    scenario: Scenario
    plans: list[Contender]
    current: Contender
    focus: Contender
    places: Mapping[str, int]
    criterion: Criterion
    worth: float

    @property
    def everybody(self) -> list[Contender]:
        return [*self.plans, self.current]


def cost_and_arr(choice: Choice) -> None:
    data = pictures.clouds(choice.everybody, choice.places)
    choice_charts.clouds(data, findings.cloud_finding(choice.everybody))
    st.caption("A ring holds half of a plan's trials, its point is the median. Point at a plan to single it out.")


def _figure(choice: Choice, label: str) -> Callable[[Outcome], Floats]:
    if label == COST:
        return lambda outcome: outcome.plan_cost
    if label == RETAINED:
        return lambda outcome: outcome.retained_arr
    return lambda outcome: choice.criterion.figure(outcome, choice.worth)


def _figures(choice: Choice) -> list[str]:
    """Cost, retained ARR, and the criterion where it is neither."""
    other = [choice.criterion.label] if choice.criterion.name not in ("retained_arr", "cost") else []
    return [*other, RETAINED, COST]


def distributions(choice: Choice) -> None:
    row = st.container(horizontal=True)
    with row:
        label = view("Figure", _figures(choice), "spread_of")
        paired = view("Spread of", ("Difference", "Totals"), "spread_view") == "Difference"
    figure = _figure(choice, label)
    shown = choice.plans if paired else choice.everybody
    base = figure(choice.current.outcome) if paired else 0.0
    values = {plan.name: figure(plan.outcome) - base for plan in shown}
    data = pictures.distributions(values, choice.places)
    title = findings.spread_finding(label, values, least=label == COST)
    choice_charts.distributions(data, title, signed=paired)
    st.caption(
        "Differences from the plan in force on the same luck." if paired else "What each plan comes to over the trials."
    )


def by_part(choice: Choice) -> None:
    row = st.container(horizontal=True)
    with row:
        part = view("By", SPLITS[access.audience()], "part_by")
        figures = [figure for figure in parts.figures_by(part) if part != parts.CSM or _pay_is_seen(figure)]
        figure = view("Figure", figures, f"part_figure_{part}")
    current = choice.current.outcome
    changes = parts.part_changes(
        choice.plans,
        current,
        part,
        figure,
        _names(choice, part),
    )
    if part == parts.MONTH:
        choice_charts.months(
            pictures.month_picture(changes, choice.places), findings.month_finding(changes, choice.focus.name)
        )
    else:
        data = pictures.part_picture(changes, choice.places, choice.focus.name)
        choice_charts.parts(data, findings.part_finding(changes, choice.focus.name, figure))
        shown, count = data.loc[~data["named"], "part"].nunique(), changes["part"].nunique()
        st.caption(
            ("" if shown == count else f"The {shown} of {count} with the largest differences. ")
            + f"Dots are plans; lines two standard errors of {literal(choice.focus.name)} either way: where they reach "
            "zero, the difference cannot be told from none."
        )
    names = [plan.name for plan in choice.plans]
    table = parts.wide(changes, names)
    columns: dict[str, Any] = {"part": st.column_config.TextColumn(part, pinned=True)}
    for number, name in enumerate(names):
        columns[f"mean.{number}"] = signed_dollars(name, help="Mean difference from the plan in force, USD.")
        columns[f"give.{number}"] = whole(
            "±", help="Two standard errors: a mean difference smaller than this cannot be told from none."
        )
    st.dataframe(table.round(0), hide_index=True, width="stretch", column_config=columns, placeholder="-")
    download("Download as CSV", changes, f"plans_by_{part.lower()}.csv")


def _pay_is_seen(figure: str) -> bool:
    return figure != parts.PAY or access.audience() == "full"


def _names(choice: Choice, part: str) -> tuple[str, ...]:
    """Of the parts: CSMs by name, or the groups that are seen in their place."""
    if part == parts.CSM and access.audience() == "full":
        return parts.people_names(compute.book_of(choice.scenario).team)
    return parts.part_names(choice.current.outcome, part)


def winners_and_losers(choice: Choice) -> None:
    if access.audience() != "full":
        access.withheld()
        return
    _, stage = compute.stage_of(choice.scenario)
    table = people.people(stage.portfolio.book.team, stage, choice.focus, choice.current)
    row = st.container(horizontal=True, vertical_alignment="bottom")
    percents = row.number_input(
        "A loss or gain is above, % of pay",
        0.0,
        50.0,
        100.0 * people.LOSES,
        1.0,
        format="%.1f",
        key="loses",
        persist_state="session",
        width=230,
        help="Of expected base and variable pay over the horizon, for a CSM who stays.",
    )
    share = percents / 100.0
    only = row.toggle(
        f"Only who loses more than {percents:g} %",
        key="only_losers",
        help="Leaves those in the table whose expected pay falls by more than this share.",
    )
    charts.finding(f"{choice.focus.name}: {people.people_finding(table, share)}")
    shown = people.losers(table, share) if only else table
    if shown.empty:
        st.info(f"Nobody expects to lose more than {percents:g} % of pay under this plan.")
        return
    a_dollar = partial(st.column_config.NumberColumn, format="$%.3f")
    change = partial(st.column_config.NumberColumn, format="%+.3f")
    one = "Pay for one more dollar of {}, where this CSM stands."
    st.dataframe(
        hundredfold(shown, "change_share", "earns_less"),
        hide_index=True,
        width="stretch",
        height=min(560, 40 + 35 * len(shown)),
        column_config={
            "csm_id": st.column_config.TextColumn("CSM", pinned=True),
            "csm_name": st.column_config.TextColumn("Name", width=145),
            "level": "Level",
            "pay_now": dollars("Pay now", help="Expected, under the plan in force."),
            "pay_then": dollars("Pay then", help="Expected, under the plan looked at."),
            "change": signed_dollars("Change, $"),
            "change_share": st.column_config.NumberColumn("Change, %", format="%+.1f %%"),
            "earns_less": rate("Earns less in", help="Of trials, on the same luck."),
            "retained_now": a_dollar("Retained $1, now", help=one.format("retained ARR")),
            "retained_then": a_dollar("Retained $1, then", help=one.format("retained ARR")),
            "retained_change": change("Change", help="Of pay for one more dollar of retained ARR."),
            "expansion_now": a_dollar("Expansion $1, now", help=one.format("expansion")),
            "expansion_then": a_dollar("Expansion $1, then", help=one.format("expansion")),
            "expansion_change": change("Change ", help="Of pay for one more dollar of expansion."),
        },
    )
    st.caption(
        "Pay for one more dollar is averaged over where the CSM's attainment may end; payments per event, guarantees "
        "and clawbacks are left out."
    )
    download("Download as CSV", table, "winners_and_losers.csv")


def levers(choice: Choice) -> None:
    label = view("Explain", _figures(choice), "levers_of")
    figure = _figure(choice, label)
    with st.spinner("Moving one lever at a time..."):
        steps = lever_bridge(
            choice.focus.plan,
            choice.current.plan,
            lambda plan: compute.run_plan(choice.scenario, plan),
            figure,
        )
    less = label == COST
    data = picture.bridge_table(steps, label, less_is_better=less)
    title = f"{choice.focus.name}: {picture.bridge_finding(steps, label)}"
    charts.bridge(data, title, height=90 + 32 * len(data))
    st.caption(
        "Each lever alone, from the plan in force; then what the levers do only together, and terms that no lever "
        "moves. The steps add up to the difference in every trial."
    )
    download("Download as CSV", data[["label", "change", "error"]], "levers.csv")


def break_even(choice: Choice) -> None:
    found = {
        plan.name: payback.payback(plan.outcome, choice.current.outcome, choice.worth)
        for plan in (choice.focus, *(plan for plan in choice.plans if plan.name != choice.focus.name))
    }
    data = payback.payback_picture(found, choice.places)
    choice_charts.paybacks(data, findings.payback_finding(found))
    st.caption(
        "Dots: mean change of GRR; lines hold 90 % of trials; ticks: the change at which what is kept is worth the "
        f"extra cost, at \\${choice.worth:.2f} a dollar of ARR. Expansion is not counted."
    )
    st.markdown("\n".join(f"- {literal(payback.payback_sentence(name, one))}" for name, one in found.items()))
    table = pd.DataFrame(
        {
            "plan": list(found),
            "extra_cost": [one.cost.mean for one in found.values()],
            "grr_needed": [one.needed for one in found.values()],
            "grr_change": [one.grr.mean for one in found.values()],
            "pays_for_itself": [one.pays for one in found.values()],
        }
    )
    download("Download as CSV", table, "break_even.csv")
