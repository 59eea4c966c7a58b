"""Bad luck by name: stages whose draws are edited, while everybody still expects what they expected.

Forecasts, quotas and the anchor stay those of the stage: nobody saw it coming. Pure; the stage given is not changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_expit, log_ndtr, ndtri_exp

from sim.engine.draws import Draws
from sim.engine.run import DrawEdit, Stage, edited
from sim.problems import InputError, Problem

Floats32 = NDArray[np.float32]
LOST = np.float32(-1e9)
"""A latent that no log-odds of renewal outweighs, and those of an account that is certain to stay."""
CERTAIN = 1e6


def recession(stage: Stage, months: range, shock: float, expansion: float) -> Stage:
    """A bad spell: in ``months`` the common shock lies ``shock`` standard deviations from where it would have been.

    A renewal of probability p then has Phi(Phi^-1(p) + sqrt(rho) shock), rho being the common shock's correlation.
    expansion: share, 0 to 1, of the upsell and cross-sell deals of those months that still arrive.
    """
    recipe = stage.draws.recipe
    rows = np.flatnonzero(np.isin(recipe.renewal_month, months))
    shift = np.sqrt(recipe.shock_rho) * shock
    within = [month for month in months if month < recipe.n_months]

    def edit(draws: Draws) -> Draws:
        latent = draws.latent.copy()
        latent[:, rows] = _shifted(latent[:, rows], shift)
        upsell, cross_sell = draws.upsell.copy(), draws.cross_sell.copy()
        for uniform in (upsell, cross_sell):
            # A deal arrives below its chance: fewer do when the draws are that much larger.
            uniform[:, within] = uniform[:, within] / np.float32(expansion) if expansion > 0.0 else np.inf
        return draws._replace(latent=latent, upsell=upsell, cross_sell=cross_sell)

    return _with(stage, edit)


def _shifted(latent: Floats32, by: float) -> Floats32:
    """logit(Phi(x + by)), where latent is logit(Phi(x))."""
    log_odds = latent.astype(np.float64)
    x = -np.sign(log_odds) * ndtri_exp(log_expit(-np.abs(log_odds))) + by
    moved: Floats32 = (log_ndtr(x) - log_ndtr(-x)).astype(np.float32)
    return moved


def lose_accounts(stage: Stage, accounts: Sequence[int], month: int) -> Stage:
    """These accounts (numbers in the book) leave in ``month``, due or not; what they had then counts as due and lost.

    Raises InputError for a month beyond the horizon.
    """
    _check_month(stage, month)
    lost = np.flatnonzero(np.isin(stage.portfolio.order, accounts))
    due, log_odds = stage.field.due.copy(), stage.field.log_odds.copy()
    due[lost, month] = due.max(initial=-1) + 1  # one more renewal, which all of them fail
    log_odds[lost] = np.minimum(log_odds[lost], CERTAIN)
    due.setflags(write=False)  # as the stage's own is, and its log-odds are not: other types would be compiled again

    def edit(draws: Draws) -> Draws:
        def one_more(rows: Floats32, value: np.float32) -> Floats32:
            return np.pad(rows, ((0, 0), (0, 1), (0, 0)), constant_values=value)

        half = np.float32(0.5)
        return draws._replace(
            latent=one_more(draws.latent, LOST), depth=one_more(draws.depth, half), price=one_more(draws.price, half)
        )

    return replace(_with(stage, edit), field=stage.field._replace(due=due, log_odds=log_odds))


def lose_csms(stage: Stage, csms: Sequence[int], month: int) -> Stage:
    """These CSMs (numbers in the team) leave at the end of ``month``, unless their seat is vacant anyway.

    Raises InputError for a month beyond the horizon.
    """
    _check_month(stage, month)

    def edit(draws: Draws) -> Draws:
        leave = draws.leave.copy()
        leave[:, list(csms), month] = -np.inf
        return draws._replace(leave=leave)

    return _with(stage, edit)


def _check_month(stage: Stage, month: int) -> None:
    if not 0 <= month < stage.portfolio.n_months:
        rule = f"must be a month of the horizon, 0 to {stage.portfolio.n_months - 1}"
        raise InputError([Problem("month", str(month), rule)])


def _with(stage: Stage, edit: DrawEdit) -> Stage:
    return replace(stage, draws=edited(stage.draws, edit))
