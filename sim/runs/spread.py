"""One function over many tasks, on any executor: threads, processes, or the workers of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from typing import TypeVar

from sim.engine.run import n_threads

Task = TypeVar("Task")
Answer = TypeVar("Answer")


def local_executor() -> Executor:
    """Threads of this process: compiled code runs beside other compiled code."""
    return ThreadPoolExecutor(n_threads())


def spread(
    executor: Executor,
    function: Callable[[Task], Answer],
    tasks: Iterable[Task],
    done: Callable[[int, Answer], None] | None = None,
) -> list[Answer]:
    """``function`` of each task, in the order of the tasks, whatever the executor and whoever finishes first.

    done: told the place of a task and its answer as each arrives (in any order); when it raises, what has not begun
    is cancelled. The first exception of a task is raised, and the rest cancelled likewise.
    """
    places = {executor.submit(function, task): place for place, task in enumerate(tasks)}
    try:
        for future in as_completed(places):
            answer = future.result()
            if done is not None:
                done(places[future], answer)
    finally:
        for future in places:
            future.cancel()
    return [future.result() for future in places]
