"""Runs: what all plans of a comparison share (the stage), and one plan on it."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.book.schema import Book
from sim.engine.compile import Terms, compile_plan
from sim.engine.draws import Draws, Luck, draw_blocks, luck
from sim.engine.forecast import N_TASKS, Forecast, expect
from sim.engine.kernel import run_blocks
from sim.engine.outcome import Outcome, join_lanes, mean_anchor
from sim.engine.philox import LANES
from sim.engine.portfolio import CSM_WORKS, Portfolio, Works, prepare
from sim.engine.state import N_ANCHOR, PAY_RATIO, Field, Results, field, new_results
from sim.plan.schema import Plan
from sim.problems import InputError, Problem
from sim.world.parameters import World

Floats = NDArray[np.float64]

MODEL_VERSION = "1.2"
"""Changes whenever the same input gives other figures."""

TRIALS = 1024
MONTHS = 12
MAX_TRIALS = 100_000
MAX_MONTHS = 36
DRAW_BUDGET = 1 << 30
"""Bytes of draws kept in memory; above it they are made again, block by block, in every run."""

CHUNK = 4
"""Blocks that one thread takes at a time."""
ANCHOR_BLOCKS = 4
"""The anchor always comes from the same 256 trials: trial i then does not depend on how many trials are run."""
ANCHOR_PASSES = 5


DrawEdit = Callable[[Draws], Draws]
"""What a stress test does to the luck of some blocks."""


@dataclass(frozen=True)
class DrawStore:
    """Draws in chunks of blocks, kept when they fit the budget and otherwise made, and edited, when asked for.

    The store is read-only and may be shared by any number of threads and runs.
    """

    recipe: Luck
    n_blocks: int
    chunk: int
    kept: tuple[Draws, ...]
    edits: tuple[DrawEdit, ...] = ()

    def at(self, start: int) -> Draws:
        """The chunk that starts at a block."""
        if self.kept:
            return self.kept[start // self.chunk]
        draws = draw_blocks(self.recipe, start, min(self.chunk, self.n_blocks - start))
        for edit in self.edits:
            draws = with_edit(draws, edit)
        return draws


def with_edit(draws: Draws, edit: DrawEdit) -> Draws:
    """The draws that ``edit`` makes of these, read-only."""
    changed = edit(draws)
    for array in changed:
        array.setflags(write=False)  # the kernel is compiled for read-only draws
    return changed


def edited(store: DrawStore, edit: DrawEdit) -> DrawStore:
    """The same luck but for what ``edit`` changes; it must be pure, and leave what it is given as it is."""
    return replace(store, kept=tuple(with_edit(draws, edit) for draws in store.kept), edits=(*store.edits, edit))


def n_threads() -> int:
    """Threads for the month loop; results do not depend on it."""
    return os.cpu_count() or 1


def make_draws(portfolio: Portfolio, seed: int, shock_rho: float, trials: int, budget: int = DRAW_BUDGET) -> DrawStore:
    """The draws of a comparison. ``budget`` in bytes."""
    recipe = luck(portfolio, seed, shock_rho)
    n_blocks = max(-(-trials // LANES), ANCHOR_BLOCKS)
    if n_blocks * recipe.bytes_per_block > budget:
        # Chunks small enough that one for each thread stays within the budget.
        fitting = budget // (n_threads() * recipe.bytes_per_block)
        # A chunk divides ANCHOR_BLOCKS, so that the anchor comes from the same trials.
        chunk = next(size for size in (CHUNK, 2, 1) if size <= max(fitting, 1))
        return DrawStore(recipe, n_blocks, chunk, ())
    starts = range(0, n_blocks, CHUNK)
    with ThreadPoolExecutor(n_threads()) as pool:
        kept = tuple(pool.map(lambda at: draw_blocks(recipe, at, min(CHUNK, n_blocks - at)), starts))
    return DrawStore(recipe, n_blocks, CHUNK, kept)


@dataclass(frozen=True)
class Stage:
    """All that the plans of a comparison share: the book, the world, the luck, and the effort that today's plan buys.

    anchor: (n_csms, n_months, N_ANCHOR), means under the plan in force.
    """

    portfolio: Portfolio
    world: World
    forecast: Forecast
    field: Field
    draws: DrawStore
    trials: int
    anchor: Floats


def check_size(trials: int, n_months: int, seed: int) -> None:
    """Raises InputError unless trials, months and seed are whole numbers in range."""
    limits = (
        ("trials", trials, 1, MAX_TRIALS),
        ("months", n_months, 1, MAX_MONTHS),
        ("seed", seed, 0, 2**63 - 1),
    )
    problems = [
        Problem(name, str(value), f"must be a whole number from {low:,} to {high:,}")
        for name, value, low, high in limits
        if not (isinstance(value, int) and low <= value <= high)
    ]
    if problems:
        raise InputError(problems)


def set_stage(
    book: Book,
    current: Plan,
    world: World,
    *,
    seed: int = 1,
    trials: int = TRIALS,
    n_months: int = MONTHS,
    draws: DrawStore | None = None,
    works: Works = CSM_WORKS,
) -> Stage:
    """The stage for ``book`` under the plan in force.

    works: what a unit of effort of average skill achieves on each task; 0 where that is not the team's work.
    draws: those of an earlier stage with the same book, seed, trials, months and shock, to share them.
    Raises InputError for sizes out of range and for quotas that the current plan cannot set.
    """
    check_size(trials, n_months, seed)
    portfolio = prepare(book, current, n_months, works)
    forecast = expect(portfolio, world)
    store = draws or make_draws(portfolio, seed, world.shock_rho, trials)
    ground = field(portfolio, world)
    anchor = find_anchor(portfolio, forecast, world, ground, store, current)
    return Stage(portfolio, world, forecast, ground, store, trials, anchor)


def find_anchor(
    portfolio: Portfolio, forecast: Forecast, world: World, ground: Field, store: DrawStore, current: Plan
) -> Floats:
    """Mean effort, pay ratio and vacancy under the plan in force, by CSM and month, as a fixed point.

    The data's renewal probabilities hold that effort already, so effort counts as a difference from this mean; the
    mean itself comes from a run that needs it. A few passes settle it.
    """
    anchor = np.zeros((portfolio.n_csms, portfolio.n_months, N_ANCHOR))
    anchor[..., :N_TASKS] = 1.0
    anchor[..., PAY_RATIO] = 1.0
    starts = range(0, ANCHOR_BLOCKS, min(store.chunk, ANCHOR_BLOCKS))
    for _ in range(ANCHOR_PASSES):
        anchor.setflags(write=False)  # the kernel is compiled for read-only anchors
        terms = compile_plan(current, portfolio, forecast, world, anchor)
        anchor = mean_anchor(_run(ground, terms, anchor, store, starts))
    anchor.setflags(write=False)
    return anchor


def walk(ground: Field, terms: Terms, anchor: Floats, draws: Draws, *, with_reached: bool = False) -> Results:
    """Some blocks of trials; ``Results.reached`` is filled where it is asked for."""
    n_csms, n_months = terms.level.shape[:2]
    results = new_results(
        len(draws.response), n_csms, n_months, len(terms.weight), ground.n_segments, with_reached=with_reached
    )
    run_blocks(ground, terms, anchor, draws, results)
    return results


def _run(ground: Field, terms: Terms, anchor: Floats, store: DrawStore, starts: range) -> list[Results]:
    def part(start: int) -> Results:
        return walk(ground, terms, anchor, store.at(start))

    with ThreadPoolExecutor(n_threads()) as pool:
        return list(pool.map(part, starts))


Runner = Callable[[Field, Terms, Floats, DrawStore, range], list[Results]]


def terms_of(stage: Stage, plan: Plan) -> Terms:
    """The plan as the engine runs it. Raises InputError when a quota cannot be set for this book."""
    return compile_plan(plan, stage.portfolio, stage.forecast, stage.world, stage.anchor)


def simulate(stage: Stage, plan: Plan, runner: Runner = _run) -> Outcome:
    """One plan on a stage: deterministic, pure, the same bits whatever the number of threads.

    Raises InputError when a quota cannot be set for this book.
    """
    terms = terms_of(stage, plan)
    starts = range(0, -(-stage.trials // LANES), stage.draws.chunk)
    parts = runner(stage.field, terms, stage.anchor, stage.draws, starts)
    return outcome(stage, plan, terms, parts)


def outcome(stage: Stage, plan: Plan, terms: Terms, parts: list[Results]) -> Outcome:
    """Blocks joined to trials."""

    def joined(name: str) -> NDArray[np.generic]:
        return join_lanes([getattr(part, name) for part in parts], stage.trials)

    components = plan.components
    n = len(components)
    earned: Floats = joined("earned")  # type: ignore[assignment]
    return Outcome(
        opening_arr=stage.portfolio.opening_arr,
        opening_accounts=stage.portfolio.n_accounts,
        components=tuple(component.name for component in components),
        spifs=tuple(component.kind == "spif" for component in components),
        weights=tuple(component.weight or 0.0 for component in components),
        on_cost_rate=stage.world.on_cost,
        csm_ids=stage.portfolio.book.team.csm_id,
        csm_opening_arr=stage.forecast.opening_arr,
        segments=stage.portfolio.segments,
        segment_opening_arr=stage.portfolio.by_segment(stage.portfolio.arr),
        csm_target=terms.target * stage.portfolio.n_months,
        csm_base=terms.base * stage.portfolio.n_months,
        flows=joined("flows"),  # type: ignore[arg-type]
        paid=joined("paid")[:n],  # type: ignore[arg-type]
        earned=earned[:n],
        guarantee_earned=earned[-1],
        above_target=joined("above_target")[:n],  # type: ignore[arg-type]
        effort=mean_anchor(parts)[..., :N_TASKS],
        csm_pay=joined("csm_pay"),  # type: ignore[arg-type]
        csm_lost=joined("csm_lost"),  # type: ignore[arg-type]
        csm_expansion=joined("csm_expansion"),  # type: ignore[arg-type]
        attainment=joined("attainment")[:, :n],  # type: ignore[arg-type]
        csm_leaves=joined("csm_leaves"),  # type: ignore[arg-type]
        segment_lost=joined("segment_lost"),  # type: ignore[arg-type]
        segment_expansion=joined("segment_expansion"),  # type: ignore[arg-type]
    )
