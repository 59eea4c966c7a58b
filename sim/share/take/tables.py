"""The tables of a decision, each as its audience may see it."""

from __future__ import annotations

import pandas as pd

from sim.book.schema import Book
from sim.decide.compare import differences, summaries
from sim.decide.headline import FIGURES
from sim.engine.outcome import Outcome
from sim.share.tables import csm_table, segment_table
from sim.share.take.decision import Decision
from sim.share.take.workbook import Kind, Sheet
from sim.words import percent

_OF_SEGMENTS = {
    "segment": "Segment",
    "accounts": "Accounts",
    "arr": "ARR",
    "renewal": "Renewal probability",
    "whitespace": "White space",
}
_OF_GROUPS = {
    "group": "Role",
    "csms": "CSMs",
    "arr": "ARR",
    "retained_now": "Retained ARR in force",
    "expansion_now": "Expansion in force",
    "attainment_now": "Attainment in force",
    "retained_then": "Retained ARR, candidate",
    "expansion_then": "Expansion, candidate",
    "attainment_then": "Attainment, candidate",
}
_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("ARR", "White space", "pay_now", "pay_then", "p10", "p50", "p90"), "usd"),
    **dict.fromkeys((name for name in _OF_GROUPS.values() if name.startswith(("Retained", "Expansion"))), "usd"),
    **dict.fromkeys(("Renewal probability", "Attainment in force", "Attainment, candidate"), "rate"),
    **dict.fromkeys(("attainment_now", "attainment_then", "no_payout"), "rate"),
    "change": "signed_usd",
}


def decision_sheets(
    found: Decision, book: Book, groups: pd.DataFrame, candidate: Outcome, current: Outcome
) -> list[Sheet]:
    """The figures, what was changed and assumed, and the book and its people.

    book, groups: as the stamp's audience may see them, from `redact.visible_book` and `redact.group_table`.
    """
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
    sheets.append(Sheet("Segments", segment_table(book).rename(columns=_OF_SEGMENTS), _KINDS))
    if audience != "summary":
        sheets.append(Sheet("Roles", groups.rename(columns=_OF_GROUPS), _KINDS))
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
