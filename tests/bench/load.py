"""Many sessions on the what-if page, each moving a lever every few seconds, against one process on this machine.

    make load                                             all of docs/operations.md; writes docs/load.json
    python tests/bench/load.py --part runs                one part of it: runs, growth or restart
    python tests/bench/load.py --sessions 50 --seconds 60 a short one, printed only
    python tests/bench/load.py --kill --sessions 50       the server killed while sessions are open

Every session has a plan of its own, so that no answer is kept from another's; with ``--own-luck`` also a seed of its
own, as if everybody had brought a book. Moves start at moments spread evenly over the pause between them. A round trip
is from sending a move to the end of the run that answers it. Afterwards the last figures of each session are compared
with those that a fresh session gets from the link: a late or foreign answer would differ.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import random
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil
from websockets.exceptions import WebSocketException

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browserless import Tab  # noqa: E402  # found by the line above

RESULTS = ROOT / "docs" / "load.json"
HOST = "localhost"
LEVER, FIGURES = "lever.variable_share", "figures"
EVERY, REST = 3.0, 0.6
"""Seconds between two moves, and from an answer until the browser has the address written."""
MOST_SESSIONS, MOST_SECONDS = 500, 3600
LEAST_PAUSE = 0.1
"""Seconds between two sessions that open."""
PLACES = [round(0.01 * step, 2) for step in range(51)]
RUNS = ((10, 60, False), (20, 60, False), (30, 60, False), (50, 60, False), (100, 60, False), (20, 60, True))
"""Timed: sessions, seconds, own luck. Nothing else should run on the machine."""
GROWTH = (20, 1800)
"""Sessions and seconds over which memory is watched."""
KILLED_WITH = 50
PARTS = ("runs", "growth", "restart")


@dataclass
class Clock:
    """When the moves begin and end; both are set once every session is open."""

    opened: asyncio.Event = field(default_factory=asyncio.Event)
    begin: float = 0.0
    end: float = 0.0

    def start(self, seconds: float) -> None:
        self.begin = time.monotonic()
        self.end = self.begin + seconds
        self.opened.set()


@dataclass
class User:
    """One session: its link, seconds of each move, what was on the page and in the browser's address when it last came
    to rest, and why it was lost, if it was."""

    link: str
    trips: list[float] = field(default_factory=list)
    place: float | None = None
    figures: Any = None
    address: str = ""
    lost: str = ""

    async def work(self, port: int, delay: float, clock: Clock) -> None:
        """Open the link, wait for the others, then move the lever until the time is over."""
        places = random.Random(self.link)
        try:
            async with Tab.open(HOST, port, self.link) as tab:
                await tab.run()
                self.figures, self.address = tab.data(FIGURES), tab.query
                await clock.opened.wait()
                due = clock.begin + delay
                while due < clock.end:
                    await asyncio.sleep(due - time.monotonic())
                    self.place = places.choice([place for place in PLACES if place != self.place])
                    sent = time.perf_counter()
                    await tab.move(LEVER, self.place)
                    self.trips.append(time.perf_counter() - sent)
                    await asyncio.sleep(REST)
                    await tab.rests()
                    self.figures, self.address = tab.data(FIGURES), tab.query
                    due = max(due + EVERY, time.monotonic())
        except (OSError, WebSocketException, KeyError) as error:  # KeyError: the page came without the lever
            self.lost = type(error).__name__

    async def comes_back(self, port: int) -> bool:
        """Whether somebody who knows only the address sees the same figures."""
        tab = await first(port, self.address)
        await tab.socket.close()
        return bool(tab.data(FIGURES) == self.figures)


@dataclass(frozen=True)
class Run:
    """sessions, seconds, own_luck: what was asked for. p50, p95, worst: of the round trips, milliseconds.

    lost: sessions that ended early. wrong: those whose last figures are not what their address gives to somebody else.
    alone, opened, end: memory of the process, MB: with one session, with all of them open, and when they had worked.
    growth: MB an hour over the second half of the time. work: processor time of the server per move, milliseconds.
    """

    sessions: int
    seconds: int
    own_luck: bool
    moves: int
    p50: float
    p95: float
    worst: float
    lost: int
    wrong: int
    alone: float
    opened: float
    end: float
    growth: float
    work: float


@dataclass(frozen=True)
class Restart:
    """A server killed under its sessions and started again. back: those that saw the same figures from their address;
    seconds: until the last of them did, from the start of the new process."""

    sessions: int
    back: int
    seconds: float


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(port: int) -> Iterator[psutil.Process]:
    """The app as `make run` serves it, on this machine only; killed in the end."""
    command = [sys.executable, "-m", "streamlit", "run", "serve.py", "--server.port", str(port)]
    command += ["--server.address", HOST, "--server.headless", "true", "--server.fileWatcherType", "none"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=ROOT, stdin=quiet, stdout=quiet, stderr=quiet) as process:
        try:
            yield psutil.Process(process.pid)
        finally:
            process.kill()


async def first(port: int, query: str = "") -> Tab:
    """A tab whose page is whole; waits for the server to be there. To be closed by the caller."""
    for _ in range(1200):
        try:
            tab = await Tab.connect(HOST, port, query)
            break
        except (OSError, WebSocketException):
            await asyncio.sleep(0.1)
    else:
        raise SystemExit("The server did not start within two minutes.")
    await tab.run()
    return tab


def users(sessions: int, own_luck: bool) -> list[User]:
    """Each with a plan that no other has; with luck of its own nothing is shared."""
    links = []
    for number in range(sessions):
        plan = f"plan=at_risk_70_30&rt={0.50 + 0.01 * (number % 50):.2f}&ec={1.0 + 0.05 * (number // 50):.2f}"
        links.append(f"{plan}&seed={number + 2}" if own_luck else plan)
    return [User(link) for link in links]


async def opened(port: int, everybody: list[User], clock: Clock) -> list[asyncio.Task[None]]:
    """Their work, once all of them have the page; their moves are spread evenly over the pause between two."""
    tasks = []
    for number, user in enumerate(everybody):
        tasks.append(asyncio.create_task(user.work(port, number / len(everybody) * EVERY, clock)))
        await asyncio.sleep(LEAST_PAUSE)
    while any(user.figures is None and not user.lost for user in everybody):
        await asyncio.sleep(0.2)
    return tasks


async def load(sessions: int, seconds: int, own_luck: bool) -> Run:
    """Sessions at work on a fresh server, for so many seconds after all of them are open."""
    port, clock, everybody = free_port(), Clock(), users(sessions, own_luck)
    with server(port) as process:
        await (await first(port)).socket.close()
        alone = megabytes(process)
        tasks = await opened(port, everybody, clock)
        with_all = megabytes(process)
        clock.start(seconds)
        worked = sum(process.cpu_times()[:2])
        samples: list[tuple[float, float]] = []
        while not all(task.done() for task in tasks):
            await asyncio.sleep(1.0)
            samples.append((time.monotonic(), megabytes(process)))
        worked = sum(process.cpu_times()[:2]) - worked
        wrong = sum([not user.lost and not await user.comes_back(port) for user in everybody])
    trips = sorted(1000.0 * trip for user in everybody for trip in user.trips)
    return Run(
        sessions,
        seconds,
        own_luck,
        moves=len(trips),
        p50=round(statistics.median(trips), 1),
        p95=round(statistics.quantiles(trips, n=20)[-1], 1),
        worst=round(trips[-1], 1),
        lost=sum(bool(user.lost) for user in everybody),
        wrong=wrong,
        alone=alone,
        opened=with_all,
        end=samples[-1][1],
        growth=round(3600.0 * slope(samples[len(samples) // 2 :]), 1),
        work=round(1000.0 * worked / len(trips), 1),
    )


async def restart(sessions: int) -> Restart:
    """Everybody moves for half a minute; the server is killed; who comes back by the address alone?"""
    port, clock, everybody = free_port(), Clock(), users(sessions, own_luck=False)
    with server(port) as process:
        await (await first(port)).socket.close()
        tasks = await opened(port, everybody, clock)
        clock.start(30.0)
        await asyncio.wait(tasks, timeout=25.0)
        process.send_signal(signal.SIGKILL)
        await asyncio.wait(tasks)
    start = time.monotonic()
    with server(port):
        back = await asyncio.gather(*(user.comes_back(port) for user in everybody))
        return Restart(sessions, sum(back), round(time.monotonic() - start, 1))


def megabytes(process: psutil.Process) -> float:
    return round(process.memory_info().rss / 1e6, 1)


def slope(samples: list[tuple[float, float]]) -> float:
    """A second, by least squares; 0 for fewer than two samples."""
    if len(samples) < 2:
        return 0.0
    return statistics.linear_regression(*zip(*samples, strict=True)).slope


def main() -> None:
    parser = argparse.ArgumentParser(description="Load on the what-if page, on this machine only.")
    parser.add_argument("--sessions", type=int)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--own-luck", action="store_true", help="a seed of its own for each session")
    parser.add_argument("--kill", action="store_true", help="kill the server in the middle and start it again")
    parser.add_argument("--part", choices=PARTS, help="measure this part only, and write it to docs/load.json")
    asked = parser.parse_args()
    if asked.sessions is not None:
        sessions, seconds = min(asked.sessions, MOST_SESSIONS), min(asked.seconds, MOST_SECONDS)
        found = asyncio.run(restart(sessions) if asked.kill else load(sessions, seconds, asked.own_luck))
        print(json.dumps(asdict(found), indent=2))
        return
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    results["machine"] = f"{psutil.cpu_count()} cores, Python {platform.python_version()}"
    for part in (asked.part,) if asked.part else PARTS:
        results[part] = measured(part)
        RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


def measured(part: str) -> Any:
    """One of PARTS, as it stands in the file."""
    if part == "restart":
        return asdict(asyncio.run(restart(KILLED_WITH)))
    if part == "growth":
        return asdict(asyncio.run(load(*GROWTH, own_luck=False)))
    runs = []
    for sessions, seconds, own_luck in RUNS:
        runs.append(asdict(asyncio.run(load(sessions, seconds, own_luck))))
        print(runs[-1], flush=True)
    return runs


if __name__ == "__main__":
    main()
