"""The invented past of a sample book: two years of events, worked out backwards from what each account pays now."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.world.benchmarks import RETENTION_BY_ACV, RetentionBand, band_of
from sim.world.parameters import World

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

YEARS = 2
GRR_SCATTER, NRR_SCATTER = 0.004, 0.006
"""Standard deviations of a year's retention around its band's; no draw goes beyond two of them."""
UPSELL_SHARE = 0.7
"""Of what is sold to customers, the rest being cross-sell; as in the white space of the books."""


def make_history(accounts: pd.DataFrame, start: np.datetime64, random: np.random.Generator) -> pd.DataFrame:
    """history.csv of one book, for the two years before the month `start`.

    Year by year backwards: the retention of each ACV band says what its customers paid a year earlier, who left and
    what the others gave up and bought.
    """
    customers = _customers(accounts, start)
    events: list[pd.DataFrame] = []
    for year in range(YEARS):
        opens = -12 * (year + 1)
        gone = []
        for band, rows in customers.groupby("band"):
            changes, left = _band_year(rows, RETENTION_BY_ACV[int(str(band))], opens, random)
            events.append(changes)
            gone.append(left.assign(band=band, segment=rows["segment"].iloc[0]))
        lost = pd.concat(gone, ignore_index=True)
        lost["account_id"] = [f"L{year + 1}-{row + 1:04d}" for row in range(len(lost))]
        events.append(_rows(lost, lost["month"], "churn", -lost["arr"]))
        # Who is there a year earlier, with what they paid then: today's less what changed since, and those who left.
        moved = pd.concat(events).groupby("account_id")["arr_change"].sum()
        customers["arr"] = customers["now"] - customers["account_id"].map(moved).fillna(0.0)
        customers = customers[customers["since"] < opens]
        customers = pd.concat([customers, lost.assign(now=0.0)], ignore_index=True)
    table = pd.concat(events, ignore_index=True)
    day = table["day"].to_numpy(dtype=np.int64)
    month = start + table["month"].to_numpy(dtype=np.int64)
    last = ((month + 1).astype("datetime64[D]") - month.astype("datetime64[D]")).astype(np.int64)
    table["date"] = month.astype("datetime64[D]") + np.minimum(day, last) - 1
    table = table.sort_values(["date", "account_id"], kind="stable")
    table["date"] = table["date"].dt.strftime("%Y-%m-%d")
    table["arr_change"] = table["arr_change"].astype(np.int64)
    return table[["account_id", "date", "event", "arr_change", "segment"]]


def _customers(accounts: pd.DataFrame, start: np.datetime64) -> pd.DataFrame:
    """Who is there now. since: month of the first contract; due: of the next renewal; both counted from `start`."""
    renewal = accounts["renewal_date"].to_numpy(dtype="datetime64[D]")
    arr = accounts["arr"].astype(float)
    return pd.DataFrame(
        {
            "account_id": accounts["account_id"],
            "segment": accounts["segment"],
            "band": [RETENTION_BY_ACV.index(band_of(value)) for value in arr],
            "arr": arr,
            "now": arr,
            "since": -accounts["tenure_months"],
            "due": (renewal.astype("datetime64[M]") - start).astype(np.int64),
            "term": accounts["term_months"],
            "day": (renewal - renewal.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1,
        }
    )


def _rows(who: pd.DataFrame, month: pd.Series, event: str, change: pd.Series) -> pd.DataFrame:
    columns = who[["account_id", "segment", "day"]]
    return columns.assign(month=month, event=event, arr_change=change)[change.ne(0.0) | (event == "renewal")]


def _band_year(
    rows: pd.DataFrame, band: RetentionBand, opens: int, random: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Events of those who are there at the end of a year, and who has left in it (their churn comes later).

    opens: the month in which the year begins, counted from the book's first.
    """
    world = World()
    came = rows[(rows["since"] >= opens) & (rows["since"] < opens + 12)]
    events = [_rows(came, came["since"], "new", came["arr"])]
    old = rows[rows["since"] < opens]
    scatter = np.clip(random.standard_normal(2), -2.0, 2.0)
    grr, nrr = band.grr + GRR_SCATTER * scatter[0], band.nrr + NRR_SCATTER * scatter[1]
    closing = old["arr"].sum()
    losses = (1 - grr) * closing / nrr
    gains = (nrr - grr) * closing / nrr
    left = _who_left(old, (1 - world.downsell_share) * losses, opens, random)
    downsell = losses - left["arr"].sum()
    # The last renewal of each customer before the next one that is due.
    month = old["due"] - old["term"] * (1 + (old["due"] - opens - 12) // old["term"])
    renews = (month >= opens) & (month > old["since"])
    events.append(_rows(old[renews], month[renews], "renewal", 0.0 * old["arr"][renews]))

    raised = renews & (random.random(len(old)) < world.uplift_probability)
    up = (old["arr"] * 2 * world.uplift_rate * random.random(len(old)) * raised).round(-1)
    events.append(_rows(old, month, "price_increase", up))
    cut = renews & ~raised & (random.random(len(old)) < 0.5)
    cuts = _spread(world.erosion_share * downsell, old["arr"] * cut, 0.10, random)
    events.append(_rows(old, month, "price_decrease", -cuts))
    shrunk = (renews if renews.any() else old["arr"] > 0) & (random.random(len(old)) < 0.25)
    seats = _spread(downsell - cuts.sum(), old["arr"] * shrunk, 0.40, random)
    events.append(_rows(old, month.where(renews, opens + 6), "contraction", -seats))
    for event, share, buyers in (("upsell", UPSELL_SHARE, 0.4), ("cross_sell", 1 - UPSELL_SHARE, 0.2)):
        buys = random.random(len(old)) < buyers
        bought = _spread(share * (gains - up.sum()), old["arr"] * buys, 0.35, random)
        when = pd.Series(opens + random.integers(0, 12, size=len(old)), index=old.index)
        events.append(_rows(old, when, event, bought))
    return pd.concat(events), left


def _spread(total: float, weight: pd.Series, most: float, random: np.random.Generator) -> pd.Series:
    """About `total`, in tens, over accounts in proportion to weight and chance; at most a share `most` of each."""
    raw = weight * np.exp(0.5 * random.standard_normal(len(weight)))
    amount = 0.0 * raw
    for _ in range(8):  # what the largest cannot take goes to the others
        open_to = raw * (amount < most * weight)
        if open_to.sum() > 0:
            amount = np.minimum(amount + open_to * max(total - amount.sum(), 0.0) / open_to.sum(), most * weight)
    return amount.round(-1)


def _who_left(old: pd.DataFrame, churn: float, opens: int, random: np.random.Generator) -> pd.DataFrame:
    """Customers like the others, drawn until they make up the ARR that left; none where that is less than one."""
    sizes = np.round(old["arr"].to_numpy() * np.exp(0.1 * random.standard_normal(len(old))), -2)
    shuffled = random.permutation(sizes)
    chosen: list[float] = []
    for size in shuffled:
        if sum(chosen) + size <= churn:
            chosen.append(float(size))
    n = len(chosen)
    weights = np.array([1, 1, 1.5, 1, 1, 1.5, 1, 1, 1.5, 1, 1, 2.0])
    month = opens + random.choice(12, size=n, p=weights / weights.sum())
    return pd.DataFrame(
        {
            "arr": np.array(chosen, dtype=float),
            "month": month,
            "since": month - 12 * random.integers(1, 5, size=n),
            "due": month,
            "term": 12,
            "day": random.integers(1, 29, size=n),
        }
    )
