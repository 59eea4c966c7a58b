"""What an assignment would change: who hands over what, how even the loads become, what it does to ARR."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.book.schema import Book
from sim.decide.targets.assignment import carried_loads
from sim.decide.targets.hours import Hours, by_account
from sim.decide.targets.sharing import LOADS, account_loads
from sim.engine.compile import log_odds_per_effort
from sim.engine.forecast import CROSS_SELL, KPI, RETENTION, UPSELL, expect
from sim.engine.portfolio import prepare
from sim.engine.run import Stage, make_draws
from sim.engine.state import TRAINING, field
from sim.plan.schema import Plan

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def handovers(book: Book, csm: Ints) -> pd.DataFrame:
    """The accounts that change hands, the largest first: account, ARR, from, to, month of the next renewal."""
    moved = np.flatnonzero(csm != book.csm)
    moved = moved[np.argsort(-book.arr[moved], kind="stable")]
    team = book.team
    return pd.DataFrame(
        {
            "account_id": [book.account_id[i] for i in moved],
            "account_name": [book.account_name[i] for i in moved],
            "segment": [book.segment[i] for i in moved],
            "arr": book.arr[moved],
            "renewal_month": book.renewal_month[moved] + 1,
            "from_csm_id": [team.csm_id[book.csm[i]] for i in moved],
            "from_csm": [team.csm_name[book.csm[i]] for i in moved],
            "to_csm_id": [team.csm_id[csm[i]] for i in moved],
            "to_csm": [team.csm_name[csm[i]] for i in moved],
        }
    )


def load_table(stage: Stage, csm: Ints, hours: Hours) -> pd.DataFrame:
    """Each CSM's loads as a share of the fair one, before and after: load, when, csm_id, csm, share."""
    loads = account_loads(stage, hours)
    book = stage.portfolio.book
    fair = loads.sum(axis=1, keepdims=True) / stage.portfolio.n_csms
    tables = []
    for when, owner in (("today", book.csm), ("proposed", csm)):
        share = np.divide(carried_loads(loads, owner, stage.portfolio.n_csms), fair, where=fair > 0.0, out=None)
        for name, row, there in zip(LOADS, share, fair[:, 0] > 0.0, strict=True):
            if there:
                team = {"csm_id": book.team.csm_id, "csm": book.team.csm_name}
                tables.append(pd.DataFrame({"load": name, "when": when, "share": row} | team))
    return pd.concat(tables, ignore_index=True)


def outside_band(table: pd.DataFrame, band: float) -> dict[str, int]:
    """CSMs whose load lies outside the band, summed over the loads, today and proposed."""
    far = (table["share"] - 1.0).abs() > band + 1e-9
    return {when: int(far[table["when"] == when].sum()) for when in ("today", "proposed")}


def changed_log_odds(stage: Stage, csm: Ints, handover: float) -> Floats:
    """Log-odds of renewal that each account gains from its new owner: (n_accounts,), in the order of the book.

    The probabilities of the file hold what today's owner does. An account that changes hands gets the team's mean
    effort at its new owner's skill instead of at the old one's, and loses `handover`.
    """
    skill = stage.portfolio.skill[:, RETENTION]
    effort = stage.anchor[..., RETENTION].mean() / max(float(skill.mean()), 1e-9)
    owner = stage.portfolio.book.csm
    gained: Floats = log_odds_per_effort(stage.world) * effort * (skill[csm] - skill[owner])
    return np.where(csm != owner, gained - handover, 0.0)


def moved_book(stage: Stage, csm: Ints, handover: float) -> Book:
    """The book with new owners, and with the renewal probabilities that they are expected to bring."""
    book = stage.portfolio.book
    p = book.renewal_probability
    lift = np.exp(changed_log_odds(stage, csm, handover))
    return replace(book, csm=csm, renewal_probability=p * lift / (1.0 - p + p * lift))


def moved_stage(stage: Stage, current: Plan, csm: Ints, handover: float) -> Stage:
    """The stage after the hand-overs, to be compared with the one before: each account meets the same luck.

    Effort still counts from what each account had before, its old owner's anchor: the new owner's anchor becomes the
    mean of those of her accounts, weighted by what effort moves there; what is left of it for an account goes into its
    log-odds, with the loss of the hand-over. Where nobody moves, nothing changes, to the bit.
    """
    before, world = stage.portfolio, stage.world
    portfolio = prepare(replace(before.book, csm=csm), current, before.n_months)
    old = before.book.csm[portfolio.order]
    new = portfolio.book.csm[portfolio.order]
    flows = by_account(portfolio, world)
    anchor = stage.anchor.copy()
    weights = {
        RETENTION: flows.sway.sum(axis=1),
        UPSELL: flows.upsell.sum(axis=1),
        CROSS_SELL: flows.cross_sell.sum(axis=1),
        KPI: np.ones(portfolio.n_accounts),
        TRAINING: np.ones(portfolio.n_accounts),
    }
    for task, weight in weights.items():
        weight = weight + 1e-9  # a book with nothing to move has a mean, too
        brought = weight[:, None] * (stage.anchor[old, :, task] - stage.anchor[new, :, task])
        anchor[..., task] += portfolio.by_csm(brought) / portfolio.by_csm(weight)[:, None]
    anchor.setflags(write=False)
    # The first renewal of the horizon; later ones of short terms are moved alike.
    month = np.minimum(portfolio.book.renewal_month[portfolio.order], before.n_months - 1)
    every = np.arange(portfolio.n_accounts)
    shift = anchor[new, month, RETENTION] - stage.anchor[old, month, RETENTION]
    ground = field(portfolio, world)
    odds = ground.log_odds[every] + log_odds_per_effort(world) * shift - handover * (old != new)
    recipe = stage.draws.recipe
    return replace(
        stage,
        portfolio=portfolio,
        forecast=expect(portfolio, world),
        field=ground._replace(log_odds=odds),
        draws=make_draws(portfolio, recipe.seed, recipe.shock_rho, stage.trials),
        anchor=anchor,
    )


def finding(csm: Ints, book: Book, outside: dict[str, int]) -> str:
    """The answer in a sentence."""
    moved = int((csm != book.csm).sum())
    if moved == 0:
        return "Nothing better was found: every account stays with its CSM"
    accounts = "1 account changes" if moved == 1 else f"{moved:,} accounts change"
    return f"{accounts} hands; loads outside the band: {outside['today']} today, {outside['proposed']} then"
