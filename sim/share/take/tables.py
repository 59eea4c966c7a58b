"""The tables of a decision, each as its audience may see it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.book.schema import Book
from sim.decide.compare import differences, summaries
from sim.decide.headline import FIGURES
from sim.engine.outcome import Outcome
from sim.share.audience import SMALLEST_GROUP, Audience
from sim.share.report import mean_attainment
from sim.share.tables import csm_table
from sim.share.take.decision import Decision
from sim.share.take.workbook import Kind, Sheet
from sim.words import percent

REST = "Others, together"
_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("ARR", "White space", "pay_now", "pay_then", "p10", "p50", "p90"), "usd"),
    **dict.fromkeys(("Renewal probability", "Attainment in force", "Attainment, candidate"), "rate"),
    **dict.fromkeys(("attainment_now", "attainment_then", "no_payout"), "rate"),
    "change": "signed_usd",
}


def decision_sheets(found: Decision, book: Book, candidate: Outcome, current: Outcome) -> list[Sheet]:
    """The figures, what was changed and assumed, and what of the book and its people the stamp's audience may see."""
    audience = found.stamp.audience
    written: list[Kind] = ["rate" if row.written is percent else "usd" for row in FIGURES]
    sheets = [
        Sheet("Figures", figures(candidate, current), note=found.sentence, of_rows=written),
        Sheet("What changes", pd.DataFrame(found.moved, columns=["Setting", "Candidate", "In force"])),
        Sheet("Assumptions", pd.DataFrame(found.assumed, columns=["Assumption", "Here", "Default"]), note=found.world),
    ]
    if found.worlds:
        worlds = pd.DataFrame(found.worlds, columns=["World", "The candidate", "Mean", "Range"])
        sheets.append(Sheet("What it hangs on", worlds, note=found.hangs_on))
    sheets.append(Sheet("Segments", segments(book, audience), _KINDS))
    if audience != "summary":
        sheets.append(Sheet("Roles", roles(book, candidate, current), _KINDS))
    if audience == "full":
        sheets.append(Sheet("CSMs", csm_table(book, candidate, current), _KINDS))
    return sheets


def figures(candidate: Outcome, current: Outcome) -> pd.DataFrame:
    """The headline figures as numbers: USD, and rates as fractions."""
    then, now, change = summaries(candidate), summaries(current), differences(candidate, current)
    return pd.DataFrame(
        [
            {
                "Figure": row.label,
                "Candidate": then[row.name].mean,
                "In force": now[row.name].mean,
                "Difference": change[row.name].mean,
                "Standard error": change[row.name].standard_error,
                "5 % of trials below": change[row.name].p5,
                "5 % of trials above": change[row.name].p95,
                "Clear of zero": "yes" if change[row.name].clear else "no",
                "What it is": row.meaning,
            }
            for row in FIGURES
        ]
    )


def segments(book: Book, audience: Audience) -> pd.DataFrame:
    """Accounts, ARR (USD a year) and what is to expect of them by segment, the total last.

    Segments that fewer than five CSMs serve are one row, unless the audience may see everything.
    """
    names = book.segment if audience == "full" else merged(book.segment, book.csm.tolist())
    frame = pd.DataFrame(
        {
            "Segment": names,
            "Accounts": 1,
            "ARR": book.arr,
            "weighted": book.arr * book.renewal_probability,
            "White space": book.upsell_whitespace + book.cross_sell_whitespace,
        }
    )
    sums = frame.groupby("Segment", sort=False).sum().sort_values("ARR", ascending=False)
    sums.loc["Total"] = sums.sum()
    sums["Renewal probability"] = sums["weighted"] / sums["ARR"]
    return sums.drop(columns="weighted").astype({"Accounts": int}).reset_index()


def roles(book: Book, candidate: Outcome, current: Outcome) -> pd.DataFrame:
    """CSMs by role, without pay: how many, what they own, mean attainment. Roles of fewer than five are one row."""
    team = book.team
    frame = pd.DataFrame(
        {
            "Role": merged(team.role, range(len(team))),
            "CSMs": 1,
            "Accounts": np.bincount(book.csm, minlength=len(team)),
            "ARR": np.bincount(book.csm, book.arr, minlength=len(team)),
            "Attainment in force": mean_attainment(current),
            "Attainment, candidate": mean_attainment(candidate),
        }
    )
    how = {"CSMs": "sum", "Accounts": "sum", "ARR": "sum", "Attainment in force": "mean"}
    return frame.groupby("Role", sort=False).agg(how | {"Attainment, candidate": "mean"}).reset_index()


def merged(groups: Sequence[str], people: Sequence[int]) -> list[str]:
    """The group of each entry; those with too few people behind them are one, and where that one is still too small,
    the smallest of the others joins it. people: who stands behind each entry."""
    behind: dict[str, set[int]] = {}
    for group, person in zip(groups, people, strict=True):
        behind.setdefault(group, set()).add(person)
    small = {group for group, them in behind.items() if len(them) < SMALLEST_GROUP}
    others = sorted(behind.keys() - small, key=lambda group: len(behind[group]))
    while small and others and len(set().union(*(behind[group] for group in small))) < SMALLEST_GROUP:
        small.add(others.pop(0))
    return [REST if group in small else group for group in groups]
