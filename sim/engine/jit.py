"""How the hot loops are compiled: without the GIL, kept on disk, IEEE division (a check for zero stops vectorising)."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def _cache_folder() -> Path | None:
    """A folder for this very source: Numba's own cache would miss a change in a function called from another file."""
    here = Path(__file__).parent
    source = b"".join(path.read_bytes() for path in sorted(here.glob("*.py")))
    root = here.parents[1]
    folder = root / ".numba_cache" / hashlib.sha256(source).hexdigest()[:16]
    return folder if os.access(root, os.W_OK) else None


if "NUMBA_CACHE_DIR" not in os.environ and (folder := _cache_folder()) is not None:
    numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]  # set up at run time by Numba


def compiled(function: F) -> F:
    """Compile on first use; arguments keep their types from call to call, so it happens once."""
    wrapped = numba.njit(nogil=True, cache=True, error_model="numpy")(function)
    return cast(F, wrapped)
