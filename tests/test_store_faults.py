"""What can go wrong with a database: a sentence, and nothing saved half."""

from __future__ import annotations

import multiprocessing
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from postgres_server import Server, postgres_server
from saver import NOTE, PAIRS, REPORT, save_for_ever

from sim.book.samples import load_sample
from sim.problems import InputError
from sim.share.store.audit import trail
from sim.share.store.books import keep_book, list_books
from sim.share.store.scenarios import list_scenarios, open_scenario, save_scenario
from sim.share.store.store import _PRAGMAS as PRAGMAS
from sim.share.store.store import Member, Store, close_store, open_store
from sim.share.store.upgrade import VERSION_TABLE

ADA = Member("acme", "Ada")
KILLS = 5
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["saver"])


@pytest.fixture(scope="module", autouse=True)
def found_before_forking() -> Iterator[None]:
    """Processes start at once when the one that they are forked from has found what it shall load first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        yield


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "secret-folder" / "one.sqlite"


@pytest.fixture
def store(file: Path) -> Store:
    return open_store(f"sqlite:///{file}")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgres_server() as running:
        yield running


def save(store: Store) -> str:
    return save_scenario(store, ADA, title="T", note=NOTE, pairs=PAIRS, report=REPORT)


def refusal(call: object, *arguments: object) -> str:
    with pytest.raises(InputError) as caught:
        call(*arguments)  # type: ignore[operator]
    said = str(caught.value)
    assert "\n" not in said and said.endswith(".")
    assert not [word for word in ("secret-folder", "s3cret", "INSERT", "Ada") if word in said]
    return said


class Saver:
    """A process that saves one scenario after the other; it has opened the store when this is made."""

    def __init__(self, url: str, author: str) -> None:
        self._said, theirs = FORKS.Pipe(duplex=False)
        self._process = FORKS.Process(target=save_for_ever, args=(url, author, theirs), daemon=True)
        self._process.start()
        theirs.close()
        assert self._said.recv() == "open"

    def killed(self) -> list[str]:
        """Ends it without warning (SIGKILL); all that it said until then."""
        self._process.kill()
        lines = []
        with suppress(EOFError), self._said:
            while True:
                lines.append(self._said.recv())
        self._process.join()
        return lines


def assert_whole(store: Store, reported: list[str]) -> None:
    """Every scenario that was reported is there; each one that is there is whole, and in the trail."""
    there = [one.id for one in list_scenarios(store, ADA, most=1_000_000)]
    assert set(reported) <= set(there)
    assert len(there) == len(set(there))
    for one in list_scenarios(store, ADA, most=1_000_000):
        assert (one.note, one.pairs) == (NOTE, PAIRS)
    saved = [line.what for line in trail(store, ADA, most=1_000_000) if line.action == "saved"]
    assert sorted(saved) == sorted(there)


def test_a_process_killed_while_it_saves_leaves_nothing_half(file: Path) -> None:
    moments = random.Random(4711)
    reported: list[str] = []
    for _ in range(KILLS):
        process = Saver(f"sqlite:///{file}", "Ada")
        time.sleep(moments.uniform(0.05, 0.4))
        reported += process.killed()
        store = open_store(f"sqlite:///{file}")
        assert_whole(store, reported)
        with closing(sqlite3.connect(file)) as database:
            assert database.execute("pragma integrity_check").fetchall() == [("ok",)]
            assert database.execute("pragma journal_mode").fetchone() == ("wal",)
    assert len(reported) > KILLS


def test_two_processes_save_at_once_and_the_server_is_restarted_in_between(server: Server) -> None:
    store = open_store(server.address)
    save(store)
    processes = [Saver(server.address, author) for author in ("Ada", "Bob")]
    time.sleep(0.5)
    server.stop()
    assert refusal(save, store).startswith("store: cannot be reached: nothing was changed; try again")
    time.sleep(0.3)
    server.start()
    save(store)  # by the same connections, without being told
    time.sleep(1.0)
    said = [line for process in processes for line in process.killed()]
    refused = [line for line in said if line.startswith("refused: ")]
    assert refused and {line.split(":")[2] for line in refused} <= {" cannot be reached"}
    assert_whole(store, [line for line in said if line not in refused])
    assert {one.author for one in list_scenarios(store, ADA, most=1_000_000)} == {"Ada", "Bob"}  # both went on
    close_store(store)


def test_a_full_disk_keeps_nothing_of_a_save(store: Store, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = save(store)
    with closing(sqlite3.connect(file)) as database:
        (pages,) = database.execute("pragma page_count").fetchone()
    monkeypatch.setattr("sim.share.store.store._PRAGMAS", (*PRAGMAS, f"max_page_count = {pages + 1}"))
    assert refusal(keep_book, store, ADA, load_sample("startup")) == (
        "store: its disk is full: nothing was changed; free some room and try again."
    )
    monkeypatch.undo()
    assert list_books(store, ADA) == []
    assert_whole(store, [saved])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a file system")
def test_a_file_system_without_room(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(small)], capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        store = open_store(f"sqlite:///{small / 'one.sqlite'}")
        reported = []
        with pytest.raises(InputError, match="its disk is full"):
            while True:
                reported.append(save(store))
        assert reported
        assert_whole(store, reported)
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_damaged_page_is_said_and_the_rest_can_be_read(store: Store, file: Path) -> None:
    saved = [save(store) for _ in range(20)]
    content = file.read_bytes()
    at = content.rindex(saved[-1].encode())
    page = at - at % 4096
    file.write_bytes(content[:page] + b"\xff" * 4096 + content[page + 4096 :])
    said = refusal(list_scenarios, store, ADA)
    assert "store: is damaged: nothing was changed" in said or "was damaged or changed in the store" in said
    file.write_bytes(b"\x00" * 100 + content[100:])
    assert refusal(save, store).startswith("store: is damaged")
    file.write_bytes(content.replace(NOTE.encode()[:900], b"m" * 900, 1))
    damaged = [one for one in saved if not opens(store, one)]
    assert len(damaged) == 1
    assert f"scenario {damaged[0]}: was damaged or changed" in refusal(open_scenario, store, ADA, damaged[0])


def opens(store: Store, scenario_id: str) -> bool:
    try:
        open_scenario(store, ADA, scenario_id)
    except InputError:
        return False
    return True


def test_a_file_that_is_gone_and_comes_back(store: Store, file: Path) -> None:
    saved = save(store)
    away = file.with_name("away")
    file.rename(away)
    assert refusal(save, store).startswith("store: cannot be reached: nothing was changed")
    assert not file.exists()
    away.rename(file)
    save(store)
    assert_whole(store, [saved])


def test_a_store_that_somebody_else_writes_to(store: Store, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.share.store.store.BUSY_SECONDS", 0.1)
    saved = save(store)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("begin immediate")
        assert refusal(save, store) == "store: is busy with something else: nothing was changed; try again."
        assert len(list_scenarios(store, ADA)) == 1  # reading goes on
    assert_whole(store, [saved, save(store)])


def test_a_store_that_may_only_be_read(store: Store, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.share.store.store._PRAGMAS", (*PRAGMAS, "query_only = ON"))
    assert refusal(save, store).startswith("store: may only be read here: nothing was changed")
    assert list_scenarios(store, ADA) == []


@pytest.mark.parametrize("backend", ["sqlite", "postgres"])
def test_a_store_of_a_newer_version_is_left_alone(backend: str, file: Path, request: pytest.FixtureRequest) -> None:
    url = f"sqlite:///{file}" if backend == "sqlite" else request.getfixturevalue("server").address
    store = open_store(url)
    with store.engine.begin() as connection:
        before = connection.exec_driver_sql(f"select version_num from {VERSION_TABLE}").scalar_one()
        connection.exec_driver_sql(f"update {VERSION_TABLE} set version_num = '9999'")
    assert "was written by a newer version of the simulator; update the simulator" in refusal(open_store, url)
    with store.engine.begin() as connection:
        connection.exec_driver_sql(f"update {VERSION_TABLE} set version_num = '{before}'")
    close_store(open_store(url))
    close_store(store)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "needs an address like"),
        ("mysql://u:s3cret@localhost/x", "needs an address like"),
        ("sqlite://", "needs an address like"),
        ("postgresql://u:s3cret@127.0.0.1:1/x", "cannot be reached"),
        ("sqlite:////dev/null/secret-folder/x", "cannot be reached"),
        ("sqlite:////dev", "cannot be reached"),
    ],
)
def test_an_address_that_leads_nowhere_gets_a_sentence(url: str, said: str) -> None:
    assert refusal(open_store, url).startswith(f"store: {said}")


def test_another_file_is_left_as_it_is(tmp_path: Path) -> None:
    other = tmp_path / "letter.txt"
    other.write_text("Dear Sir " * 1_000)
    assert refusal(open_store, f"sqlite:///{other}").startswith("store: is damaged")
    assert other.read_text() == "Dear Sir " * 1_000
