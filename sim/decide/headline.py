"""The headline figures of an answer, written as people read them: on the page, in a document, on a slide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from sim.decide.compare import METRICS, Summary, differences
from sim.engine.outcome import Outcome
from sim.words import money, percent, points


class Row(NamedTuple):
    """name: key of the metric. written: how its values are. more_is_better: which way is good."""

    label: str
    name: str
    written: Callable[[float], str]
    more_is_better: bool
    meaning: str


FIGURES = (
    Row("Plan cost", "plan_cost", money, False, "Base, variable, on-cost and the cost of replacing leavers."),
    Row("Variable pay", "variable_pay", money, False, "Bonus, commission, guarantees and SPIFs."),
    Row("Retained ARR", "retained_arr", money, True, "Opening ARR less churn, contraction and price erosion."),
    Row("GRR", "gross_retention", percent, True, "Retained ARR as a share of opening ARR; never above 100 %."),
    Row("NRR", "net_retention", percent, True, "Closing ARR of the same accounts, expansion included."),
    Row("Expansion", "expansion_arr", money, True, "Upsell and cross-sell ARR closed over the horizon."),
)


class Headline(NamedTuple):
    """One figure of the candidate, of the plan in force, and the mean paired difference, all written out.

    spread: the range that holds 90 % of the trials' differences. error: standard error of the mean difference.
    tone: whether a difference that can be told from zero is for the better; empty for one that cannot.
    """

    label: str
    meaning: str
    candidate: str
    current: str
    change: str
    spread: str
    error: str
    tone: Literal["good", "bad", ""]
    rises: bool


OF_PAY = ("plan_cost", "variable_pay")


def headlines(candidate: Outcome, current: Outcome, *, of_pay: bool = True) -> list[Headline]:
    """The six figures, in their order; without ``of_pay`` those of ARR only."""
    changes = differences(candidate, current)
    return [
        Headline(
            row.label,
            row.meaning,
            row.written(float(METRICS[row.name](candidate).mean())),
            row.written(float(METRICS[row.name](current).mean())),
            _change(changes[row.name], row.written is percent),
            _range(changes[row.name], row.written is percent),
            _error(changes[row.name], row.written is percent),
            _tone(changes[row.name], row.more_is_better),
            changes[row.name].mean > 0,
        )
        for row in FIGURES
        if of_pay or row.name not in OF_PAY
    ]


def _change(change: Summary, rate: bool) -> str:
    return points(change.mean, 2) if rate else money(change.mean, signed=True)


def _range(change: Summary, rate: bool) -> str:
    if rate:
        return f"{100 * change.p5:+z.1f} to {100 * change.p95:+z.1f}"
    # One unit for both ends is in the difference beside it.
    return f"{money(change.p5, signed=True)} to {money(change.p95, signed=True)}".replace("$", "")


def _error(change: Summary, rate: bool) -> str:
    return f"{100 * change.standard_error:.3f} pp" if rate else money(change.standard_error)


def _tone(change: Summary, more_is_better: bool) -> Literal["good", "bad", ""]:
    if not change.clear:
        return ""
    return "good" if (change.mean > 0) == more_is_better else "bad"
