"""What the pages ask of the engine, cached for all sessions and bounded.

Keys are SHA-256 of the content; the heavy arguments are underscored, so that Streamlit does not hash them itself.
"""

from __future__ import annotations

import hashlib

import streamlit as st

from pages.parts.state import Scenario
from sim.book.history import History
from sim.book.samples import load_sample, load_sample_history
from sim.book.schema import Book
from sim.engine.outcome import Outcome
from sim.engine.portfolio import prepare
from sim.engine.run import DrawStore, Stage, make_draws, set_stage, simulate
from sim.plan.schema import Plan


def key_of(*parts: object) -> str:
    """One key for several parts, each length-marked."""
    sha = hashlib.sha256()
    for part in parts:
        text = str(part).encode()
        sha.update(f"{len(text)}:".encode() + text)
    return sha.hexdigest()


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


@st.cache_resource(max_entries=3, show_spinner="Drawing the year's luck...")
def _draws(key: str, _book: Book, _current: Plan, seed: int, rho: float, trials: int, months: int) -> DrawStore:
    return make_draws(prepare(_book, _current, months), seed, rho, trials)


@st.cache_resource(max_entries=6, show_spinner="Setting the stage: the effort that today's plan buys...")
def _stage(key: str, _scenario: Scenario, _book: Book) -> Stage:
    s = _scenario
    luck = key_of(_book.digest, s.seed, s.world.shock_rho, s.trials, s.months)
    draws = _draws(luck, _book, s.current, s.seed, s.world.shock_rho, s.trials, s.months)
    return set_stage(_book, s.current, s.world, seed=s.seed, trials=s.trials, n_months=s.months, draws=draws)


@st.cache_resource(max_entries=32, show_spinner=False)
def _outcome(key: str, _stage: Stage, _plan: Plan) -> Outcome:
    return simulate(_stage, _plan)


def stage_key(scenario: Scenario, book: Book) -> str:
    """Everything that plans share: a lever leaves it as it is."""
    s = scenario
    return key_of(book.digest, s.current.model_dump_json(), s.world.model_dump_json(), s.seed, s.trials, s.months)


def stage_of(scenario: Scenario, book: Book) -> tuple[str, Stage]:
    """The scenario's stage and its key. Raises InputError when the plan in force cannot be run on this book."""
    key = stage_key(scenario, book)
    return key, _stage(key, scenario, book)


def run_plan(scenario: Scenario, book: Book, plan: Plan) -> Outcome:
    """The plan on the scenario's stage; both from the cache when anybody has asked before.

    Raises InputError when a plan's quota cannot be set for this book.
    """
    key, stage = stage_of(scenario, book)
    return _outcome(key_of(key, plan.model_dump_json()), stage, plan)
