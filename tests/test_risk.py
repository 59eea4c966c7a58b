"""Renewal risk: published cohorts to the digit, the fit against scikit-learn, intervals that hold what they say."""

from __future__ import annotations

import os
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from sim.book import EVENTS, SAMPLES, Book, ledger, load_sample, load_sample_history
from sim.book.risk import (
    PUBLISHED,
    Outcomes,
    affordable,
    book_features,
    coverage,
    fit_cohort,
    fit_renewal,
    held_out,
    outcomes_of_history,
    overridden,
    override_table,
    quality,
    read_outcomes,
    read_overrides,
    reliability,
    retention,
)
from sim.book.risk.cohort import constant_rate, next_renewal
from sim.book.risk.logistic import Term, design
from sim.book.risk.retention import MOST_EXACT, cells_of, convolve
from sim.book.samples import load_sample_renewals
from sim.decide.customers import risk_pictures
from sim.decide.customers.renewal_risk import (
    benchmark_probability,
    cohort_probability,
    expected_retention,
    probability_table,
    verdict,
    with_probability,
)
from sim.problems import InputError
from sim.world.parameters import World

DATA = os.environ.get("CS_COMP_DATA")
needs_data = pytest.mark.skipif(DATA is None, reason="CS_COMP_DATA names no folder with the public data")


def csv(text: str) -> bytes:
    return "\n".join(line.strip() for line in text.strip().splitlines()).encode()


def made_up(n: int = 2_000, seed: int = 1) -> Outcomes:
    """Renewals by a logistic model: intercept 1.5, slopes 0.8 (health, in its deviations) and -0.5 (segment B)."""
    random = np.random.default_rng(seed)
    health = 60 + 15 * random.standard_normal(n)
    segment = np.where(random.random(n) < 0.4, "B", "A").astype(object)
    log_odds = 1.5 + 0.8 * (health - 60) / 15 - 0.5 * (segment == "B")
    features = pd.DataFrame({"health_score": health, "segment": segment})
    arr = np.exp(random.standard_normal(n))
    return Outcomes(features, random.random(n) < 1 / (1 + np.exp(-log_odds)), arr, features.iloc[:0])


# --- cohorts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "alpha", "beta", "log_likelihood", "error"),
    [("High End", 0.668088, 3.806095, -1611.158, 0.028), ("Regular", 0.704077, 1.182043, -1680.265, 0.015)],
)
def test_the_published_cohorts_come_out_to_the_digits_given(name, alpha, beta, log_likelihood, error):
    survivors = np.array(PUBLISHED[name], dtype=float)
    fit = fit_cohort(survivors[:8])
    # The sixth digit is that of the root of the score: 3.806095 has no fifth that is safe to round to.
    assert (fit.alpha, fit.beta) == pytest.approx((alpha, beta), rel=0, abs=1e-6)
    assert round(fit.log_likelihood, 3) == log_likelihood
    ahead = np.arange(8, 13)
    missed = np.mean(np.abs(1000 * fit.survival(ahead) - survivors[8:]) / survivors[8:])
    assert round(missed, 3) == error


def test_the_standard_errors_of_a_cohort_are_those_of_its_curvature():
    survivors = np.array(PUBLISHED["Regular"][:8], dtype=float)
    fit = fit_cohort(survivors)
    left, t = -np.diff(survivors), np.arange(1, 8)

    def log_likelihood(alpha: float, beta: float) -> float:
        # Equation 7 of the paper: P(T = t) by its recursion, not by beta functions.
        p = [alpha / (alpha + beta)]
        for k in t[1:]:
            p.append(p[-1] * (beta + k - 2) / (alpha + beta + k - 1))
        return float(left @ np.log(p) + survivors[-1] * np.log(1 - sum(p)))

    assert log_likelihood(fit.alpha, fit.beta) == pytest.approx(fit.log_likelihood, abs=1e-9)
    h = 1e-3
    steps = [np.array([h, 0.0]), np.array([0.0, h])]
    at = np.array([fit.alpha, fit.beta])
    hessian = [
        [sum(s * u * log_likelihood(*(at + s * a + u * b)) for s, u in product((1, -1), repeat=2)) for b in steps]
        for a in steps
    ]
    assert fit.covariance == pytest.approx(-np.linalg.inv(np.array(hessian) / (4 * h * h)), rel=1e-3)
    assert fit.survival_error([0.0])[0] == 0.0
    # The share left is known better by the model than by counting the 1,000 customers.
    share = fit.survival(t)
    assert np.all(fit.survival_error(t) < np.sqrt(share * (1 - share) / 1000))


def test_a_constant_rate_is_as_far_off_as_published():
    # 21 % and 59 %: the rate is that of years 0 to 7, the error that of years 8 to 12.
    for name, error in (("High End", 0.21), ("Regular", 0.59)):
        survivors = np.array(PUBLISHED[name], dtype=float)
        rate = constant_rate(survivors[:8])
        missed = np.mean(np.abs(1000 * rate ** np.arange(8, 13) - survivors[8:]) / survivors[8:])
        assert round(missed, 2) == error


def test_the_picture_of_a_cohort_holds_its_survivors_and_says_how_far_off_the_curves_are():
    survivors = np.array(PUBLISHED["High End"], dtype=float)
    fit = fit_cohort(survivors[:8])
    picture = risk_pictures.survival_picture(fit, survivors, 7)
    seen = picture[picture["part"] == "survivors"]
    assert seen["share"].tolist() == pytest.approx((survivors / 1000).tolist())
    model = picture[picture["part"] == "model"]
    assert model["period"].max() == 14
    assert ((model["low"] <= model["share"]) & (model["share"] <= model["high"])).all()
    assert risk_pictures.survival_finding(fit, survivors, 7) == "Periods ahead: model 2.8 % off, constant rate 21 %"
    assert risk_pictures.survival_finding(fit, survivors[:8], 7) == "Retention rises from 85.1 % to 93.6 %"


def test_odds_in_words_say_which_way_and_admit_doubt():
    table = pd.DataFrame({"odds": [2.0, 0.5, 1.1], "low": [1.5, 0.4, 0.9], "high": [2.5, 0.6, 1.3]})
    assert risk_pictures.odds_words(table)["words"].tolist() == [
        "Odds of renewal rise by 100 %",
        "Odds of leaving rise by 100 %",
        "No effect can be told from chance",
    ]
    assert risk_pictures.odds_finding(table) == "2 of 3 steps move renewal beyond doubt"


def test_an_account_renews_with_the_retention_rate_of_its_age():
    fit = fit_cohort(PUBLISHED["High End"][:8])
    for k in (1, 2, 7):
        expected = (fit.beta + k - 1) / (fit.alpha + fit.beta + k - 1)
        (rate,) = next_renewal(fit, np.array([12.0 * k - 3]), np.array([3.0]), np.array([12.0]))
        assert rate == pytest.approx(expected, rel=1e-12)
    (new,) = next_renewal(fit, np.array([0.0]), np.array([0.0]), np.array([24.0]))
    assert new == pytest.approx(fit.survival(2))


@pytest.mark.parametrize(
    ("survivors", "said"),
    [
        ((100, 90, 95, 80), "must not be more than in the period before"),
        ((100, 90, 80), "3 to 60 periods"),
        ((100, 100, 100, 100), "must fall at least once"),
        ((100, 90, float("nan"), 80), "without gaps"),
        ((100, 90, -5, -6), "0 or more"),
        ((10_000, 9_000, 8_100, 7_290, 6_561), "a constant rate"),
        ((1000, 990, 900, 500, 100, 5), "a constant rate"),
    ],
)
def test_survivors_that_cannot_be_fitted_get_a_sentence(survivors, said):
    with pytest.raises(InputError, match=said):
        fit_cohort(survivors)


# --- the logistic model -----------------------------------------------------------------------------------


def test_the_fit_is_that_of_a_second_library_and_finds_what_was_put_in():
    outcomes = made_up()
    fit = fit_renewal(outcomes, ["health_score", "segment"])
    x = design(outcomes.features, fit.terms)
    other = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(x[:, 1:], outcomes.renewed)
    assert fit.coefficients == pytest.approx([other.intercept_[0], *other.coef_[0]], abs=1e-4)
    p = fit.probability(outcomes.features)
    information = (x * (p * (1 - p))[:, None]).T @ x
    assert fit.covariance == pytest.approx(np.linalg.inv(information), rel=1e-6)
    errors = np.sqrt(np.diag(fit.covariance))
    assert np.all(np.abs(fit.coefficients - [1.5, 0.8, -0.5]) < 3 * errors)
    assert (fit.rows, fit.lost) == (2_000, int((~outcomes.renewed).sum()))


def test_the_table_of_odds_says_what_one_step_does():
    fit = fit_renewal(made_up(), ["health_score", "segment"])
    table = fit.odds_table().set_index("feature")
    term = next(term for term in fit.terms if term.feature == "health_score")
    low, high = (
        fit.probability(pd.DataFrame({"health_score": [value], "segment": ["A"]}))[0]
        for value in (50.0, 50.0 + term.scale)
    )
    assert table.loc["health_score", "odds"] == pytest.approx(high / (1 - high) / (low / (1 - low)))
    assert (table["low"] < table["odds"]).all() and (table["odds"] < table["high"]).all()
    assert table.loc["segment", "step"] == "B instead of the most common"


def test_what_is_not_known_counts_as_average():
    terms = (Term("nps", centre=30.0, scale=10.0), Term("segment", level="B"), Term("arr", centre=1.0, logarithm=True))
    features = pd.DataFrame({"nps": [np.nan, 50.0], "segment": ["", "B"], "arr": [np.e, np.e**3]})
    assert design(features, terms).tolist() == [[1.0, 0.0, 0.0, 0.0], [1.0, 2.0, 1.0, 2.0]]


def test_rows_that_cannot_carry_a_model_get_a_sentence():
    outcomes = made_up(60)
    with pytest.raises(InputError, match="choose fewer features or add rows"):
        fit_renewal(outcomes, ["health_score", "segment"])
    assert len(affordable(outcomes, ["health_score", "segment"])) <= 1
    outcomes = made_up()
    clear = outcomes.features.assign(health_score=np.where(outcomes.renewed, 90.0, 10.0))
    with pytest.raises(InputError, match="without error"):
        fit_renewal(Outcomes(clear, outcomes.renewed, outcomes.arr, clear.iloc[:0]), ["health_score"])
    twice = outcomes.features.assign(again=outcomes.features["health_score"])
    with pytest.raises(InputError, match="repeat each other"):
        fit_renewal(Outcomes(twice, outcomes.renewed, outcomes.arr, twice.iloc[:0]), ["health_score", "again"])
    same = outcomes.features.assign(health_score=50.0)
    with pytest.raises(InputError, match="must vary"):
        fit_renewal(Outcomes(same, outcomes.renewed, outcomes.arr, same.iloc[:0]), ["health_score"])


# --- the file ---------------------------------------------------------------------------------------------


def test_a_file_of_past_renewals_is_read_with_columns_of_its_own_and_open_accounts():
    outcomes = read_outcomes(
        csv(
            """renewed,account_id,arr,Plan tier,logins,adoption
               yes,,1000,Gold,12,0.5
               0,,2000,Silver,,60%
               ,A1,3000,Gold,4,0.7"""
        )
    )
    assert list(outcomes.features) == ["adoption", "arr", "Plan tier", "logins"]
    assert outcomes.renewed.tolist() == [True, False]
    assert outcomes.arr.tolist() == [1000.0, 2000.0]
    assert outcomes.features["adoption"].tolist() == [0.5, 0.6]
    assert np.isnan(outcomes.features["logins"][1])
    assert outcomes.open_accounts.loc["A1", "Plan tier"] == "Gold"


def test_every_problem_of_a_file_at_once():
    bad = csv(
        """renewed,account_id,adoption,nps
           maybe,,0.5,10
           1,,85,10
           ,,0.5,10
           ,A1,0.5,10
           ,A1,0.5,500"""
    )
    with pytest.raises(InputError) as caught:
        read_outcomes(bad)
    said = str(caught.value)
    for part in (
        "row 2, renewed: must be 1 or 0",
        "row 3, adoption",
        "row 4, account_id: must be given where renewed is empty",
        "row 6, account_id: must be open only once",
        "row 6, nps",
    ):
        assert part in said
    with pytest.raises(InputError, match="must hold something to explain renewal"):
        read_outcomes(b"renewed\n1\n0\n")


def test_open_rows_bring_what_the_book_does_not_hold():
    book = load_sample("startup")
    past = load_sample_renewals("startup")
    assert "price_change" in past.features
    assert "price_change" not in book_features(book, past)
    assert book_features(book, past)["adoption"].tolist() == book.adoption.tolist()
    rows = past.features.iloc[: len(book)].set_axis(list(reversed(book.account_id)))
    full = Outcomes(past.features, past.renewed, past.arr, rows)
    assert book_features(book, full)["price_change"].tolist() == rows["price_change"].tolist()[::-1]
    some = Outcomes(past.features, past.renewed, past.arr, rows.iloc[1:])
    assert "price_change" not in book_features(book, some)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_events_of_a_history_are_past_renewals(name):
    book = load_sample(name)
    history = load_sample_history(name)
    outcomes = outcomes_of_history(ledger(history, book))
    churns = -history.arr_change[history.event == EVENTS.index("churn")]
    assert (~outcomes.renewed).sum() == len(churns)
    assert outcomes.renewed.sum() == (history.event == EVENTS.index("renewal")).sum()
    # Who leaves takes along all that was paid just before.
    assert sorted(outcomes.arr[~outcomes.renewed]) == pytest.approx(sorted(churns))
    fit = fit_renewal(outcomes, affordable(outcomes, ["arr", "segment"]))
    assert expected_retention(book, fit.probability(book_features(book, outcomes))) == pytest.approx(0.94, abs=0.03)


# --- scores on held-out rows --------------------------------------------------------------------------------


def test_held_out_probabilities_score_better_than_the_base_rate_and_are_reliable():
    outcomes = made_up()
    model, base = held_out(outcomes, ["health_score", "segment"])
    scores = quality(outcomes.renewed, model, base)
    assert scores.brier == pytest.approx(np.mean((model - outcomes.renewed) ** 2))
    assert scores.brier < scores.brier_base
    stayed, left = model[outcomes.renewed], model[~outcomes.renewed]
    ranked = np.mean(stayed[:, None] > left[None, :]) + 0.5 * np.mean(stayed[:, None] == left[None, :])
    assert scores.auc == pytest.approx(ranked)
    table = reliability(outcomes.renewed, model)
    assert table["rows"].sum() == len(outcomes)
    assert table["predicted"].is_monotonic_increasing
    assert table["observed"] @ table["rows"] == pytest.approx(outcomes.renewed.sum())
    assert (table["predicted"].between(table["low"], table["high"])).sum() >= 8
    assert "below that of one rate for everybody" in verdict(scores.auc, scores.brier, scores.brier_base)
    assert "prefer the benchmark" in verdict(0.5, scores.brier_base, scores.brier)


# --- dollars ------------------------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.floats(0.02, 0.98), st.integers(1, 50)), min_size=1, max_size=7),
)
def test_the_sum_of_weighted_coins_is_that_of_all_cases(accounts):
    p = np.array([chance for chance, _ in accounts])
    cells = np.array([size for _, size in accounts])
    expected = np.zeros(cells.sum() + 1)
    for case in product((0, 1), repeat=len(p)):
        stays = np.array(case)
        expected[stays @ cells] += np.prod(np.where(stays, p, 1 - p))
    assert convolve(p[None, :], cells)[0] == pytest.approx(expected, abs=1e-12)


def test_mean_and_variance_hold_coins_and_coefficients():
    outcomes = made_up(400)
    fit = fit_renewal(outcomes, ["health_score"])
    rows = outcomes.features.iloc[:100]
    dollars = outcomes.arr[:100]
    spread = retention(fit, rows, dollars)
    random = np.random.default_rng(5)
    betas = random.multivariate_normal(fit.coefficients, fit.covariance, size=20_000)
    p = 1 / (1 + np.exp(-betas @ design(rows, fit.terms).T))
    kept = (random.random(p.shape) < p) @ dollars / dollars.sum()
    assert spread.mean == pytest.approx(kept.mean(), abs=4 * kept.std() / 141)
    deviation = np.sqrt(spread.share**2 @ spread.probability - spread.mean**2)
    assert deviation == pytest.approx(kept.std(), rel=0.03)
    coins = np.sqrt(((p * (1 - p)) @ dollars**2).mean()) / dollars.sum()
    assert deviation > 1.02 * coins
    for level in (0.8, 0.9, 0.95):
        low, high = spread.interval(level)
        assert np.mean((kept > low - 5e-4) & (kept < high + 5e-4)) == pytest.approx(level, abs=0.015)


def test_large_books_are_normal_and_agree_with_the_coins():
    outcomes = made_up(MOST_EXACT + 1)
    fit = fit_renewal(outcomes, ["health_score", "segment"])
    whole = retention(fit, outcomes.features, outcomes.arr)
    part = retention(fit, outcomes.features.iloc[:-1], outcomes.arr[:-1])
    for level in (0.8, 0.95):
        assert whole.interval(level) == pytest.approx(part.interval(level), abs=0.002)


def test_cells_add_up_whatever_the_dollars():
    cells = cells_of(np.array([1.0, 2.0, 1e6, 3.0]), 1_000)
    assert cells.sum() == 1_000
    assert cells.min() >= 0


def test_intervals_hold_what_they_say_on_made_up_renewals():
    table = coverage(made_up(1_500), ["health_score", "segment"], sizes=(50,), splits=10)
    assert table["books"].tolist() == [150, 150, 150]
    assert (np.abs(table["covered"] - table["level"]) < 2.5 * table["standard_error"]).all()


@needs_data
def test_on_real_renewals_the_intervals_cover_what_they_say():
    data = pd.read_csv(Path(DATA) / "eudirectlapse_part.csv")
    data["renewed"] = 1 - data.pop("lapse")
    data["arr"] = data["prem_last"]
    outcomes = read_outcomes(data.to_csv(index=False).encode())
    names = list(outcomes.features)
    assert len(outcomes) == 13_759
    model, base = held_out(outcomes, names)
    scores = quality(outcomes.renewed, model, base)
    assert scores.auc == pytest.approx(0.63, abs=0.01)
    assert scores.brier < scores.brier_base
    table = coverage(outcomes, names)
    assert set(table["accounts"]) == {25, 50, 100}
    assert (table["books"] >= 1_360).all()
    assert (np.abs(table["covered"] - table["level"]) < 2 * table["standard_error"]).all()
    for level, rows in table.groupby("level"):
        assert np.average(rows["covered"], weights=rows["books"]) == pytest.approx(level, abs=0.01)


# --- into the book ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def book() -> Book:
    return load_sample("midmarket")


def test_the_benchmark_is_the_published_retention_of_each_size(book):
    p = benchmark_probability(book, World())
    row = int(np.flatnonzero((book.arr > 25_000) & (book.arr < 50_000))[0])
    assert book.term_months[row] == 12
    assert p[row] == pytest.approx(1 - (1 - 0.92) * 0.7)
    # Loss on renewals, with the downsell on those that stay, gives the published 92 % back.
    assert 1 - (1 - p[row]) / (1 - World().downsell_share) == pytest.approx(0.92)
    longer = load_sample("enterprise")
    p = benchmark_probability(longer, World())
    assert p[longer.term_months == 36].max() < p[longer.term_months == 12].max()


def test_another_source_changes_the_probabilities_and_nothing_else(book):
    p = cohort_probability(book, fit_cohort(PUBLISHED["High End"]))
    changed = with_probability(book, p)
    assert changed.renewal_probability == pytest.approx(p)
    assert changed.digest != book.digest
    assert with_probability(changed, book.renewal_probability).digest == book.digest
    assert with_probability(book, np.ones(len(book))).renewal_probability.max() < 1


def test_overrides_need_an_account_a_probability_and_a_reason(book):
    first, second = book.account_id[:2]
    rows = [(first, "60", "Sponsor left the company"), ("", None, " "), (second, 99.5, "Signed early, by e-mail")]
    overrides = read_overrides(rows, book)
    computed = np.full(len(book), 0.9)
    used = overridden(book, computed, overrides)
    assert used[:2].tolist() == [0.6, 0.995]
    assert (used[2:] == 0.9).all()
    table = override_table(book, computed, overrides)
    assert table["reason"].tolist() == ["Sponsor left the company", "Signed early, by e-mail"]
    listed = probability_table(book, computed, used)
    assert listed["at_risk"].is_monotonic_decreasing
    assert listed["at_risk"].sum() == pytest.approx(book.arr.sum() * (1 - expected_retention(book, used)))
    with pytest.raises(InputError) as caught:
        read_overrides([("nobody", "120", "because"), (first, "x", "a good reason"), (first, 5, "a good reason")], book)
    said = str(caught.value)
    for part in ("override 1, account", "override 1, renewal %", "override 1, reason", "override 2, renewal %", "once"):
        assert part in said
