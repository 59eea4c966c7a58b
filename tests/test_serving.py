"""The server as others use it: what it says when it fails or is full, and what it writes about that."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from browserless import Tab
from cachetools import LRUCache
from conftest import start_server

from pages.parts import logs
from pages.parts.job import Job
from sim.runs import held

FAULTY = "tests/apps/faulty.py"
PRIVATE = ("Ann", "123456", "in=page", "in=fragment")


@contextmanager
def served(folder: Path, *options: str) -> Iterator[tuple[str, int, Path]]:
    """Host and port of the faulty app, and what it has written."""
    log = folder / "log.txt"
    url, server = start_server(FAULTY, log, *options)
    address = urlsplit(url)
    try:
        yield str(address.hostname), int(address.port or 0), log
    finally:
        server.terminate()
        server.wait(timeout=30)


def lines(log: Path, event: str) -> list[dict[str, Any]]:
    """Lines of one kind. Everything but Streamlit's greeting must be such a line."""
    written = [line for line in log.read_text(encoding="utf-8").splitlines() if line.strip()]
    greeting = [line for line in written if re.match(r" *(You can now view|URL:|Local URL:|Network URL:)", line)]
    told = [json.loads(line) for line in written if line not in greeting]
    return [line for line in told if line["event"] == event]


async def _faults(host: str, port: int) -> list[list[str]]:
    """What the page says where it fails: on the page, in a fragment, and in a fragment that runs again."""
    said = []
    for query in ("in=page", "in=fragment"):
        async with Tab.open(host, port, query) as tab:
            await tab.run()
            said.append([text for text in tab.texts.values() if "reference" in text])
    async with Tab.open(host, port) as tab:
        await tab.run()
        assert tab.says("Done")
        await tab.run(tab.fragments[-1])
        said.append([text for text in tab.texts.values() if "reference" in text])
    return said


def test_a_fault_is_a_sentence_with_a_reference_and_the_log_tells_the_place_and_no_value(tmp_path: Path) -> None:
    with served(tmp_path) as (host, port, log):
        said = asyncio.run(_faults(host, port))
    assert [len(texts) for texts in said] == [1, 1, 1], "one sentence each, in nested fragments too"
    shown = [re.findall(r"reference \*\*([0-9a-f]{8})\*\*", texts[0])[0] for texts in said]
    told = {line["reference"]: line for line in lines(log, "error")}
    assert list(told) == shown
    page, fragment, again = told.values()
    assert page["type"] == again["type"] == "ValueError"
    assert (fragment["type"], fragment["cause"]) == ("KeyError", "ValueError")
    assert re.fullmatch(r"tests/apps/faulty_app.py:\d+ fail", page["places"][0])
    assert page["places"][-1].startswith("streamlit/"), "no folder of the machine"
    opened = lines(log, "session opened")
    assert len({line["session"] for line in opened}) == len(opened) == 3
    (page_opened,) = lines(log, "page opened")
    assert set(page_opened) == {"time", "level", "event", "session", "page", "seconds"}
    text = log.read_text(encoding="utf-8")
    assert [private for private in PRIVATE if private in text] == []


async def _crowd(host: str, port: int) -> None:
    async with Tab.open(host, port) as second:
        async with Tab.open(host, port) as first:
            await first.run()
            await second.run()
            assert first.says("Done")
            assert second.says("All 1 places on this server are taken.") and not second.says("Done")
            await first.run()
            assert first.says("Done"), "who is in goes on"
        for _ in range(50):
            await second.run()
            if second.says("Done"):
                return
            await asyncio.sleep(0.1)
    pytest.fail("the seat was not given to the next")


def test_a_full_server_says_so_and_the_next_seat_goes_to_who_comes_next(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text("[limits]\nsessions = 1\n", encoding="utf-8")
    with served(tmp_path, "--secrets.files", str(secrets)) as (host, port, log):
        asyncio.run(_crowd(host, port))
    told = lines(log, "refused")
    assert told and all((line["reason"], line["sessions"]) == ("full", 1) for line in told)
    assert len(lines(log, "session opened")) == 2


def test_work_beside_a_page_that_fails_ends_with_a_reference(caplog: pytest.LogCaptureFixture) -> None:
    def work(report: object) -> None:
        raise RuntimeError("Ann Example earns 123456")

    job = Job("key")
    job.do(work)
    assert job.ended and not job.complete
    assert job.reference in logs.sentence(job.reference)
    assert job.reference in caplog.text
    assert "Ann" not in caplog.text


def test_what_is_kept_is_bounded_in_bytes_and_the_last_one_is_always_kept() -> None:
    kilobyte = np.zeros(128)
    assert held.weight({"a": (kilobyte, [kilobyte]), "b": "text"}) == 2048
    cache = LRUCache[int, object](4096, getsizeof=held.at_most(4096))
    for key in range(6):
        cache[key] = (kilobyte,)
    assert sorted(cache) == [2, 3, 4, 5]
    cache[6] = (np.zeros(4096),)
    assert list(cache) == [6]
    assert sum((held.STAGES, held.DRAWS, held.OUTCOMES)) == held.MEGABYTES << 20


async def _there_and_back(host: str, port: int) -> tuple[str, str, str]:
    """The address as a link was opened, after a move, and after the move back."""
    async with Tab.open(host, port, "book=startup&trials=64&plan=at_risk_70_30&rc=2") as tab:
        await tab.run()
        said = [tab.query]
        for place in (0.41, 0.30):
            await tab.move("lever.variable_share", place)
            await tab.rests()
            said.append(tab.query)
    opened, moved, back = said
    return opened, moved, back


def test_the_address_follows_a_move_back_to_where_the_link_began(serve: Callable[[str], str]) -> None:
    address = urlsplit(serve("serve.py"))
    opened, moved, back = asyncio.run(_there_and_back(str(address.hostname), int(address.port or 0)))
    assert opened == "book=startup&trials=64&plan=at_risk_70_30&rc=2", "a link stays as it was written"
    assert "mix=0.41" in moved
    assert "mix=" not in back and "plan=at_risk_70_30" in back


async def _moved_and_fresh(host: str, port: int) -> list[tuple[Any, set[str]]]:
    """Figures and texts of a session after some moves, and of another that opens its address."""
    seen = []
    async with Tab.open(host, port, "book=startup&trials=64&plan=at_risk_70_30") as tab:
        await tab.run()
        for place in (0.45, 0.10, 0.41):
            await tab.move("lever.variable_share", place)
        seen.append((tab.data("figures"), set(tab.texts.values())))
        await tab.rests()
        async with Tab.open(host, port, tab.query) as fresh:
            await fresh.run()
            seen.append((fresh.data("figures"), set(fresh.texts.values())))
    return seen


def test_after_moves_everything_on_the_page_belongs_to_the_last_one(serve: Callable[[str], str]) -> None:
    address = urlsplit(serve("serve.py"))
    moved, fresh = asyncio.run(_moved_and_fresh(str(address.hostname), int(address.port or 0)))
    assert any("reach quota" in text for text in fresh[1])
    assert moved == fresh
