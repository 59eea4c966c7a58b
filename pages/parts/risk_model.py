"""What the page on renewal risk asks of past renewals: the file or the events, the fit, and what speaks for it."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import pandas as pd
import streamlit as st

from pages.parts import compute, risk_charts, state
from pages.parts.problems import show_problems
from sim.book import ledger, load_sample_history
from sim.book.columns import dictionary
from sim.book.risk import (
    OUTCOME_COLUMNS,
    LogisticFit,
    Outcomes,
    affordable,
    book_features,
    coverage,
    fit_renewal,
    held_out,
    outcomes_of_history,
    quality,
    read_outcomes,
    reliability,
    retention,
)
from sim.book.risk.check import Quality
from sim.book.samples import load_sample_renewals
from sim.book.schema import Book, Floats
from sim.decide.customers import renewal_risk, risk_pictures
from sim.problems import InputError
from sim.runs.setting import key_of
from sim.words import percent


class Fitted(NamedTuple):
    fit: LogisticFit
    scores: Quality
    groups: pd.DataFrame


@st.cache_resource(max_entries=8, show_spinner="Fitting, and scoring on renewals left out...")
def _fitted(key: str, _outcomes: Outcomes, _names: tuple[str, ...]) -> Fitted:
    fit = fit_renewal(_outcomes, _names)
    model, base = held_out(_outcomes, _names)
    groups = reliability(_outcomes.renewed, model, bins=10 if len(_outcomes) >= 1_000 else 5)
    return Fitted(fit, quality(_outcomes.renewed, model, base), groups)


@st.cache_resource(max_entries=8, show_spinner="Checking the intervals on 20 splits...")
def _coverage(key: str, _outcomes: Outcomes, _names: tuple[str, ...]) -> pd.DataFrame:
    return coverage(_outcomes, _names)


@st.cache_resource(max_entries=3, show_spinner=False)
def _sample_renewals(name: str) -> Outcomes:
    return load_sample_renewals(name)


def from_file(book: Book) -> tuple[str, Outcomes] | None:
    """The past renewals to learn from, with a key; None when there are none yet."""
    held: tuple[str, str, Outcomes] | None = st.session_state.get("risk_file")
    with st.expander("Bring past renewals", expanded=held is None and sample_of(book) is None):
        file = st.file_uploader(
            "renewals.csv, XLSX or Parquet",
            type=["csv", "xlsx", "parquet"],
            key="renewals_file",
            help="One row a past renewal: what was known before it fell due, and whether it renewed.",
        )
        if file is not None and st.button("Read it"):
            content = file.getvalue()
            try:
                with st.spinner("Reading and checking..."):
                    outcomes = read_outcomes(content)
            except InputError as error:
                show_problems("Nothing was loaded:", error)
                return None
            held = (hashlib.sha256(content).hexdigest(), "your file", outcomes)
            st.session_state["risk_file"] = held
        st.markdown(
            dictionary(OUTCOME_COLUMNS) + "\nAny other column of the file is a feature too: numbers as they are, texts "
            "with up to 40 different values as categories. Rows without an outcome are accounts to be scored: with one "
            "for each account of the book, features count that the book itself does not hold."
        )
    if held is not None:
        return held[0], held[2]
    sample = sample_of(book)
    if sample is None:
        st.info("No past renewals yet. Bring a file, or choose another source.")
        return None
    st.caption("The sample's past renewals are made up, as the sample is. Bring your own above.")
    return f"sample {sample}", _sample_renewals(sample)


def sample_of(book: Book) -> str | None:
    """The sample that this book is, whatever risk or white space has been put into it."""
    name = state.scenario().sample
    return name if book.account_id == compute.sample_book(name).account_id else None


def from_history(book: Book) -> tuple[str, Outcomes] | None:
    now = state.scenario()
    history = now.history if now.uploaded is not None else load_sample_history(now.sample)
    if history is None:
        st.info("This book came without history. Bring one on the page Numbers today, or choose another source.")
        return None
    return f"{history.digest} {book.digest}", outcomes_of_history(ledger(history, book))


def probabilities(book: Book, key: str, outcomes: Outcomes) -> Floats | None:
    """Probabilities by the logistic model, shape (n_accounts,), with all that speaks for and against it."""
    features = book_features(book, outcomes)
    known = [str(name) for name in features]
    if not known:
        st.info("The file holds nothing that is known of the book's accounts today. Add a row for each open account.")
        return None
    names = st.multiselect(
        "Features",
        known,
        default=affordable(outcomes, known),
        key=f"features {key[:12]}",
        help="What renewal may hang on. Ten losses are needed for each coefficient.",
    )
    idle = [str(name) for name in outcomes.features if name not in known]
    if idle:
        st.caption("In the file, but not known of the book's accounts today:")
        st.text(", ".join(idle))
    if not names:
        st.info("Choose at least one feature.")
        return None
    full = key_of(key, *names)
    found = _fitted(full, outcomes, tuple(names))
    scores, fit = found.scores, found.fit
    spread = retention(fit, features, book.arr)
    low, high = spread.interval(0.90)
    row = st.container(horizontal=True, gap="medium")
    row.metric("Past renewals", f"{fit.rows:,}", f"{fit.lost:,} lost", "off", delta_arrow="off", width=150)
    row.metric("AUC", f"{scores.auc:.2f}", "0.50 = a coin", "off", delta_arrow="off", width=140)
    row.metric(
        "Brier score",
        f"{scores.brier:.4f}",
        f"{scores.brier_base:.4f} one rate for all",
        "off",
        delta_arrow="off",
        width=190,
    )
    row.metric(
        "Dollars that renew",
        percent(spread.mean),
        f"90 %: {percent(low)} to {percent(high)}",
        "off",
        delta_arrow="off",
        width=230,
        help="Of this book, when each account has fallen due once.",
    )
    st.markdown(renewal_risk.verdict(scores.auc, scores.brier, scores.brier_base))
    left, right = st.columns(2, gap="medium")
    table = fit.odds_table()
    with left:
        risk_charts.reliability(found.groups, risk_pictures.reliability_finding(found.groups), height=330)
    with right:
        risk_charts.odds(risk_pictures.odds_picture(table), risk_pictures.odds_finding(table))
    _figures(found, table)
    _show_coverage(full, outcomes, tuple(names))
    return fit.probability(features)


def _figures(found: Fitted, table: pd.DataFrame) -> None:
    with st.expander("The figures behind the pictures"):
        st.dataframe(
            risk_pictures.odds_words(table),
            hide_index=True,
            width="stretch",
            column_order=["feature", "step", "words", "odds", "low", "high", "coefficient", "standard_error"],
            column_config={
                "feature": "Feature",
                "step": st.column_config.TextColumn("Step", help="Numbers: one standard deviation more."),
                "words": "What it does",
                "odds": st.column_config.NumberColumn("Odds x", format="%.2f", help="Factor on the odds of renewal."),
                "low": st.column_config.NumberColumn("from", format="%.2f", help="95 % interval."),
                "high": st.column_config.NumberColumn("to", format="%.2f", help="95 % interval."),
                "coefficient": st.column_config.NumberColumn("Coefficient", format="%.3f", help="Log-odds."),
                "standard_error": st.column_config.NumberColumn("Standard error", format="%.3f"),
            },
        )
        shares = ["predicted", "observed", "low", "high"]
        st.dataframe(
            found.groups.assign(**{name: 100 * found.groups[name] for name in shares}),
            hide_index=True,
            width="stretch",
            column_config={
                "predicted": st.column_config.NumberColumn("Said", format="%.1f %%"),
                "observed": st.column_config.NumberColumn("Came", format="%.1f %%"),
                "low": st.column_config.NumberColumn("from", format="%.1f %%", help="95 % interval of what came."),
                "high": st.column_config.NumberColumn("to", format="%.1f %%", help="95 % interval of what came."),
                "rows": st.column_config.NumberColumn("Renewals", format="%,d"),
            },
        )


def _show_coverage(key: str, outcomes: Outcomes, names: tuple[str, ...]) -> None:
    try:
        table = _coverage(key, outcomes, names)
    except InputError:
        table = pd.DataFrame()
    if table.empty:
        st.caption(
            "Too few past renewals to check the intervals on books left out: half of them cannot carry the model."
        )
        return
    st.markdown(risk_pictures.coverage_sentence(table))
    with st.expander("How often the intervals held, by size of book"):
        wide = table.assign(covered=100 * table["covered"]).pivot(index="accounts", columns="level", values="covered")
        counts = table.groupby("accounts")["books"].first()
        st.dataframe(
            wide.set_axis([f"{level:.0%} interval" for level in wide], axis=1).assign(books=counts).reset_index(),
            hide_index=True,
            column_config={
                "accounts": "Accounts in a book",
                "books": st.column_config.NumberColumn("Books", format="%,d", help="Over 20 splits into halves."),
                **{
                    f"{level:.0%} interval": st.column_config.NumberColumn(format="%.1f %%", help="Share that held.")
                    for level in wide
                },
            },
        )
