"""The sample books: regenerated to the byte, of the stated size, and calibrated as their README says."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from sim.book import ACCOUNT_COLUMNS, HISTORY_COLUMNS, SAMPLES, TEAM_COLUMNS, Book, dictionary, load_sample
from sim.book.risk import OUTCOME_COLUMNS
from sim.book.samples import SAMPLE_DATA
from sim.problems import InputError
from sim.words import money
from sim.world.benchmarks import RETENTION_BY_ACV, band_of
from sim.world.parameters import World

README = (SAMPLE_DATA / "README.md").read_text(encoding="utf-8")


def expected_year(book: Book, rows: list[int]) -> tuple[float, float]:
    """Expected GRR and NRR of these accounts over 12 months, one account and month at a time."""
    world = World()
    kept = ended = 0.0
    for row in rows:
        stays, prices = 1.0, 1.0
        upsell, cross_sell = book.upsell_whitespace[row], book.cross_sell_whitespace[row]
        sold = 0.0
        for month in range(12):
            if month == book.renewal_month[row]:
                stays *= book.renewal_probability[row]
                prices += world.uplift_probability * world.uplift_rate
            upsell_now = upsell * world.upsell_arrivals / 12 * world.upsell_take
            cross_sell_now = cross_sell * world.cross_sell_arrivals / 12 * world.cross_sell_take
            sold, upsell, cross_sell = (
                sold + upsell_now + cross_sell_now,
                upsell - upsell_now,
                cross_sell - cross_sell_now,
            )
        loss = (1 - stays) / (1 - world.downsell_share)
        kept += book.arr[row] * (1 - loss)
        ended += book.arr[row] * (1 - loss + stays * (prices - 1)) + stays * sold
    total = book.arr[rows].sum()
    return kept / total, ended / total


@pytest.fixture(scope="module", params=list(SAMPLES))
def sample(request: pytest.FixtureRequest) -> tuple[str, Book]:
    return request.param, load_sample(request.param)


def test_the_script_writes_exactly_these_files(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(SAMPLE_DATA / "make_books.py"), str(tmp_path)], check=True)
    for name in SAMPLES:
        for file in ("accounts.csv", "team.csv", "history.csv", "renewals.csv", "products.csv"):
            assert (tmp_path / name / file).read_bytes() == (SAMPLE_DATA / name / file).read_bytes()


def test_each_band_meets_the_published_retention_and_the_readme(sample: tuple[str, Book]) -> None:
    name, book = sample
    for band in RETENTION_BY_ACV:
        rows = [row for row in range(len(book)) if band_of(book.arr[row]) is band]
        if rows:
            grr, nrr = expected_year(book, rows)
            assert grr == pytest.approx(band.grr, abs=0.002)
            assert nrr == pytest.approx(band.nrr, abs=0.005)
            segments = {book.segment[row] for row in rows}
            assert len(segments) == 1
            figures = f"{100 * grr:.2f} % ({100 * band.grr:.0f}) | {100 * nrr:.2f} % ({100 * band.nrr:.0f})"
            arr = money(book.arr[rows].sum())
            assert f"| {name} | {segments.pop()} | {len(rows)} | {arr} | {figures} |" in README


@pytest.mark.parametrize(
    ("name", "accounts", "csms"), [("startup", 150, 4), ("midmarket", 500, 20), ("enterprise", 2000, 60)]
)
def test_size_and_shape(name: str, accounts: int, csms: int) -> None:
    book = load_sample(name)
    assert (len(book), len(book.team)) == (accounts, csms)
    assert book.as_of == date(2026, 1, 1)
    assert set(book.term_months) <= {12, 24, 36}
    assert (book.renewal_month < book.term_months).all()
    assert set(book.team.level) <= {"csm", "senior", "lead"}
    assert 90_000 <= book.team.ote.min() <= book.team.ote.max() <= 160_000
    for skill in (book.team.skill_retention, book.team.skill_upsell, book.team.skill_cross_sell):
        assert 0.8 <= skill.min() <= skill.max() <= 1.2
    assert len(set(book.account_name)) == accounts
    assert len(set(book.team.csm_name)) == csms
    # Healthy customers renew more, and white space and risk differ between accounts.
    assert np.corrcoef(book.adoption, book.renewal_probability)[0, 1] > 0.3
    assert np.corrcoef(book.complexity, book.renewal_probability)[0, 1] < 0
    assert book.renewal_probability.std() > 0.02
    assert 0.4 < book.renewal_probability.min() <= book.renewal_probability.max() < 1


def test_the_mid_market_book_is_the_one_that_the_readme_describes() -> None:
    book = load_sample("midmarket")
    per_csm = np.bincount(book.csm)
    assert (per_csm.min(), per_csm.max()) == (21, 30)
    assert f"{per_csm.min()} to {per_csm.max()} accounts and about $1.85M a CSM" in README
    assert book.arr.sum() == pytest.approx(37e6, rel=0.001)
    stated = re.findall(r"\| `(\w+)/` \| ([\d,]+) accounts, (\d+) CSMs, (\$[\d.]+M) ARR", README)
    samples = {name: load_sample(name) for name in SAMPLES}
    assert stated == [(n, f"{len(b):,}", str(len(b.team)), _millions(b)) for n, b in samples.items()]
    longer = (samples["enterprise"].term_months > 12).mean()
    assert longer == pytest.approx(0.3, abs=0.03)


def _millions(book: Book) -> str:
    total = book.arr.sum() / 1e6
    return f"${total:.0f}M" if total > 100 else f"${total:.1f}M"


def test_the_readme_holds_the_data_dictionary_and_says_that_the_books_are_invented() -> None:
    assert dictionary(ACCOUNT_COLUMNS) in README
    assert dictionary(TEAM_COLUMNS) in README
    assert dictionary(HISTORY_COLUMNS) in README
    assert dictionary(OUTCOME_COLUMNS) in README
    assert "**The three sample books are invented.**" in README


def test_an_unknown_sample_is_refused() -> None:
    with pytest.raises(InputError, match="must be one of startup, midmarket, enterprise"):
        load_sample("smb")
