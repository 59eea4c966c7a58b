"""The search as small tables and sentences: what may move, what was found, what was luck."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.decide.frontier.figures import Figures, Glimpse, Limit
from sim.decide.frontier.finalists import Frontier, Offer
from sim.decide.frontier.front import costs_of, non_dominated
from sim.decide.frontier.space import Move, reachable, whole
from sim.plan.levers import LEVERS, Lever, LeverValue, lever_value
from sim.plan.schema import Plan
from sim.problems import InputError, Problem
from sim.words import money, percent

DOTS = 500
"""Screened plans drawn: enough to see where plans lie."""
TODAY = "Plan in force"


# --- what may move --------------------------------------------------------------------------------------


def move_table(base: Plan, moves: Sequence[Move]) -> pd.DataFrame:
    """A row for each lever that this plan can have, to be ticked and bounded by a person.

    Columns: name, lever, moves (ticked), low, high (in ``unit``; NaN for a switch or a choice), unit, now, values (of a
    switch or a choice, in words).
    """
    ticked = {move.lever: move for move in moves}
    rows = []
    for lever in LEVERS:
        if lever.name not in reachable(base):
            continue
        move = ticked.get(lever.name) or whole(base, lever)
        assert move is not None
        hundred = 100.0 if lever.unit == "%" else 1.0
        bounds = (round(move.low * hundred, 6), round(move.high * hundred, 6)) if move.is_range else (np.nan, np.nan)
        rows.append(
            {
                "name": lever.name,
                "lever": lever.label,
                "moves": lever.name in ticked,
                "low": bounds[0],
                "high": bounds[1],
                "unit": lever.unit,
                "now": _value_in_words(lever, lever_value(base, lever.name)),
                "values": ", ".join(_value_in_words(lever, value) for value in move.allowed),
            }
        )
    return pd.DataFrame(rows)


def moves_of(base: Plan, table: pd.DataFrame) -> list[Move]:
    """The moves that such a table asks for. Raises InputError when a bound is missing."""
    moves: list[Move] = []
    problems: list[Problem] = []
    rows = table.set_index("name")
    for lever in LEVERS:
        if lever.name not in rows.index or not bool(rows["moves"][lever.name]):
            continue
        if lever.widget != "slider":
            move = whole(base, lever)
            moves += [move] if move else []
            continue
        low, high = float(rows["low"][lever.name]), float(rows["high"][lever.name])
        if not (np.isfinite(low) and np.isfinite(high)):
            problems.append(Problem(lever.label, "", "needs both ends of its range; fill in From and To"))
            continue
        hundred = 100.0 if lever.unit == "%" else 1.0
        moves.append(Move(lever.name, round(low / hundred, 9), round(high / hundred, 9)))
    if problems:
        raise InputError(problems)
    return moves


def _value_in_words(lever: Lever, value: LeverValue | None) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str):
        return dict(lever.options)[value]
    return (
        percent(value, 0) if lever.unit == "%" else f"{value:g}{'' if lever.unit == 'x' else ' '}{lever.unit}".strip()
    )


# --- what was found -------------------------------------------------------------------------------------


def cloud(glimpse: Glimpse, limit: Limit) -> pd.DataFrame:
    """Screened plans within the limit, as differences from the plan in force on the same luck.

    Columns: cost (USD, of a bad year), arr (USD a year), gap (fraction), part: "leader" for those that no other beats
    so far, "tried" for the rest, of which at most DOTS are kept, evenly.
    """
    within = [item.figures for item in glimpse.tried if limit.excess(item.figures) == 0.0]
    leads = non_dominated(costs_of(within))
    rest = np.flatnonzero(~leads)
    rest = rest[:: max(1, -(-len(rest) // DOTS))]
    chosen = np.concatenate([rest, np.flatnonzero(leads)])
    return _points(
        [within[place] for place in chosen], glimpse.now, np.where(leads[chosen], "leader", "tried").tolist()
    )


def offer_points(frontier: Frontier) -> pd.DataFrame:
    """The plans offered, numbered, and the plan in force at nought, on fresh luck.

    Columns as in ``cloud``, and label and name.
    """
    figures = [offer.fresh for offer in frontier.offers]
    table = _points([*figures, frontier.fresh], frontier.fresh, ["offer"] * len(figures) + ["today"])
    numbers = [str(number + 1) for number in range(len(figures))]
    return table.assign(label=[*numbers, TODAY], name=[*(offer.plan.name for offer in frontier.offers), TODAY])


def _points(figures: Sequence[Figures], now: Figures, parts: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "cost": [item.cost_p90 - now.cost_p90 for item in figures],
            "arr": [item.retained_arr - now.retained_arr for item in figures],
            "gap": [item.pay_gap for item in figures],
            "part": parts,
        }
    )


def offer_table(frontier: Frontier) -> pd.DataFrame:
    """One row a plan, the plan in force last: figures on fresh luck, and what the search had promised.

    USD, USD a year, fractions. Changes are from the plan in force; those of ARR and cost are paired means with the
    percentiles of single trials.
    """
    rows = [
        {
            "number": number,
            "plan": offer.plan.name,
            "cost_p90": offer.fresh.cost_p90,
            "cost_p90_change": offer.fresh.cost_p90 - frontier.fresh.cost_p90,
            "retained_arr": offer.fresh.retained_arr,
            "retained_change": offer.retained.mean,
            "retained_p5": offer.retained.p5,
            "retained_p95": offer.retained.p95,
            "retained_promised": offer.promised_retained.mean,
            "cost_p90_promised": offer.promised.cost_p90 - frontier.promised.cost_p90,
            "pay_gap": offer.fresh.pay_gap,
            "pay_gap_promised": offer.promised.pay_gap,
            "over": offer.fresh.over,
            "over_promised": offer.promised.over,
        }
        for number, offer in enumerate(frontier.offers, start=1)
    ]
    now, then = frontier.fresh, frontier.promised
    rows.append(
        {
            "number": 0,
            "plan": TODAY,
            "cost_p90": now.cost_p90,
            "cost_p90_change": 0.0,
            "retained_arr": now.retained_arr,
            "retained_change": 0.0,
            "retained_p5": 0.0,
            "retained_p95": 0.0,
            "retained_promised": 0.0,
            "cost_p90_promised": 0.0,
            "pay_gap": now.pay_gap,
            "pay_gap_promised": then.pay_gap,
            "over": now.over,
            "over_promised": then.over,
        }
    )
    return pd.DataFrame(rows)


def finding(frontier: Frontier) -> str:
    """What the search comes to, in one sentence."""
    n = len(frontier.offers)
    if not n:
        if frontier.within:
            return (
                f"No plan stays within {percent(frontier.limit.most_over, 0)} over budget on fresh luck, though "
                f"{frontier.within:,} seemed to: raise the budget a little, or accept a higher chance"
            )
        return (
            f"No plan stays within {percent(frontier.limit.most_over, 0)} over a budget of "
            f"{money(frontier.limit.budget)}: the nearest of {frontier.screened.tries:,} exceeds it in "
            f"{percent(frontier.least_over, 0)} of trials"
        )
    cheaper = [offer for offer in frontier.offers if _both_better(offer, frontier.fresh)]
    lead = f"{_count(n)} out of {frontier.screened.tries:,} that no other beats"
    if cheaper:
        best = max(cheaper, key=lambda offer: offer.retained.mean)
        saved = frontier.fresh.cost_p90 - best.fresh.cost_p90
        return (
            f"{lead}; plan {frontier.offers.index(best) + 1} keeps {money(best.retained.mean)} more ARR than today and "
            f"costs {money(saved)} less in a bad year"
        )
    best = max(frontier.offers, key=lambda offer: offer.retained.mean)
    if not best.retained.clear or best.retained.mean <= 0.0:
        return f"{lead}; none can be told to keep more ARR than the plan in force"
    return f"{lead}; to keep more ARR than today costs more in a bad year"


def _count(n: int) -> str:
    return "1 plan" if n == 1 else f"{n} plans"


def _both_better(offer: Offer, now: Figures) -> bool:
    return offer.retained.clear and offer.retained.mean > 0.0 and offer.fresh.cost_p90 < now.cost_p90


def luck_in_words(frontier: Frontier) -> str:
    """The winner's curse: what the plans offered had promised, and what is left on luck that had no say."""
    promised = float(np.mean([offer.promised_retained.mean for offer in frontier.offers]))
    left = float(np.mean([offer.retained.mean for offer in frontier.offers]))
    errors = [np.hypot(o.promised_retained.standard_error, o.retained.standard_error) for o in frontier.offers]
    error = float(np.mean(errors))
    told = f"The plans promised {money(promised, signed=True)} of retained ARR on average"
    left_words = f"on fresh luck it is {money(left, signed=True)}"
    if abs(promised - left) <= 2.0 * error:
        return f"{told}; {left_words}, which these trials cannot tell from what was promised"
    if promised > left:
        return f"{told}; {left_words}: {money(promised - left)} was the luck of being chosen"
    return f"{told}; {left_words}: nothing of it was the luck of being chosen"
