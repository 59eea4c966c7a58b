"""A book from real data: the Telco churn file, where it is at hand, and a tiny file of the same form."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.book import Book, read_book
from sim.book.samples import SAMPLE_DATA

SCRIPT = SAMPLE_DATA / "telco_book.py"
ADD_ONS = ["OnlineSecurity", "OnlineBackup", "DeviceProtection", "TechSupport", "StreamingTV", "StreamingMovies"]
PRICE = {"PhoneService": 20, "MultipleLines": 5, "DSL": 25, "Fiber optic": 50} | dict.fromkeys(ADD_ONS[:4], 5)
PRICE |= dict.fromkeys(ADD_ONS[4:], 10)


def run(data: Path, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), str(data), str(folder), *options], capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def real() -> Path:
    folder = os.environ.get("CS_COMP_DATA")
    if not folder:
        pytest.skip("CS_COMP_DATA must name a folder that holds telco_part.csv")
    path = Path(folder) / "telco_part.csv"
    if not path.is_file():
        pytest.skip(f"there is no telco_part.csv in CS_COMP_DATA, {folder}")
    return path


@pytest.fixture(scope="module")
def book(real: Path, tmp_path_factory: pytest.TempPathFactory) -> Book:
    folder = tmp_path_factory.mktemp("telco")
    done = run(real, folder)
    assert done.returncode == 0, done.stderr
    return read_book(folder / "accounts.csv", folder / "team.csv")


@pytest.fixture
def tiny() -> pd.DataFrame:
    """200 customers with random services, billed exactly at PRICE."""
    random = np.random.default_rng(5)
    n = 200
    data = pd.DataFrame({"customerID": [f"T{row}" for row in range(n)], "tenure": random.integers(1, 72, n)})
    data["InternetService"] = random.choice(["DSL", "Fiber optic", "No"], n)
    # Everybody buys something.
    data["PhoneService"] = np.where(data.InternetService == "No", "Yes", random.choice(["Yes", "No"], n))
    data["MultipleLines"] = np.where(data.PhoneService == "Yes", random.choice(["Yes", "No"], n), "No phone service")
    for name in ADD_ONS:
        data[name] = np.where(data.InternetService == "No", "No internet service", random.choice(["Yes", "No"], n))
    data["Contract"] = random.choice(["Month-to-month", "One year", "Two year"], n)
    data["Churn"] = random.choice(["Yes", "No"], n)
    bills = sum(PRICE[name] * (data[name] == "Yes") for name in ["PhoneService", "MultipleLines", *ADD_ONS])
    data["MonthlyCharges"] = bills + data.InternetService.map(PRICE).fillna(0)
    return data


def make(data: pd.DataFrame, folder: Path, *options: str) -> Book:
    data.to_csv(folder / "data.csv", index=False)
    done = run(folder / "data.csv", folder / "out", *options)
    assert done.returncode == 0, done.stderr
    return read_book(folder / "out" / "accounts.csv", folder / "out" / "team.csv")


def test_every_customer_is_an_account_at_a_years_charges(real: Path, book: Book) -> None:
    data = pd.read_csv(real)
    assert book.account_id == tuple(data["customerID"])
    assert book.arr.tolist() == pytest.approx((12 * data["MonthlyCharges"]).tolist(), abs=0.005)
    assert (
        book.term_months.tolist()
        == data["Contract"].map({"Month-to-month": 1, "One year": 12, "Two year": 24}).tolist()
    )
    assert (book.renewal_month < book.term_months).all()
    assert len(book.team) == 11
    assert np.ptp(np.bincount(book.csm)) <= 1


def test_white_space_is_what_the_bill_could_still_grow_by(real: Path, book: Book) -> None:
    """With every service that it can be sold today, an account pays the full price list, to about a dollar a month."""
    data = pd.read_csv(real)
    online = (data["InternetService"] != "No").to_numpy()
    lines = (data["PhoneService"] == "Yes").to_numpy()
    full = 20 + 5 * lines + np.where(online, 50 + 4 * 5 + 2 * 10, 25)
    could_pay = (book.arr + book.upsell_whitespace + book.cross_sell_whitespace) / 12
    assert np.abs(could_pay - full).max() < 6
    assert np.abs(could_pay - full).mean() < 1


def test_risk_falls_with_the_length_of_the_contract_and_matches_the_leavers(real: Path, book: Book) -> None:
    monthly = book.renewal_probability ** (1 / book.term_months)
    means = [monthly[book.term_months == term].mean() for term in (1, 12, 24)]
    assert means == sorted(means)
    # The rates applied to the months that each contract's customers were at risk bring back those who left.
    data = pd.read_csv(real)
    for term in (1, 12, 24):
        rows = book.term_months == term
        rate = 1 - monthly[rows]
        left = (data["Churn"][rows] == "Yes").sum() / data["tenure"][rows].sum()
        assert rate.min() <= left <= rate.max()


def test_prices_are_recovered_and_white_space_split_by_category(tiny: pd.DataFrame, tmp_path: Path) -> None:
    book = make(tiny, tmp_path)
    for row, customer in tiny.iterrows():
        upsell = 5 * (customer.MultipleLines == "No") + 25 * (customer.InternetService == "DSL")
        cross_sell = 20 * (customer.PhoneService == "No") + 25 * (customer.InternetService == "No")
        for category in (ADD_ONS[:4], ADD_ONS[4:]):
            lacking = sum(PRICE[name] for name in category if customer[name] == "No")
            if any(customer[name] == "Yes" for name in category):
                upsell += lacking
            else:
                cross_sell += lacking
        assert book.upsell_whitespace[row] == pytest.approx(12 * upsell, abs=0.01)
        assert book.cross_sell_whitespace[row] == pytest.approx(12 * cross_sell, abs=0.01)


def test_a_contract_without_leavers_is_nearly_certain_but_not_quite(tiny: pd.DataFrame, tmp_path: Path) -> None:
    book = make(tiny.assign(Churn="No", Contract="One year"), tmp_path, "--accounts-per-csm", "60")
    assert ((book.renewal_probability > 0.99) & (book.renewal_probability < 1)).all()
    assert np.bincount(book.csm).tolist() == [50, 50, 50, 50]


def test_renewals_fall_due_in_whole_terms(tiny: pd.DataFrame, tmp_path: Path) -> None:
    book = make(tiny, tmp_path)
    assert ((book.tenure_months + book.renewal_month) % book.term_months == 0).all()


def test_other_files_are_refused_in_a_sentence(tiny: pd.DataFrame, tmp_path: Path) -> None:
    missing = run(tmp_path / "none.csv", tmp_path)
    tiny.drop(columns=["Churn", "tenure"]).to_csv(tmp_path / "short.csv", index=False)
    short = run(tmp_path / "short.csv", tmp_path)
    tiny.assign(Contract="Decade").to_csv(tmp_path / "long.csv", index=False)
    long = run(tmp_path / "long.csv", tmp_path)
    assert [done.returncode for done in (missing, short, long)] == [2, 2, 2]
    assert "there is no such file" in missing.stderr
    assert "lacks the columns tenure, Churn" in short.stderr
    assert "got 'Decade'" in long.stderr
