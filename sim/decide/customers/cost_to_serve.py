"""What each account brings and what serving it takes; who would be cheaper to let go, and what that would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.book.schema import Book, Floats
from sim.decide.customers.serving import hourly_cost, hours_of, usual_model
from sim.words import money, percent


class Served(NamedTuple):
    """By account, shape (n_accounts,) each. hours: a year. cost, brings, margin: USD, expected over 12 months."""

    hours: Floats
    cost: Floats
    brings: Floats

    @property
    def margin(self) -> Floats:
        return self.brings - self.cost


class Exit(NamedTuple):
    """What changes if some accounts leave. arr: USD a year; hours: CSM hours a year; margin: USD over 12 months."""

    accounts: int
    arr: float
    arr_share: float
    hours: float
    csms: float
    margin: float


def share_of_year(book: Book) -> Floats:
    """Expected share of the next 12 months that each account is a customer, shape (n_accounts,)."""
    after = np.maximum(12.0 - book.renewal_month, 0.0) / 12.0
    result: Floats = 1.0 - (1.0 - book.renewal_probability) * after
    return result


def serve(book: Book, models: Sequence[str], assumed: Mapping[str, float]) -> Served:
    """What each account takes under its service model, and brings. models: one for each account."""
    stays = share_of_year(book)
    hours = hours_of(book, models, assumed)
    cost: Floats = hours * hourly_cost(book, assumed) * stays
    brings: Floats = assumed["gross_margin"] * book.arr * stays
    return Served(hours, cost, brings)


def usual_models(
    book: Book, place: NDArray[np.int64], names: Sequence[str], assumed: Mapping[str, float]
) -> dict[str, str]:
    """The usual service model of each segment that has accounts, by its median ARR."""
    return {
        name: usual_model(float(np.median(book.arr[place == index])), assumed)
        for index, name in enumerate(names)
        if (place == index).any()
    }


def segment_shares(
    book: Book, place: NDArray[np.int64], names: Sequence[str], models: Mapping[str, str], served: Served
) -> pd.DataFrame:
    """One row a segment with accounts and a total: its accounts, ARR, risk and white space (USD a year, and shares of
    the book), its service model, CSM hours a year and cost to serve (USD over 12 months, and share of ARR)."""
    frame = pd.DataFrame(
        {
            "segment": place,
            "accounts": 1,
            "arr": book.arr,
            "risk": book.arr * (1.0 - book.renewal_probability),
            "white": book.upsell_whitespace + book.cross_sell_whitespace,
            "hours": served.hours,
            "cost": served.cost,
            "margin": served.margin,
        }
    )
    sums = frame.groupby("segment", sort=True).sum()
    found = [names[int(index)] for index in sums.index.to_numpy()]
    total = sums.sum()
    table = pd.concat([sums, total.to_frame().T], ignore_index=True)
    table.insert(0, "segment", [*found, "Total"])
    table.insert(1, "model", [*(models[name] for name in found), ""])
    for name in ("arr", "risk", "white"):
        table[f"{name}_share"] = table[name] / total[name] if total[name] > 0 else 0.0
    table["cost_share"] = table["cost"] / table["arr"]
    return table


def share_picture(table: pd.DataFrame) -> pd.DataFrame:
    """Shares of ARR, risk and white space of each segment, one row each: segment, of, share."""
    parts = {"arr_share": "ARR", "risk_share": "ARR at risk", "white_share": "White space"}
    long = table.iloc[:-1].melt("segment", list(parts), "of", "share")
    return long.assign(of=long["of"].map(parts))


def share_finding(table: pd.DataFrame) -> str:
    """The title of the picture: where risk is furthest above its share of ARR."""
    segments = table.iloc[:-1]
    most = int((segments["risk_share"] - segments["arr_share"]).to_numpy().argmax())
    risk, arr = (float(segments[name].to_numpy()[most]) for name in ("risk_share", "arr_share"))
    name = str(segments["segment"].to_numpy()[most]).partition(":")[0]
    return f"{name[:30]}: {percent(risk, 0)} of the risk on {percent(arr, 0)} of ARR"


def exit_candidates(book: Book, place: NDArray[np.int64], names: Sequence[str], served: Served) -> pd.DataFrame:
    """Accounts whose expected cost to serve exceeds what they bring, the largest gap first; one row each."""
    rows = np.flatnonzero(served.margin < 0)
    rows = rows[np.argsort(served.margin[rows], kind="stable")]
    return pd.DataFrame(
        {
            "account_id": [book.account_id[row] for row in rows],
            "account_name": [book.account_name[row] for row in rows],
            "csm_id": [book.team.csm_id[book.csm[row]] for row in rows],
            "segment": [names[place[row]] for row in rows],
            "arr": book.arr[rows],
            "renewal_probability": book.renewal_probability[rows],
            "white_space": (book.upsell_whitespace + book.cross_sell_whitespace)[rows],
            "hours": served.hours[rows],
            "brings": served.brings[rows],
            "cost": served.cost[rows],
            "margin": served.margin[rows],
        }
    )


def effect_of_exit(book: Book, leaving: Sequence[str], served: Served, assumed: Mapping[str, float]) -> Exit:
    """What changes if these accounts (by account_id) leave."""
    gone = np.isin(np.array(book.account_id, dtype=object), list(leaving))
    hours = float(served.hours[gone].sum())
    arr = float(book.arr[gone].sum())
    return Exit(
        int(gone.sum()),
        arr,
        arr / float(book.arr.sum()),
        hours,
        hours / assumed["productive_hours"],
        -float(served.margin[gone].sum()),
    )


def exit_sentence(effect: Exit) -> str:
    """The effect in words."""
    if not effect.accounts:
        return "Every account is expected to bring more than serving it takes."
    count = "1 account leaves" if effect.accounts == 1 else f"{effect.accounts:,} accounts leave"
    return (
        f"If {count}: {money(effect.arr)} less ARR ({percent(effect.arr_share)}), {effect.hours:,.0f} CSM hours a year "
        f"freed ({effect.csms:.1f} CSMs), and {money(effect.margin, signed=True)} of margin over 12 months."
    )
