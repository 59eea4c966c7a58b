"""Plans as TOML: read and checked, written back, and the shipped presets."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import ValidationError

from sim.plan.complaints import FILE_KEYS, plan_problems
from sim.plan.schema import Plan
from sim.problems import InputError, Problem
from sim.toml import read_toml
from sim.words import nearest

MAX_BYTES = 100_000
"""Plans are a page of text; anything larger is not a plan."""
MAX_KEYS = 2_000

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
    return plan_of(read_toml(source, name, MAX_BYTES, MAX_KEYS, "a plan"), name)


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
