"""Luck, fixed before anything is simulated. The only module that touches randomness.

Each draw belongs to (seed, purpose, entity, month, trial). A stream's key is a hash of the first three, the month and
the trial are its counter: an account more or less, another order or another purpose moves no other draw, and a block
of trials can be made alone, anywhere, with the same bits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtri

from sim.engine.kpis import N_KPIS
from sim.engine.philox import LANES, fill_uniform
from sim.engine.portfolio import Portfolio

Floats32 = NDArray[np.float32]
MONTHS_A_YEAR = 12
ROWS = 4096


class Draws(NamedTuple):
    """The luck of some blocks of trials, float32, the trial (lane) innermost.

    upsell, cross_sell: (n_blocks, n_months, n_accounts, LANES), uniform: a deal arrives when below its probability.
    latent: (n_blocks, n_renewals, LANES), logit of the one-factor copula's uniform: the account renews when
        latent + logit(P) > 0.
    depth, price: (n_blocks, n_renewals, LANES), uniform: contraction; price concession or increase.
    influence: (n_blocks, n_accounts, LANES), standard normal: how far effort moves this account.
    leave: (n_blocks, n_csms, n_months, LANES), uniform.
    kpi: (n_blocks, n_csms, n_months, N_KPIS, LANES), standard normal: measurement noise, in the order of
        KPI_MEASURES.
    response: (n_blocks, LANES), uniform in [-1, 1): this trial's strength of the response to pay.
    """

    upsell: Floats32
    cross_sell: Floats32
    latent: Floats32
    depth: Floats32
    price: Floats32
    influence: Floats32
    leave: Floats32
    kpi: Floats32
    response: Floats32


def stream_key(seed: int, purpose: str, entity: str) -> int:
    """64-bit key of a stream; the parts are length-marked, so that no two streams share a text."""
    text = f"{seed}/{len(purpose)}:{purpose}/{entity}"
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


@dataclass(frozen=True)
class Luck:
    """The recipe of all draws of a run: what ``draw_blocks`` needs to make any block of it."""

    seed: int
    shock_rho: float
    n_months: int
    upsell_keys: NDArray[np.uint64]
    cross_sell_keys: NDArray[np.uint64]
    renewal_keys: NDArray[np.uint64]
    depth_keys: NDArray[np.uint64]
    price_keys: NDArray[np.uint64]
    renewal_month: NDArray[np.int64]
    influence_keys: NDArray[np.uint64]
    leave_keys: NDArray[np.uint64]
    kpi_keys: NDArray[np.uint64]

    @property
    def bytes_per_block(self) -> int:
        """Memory of one block of LANES trials."""
        accounts, csms, renewals = len(self.upsell_keys), len(self.leave_keys), len(self.renewal_keys)
        floats = accounts * (2 * self.n_months + 1) + 3 * renewals + csms * self.n_months * (1 + N_KPIS) + 1
        return 4 * LANES * floats


def luck(portfolio: Portfolio, seed: int, shock_rho: float) -> Luck:
    """The streams of this book's accounts and CSMs."""
    accounts = portfolio.account_ids
    csms = portfolio.book.team.csm_id

    def keys(purpose: str, entities: Sequence[str]) -> NDArray[np.uint64]:
        return np.array([stream_key(seed, purpose, entity) for entity in entities], dtype=np.uint64)

    renewals = portfolio.renewal_account
    return Luck(
        seed=seed,
        shock_rho=shock_rho,
        n_months=portfolio.n_months,
        upsell_keys=keys("upsell", accounts),
        cross_sell_keys=keys("cross_sell", accounts),
        renewal_keys=keys("renewal", accounts)[renewals],
        depth_keys=keys("contraction", accounts)[renewals],
        price_keys=keys("price", accounts)[renewals],
        renewal_month=portfolio.renewal_month,
        influence_keys=keys("influence", accounts),
        leave_keys=keys("leave", csms),
        kpi_keys=keys("kpi", [f"{csm}/{number}" for csm in csms for number in range(N_KPIS)]),
    )


def _uniform(keys: NDArray[np.uint64], months: NDArray[np.int64], first_block: int, n_blocks: int) -> Floats32:
    out = np.empty((n_blocks, len(keys), LANES), dtype=np.float32)
    fill_uniform(keys, months, first_block, out)
    return out


def _normal(uniform: Floats32) -> NDArray[np.float64]:
    values = uniform.astype(np.float64)
    values += 2.0**-25  # half a step of the 24 bits keeps 0 away from the tail
    normal: NDArray[np.float64] = ndtri(values, out=values)
    return normal


def _dense(keys: NDArray[np.uint64], n_months: int, first_block: int, n_blocks: int) -> Floats32:
    months = np.tile(np.arange(n_months, dtype=np.int64), len(keys))
    rows = _uniform(np.repeat(keys, n_months), months, first_block, n_blocks)
    return rows.reshape(n_blocks, len(keys), n_months, LANES)


def _by_month(keys: NDArray[np.uint64], n_months: int, first_block: int, n_blocks: int) -> Floats32:
    """As ``_dense`` with the months outside: a CSM's accounts of a month are then read in one go."""
    months = np.repeat(np.arange(n_months, dtype=np.int64), len(keys))
    rows = _uniform(np.tile(keys, n_months), months, first_block, n_blocks)
    return rows.reshape(n_blocks, n_months, len(keys), LANES)


def _latent(recipe: Luck, first_block: int, n_blocks: int) -> Floats32:
    """logit(Phi(x)) with x = sqrt(rho) Z + sqrt(1 - rho) eps, Z one draw a year and trial (Vasicek's one factor)."""
    n_years = -(-recipe.n_months // MONTHS_A_YEAR)
    shock_key = np.full(n_years, stream_key(recipe.seed, "shock", ""), dtype=np.uint64)
    shock = _normal(_uniform(shock_key, np.arange(n_years), first_block, n_blocks))
    shock *= np.sqrt(recipe.shock_rho)
    latent = _uniform(recipe.renewal_keys, recipe.renewal_month, first_block, n_blocks)
    for start in range(0, latent.shape[1], ROWS):  # few at a time: in double precision all would take twice the memory
        rows = slice(start, start + ROWS)
        x = np.sqrt(1.0 - recipe.shock_rho) * _normal(latent[:, rows])
        x += shock[:, recipe.renewal_month[rows] // MONTHS_A_YEAR]
        latent[:, rows] = log_ndtr(x) - log_ndtr(-x)
    return latent


def draw_blocks(recipe: Luck, first_block: int, n_blocks: int) -> Draws:
    """The draws of ``n_blocks`` blocks of trials from ``first_block`` on; pure, whatever was drawn before."""
    n_accounts, n_csms, n_months = len(recipe.influence_keys), len(recipe.leave_keys), recipe.n_months
    months0 = np.zeros(n_accounts, dtype=np.int64)
    kpi = _dense(recipe.kpi_keys, n_months, first_block, n_blocks)
    kpi = kpi.reshape(n_blocks, n_csms, N_KPIS, n_months, LANES).transpose(0, 1, 3, 2, 4)
    response_key = np.array([stream_key(recipe.seed, "response", "")], dtype=np.uint64)
    draws = Draws(
        upsell=_by_month(recipe.upsell_keys, n_months, first_block, n_blocks),
        cross_sell=_by_month(recipe.cross_sell_keys, n_months, first_block, n_blocks),
        latent=_latent(recipe, first_block, n_blocks),
        depth=_uniform(recipe.depth_keys, recipe.renewal_month, first_block, n_blocks),
        price=_uniform(recipe.price_keys, recipe.renewal_month, first_block, n_blocks),
        influence=_normal(_uniform(recipe.influence_keys, months0, first_block, n_blocks)).astype(np.float32),
        leave=_dense(recipe.leave_keys, n_months, first_block, n_blocks),
        kpi=_normal(np.ascontiguousarray(kpi)).astype(np.float32),
        response=2.0 * _uniform(response_key, months0[:1], first_block, n_blocks)[:, 0] - np.float32(1.0),
    )
    for array in draws:
        array.setflags(write=False)
    return draws
