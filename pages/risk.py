"""Renewal risk: computed from the best that is known, checked on what the model has not seen, and put in the book."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import streamlit as st

from pages.parts import applied, compute, risk_charts, risk_model, state
from pages.parts.problems import show_problems
from pages.parts.tables import dollars, download, hundredfold, rate
from sim.book.risk import PUBLISHED, Override, fit_cohort, overridden, override_table, read_overrides
from sim.book.schema import Book, Floats
from sim.decide.customers import renewal_risk, risk_pictures
from sim.problems import InputError
from sim.words import money, percent
from sim.world.benchmarks import RETENTION_BY_ACV

FILE, HISTORY, COHORT, BENCHMARK = "Past renewals", "History of the book", "Survivors of a cohort", "Benchmark by size"
HOW = """
* **Past renewals**: a logistic model. The odds of renewal are a product of one factor for each feature; amounts enter
  by their logarithm, categories against the most common one, and what is not known counts as average.
* **History of the book**: the same model on the renewal and churn events, by ARR and segment. What is known today of
  those who stayed is left out: it was not known then.
* **Survivors of a cohort**: the shifted-beta-geometric model (Fader & Hardie 2007). Each customer has a chance to leave
  of her own; those most ready to go leave first, so accounts that have renewed often are safer.
* **Benchmark by size**: published gross retention by annual contract value, with the part of losses that is downsell
  taken out.
* **Scores** are on renewals that the model was not fitted to (five parts, each scored by a model of the other four).
  *AUC*: the chance that a renewed account was given a higher probability than a lost one; 0.5 is a coin. *Brier score*:
  the mean squared error of the probabilities, compared with giving everybody the same rate.
* **Interval** of the share of dollars that renews when each account has fallen due once: each account is a coin
  weighted by its ARR (exact), and the coefficients are uncertain too. A shock that hits all customers is not in it.
"""


def _cohort(book: Book) -> Floats:
    """Probabilities by age, from survivors that can be typed in."""
    left, right = st.columns([1, 2], gap="medium")
    with left:
        example = st.selectbox("Start from", list(PUBLISHED), key="cohort_example", help="Fader & Hardie 2007.")
        edited = st.data_editor(
            pd.DataFrame({"survivors": PUBLISHED[example]}),
            num_rows="dynamic",
            hide_index=True,
            height=300,
            key=f"survivors_{example}",
            column_config={
                "survivors": st.column_config.NumberColumn(
                    "Customers left, by year", min_value=0, help="First the whole cohort, then those left each year."
                )
            },
        )
        st.caption("The examples are of a consumer subscription. Type the survivors of your own cohort over them.")
        survivors = edited["survivors"].to_numpy(dtype=float, na_value=np.nan)
        periods = max(len(survivors) - 1, 3)
        fitted = int(
            st.number_input(
                "Years to fit", 3, periods, min(7, periods), key="cohort_years", help="Later ones test the forecast."
            )
        )
    fit = fit_cohort(survivors[: fitted + 1])
    with right:
        picture = risk_pictures.survival_picture(fit, survivors, fitted)
        risk_charts.survival(picture, risk_pictures.survival_finding(fit, survivors, fitted), height=360)
        first, second = fit.standard_errors
        st.caption(
            f"alpha {fit.alpha:.5f} ± {first:.5f}, beta {fit.beta:.5f} ± {second:.5f} (standard errors), "
            f"log-likelihood {fit.log_likelihood:,.3f}."
        )
    return renewal_risk.cohort_probability(book, fit)


def _benchmark(book: Book) -> Floats:
    world = state.scenario().world
    bands = [0.0, *(band.acv_below for band in RETENTION_BY_ACV)]
    st.dataframe(
        pd.DataFrame(
            {
                "acv": [
                    f"{money(low)} and more" if np.isinf(high) else f"{money(low)} to {money(high)}"
                    for low, high in pairwise(bands)
                ],
                "grr": [100 * band.grr for band in RETENTION_BY_ACV],
                "p": [100 * (1 - (1 - band.grr) * (1 - world.downsell_share)) for band in RETENTION_BY_ACV],
            }
        ),
        hide_index=True,
        column_config={
            "acv": "Annual contract value",
            "grr": st.column_config.NumberColumn("GRR, published", format="%.0f %%", help="SaaS Capital 2023."),
            "p": st.column_config.NumberColumn(
                "Renewal of a yearly contract",
                format="%.1f %%",
                help=f"{percent(world.downsell_share, 0)} of losses are downsell on accounts that stay.",
            ),
        },
    )
    return renewal_risk.benchmark_probability(book, world)


def _overrides(book: Book, computed: Floats) -> tuple[Override, ...]:
    st.markdown("#### Overrides")
    st.caption("Risk is computed. Where somebody knows better, say why: overrides are listed with their reasons.")
    rows = st.data_editor(
        pd.DataFrame({"account_id": pd.Series(dtype=str), "percent": pd.Series(dtype=float), "reason": ""}),
        num_rows="dynamic",
        hide_index=True,
        width="stretch",
        key="overrides",
        column_config={
            "account_id": st.column_config.TextColumn("Account", help="Its id, as in the book."),
            "percent": st.column_config.NumberColumn("Renewal, %", min_value=0, max_value=100, format="%.1f"),
            "reason": st.column_config.TextColumn("Reason", max_chars=300, width="large"),
        },
    )
    overrides = read_overrides(rows.itertuples(index=False, name=None), book)
    if overrides:
        _listed(override_table(book, computed, overrides), "Download the overrides", "overrides.csv")
    return overrides


def _listed(overrides: pd.DataFrame, label: str, file: str) -> None:
    st.dataframe(
        overrides.assign(computed=100 * overrides["computed"], override=100 * overrides["override"]),
        hide_index=True,
        width="stretch",
        column_config={
            "account_id": "Account",
            "account_name": "Name",
            "arr": dollars("ARR"),
            "computed": rate("Computed"),
            "override": rate("Override"),
            "reason": "Reason",
        },
    )
    download(label, overrides, file)


def _accounts(book: Book, computed: Floats, used: Floats) -> None:
    table = renewal_risk.probability_table(book, computed, used)
    with st.expander(f"All {len(book):,} accounts, riskiest dollars first"):
        shares = ["now", "computed", "used"]
        st.dataframe(
            hundredfold(table, *shares),
            hide_index=True,
            width="stretch",
            height=420,
            column_config={
                "account_id": st.column_config.TextColumn("Account", pinned=True),
                "account_name": "Name",
                "segment": "Segment",
                "arr": dollars("ARR"),
                "now": rate("In the book now"),
                "computed": rate("Computed"),
                "used": rate("With overrides"),
                "at_risk": dollars("ARR at risk", help="ARR x (1 - renewal)."),
            },
        )
        download("Download as CSV", table, "renewal_risk.csv")


def _probabilities(book: Book, source: str) -> Floats | None:
    if source == BENCHMARK:
        return _benchmark(book)
    if source == COHORT:
        return _cohort(book)
    found = risk_model.from_file(book) if source == FILE else risk_model.from_history(book)
    return None if found is None else risk_model.probabilities(book, *found)


book = compute.book_of(state.scenario())
st.markdown("### Renewal risk")
held = applied.in_use("risk")
origin = f"computed here from {held.label}" if held else "as the book's file gives them"
expected = percent(renewal_risk.expected_retention(book, book.renewal_probability))
st.markdown(f"**In use**: probabilities {origin}. {expected} of ARR would renew when each account has fallen due once.")
if held:
    if len(held.exceptions):
        st.caption(f"{len(held.exceptions)} of them were set by hand, for the reasons given:")
        _listed(held.exceptions, "Download the overrides in use", "overrides_in_use.csv")
    st.button("Back to the probabilities of the book", on_click=applied.back, args=("risk",))
own = risk_model.sample_of(book) is not None or "risk_file" in st.session_state
past = state.scenario().history is not None
source = st.segmented_control(
    "Computed from",
    [FILE, HISTORY, COHORT, BENCHMARK],
    default=FILE if own else HISTORY if past else BENCHMARK,
    required=True,
    key="risk_source",
)
try:
    computed = _probabilities(book, source)
    overrides = _overrides(book, computed) if computed is not None else ()
except InputError as error:
    show_problems("Risk cannot be computed from this:", error)
    st.stop()
if computed is not None:
    used = overridden(book, computed, overrides)
    label = source.lower() + (f", with {len(overrides)} overrides" if overrides else "")
    after = renewal_risk.with_probability(book, used).renewal_probability
    st.markdown(
        f"With these, {percent(renewal_risk.expected_retention(book, used))} of ARR would renew; "
        f"{expected} with those in use."
    )
    st.button(
        "Use these probabilities",
        type="primary",
        on_click=applied.use,
        args=("risk", label, {"renewal_probability": after}, override_table(book, computed, overrides)),
        help="Every page then simulates with them. The plan in force is taken to be what they were observed under.",
    )
    _accounts(book, computed, used)
with st.expander("How this is measured"):
    st.markdown(HOW)
