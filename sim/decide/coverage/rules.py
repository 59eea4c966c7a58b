"""What is wrong with a matrix, a small rule each; what it costs is found elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sim.decide.coverage.matrix import ACCOUNTABLE, RESPONSIBLE, Cell, Coverage, Pay, Stage

MOST_HANDS = 2
"""Teams that can be responsible for a stage, or accountable, before nobody knows whose turn it is."""

NO_OWNER = "Nobody accountable"
TWO_OWNERS = "Two accountable"
UNPAID_OWNER = "Owner without an incentive"
HIDDEN = "Hidden dependency"
OVERLAP = "Overlap"
CROWD = "Too many cooks"
PAID_FOR_OTHERS = "Paid for what others do"

By = dict[str, Cell]


@dataclass(frozen=True)
class Finding:
    """rule: its name. stage: empty where it is about several. teams: whom it is about. says: in a sentence.

    dollars: USD a year, None where the simulation has nothing to say. error: standard error of it, where it comes from
    trials. how: how dollars were found and what that assumes, or why there are none.
    """

    rule: str
    stage: str
    teams: tuple[str, ...]
    says: str
    dollars: float | None = None
    error: float | None = None
    how: str = ""


def owners(by: By) -> list[str]:
    """Teams accountable for a stage."""
    return [name for name, cell in by.items() if ACCOUNTABLE in cell.letters]


def needed(by: By) -> set[str]:
    """Teams that a stage takes: those at work on it, and those that they depend on."""
    at_work = {name: cell for name, cell in by.items() if cell.works}
    return set(at_work) | {other for cell in at_work.values() for other in cell.depends_on}


def idle_pay(by: By) -> dict[str, Pay]:
    """What is paid at a stage to teams that it does not take."""
    taken = needed(by)
    return {name: cell.pay for name, cell in by.items() if cell.pay is not None and name not in taken}


# --- a rule each --------------------------------------------------------------------------------------------------


def no_owner(stage: Stage, by: By) -> Iterator[Finding]:
    if not owners(by):
        hands = [name for name, cell in by.items() if RESPONSIBLE in cell.letters]
        works = "works" if len(hands) == 1 else "work"
        aside = f" {_and(hands)} {works} on it, but nobody answers for the result." if hands else ""
        yield Finding(NO_OWNER, stage.name, tuple(hands), f"Nobody is accountable for {stage.name}.{aside}")


def two_owners(stage: Stage, by: By) -> Iterator[Finding]:
    if len(found := owners(by)) > 1:
        both = "both" if len(found) == 2 else "all"
        says = f"{_and(found)} are {both} accountable for {stage.name}: each can wait for the other."
        yield Finding(TWO_OWNERS, stage.name, tuple(found), says)


def unpaid_owner(stage: Stage, by: By) -> Iterator[Finding]:
    for name in owners(by):
        if by[name].pay is None:
            says = f"{name} is accountable for {stage.name}, and nothing in its pay hangs on it."
            yield Finding(UNPAID_OWNER, stage.name, (name,), says)


def hidden_dependency(stage: Stage, by: By) -> Iterator[Finding]:
    """An owner depends on whom it says, and on whoever is responsible beside it."""
    for owner in owners(by):
        for name, cell in by.items():
            listed = name in by[owner].depends_on
            beside = name != owner and RESPONSIBLE in cell.letters and ACCOUNTABLE not in cell.letters
            if (listed or beside) and cell.pay is None:
                says = f"{owner} depends on {name} for {stage.name}, and the pay of {name} ignores it."
                yield Finding(HIDDEN, stage.name, (owner, name), says)


def overlap(stage: Stage, by: By) -> Iterator[Finding]:
    for name, pay in idle_pay(by).items():
        says = f"{name} gets {pay_words(pay)} for {stage.name} without being responsible, accountable or depended on."
        yield Finding(OVERLAP, stage.name, (name,), says)


def crowd(stage: Stage, by: By) -> Iterator[Finding]:
    hands = [name for name, cell in by.items() if cell.works]
    if len(hands) > MOST_HANDS:
        says = f"{len(hands)} teams work on {stage.name}: {_and(hands)}. Each hand-over can lose the customer."
        yield Finding(CROWD, stage.name, tuple(hands), says)


def paid_for_others(coverage: Coverage) -> Iterator[Finding]:
    """A team paid at two stages or more and needed at none of them."""
    idle = [(stage.name, idle_pay(by)) for stage, by in coverage.rows()]
    for team, column in zip(coverage.teams, zip(*coverage.cells, strict=True), strict=True):
        paid = sum(cell.pay is not None for cell in column)
        stages = [stage for stage, pays in idle if team.name in pays]
        if paid == len(stages) > 1:
            says = f"{team.name} is paid for {_and(stages)}, and has a part in none of them."
            yield Finding(PAID_FOR_OTHERS, "", (team.name,), says)


STAGE_RULES: tuple[Callable[[Stage, By], Iterator[Finding]], ...] = (
    no_owner,
    two_owners,
    unpaid_owner,
    hidden_dependency,
    overlap,
    crowd,
)


def findings(coverage: Coverage) -> list[Finding]:
    """All that the rules find, stage by stage."""
    of_stages = [found for stage, by in coverage.rows() for rule in STAGE_RULES for found in rule(stage, by)]
    return [*of_stages, *paid_for_others(coverage)]


def pay_words(pay: Pay) -> str:
    """As it stands in a sentence."""
    rate = f"{100.0 * pay.rate:.4g} %"
    return {
        "share": f"{rate} of its variable pay",
        "commission": f"a commission of {rate}",
        "quota relief": f"quota relief worth {rate}",
    }[pay.kind]


def _and(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
