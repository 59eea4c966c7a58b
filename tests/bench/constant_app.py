"""The app with the engine's answer held constant: the floor that the what-if page is compared with."""

from __future__ import annotations

import runpy
from pathlib import Path

from pages.parts import compute

if compute.run_plan.__module__ == compute.__name__:  # this script runs more than once in a process
    real = compute.run_plan
    held: dict[str, object] = {}

    def constant(scenario, plan):  # type: ignore[no-untyped-def]  # the signature of compute.run_plan
        which = "current" if plan == scenario.current else "candidate"
        if which not in held:
            held[which] = real(scenario, plan)
        return held[which]

    compute.run_plan = constant
runpy.run_path(str(Path(__file__).parents[2] / "app.py"))
