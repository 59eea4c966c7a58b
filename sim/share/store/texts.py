"""Texts that people write: kept as they are, bounded, and refused where no database could hold them."""

from __future__ import annotations

from sim.problems import Problem


def complaints(where: str, text: str, most: int, *, required: bool = False) -> list[Problem]:
    """What is wrong with a text. most: characters."""
    found = []
    if required and not text.strip():
        found.append(Problem(where, "", "must not be empty"))
    if len(text) > most:
        found.append(Problem(where, "", f"must have at most {most:,} characters (it has {len(text):,})"))
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        found.append(Problem(where, "", "holds a character that cannot be stored; type it again"))
    return found
