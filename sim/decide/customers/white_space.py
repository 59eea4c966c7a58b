"""White space of each account: what peers of its segment pay, and it does not; and how complex it is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from sim.book.products import Products
from sim.book.schema import Book, Floats
from sim.problems import InputError, Problem
from sim.words import money

LEAST_PEERS = 5
"""Peers from which a level is taken; a segment with fewer is compared with the whole book."""
NOT_HELD = "cross-sell: does not hold it"
SHOWN = 40
"""Accounts in the heat map."""


class WhiteSpace(NamedTuple):
    """USD a year. upsell: more of a product that the account holds; cross_sell: products that it does not hold; by
    product, shape (n_accounts, n_products), one column of all products together where it is not known who holds what.
    """

    products: tuple[str, ...]
    upsell: Floats
    cross_sell: Floats


def from_products(book: Book, products: Products, quantile: float) -> WhiteSpace:
    """White space against the holders of each product in the same segment.

    The level of a product is this quantile of what its holders in the segment pay. A holder who pays less could buy
    the difference (upsell). Who does not hold it could buy the level; that counts by the share of peers who hold it,
    as not everybody needs everything (cross-sell).
    """
    upsell, cross_sell = np.zeros_like(products.paid), np.zeros_like(products.paid)
    held = products.paid > 0
    for rows in _groups(book):
        for number in range(len(products.names)):
            holders = rows[held[rows, number]]
            # Few holders in the segment say little of a level, those of the whole book more.
            known = holders if len(holders) >= LEAST_PEERS else np.flatnonzero(held[:, number])
            if not known.size:
                continue
            level = float(np.quantile(products.paid[known, number], quantile))
            paid = products.paid[rows, number]
            upsell[rows, number] = np.where(paid > 0, np.maximum(level - paid, 0.0), 0.0)
            cross_sell[rows, number] = np.where(paid > 0, 0.0, level * len(holders) / len(rows))
    return WhiteSpace(products.names, upsell, cross_sell)


def from_peers(book: Book, quantile: float) -> WhiteSpace:
    """White space from ARR alone: what an account pays below this quantile of its segment, all of it upsell."""
    upsell = np.zeros((len(book), 1))
    for rows in _groups(book):
        peers = rows if len(rows) >= LEAST_PEERS else np.arange(len(book))
        upsell[rows, 0] = np.maximum(np.quantile(book.arr[peers], quantile) - book.arr[rows], 0.0)
    return WhiteSpace(("All products",), upsell, np.zeros((len(book), 1)))


def _groups(book: Book) -> list[np.ndarray]:
    codes, names = pd.factorize(np.array(book.segment, dtype=object))
    return [np.flatnonzero(codes == number) for number in range(len(names))]


PARTS: Mapping[str, tuple[str, float]] = MappingProxyType(
    {
        "products": ("Products held", 0.35),
        "arr": ("ARR", 0.25),
        "adoption": ("Low adoption", 0.25),
        "nps": ("Low NPS", 0.15),
    }
)
"""What makes an account complex, with the usual weights. Judgement."""


def complexity_score(book: Book, products: Products | None, weights: Mapping[str, float]) -> Floats:
    """Complexity from 1 to 5, shape (n_accounts,): 1 + 4 times the weighted mean of the account's ranks in its parts.

    A rank is the share of accounts below, ties in the middle: 0.5 in every part gives 3. Without products that part
    is left out. Raises InputError when no weight is above 0.
    """
    ranks = {"arr": _rank(book.arr), "adoption": _rank(-book.adoption), "nps": _rank(-book.nps)}
    if products is not None:
        ranks["products"] = _rank((products.paid > 0).sum(axis=1).astype(float))
    used = {name: weights[name] for name in ranks}
    total = sum(used.values())
    if not total > 0 or min(used.values()) < 0:
        raise InputError([Problem("weights of complexity", "", "must be 0 or more, and at least one above 0")])
    mean: Floats = sum((weight / total * ranks[name] for name, weight in used.items()), np.zeros(len(book)))
    return 1.0 + 4.0 * mean


def _rank(values: Floats) -> Floats:
    return np.asarray((rankdata(values) - 0.5) / len(values), dtype=np.float64)


def product_table(white: WhiteSpace, products: Products | None) -> pd.DataFrame:
    """One row a product: accounts that hold it, what they pay, and the white space (USD a year), the largest first."""
    paid = np.zeros_like(white.upsell) if products is None else products.paid
    table = pd.DataFrame(
        {
            "product": white.products,
            "holders": (paid > 0).sum(axis=0),
            "paid": paid.sum(axis=0),
            "upsell": white.upsell.sum(axis=0),
            "cross_sell": white.cross_sell.sum(axis=0),
        }
    )
    table["white_space"] = table["upsell"] + table["cross_sell"]
    return table.sort_values("white_space", ascending=False, kind="stable").reset_index(drop=True)


def account_room(book: Book, white: WhiteSpace, complexity: Floats) -> pd.DataFrame:
    """One row an account, the most white space first: totals, complexity, and the white space in each product."""
    room = white.upsell + white.cross_sell
    totals = pd.DataFrame(
        {
            "account_id": book.account_id,
            "account_name": book.account_name,
            "segment": book.segment,
            "arr": book.arr,
            "upsell": white.upsell.sum(axis=1),
            "cross_sell": white.cross_sell.sum(axis=1),
            "complexity": complexity,
        }
    )
    by_product = pd.DataFrame(room, columns=[f"white space: {name}" for name in white.products])
    table = pd.concat([totals, by_product], axis=1)
    order = np.argsort(-room.sum(axis=1), kind="stable")
    return table.iloc[order].reset_index(drop=True)


def heat_map(book: Book, white: WhiteSpace, products: Products | None) -> pd.DataFrame:
    """The accounts with the most white space, one row an account and product: account, product, room, held, order."""
    room = white.upsell + white.cross_sell
    top = np.argsort(-room.sum(axis=1), kind="stable")[:SHOWN]
    held = np.ones_like(room, dtype=bool) if products is None else products.paid > 0
    names = [book.account_name[row] for row in top]
    return pd.DataFrame(
        {
            "account": np.repeat(np.array(names, dtype=object), len(white.products)),
            "account_id": np.repeat(np.array([book.account_id[row] for row in top], dtype=object), len(white.products)),
            "product": list(white.products) * len(top),
            "room": room[top].ravel(),
            "kind": np.where(held[top].ravel(), "upsell: holds it", NOT_HELD),
            "order": np.repeat(np.arange(len(top)), len(white.products)),
        }
    )


def finding(book: Book, white: WhiteSpace) -> str:
    """The title of the heat map."""
    room = (white.upsell + white.cross_sell).sum(axis=1)
    top = np.sort(room)[::-1][:SHOWN].sum()
    count = min(SHOWN, len(book))
    return f"{money(float(top))} of {money(float(room.sum()))} of white space is in {count} accounts"
