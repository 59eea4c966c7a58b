"""The columns of the files: what each holds, in which bounds, and what an absent one defaults to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "money", "number", "whole", "share", "date"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of accounts.csv, team.csv or history.csv.

    kind: how cells are read; money takes currency signs and thousands separators, share takes 0.85 and 85%.
    low, high: bounds of a number, both allowed; `above_low` leaves the lower one out.
    required: neither the column nor any of its cells may be missing.
    default: stands in where an optional column or cell is empty; None when another column takes its place.
    choices: the only texts allowed, if not any.
    """

    name: str
    kind: Kind
    meaning: str
    example: str
    unit: str = "-"
    low: float = 0.0
    high: float = 0.0
    above_low: bool = False
    required: bool = False
    default: str | float | None = None
    choices: tuple[str, ...] = ()

    @property
    def allowed(self) -> str:
        """What a cell may hold, in words: "from 0 to 1", "above 0, up to 1,000", "a date"."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.kind in ("text", "date"):
            return "a date" if self.kind == "date" else "any text"
        start = f"above {self.low:g}, up to" if self.above_low else f"from {self.low:,.15g} to"
        return f"{start} {self.high:,.15g}" + (", whole" if self.kind == "whole" else "")


MOST_MONEY = 1e12
"""USD a year in one cell; more is a slip of the keyboard."""

ACCOUNT_COLUMNS: tuple[Column, ...] = (
    Column(
        "account_id",
        "text",
        meaning="unique id of the account",
        example="A-0001",
        required=True,
    ),
    Column(
        "account_name",
        "text",
        meaning="name shown in tables",
        example="Wobblefen Kites",
        default="the account_id",
    ),
    Column(
        "csm_id",
        "text",
        meaning="who owns the account: a csm_id of team.csv",
        example="C-01",
        required=True,
    ),
    Column(
        "segment",
        "text",
        meaning="segment, for breakdowns",
        example="Mid-market",
        default="All",
    ),
    Column(
        "arr",
        "money",
        unit="USD a year",
        meaning="annual recurring revenue now",
        example="48200",
        low=0,
        high=MOST_MONEY,
        above_low=True,
        required=True,
    ),
    Column(
        "renewal_date",
        "date",
        meaning="day on which the contract next falls due",
        example="2026-03-31",
        required=True,
    ),
    Column(
        "term_months",
        "whole",
        unit="months",
        meaning="length of each further term",
        example="12",
        low=1,
        high=120,
        default=12.0,
    ),
    Column(
        "renewal_probability",
        "share",
        unit="fraction",
        meaning="chance that it renews when due, under the plan in force; this or health_score",
        example="0.93",
        low=0,
        high=1,
    ),
    Column(
        "health_score",
        "number",
        unit="points",
        meaning="stands in for an empty renewal_probability",
        example="75",
        low=0,
        high=100,
    ),
    Column(
        "upsell_whitespace",
        "money",
        unit="USD a year",
        meaning="more of what it has that it could buy",
        example="9000",
        low=0,
        high=MOST_MONEY,
        default=0.0,
    ),
    Column(
        "cross_sell_whitespace",
        "money",
        unit="USD a year",
        meaning="other products that it could buy",
        example="4500",
        low=0,
        high=MOST_MONEY,
        default=0.0,
    ),
    Column(
        "complexity",
        "number",
        unit="points",
        meaning="work that the account takes, 3 = usual",
        example="3",
        low=1,
        high=5,
        default=3.0,
    ),
    Column(
        "nps",
        "number",
        unit="points",
        meaning="net promoter score",
        example="33",
        low=-100,
        high=100,
        default=33.0,
    ),
    Column(
        "adoption",
        "share",
        unit="fraction",
        meaning="share of seats or features in use",
        example="0.6",
        low=0,
        high=1,
        default=0.6,
    ),
    Column(
        "tenure_months",
        "number",
        unit="months",
        meaning="time as a customer",
        example="24",
        low=0,
        high=1200,
        default=24.0,
    ),
)

TEAM_COLUMNS: tuple[Column, ...] = (
    Column(
        "csm_id",
        "text",
        meaning="unique id of the CSM",
        example="C-01",
        required=True,
    ),
    Column(
        "csm_name",
        "text",
        meaning="name shown in tables",
        example="Ada Thimble",
        default="the csm_id",
    ),
    Column(
        "role",
        "text",
        meaning="job title",
        example="CSM",
        default="CSM",
    ),
    Column(
        "level",
        "text",
        meaning="level, to which a plan may tie the payout period",
        example="senior",
        default="csm",
    ),
    Column(
        "base_salary",
        "money",
        unit="USD a year",
        meaning="base pay; either this or ote in each row",
        example="96000",
        low=0,
        high=MOST_MONEY,
        above_low=True,
    ),
    Column(
        "ote",
        "money",
        unit="USD a year",
        meaning="on-target earnings; either this or base_salary in each row",
        example="120000",
        low=0,
        high=MOST_MONEY,
        above_low=True,
    ),
    Column(
        "skill_retention",
        "number",
        unit="ratio",
        meaning="what a unit of effort on retention achieves, 1 = average",
        example="1",
        low=0,
        high=5,
        default=1.0,
    ),
    Column(
        "skill_upsell",
        "number",
        unit="ratio",
        meaning="the same for upsell",
        example="1.1",
        low=0,
        high=5,
        default=1.0,
    ),
    Column(
        "skill_cross_sell",
        "number",
        unit="ratio",
        meaning="the same for cross-sell",
        example="0.95",
        low=0,
        high=5,
        default=1.0,
    ),
)

EVENTS = ("new", "churn", "contraction", "price_decrease", "price_increase", "upsell", "cross_sell", "renewal")
"""What can happen to an account's ARR. A renewal changes nothing by itself: what it changes is a row of its own."""

HISTORY_COLUMNS: tuple[Column, ...] = (
    Column(
        "account_id",
        "text",
        meaning="the account, as in accounts.csv; those that have left are only here",
        example="A-0001",
        required=True,
    ),
    Column(
        "date",
        "date",
        meaning="day on which the change took effect",
        example="2025-03-31",
        required=True,
    ),
    Column(
        "event",
        "text",
        meaning="what happened",
        example="contraction",
        required=True,
        choices=EVENTS,
    ),
    Column(
        "arr_change",
        "money",
        unit="USD a year",
        meaning="change of ARR with its sign; the whole ARR when an account comes or leaves, 0 for a renewal",
        example="-4800",
        low=-MOST_MONEY,
        high=MOST_MONEY,
        required=True,
    ),
    Column(
        "segment",
        "text",
        meaning="segment of the account; matters for those that have left",
        example="Mid-market",
        default="the book's, or else Unknown",
    ),
)


SUBSCRIPTION_COLUMNS: tuple[Column, ...] = (
    Column(
        "account_id",
        "text",
        meaning="the account that holds it: an account_id of the accounts file",
        example="A-0001",
        required=True,
    ),
    Column(
        "subscription_id",
        "text",
        meaning="unique id of the subscription; not used in any figure",
        example="S-00017",
        default="none",
    ),
    Column(
        "start_date",
        "date",
        meaning="first day",
        example="2024-04-01",
        required=True,
    ),
    Column(
        "end_date",
        "date",
        meaning="day on which it ended or was cancelled; empty while it runs",
        example="2025-03-31",
        default="still running",
    ),
    Column(
        "arr",
        "money",
        unit="USD a year",
        meaning="what it brings a year",
        example="12000",
        low=0,
        high=MOST_MONEY,
        required=True,
    ),
    Column(
        "term_months",
        "whole",
        unit="months",
        meaning="after how many months it renews: 12, annual, monthly",
        example="12",
        low=1,
        high=120,
        default=12.0,
    ),
    Column(
        "trial",
        "text",
        meaning="true, yes or 1 for what is only tried out: it brings no ARR",
        example="false",
        default="false",
    ),
)


CHURN_COLUMNS: tuple[Column, ...] = (
    Column(
        "account_id",
        "text",
        meaning="the account that left: an account_id of the subscriptions",
        example="A-0001",
        required=True,
    ),
    Column(
        "date",
        "date",
        meaning="day on which it left; its subscriptions without an end ended then",
        example="2025-03-31",
        required=True,
    ),
    Column(
        "reason",
        "text",
        meaning="why; not used in any figure",
        example="price",
        default="none",
    ),
)


def dictionary(columns: Iterable[Column]) -> str:
    """The columns as a Markdown table: the data dictionary of the README and of the help page."""
    lines = [
        "| column | meaning | unit | allowed | if empty | example |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for column in columns:
        default = f"{column.default:g}" if isinstance(column.default, float) else column.default
        empty = "refused" if column.required else default or "see meaning"
        cells = (column.name, column.meaning, column.unit, column.allowed, empty, f"`{column.example}`")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
