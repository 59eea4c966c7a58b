"""Plans as TOML: read and checked, written back, and the shipped presets."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import ValidationError

from sim.plan.complaints import FILE_KEYS, plan_problems
from sim.plan.schema import Plan
from sim.problems import InputError, Problem
from sim.words import nearest

MAX_BYTES = 100_000
"""Plans are a page of text; anything larger is not a plan."""

PLAN_PRESETS: tuple[str, ...] = (
    "current_80_20",
    "at_risk_80_20",
    "at_risk_70_30",
    "retention_referral",
    "bonus_commission_mix",
    "commission_uncapped",
    "corporate_mbo",
    "salary_spiffs",
    "customer_outcomes",
    "posthog",
    "flowfuse",
)
"""Shipped plans: the plan in force first, then by how much they bet on pay, then the published ones."""

_PRESET_FOLDER = Path(__file__).parent / "presets"


def read_plan(source: Path | str | bytes, name: str = "plan.toml") -> Plan:
    """A plan from a TOML file (a Path), or from TOML text or bytes that problems call `name`.

    Raises InputError with every problem: unreadable, too large, not UTF-8, not TOML, or not a valid plan.
    """
    if isinstance(source, Path):
        name = source.name or str(source)
    return plan_of(read_toml(source, name, MAX_BYTES, "a plan"), name)


def read_toml(source: Path | str | bytes, name: str, most: int, what: str) -> dict[str, Any]:
    """The table that TOML holds. most: bytes of it. what: "a plan", for the sentence when there are more.

    Raises InputError: unreadable, too large, not UTF-8, or not TOML.
    """
    if isinstance(source, Path):
        source = _file_content(source, most)
    content = source.encode(errors="surrogatepass") if isinstance(source, str) else source
    if len(content) > most:
        raise InputError([Problem(name, "", f"must be smaller than {most // 1000} kB, as {what} is")])
    return _parsed(content, name)


def plan_of(table: dict[str, Any], name: str) -> Plan:
    """The plan that a TOML table says. Raises InputError with every problem, each at its place in `name`."""
    data = {FILE_KEYS.get(key, key): value for key, value in table.items()}
    try:
        return Plan.model_validate(data)
    except ValidationError as error:
        raise InputError(plan_problems(error, data, name)) from None


def plan_to_toml(plan: Plan) -> str:
    """The plan as TOML text, without the settings at their defaults; `read_plan` gives the same plan back."""
    return tomli_w.dumps(plan_table(plan))


def plan_table(plan: Plan) -> dict[str, Any]:
    """The plan as a TOML table; `plan_of` gives the same plan back."""
    data = plan.model_dump(exclude_defaults=True)
    return {FILE_KEYS.get(key, key): value for key, value in data.items()}


@cache
def plan_preset(name: str) -> Plan:
    """One of PLAN_PRESETS. Raises InputError for an unknown name."""
    if name not in PLAN_PRESETS:
        rule = f"must be one of {', '.join(PLAN_PRESETS)}; the nearest is '{nearest(name, PLAN_PRESETS)}'"
        raise InputError([Problem("plan", name, rule)])
    return read_plan(_PRESET_FOLDER / f"{name}.toml")


def load_plan(name_or_path: str | Path) -> Plan:
    """A preset by its name, or the plan at a path (a file, or anything that ends in .toml).

    Raises InputError.
    """
    path = Path(name_or_path)
    if str(name_or_path) not in PLAN_PRESETS and (path.suffix == ".toml" or path.is_file()):
        return read_plan(path)
    return plan_preset(str(name_or_path))


def _file_content(path: Path, most: int) -> bytes:
    try:
        # No more than one byte too many, whatever the path leads to.
        with path.open("rb") as file:
            return file.read(most + 1)
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        raise InputError([Problem(path.name, "", f"cannot be read ({reason})")]) from None


def _parsed(content: bytes, name: str) -> dict[str, Any]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        rule = "is not UTF-8 text; save the file with the encoding UTF-8"
        raise InputError([Problem(f"{name}, line {line}", "", rule)]) from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError([_syntax_problem(str(error), text, name)]) from None
    except (RecursionError, ValueError):
        # Python's own limits: brackets in brackets by the thousand, whole numbers of thousands of digits.
        raise InputError([Problem(name, "", "has brackets or numbers that no plan needs")]) from None


def _syntax_problem(message: str, text: str, name: str) -> Problem:
    place = re.search(r" \(at line (\d+), column \d+\)$", message)
    reason = (message[: place.start()] if place else message.removesuffix(" (at end of document)")).rstrip(".")
    reason = reason[:1].lower() + reason[1:]
    rule = f"is not TOML ({reason}); text goes in quotes, numbers look like 0.85 (neither 85% nor .85)"
    if place is None:
        return Problem(f"{name}, at its end" if "end of document" in message else name, "", rule)
    number = int(place[1])
    return Problem(f"{name}, line {number}", text.splitlines()[number - 1].strip(), rule)
