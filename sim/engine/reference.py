"""The month loop in plain NumPy: the model at its most readable, and the oracle of ``kernel``.

T = n_trials, C = n_csms, K = n_tasks, R = rows (components, then their gates).
"""

from __future__ import annotations

import numpy as np

from sim.engine.compile import CROSS, EXPANSION, GROSS, LOGO, NET, NPS, REFERRALS, RENEWALS, UPS, Terms
from sim.engine.draws import Draws
from sim.engine.forecast import KPI, RETENTION, UPSELL
from sim.engine.reference_pay import choose_effort, close_period, forfeit, look_up, pay_ratio
from sim.engine.reference_state import (
    Accounts,
    Flags,
    Floats,
    Ledger,
    Renewals,
    Run,
    Sales,
    Seats,
    by_csm,
    by_segment,
    by_trial,
    in_blocks,
    opening,
)
from sim.engine.run import DrawStore
from sim.engine.state import FLOWS, N_ANCHOR, ORPHANED, PAY_RATIO, TRAINING, Field, Results


def run_reference(ground: Field, terms: Terms, anchor: Floats, store: DrawStore, starts: range) -> list[Results]:
    """A runner for ``run.simulate``: the chunks of ``store`` that start at ``starts``, one after the other.

    anchor: (C, n_months, N_ANCHOR), means under the plan in force.
    """
    return [walk(ground, terms, anchor, store.at(start))[0] for start in starts]


def walk(ground: Field, terms: Terms, anchor: Floats, draws: Draws) -> tuple[Results, Accounts]:
    """One chunk of trials, month by month, and what became of its accounts."""
    n_csms, n_months = terms.level.shape[:2]
    owner = np.repeat(np.arange(n_csms), np.diff(ground.first))
    response = 1.0 + ground.response_spread * by_trial(draws.response)[:, None]
    run = Run(ground, terms, anchor, draws, owner, response, n_months)
    n_trials, n_components = len(response), len(terms.weight)
    accounts, seats, ledger = opening(run, n_trials)
    flows = np.zeros((len(FLOWS), n_months, n_trials))
    paid = np.zeros((n_components, n_months, n_trials))
    anchors = np.zeros((n_trials, n_csms, n_months, N_ANCHOR))
    earned = np.zeros((n_components + 1, n_months, n_trials))
    above_target = np.zeros((n_components, n_months, n_trials))
    csm_pay, csm_lost, csm_expansion, csm_leaves = np.zeros((4, n_trials, n_csms))
    segment_lost, segment_expansion = np.zeros((2, n_trials, ground.n_segments))
    opens = np.zeros(n_csms, dtype=np.int64)  # of the payout period

    for t in range(n_months):
        usual = anchor[:, t].T
        vacant = seats.vacant > 0.0
        productivity = staff(run, seats)
        effort, forecast = choose_effort(run, t, ledger, productivity)
        reached = effort * productivity
        renewals = renew(run, t, accounts, ledger, reached, vacant)
        sales = expand(run, t, accounts, ledger, reached, vacant, forecast)
        measure(run, t, ledger, renewals, sales.booked, reached)
        ratio = np.where(vacant, usual[PAY_RATIO], pay_ratio(run, t, forecast))
        leavers = leave(run, t, seats, ratio)
        pay, guarantee, above = close_period(run, t, accounts, seats, ledger)
        forfeit(seats, ledger, leavers)

        csm_lost += renewals.lost
        csm_expansion += sales.booked.sum(axis=0)
        csm_leaves += leavers
        csm_pay += pay.sum(axis=0) + guarantee
        segment_lost += renewals.segments
        segment_expansion += sales.segments
        paid[:, t] = pay.sum(axis=2)
        above_target[:, t] = above.sum(axis=2)
        for since in range(t + 1):
            its = (opens <= since) / (t + 1.0 - opens)
            earned[:, since] += [(its * amount).sum(axis=1) for amount in (*pay, guarantee)]
        opens[terms.closes[:, t]] = t + 1
        anchors[:, :, t] = np.stack([*reached, ratio, vacant, terms.training_share * reached[KPI]], axis=-1)
        month = {
            "churn": renewals.churn,
            "contraction": renewals.contraction,
            "erosion": renewals.erosion,
            "uplift": renewals.uplift,
            "upsell": sales.booked[0],
            "cross_sell": sales.booked[1],
            "discount": sales.discount,
            "pulled": sales.pulled,
            "put_off": sales.put_off,
            "accounts_lost": renewals.accounts,
            "base_pay": ~vacant * terms.base,
            "guarantee_pay": guarantee,
            "replacement_cost": leavers * ground.replacement_cost * 12.0 * terms.base,
            "leavers": leavers,
            "staffed": ~vacant,
            "effort_retention": reached[0],
            "effort_upsell": reached[1],
            "effort_cross_sell": reached[2],
            "effort_kpi": reached[3],
        }
        flows[:, t] = [month[flow].sum(axis=1) for flow in FLOWS]

    measured = np.full_like(ledger.attained, np.nan)
    np.divide(ledger.attained, ledger.months, out=measured, where=ledger.months > 0.0)
    results = Results(
        flows=in_blocks(np.moveaxis(flows, -1, 0)),
        paid=in_blocks(np.moveaxis(paid, -1, 0)),
        earned=in_blocks(np.moveaxis(earned, -1, 0)),
        above_target=in_blocks(np.moveaxis(above_target, -1, 0)),
        anchor=in_blocks(anchors).sum(axis=-1),
        reached=in_blocks(anchors),
        csm_pay=in_blocks(csm_pay).astype(np.float32),
        csm_lost=in_blocks(csm_lost).astype(np.float32),
        csm_expansion=in_blocks(csm_expansion).astype(np.float32),
        attainment=in_blocks(measured.transpose(1, 2, 0)).astype(np.float32),
        csm_leaves=in_blocks(csm_leaves).astype(np.uint8),
        segment_lost=in_blocks(segment_lost).astype(np.float32),
        segment_expansion=in_blocks(segment_expansion).astype(np.float32),
    )
    return results, accounts


def staff(run: Run, seats: Seats) -> Floats:
    """Who is there, and what a unit of effort achieves: skill x ramp, 0 while vacant; (K, T, C)."""
    here = seats.vacant == 0.0
    seats.served += here
    seats.guaranteed += here & ~seats.founder & (seats.tenure < run.terms.guarantee_months)
    ramp = run.ground.newcomer[:, None, None] * np.minimum((seats.tenure + 1.0) / (run.ground.ramp_months + 1.0), 1.0)
    productivity: Floats = here * np.where(seats.founder, run.ground.skill.T[:, None], ramp)
    return productivity


def renew(run: Run, t: int, accounts: Accounts, ledger: Ledger, reached: Floats, vacant: Flags) -> Renewals:
    """Contracts fall due: the account leaves, or stays with less, the same or a higher price."""
    ground, draws = run.ground, run.draws
    due = np.flatnonzero(ground.due[:, t] >= 0)
    number, owner = ground.due[due, t], run.owner[due]
    latent, depth, price = (by_trial(d[:, number]) for d in (draws.latent, draws.depth, draws.price))

    usual = run.anchor[:, t].T
    pushed = run.response * ground.b * (reached[RETENTION] - usual[RETENTION])
    influence = 1.0 + ground.influence_sd * by_trial(draws.influence[:, due])
    log_odds = ground.log_odds[due] + pushed[:, owner] * influence
    log_odds -= ground.orphan_penalty * (vacant - usual[ORPHANED])[:, owner]
    log_odds += ground.training_effect * ledger.trained[:, owner]
    log_odds -= ground.pull_churn * accounts.closed_early[:, due]

    alive, arr = accounts.alive[:, due], accounts.arr[:, due]
    stays = alive & (latent + log_odds > 0.0)
    leaves = alive & ~stays
    kept = np.where(stays, arr, 0.0)
    contraction = kept * 2.0 * ground.contraction_depth * _rank(depth, ground.contraction_p[due])
    kept -= contraction
    erosion = kept * 2.0 * ground.erosion_depth * _rank(price, ground.erosion_p[due])
    uplift = kept * ground.uplift_most[due] * _rank(1.0 - price, ground.uplift_p[due])
    accounts.arr[:, due] = kept - erosion + uplift
    accounts.alive[:, due] = stays
    accounts.closed_early[:, due] = False
    for space in accounts.space:
        space[:, due] *= stays

    churn = arr * leaves
    recent = [[month[:, due] for month in sales] for sales in accounts.sold]
    ledger.due += by_csm(run, arr, due)
    ledger.logos_due += by_csm(run, alive, due)
    ledger.totals[GROSS] += by_csm(run, churn + contraction + erosion, due)
    ledger.totals[LOGO] += by_csm(run, leaves, due)
    ledger.totals[RENEWALS] += by_csm(run, stays, due)
    return Renewals(
        churn=by_csm(run, churn, due),
        contraction=by_csm(run, contraction, due),
        erosion=by_csm(run, erosion, due),
        uplift=by_csm(run, uplift, due),
        accounts=by_csm(run, leaves, due),
        clawed=np.stack([by_csm(run, sum(sold, start=0.0 * arr) * leaves, due) for sold in recent]),
        segments=by_segment(run, churn + contraction + erosion, due),
    )


def expand(
    run: Run,
    t: int,
    accounts: Accounts,
    ledger: Ledger,
    reached: Floats,
    vacant: Flags,
    forecast: Floats,
) -> Sales:
    """Upsell and cross-sell arrive and use up white space."""
    ground = run.ground
    booked = np.zeros((2, *vacant.shape))
    discount, pulled, put_off = np.zeros((3, *vacant.shape))
    segments = np.zeros((len(vacant), ground.n_segments))
    world = (
        (run.draws.upsell, ground.upsell_chance, ground.upsell_take),
        (run.draws.cross_sell, ground.cross_sell_chance, ground.cross_sell_take),
    )
    for sale, (draws, usual_chance, take) in enumerate(world):
        task = UPSELL + sale
        kappa = run.response * ground.kappa
        usual = run.anchor[:, t, task]
        chance = usual_chance * ((1.0 + kappa * reached[task]) / (1.0 + kappa * usual))
        luck, space = by_trial(draws[:, t]), accounts.space[sale]
        if REFERRALS in run.terms.measure:
            found = (space > 0.0) & (luck * ground.win_rate < chance[:, run.owner])
            ledger.totals[REFERRALS] += by_csm(run, found)

        closes = luck < chance[:, run.owner]
        if ground.pull_share == 0.0:
            new_arr = _sell(closes, take, space)
        else:
            pull, push = (moved[:, run.owner] for moved in _timing(run, t, task, chance, vacant, forecast))
            waits = (luck < push) & ~accounts.pulled[sale]
            new_arr = _sell(closes & ~waits & ~accounts.pulled[sale], take, space)
            late_arr = _sell(accounts.put_off[sale], take, space)
            early = by_trial(draws[:, min(t + 1, run.n_months - 1)]) < pull
            pulled_arr = _sell(early, take, space)
            early_arr = pulled_arr * (1.0 - ground.pull_discount)
            new_arr += late_arr + early_arr
            pulled += by_csm(run, early_arr)
            put_off += by_csm(run, late_arr)
            discount += by_csm(run, pulled_arr * ground.pull_discount)
            accounts.closed_early |= pulled_arr > 0.0
            accounts.put_off[sale], accounts.pulled[sale] = waits, early
        accounts.arr += new_arr
        accounts.sold[sale].append(new_arr)
        booked[sale] = by_csm(run, new_arr)
        segments += by_segment(run, new_arr)
    return Sales(booked, discount, pulled, put_off, segments)


def _sell(deal: Flags, take: float, space: Floats) -> Floats:
    """ARR of the deals that close; it uses up white space, in place."""
    size: Floats = np.where(deal, take * space, 0.0)
    space -= size
    return size


def _timing(run: Run, t: int, task: int, chance: Floats, vacant: Flags, forecast: Floats) -> tuple[Floats, Floats]:
    """Chance that a deal of next month is pulled into this one, that one of this month is put off; (T, C) each."""
    ground, terms = run.ground, run.terms
    if t + 1 == run.n_months:
        return np.zeros_like(chance), np.zeros_like(chance)
    here, ahead = np.zeros_like(chance), np.zeros(chance.shape[1])
    window = terms.ends - terms.opens
    for i in range(len(terms.weight)):
        # Dollars per dollar booked: ``pull`` is in units of each period's own reference pay.
        paid = terms.monthly_pay[:, i] * (terms.pull[:, t, i, task] != 0.0)
        here += paid * window[:, t] * terms.share[:, t, i] * look_up(run, "slope", t, i, forecast[i])[0]
        next_worth = paid * window[:, t + 1] * terms.share[:, t + 1, i]
        ahead += next_worth * look_up(run, "slope", t + 1, i, terms.level[:, t + 1, i])[0]
    movable = ground.pull_share * chance * (terms.closes[:, t] & ~vacant)
    worth = 1.0 - ground.pull_discount
    return movable * (here * worth > ahead), movable * (here < ahead * worth)


def measure(run: Run, t: int, ledger: Ledger, renewals: Renewals, booked: Floats, reached: Floats) -> None:
    """Bookings, net retention, KPIs and training of the month enter the running totals."""
    ground, totals = run.ground, ledger.totals
    credited = booked - renewals.clawed
    totals[NET] += renewals.uplift + booked.sum(axis=0) - renewals.lost
    totals[UPS] += credited[0]
    totals[CROSS] += credited[1]
    totals[EXPANSION] += credited.sum(axis=0)
    moved = run.response * (reached[KPI] - run.anchor[:, t, KPI])
    noise = by_trial(run.draws.kpi[:, :, t])
    for kpi in run.terms.kpis:
        score = ground.kpi_mean[:, kpi] + ground.kpi_lift[kpi] * moved + ground.kpi_sd[:, kpi] * noise[:, :, kpi]
        totals[NPS + kpi] += score
    ledger.trained += run.response * (run.terms.training_share * reached[KPI] - run.anchor[:, t, TRAINING])


def leave(run: Run, t: int, seats: Seats, ratio: Floats) -> Flags:
    """Who leaves at the month's end (T, C): the hazard falls with expected pay. Seats empty, and fill again."""
    ground = run.ground
    raised = ground.attrition_response * (ratio - run.anchor[:, t, PAY_RATIO])
    hazard = ground.leave_chance * (1.0 - raised)
    here = seats.vacant == 0.0
    leaves: Flags = here & (by_trial(run.draws.leave[:, :, t]) < hazard)
    hired = (seats.vacant == 1.0) | (leaves & (ground.vacancy_months == 0))
    seats.vacant = np.where(leaves, float(ground.vacancy_months), np.maximum(seats.vacant - 1.0, 0.0))
    seats.founder = seats.founder & ~leaves
    seats.tenure = np.where(hired, 0.0, seats.tenure + here)
    return leaves


def _rank(uniform: Floats, chance: Floats) -> Floats:
    """Where a draw below ``chance`` lies between 0 and it: uniform again; 0 for the others."""
    return np.divide(uniform, chance, out=np.zeros_like(uniform), where=uniform < chance)
