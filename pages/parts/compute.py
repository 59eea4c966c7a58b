"""What the pages ask of the engine, cached for all sessions and bounded in bytes, as far as this session may see it.

Keys are SHA-256 of the content. Streamlit's own cache counts entries, and an outcome may have half a megabyte or fifty.
The real book is simulated, whoever looks: `book_of`, `history_of`, `run_plan` and `stage_of` give what the session's
audience allows. Who is not let into everything gets no stage; a page that works on the whole team and shows totals
only takes `whole_of` or `setting_of`, and a test holds which pages these are.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition, Lock
from typing import NamedTuple

import pandas as pd
import streamlit as st
from cachetools import LRUCache, cached

from pages.parts import access
from pages.parts.state import Scenario
from sim.book.history import History, ledger
from sim.book.samples import load_sample, load_sample_history
from sim.book.schema import Book
from sim.decide.measures.luck import mostly_luck
from sim.decide.past.quarters import past_quarters
from sim.decide.past.revenue import new_arr_pace
from sim.engine.outcome import Outcome
from sim.engine.run import Stage, simulate
from sim.plan.schema import Plan
from sim.problems import InputError
from sim.runs import held
from sim.runs.setting import Setting, key_of, stage_at
from sim.share import redact
from sim.share.audience import SMALLEST_GROUP, Audience, least

TOO_FEW = (
    f"This team has fewer than {SMALLEST_GROUP} people: its cost would tell what one of them earns. "
    "ARR is shown, pay is not."
)


# --- the book ---------------------------------------------------------------------------------------------------


@st.cache_resource(max_entries=3, show_spinner="Reading the book...")
def sample_book(name: str) -> Book:
    return load_sample(name)


@st.cache_resource(max_entries=3, show_spinner=False)
def _sample_history(name: str) -> History:
    return load_sample_history(name)


@st.cache_resource(max_entries=6, show_spinner=False)
def _visible_book(key: str, audience: Audience, _book: Book) -> Book:
    return redact.visible_book(_book, audience)


def _real_book(scenario: Scenario) -> Book:
    return scenario.uploaded or sample_book(scenario.sample)


def _real_history(scenario: Scenario) -> History | None:
    return scenario.history if scenario.uploaded else _sample_history(scenario.sample)


def book_of(scenario: Scenario, reader: Audience = "full") -> Book:
    """The uploaded book, or the sample, to be shown here, or to a reader who may see less."""
    book, audience = _real_book(scenario), least(reader, access.audience())
    return book if audience == "full" else _visible_book(book.digest, audience, book)


def history_of(scenario: Scenario) -> History | None:
    """The past of the uploaded book, if it came with one, or of the sample: events by account, for who sees all."""
    return _real_history(scenario) if access.audience() == "full" else None


def new_arr_of(scenario: Scenario) -> float:
    """ARR of new customers a quarter, USD, at the pace of the past four; 0 without a history."""
    book, history = _real_book(scenario), _real_history(scenario)
    return new_arr_pace(past_quarters(ledger(history, book), book)) if history else 0.0


def too_few(scenario: Scenario) -> bool:
    """Whether this session may see nothing that is made of pay, because the team is too small for a total of it."""
    return redact.too_few(_real_book(scenario).team, access.audience())


def too_few_for(scenario: Scenario, reader: Audience) -> bool:
    """Whether that holds for what is handed on to a reader. The people of the samples are made up."""
    return too_few(scenario) or (scenario.uploaded is not None and redact.too_few(scenario.uploaded.team, reader))


_ENGINE = Lock()
"""One plan at a time on all cores: two at once would both end when the second does now."""


# --- its simulation ---------------------------------------------------------------------------------------------


@cached(
    LRUCache[str, Outcome](held.OUTCOMES, getsizeof=held.at_most(held.OUTCOMES)),
    key=lambda key, _stage, _plan: key,
    condition=Condition(),
)
def _outcome(key: str, stage: Callable[[], Stage], plan: Plan) -> Outcome:
    with _ENGINE:
        return simulate(stage(), plan)


@st.cache_resource(max_entries=8, show_spinner=False)
def _visible_outcome(key: str, audience: Audience, _outcome: Outcome, _book: Book) -> Outcome:
    return redact.visible_outcome(_outcome, _book, audience)


def _stage(setting: Setting) -> Stage:
    if setting.key in stage_at.cache:
        return stage_at(setting)
    with st.spinner("Setting the stage: luck, and the effort that today's plan buys..."):
        return stage_at(setting)


def ready(scenario: Scenario) -> bool:
    """Whether its stage is set: then a plan takes a moment."""
    return _setting(scenario).key in stage_at.cache


class Whole(NamedTuple):
    """The real stage, its key, and the real outcome of any plan on it."""

    key: str
    stage: Stage
    run: Callable[[Plan], Outcome]


def _setting(scenario: Scenario) -> Setting:
    s = scenario
    return Setting(_real_book(s), s.current, s.world, s.seed, s.trials, s.months)


def _whole(scenario: Scenario) -> Whole:
    setting = _setting(scenario)
    try:
        stage = _stage(setting)
    except InputError as error:
        raise access.told(error) from None
    return Whole(setting.key, stage, lambda plan: _run(setting.key, lambda: stage, plan))


def _run(key: str, stage: Callable[[], Stage], plan: Plan) -> Outcome:
    try:
        return _outcome(key_of(key, plan.model_dump_json()), stage, plan)
    except InputError as error:
        raise access.told(error) from None


def run_changed(whole: Whole, name: str, change: Callable[[Stage], Stage], plan: Plan) -> Outcome:
    """A plan on a changed stage, which is made only where nobody has asked before. name: of the change, with all that
    it hangs on."""
    return _run(key_of(whole.key, name), lambda: change(whole.stage), plan)


def _with_pay(scenario: Scenario) -> None:
    if too_few(scenario):
        raise access.Withheld(TOO_FEW)


def setting_of(scenario: Scenario) -> Setting:
    """What all plans of the scenario share. For figures of the whole team: it holds the real book.

    Raises Withheld when the team is too small for them.
    """
    _with_pay(scenario)
    return _setting(scenario)


def whole_of(scenario: Scenario) -> Whole:
    """For figures of the whole team: it holds the real book.

    Raises Withheld when the team is too small for them, InputError when the plan in force cannot be run on this book.
    """
    _with_pay(scenario)
    return _whole(scenario)


def luck_told(scenario: Scenario) -> str:
    """What is mostly luck in the candidate's pay, in a sentence, for who may see people; else "". Once it has run."""
    if access.audience() != "full":
        return ""
    return mostly_luck(_whole(scenario).stage, scenario.candidate)


def stage_of(scenario: Scenario) -> tuple[str, Stage]:
    """The scenario's stage and its key, for pages about single people and accounts.

    Raises Withheld for a session that may not see these, InputError when the plan in force cannot be run on this book.
    """
    access.need_everything()
    found = _whole(scenario)
    return found.key, found.stage


def run_plan(scenario: Scenario, plan: Plan) -> Outcome:
    """The plan on the scenario's stage; both from the cache when anybody has asked before. To be shown.

    Raises InputError when a plan's quota cannot be set for this book, Withheld when the team is too small for its pay.
    """
    audience = access.audience()
    if audience == "full":
        return _whole(scenario).run(plan)
    found = whole_of(scenario)
    key = key_of(found.key, plan.model_dump_json())
    return _visible_outcome(key, audience, found.run(plan), found.stage.portfolio.book)


def groups_of(scenario: Scenario, reader: Audience = "full") -> pd.DataFrame:
    """CSMs by role and level under the candidate and the plan in force, as `redact.group_table`; raises as `whole_of`.
    In `summary` the one row of the team. reader: as in `book_of`."""
    found, real, audience = whole_of(scenario), _real_book(scenario), least(reader, access.audience())
    return redact.group_table(real, found.run(scenario.candidate), found.run(scenario.current), audience)


def arr_of(scenario: Scenario) -> tuple[Outcome, Outcome]:
    """Candidate and plan in force, nothing of pay left in them: what there is to see of a team of too few people."""
    found = _whole(scenario)
    audience, book = access.audience(), found.stage.portfolio.book
    candidate, current = (
        redact.without_pay(redact.visible_outcome(found.run(plan), book, audience))
        for plan in (scenario.candidate, scenario.current)
    )
    return candidate, current
