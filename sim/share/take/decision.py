"""What a decision document says, whatever the file that it becomes: the sentence, the figures, what was assumed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sim.decide.choice.criterion import CRITERIA, WORTH
from sim.decide.compare import summarise
from sim.decide.headline import Headline, headlines
from sim.decide.sensitivity import findings
from sim.decide.sensitivity.information import NET
from sim.decide.sensitivity.worlds import Change
from sim.decide.verdict import range_in_words, verdict
from sim.engine.outcome import Outcome
from sim.plan.changes import lever_changes
from sim.plan.schema import Plan
from sim.share.link import Link
from sim.share.take.stamp import Stamp
from sim.words import exact_money, money
from sim.world.parameters import ASSUMPTIONS, WORLD_PRESETS

TITLE = "Customer Success compensation: a plan against the plan in force"
HOW = (
    "Simulated, not promised: both plans meet the same luck, trial by trial. Differences are means over all trials, "
    "with the range that holds nine tenths of them. A difference in grey cannot be told from zero with so many trials."
)


class Setting(NamedTuple):
    """One setting of both plans, or one assumption and its usual value, written out."""

    label: str
    value: str
    usual: str


class Standing(NamedTuple):
    """What the conclusion is in one of the shipped worlds."""

    world: str
    standing: str
    mean: str
    spread: str


class Decision(NamedTuple):
    """All texts of the document. moved: settings in which the plans differ. assumed: assumptions that differ from the
    defaults. hangs_on: a sentence, empty where it was not worked out, and a row for each shipped world."""

    sentence: str
    candidate: str
    current: str
    figures: tuple[Headline, ...]
    moved: tuple[Setting, ...]
    world: str
    assumed: tuple[Setting, ...]
    hangs_on: str
    worlds: tuple[Standing, ...]
    stamp: Stamp


def decision(
    candidate: Outcome, current: Outcome, link: Link, stamp: Stamp, worlds: Mapping[str, Change] | None = None
) -> Decision:
    """worlds: the paired difference in each shipped world, from `study.side_by_side`."""
    concluded, rows = _worlds(worlds) if worlds else ("", ())
    return Decision(
        sentence=verdict(candidate, current).sentence,
        candidate=_candidate_name(link),
        current=link.current.name,
        figures=tuple(headlines(candidate, current)),
        moved=_moved(link.candidate, link.current),
        world=f"{link.world_name.capitalize()}. {WORLD_PRESETS[link.world_name]}",
        assumed=_assumed(link),
        hangs_on=concluded,
        worlds=rows,
        stamp=stamp,
    )


def _candidate_name(link: Link) -> str:
    if link.candidate == link.current:
        return f"{link.current.name} (unchanged)"
    return link.candidate.name if link.candidate.name != link.current.name else f"{link.candidate.name}, changed"


def _moved(candidate: Plan, current: Plan) -> tuple[Setting, ...]:
    return tuple(Setting(change.label, change.now, change.was) for change in lever_changes(candidate, current))


def _assumed(link: Link) -> tuple[Setting, ...]:
    rows = []
    for row in ASSUMPTIONS.values():
        value = getattr(link.world, row.name)
        if value != row.default:
            rows.append(Setting(row.label, _with_unit(value, row.unit), _with_unit(row.default, row.unit)))
    return tuple(rows)


def _with_unit(value: float, unit: str) -> str:
    if unit == "fraction":
        return f"{100 * value:.4g} %"
    return exact_money(round(100 * value)) if unit == "USD" else f"{value:g} {unit}"


def _worlds(worlds: Mapping[str, Change]) -> tuple[str, tuple[Standing, ...]]:
    criterion = CRITERIA[NET]
    figures = {name: summarise(criterion.figure(change, WORTH)) for name, change in worlds.items()}
    rows = tuple(
        Standing(name.capitalize(), findings.standing(figure), money(figure.mean, signed=True), range_in_words(figure))
        for name, figure in figures.items()
    )
    worth = f" A dollar of ARR counts as ${WORTH:.2f}, a year's gross margin."
    return findings.row_finding(criterion, figures) + worth, rows
