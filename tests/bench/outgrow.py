"""What one machine does before it is outgrown: a search of 2,000 plans, 5,000 books, a million accounts."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from run import MEGABYTE, many

from sim.book.samples import load_sample
from sim.decide.frontier.explore import PLANS, explore
from sim.decide.frontier.figures import usual_limit
from sim.decide.frontier.space import make_space, usual
from sim.decide.many_books import on_books
from sim.engine.philox import LANES
from sim.engine.portfolio import prepare
from sim.engine.run import MONTHS, make_draws, n_threads, set_stage, simulate
from sim.plan.read import plan_preset
from sim.runs.setting import Setting, run
from sim.runs.spread import local_executor
from sim.world.parameters import World

BOOKS, BOOKS_RUN, BOOK_TRIALS = 5_000, 50, 256
ACCOUNTS, ACCOUNTS_RUN, TRIALS = 1_000_000, 50_000, 1_000
CURRENT, CANDIDATE = plan_preset("current_80_20"), plan_preset("at_risk_70_30")


def search() -> None:
    setting = Setting(load_sample("midmarket"), CURRENT, World())
    limit = usual_limit(run(setting, CURRENT).plan_cost)
    start = time.perf_counter()
    with local_executor() as executor:
        found = explore(executor, setting, make_space(CURRENT, usual(CURRENT)), limit, PLANS)
    seconds = time.perf_counter() - start
    print(f"\nFrontier: {PLANS:,} plans on 500 accounts, finalists on {setting.trials:,} trials and on fresh luck")
    print(f"{seconds:.1f} s, {len(found.offers)} plans offered (target: at most 60 s on two cores)")


def books(full: bool) -> None:
    """Small books with ids, and so luck, of their own."""
    sample, n = load_sample("startup"), BOOKS if full else BOOKS_RUN
    settings = (
        Setting(
            replace(sample, account_id=tuple(f"{text}-{copy}" for text in sample.account_id)),
            CURRENT,
            World(),
            trials=BOOK_TRIALS,
        )
        for copy in range(n)
    )
    start = time.perf_counter()
    with local_executor() as executor:
        on_books(executor, settings, CANDIDATE)
    seconds = time.perf_counter() - start
    print(f"\nMany books: {n:,} of {len(sample)} accounts, {BOOK_TRIALS} trials, two plans each")
    print(f"{seconds:.1f} s, {1e3 * seconds / n:.0f} ms a book", end="")
    print("" if full else f"; {BOOKS:,} books would take {seconds / n * BOOKS / 60:.1f} minutes")
    print(f"peak of the process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def million(full: bool) -> None:
    """A million accounts, streamed, in a process of its own; without ``full`` a twentieth of them and one block."""
    accounts, trials = (ACCOUNTS, TRIALS) if full else (ACCOUNTS_RUN, LANES)
    command = [sys.executable, str(Path(__file__)), str(accounts), str(trials)]
    ready, stage, plan, block, before, peak = map(float, subprocess.check_output(command, text=True).split())
    print(f"\nLarge book: {accounts:,} accounts, {trials:,} trials, {MONTHS} months, streamed by {n_threads()} threads")
    print(f"stage {stage:.0f} s, one plan {plan:.0f} s; draws {block:.0f} MB a thread; peak {peak:.0f} MB")
    print(f"(of which {before:.0f} MB before there was a book, which took {ready:.0f} s to make)")
    if not full:
        size, blocks = ACCOUNTS / accounts, -(-TRIALS // LANES)
        # The anchor walks its blocks whatever the trials. Blocks run side by side, but a single one has one thread.
        at_once = min(n_threads(), blocks)
        minutes = (stage * size / 60, plan * size * blocks / at_once / 60)
        print(
            f"extrapolated to {ACCOUNTS:,} accounts x {TRIALS:,} trials: stage {minutes[0]:.0f} min, "
            f"one plan {minutes[1]:.0f} min, memory {(before + size * (peak - before)) / 1024:.0f} GB"
        )


def one(accounts: int, trials: int) -> None:
    """Seconds to make the book, to set the stage, to run a plan; MB of a block of draws, at the start, at the peak."""
    simulate(set_stage(load_sample("startup"), CURRENT, World(), trials=LANES), CURRENT)  # compiled: not counted
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.perf_counter()
    book = many(load_sample("midmarket"), accounts)
    portfolio = prepare(book, CURRENT, MONTHS)
    draws = make_draws(portfolio, 1, World().shock_rho, trials, budget=0)
    made = time.perf_counter()
    stage = set_stage(book, CURRENT, World(), trials=trials, draws=draws)
    staged = time.perf_counter()
    simulate(stage, CANDIDATE)
    ended = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(made - start, staged - made, ended - staged, draws.recipe.bytes_per_block / MEGABYTE, before, peak)


if __name__ == "__main__":
    one(int(sys.argv[1]), int(sys.argv[2]))
