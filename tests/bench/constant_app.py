"""The app with the engine's answer held constant: the floor that the what-if page is compared with."""

from __future__ import annotations

import runpy
from pathlib import Path

from pages.parts import compute

_real = compute.run_plan
_held: dict[str, object] = {}


def _constant(scenario, book, plan):  # type: ignore[no-untyped-def]  # the signature of compute.run_plan
    which = "current" if plan == scenario.current else "candidate"
    if which not in _held:
        _held[which] = _real(scenario, book, plan)
    return _held[which]


compute.run_plan = _constant
runpy.run_path(str(Path(__file__).parents[2] / "app.py"))
