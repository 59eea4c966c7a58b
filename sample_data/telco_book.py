"""Makes a book from the public Telco churn data: python sample_data/telco_book.py telco.csv output_folder

ARR is twelve monthly charges. White space is what a customer does not have, at the prices found in the data
itself: a service in a category that it already uses is upsell, a category that it lacks is cross-sell.
Renewal risk is the monthly rate at which customers with the same contract and of the same age left.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

START = np.datetime64("2026-01", "M")
TERM_MONTHS = {"Month-to-month": 1, "One year": 12, "Two year": 24}
AGE_BANDS = ((0, 12), (12, 24), (24, 48), (48, np.inf))
"""Tenure in months; customers leave soonest in their first year."""

PRIOR_MONTHS = 1_200.0
"""Weight of the contract's own rate in that of each age band: as if seen over 100 customer-years."""

OTE = 90_000
PROTECTION = ("OnlineSecurity", "OnlineBackup", "DeviceProtection", "TechSupport")
STREAMING = ("StreamingTV", "StreamingMovies")
SERVICES = ("PhoneService", "MultipleLines", "DSL", "Fiber", *PROTECTION, *STREAMING)
NEEDED = (
    "customerID",
    "tenure",
    "Contract",
    "MonthlyCharges",
    "Churn",
    "InternetService",
    *SERVICES[:2],
    *SERVICES[4:],
)


def services_held(data: pd.DataFrame) -> pd.DataFrame:
    """True where a customer has a service, shape (n_customers, n_services). Fiber is DSL and more."""
    held = {name: data[name] == "Yes" for name in SERVICES if name in data}
    held["DSL"] = data["InternetService"] != "No"
    held["Fiber"] = data["InternetService"] == "Fiber optic"
    return pd.DataFrame(held)[list(SERVICES)]


def prices(data: pd.DataFrame) -> pd.Series:
    """USD a month of each service: least squares of the monthly charge on the services held."""
    design = np.column_stack([np.ones(len(data)), services_held(data).to_numpy(float)])
    fitted = np.linalg.lstsq(design, data["MonthlyCharges"].to_numpy(float), rcond=None)[0]
    return pd.Series(np.maximum(fitted[1:], 0.0), index=list(SERVICES))


def white_space(data: pd.DataFrame) -> tuple[Floats, Floats]:
    """Upsell and cross-sell white space, USD a year, shape (n_customers,) each.

    Only what can be sold today counts: nothing that needs a line or an internet access which is not there.
    """
    held = services_held(data)
    price = 12 * prices(data)
    online = held["DSL"]
    upsell = price["MultipleLines"] * (held["PhoneService"] & ~held["MultipleLines"])
    upsell = upsell + price["Fiber"] * (online & ~held["Fiber"])
    cross_sell = price["PhoneService"] * ~held["PhoneService"] + price["DSL"] * ~online
    for category in (PROTECTION, STREAMING):
        using = held[list(category)].any(axis=1)
        value = (~held[list(category)] * price[list(category)]).sum(axis=1) * online
        upsell = upsell + value * using
        cross_sell = cross_sell + value * ~using
    return upsell.to_numpy(float), cross_sell.to_numpy(float)


def renewal_probability(data: pd.DataFrame) -> Floats:
    """Probability of staying for one more term, shape (n_customers,).

    The data is read as a life table: `tenure` months at risk, ended by leaving where Churn is Yes. A cell of
    contract and age band has the monthly rate (leavers + k r) / (months + k), with k = PRIOR_MONTHS and r the
    contract's own rate.
    """
    left, tenure = (data["Churn"] == "Yes").to_numpy(), data["tenure"].to_numpy(float)
    stays = np.empty(len(data))
    for contract, term in TERM_MONTHS.items():
        rows = (data["Contract"] == contract).to_numpy()
        # Half a leaver: a contract that nobody has left yet is not certain to be renewed.
        own_rate = (left[rows].sum() + 0.5) / (tenure[rows].sum() + PRIOR_MONTHS)
        for start, end in AGE_BANDS:
            at_risk = (np.clip(tenure[rows], start, end) - start).sum()
            leavers = (left & rows & (tenure > start) & (tenure <= end)).sum()
            rate = (leavers + PRIOR_MONTHS * own_rate) / (at_risk + PRIOR_MONTHS)
            stays[rows & (tenure >= start) & (tenure < end)] = (1 - rate) ** term
    return stays


def make_book(data: pd.DataFrame, accounts_per_csm: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """accounts.csv and team.csv.

    Those who left are in the book too, as customers: without them it would lack just the kind of account
    that is at risk. Churn shapes the rates only.
    """
    upsell, cross_sell = white_space(data)
    term = data["Contract"].map(TERM_MONTHS).to_numpy(np.int64)
    tenure = data["tenure"].to_numpy(np.int64)
    # Contracts run in whole terms from the first day; a customer in its first month counts as a month old.
    due = -np.maximum(tenure, 1) % term
    n_csms = -(-len(data) // accounts_per_csm)
    csm_ids = [f"C-{number + 1:02d}" for number in range(n_csms)]
    accounts = pd.DataFrame(
        {
            "account_id": data["customerID"],
            "csm_id": [csm_ids[row % n_csms] for row in range(len(data))],
            "segment": data["InternetService"].replace("No", "Phone only"),
            "arr": (12 * data["MonthlyCharges"]).round(2),
            "renewal_date": (START + due + 1).astype("datetime64[D]") - 1,
            "term_months": term,
            "renewal_probability": renewal_probability(data).round(5),
            "upsell_whitespace": upsell.round(2),
            "cross_sell_whitespace": cross_sell.round(2),
            "adoption": services_held(data).mean(axis=1).round(2),
            "tenure_months": tenure,
        }
    )
    team = pd.DataFrame({"csm_id": csm_ids, "level": "csm", "ote": OTE})
    return accounts, team


def main() -> None:
    parser = argparse.ArgumentParser(description="Make accounts.csv and team.csv from a Telco churn CSV.")
    parser.add_argument("data", type=Path, help="the Telco churn CSV")
    parser.add_argument("folder", type=Path, help="where the two files go; made if need be")
    parser.add_argument("--accounts-per-csm", type=int, default=400, help="default: %(default)s")
    options = parser.parse_args()
    if not options.data.is_file():
        parser.error(f"{options.data}: there is no such file")
    if options.accounts_per_csm < 1:
        parser.error("--accounts-per-csm must be at least 1")
    data = pd.read_csv(options.data)
    missing = [name for name in NEEDED if name not in data]
    if missing:
        parser.error(f"{options.data}: is no Telco churn file, it lacks the columns {', '.join(missing)}")
    unknown = sorted(set(data["Contract"].astype(str)) - set(TERM_MONTHS))
    if unknown:
        allowed = ", ".join(TERM_MONTHS)
        parser.error(f"{options.data}: Contract must be one of {allowed} (got {unknown[0]!r})")
    accounts, team = make_book(data, options.accounts_per_csm)
    options.folder.mkdir(parents=True, exist_ok=True)
    accounts.to_csv(options.folder / "accounts.csv", index=False, lineterminator="\n")
    team.to_csv(options.folder / "team.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
