"""A scenario as TOML: everything that a link holds, to be read, kept beside other files, and run by the command line.

A plan is written as the shipped one that it is, by name, or as a table with all its settings. What a file says is
checked as a link is (`read_link`), but not forgiven: a file with anything wrong in it is refused, with every reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import tomli_w

from sim.decide.choice.contenders import MOST_PLANS, named
from sim.decide.picture import CANDIDATE, CURRENT
from sim.engine.run import MODEL_VERSION
from sim.plan.read import PLAN_PRESETS, plan_of, plan_preset, plan_table
from sim.plan.schema import Plan
from sim.problems import SHOWN, InputError, Problem
from sim.share.link import Link, Views, opening
from sim.share.read_link import decode
from sim.share.take.stamp import Stamp
from sim.toml import read_toml
from sim.words import nearest
from sim.world.parameters import ASSUMPTIONS, world_preset

FORMAT = 1
"""Of the keys of the file."""
MOST_BYTES = 1_000_000
MOST_KEYS = 10_000
_NUMBERS = ("seed", "trials", "months")
_ALIKE = ("model", "book", "world", *_NUMBERS)
"""Keys that a link has too."""
_PLANS = ("current", "started_from", "candidate")
KEYS = ("scenario", "model", "book", "fingerprint", "world", *_NUMBERS, "assumptions", "view", *_PLANS, "plans")


class Scenario(NamedTuple):
    """model: version of the model that the file was written with; empty when it does not say."""

    link: Link
    model: str


def scenario_to_toml(link: Link, stamp: Stamp) -> str:
    """The scenario as TOML text; `read_scenario` gives the same link back, to the last bit."""
    usual = world_preset(link.world_name).model_dump()
    changed = {name: value for name, value in link.world.model_dump().items() if value != usual[name]}
    table: dict[str, Any] = {
        "scenario": FORMAT,
        "model": MODEL_VERSION,
        "book": link.sample,
        **({"fingerprint": link.fingerprint} if link.fingerprint else {}),
        "world": link.world_name,
        **{name: getattr(link, name) for name in _NUMBERS},
        **({"assumptions": changed} if changed else {}),
        **({"view": dict(link.views)} if link.views else {}),
        "current": _written(link.current),
        "started_from": _written(link.preset),
        "candidate": _written(link.candidate),
        "plans": [_written(plan) for plan in link.plans],
    }
    about = "".join(f"# {name}: {_one_line(value)}\n" for name, value in stamp.rows)
    return f"# A scenario of the Customer Success compensation simulator.\n{about}\n{tomli_w.dumps(table)}"


def _one_line(text: str) -> str:
    """Of a comment, which ends with its line and holds no control characters."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _written(plan: Plan) -> str | dict[str, Any]:
    return next((name for name in PLAN_PRESETS if plan_preset(name) == plan), "") or plan_table(plan)


def read_scenario(source: Path | str | bytes, name: str = "scenario.toml", views: Views | None = None) -> Scenario:
    """A scenario from a TOML file (a Path), or from TOML text or bytes that problems call ``name``.

    views: what can be looked at, as for links; None where nothing is: then views are not checked, and left out.
    Raises InputError with every problem: unreadable, too large, not TOML, unknown keys, values out of range, bad plans.
    """
    if isinstance(source, Path):
        name = source.name or str(source)
    table = read_toml(source, name, MOST_BYTES, MOST_KEYS, "a scenario")
    reader = _Reader(name, table)
    link = reader.link(views)
    if reader.problems:
        raise InputError(reader.problems)
    return Scenario(link, str(table.get("model", "")))


class _Reader:
    """Takes the file apart; collects what is wrong with it."""

    def __init__(self, name: str, table: dict[str, Any]) -> None:
        self.name, self.table = name, table
        self.problems: list[Problem] = []

    def link(self, views: Views | None) -> Link:
        self._unknown("", self.table, KEYS)
        if self.table.get("scenario", FORMAT) != FORMAT or isinstance(self.table.get("scenario"), bool):
            self._complain("scenario", self.table["scenario"], f"must be {FORMAT}, the format that is known here")
        shown = self._table("view") if views is not None else {}
        assumed = self._table("assumptions")
        self._unknown("assumptions", assumed, ASSUMPTIONS)
        self._unknown("view", shown, views or {})
        pairs = [
            *self._pairs("", {key: self.table[key] for key in _ALIKE if key in self.table}),
            *self._pairs("", {"hash": self.table["fingerprint"]} if "fingerprint" in self.table else {}),
            *self._pairs("assumptions", {key: value for key, value in assumed.items() if key in ASSUMPTIONS}),
            *self._pairs("view", {key: value for key, value in shown.items() if key in (views or {})}),
        ]
        found = decode(pairs, views or {})
        for problem in found.problems:
            where = problem.where.removeprefix("link, ").replace("hash", "fingerprint", 1)
            self.problems.append(replace(problem, where=f"{self.name}, {where}"))
        current = self._plan("current", self.table.get("current"), opening().current)
        preset = self._plan("started_from", self.table.get("started_from"), current)
        return replace(
            found.link,
            current=current,
            preset=preset,
            candidate=self._plan("candidate", self.table.get("candidate"), preset),
            plans=self._plans(),
        )

    def _complain(self, key: str, value: object, rule: str) -> None:
        shown = "" if isinstance(value, dict | list) else repr(value) if not isinstance(value, str) else value
        self.problems.append(Problem(f"{self.name}, {key}", shown[:100], rule))

    def _unknown(self, place: str, table: Iterable[str], known: Iterable[str]) -> None:
        names = list(known)
        for key in table:
            if key not in names:
                where = f"{place}, {key[:60]}" if place else key[:60]
                shown = len(self.problems) < SHOWN  # to look for the nearest of thousands takes seconds
                hint = f"; the nearest is '{nearest(key[:60], names)}'" if names and shown else ""
                self._complain(where, "", f"is not a known key{hint}")

    def _table(self, key: str) -> dict[str, Any]:
        value = self.table.get(key, {})
        if isinstance(value, dict):
            return value
        self._complain(key, value, f"must be a table, [{key}]")
        return {}

    def _pairs(self, place: str, values: dict[str, Any]) -> list[tuple[str, str]]:
        """As a link says them: numbers and words as text."""
        pairs = []
        for key, value in values.items():
            words = key in ("model", "book", "hash", "world") or place == "view"
            right = isinstance(value, str) if words else isinstance(value, int | float) and not isinstance(value, bool)
            if not right:
                rule = "must be text in quotes" if words else "must be a number"
                self._complain(f"{place}, {key}" if place else key.replace("hash", "fingerprint"), value, rule)
            else:
                pairs.append((key, value[:100] if words else repr(value).removesuffix(".0")))
        return pairs

    def _plan(self, key: str, value: object, otherwise: Plan) -> Plan:
        if value is None:
            return otherwise
        found = self._told(lambda: self._plan_of(key, value))
        return found or otherwise

    def _plan_of(self, key: str, value: object) -> Plan:
        if isinstance(value, dict):
            return plan_of(value, f"{self.name}, {key}")
        if isinstance(value, str) and value in PLAN_PRESETS:
            return plan_preset(value)
        text = value if isinstance(value, str) else ""
        hint = f"; the nearest is '{nearest(text[:60], PLAN_PRESETS)}'" if text else ""
        rule = f"must be a table with the settings of a plan, or the name of a shipped one{hint}"
        raise InputError([Problem(f"{self.name}, {key}", text[:100], rule)])

    def _plans(self) -> tuple[Plan, ...]:
        values = self.table.get("plans")
        if values is None:
            return opening().plans
        if not isinstance(values, list) or len(values) > MOST_PLANS:
            self._complain("plans", values, f"must be a list of at most {MOST_PLANS} plans")
            return ()
        plans: list[Plan] = []
        for number, value in enumerate(values, 1):
            key = f"plans, number {number}"
            plan = self._told(lambda key=key, value=value: self._plan_of(key, value))  # type: ignore[misc]
            if plan is not None:
                taken = [CANDIDATE, CURRENT, *(other.name for other in plans)]
                fit = self._told(lambda plan=plan, taken=taken: named(plan, plan.name, taken), key)  # type: ignore[misc]
                plans += [fit] if fit else []
        return tuple(plans)

    def _told(self, read: Callable[[], Plan], place: str = "") -> Plan | None:
        """None, with the problems noted, for what raises InputError. place: of the problems, where they do not say."""
        try:
            return read()
        except InputError as error:
            for problem in error.problems:
                where = f"{self.name}, {place}: {problem.where}" if place else problem.where
                self.problems.append(replace(problem, where=where))
        return None
