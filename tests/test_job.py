"""Long work beside a page: it reports, it can be stopped, and it says what was wrong."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.parts.job import Cancelled, Job
from sim.problems import InputError, Problem


def page() -> None:
    import streamlit as st

    from pages.parts import job
    from pages.parts.job import Report

    def count(report: Report) -> list[int]:
        found: list[int] = []
        for number in range(5):
            found.append(number)
            report((number + 1) / 5, list(found))
        return found

    if st.button("Start"):
        job.start("count", "key", count)
    job.show("count", "Counting", lambda answer: st.text(f"found {answer}"))


def until_ended(app: AppTest) -> AppTest:
    for _ in range(100):
        if app.session_state["job_count"].ended:
            break
        threading.Event().wait(0.02)
    return app.run()


def test_a_page_shows_the_whole_answer_in_the_end() -> None:
    app = AppTest.from_function(page).run()
    assert len(app.text) == 0
    app.button[0].click().run()
    app = until_ended(app)
    assert [text.value for text in app.text] == ["found [0, 1, 2, 3, 4]"]
    assert not app.exception


def test_what_was_reported_before_the_stop_stays() -> None:
    job = Job("key")
    seen: list[float] = []

    def work(report: Any) -> None:
        report(0.25, "a quarter")
        job.cancel()
        seen.append(0.25)
        report(0.5, "half")
        seen.append(0.5)

    job.do(work)
    assert (job.answer, job.share, job.ended, job.complete, seen) == ("a quarter", 0.25, True, False, [0.25])
    with pytest.raises(Cancelled):
        job.report(0.9, "late")


def test_a_problem_of_the_input_is_kept_for_the_page() -> None:
    job = Job("key")

    def work(report: Any) -> None:
        raise InputError([Problem("quota", "0", "must be above 0")])

    job.do(work)
    assert job.ended
    assert not job.complete
    assert job.problem is not None
    assert "must be above 0" in str(job.problem)
