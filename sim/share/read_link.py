"""What a link says, read as any other input: piece by piece, with a sentence for each that cannot be used."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

from sim.book.samples import SAMPLES
from sim.decide.choice.contenders import MOST_PLANS, named
from sim.decide.picture import CANDIDATE, CURRENT
from sim.engine.run import MAX_MONTHS, MONTHS, TRIALS
from sim.plan.levers import LEVERS, Lever, LeverValue, with_lever
from sim.plan.read import PLAN_PRESETS, plan_preset
from sim.plan.schema import Plan
from sim.problems import InputError, Problem
from sim.share.link import LONGEST, MOST_SEED, MOST_TRIALS, VERSION, Link, Views, opening
from sim.share.packed import MARK, unpack
from sim.words import nearest
from sim.world.parameters import ASSUMPTIONS, WORLD_PRESETS, World, world_preset

MOST_DIGITS = 30
MOST_NAMED = 3
"""Unknown settings that are named before the rest is only counted."""
_WHOLE = re.compile(r"[0-9]{1,10}")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]{1,3})?")
_MODEL = re.compile(r"([0-9]{1,4}(\.[0-9]{1,4}){0,2})?")
_HASH = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Decoded:
    """What could be read of a link, the opening for the rest, and a sentence for each thing that could not.

    model: version of the model that the link was made with; empty when it does not say.
    """

    link: Link
    model: str
    problems: tuple[Problem, ...]


def decode(pairs: Iterable[tuple[str, str]], views: Views) -> Decoded:
    """The link that these pairs say, read with what can be looked at. Never raises, whatever it is given."""
    given = tuple(pairs)
    if sum(len(key) + len(value) + 2 for key, value in given) > LONGEST:
        rule = f"is longer than the {LONGEST:,} characters of any link of this app: nothing of it was used"
        return Decoded(opening(), "", (Problem("link", "", rule),))
    reader = _Reader({key: value for key, value in given if key != "vs"})
    for key, times in Counter(key for key, _ in given if key != "vs").items():
        if times > 1:
            reader.complain(key, "", f"stands there {times} times; the last one counts")
    model = reader.version()
    sample, fingerprint = reader.book()
    current, preset, candidate = reader.plans()
    world_name, world = reader.world()
    link = Link(
        sample=sample,
        fingerprint=fingerprint,
        current=current,
        preset=preset,
        candidate=candidate,
        world_name=world_name,
        world=world,
        seed=reader.whole("seed", 0, MOST_SEED, opening().seed),
        trials=reader.whole("trials", 1, MOST_TRIALS, TRIALS),
        months=reader.whole("months", 1, MAX_MONTHS, MONTHS),
        plans=reader.listed([value for key, value in given if key == "vs"]),
        views={key: shown for key, options in views.items() if (shown := reader.view(key, options)) != options[0]},
    )
    reader.complain_of_the_rest()
    return Decoded(link, model, tuple(reader.problems))


@dataclass
class _Reader:
    """Takes what it knows out of the pairs; collects what is wrong with it."""

    given: dict[str, str]
    problems: list[Problem] = field(default_factory=list)

    def complain(self, key: str, value: str, rule: str) -> None:
        self.problems.append(Problem(f"link, {key[:40]}", value, rule))

    def version(self) -> str:
        text = self.given.pop("v", str(VERSION))
        if not _WHOLE.fullmatch(text) or not 1 <= int(text) <= VERSION:
            self.complain("v", text, f"is not a version of links that is known here; it was read as version {VERSION}")
        model = self.given.pop("model", "")
        if not _MODEL.fullmatch(model):
            self.complain("model", model, "must be the version of a model, like 1.1")
            return ""
        return model

    def book(self) -> tuple[str, str]:
        """Sample and fingerprint."""
        first = opening().sample
        fingerprint = self.given.pop("hash", "")
        if fingerprint and not _HASH.fullmatch(fingerprint):
            self.complain("hash", fingerprint, "must be the 32 digits of a book's fingerprint")
            fingerprint = ""
        return self._one_of("book", self.given.pop("book", first), SAMPLES, "a sample book", first), fingerprint

    def world(self) -> tuple[str, World]:
        first = opening().world_name
        name = self._one_of("world", self.given.pop("world", first), WORLD_PRESETS, "a response to pay", first)
        world = world_preset(name)
        values = {row: value for row in ASSUMPTIONS if (value := self._number(row)) is not None}
        with suppress(InputError):
            return name, world.changed(values)
        for row, value in values.items():
            with self._told(row):
                world = world.changed({row: value})
        return name, world

    def plans(self) -> tuple[Plan, Plan, Plan]:
        """In force, started from, candidate."""
        first = opening()
        current = self._plan("current") or first.current
        moved = {lever: value for lever in LEVERS if (value := self._lever(lever)) is not None}
        started, packed = self._plan("plan"), self._plan("candidate")
        preset = started or current
        candidate = packed or preset
        used = current != first.current or started is not None or packed is not None
        for lever, value in moved.items():
            with self._told(lever.link):
                candidate = with_lever(candidate, lever.name, value)
                used = True
        return (current, preset, candidate) if used else (first.current, first.preset, first.candidate)

    def whole(self, key: str, low: int, high: int, usual: int) -> int:
        text = self.given.pop(key, str(usual))
        if _WHOLE.fullmatch(text) and low <= int(text) <= high:
            return int(text)
        self.complain(key, text, f"must be a whole number from {low} to {high}")
        return usual

    def view(self, key: str, options: tuple[str, ...]) -> str:
        text = self.given.pop(key, options[0])
        return self._one_of(key, text, options, "something to look at", options[0])

    def complain_of_the_rest(self) -> None:
        for key, value in list(self.given.items())[:MOST_NAMED]:
            self.complain(key or "(no name)", value, "is no setting of a link and was left out")
        if len(self.given) > MOST_NAMED:
            rule = f"has {len(self.given) - MOST_NAMED:,} more that are no settings and were left out"
            self.problems.append(Problem("link", "", rule))

    def listed(self, texts: list[str]) -> tuple[Plan, ...]:
        """The list of plans; a single empty text is the empty list."""
        if not texts or texts == [""]:
            return () if texts else opening().plans
        plans: list[Plan] = []
        for text in texts[:MOST_PLANS]:
            plan = self._plan_of("vs", text)
            if plan is not None:
                with self._told("vs"):
                    plans.append(named(plan, plan.name, [CANDIDATE, CURRENT, *(other.name for other in plans)]))
        if len(texts) > MOST_PLANS:
            self.complain("vs", "", f"may stand there {MOST_PLANS} times at most; the first ones count")
        return tuple(plans)

    def _plan(self, key: str) -> Plan | None:
        return self._plan_of(key, self.given.pop(key, None))

    def _plan_of(self, key: str, text: str | None) -> Plan | None:
        if text in PLAN_PRESETS:
            return plan_preset(text)
        if text is not None and text.startswith(MARK):
            with self._told(key):
                return unpack(text)
        elif text is not None:
            self._one_of(key, text, PLAN_PRESETS, "a shipped plan", "")
        return None

    def _lever(self, lever: Lever) -> LeverValue | None:
        if lever.widget == "slider":
            return self._number(lever.link)
        text = self.given.pop(lever.link, None)
        if text is None:
            return None
        words = [word for word, _ in lever.options] or ["on", "off"]
        if text not in words:
            self.complain(lever.link, text, f"must be one of {', '.join(words)}")
            return None
        return text if lever.options else text == "on"

    def _number(self, key: str) -> float | None:
        text = self.given.pop(key, None)
        if text is None:
            return None
        if len(text) > MOST_DIGITS or not _NUMBER.fullmatch(text):
            self.complain(key, text, "must be a number, like 0.3")
            return None
        return float(text)

    def _one_of(self, key: str, text: str, known: Iterable[str], what: str, otherwise: str) -> str:
        if text in known:
            return text
        self.complain(key, text, f"must be {what}; the nearest is '{nearest(text[:40], known)}'")
        return otherwise

    @contextmanager
    def _told(self, key: str) -> Iterator[None]:
        """What is raised within becomes a sentence about this key."""
        try:
            yield
        except InputError as error:
            self.problems += [replace(problem, where=f"link, {key}: {problem.where}") for problem in error.problems]
