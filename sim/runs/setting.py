"""What a comparison is made from, small enough to send to a worker: it makes the draws again from the seed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from threading import Condition

from cachetools import LRUCache, cached

from sim.book.schema import Book
from sim.engine.outcome import Outcome
from sim.engine.portfolio import prepare
from sim.engine.run import MONTHS, TRIALS, DrawStore, Stage, make_draws, set_stage, simulate
from sim.plan.schema import Plan
from sim.runs import held
from sim.world.parameters import World


@dataclass(frozen=True, eq=False)
class Setting:
    """All that the plans of a comparison share. current: the plan in force. months: the horizon."""

    book: Book
    current: Plan
    world: World
    seed: int = 1
    trials: int = TRIALS
    months: int = MONTHS

    @cached_property
    def key(self) -> str:
        """Settings of the same key give every plan the same figures, to the last bit."""
        return key_of(
            self.book.digest,
            self.current.model_dump_json(),
            self.world.model_dump_json(),
            self.seed,
            self.trials,
            self.months,
        )

    @cached_property
    def luck(self) -> str:
        """Settings of the same luck share their draws."""
        return key_of(self.book.digest, self.seed, self.world.shock_rho, self.trials, self.months)


def key_of(*parts: object) -> str:
    """One key for several parts, each length-marked: SHA-256."""
    sha = hashlib.sha256()
    for part in parts:
        text = str(part).encode()
        sha.update(f"{len(text)}:".encode() + text)
    return sha.hexdigest()


@cached(
    LRUCache[str, DrawStore](held.DRAWS, getsizeof=held.at_most(held.DRAWS)),
    key=lambda setting: setting.luck,
    condition=Condition(),
)
def draws_at(setting: Setting) -> DrawStore:
    """The luck of a setting. Whoever asks while it is being made waits for it."""
    portfolio = prepare(setting.book, setting.current, setting.months)
    return make_draws(portfolio, setting.seed, setting.world.shock_rho, setting.trials)


@cached(
    LRUCache[str, Stage](held.STAGES, getsizeof=held.at_most(held.STAGES)),
    key=lambda setting: setting.key,
    condition=Condition(),
)
def stage_at(setting: Setting) -> Stage:
    """The stage of a setting, kept for the next plan. Raises InputError as ``make_stage``."""
    return make_stage(setting, draws_at(setting))


def make_stage(setting: Setting, draws: DrawStore | None = None) -> Stage:
    """The stage of a setting, with draws of its own unless some are given; nothing is kept.

    Raises InputError for sizes out of range and for quotas that the plan in force cannot set.
    """
    return set_stage(
        setting.book,
        setting.current,
        setting.world,
        seed=setting.seed,
        trials=setting.trials,
        n_months=setting.months,
        draws=draws,
    )


def run(setting: Setting, plan: Plan) -> Outcome:
    """One plan at a setting. Raises InputError when a quota cannot be set for this book."""
    return simulate(stage_at(setting), plan)
