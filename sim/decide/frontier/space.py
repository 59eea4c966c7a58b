"""The plan space that a search may walk: which levers move, how far, and the policies that bind all plans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sim.plan.levers import LEVERS, Lever, LeverValue, lever_reason, lever_value, with_lever
from sim.plan.schema import Plan
from sim.problems import InputError, Problem
from sim.words import nearest

Values = Mapping[str, LeverValue]
"""A value for each lever that moves, by its name."""

_LEVER = {lever.name: lever for lever in LEVERS}


@dataclass(frozen=True)
class Move:
    """One lever that may move; a single value is a fixed point.

    low, high: of a slider, in the plan's own unit (0.85, not 85). allowed: of a switch or a choice.
    """

    lever: str
    low: float = 0.0
    high: float = 0.0
    allowed: tuple[str | bool, ...] = ()

    @property
    def is_range(self) -> bool:
        return _LEVER[self.lever].widget == "slider"

    @property
    def points(self) -> int:
        """Values that the lever may take."""
        return 1 + _steps(self) if self.is_range else len(self.allowed)

    def value(self, point: int) -> LeverValue:
        """The value at a point, counted from 0: sliders stop where a person could put them."""
        if not self.is_range:
            return self.allowed[point]
        return round(min(self.low + point * _LEVER[self.lever].step, self.high), 9)

    def holds(self, value: LeverValue) -> bool:
        """Whether the lever may stand there."""
        return self.low <= float(value) <= self.high if self.is_range else value in self.allowed


@dataclass(frozen=True)
class Space:
    """Plans that differ from ``base`` in the levers that move only."""

    base: Plan
    moves: tuple[Move, ...]

    def plan_at(self, values: Values) -> Plan:
        """The base with these levers moved, in the order of the what-if page.

        A lever that the plan does not have with the others so (a cap's height without a cap) is left out.
        Raises InputError for a combination that no plan may have.
        """
        plan = self.base
        for lever in LEVERS:
            if lever.name in values and lever_value(plan, lever.name) is not None:
                plan = with_lever(plan, lever.name, values[lever.name])
        return plan


@dataclass(frozen=True)
class Policy:
    """A rule that every plan of a search keeps: levers and the values that are left to them."""

    name: str
    label: str
    help: str
    allowed: tuple[tuple[str, tuple[str | bool, ...]], ...]


POLICIES: tuple[Policy, ...] = (
    Policy(
        "uncapped",
        "Uncapped",
        "No cap on any pay.",
        (("retention_capped", (False,)), ("expansion_capped", (False,))),
    ),
    Policy(
        "capped",
        "Capped",
        "A cap on retention and on expansion pay; where it lies may move.",
        (("retention_capped", (True,)), ("expansion_capped", (True,))),
    ),
    Policy(
        "quarterly_at_most",
        "Quarterly at most",
        "Nobody waits longer than a quarter for pay.",
        (("period", ("month", "quarter")),),
    ),
    Policy("fitted_quotas", "Fitted quotas", "Every quota fits the CSM's own book.", (("quota_rule", ("fitted",)),)),
    Policy("flat_quotas", "Flat quotas", "The same quotas for everybody.", (("quota_rule", ("flat",)),)),
    Policy("no_gate", "No gate", "Expansion is paid whatever is retained.", (("expansion_gate", (False,)),)),
    Policy("base_kept", "Base pay kept", "Nobody's base pay moves with the mix.", (("hold", ("base",)),)),
)

_USUAL: dict[str, tuple[float, float]] = {
    "variable_share": (0.10, 0.40),
    "retention_weight": (0.30, 0.90),
    "retention_threshold": (0.70, 0.95),
    "retention_cap": (1.0, 3.0),
    "expansion_threshold": (0.0, 0.75),
    "expansion_cap": (1.0, 3.0),
    "accelerator": (1.0, 3.0),
}
_USUAL_CHOICES = ("retention_capped", "expansion_capped", "period", "quota_rule")


def whole(base: Plan, lever: Lever) -> Move | None:
    """Everything that a lever allows on this plan; None when it has no such setting, whatever is switched on."""
    if lever.name not in reachable(base):
        return None
    if lever.widget == "slider":
        return Move(lever.name, lever.low, lever.high)
    values = tuple(value for value, _ in lever.options) if lever.options else (False, True)
    return Move(lever.name, allowed=values)


def reachable(base: Plan) -> list[str]:
    """Levers that this plan has, or has once its switches (caps, gates) are on."""
    switched = base
    for lever in LEVERS:
        if lever.widget == "toggle" and lever_value(switched, lever.name) is False:
            switched = with_lever(switched, lever.name, True)
    return [lever.name for lever in LEVERS if lever_value(switched, lever.name) is not None]


def usual(base: Plan) -> tuple[Move, ...]:
    """What most plans are argued about: mix, weights, thresholds, caps, accelerator, period, quotas; customary ranges.

    A range reaches as far as the base plan where that lies outside it.
    """
    moves = []
    for lever in LEVERS:
        move = whole(base, lever)
        if move is None:
            continue
        if lever.name in _USUAL:
            low, high = _USUAL[lever.name]
            value = lever_value(base, lever.name)
            if isinstance(value, int | float) and lever.low <= value <= lever.high:
                low, high = min(low, value), max(high, value)
            moves.append(replace(move, low=low, high=high))
        elif lever.name in _USUAL_CHOICES:
            moves.append(move)
    return tuple(moves)


def make_space(base: Plan, moves: Iterable[Move], policies: Iterable[str] = ()) -> Space:
    """The space of these moves, bound by these policies (names of POLICIES).

    Policies bind levers that do not move, too. Raises InputError with every problem: unknown policies, policies that
    contradict each other or the moves, levers that the plan lacks, bounds out of range or the wrong way round, and
    nothing left to move.
    """
    rules, problems = _rules(policies)
    bound = {move.lever: move for move in moves}
    for lever, allowed in rules.items():
        before = bound.get(lever)
        if lever not in reachable(base):
            continue  # what the plan does not have keeps every rule
        kept = tuple(value for value in (before.allowed if before else allowed) if value in allowed)
        if not kept:
            rule = "policies and what may move leave no value; allow one that the policies allow"
            problems.append(Problem(_LEVER[lever].label, "", rule))
        bound[lever] = Move(lever, allowed=kept)
    in_order = tuple(bound[lever.name] for lever in LEVERS if lever.name in bound)
    problems += [problem for name in bound if (problem := _wrong(base, bound[name])) is not None]
    if not problems and all(move.points <= 1 for move in in_order):
        rule = "at least one must have more than one value; widen a range"
        problems.append(Problem("Levers that may move", "", rule))
    if problems:
        raise InputError(problems)
    return Space(base, in_order)


def _rules(names: Iterable[str]) -> tuple[dict[str, tuple[str | bool, ...]], list[Problem]]:
    """Values left to each lever by all policies together."""
    known = {policy.name: policy for policy in POLICIES}
    left: dict[str, tuple[str | bool, ...]] = {}
    problems = []
    for name in names:
        if name not in known:
            rule = f"must be one of {', '.join(known)}; the nearest is '{nearest(name, known)}'"
            problems.append(Problem("policy", name, rule))
            continue
        for lever, allowed in known[name].allowed:
            left[lever] = tuple(value for value in left.get(lever, allowed) if value in allowed)
    return left, problems


def _wrong(base: Plan, move: Move) -> Problem | None:
    if move.lever not in _LEVER:
        rule = f"is not a lever; the nearest is '{nearest(move.lever, _LEVER)}'"
        return Problem(f"lever {move.lever}", "", rule)
    lever = _LEVER[move.lever]
    if move.lever not in reachable(base):
        reason = lever_reason(base, move.lever).rstrip(".")
        return Problem(lever.label, "", f"cannot move: {reason[:1].lower()}{reason[1:]}")
    if lever.widget != "slider":
        return None
    if not (lever.low <= move.low <= lever.high and lever.low <= move.high <= lever.high):
        return Problem(lever.label, f"{move.low:g} to {move.high:g}", f"must be from {lever.low:g} to {lever.high:g}")
    if move.low > move.high:
        return Problem(lever.label, f"{move.low:g} to {move.high:g}", "must not begin above its end")
    return None


def _steps(move: Move) -> int:
    """Whole steps of the lever from low to high; a last, shorter one counts."""
    lever = _LEVER[move.lever]
    return max(0, -int(-(round((move.high - move.low) / lever.step, 6)) // 1))
