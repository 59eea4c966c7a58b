"""Numbers today: what moved ARR, quarter by quarter; retention against the benchmark; revenue past and coming."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from pages.parts import compute, number_charts, state
from pages.parts.problems import show_problems
from pages.parts.tables import dollars, download, hundredfold, points_gap, rate, whole
from sim.book.columns import HISTORY_COLUMNS, dictionary
from sim.book.history import differences, ledger, read_history
from sim.book.schema import Book
from sim.decide.past import past_pictures, revenue
from sim.decide.past.quarters import LABELS, Past, bridge, churn_rates, logo_bridge, past_quarters
from sim.decide.past.today import DEFINITIONS, MISSING, from_book_alone, retention_by_segment
from sim.problems import InputError
from sim.words import money, percent, points


def _table(table: pd.DataFrame, columns: Mapping[str, Any], label: str, file: str, exact: pd.DataFrame) -> None:
    """A table and its download, which holds the exact figures."""
    st.dataframe(table, hide_index=True, width="stretch", column_config=columns)
    download(label, exact, file)


def _headline(quarters: pd.DataFrame, rates: pd.DataFrame, retention: pd.DataFrame | None) -> None:
    row = st.container(horizontal=True, gap="medium")  # wraps on a narrow screen
    row.metric("ARR", money(quarters["closing"].iloc[-1]), width=130, help=DEFINITIONS["ARR"])
    if retention is not None:
        total = retention.iloc[-1]
        for label, name in (("GRR", "grr"), ("NRR", "nrr")):
            gap = f"{points(total[f'{name}_gap'])} to benchmark"
            row.metric(label, percent(total[name]), gap, "off", help=DEFINITIONS[label], delta_arrow="off", width=170)
    last = rates.iloc[-1]
    for label, name in (("Gross churn, $", "gross_churn"), ("Net churn, $", "net_churn"), ("Logo churn", "logo_churn")):
        value = percent(last[name]) if pd.notna(last[name]) else "-"
        row.metric(label, value, last["quarter"], "off", help=DEFINITIONS[label], delta_arrow="off", width=140)


def _agreement(past: Past) -> None:
    gaps = differences(past.ledger)
    by_history, in_book = (money(float(arr.sum())) for arr in (past.ledger.closing_arr, past.ledger.book_arr))
    late = f" {past.late:,} events in or after the book's first month count in {past.labels[-1]}." if past.late else ""
    if gaps.empty:
        st.caption(f"The history ends at \\{by_history}, as the book does, account by account.{late}")
        return
    st.warning(
        f"The history ends at \\{by_history}, the book has \\{in_book}: {len(gaps):,} accounts differ. The quarters "
        f"below are the history's.{late}",
        icon="⚠️",
    )
    with st.expander(f"The {len(gaps):,} accounts that differ"):
        columns = {
            "account_id": "Account",
            "arr_history": dollars("ARR by history"),
            "arr_book": dollars("ARR in the book"),
            "difference": dollars("Difference"),
            "why": "Why",
        }
        _table(gaps, columns, "Download the differences", "history_differences.csv", gaps)


def _quarters(quarters: pd.DataFrame, logos: pd.DataFrame, rates: pd.DataFrame) -> None:
    left, right = st.columns(2)
    with left:
        labels = quarters["quarter"].tolist()
        chosen = st.selectbox(
            "Quarter", labels, index=len(labels) - 1, key="bridge_quarter", help=DEFINITIONS["Quarter"]
        )
        quarter = quarters.iloc[labels.index(chosen)]
        number_charts.waterfall(past_pictures.waterfall(quarter), past_pictures.waterfall_finding(quarter), height=330)
    with right:
        number_charts.movements(past_pictures.movements(quarters), past_pictures.movements_finding(rates), height=400)
    with st.expander("All quarters in figures"):
        figures: dict[str, Any] = {name: dollars(label, help=DEFINITIONS.get(label)) for name, label in LABELS.items()}
        _table(quarters, {"quarter": "Quarter"} | figures, "Download the bridge", "arr_bridge.csv", quarters)
        both = rates.merge(logos, on="quarter")
        columns: dict[str, Any] = {
            "quarter": "Quarter",
            "gross_churn": rate("Gross churn", help=DEFINITIONS["Gross churn, $"]),
            "net_churn": rate("Net churn", help=DEFINITIONS["Net churn, $"]),
            "logo_churn": rate("Logo churn", help=DEFINITIONS["Logo churn"]),
            "arr_lost": dollars("ARR lost"),
            "arr_expanded": dollars("Expansion", help=DEFINITIONS["Expansion"]),
            "opening": whole("Customers, opening"),
            "new": whole("New"),
            "logos_lost": whole("Lost", help=DEFINITIONS["Logos lost"]),
            "closing": whole("Customers, closing"),
        }
        both = both[list(columns)]
        shown = hundredfold(both, "gross_churn", "net_churn", "logo_churn")
        _table(shown, columns, "Download churn by quarter", "churn_by_quarter.csv", both)


def _retention(table: pd.DataFrame | None) -> None:
    st.markdown("#### Retention over the past 12 months, against the benchmark")
    if table is None:
        st.info("GRR and NRR look back over 12 months; the history is shorter than that.")
        return
    columns = {
        "segment": st.column_config.TextColumn("Segment", pinned=True),
        "customers": whole("Customers", help="With ARR 12 months ago."),
        "opening_arr": dollars("ARR then"),
        "grr": rate("GRR", help=DEFINITIONS["GRR"]),
        "grr_error": points_gap("± se", format="%.1f pp", help=DEFINITIONS["Standard error"]),
        "grr_benchmark": rate("Benchmark GRR", help=DEFINITIONS["Benchmark"]),
        "grr_gap": points_gap("Gap"),
        "nrr": rate("NRR", help=DEFINITIONS["NRR"]),
        "nrr_benchmark": rate("Benchmark NRR", help=DEFINITIONS["Benchmark"]),
        "nrr_gap": points_gap("Gap, NRR"),
        "logo_retention": rate("Logo retention", help=DEFINITIONS["Logo retention"]),
    }
    shown = hundredfold(table, *(name for name in columns if name not in ("segment", "customers", "opening_arr")))
    _table(shown, columns, "Download retention by segment", "retention.csv", table)


def _revenue(book: Book, past: Past | None) -> None:
    st.markdown("#### Revenue by quarter", help=f"{DEFINITIONS['Revenue']} {DEFINITIONS['Forecast']}")
    now = replace(state.scenario(), months=revenue.FORECAST_MONTHS)
    try:
        with st.spinner("Simulating the next two years under the plan in force..."):
            outcome = compute.run_plan(now, now.current)
    except InputError as error:
        show_problems("The plan in force cannot be run on this book. Choose another one in the sidebar:", error)
        return
    pace = round(revenue.new_arr_pace(past), -3) if past else 0.0
    new_arr = st.number_input(
        "ARR of new customers, $ a quarter",
        min_value=0.0,
        value=pace,
        step=50_000.0,
        format="%.0f",
        key=f"new_arr_{book.digest[:12]}",
        width=260,
        help="The simulation knows today's customers only. New ones come at this pace and keep what they sign for; "
        "the bands hold no doubt about it. At first the average of the past four quarters; 0 for today's customers.",
    )
    coming = revenue.forecast(outcome, book, new_arr)
    known = revenue.past_revenue(past) if past else None
    number_charts.revenue(
        past_pictures.revenue_picture(known, coming), revenue.forecast_finding(outcome, new_arr), height=340
    )
    st.caption(
        f"Bands hold 50, 80 and 90 % of {outcome.n_trials:,} simulated years under the plan in force. They are luck "
        "alone: renewals, deals and good or bad years, not doubt about the assumptions."
    )
    with st.expander("Revenue in figures"):
        table = coming.rename(columns={"mean": "revenue"}).assign(kind="forecast")
        if known is not None:
            table = pd.concat([known.assign(kind="past"), table], ignore_index=True)
        table = table[["quarter", "kind", "revenue", *revenue.BANDS]]
        columns: dict[str, Any] = {
            "quarter": "Quarter",
            "kind": "",
            "revenue": dollars("Revenue", help=DEFINITIONS["Revenue"]),
        }
        columns |= {name: dollars(name.upper()) for name in revenue.BANDS}
        _table(table, columns, "Download revenue", "revenue.csv", table)


def _book_alone(book: Book) -> None:
    """What can be said without a history, what cannot, and the way to bring one."""
    st.info("This book came without a history. From the book alone:")
    table = from_book_alone(book, state.scenario().world)
    total = table.iloc[-1]
    row = st.container(horizontal=True, gap="medium")
    row.metric("ARR", money(total["arr"]), width=130, help=DEFINITIONS["ARR"])
    row.metric("Due in 12 months", money(total["due_12"]), width=170, help="ARR whose contract ends in these months.")
    if pd.notna(total["renewal"]):
        row.metric("Expected renewal", percent(total["renewal"]), width=170, help="Of what is due, by ARR.")
    row.metric(
        "GRR expected", percent(total["grr_expected"]), f"{percent(total['grr_benchmark'])} benchmark", "off",
        delta_arrow="off", width=170,
        help="1 less what the next 12 months' first renewals are expected to lose, over all ARR. "
        + DEFINITIONS["Benchmark"].replace("what each customer paid 12 months ago", "ARR"),
    )  # fmt: skip
    columns = {
        "segment": "Segment",
        "accounts": whole("Accounts"),
        "arr": dollars("ARR"),
        "due_12": dollars("Due in 12 months"),
        "renewal": rate("Expected renewal"),
        "expected_loss": dollars("Expected loss"),
        "grr_expected": rate("GRR expected"),
        "grr_benchmark": rate("Benchmark GRR"),
    }
    shown = hundredfold(table, "renewal", "grr_expected", "grr_benchmark")
    _table(shown, columns, "Download", "book_alone.csv", table)
    st.markdown("**What only a history can tell**\n\n" + "\n".join(f"- {sentence}" for sentence in MISSING))
    file = st.file_uploader("history.csv", type="csv", key="history_file")
    if file is not None:
        try:
            state.change(history=read_history(file.getvalue(), name=file.name))
        except InputError as error:
            show_problems("Nothing was loaded:", error)
        else:
            st.rerun()
    with st.expander("What history.csv must hold"):
        st.markdown(dictionary(HISTORY_COLUMNS))


st.markdown("### Numbers today")
book = compute.book_of(state.scenario())
history = compute.history_of(state.scenario())
if history is None:
    _book_alone(book)
    _revenue(book, None)
else:
    past = past_quarters(ledger(history, book), book)
    quarters, logos = bridge(past), logo_bridge(past)
    rates, retention = churn_rates(quarters, logos), retention_by_segment(past)
    _headline(quarters, rates, retention)
    _agreement(past)
    _quarters(quarters, logos, rates)
    _retention(retention)
    _revenue(book, past)
with st.expander("How each figure is measured"):
    measured = pd.DataFrame({"figure": list(DEFINITIONS), "how": list(DEFINITIONS.values())})
    st.markdown("\n".join(f"- **{name}**: {how}" for name, how in DEFINITIONS.items()).replace("$", "\\$"))
    download("Download the definitions", measured, "definitions.csv")
