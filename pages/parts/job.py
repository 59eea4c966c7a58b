"""Work of more than a second or two, beside the page: progress, what is there so far, cancel. One job a name a session.

The work never touches Streamlit: it only reports. The page looks in twice a second.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from pages.parts import access, logs
from pages.parts.problems import show_problems
from sim.problems import InputError

LOOK_EVERY = 0.5
Report = Callable[[float, Any], None]
"""What a job calls now and then: the share that is done, and the answer so far. Raises Cancelled to end the work."""


class Cancelled(Exception):
    """Somebody has pressed the button; what was reported last stays."""


@dataclass
class Job:
    """The state of the work. key: of everything it was started from, so that a page sees when it is out of date.

    answer: the whole answer, or what was reported last. ended: no more will come. complete: it is the whole answer.
    reference: of a fault of ours, see `logs.py`.
    """

    key: str
    share: float = 0.0
    answer: Any = None
    ended: bool = False
    complete: bool = False
    problem: InputError | None = None
    reference: str = ""
    _stop: threading.Event = field(default_factory=threading.Event)

    def report(self, share: float, answer: Any) -> None:
        if self._stop.is_set():
            raise Cancelled
        self.share, self.answer = share, answer

    def cancel(self) -> None:
        self._stop.set()

    def do(self, work: Callable[[Report], Any]) -> None:
        try:
            self.answer = work(self.report)
            self.complete = True
        except Cancelled:
            pass
        except InputError as error:
            self.problem = error
        except Exception as error:
            self.reference = logs.failed(error)
        finally:
            self.ended = True


def start(name: str, key: str, work: Callable[[Report], Any]) -> None:
    """Start the work in a thread of its own; a job of the same name that still runs is cancelled."""
    before = find(name)
    if before is not None:
        before.cancel()
    job = st.session_state[_place(name)] = Job(key)
    threading.Thread(target=job.do, args=(work,), name=name, daemon=True).start()


def find(name: str) -> Job | None:
    """The last job of this name in this session, running or ended."""
    job: Job | None = st.session_state.get(_place(name))
    return job


def forget(name: str) -> None:
    """Cancel it and drop its answer."""
    job = st.session_state.pop(_place(name), None)
    if job is not None:
        job.cancel()


def show(name: str, doing: str, draw: Callable[[Any], None]) -> None:
    """Progress and a button to cancel while the job runs, and ``draw`` of what there is, from the first report on.

    doing: what the work is, before the percentage. Draws nothing when there is no such job.
    """
    job = find(name)
    if job is None:
        return
    if not job.ended:
        _running(name, doing, draw)
        return
    if job.problem is not None:
        show_problems("That could not be worked out:", access.told(job.problem))
    elif job.reference:
        st.error(logs.sentence(job.reference))
    elif not job.complete:
        st.info(f"Stopped at {job.share:.0%}." + (" This is what was found so far." if job.answer is not None else ""))
    if job.answer is not None:
        draw(job.answer)


@st.fragment(run_every=LOOK_EVERY)
def _running(name: str, doing: str, draw: Callable[[Any], None]) -> None:
    job = find(name)
    if job is None or job.ended:
        st.rerun()
    row = st.container(horizontal=True, vertical_alignment="center")
    row.progress(min(job.share, 1.0), f"{doing}: {job.share:.0%}")
    row.button("Stop", key=f"stop_{name}", on_click=job.cancel, help="What was found so far stays.")
    if job.answer is not None:
        draw(job.answer)


def _place(name: str) -> str:
    return f"job_{name}"
