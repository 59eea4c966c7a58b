"""Saves scenarios one after the other and prints the id of each once it is saved: `python saver.py URL AUTHOR`."""

from __future__ import annotations

import sys
from typing import Any

from sim.problems import InputError
from sim.share.store.scenarios import save_scenario
from sim.share.store.store import Member, open_store

FIGURE = {"mean": 0.1, "standard_error": None, "p5": -1e-300, "p95": 1.7e308}
REPORT: dict[str, Any] = {
    "model_version": "1.1",
    "seed": 1,
    "trials": 64,
    **{plan: {"retained_arr": FIGURE} for plan in ("candidate", "current", "difference")},
    "csms": [{"csm_id": "C-4711", "expected_pay": 123456.0}],
}
PAIRS = (("v", "1"), ("model", "1.1"), ("vs", ""), ("seed", "7"))
NOTE = "n" * 4_000
"""So that a scenario takes several pages."""


def main(url: str, author: str) -> None:
    store = open_store(url)
    member = Member("acme", author)
    print("open", flush=True)
    while True:
        try:
            saved = save_scenario(store, member, title="T", note=NOTE, pairs=PAIRS, report=REPORT)
        except InputError as error:
            print(f"refused: {error}", flush=True)
        else:
            print(saved, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
