"""Mappings remembered by the header of the file that they were made for, in the session and as a TOML file."""

from __future__ import annotations

from collections.abc import Mapping as Keyed
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sim.book.intake.mapping import Mapping, Match
from sim.problems import InputError, Problem
from sim.toml import read_toml

MAX_BYTES = 200_000
MAX_KEYS = 50_000
MOST = 100
"""Headers remembered; the oldest is forgotten first."""

Memory = Keyed[str, Mapping]
"""By `Sheet.header_digest`."""

_Text = Annotated[str, Field(max_length=300)]


class _Match(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    column: _Text
    header: _Text = ""
    constant: _Text = ""
    monthly: bool = False


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    header: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    kind: Literal["accounts", "team", "history", "subscriptions", "churn"]
    match: Annotated[list[_Match], Field(max_length=100)]


class _Memory(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    file: Annotated[list[_File], Field(max_length=MOST)]


def remember(memory: Memory, header_digest: str, mapping: Mapping) -> dict[str, Mapping]:
    """The memory with this mapping as its latest."""
    others = {digest: known for digest, known in memory.items() if digest != header_digest}
    return dict([*others.items(), (header_digest, mapping)][-MOST:])


def memory_to_toml(memory: Memory) -> str:
    """As a file that `read_memory` gives back; it holds names of columns and values for all rows, no row of a book."""
    files = [
        {
            "header": digest,
            "kind": mapping.kind,
            "match": [{name: value for name, value in asdict(match).items() if value} for match in mapping.matches],
        }
        for digest, mapping in memory.items()
    ]
    return tomli_w.dumps({"file": files})


def read_memory(source: Path | bytes, name: str = "mapping.toml") -> dict[str, Mapping]:
    """Mappings from a TOML file. Raises InputError with every problem."""
    if isinstance(source, Path):
        name = source.name
    table = read_toml(source, name, MAX_BYTES, MAX_KEYS, "a mapping")
    try:
        read = _Memory.model_validate(table)
    except ValidationError as error:
        places = (".".join(str(step)[:60] for step in found["loc"]) for found in error.errors())
        rule = "is not as a saved mapping has it; save it again"
        raise InputError(Problem(f"{name}, {place}", "", rule) for place in places) from None
    return {
        file.header: Mapping(file.kind, tuple(Match(**match.model_dump()) for match in file.match))
        for file in read.file
    }
