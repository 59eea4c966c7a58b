"""Writes the three invented sample books with their past: python sample_data/make_books.py [output folder]

Accounts and people are drawn from word lists and a seeded generator. Renewal probabilities and white space
are then shifted within each ACV band, so that the expected first year meets the published retention of that
band; README.md gives the definition and the figures. The past two years lead up to the book (make_history.py).
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from make_extras import past_renewals, products_held  # noqa: E402
from make_history import make_history  # noqa: E402

from sim.world.benchmarks import RETENTION_BY_ACV, RetentionBand, band_of  # noqa: E402
from sim.world.parameters import World  # noqa: E402

Floats = NDArray[np.float64]

SEED = 20260101
START = np.datetime64("2026-01", "M")
SEGMENTS = ("Micro", "Small", "Commercial", "Mid-market", "Upper mid-market", "Enterprise")
"""One for each ACV band of RETENTION_BY_ACV."""

LEVELS = ("csm", "senior", "lead")
LEVEL_SHARES = (0.60, 0.28, 0.12)
OTE_FROM = (90_000, 112_000, 138_000)
OTE_STEPS = 5
"""On-target earnings of a level: its lowest plus 0 to 4 steps of 5,000."""

FRONT, BACK, TRADES, FIRST_NAMES, LAST_NAMES = (
    words.split()
    for words in (
        "Bramble Pickle Thistle Wobble Noodle Gizmo Turnip Muffin Dapple Fidget Pebble Quibble Marrow "
        "Bumble Crumpet Doodle Figgle Gobble Hobnob Jumble Kettle Lollop Mingle Nibble Oddle Puddle",
        "fen wick snort quark dale mop thorpe bottom worth combe ford twist holt spoon ley button stead",
        "Kites Teapots Umbrellas Widgets Balloons Lanterns Doorknobs Marbles Spoons Whistles Puppets Hats "
        "Snowglobes Yo-Yos Pinwheels Biscuits",
        "Ada Basil Clementine Dorian Elowen Fitz Greta Hugo Ines Jasper Kiki Leopold Maeve Nico Odette "
        "Percy Quill Rosalind Silas Tilda Umber Viola Wilf Xanthe Yara Zeb",
        "Thimble Marmalade Inkwell Buttercup Haystack Lampshade Mothball Nutmeg Paperclip Quagmire "
        "Rhubarb Sideboard Teacosy Upsidaisy Wainscot",
    )
)


@dataclass(frozen=True)
class Mix:
    """What sets one sample book apart.

    mean_acv: USD a year; acv_spread: standard deviation of its logarithm.
    terms, term_shares: contract lengths in months, and how the accounts split over them.
    """

    name: str
    n_accounts: int
    n_csms: int
    mean_acv: float
    acv_spread: float
    terms: tuple[int, ...]
    term_shares: tuple[float, ...]


MIXES = (
    Mix("startup", 150, 4, 18_000, 0.80, (12,), (1.0,)),
    Mix("midmarket", 500, 20, 74_000, 0.75, (12,), (1.0,)),
    Mix("enterprise", 2_000, 60, 160_000, 0.95, (12, 24, 36), (0.70, 0.15, 0.15)),
)


def make_book(mix: Mix, random: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """accounts.csv and team.csv of one book."""
    n = mix.n_accounts
    acv = np.exp(mix.acv_spread * random.standard_normal(n))
    arr = np.maximum(np.round(acv * (mix.mean_acv * n / acv.sum()), -2), 1_200)
    term = random.choice(mix.terms, size=n, p=mix.term_shares)
    due = _months_due(term, random)
    # One hidden strength per account ties its signals to its risk, as they are tied in life.
    strength = random.standard_normal(n)
    adoption = 1 / (1 + np.exp(-(0.45 + 0.6 * _mixed(strength, 0.7, random))))
    nps = np.clip(np.round(33 + 28 * _mixed(strength, 0.6, random)), -100, 100)
    complexity = np.clip(np.round(3 + 0.9 * _mixed(-strength, 0.4, random)), 1, 5)
    log_odds = 0.75 * _mixed(strength, 0.85, random)
    upsell_appetite = np.exp(0.7 * random.standard_normal(n))
    cross_sell_appetite = np.exp(0.7 * random.standard_normal(n)) * (random.random(n) < 0.8)
    probability, upsell, cross_sell = np.zeros(n), np.zeros(n), np.zeros(n)
    bands = np.array([RETENTION_BY_ACV.index(band_of(value)) for value in arr])
    for number, band in enumerate(RETENTION_BY_ACV):
        rows = np.flatnonzero(bands == number)
        if rows.size:
            renewals = np.where(due[rows] < 12, 1, 0)
            probability[rows] = _calibrated_probability(log_odds[rows], arr[rows], renewals, band)
            upsell[rows], cross_sell[rows] = _calibrated_white_space(
                upsell_appetite[rows], cross_sell_appetite[rows], arr[rows], renewals, probability[rows], band
            )
    owner = _owners(arr, mix.n_csms, random)
    accounts = pd.DataFrame(
        {
            "account_id": [f"A-{row + 1:04d}" for row in range(n)],
            "account_name": _company_names(n, random),
            "csm_id": [f"C-{number + 1:02d}" for number in owner],
            "segment": [SEGMENTS[number] for number in bands],
            "arr": arr.astype(np.int64),
            "renewal_date": [str(day) for day in _days(due, random)],
            "term_months": term,
            "renewal_probability": probability,
            "upsell_whitespace": upsell.astype(np.int64),
            "cross_sell_whitespace": cross_sell.astype(np.int64),
            "complexity": complexity.astype(np.int64),
            "nps": nps.astype(np.int64),
            "adoption": np.round(adoption, 2),
            # A customer has completed whole terms up to the next renewal, so tenure follows from its date.
            "tenure_months": term * random.integers(1, 5, size=n) - due,
        }
    )
    return accounts, _team(mix.n_csms, random)


def _mixed(strength: Floats, correlation: float, random: np.random.Generator) -> Floats:
    """A standard normal signal with this correlation to the hidden strength."""
    noise = random.standard_normal(len(strength))
    signal: Floats = correlation * strength + np.sqrt(1 - correlation**2) * noise
    return signal


def _months_due(term: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.int64]:
    """Months to the next renewal: anywhere in the term, with more at the ends of quarters and of the year."""
    weights = np.array([1, 1, 1.5, 1, 1, 1.5, 1, 1, 1.5, 1, 1, 2.0])
    month = random.choice(12, size=len(term), p=weights / weights.sum())
    year = np.floor(random.random(len(term)) * (term // 12)).astype(np.int64)
    return month + 12 * year


def _calibrated_probability(log_odds: Floats, arr: Floats, renewals: NDArray[np.int64], band: RetentionBand) -> Floats:
    """Renewal probabilities whose expected first-year GRR, weighted by ARR, is the band's."""
    downsell = World().downsell_share
    # Contracts that are not due cannot be lost, so the average is over the due and the others.
    low, high = -5.0, 10.0
    for _ in range(60):
        shift = (low + high) / 2
        probability = 1 / (1 + np.exp(-(log_odds + shift)))
        loss = np.average(renewals * (1 - probability) / (1 - downsell), weights=arr)
        low, high = (shift, high) if loss > 1 - band.grr else (low, shift)
    return np.round(probability, 4)


def _calibrated_white_space(
    upsell: Floats,
    cross_sell: Floats,
    arr: Floats,
    renewals: NDArray[np.int64],
    probability: Floats,
    band: RetentionBand,
) -> tuple[Floats, Floats]:
    """White space, USD a year, that lifts the band's GRR to its NRR, 70 % of the way by upsell."""
    world = World()
    stays = probability**renewals
    uplift = np.average(renewals * probability * world.uplift_probability * world.uplift_rate, weights=arr)
    wanted = (band.nrr - band.grr - uplift) * arr.sum()

    def scaled(appetite: Floats, share: float, arrivals: float, take: float) -> Floats:
        sold = 1 - (1 - arrivals / 12 * take) ** 12
        space: Floats = arr * appetite * share * wanted / (sold * (stays * arr * appetite).sum())
        return np.round(space, -2)

    return (
        scaled(upsell, 0.7, world.upsell_arrivals, world.upsell_take),
        scaled(cross_sell, 0.3, world.cross_sell_arrivals, world.cross_sell_take),
    )


def _owners(arr: Floats, n_csms: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Owner of each account: books that differ in length by up to a fifth, with a like mix of sizes."""
    weights = 1 + 0.2 * (2 * random.random(n_csms) - 1)
    counts = np.floor(np.cumsum(weights / weights.sum()) * len(arr) + 0.5).astype(np.int64)
    counts = np.diff(counts, prepend=0)
    turns = np.concatenate([(np.arange(count) + random.random()) / count for count in counts])
    dealt = np.repeat(np.arange(n_csms), counts)[np.argsort(turns, kind="stable")]
    by_size = np.argsort(-arr * np.exp(0.3 * random.standard_normal(len(arr))), kind="stable")
    owner = np.empty(len(arr), dtype=np.int64)
    owner[by_size] = dealt
    return owner


def _days(due: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.datetime64]:
    """A day of each month: its last for half of the accounts, else any up to the 28th."""
    month = START + due
    last = (month + 1).astype("datetime64[D]") - 1
    any_day = month.astype("datetime64[D]") + random.integers(0, 28, size=len(due))
    return np.where(random.random(len(due)) < 0.5, last, any_day)


def _company_names(n: int, random: np.random.Generator) -> list[str]:
    """Different names that no company would choose."""
    picks = random.choice(len(FRONT) * len(BACK) * len(TRADES), size=n, replace=False)
    return [
        FRONT[pick % len(FRONT)] + BACK[pick // len(FRONT) % len(BACK)] + " " + TRADES[pick // (len(FRONT) * len(BACK))]
        for pick in picks.tolist()
    ]


def _team(n: int, random: np.random.Generator) -> pd.DataFrame:
    level = random.choice(len(LEVELS), size=n, p=LEVEL_SHARES)
    level[0] = LEVELS.index("lead")
    picks = random.choice(len(FIRST_NAMES) * len(LAST_NAMES), size=n, replace=False).tolist()
    return pd.DataFrame(
        {
            "csm_id": [f"C-{number + 1:02d}" for number in range(n)],
            "csm_name": [
                f"{FIRST_NAMES[pick % len(FIRST_NAMES)]} {LAST_NAMES[pick // len(FIRST_NAMES)]}" for pick in picks
            ],
            "role": ["Lead CSM" if LEVELS[number] == "lead" else "CSM" for number in level],
            "level": [LEVELS[number] for number in level],
            "ote": np.array(OTE_FROM)[level] + 5_000 * random.integers(0, OTE_STEPS, size=n),
            **{
                f"skill_{task}": np.round(np.clip(1 + 0.1 * random.standard_normal(n), 0.8, 1.2), 2)
                for task in ("retention", "upsell", "cross_sell")
            },
        }
    )


def main(folder: Path) -> None:
    for number, mix in enumerate(MIXES):
        random = np.random.Generator(np.random.PCG64([SEED, number]))
        accounts, team = make_book(mix, random)
        target = folder / mix.name
        target.mkdir(parents=True, exist_ok=True)
        # A generator of its own: the past changes nothing in the book.
        past = make_history(accounts, START, np.random.Generator(np.random.PCG64([SEED, number, 1])))
        extra = np.random.Generator(np.random.PCG64([SEED, number, 2]))
        files = {
            "accounts.csv": accounts,
            "team.csv": team,
            "history.csv": past,
            "renewals.csv": past_renewals(mix.name, accounts, extra),
            "products.csv": products_held(accounts, extra),
        }
        for name, table in files.items():
            table.to_csv(target / name, index=False, lineterminator="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
