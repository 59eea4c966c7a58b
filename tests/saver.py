"""Saves scenarios one after the other, in a process of its own that tests kill."""

from __future__ import annotations

from multiprocessing.connection import Connection
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


def save_for_ever(url: str, author: str, said: Connection) -> None:
    """Says `open`, then the id of each scenario once it is saved, or the sentence why it is not."""
    store = open_store(url)
    member = Member("acme", author)
    said.send("open")
    while True:
        try:
            said.send(save_scenario(store, member, title="T", note=NOTE, pairs=PAIRS, report=REPORT))
        except InputError as error:
            said.send(f"refused: {error}")
