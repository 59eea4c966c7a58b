"""The steps of a month for one CSM and one block of trials: who is there, renewals, deals, measures, who leaves.

Rows are passed as (array, index), not as slices: a slice in a hot loop costs two atomic counts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.engine.compile import CROSS, EXPANSION, GROSS, LOGO, NET, NPS, REFERRALS, RENEWALS, UPS, Terms
from sim.engine.draws import Draws
from sim.engine.forecast import KPI, N_TASKS, UPSELL
from sim.engine.jit import lean
from sim.engine.philox import LANES
from sim.engine.response import LAST, SLOPE, THETA, Scratch, look_up
from sim.engine.state import (
    ACCOUNTS_LOST,
    BASE_PAY,
    CHURN,
    CONTRACTION,
    CROSS_ARR,
    DISCOUNT,
    DUE,
    EROSION,
    FOUNDER,
    LEAVERS,
    LOGOS_DUE,
    PULLED,
    PUT_OFF,
    REPLACEMENT,
    STAFFED,
    UPLIFT,
    UPSELL_ARR,
    Field,
    Results,
)

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Ints = NDArray[np.int64]
PULL, PUSH = 0, 1


@lean
def staff(
    f: Field,
    terms: Terms,
    c: int,
    vacant: Floats,
    seniority: Floats,
    productivity: Floats,
    orphaned: Floats,
    served: Floats,
    ramping: Floats,
    flows: Floats,
) -> None:
    """Who is there this month, and what a unit of their effort achieves: (n_tasks, LANES)."""
    base, guarantee_months = terms.base[c], terms.guarantee_months
    for lane in range(LANES):
        present = 1.0 if vacant[lane] == 0.0 else 0.0
        orphaned[lane] = 1.0 - present
        flows[STAFFED, lane] = present
        flows[BASE_PAY, lane] = present * base
        served[lane] += present
        ramping[lane] += present if seniority[lane] < guarantee_months else 0.0
    for k in range(N_TASKS):
        skill, newcomer = f.skill[c, k], f.newcomer[k]
        for lane in range(LANES):
            ramp = (seniority[lane] + 1.0) / (f.ramp_months + 1.0)
            ramp = ramp if ramp < 1.0 else 1.0
            own = skill if seniority[lane] >= FOUNDER else newcomer
            productivity[k, lane] = (1.0 - orphaned[lane]) * own * ramp


@lean
def renew(
    f: Field,
    draws: Draws,
    block: int,
    j: int,
    a: int,
    renewal: int,
    odds: Floats,
    sway: Floats,
    contract: Floats,
    space_then: Floats,
    upsell_left: Floats,
    cross_left: Floats,
    closed_early: Floats,
    left: Floats,
    totals: Floats,
    flows: Floats,
    segment_lost: Floats,
    segment_sold: Floats,
) -> None:
    """One renewal, of account ``j`` of the book, ``a`` of the CSM.

    odds, sway: (LANES,), what the month adds to the account's log-odds, and what the effort adds at influenceability 1.
    A uniform draw below a probability p is, divided by p, uniform again: it sets the size of what happens.
    left: (LANES,), 1 where the account leaves.
    segment_lost, segment_sold: (n_segments, LANES), ARR lost now, and sold since the renewal before.
    """
    contraction_p, erosion_p, uplift_p = f.contraction_p[j], f.erosion_p[j], f.uplift_p[j]
    most_shrunk = 2.0 * f.contraction_depth / contraction_p if contraction_p > 0.0 else 0.0
    most_cut = 2.0 * f.erosion_depth / erosion_p if erosion_p > 0.0 else 0.0
    most_raised = f.uplift_most[j] / uplift_p if uplift_p > 0.0 else 0.0
    log_odds = f.log_odds[j]
    s = f.segment[j]
    for lane in range(LANES):
        alive = contract[a, lane] > 0.0
        arr = contract[a, lane] + space_then[a, lane] - upsell_left[a, lane] - cross_left[a, lane]
        arr = arr if alive else 0.0
        push = sway[lane] * (1.0 + f.influence_sd * draws.influence[block, j, lane])
        push += odds[lane] - f.pull_churn * closed_early[a, lane]
        stays = alive and draws.latent[block, renewal, lane] + log_odds + push > 0.0
        kept = arr if stays else 0.0
        churned = arr - kept
        u = draws.depth[block, renewal, lane]
        shrunk = kept * u * most_shrunk if u < contraction_p else 0.0
        kept -= shrunk
        u = draws.price[block, renewal, lane]
        cut = kept * u * most_cut if u < erosion_p else 0.0
        up = 1.0 - u
        raised = kept * up * most_raised if u >= erosion_p and up < uplift_p else 0.0
        left[lane] = 1.0 if alive and not stays else 0.0
        flows[CHURN, lane] += churned
        flows[CONTRACTION, lane] += shrunk
        flows[EROSION, lane] += cut
        flows[UPLIFT, lane] += raised
        flows[ACCOUNTS_LOST, lane] += left[lane]
        totals[DUE, lane] += arr
        totals[LOGOS_DUE, lane] += 1.0 if alive else 0.0
        totals[GROSS, lane] += churned + shrunk + cut
        totals[LOGO, lane] += left[lane]
        totals[RENEWALS, lane] += 1.0 if stays else 0.0
        segment_lost[s, lane] += churned + shrunk + cut
        segment_sold[s, lane] += arr - contract[a, lane]
        contract[a, lane] = kept - cut + raised
        closed_early[a, lane] = 0.0
        upsell_left[a, lane] = upsell_left[a, lane] if stays else 0.0
        cross_left[a, lane] = cross_left[a, lane] if stays else 0.0
        space_then[a, lane] = upsell_left[a, lane] + cross_left[a, lane]


@lean
def arrivals(
    uniform: Floats32,
    first: int,
    n_accounts: int,
    t: int,
    chance: Floats,
    sale: int,
    take: float,
    opening: Floats,
    left: Floats,
    flows: Floats,
) -> None:
    """A month's deals of one CSM, no timing games: each takes its share of the white space left.

    uniform: (n_months, n_accounts, LANES). chance: (2, LANES). opening: (n_accounts,), white space at the start; who
    had none never buys. left: (most accounts, LANES). flows: (N_FLOWS, LANES).
    """
    row = UPSELL_ARR + sale
    for a in range(n_accounts):
        if opening[first + a] == 0.0:
            continue
        for lane in range(LANES):
            size = take * left[a, lane] if uniform[t, first + a, lane] < chance[sale, lane] else 0.0
            left[a, lane] -= size
            flows[row, lane] += size


@lean
def count_opportunities(
    uniform: Floats32,
    first: int,
    n_accounts: int,
    t: int,
    chance: Floats,
    sale: int,
    win_rate: float,
    left: Floats,
    totals: Floats,
) -> None:
    """An opportunity is found where a deal would close if every opportunity won. Shapes as in ``arrivals``."""
    for a in range(n_accounts):
        for lane in range(LANES):
            found = uniform[t, first + a, lane] * win_rate < chance[sale, lane] and left[a, lane] > 0.0
            totals[REFERRALS, lane] += 1.0 if found else 0.0


@lean
def choose_timing(
    f: Field,
    terms: Terms,
    c: int,
    t: int,
    sale: int,
    forecast: Floats,
    chance: Floats,
    orphaned: Floats,
    moves: Floats,
    s: Scratch,
) -> None:
    """Chance that a deal of next month is pulled into this one (row PULL of ``moves``), of this one put off (PUSH).

    At a period's end deals are pulled forward if they pay more now, less the discount, and put off if they pay less:
    the marginal pay of this period against that of the next, both expected. At other times both are 0.
    """
    for lane in range(LANES):
        moves[PULL, lane] = 0.0
        moves[PUSH, lane] = 0.0
    if not terms.closes[c, t] or t + 1 == terms.closes.shape[1]:
        return
    task = UPSELL + sale
    read, cells, stale, work, _ = s
    for lane in range(LANES):
        work[THETA, lane] = 0.0
    ahead = 0.0
    tables = terms.tables
    for i in range(len(terms.weight)):
        if terms.pull[c, t, i, task] == 0.0:
            continue
        # Dollars per dollar booked: ``pull`` is in units of each period's own reference pay.
        here_worth = terms.monthly_pay[c, i] * (terms.ends[c, t] - terms.opens[c, t]) * terms.share[c, t, i]
        next_window = terms.ends[c, t + 1] - terms.opens[c, t + 1]
        next_worth = terms.monthly_pay[c, i] * next_window * terms.share[c, t + 1, i]
        look_up(SLOPE, tables, c, t, i, forecast, read, cells, stale)
        for lane in range(LANES):
            work[THETA, lane] += here_worth * read[i, SLOPE, lane]
        place = (terms.level[c, t + 1, i] - tables.low[c, t + 1, i]) * tables.per_step[c, t + 1, i]
        inside = min(max(place, 0.0), LAST)
        cell = int(inside)
        left = tables.slope[c, t + 1, i, cell]
        rise = tables.slope[c, t + 1, i, cell + 1] - left
        ahead += next_worth * (left + (inside - cell) * rise)
    worth = 1.0 - f.pull_discount
    for lane in range(LANES):
        movable = f.pull_share * chance[sale, lane] * (1.0 - orphaned[lane])
        moves[PULL, lane] = movable if work[THETA, lane] * worth > ahead else 0.0
        moves[PUSH, lane] = movable if work[THETA, lane] < ahead * worth else 0.0


@lean
def timed_arrivals(
    uniform: Floats32,
    first: int,
    n_accounts: int,
    t: int,
    chance: Floats,
    sale: int,
    take: float,
    discount: float,
    moves: Floats,
    pulled: Floats,
    put_off: Floats,
    given: Floats,
    left: Floats,
    space_then: Floats,
    closed_early: Floats,
    flows: Floats,
) -> None:
    """As ``arrivals``, with deals moved across the end of a payout period; rows of ``moves`` as in ``choose_timing``.

    pulled, put_off: (2, most accounts, LANES), by sale: this month's deal was closed a month early; last month's was
    put off. given: the same shape, ARR given away so far. White space goes in full; ARR comes in less the discount.
    """
    next_month = min(t + 1, uniform.shape[0] - 1)
    for a in range(n_accounts):
        for lane in range(LANES):
            u = uniform[t, first + a, lane]
            late = put_off[sale, a, lane]
            open_deal = pulled[sale, a, lane] == 0.0
            waits = open_deal and u < moves[PUSH, lane]
            size = take * left[a, lane] if open_deal and not waits and u < chance[sale, lane] else 0.0
            more = take * (left[a, lane] - size) * late
            left[a, lane] -= size + more
            early = uniform[next_month, first + a, lane] < moves[PULL, lane]
            ahead = take * left[a, lane] if early else 0.0
            left[a, lane] -= ahead
            off = ahead * discount
            flows[UPSELL_ARR + sale, lane] += size + more + ahead - off
            flows[DISCOUNT, lane] += off
            flows[PULLED, lane] += ahead - off
            flows[PUT_OFF, lane] += more
            given[sale, a, lane] += off
            space_then[a, lane] -= off  # ARR is what was contracted plus white space gone, less what was given away
            closed_early[a, lane] = 1.0 if ahead > 0.0 else closed_early[a, lane]
            put_off[sale, a, lane] = 1.0 if waits else 0.0
            pulled[sale, a, lane] = 1.0 if early else 0.0


@lean
def measure_month(
    f: Field,
    kpis: Ints,
    draws: Draws,
    block: int,
    c: int,
    t: int,
    flows: Floats,
    clawed: Floats,
    productive: Floats,
    kpi_anchor: float,
    response: Floats,
    totals: Floats,
    results: Results,
) -> None:
    """Add the month to the running totals of the measured window. kpis: numbers of those that the plan pays on."""
    for lane in range(LANES):
        upsell, cross = flows[UPSELL_ARR, lane], flows[CROSS_ARR, lane]
        lost = flows[CHURN, lane] + flows[CONTRACTION, lane] + flows[EROSION, lane]
        totals[NET, lane] += flows[UPLIFT, lane] + upsell + cross - lost
        totals[UPS, lane] += upsell - clawed[0, lane]
        totals[CROSS, lane] += cross - clawed[1, lane]
        totals[EXPANSION, lane] += upsell + cross - clawed[0, lane] - clawed[1, lane]
        results.csm_lost[block, c, lane] += np.float32(lost)
        results.csm_expansion[block, c, lane] += np.float32(upsell + cross)
    for kpi in kpis:
        for lane in range(LANES):
            moved = response[lane] * (productive[KPI, lane] - kpi_anchor)
            noise = f.kpi_sd[c, kpi] * draws.kpi[block, c, t, kpi, lane]
            totals[NPS + kpi, lane] += f.kpi_mean[c, kpi] + f.kpi_lift[kpi] * moved + noise


@lean
def leave(
    f: Field,
    draws: Draws,
    block: int,
    c: int,
    t: int,
    ratio: Floats,
    usual_ratio: float,
    cost: float,
    vacant: Floats,
    seniority: Floats,
    flows: Floats,
) -> None:
    """Who leaves at the month's end, and who has been found: the hazard falls with expected pay against the market."""
    for lane in range(LANES):
        present = vacant[lane] == 0.0
        hazard = f.leave_chance * (1.0 - f.attrition_response * (ratio[lane] - usual_ratio))
        goes = present and draws.leave[block, c, t, lane] < hazard
        flows[LEAVERS, lane] = 1.0 if goes else 0.0
        flows[REPLACEMENT, lane] = cost if goes else 0.0
        filled = vacant[lane] == 1.0 or (goes and f.vacancy_months == 0)
        seniority[lane] = 0.0 if filled else seniority[lane] + (1.0 if present else 0.0)
        waited = vacant[lane] - 1.0 if vacant[lane] > 0.0 else 0.0
        vacant[lane] = f.vacancy_months if goes else waited
