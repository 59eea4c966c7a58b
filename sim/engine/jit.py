"""How the hot loops are compiled: without the GIL, kept on disk, IEEE division (a check for zero stops vectorising).

Arrays passed to a compiled function must not overlap where one of them is written: the compiler is told so, because
LLVM gives up vectorising a loop over more than a few arrays when it has to check that itself.
"""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import llvmlite.binding as llvm
import numba
from numba.core.compiler import Compiler

F = TypeVar("F", bound=Callable[..., object])


def _cache_folder() -> Path | None:
    """A folder for this very source: Numba's own cache would miss a change in a function called from another file."""
    here = Path(__file__).parent
    source = b"".join(path.read_bytes() for path in sorted(here.glob("*.py")))
    root = here.parents[1]
    folder = root / ".numba_cache" / hashlib.sha256(source).hexdigest()[:16]
    return folder if os.access(root, os.W_OK) else None


if "NUMBA_CPU_FEATURES" not in os.environ and platform.machine() in ("x86_64", "AMD64"):
    # Reading a table lane by lane is faster than the gather instruction, which firmware fixes have slowed down.
    numba.config.CPU_NAME = llvm.get_host_cpu_name()  # type: ignore[attr-defined]  # set up at run time by Numba
    numba.config.CPU_FEATURES = f"{llvm.get_host_cpu_features().flatten()},+prefer-no-gather"  # type: ignore[attr-defined]
if "NUMBA_CACHE_DIR" not in os.environ and (folder := _cache_folder()) is not None:
    numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]  # set up at run time by Numba


class _Distinct(Compiler):
    """Numba's own pipeline with its ``noalias`` flag set, for which ``njit`` has no option."""

    def define_pipelines(self) -> Any:
        self.state.flags.noalias = True
        return super().define_pipelines()  # type: ignore[no-untyped-call]


def compiled(function: F) -> F:
    """Compile on first use; arguments keep their types from call to call, so it happens once."""
    wrapped = numba.njit(nogil=True, cache=True, error_model="numpy", pipeline_class=_Distinct)(function)
    return cast(F, wrapped)


def lean(function: F) -> F:
    """As ``compiled``, for what only reads and writes the arrays it is given: without counts of references, which cost
    an atomic step for every slice, tuple and array passed on. It can make no array, nor return one."""
    wrapped = numba.njit(  # type: ignore[call-overload]  # ``_nrt`` is known to Numba, not to its stubs
        nogil=True, cache=True, error_model="numpy", pipeline_class=_Distinct, _nrt=False
    )(function)
    return cast(F, wrapped)
