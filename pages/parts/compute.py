"""What the pages ask of the engine, cached for all sessions and bounded in bytes.

Keys are SHA-256 of the content. Streamlit's own cache counts entries, and an outcome may have half a megabyte or fifty.
"""

from __future__ import annotations

from threading import Condition

import streamlit as st
from cachetools import LRUCache, cached

from pages.parts.state import Scenario
from sim.book.history import History
from sim.book.samples import load_sample, load_sample_history
from sim.book.schema import Book
from sim.engine.outcome import Outcome
from sim.engine.run import Stage, simulate
from sim.plan.schema import Plan
from sim.runs import held
from sim.runs.setting import Setting, key_of, stage_at


@st.cache_resource(max_entries=3, show_spinner="Reading the book...")
def sample_book(name: str) -> Book:
    return load_sample(name)


def book_of(scenario: Scenario) -> Book:
    """The uploaded book, or the sample."""
    return scenario.uploaded or sample_book(scenario.sample)


@st.cache_resource(max_entries=3, show_spinner=False)
def _sample_history(name: str) -> History:
    return load_sample_history(name)


def history_of(scenario: Scenario) -> History | None:
    """The past of the uploaded book, if it came with one, or of the sample."""
    return scenario.history if scenario.uploaded else _sample_history(scenario.sample)


def setting_of(scenario: Scenario, book: Book) -> Setting:
    """What all plans of the scenario share."""
    s = scenario
    return Setting(book, s.current, s.world, s.seed, s.trials, s.months)


@cached(
    LRUCache[str, Outcome](held.OUTCOMES, getsizeof=held.at_most(held.OUTCOMES)),
    key=lambda key, _stage, _plan: key,
    condition=Condition(),
)
def _outcome(key: str, stage: Stage, plan: Plan) -> Outcome:
    return simulate(stage, plan)


def stage_of(scenario: Scenario, book: Book) -> tuple[str, Stage]:
    """The scenario's stage and its key. Raises InputError when the plan in force cannot be run on this book."""
    setting = setting_of(scenario, book)
    if setting.key in stage_at.cache:
        return setting.key, stage_at(setting)
    with st.spinner("Setting the stage: luck, and the effort that today's plan buys..."):
        return setting.key, stage_at(setting)


def run_plan(scenario: Scenario, book: Book, plan: Plan) -> Outcome:
    """The plan on the scenario's stage; both from the cache when anybody has asked before.

    Raises InputError when a plan's quota cannot be set for this book.
    """
    key, stage = stage_of(scenario, book)
    return _outcome(key_of(key, plan.model_dump_json()), stage, plan)
