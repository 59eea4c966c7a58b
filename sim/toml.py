"""Tables from TOML that somebody brings: read within bounds, and refused in a sentence."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from sim.problems import InputError, Problem

MOST_PARTS = 30
"""Of a dotted key. Reading one takes the square of its parts."""
LONGEST_REASON = 200
_PART = r"""(?:[\w-]++|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*"""
_DOTTED = re.compile(rf"(?<![\w-])(?:{_PART}){{{MOST_PARTS}}}")


def read_toml(source: Path | str | bytes, name: str, most: int, most_keys: int, what: str) -> dict[str, Any]:
    """The table that TOML holds; its whole numbers have at most 64 bits. most: bytes. what: "a plan", for sentences.

    Raises InputError: unreadable, too large, not UTF-8, or not TOML.
    """
    if isinstance(source, Path):
        source = _file_content(source, most)
    content = source.encode(errors="surrogatepass") if isinstance(source, str) else source
    if len(content) > most:
        raise InputError([Problem(name, "", f"must be smaller than {most // 1000} kB, as {what} is")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        rule = "is not UTF-8 text; save the file with the encoding UTF-8"
        raise InputError([Problem(f"{name}, line {line}", "", rule)]) from None
    table = None if _DOTTED.search(text) else _parsed(text, name)
    if table is None or not _reasonable(table, most_keys):
        raise InputError([Problem(name, "", f"has brackets, keys or numbers that {what} never needs")])
    return table


def _file_content(path: Path, most: int) -> bytes:
    try:
        # No more than one byte too many, whatever the path leads to.
        with path.open("rb") as file:
            return file.read(most + 1)
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        raise InputError([Problem(path.name, "", f"cannot be read ({reason})")]) from None


def _parsed(text: str, name: str) -> dict[str, Any] | None:
    """None for what is beyond Python's own limits: brackets in brackets by the thousand, thousands of digits."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError([_syntax_problem(str(error), text, name)]) from None
    except (RecursionError, ValueError):
        return None


def _reasonable(table: dict[str, Any], most_keys: int) -> bool:
    """Whether there are no more keys than that, and no number that TOML does not promise to hold."""
    keys, left = 0, [table]
    while left:
        value: Any = left.pop()
        if isinstance(value, dict):
            keys += len(value)
            left += value.values()
        elif isinstance(value, list):
            left += value
        elif isinstance(value, int) and not -(2**63) <= value < 2**63:
            return False
    return keys <= most_keys


def _syntax_problem(message: str, text: str, name: str) -> Problem:
    place = re.search(r" \(at line (\d+), column \d+\)$", message)
    reason = (message[: place.start()] if place else message.removesuffix(" (at end of document)")).rstrip(".")
    reason = reason[:1].lower() + reason[1:LONGEST_REASON]
    rule = f"is not TOML ({reason}); text goes in quotes, numbers look like 0.85 (neither 85% nor .85)"
    if place is None:
        return Problem(f"{name}, at its end" if "end of document" in message else name, "", rule)
    number = int(place[1])
    return Problem(f"{name}, line {number}", text.split("\n")[number - 1].strip(), rule)
