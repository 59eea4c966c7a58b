"""Lifetime value of customers by segment, gross, net and after cost, in closed form: `FORMULAS`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.book.schema import Book, Floats
from sim.engine.forecast import renewal_risk, uplift_share
from sim.problems import InputError, Problem
from sim.words import money
from sim.world.economics import Economics
from sim.world.parameters import World

TOTAL = "Total"

FORMULAS = """\
A customer at the start of a term of n months pays ARR A and has white space W (upsell and cross-sell). With v the
discount of a month, p the renewal probability, k the share of ARR kept at a renewal and u its price uplift, h the share
of white space sold in a month, S = 1 - (1 - h)^n that sold in a term and w = v (1 - h):

    white space, sum over terms      Z = W / (1 - p (1 - h)^n v^n)
    ARR at the start of terms, sum   X = (A + (k + u) v^n S Z) / (1 - (k + u) v^n)
    revenue                          R = X (1 - v^n) / (12 (1 - v)) + Z [(1 - v^n) / (1 - v) - (1 - w^n) / (1 - w)] / 12
    ARR sold                         B = Z h (1 - w^n) / (1 - w)
    ARR of price increases           U = u v^n (X + S Z)

Upsell and cross-sell each have their own h, S, Z and B, which add up. Gross: margin x R without white space and uplift.
Net: margin x R. After cost: net - CRC x R - CUC x B (upsell) - CEC x (B (cross-sell) + U).
"""
"""Deals, renewals and white space are those of the engine, without its response to pay."""

VALUATION_DEFINITIONS: dict[str, str] = {
    "CAC ratio": "Spent on winning customers, over the ARR of new customers in the same 12 months.",
    "CRC ratio": "Spent on keeping customers, over the ARR kept: opening ARR less logos lost, price erosion and seats "
    "given up.",
    "CEC ratio": "Spent on expansion, over the ARR of cross-sell and price increases.",
    "CUC ratio": "Spent on upsell, over the ARR of upsell.",
    "Lifetime value, gross": "Discounted gross margin of a customer at the start of a term, with what renewals lose "
    "(churn, contraction, price) and no growth.",
    "Lifetime value, net": "The same with price increases and what is sold into the customer's white space.",
    "Lifetime value, after cost": "Net, less what keeping, expanding and upselling cost by the ratios.",
    "Value to CAC": "Lifetime value after cost, over what it costs to win the ARR (CAC ratio x ARR).",
    "Expected lifetime": "Term over the chance of leaving at its end: years, without discount.",
    "Return of a dollar": "ARR that a dollar brings (1 over its cost), times the gross lifetime value of a dollar of "
    "ARR less what keeping it costs. Averages: the next dollar returns less, and much of the ARR would have stayed.",
}


class Value(NamedTuple):
    """Per account, USD, (n_accounts,) each: discounted sums over the whole lifetime.

    revenue: what is paid; upsold, cross_sold, uplift: ARR sold or gained by price, at the time it is.
    """

    revenue: Floats
    upsold: Floats
    cross_sold: Floats
    uplift: Floats


def lifetime(book: Book, world: World, discount_rate: float, *, growth: bool) -> Value:
    """The closed form of `FORMULAS` for each account, at the start of a term.

    growth: with price increases and white space; without, what is paid today less what renewals lose.
    Raises InputError where ARR grows faster than it is discounted.
    """
    risk = renewal_risk(book.renewal_probability, world)
    n = book.term_months
    v = (1.0 + discount_rate) ** (-1.0 / 12.0)
    whole = v**n
    annuity = (1.0 - whole) / (1.0 - v)
    u = risk.expected_uplift * uplift_share(n) if growth else np.zeros(len(book))
    held = (1.0 - risk.expected_loss + u) * whole
    if (held >= 1.0).any():
        rule = "must be above the yearly price increases of accounts that always renew; raise it"
        raise InputError([Problem("discount rate", f"{discount_rate:.1%}", rule)])
    end_of_term, extra, sold = np.zeros(len(book)), np.zeros(len(book)), []
    for space, arrivals, take in (
        (book.upsell_whitespace, world.upsell_arrivals, world.upsell_take),
        (book.cross_sell_whitespace, world.cross_sell_arrivals, world.cross_sell_take),
    ):
        h = min(arrivals / 12.0, 1.0) * take if growth else 0.0
        left = (1.0 - h) ** n
        w = v * (1.0 - h)
        declining = (1.0 - w**n) / (1.0 - w)
        z = space / (1.0 - book.renewal_probability * left * whole)
        end_of_term += (1.0 - left) * z
        extra += z * (annuity - declining) / 12.0
        sold.append(z * h * declining)
    starts = (book.arr + held * end_of_term) / (1.0 - held)
    return Value(
        revenue=starts * annuity / 12.0 + extra,
        upsold=sold[0],
        cross_sold=sold[1],
        uplift=u * whole * (starts + end_of_term),
    )


def value_by_segment(book: Book, world: World, economics: Economics) -> pd.DataFrame:
    """An average customer of each segment, the total last.

    arr, gross, net, after_cost: USD a customer; renewal and term weighted by ARR; lifetime in years (infinite where
    nobody leaves); to_cac: after cost over the cost of winning the ARR, NaN where that is nothing.
    Raises InputError where ARR grows faster than it is discounted.
    """
    steady = lifetime(book, world, economics.discount_rate, growth=False)
    growing = lifetime(book, world, economics.discount_rate, growth=True)
    net = economics.gross_margin * growing.revenue
    cost = economics.crc * growing.revenue + economics.cuc * growing.upsold
    cost = cost + economics.cec * (growing.cross_sold + growing.uplift)
    frame = pd.DataFrame(
        {
            "segment": book.segment,
            "customers": 1,
            "arr": book.arr,
            "renewing": book.arr * book.renewal_probability,
            "months": book.arr * book.term_months,
            "gross": economics.gross_margin * steady.revenue,
            "net": net,
            "after_cost": net - cost,
        }
    )
    sums = frame.groupby("segment", sort=False).sum().sort_values("arr", ascending=False)
    sums.loc[TOTAL] = sums.sum()
    table = sums[["arr", "gross", "net", "after_cost"]].div(sums["customers"], axis=0)
    table.insert(0, "customers", sums["customers"].astype(np.int64))
    table["renewal"] = sums["renewing"] / sums["arr"]
    table["term_months"] = sums["months"] / sums["arr"]
    leaves = 1.0 - table["renewal"]
    table["lifetime"] = (table["term_months"] / 12.0 / leaves.where(leaves > 0)).fillna(np.inf)
    winning = economics.cac * table["arr"]
    table["to_cac"] = table["after_cost"] / winning.where(winning > 0)
    return table.reset_index(names="segment")


def value_per_arr(table: pd.DataFrame, economics: Economics) -> float:
    """Lifetime value of a dollar of ARR, gross, less what keeping it costs: USD per USD a year."""
    total = table.iloc[-1]
    kept = 1.0 - economics.crc / economics.gross_margin
    return float(total["gross"] / total["arr"] * kept)


def value_finding(table: pd.DataFrame) -> str:
    """Of the average customer."""
    total = table.iloc[-1]
    worth = f"Worth {money(float(total['after_cost']))} after cost"
    return worth if pd.isna(total["to_cac"]) else f"{worth}, {total['to_cac']:.1f} times CAC"


def value_picture(table: pd.DataFrame) -> pd.DataFrame:
    """Gross, net and after cost of an average customer, per USD of its ARR, by segment in long form."""
    kinds = {"Gross": "gross", "Net": "net", "After cost": "after_cost"}
    rows = table.iloc[:-1]
    return pd.DataFrame(
        [
            {"segment": segment, "kind": kind, "years": worth / arr, "value": worth, "order": order}
            for order, (segment, arr, *worths) in enumerate(
                zip(rows["segment"], rows["arr"], *(rows[name] for name in kinds.values()), strict=True)
            )
            for kind, worth in zip(kinds, worths, strict=True)
        ]
    )
