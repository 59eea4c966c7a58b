"""What a person waits for, measured: ``make bench``. Ratios within a run travel; milliseconds belong to the machine."""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from sim.book.intake.gather import Matched, gather
from sim.book.intake.mapping import propose
from sim.book.intake.source import read_sheets
from sim.book.intake.spellings import KNOWN_HEADERS
from sim.book.samples import SAMPLE_DATA, load_sample
from sim.book.schema import Book
from sim.engine.portfolio import prepare
from sim.engine.reference import run_reference
from sim.engine.run import MONTHS, TRIALS, Stage, find_anchor, make_draws, n_threads, set_stage, simulate
from sim.plan.read import plan_preset
from sim.world.parameters import World

RUNS = 15
MEGABYTE = 1 << 20


def times(action: Callable[[], object], runs: int = RUNS) -> list[float]:
    """Milliseconds of each run, after one that is not counted."""
    action()
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        action()
        taken.append(1e3 * (time.perf_counter() - start))
    return taken


def line(what: str, taken: list[float], note: str = "") -> None:
    shown = f"{statistics.median(taken):10.1f}{min(taken):10.1f}{max(taken):10.1f}"
    print(f"{what:58}{shown}  {note}", flush=True)


def many(book: Book, accounts: int) -> Book:
    """The book over and over, each copy with CSMs and ids of its own."""
    copies = accounts // len(book)
    team, size = book.team, len(book.team)

    def tiled(value: object) -> object:
        return np.tile(value, copies) if isinstance(value, np.ndarray) else tuple(value) * copies  # type: ignore[arg-type]

    ids = tuple(f"{text}-{copy}" for copy in range(copies) for text in book.account_id)
    csm_ids = tuple(f"{text}-{copy}" for copy in range(copies) for text in team.csm_id)
    grown_team = replace(team, **{name: tiled(value) for name, value in vars(team).items()} | {"csm_id": csm_ids})
    columns = {
        name: tiled(getattr(book, name)) for name in vars(book) if name not in ("name", "as_of", "team", "digest")
    }
    columns |= {"account_id": ids, "team": grown_team}
    columns["csm"] = np.concatenate([book.csm + copy * size for copy in range(copies)])
    return replace(book, **columns)


def engine(stage: Stage) -> None:
    current, candidate = plan_preset("current_80_20"), plan_preset("at_risk_70_30")
    print(f"\nEngine: 500 accounts, 20 CSMs, {TRIALS:,} trials, {MONTHS} months, draws ready")
    kernel = times(lambda: simulate(stage, candidate))
    line("candidate, all components", kernel, "target: 20 ms on two cores")
    reference = times(lambda: simulate(stage, candidate, runner=run_reference), runs=3)
    ratio = statistics.median(reference) / statistics.median(kernel)
    line("the same by the NumPy reference", reference, f"{ratio:.1f} times the kernel (target: at least 20)")
    reading = times(lambda: [float(draws.upsell.sum() + draws.cross_sell.sum()) for draws in stage.draws.kept])
    line(
        "reading the monthly draws once",
        reading,
        f"kernel: {statistics.median(kernel) / statistics.median(reading):.1f} x",
    )
    p = stage.portfolio
    line("making the draws", times(lambda: make_draws(p, 1, stage.world.shock_rho, TRIALS), runs=3))
    line(
        "the anchor (once for each current plan)",
        times(lambda: find_anchor(p, stage.forecast, stage.world, stage.field, stage.draws, current), runs=3),
    )


def scaling(largest: int) -> None:
    """Memory and time from 500 accounts up, one process each, so that peaks do not mix."""
    print("\nScaling: 64 trials, 12 months; draws ready for the time, streamed for the memory")
    sizes = [size for size in (500, 5_000, 50_000) if size <= largest]
    found = []
    for size in sizes:
        command = [sys.executable, __file__, "--one-size", str(size)]
        ms, in_work, peak = (float(part) for part in subprocess.check_output(command, text=True).split())
        found.append(ms)
        print(f"{size:8,} accounts{ms:12.1f} ms   draws in work {in_work:7.0f} MB   peak above start {peak:7.0f} MB")
    exponent = np.polyfit(np.log(sizes), np.log(found), 1)[0]
    print(f"time grows as accounts to the power {exponent:.3f} (target: 0.95 to 1.05)")
    print("target for memory: at most 200 MB beside the draws")


def importing(rows: int) -> None:
    """A CSV of many accounts from its path to a book, in a process of its own."""
    print(f"\nImport: {rows:,} accounts of 14 columns as CSV, matched and checked; targets: 20 s, 2 GB")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "accounts.csv"
        table = pd.read_csv(SAMPLE_DATA / "midmarket" / "accounts.csv", dtype=str)
        large = pd.concat([table] * (rows // len(table)), ignore_index=True)
        large["account_id"] = [f"A-{row}" for row in range(len(large))]
        large.to_csv(path, index=False)
        command = [sys.executable, __file__, "--one-import", str(path)]
        seconds, peak = (float(part) for part in subprocess.check_output(command, text=True).split())
        print(f"{len(large):,} rows, {path.stat().st_size / MEGABYTE:.0f} MB{seconds:10.1f} s   peak {peak:7.0f} MB")


def one_import(path: str) -> None:
    start = time.perf_counter()
    sheet = read_sheets(path, "accounts.csv", KNOWN_HEADERS)[0]
    book = gather([Matched(sheet, propose(sheet, "accounts").mapping)], ote=120_000).result.book
    assert book is not None
    print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def one_size(size: int) -> None:
    """The month loop on one block, and the peak memory of a run whose draws are streamed."""
    book, current = many(load_sample("midmarket"), size), plan_preset("current_80_20")
    simulate(set_stage(load_sample("startup"), current, World(), trials=64), current)  # compiled code is not counted
    portfolio = prepare(book, current, MONTHS)
    streamed = make_draws(portfolio, 1, World().shock_rho, 64, budget=0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    stage = set_stage(book, current, World(), trials=64, draws=streamed)
    simulate(stage, current)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before
    ready = replace(stage, draws=make_draws(portfolio, 1, World().shock_rho, 64, budget=1 << 40))
    taken = times(lambda: simulate(ready, current), runs=9)
    print(statistics.median(taken), n_threads() * streamed.recipe.bytes_per_block / MEGABYTE, peak)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one-size", type=int, help=argparse.SUPPRESS)
    parser.add_argument(
        "--largest", type=int, default=50_000, help="accounts of the largest book (default: %(default)s)"
    )
    parser.add_argument("--no-page", action="store_true", help="leave out the page in Chromium")
    parser.add_argument("--one-import", help=argparse.SUPPRESS)
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the import (default: %(default)s)")
    parser.add_argument(
        "--full",
        action="store_true",
        help="only 5,000 books and 1,000,000 accounts x 1,000 trials, as they are: about 20 minutes and 20 GB",
    )
    options = parser.parse_args()
    if options.one_import:
        one_import(options.one_import)
        return
    if options.one_size:
        one_size(options.one_size)
        return
    import outgrow  # it takes its large book from here

    if options.full:
        outgrow.books(full=True)
        outgrow.million(full=True)
        return
    print(f"{'milliseconds':58}{'median':>10}{'min':>10}{'max':>10}")
    book = load_sample("midmarket")
    engine(set_stage(book, plan_preset("current_80_20"), World()))
    scaling(options.largest)
    outgrow.search()
    outgrow.books(full=False)
    outgrow.million(full=False)
    importing(options.rows)
    if not options.no_page:
        from opening import pages  # the browser is only needed here
        from page import page

        page()
        pages()


if __name__ == "__main__":
    main()
