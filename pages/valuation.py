"""Valuation: what ARR costs, what customers are worth over their lifetime, what a dollar put in returns."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from pages.parts import compute, number_charts, state
from pages.parts.problems import show_problems
from pages.parts.tables import dollars, download, rate
from sim.book.history import ledger
from sim.decide.past.costs import ACTIVITIES, arr_by_activity, cost_table, economics, investment, investment_finding
from sim.decide.past.quarters import past_quarters
from sim.decide.past.valuation import (
    FORMULAS,
    VALUATION_DEFINITIONS,
    value_by_segment,
    value_finding,
    value_per_arr,
    value_picture,
)
from sim.problems import InputError
from sim.world.economics import ECONOMICS

_ratio = partial(st.column_config.NumberColumn, format="%.2f")


def _entered(key: str, known: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """ARR and money spent as entered for this book: it outlives a visit to another page."""
    kept: dict[str, dict[str, dict[str, float]]] = st.session_state.setdefault("costs", {})
    return kept.setdefault(key, {"arr": dict(known), "spent": dict.fromkeys(ACTIVITIES, float("nan"))})


def _ask_costs(entered: dict[str, dict[str, float]], key: str) -> None:
    """The editable table; takes effect with Apply."""
    with st.form("costs_form", border=False):
        shown = pd.DataFrame(
            {
                "activity": list(ACTIVITIES.values()),
                "arr": list(entered["arr"].values()),
                "spent": list(entered["spent"].values()),
                "starting": [ECONOMICS[name].default for name in ACTIVITIES],
            }
        )
        edited = st.data_editor(
            shown,
            hide_index=True,
            width="stretch",
            num_rows="fixed",
            placeholder="-",
            disabled=["activity", "starting"],
            key=f"costs_{key}",
            column_config={
                "activity": st.column_config.TextColumn("ARR", help="Expanded: cross-sell and price increases."),
                "arr": dollars("In 12 months", min_value=0, help="From the history; enter your own without one."),
                "spent": dollars("Spent on it", min_value=0, help="In the same 12 months. Empty: not known."),
                "starting": _ratio("Starting ratio", help="Spent per dollar of ARR. Pacific Crest 2016, medium."),
            },
        )
        if st.form_submit_button("Apply"):
            for column in ("arr", "spent"):
                values = pd.to_numeric(edited[column]).astype(float)
                entered[column] = dict(zip(ACTIVITIES, values.tolist(), strict=True))


def _terms() -> tuple[float, float]:
    """Gross margin and discount rate, fractions."""
    row = st.container(horizontal=True, gap="medium")
    chosen = []
    for name in ("gross_margin", "discount_rate"):
        rule = ECONOMICS[name]
        percents = row.number_input(
            f"{rule.label}, %",
            100.0 * rule.low,
            100.0 * rule.high,
            100.0 * rule.default,
            1.0,
            format="%.1f",
            key=name,
            persist_state="session",
            width=200,
            help=f"{rule.help} {rule.source} Confidence: {rule.confidence}.",
        )
        chosen.append(percents / 100.0)
    return chosen[0], chosen[1]


def _table(table: pd.DataFrame, shown: pd.DataFrame, columns: Mapping[str, Any], label: str, file: str) -> None:
    st.dataframe(shown, hide_index=True, width="stretch", column_config=columns)
    download(label, table, file)


st.markdown("### Valuation")
now = state.scenario()
book, history = compute.book_of(now), compute.history_of(now)
past = past_quarters(ledger(history, book), book) if history else None
known = arr_by_activity(past)
key = f"{book.digest[:12]}{history.digest[:12] if history else ''}"
entered = _entered(key, known)

left, right = st.columns(2, gap="large")
with left:
    st.markdown("#### What a dollar of ARR costs")
    _ask_costs(entered, key)
    if known["cac"] != known["cac"]:
        st.caption("There is no history of 12 months: enter ARR and what was spent on it, or keep the starting ratios.")
with right:
    st.markdown("#### Terms")
    margin, discount = _terms()
try:
    costs = cost_table(entered["arr"], entered["spent"])
    terms = economics(costs, margin, discount)
    values = value_by_segment(book, now.world, terms)
except InputError as error:
    show_problems("The figures do not fit:", error)
    st.stop()

with right:
    row = st.container(horizontal=True, gap="medium")
    for name in ACTIVITIES:
        label = name.upper()
        row.metric(
            label,
            f"${costs['ratio'][name]:.2f}",
            str(costs["basis"][name]),
            "off",
            delta_arrow="off",
            width=105,
            help=VALUATION_DEFINITIONS[f"{label} ratio"],
        )
download("Download the cost table", costs.reset_index(names="ratio_name"), "cost_ratios.csv")

st.markdown("#### Lifetime value by segment")
number_charts.value(value_picture(values), value_finding(values), height=90 + 34 * len(values))
_table(
    values,
    values.assign(renewal=100.0 * values["renewal"]).round({"arr": 0, "gross": 0, "net": 0, "after_cost": 0}),
    {
        "segment": st.column_config.TextColumn("Segment", pinned=True),
        "customers": st.column_config.NumberColumn("Customers", format="%,d"),
        "arr": dollars("ARR", help="Of an average customer."),
        "gross": dollars("Gross", help=VALUATION_DEFINITIONS["Lifetime value, gross"]),
        "net": dollars("Net", help=VALUATION_DEFINITIONS["Lifetime value, net"]),
        "after_cost": dollars("After cost", help=VALUATION_DEFINITIONS["Lifetime value, after cost"]),
        "renewal": rate("Renewal", help="Weighted by ARR."),
        "term_months": st.column_config.NumberColumn("Term, months", format="%.1f"),
        "lifetime": st.column_config.NumberColumn(
            "Lifetime, years", format="%.1f", help=VALUATION_DEFINITIONS["Expected lifetime"]
        ),
        "to_cac": st.column_config.NumberColumn(
            "Value to CAC", format="%.1f", help=VALUATION_DEFINITIONS["Value to CAC"]
        ),
    },
    "Download lifetime values",
    "lifetime_value.csv",
)

st.markdown("#### What a dollar returns", help=VALUATION_DEFINITIONS["Return of a dollar"])
returned = investment(costs, value_per_arr(values, terms))
number_charts.returns(returned, investment_finding(returned), height=190)
_table(
    returned,
    returned,
    {
        "into": "A dollar put in",
        "cost": st.column_config.NumberColumn("Cost of $1 of ARR", format="$%.2f"),
        "relative": st.column_config.NumberColumn("To retention", format="%.1f"),
        "arr_returned": st.column_config.NumberColumn("ARR returned", format="$%.2f"),
        "value_returned": st.column_config.NumberColumn("Lifetime value", format="$%.2f"),
        "basis": st.column_config.TextColumn("Basis", help=ECONOMICS["upsell_cost"].source),
    },
    "Download returns",
    "returns.csv",
)
st.caption(
    f"{ECONOMICS['upsell_cost'].source} Confidence: {ECONOMICS['upsell_cost'].confidence}. It gives way to your "
    "figures as soon as the cost table holds them. A dollar of ARR is worth "
    f"\\${value_per_arr(values, terms):.2f} over its lifetime."
)
with st.expander("How each figure is measured"):
    st.markdown("\n".join(f"- **{name}**: {how}" for name, how in VALUATION_DEFINITIONS.items()).replace("$", "\\$"))
    st.code(FORMULAS, language=None, wrap_lines=True)
