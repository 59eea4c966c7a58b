"""What everybody's effort makes of the luck: which renewals are won, which opportunities are found, which deals closed.

In the very operations of the month loop and their order, so that a role that works alone has the figures it always had.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.draws import Draws
from sim.engine.forecast import CROSS_SELL, KPI, RETENTION, UPSELL
from sim.engine.philox import LANES
from sim.engine.state import ORPHANED, TRAINING, Results, response_of
from sim.roles.part import Part, Place

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

SURE = np.float32(1e9)
"""A latent that no log-odds of renewal outweighs."""


class Events(NamedTuple):
    """What happens to the accounts of the book in some blocks of trials.

    stays: (n_blocks, n_accounts, n_months, LANES), of a renewal due. found, closed: (2, n_blocks, n_months, n_accounts,
    LANES), upsell and cross-sell.
    """

    stays: Flags
    found: Flags
    closed: Flags


def _response(part: Part, draws: Draws) -> Floats:
    """(n_blocks, 1, 1, LANES), to go with arrays by person and month."""
    return response_of(part.stage.field, draws)[:, None, None]


def lifts_of(part: Part, draws: Draws, done: Results) -> Floats:
    """How many times the usual deals a person's effort brings: (2, n_blocks, n_csms, n_months, LANES)."""
    scale = _response(part, draws) * part.stage.field.kappa
    usual = part.stage.anchor[..., None]
    return np.stack(
        [
            (1.0 + scale * done.reached[:, :, :, task]) / (1.0 + scale * usual[:, :, task])
            for task in (UPSELL, CROSS_SELL)
        ]
    )


def _by_account(values: Floats, seat: Ints, nobody: float) -> Floats:
    """(n_blocks, n_csms, n_months, LANES) -> (n_blocks, n_months, n_accounts, LANES)."""
    absent = np.full((len(values), 1, *values.shape[2:]), nobody)
    return np.concatenate([values, absent], axis=1)[:, seat].swapaxes(1, 2)  # the last is where -1 points


def deals(
    parts: Sequence[Part], places: Sequence[Place], luck: Sequence[Draws], lifts: Sequence[Floats], since: int
) -> tuple[Flags, Flags]:
    """Which opportunities are found, and which of them are won, in the months from ``since`` on: (2, n_blocks, months,
    n_accounts, LANES) each."""
    ground = parts[0].stage.field
    n_blocks, n_months = luck[0].upsell.shape[:2]
    shape = (2, n_blocks, n_months - since, len(places[0].seat), LANES)
    found, closed = np.empty(shape, dtype=np.bool_), np.empty(shape, dtype=np.bool_)
    for sale, usual in enumerate((ground.upsell_chance, ground.cross_sell_chance)):
        uniform = np.empty(shape[1:])
        finding, closing = np.full(shape[1:], usual), np.full(shape[1:], usual)
        for part, place, draws, lift in zip(parts, places, luck, lifts, strict=True):
            if part.does.owns:
                uniform[:, :, part.accounts] = (draws.upsell, draws.cross_sell)[sale][:, since:]
            if part.does.finds or part.does.closes:
                here = _by_account(lift[sale][:, :, since:], place.seat, 1.0)
                closing *= here
                if part.does.finds:
                    finding *= here
        found[sale] = uniform * ground.win_rate < finding
        closed[sale] = found[sale] & (uniform < closing)
    return found, closed


def renewals(
    parts: Sequence[Part], places: Sequence[Place], luck: Sequence[Draws], done: Sequence[Results], support: float
) -> Flags:
    """Which renewals are won: (n_blocks, n_accounts, n_months, LANES), of those that fall due."""
    n_blocks, n_months = luck[0].upsell.shape[:2]
    stays = np.zeros((n_blocks, len(places[0].seat), n_months, LANES), dtype=np.bool_)
    quality = _onboarding(parts, places, luck, done, support) if any(part.does.onboards for part in parts) else None
    for owner, owned, draws in zip(parts, places, luck, strict=True):
        if not owner.does.owns:
            continue
        portfolio, ground = owner.stage.portfolio, owner.stage.field
        account, month = owned.renewal.T
        row = portfolio.renewal_account
        sway = _response(owner, draws) * ground.b
        influence = 1.0 + ground.influence_sd * draws.influence[:, row].astype(np.float64)
        push = np.zeros((n_blocks, len(account), LANES))
        for part, place, its in zip(parts, places, done, strict=True):
            usual = part.stage.anchor[..., None]
            swayed = sway * (its.reached[:, :, :, RETENTION] - usual[:, :, RETENTION])
            push += _at(swayed, place.seat[account], month) * influence
            odds = ground.training_effect * _trained(part, draws, its)
            if part is owner:
                odds += -ground.orphan_penalty * (its.reached[:, :, :, ORPHANED] - usual[:, :, ORPHANED])
            push += _at(odds, place.seat[account], month)
        if quality is not None:
            first = portfolio.first_renewals
            push[:, first] += quality[:, account[first], month[first]]
        stays[:, account, month] = draws.latent.astype(np.float64) + ground.log_odds[row, None] + push > 0.0
    return stays


def _trained(part: Part, draws: Draws, done: Results) -> Floats:
    """Months of effort on training before each month, beyond the usual: (n_blocks, n_csms, n_months, LANES)."""
    more = _response(part, draws) * (done.reached[:, :, :, TRAINING] - part.stage.anchor[:, :, TRAINING, None])
    before = np.zeros_like(more)
    before[:, :, 1:] = np.cumsum(more, axis=2)[:, :, :-1]
    return before


def _at(values: Floats, seat: Ints, month: Ints) -> Floats:
    """(n_blocks, n_csms, n_months, LANES) -> (n_blocks, n_renewals, LANES), 0 where there is nobody."""
    here: Floats = np.where((seat >= 0)[:, None], values[:, seat, month], 0.0)
    return here


def _onboarding(
    parts: Sequence[Part], places: Sequence[Place], luck: Sequence[Draws], done: Sequence[Results], support: float
) -> Floats:
    """Log-odds that onboarding so far adds to an account's first renewal: (n_blocks, n_accounts, n_months, LANES)."""
    n_blocks, n_months = luck[0].upsell.shape[:2]
    n_accounts = len(places[0].seat)
    quality = np.zeros((n_blocks, n_accounts, n_months, LANES))
    months = np.arange(1.0, n_months + 1.0)[:, None]
    for part, place, draws, its in zip(parts, places, luck, done, strict=True):
        if not part.does.onboards:
            continue
        helped = np.ones((n_blocks, n_months, n_accounts, LANES))
        for other, its_place, theirs in zip(parts, places, done, strict=True):
            if other.does.supports:
                more = theirs.reached[:, :, :, KPI] - other.stage.anchor[..., KPI, None]
                helped += support * _by_account(more, its_place.seat, 0.0)
        work = _by_account(its.reached[:, :, :, KPI], place.seat, 0.0) * helped
        usual = np.append(part.stage.anchor[..., KPI], np.zeros((1, n_months)), axis=0)[place.seat]
        mean = np.cumsum(work.swapaxes(1, 2) - usual[..., None], axis=2) / months
        quality += _response(part, draws) * part.stage.field.b * mean
    return quality


def decided(part: Part, place: Place, lift: Floats | None, events: Events, draws: Draws) -> Draws:
    """A part's luck with nothing left to chance: what was decided happens whatever its own effort.

    A deal arrives where the draw is below its chance, and is found where the draw times the win rate is: 0 is both,
    infinity neither, and what lies well between the two is found only. lift: as `lifts_of`; None where nobody counts
    what is found only.
    """
    ground = part.stage.field
    account, month = place.renewal.T
    seat = place.seat[part.accounts]
    uniform = []
    for sale, usual in enumerate((ground.upsell_chance, ground.cross_sell_chance)):
        luck = np.where(events.closed[sale][:, :, part.accounts], np.float32(0.0), np.float32(np.inf))
        if lift is not None:
            found_only = (events.found[sale] & ~events.closed[sale])[:, :, part.accounts]
            between = usual * _by_account(lift[sale], seat, 1.0) / np.sqrt(ground.win_rate)
            luck = np.where(found_only, between.astype(np.float32), luck)
        uniform.append(luck)
    latent = np.where(events.stays[:, account, month], SURE, -SURE)
    # The kernel is compiled for arrays in this order, and what is picked by account comes in another.
    latent, upsell, cross_sell = map(np.ascontiguousarray, (latent, *uniform))
    return draws._replace(latent=latent, upsell=upsell, cross_sell=cross_sell)
