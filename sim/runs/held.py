"""How much memory results may take that are kept for whoever asks next: a bound in bytes, not in how many there are."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass

import numpy as np

MEGABYTES = int(os.environ.get("CS_COMP_CACHE_MB", "2048"))
"""For a process: half of it for stages with their luck, a quarter each for luck and for outcomes."""
STAGES, DRAWS, OUTCOMES = (MEGABYTES * share << 18 for share in (2, 1, 1))
"""Bytes of each."""


def weight(thing: object) -> int:
    """Bytes of all arrays in a value: in the fields of dataclasses, in tuples, lists and mappings."""
    if isinstance(thing, np.ndarray):
        return thing.nbytes
    if is_dataclass(thing):
        return sum(weight(getattr(thing, part.name)) for part in fields(thing))
    if isinstance(thing, Mapping):
        return sum(map(weight, thing.values()))
    return sum(map(weight, thing)) if isinstance(thing, tuple | list) else 0


def at_most(bound: int) -> Callable[[object], int]:
    """``weight`` for a cache of that many bytes: what alone is larger fills it, so that at least the last one is
    kept. No weight is 0: nothing is kept for nothing."""
    return lambda thing: min(max(weight(thing), 1), bound)
