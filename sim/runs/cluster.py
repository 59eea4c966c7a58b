"""Workers elsewhere: a Dask cluster by the address of its scheduler, or the threads of this process.

Tasks carry their setting (the book, some tens of kilobytes); draws are made again from the seed on each worker. A
worker that dies is no loss: the scheduler gives its tasks to another. Figures are the same to the last bit where the
workers' processors are of one kind: compiled code is made for each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from sim.engine.run import MODEL_VERSION
from sim.problems import InputError, Problem
from sim.runs.spread import local_executor

SECONDS = 5.0
"""How long a scheduler may take to answer."""
ADDRESS = re.compile(r"(tcp|tls)://[^\s/:@]+:\d{1,5}")


@contextmanager
def executor_at(address: str) -> Iterator[Executor]:
    """Workers of the cluster at ``address``, as tcp://10.0.0.5:8786; threads of this process when it is empty.

    Raises InputError when the cluster cannot be reached, has no workers, or its workers run another model.
    """
    if not address:
        with local_executor() as threads:
            yield threads
        return
    if not ADDRESS.fullmatch(address):
        raise _refused(address, "must be the address of a Dask scheduler, like tcp://10.0.0.5:8786")
    from distributed import Client  # half a second that nobody pays who stays on one machine

    try:
        client = Client(address, timeout=SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TypeError):  # the last where a worker answers, not a scheduler
        raise _refused(address, "cannot be reached; start a Dask scheduler there, or leave the cluster out") from None
    with client:
        _check_workers(address, client.run)
        yield client.get_executor()  # type: ignore[no-untyped-call]


def model_version() -> str:
    """The model that a worker runs."""
    return MODEL_VERSION


def _check_workers(address: str, run_on_all: object) -> None:
    assert callable(run_on_all)
    try:
        versions = set(run_on_all(model_version).values())
    except (ImportError, AttributeError):
        raise _refused(address, "has workers without this program; start them in its folder") from None
    if not versions:
        raise _refused(address, "has no workers; start some with `dask worker`")
    if versions != {MODEL_VERSION}:
        others = ", ".join(sorted(versions - {MODEL_VERSION}))
        raise _refused(address, f"has workers with model {others}, here it is {MODEL_VERSION}; update one of them")


def _refused(address: str, rule: str) -> InputError:
    return InputError([Problem("cluster", address, rule)])
