"""What pydantic finds wrong with a plan, in the words of the people who write plans."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sim.plan.schema import Component, Curve, Gate, Plan, Quota, Tier, weights_complaint
from sim.problems import Problem
from sim.words import nearest

# A file has one [[component]] table for each entry of `Plan.components`; the plural is no key of a file.
FILE_KEYS = {"component": "components", "components": "component"}

LONGEST_KEY = 60
"""Characters of a key or word that are looked at when it is unknown."""

_PARTS: dict[tuple[str, ...], type[BaseModel]] = {
    (): Plan,
    ("components",): Component,
    ("components", "quota"): Quota,
    ("components", "curve"): Curve,
    ("components", "curve", "tiers"): Tier,
    ("components", "gate"): Gate,
}


def plan_problems(error: ValidationError, data: Any, where: str) -> list[Problem]:
    """Each error of a plan's validation as one sentence; `data` is what was validated, `where` its name."""
    details = error.errors(include_url=False)
    problems = [_problem(detail, data, where) for detail in details]
    if all(detail["loc"] for detail in details) and (complaint := weights_complaint(_weights(data))):
        # Checks of the whole plan wait until its parts are valid; people want to hear this one at once.
        problems.append(Problem(where, "", complaint))
    return problems


def _weights(data: Any) -> list[float]:
    """Weights as given, where each of them is a legal one."""
    components = data.get("components") if isinstance(data, dict) else None
    parts = components if isinstance(components, list | tuple) else []
    given = [part["weight"] for part in parts if isinstance(part, dict) and "weight" in part]
    legal = all(isinstance(weight, int | float) and 0.0 <= weight <= 1.0 for weight in given)
    return given if legal else []


def _problem(detail: ErrorDetails, data: Any, where: str) -> Problem:
    value = detail["input"]
    shown = "" if isinstance(value, dict | list | tuple | BaseModel) else _as_written(value)
    if detail["type"] == "extra_forbidden":
        shown = ""
    return Problem(_place(detail["loc"], data, where), shown, _rule(detail))


def _as_written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _place(loc: tuple[int | str, ...], data: Any, where: str) -> str:
    """The place as the author of the file knows it: plan.toml, component 2 'Upsell', curve.threshold."""
    groups, keys = [where], list[str]()
    for depth, step in enumerate(loc):
        if isinstance(step, str):
            keys.append((FILE_KEYS.get(step, step) if depth == 0 else step)[:LONGEST_KEY])
            continue
        keys[-1] = f"{keys[-1].removesuffix('s')} {step + 1}"
        if depth == 1:
            keys[-1] += _component_name(data, step)
        groups.append(".".join(keys))
        keys = []
    return ", ".join([*groups, ".".join(keys)] if keys else groups)


def _component_name(data: Any, index: int) -> str:
    part = data["components"][index]
    name = part.get("name") if isinstance(part, dict) else None
    return f" '{name[:LONGEST_KEY]}'" if isinstance(name, str) and name else ""


def _rule(detail: ErrorDetails) -> str:
    """The rule that was broken, in plain words, as the rest of a sentence."""
    kind, context, value = detail["type"], detail.get("ctx", {}), detail["input"]
    match kind:
        case "value_error":
            return str(context["error"])
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return _unknown_key(detail["loc"])
        case "literal_error":
            options = re.findall(r"'([^']*)'", context["expected"])
            hint = f"; the nearest is '{nearest(str(value)[:LONGEST_KEY], options)}'" if len(options) > 4 else ""
            return f"must be one of {', '.join(options)}{hint}"
        case "greater_than_equal":
            return f"must be at least {context['ge']:g}"
        case "greater_than":
            return f"must be above {context['gt']:g}"
        case "less_than_equal":
            return f"must be at most {context['le']:g}{_percent_hint(value, context['le'])}"
        case "less_than":
            return f"must be below {context['lt']:g}{_percent_hint(value, context['lt'])}"
        case "float_parsing" | "float_type":
            percentage = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*%\s*", value) if isinstance(value, str) else None
            example = f"{float(percentage[1]) / 100:g}, not {percentage[1]} %" if percentage else "like 0.85"
            return f"must be a number, {example}"
        case "finite_number":
            return "must be a number, neither infinite nor NaN"
        case "int_parsing" | "int_type" | "int_from_float" | "int_parsing_size":
            return "must be a whole number"
        case "bool_parsing" | "bool_type":
            return "must be true or false"
        case "string_type":
            return "must be text in quotes"
        case "string_too_short":
            return "must not be empty"
        case "string_too_long":
            return f"must be at most {context['max_length']} characters long"
        case "too_long":
            return f"may be given at most {context['max_length']} times"
        case "tuple_type" if detail["loc"] == ("components",):
            return "must be written [[component]], in double brackets, once for each component"
        case "tuple_type":
            return "must be a list in square brackets"
        case "model_type" | "dict_type":
            return "must be a table of keys and values"
        case _:
            message = detail["msg"]
            return message[:1].lower() + message[1:]


def _percent_hint(value: Any, limit: float) -> str:
    """Fractions written as percentages are the usual reason for a number that is too large."""
    share = isinstance(limit, float) and limit <= 20.0
    if share and isinstance(value, int | float) and limit < value <= 100.0 * limit:
        return f"; write {value:g} % as {value / 100:g}"
    return ""


def _unknown_key(loc: tuple[int | str, ...]) -> str:
    here = tuple(step for step in loc[:-1] if isinstance(step, str))
    key = str(loc[-1])
    homes = [part for part, model in _PARTS.items() if key in model.model_fields and part and part != here]
    if homes:
        table = ".".join(("component", *homes[0][1:]))
        return f"belongs in the table '{table}'"
    known = [FILE_KEYS.get(name, name) if not here else name for name in _PARTS[here].model_fields]
    return f"is not a known key; the nearest is '{nearest(key[:LONGEST_KEY], known)}'"
