"""Segments: where ARR, risk and white space sit, what serving them takes, and who costs more than they bring."""

from __future__ import annotations

from functools import cache

import altair as alt
import pandas as pd
import streamlit as st

from pages.parts import access, compute, state
from pages.parts.charts import Spec, draw, kept
from pages.parts.problems import show_problems
from pages.parts.tables import dollars, download, hundredfold, rate, signed_dollars, whole
from pages.parts.view import view
from sim.decide.customers import cost_to_serve, segments
from sim.decide.customers.cost_to_serve import Served
from sim.decide.customers.serving import MODELS, SERVING, hourly_cost, serving
from sim.problems import InputError
from sim.runs.setting import key_of
from sim.words import money

EXAMPLE = pd.DataFrame(
    {
        "name": ["Save first", "Save first", "Grow"],
        "column": ["arr", "renewal_probability", "growth_room"],
        "operator": [">=", "<", ">="],
        "value": ["50000", "90%", "15%"],
    }
)
HOW = """
* **ARR at risk**: ARR times one less the renewal probability, as if each account fell due once.
* **Service model**: by the median ARR of the segment, unless you choose another. Hours for an account are those of the
  model, more for complex accounts and fewer for simple ones.
* **Brings**: ARR times gross margin, for the share of the next 12 months that the account is expected to stay.
  **Cost to serve**: its hours at the loaded cost of a CSM hour, for the same share. **Margin**: what is left.
* **Managed exit**: accounts with a negative margin. White space is shown beside them, as it may be a reason to stay.
"""


@cache
def _shares_spec() -> Spec:
    kinds = ["ARR", "ARR at risk", "White space"]
    x = alt.X("share:Q", title="share of the book", axis=alt.Axis(format=".0%", tickCount=5))
    y = alt.Y("segment:N", title=None, sort=None, axis=alt.Axis(labelLimit=200, ticks=False))
    colour = alt.Color(
        "of:N",
        scale=alt.Scale(domain=["ARR", "White space", "ARR at risk"]),
        legend=alt.Legend(orient="top", title=None, values=kinds),
    )
    told = [alt.Tooltip("segment:N"), alt.Tooltip("of:N"), alt.Tooltip("share:Q", format=".1%")]
    bars = alt.Chart().mark_bar().encode(x=x, y=y, yOffset=alt.YOffset("of:N", sort=kinds), color=colour, tooltip=told)
    return kept(alt.layer(bars))


def _rules() -> tuple[segments.Rule, ...]:
    st.caption("Rules of the same name must all hold; an account is in the first segment whose rules hold.")
    rows = st.data_editor(
        EXAMPLE,
        num_rows="dynamic",
        hide_index=True,
        key="segment_rules",
        column_config={
            "name": st.column_config.TextColumn("Segment", max_chars=60),
            "column": st.column_config.SelectboxColumn("Column", options=list(segments.COLUMNS)),
            "operator": st.column_config.SelectboxColumn("Operator", options=list(segments.OPERATORS)),
            "value": st.column_config.TextColumn("Value", max_chars=60, help="A number, 85% or the text of a segment."),
        },
    )
    return segments.read_rules(rows.itertuples(index=False, name=None))


def _assumed() -> dict[str, float]:
    """Values of the table of assumptions, as edited."""
    with st.expander("What serving takes: assumptions"):
        table = pd.DataFrame(
            {
                "label": [row.label for row in SERVING],
                "value": [float(row.default) for row in SERVING],
                "unit": [row.unit for row in SERVING],
                "confidence": [row.confidence for row in SERVING],
                "source": [row.source for row in SERVING],
                "help": [row.help for row in SERVING],
            }
        )
        edited = st.data_editor(
            table,
            hide_index=True,
            width="stretch",
            key="serving",
            disabled=["label", "unit", "confidence", "source", "help"],
            column_config={
                "label": st.column_config.TextColumn("Assumption", pinned=True),
                "value": st.column_config.NumberColumn("Value", required=True),
                "unit": "Unit",
                "confidence": "Confidence",
                "source": "Source",
                "help": "What it does",
            },
        )
    return {row.name: float(value) for row, value in zip(SERVING, edited["value"], strict=True)}


def _models(usual: dict[str, str]) -> dict[str, str]:
    """The service model of each segment, as edited."""
    with st.expander("Service model of each segment"):
        edited = st.data_editor(
            pd.DataFrame({"segment": list(usual), "model": list(usual.values())}),
            hide_index=True,
            key=f"models {key_of(*usual.items())[:12]}",
            disabled=["segment"],
            column_config={
                "segment": "Segment",
                "model": st.column_config.SelectboxColumn(
                    "Service model", options=list(MODELS), required=True, help="At first by the segment's median ARR."
                ),
            },
        )
    return dict(zip(usual, edited["model"], strict=True))


def _exits(served: Served) -> None:
    st.markdown("#### Managed exit")
    table = cost_to_serve.exit_candidates(book, place, names, served)
    if table.empty:
        st.markdown(cost_to_serve.exit_sentence(cost_to_serve.Exit(0, 0.0, 0.0, 0.0, 0.0, 0.0)))
        return
    st.caption("Accounts whose expected cost to serve exceeds what they bring. Choose rows to see part of them leave.")
    chosen = st.dataframe(
        hundredfold(table, "renewal_probability"),
        hide_index=True,
        width="stretch",
        height=320,
        key="exits",
        on_select="rerun",
        selection_mode="multi-row",
        column_config={
            "account_id": st.column_config.TextColumn("Account", pinned=True),
            "account_name": "Name",
            "csm_id": "CSM",
            "segment": "Segment",
            "arr": dollars("ARR"),
            "renewal_probability": rate("Renewal"),
            "white_space": dollars("White space"),
            "hours": st.column_config.NumberColumn("Hours a year", format="%.1f"),
            "brings": dollars("Brings", help="Gross margin over the next 12 months, for as long as it stays."),
            "cost": dollars("Cost to serve", help="CSM hours over the next 12 months, for as long as it stays."),
            "margin": signed_dollars("Margin, $"),
        },
    )
    rows = chosen["selection"]["rows"] or list(range(len(table)))
    leaving = table["account_id"].iloc[rows].tolist()
    effect = cost_to_serve.effect_of_exit(book, leaving, served, assumed)
    st.markdown(cost_to_serve.exit_sentence(effect).replace("$", "\\$"))
    download("Download the candidates", table, "managed_exit.csv")


book = compute.book_of(state.scenario())
st.markdown("### Segments of customers")
everything = access.audience() == "full"
way = view("Segments by", segments.WAYS if everything else (segments.FILE,), "segments_by", titled=True)
try:
    place, names = segments.segments_of(book, way, _rules() if way == segments.RULES else ())
    assumed = serving(_assumed())
except InputError as error:
    show_problems("Segments cannot be made of this:", error)
    st.stop()
models = _models(cost_to_serve.usual_models(book, place, names, assumed))
served = cost_to_serve.serve(book, [models[names[index]] for index in place], assumed)
table = cost_to_serve.segment_shares(book, place, names, models, served)
picture = cost_to_serve.share_picture(table)
title = cost_to_serve.share_finding(table)
draw(_shares_spec(), picture, title, f"{title}. Shares by segment.", 110 + 66 * (len(table) - 1), "segment_shares")
st.dataframe(
    hundredfold(table, "arr_share", "risk_share", "white_share", "cost_share"),
    hide_index=True,
    width="stretch",
    column_order=["segment", "accounts", "arr", "arr_share", "risk", "risk_share", "white", "white_share", "model",
                  "hours", "cost", "cost_share", "margin"],
    column_config={
        "segment": st.column_config.TextColumn("Segment", pinned=True),
        "accounts": whole("Accounts"),
        "arr": dollars("ARR"),
        "arr_share": rate("of ARR"),
        "risk": dollars("ARR at risk", help="ARR x (1 - renewal probability)."),
        "risk_share": rate("of risk"),
        "white": dollars("White space"),
        "white_share": rate("of white space"),
        "model": "Service model",
        "hours": whole("Hours a year"),
        "cost": dollars("Cost to serve", help="Expected over the next 12 months."),
        "cost_share": rate("of its ARR"),
        "margin": dollars("Margin", help="Gross margin less cost to serve, expected over the next 12 months."),
    },
)  # fmt: skip
needed = served.hours.sum() / assumed["productive_hours"]
st.caption(
    f"A CSM hour costs {money(hourly_cost(book, assumed))}, loaded. These service models need {needed:,.1f} CSMs; "
    f"the team has {len(book.team):,}.".replace("$", "\\$")
)
download("Download as CSV", table, "segments.csv")
if everything:
    _exits(served)
else:
    access.withheld()
with st.expander("How this is measured"):
    st.markdown(HOW)
