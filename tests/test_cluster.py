"""Work on other machines: the same bits as here, also when a worker dies in the middle; what cannot be reached."""

from __future__ import annotations

import os
import pickle
import signal
import socket
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from distributed import Client, LocalCluster

from sim.book.samples import load_sample
from sim.decide.frontier.explore import explore
from sim.decide.frontier.figures import Limit
from sim.decide.frontier.finalists import Frontier
from sim.decide.frontier.space import Move, make_space
from sim.plan.levers import with_lever
from sim.plan.read import plan_preset
from sim.plan.schema import Plan
from sim.problems import InputError
from sim.runs import cluster as clusters
from sim.runs.cluster import executor_at
from sim.runs.setting import Setting, run
from sim.runs.spread import spread
from sim.world.parameters import world_preset

CURRENT = plan_preset("current_80_20")
SETTING = Setting(load_sample("startup"), CURRENT, world_preset("base"), trials=128, months=6)
SHARES = [0.10 + 0.005 * step for step in range(60)]


def costs(task: tuple[Setting, Plan]) -> bytes:
    """A sweep's task: cost and retained ARR of every trial, to the bit."""
    outcome = run(*task)
    return outcome.plan_cost.tobytes() + outcome.retained_arr.tobytes()


def sweep() -> list[tuple[Setting, Plan]]:
    return [(SETTING, with_lever(CURRENT, "variable_share", round(share, 3))) for share in SHARES]


def search(address: str) -> Frontier:
    space = make_space(CURRENT, [Move("variable_share", 0.1, 0.4)])
    with executor_at(address) as executor:
        return explore(executor, SETTING, space, Limit(np.inf, 1.0), 20)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A scheduler and two workers, each a process of its own."""
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", host="127.0.0.1") as local:
        yield local.scheduler_address


def test_a_cluster_finds_what_this_machine_finds(address: str) -> None:
    here, there = search(""), search(address)
    assert here.screened.tried == there.screened.tried
    assert [(offer.plan, offer.promised, offer.fresh) for offer in here.offers] == [
        (offer.plan, offer.promised, offer.fresh) for offer in there.offers
    ]


def test_a_worker_killed_in_the_middle_of_a_sweep_changes_nothing(address: str) -> None:
    with executor_at("") as executor:
        here = spread(executor, costs, sweep())
    with Client(address, set_as_default=False) as client:
        pids = list(client.run(os.getpid).values())
    arrived: list[int] = []

    def kill_one(place: int, answer: bytes) -> None:
        arrived.append(place)
        if len(arrived) == 5:
            os.kill(pids[0], signal.SIGKILL)

    with executor_at(address) as executor:
        there = spread(executor, costs, sweep(), kill_one)
    assert there == here
    assert sorted(arrived) == list(range(len(SHARES)))
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


def test_books_are_read_only_wherever_they_arrive() -> None:
    book = pickle.loads(pickle.dumps(SETTING)).book  # noqa: S301 -- our own
    arrays = [value for part in (book, book.team) for value in vars(part).values() if isinstance(value, np.ndarray)]
    assert len(arrays) > 10
    assert not any(array.flags.writeable for array in arrays)
    assert book.digest == SETTING.book.digest
    assert run(replace(SETTING, book=book), CURRENT).plan_cost.tolist() == run(SETTING, CURRENT).plan_cost.tolist()


# --- what cannot be -------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["tcp://", "10.0.0.5:8786", "http://localhost:8786", "tcp://a b:1", "tcp://me@x:1"])
def test_what_is_no_address_is_told(address: str) -> None:
    with pytest.raises(InputError, match="cluster: must be the address of a Dask scheduler"), executor_at(address):
        pass


def test_a_cluster_that_cannot_be_reached_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "SECONDS", 0.3)
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        address = f"tcp://localhost:{probe.getsockname()[1]}"  # held while it is tried: another test could take it
        said = f"cluster: cannot be reached; .* \\(got '{address}'\\)"
        with pytest.raises(InputError, match=said), executor_at(address):
            pass


def test_a_cluster_without_workers_is_told() -> None:
    with (
        LocalCluster(n_workers=0, dashboard_address=":0", host="127.0.0.1") as local,
        pytest.raises(InputError, match="cluster: has no workers"),
        executor_at(local.scheduler_address),
    ):
        pass
