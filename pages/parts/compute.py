"""What the pages ask of the engine, cached for all sessions and bounded.

Keys are SHA-256 of the content; the heavy arguments are underscored, so that Streamlit does not hash them itself.
"""

from __future__ import annotations

import streamlit as st

from pages.parts.state import Scenario
from sim.book.history import History
from sim.book.samples import load_sample, load_sample_history
from sim.book.schema import Book
from sim.engine.outcome import Outcome
from sim.engine.run import Stage, simulate
from sim.plan.schema import Plan
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


@st.cache_resource(max_entries=6, show_spinner="Setting the stage: luck, and the effort that today's plan buys...")
def _stage(key: str, _setting: Setting) -> Stage:
    return stage_at(_setting)


@st.cache_resource(max_entries=32, show_spinner=False)
def _outcome(key: str, _stage: Stage, _plan: Plan) -> Outcome:
    return simulate(_stage, _plan)


def stage_of(scenario: Scenario, book: Book) -> tuple[str, Stage]:
    """The scenario's stage and its key. Raises InputError when the plan in force cannot be run on this book."""
    setting = setting_of(scenario, book)
    return setting.key, _stage(setting.key, setting)


def run_plan(scenario: Scenario, book: Book, plan: Plan) -> Outcome:
    """The plan on the scenario's stage; both from the cache when anybody has asked before.

    Raises InputError when a plan's quota cannot be set for this book.
    """
    key, stage = stage_of(scenario, book)
    return _outcome(key_of(key, plan.model_dump_json()), stage, plan)
