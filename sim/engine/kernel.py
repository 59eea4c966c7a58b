"""The fast month loop. Same model as ``reference``, which is the readable one; the tests hold the two together.

Everything runs per block of LANES trials, lanes innermost, so that the loops over accounts vectorise. A block touches
no other block's memory: any number of threads gives the same bits.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.engine.compile import (
    CROSS,
    EXPANSION,
    GROSS,
    LOGO,
    NET,
    NO_RENEWAL_DUE,
    NPS,
    REFERRALS,
    RENEWALS,
    UPS,
    Terms,
)
from sim.engine.draws import N_KPIS, Draws
from sim.engine.forecast import KPI, N_TASKS, RETENTION, UPSELL
from sim.engine.philox import LANES
from sim.engine.response import WORK_ROWS, choose_effort, look_up
from sim.engine.state import (
    ACCOUNTS_LOST,
    BASE_PAY,
    CHURN,
    CONTRACTION,
    CROSS_ARR,
    DISCOUNT,
    EFFORT,
    EROSION,
    GUARANTEE_PAY,
    LEAVERS,
    N_FLOWS,
    ORPHANED,
    PAY_RATIO,
    REPLACEMENT,
    STAFFED,
    UPLIFT,
    UPSELL_ARR,
    Field,
    Results,
)

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]

N_MEASURES = 11
DUE, LOGOS_DUE, ARR_AT_OPENING = N_MEASURES, N_MEASURES + 1, N_MEASURES + 2
N_TOTALS = N_MEASURES + 3
"""Running totals of the measured window: one a measure (losses for retention), and what they are compared with."""
FOUNDER = 1e6
"""Seniority, in months, of a CSM who was there at the start: past any ramp, with the skills of the team file."""
_, AT_TARGET, CARRIED = range(len(NO_RENEWAL_DUE))


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def payout(at: Floats, slope_change: Floats, lump: Floats, count: int, attainment: float) -> float:
    """Payout curve at one attainment."""
    paid = 0.0
    for j in range(count):
        if attainment >= at[j]:
            paid += lump[j] + slope_change[j] * (attainment - at[j])
    return paid


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def arrivals(uniform: Floats32, chance: Floats, take: float, left: Floats, booked: Floats) -> None:
    """One account and month, no timing games: a deal takes its share of the white space left. (LANES,) each."""
    for lane in range(LANES):
        size = take * left[lane] if uniform[lane] < chance[lane] else 0.0
        left[lane] -= size
        booked[lane] += size


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def count_opportunities(
    uniform: Floats32, chance: Floats, win_rate: float, left: Floats, found: Floats
) -> None:
    """An opportunity is found where a deal would close if every opportunity won. (LANES,) each."""
    for lane in range(LANES):
        if left[lane] > 0.0 and uniform[lane] * win_rate < chance[lane]:
            found[lane] += 1.0


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def timed_arrivals(
    before: Floats32,
    now: Floats32,
    after: Floats32,
    chance: Floats,
    take: float,
    pulled_before: Floats,
    pushed_before: Floats,
    pulling: Floats,
    pushing: Floats,
    discount: float,
    left: Floats,
    booked: Floats,
    given: Floats,
    closed_early: Floats,
) -> None:
    """As ``arrivals``, with deals moved across the end of a payout period.

    before, now, after: the draws of the month before, this one and the next. pulled_before, pushed_before: the chance
    that a deal of this month was closed a month early, that one of last month was put off; pulling, pushing: the same
    for the next month's deals, and this month's. given: ARR given away; closed_early: set where the account was.
    """
    for lane in range(LANES):
        deals = 0
        if pulled_before[lane] <= now[lane] < chance[lane] and now[lane] >= pushing[lane]:
            deals += 1
        if before[lane] < pushed_before[lane]:
            deals += 1
        for _ in range(deals):
            size = take * left[lane]
            left[lane] -= size
            booked[lane] += size
        if after[lane] < pulling[lane] and left[lane] > 0.0:
            size = take * left[lane]
            left[lane] -= size
            booked[lane] += size * (1.0 - discount)
            given[lane] += size * discount
            closed_early[lane] = 1.0


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def measured(measure: int, totals: Floats, lane: int, months: float) -> tuple[float, bool]:
    """Level of a measure over the window so far, in its own unit (totals a month for bookings), and whether there is one."""
    if measure == GROSS:
        due = totals[DUE, lane]
        return (1.0 - totals[GROSS, lane] / due, True) if due > 0.0 else (1.0, False)
    if measure == LOGO:
        due = totals[LOGOS_DUE, lane]
        return (1.0 - totals[LOGO, lane] / due, True) if due > 0.0 else (1.0, False)
    if measure == NET:
        opening = totals[ARR_AT_OPENING, lane]
        if opening <= 0.0:
            return 0.0, True
        return 1.0 + totals[NET, lane] / opening * 12.0 / months, True
    if measure >= NPS:
        return totals[measure, lane] / months, True
    return max(totals[measure, lane], 0.0) * 12.0 / months, True


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def staff(
    vacant: Floats,
    seniority: Floats,
    skill: Floats,
    base: float,
    ramp_months: int,
    guarantee_months: int,
    productivity: Floats,
    orphaned: Floats,
    staffed: Floats,
    base_pay: Floats,
    served: Floats,
    ramping: Floats,
) -> None:
    """Who is there this month, and what a unit of their effort achieves: (n_tasks, LANES)."""
    for lane in range(LANES):
        present = 1.0 if vacant[lane] == 0.0 else 0.0
        orphaned[lane] = 1.0 - present
        staffed[lane] = present
        base_pay[lane] = present * base
        served[lane] += present
        ramping[lane] += present if seniority[lane] < guarantee_months else 0.0
    for k in range(N_TASKS):
        for lane in range(LANES):
            ramp = min((seniority[lane] + 1.0) / (ramp_months + 1.0), 1.0)
            own = skill[k] if seniority[lane] >= FOUNDER else 1.0
            productivity[k, lane] = staffed[lane] * own * ramp


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def renew(
    latent: Floats32,
    depth: Floats32,
    price: Floats32,
    influence: Floats32,
    odds: Floats,
    sway: Floats,
    influence_sd: float,
    pull_churn: float,
    contraction_p: float,
    contraction_most: float,
    erosion_p: float,
    erosion_most: float,
    uplift_p: float,
    uplift_most: float,
    contract: Floats,
    space_then: Floats,
    upsell_left: Floats,
    cross_left: Floats,
    closed_early: Floats,
    left: Floats,
    totals: Floats,
    flows: Floats,
) -> None:
    """One renewal. odds: log-odds but for the effort; sway: log-odds the effort adds at influenceability 1; (LANES,).

    The ``*_most`` are the largest fractions lost or gained: a uniform draw below a probability p is, divided by p,
    uniform again, and sets the size. left: 1 where the account leaves.
    """
    for lane in range(LANES):
        alive = contract[lane] > 0.0
        arr = contract[lane] + space_then[lane] - upsell_left[lane] - cross_left[lane]
        arr = arr if alive else 0.0
        log_odds = odds[lane] + sway[lane] * (1.0 + influence_sd * influence[lane])
        log_odds -= pull_churn * closed_early[lane]
        stays = alive and latent[lane] + log_odds > 0.0
        kept = arr if stays else 0.0
        u = depth[lane]
        shrunk = kept * (contraction_most * (u / contraction_p)) if u < contraction_p else 0.0
        kept -= shrunk
        u = price[lane]
        cut = kept * (erosion_most * (u / erosion_p)) if u < erosion_p else 0.0
        up = 1.0 - u
        raised = kept * (uplift_most * (up / uplift_p)) if u >= erosion_p and up < uplift_p else 0.0
        churned = 0.0 if stays else arr
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
        contract[lane] = kept - cut + raised
        closed_early[lane] = 0.0
    for lane in range(LANES):
        stays = contract[lane] > 0.0
        upsell_left[lane] = upsell_left[lane] if stays else 0.0
        cross_left[lane] = cross_left[lane] if stays else 0.0
        space_then[lane] = upsell_left[lane] + cross_left[lane]


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def measure_month(
    flows: Floats,
    clawed: Floats,
    kpi_mean: Floats,
    kpi_sd: Floats,
    kpi_lift: Floats,
    kpi_noise: Floats32,
    kpi_effort: Floats,
    kpi_anchor: float,
    response: Floats,
    totals: Floats,
    csm_lost: Floats32,
    csm_expansion: Floats32,
) -> None:
    """Add the month to the running totals of the measured window."""
    for lane in range(LANES):
        upsell, cross = flows[UPSELL_ARR, lane], flows[CROSS_ARR, lane]
        lost = flows[CHURN, lane] + flows[CONTRACTION, lane] + flows[EROSION, lane]
        totals[NET, lane] += flows[UPLIFT, lane] + upsell + cross - lost
        totals[UPS, lane] += upsell - clawed[0, lane]
        totals[CROSS, lane] += cross - clawed[1, lane]
        totals[EXPANSION, lane] += upsell + cross - clawed[0, lane] - clawed[1, lane]
        csm_lost[lane] += np.float32(lost)
        csm_expansion[lane] += np.float32(upsell + cross)
    for kpi in range(N_KPIS):
        for lane in range(LANES):
            moved = response[lane] * (kpi_effort[lane] - kpi_anchor)
            totals[NPS + kpi, lane] += (
                kpi_mean[kpi] + kpi_lift[kpi] * moved + kpi_sd[kpi] * kpi_noise[kpi, lane]
            )


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def expected_payout(
    low: Floats,
    per_step: Floats,
    value: Floats32,
    slope: Floats32,
    gate_row: int,
    i: int,
    forecast: Floats,
    expected: Floats,
    work: Floats,
) -> None:
    """Write E[payout] of component ``i`` at the period's end, in target payouts, with the effort chosen: (LANES,)."""
    look_up(value[i], low[i], per_step[i], forecast[i], expected, work[0])
    end = low[i] + (value.shape[1] - 1) / per_step[i]
    final = slope[i, value.shape[1] - 1]
    for lane in range(LANES):
        expected[lane] += max(forecast[i, lane] - end, 0.0) * final
    if gate_row >= 0:
        look_up(value[gate_row], low[gate_row], per_step[gate_row], forecast[gate_row], work[0], work[1])
        for lane in range(LANES):
            expected[lane] *= work[0, lane]


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def leave(
    uniform: Floats32,
    ratio: Floats,
    usual_ratio: float,
    chance: float,
    attrition_response: float,
    vacancy_months: int,
    cost: float,
    vacant: Floats,
    seniority: Floats,
    leavers: Floats,
    replacement: Floats,
) -> None:
    """Who leaves at the month's end, and who has been found: the hazard falls with expected pay against the market."""
    for lane in range(LANES):
        present = vacant[lane] == 0.0
        hazard = chance * (1.0 - attrition_response * (ratio[lane] - usual_ratio))
        goes = present and uniform[lane] < hazard
        leavers[lane] = 1.0 if goes else 0.0
        replacement[lane] = cost if goes else 0.0
        filled = vacant[lane] == 1.0 or (goes and vacancy_months == 0)
        seniority[lane] = 0.0 if filled else seniority[lane] + (1.0 if present else 0.0)
        vacant[lane] = float(vacancy_months) if goes else max(vacant[lane] - 1.0, 0.0)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def choose_timing(
    discount: float, share: float, here: Floats, ahead: float, chance: Floats, orphaned: Floats, moved: Floats
) -> None:
    """Pull deals forward if they pay more now, less the discount; put them off if they pay less. moved: (2, LANES)."""
    for lane in range(LANES):
        movable = share * chance[lane] * (1.0 - orphaned[lane])
        moved[0, lane] = movable if here[lane] * (1.0 - discount) > ahead else 0.0
        moved[1, lane] = movable if here[lane] < ahead * (1.0 - discount) else 0.0


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def close_period(
    terms: Terms,
    c: int,
    t: int,
    last_month: bool,
    totals: Floats,
    served: Floats,
    ramping: Floats,
    paid_so_far: Floats,
    owed: Floats,
    attained: Floats,
    attained_months: Floats,
    paid_out: Floats,
    guarantee_pay: Floats,
    csm_pay: Floats32,
) -> None:
    """Pay what the period has earned; a true-up pays the year to date less what was paid, never back."""
    so_far = float(t + 1 - terms.opens[c, t])
    resets = terms.resets[c, t]
    for lane in range(LANES):
        variable = 0.0
        for i in range(len(terms.weight)):
            level, exists = measured(terms.measure[i], totals, lane, so_far)
            months = served[lane]
            share = 0.0
            if exists:
                attainment = level / terms.quota[c, i]
                share = payout(
                    terms.curve.at[i],
                    terms.curve.slope_change[i],
                    terms.curve.lump[i],
                    terms.curve.count[i],
                    attainment,
                )
                months += owed[i, lane]
                if resets:
                    owed[i, lane] = 0.0
                    attained[i, lane] += attainment * so_far
                    attained_months[i, lane] += so_far
            elif terms.no_renewal_due == AT_TARGET:
                share = 1.0
            elif terms.no_renewal_due == CARRIED:
                if last_month:  # no later period to carry it to
                    share = 1.0
                    months += owed[i, lane]
                elif resets:
                    owed[i, lane] += served[lane]
            if terms.gate_row[i] >= 0:
                level, exists = measured(terms.measure[terms.gate_row[i]], totals, lane, so_far)
                if exists and level < terms.gate_minimum[i]:
                    share = 0.0
            pay = max(share * months * terms.monthly_pay[c, i] - paid_so_far[i, lane], 0.0)
            paid_so_far[i, lane] += pay
            variable += pay
            paid_out[i, t, lane] += pay
        floor = terms.guarantee * terms.target[c] * ramping[lane]
        if floor > variable:
            guarantee_pay[lane] = floor - variable
            variable = floor
        ramping[lane] = 0.0
        csm_pay[lane] += np.float32(variable)
        if resets:
            opened = totals[ARR_AT_OPENING, lane] + totals[NET, lane]
            totals[:, lane] = 0.0
            totals[ARR_AT_OPENING, lane] = opened
            served[lane] = 0.0
            paid_so_far[:, lane] = 0.0


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def run_blocks(f: Field, terms: Terms, anchor: Floats, draws: Draws, results: Results) -> None:
    """Simulate every block of ``draws`` under compiled ``terms``; adds to ``results``, which must be zero.

    anchor: (n_csms, n_months, N_ANCHOR), means under the plan in force.
    """
    n_blocks, _, n_months, _ = draws.upsell.shape
    n_csms = len(f.first) - 1
    n_components = len(terms.weight)
    n_rows = len(terms.measure)
    most = 0
    for c in range(n_csms):
        most = max(most, f.first[c + 1] - f.first[c])

    contract = np.empty((most, LANES))  # ARR at the last renewal
    space_then = np.empty((most, LANES))  # white space left at that time: what is gone since was sold
    upsell_left = np.empty((most, LANES))
    cross_left = np.empty((most, LANES))
    closed_early = np.empty((most, LANES))
    clawing = terms.clawback_months > 0
    history = np.empty(
        (2, n_months + 1 if clawing else 0, most, LANES)
    )  # white space left at each month's end
    timing = f.pull_share > 0.0
    counting = False
    for i in range(n_components):
        counting |= terms.measure[i] == REFERRALS

    totals = np.empty((N_TOTALS, LANES))
    flows = np.empty((N_FLOWS, LANES))
    clawed = np.zeros((2, LANES))
    left = np.empty(LANES)
    found = np.empty(LANES)
    given = np.empty(LANES)
    forecast = np.empty((n_rows, LANES))
    effort = np.empty((N_TASKS, LANES))
    productive = np.empty((N_TASKS, LANES))
    productivity = np.empty((N_TASKS, LANES))
    work = np.empty((WORK_ROWS, LANES))
    response = np.empty(LANES)
    orphaned = np.empty(LANES)
    odds = np.empty(LANES)
    sway = np.empty(LANES)
    ratio = np.empty(LANES)
    chance = np.empty((2, LANES))
    moved_before = np.empty((4, LANES))  # upsell pulled, put off; cross-sell pulled, put off
    moved_now = np.empty((4, LANES))
    vacant = np.empty(LANES)  # months until the book has a CSM again
    seniority = np.empty(LANES)  # months since hired
    served = np.empty(LANES)  # months worked in the measured window
    ramping = np.empty(LANES)  # months of the period under the ramp guarantee
    paid_so_far = np.empty((n_components, LANES))
    owed = np.empty((n_components, LANES))  # months whose target is carried forward
    attained = np.empty((n_components, LANES))
    attained_months = np.empty((n_components, LANES))

    for block in range(n_blocks):
        for lane in range(LANES):
            response[lane] = 1.0 + f.response_spread * draws.response[block, lane]
        for c in range(n_csms):
            start = f.first[c]
            n_accounts = f.first[c + 1] - start
            totals[:] = 0.0
            for a in range(n_accounts):
                contract[a] = f.arr[start + a]
                upsell_left[a] = f.upsell_whitespace[start + a]
                cross_left[a] = f.cross_sell_whitespace[start + a]
                space_then[a] = f.upsell_whitespace[start + a] + f.cross_sell_whitespace[start + a]
                closed_early[a] = 0.0
                totals[ARR_AT_OPENING] += f.arr[start + a]
                if clawing:
                    history[0, 0, a] = upsell_left[a]
                    history[1, 0, a] = cross_left[a]
            moved_before[:] = 0.0
            vacant[:] = 0.0
            seniority[:] = FOUNDER
            served[:] = 0.0
            ramping[:] = 0.0
            paid_so_far[:] = 0.0
            owed[:] = 0.0
            attained[:] = 0.0
            attained_months[:] = 0.0

            for t in range(n_months):
                usual = anchor[c, t]
                flows[:] = 0.0
                staff(
                    vacant,
                    seniority,
                    f.skill[c],
                    terms.base[c],
                    f.ramp_months,
                    terms.guarantee_months,
                    productivity,
                    orphaned,
                    flows[STAFFED],
                    flows[BASE_PAY],
                    served,
                    ramping,
                )

                # The CSM chooses effort, knowing what she has and what is still to come.
                for r in range(n_rows):
                    level, share = terms.level[c, t, r], terms.share[c, t, r]
                    total = totals[terms.measure[r]]
                    for lane in range(LANES):
                        forecast[r, lane] = level + share * total[lane]
                tables = terms.tables
                choose_effort(
                    forecast,
                    terms.gain[c, t],
                    productivity,
                    response,
                    usual,
                    terms.pull[c, t],
                    terms.gate_row,
                    terms.gate_pull[c, t],
                    tables.low[c, t],
                    tables.per_step[c, t],
                    tables.value[c, t],
                    tables.slope[c, t],
                    f.overlap,
                    f.present_bias,
                    f.effort_max,
                    effort,
                    work,
                )
                for k in range(N_TASKS):
                    for lane in range(LANES):
                        productive[k, lane] = productivity[k, lane] * effort[k, lane]
                        flows[EFFORT + k, lane] = productive[k, lane]

                # Renewals fall due.
                for lane in range(LANES):
                    sway[lane] = response[lane] * f.b * (productive[RETENTION, lane] - usual[RETENTION])
                for a in range(n_accounts):
                    j = start + a
                    renewal = f.due[j, t]
                    if renewal < 0:
                        continue
                    for lane in range(LANES):
                        odds[lane] = f.log_odds[j] - f.orphan_penalty * (orphaned[lane] - usual[ORPHANED])
                    renew(
                        draws.latent[block, renewal],
                        draws.depth[block, renewal],
                        draws.price[block, renewal],
                        draws.influence[block, j],
                        odds,
                        sway,
                        f.influence_sd,
                        f.pull_churn,
                        f.contraction_p[j],
                        2.0 * f.contraction_depth,
                        f.erosion_p[j],
                        2.0 * f.erosion_depth,
                        f.uplift_p[j],
                        2.0 * f.uplift_rate,
                        contract[a],
                        space_then[a],
                        upsell_left[a],
                        cross_left[a],
                        closed_early[a],
                        left,
                        totals,
                        flows,
                    )
                    if clawing:
                        since = max(t - terms.clawback_months, 0)
                        for sale in range(2):
                            for lane in range(LANES):
                                sold = history[sale, since, a, lane] - history[sale, t, a, lane]
                                clawed[sale, lane] += left[lane] * sold

                # Upsell and cross-sell arrive.
                for sale in range(2):
                    task = UPSELL + sale
                    usual_chance = f.cross_sell_chance if sale else f.upsell_chance
                    for lane in range(LANES):
                        scale = response[lane] * f.kappa
                        lift = (1.0 + scale * productive[task, lane]) / (1.0 + scale * usual[task])
                        chance[sale, lane] = usual_chance * lift
                    uniform = draws.cross_sell[block] if sale else draws.upsell[block]
                    take = f.cross_sell_take if sale else f.upsell_take
                    space = cross_left if sale else upsell_left
                    booked = flows[UPSELL_ARR + sale]
                    if counting:
                        found[:] = 0.0
                        for a in range(n_accounts):
                            count_opportunities(
                                uniform[start + a, t], chance[sale], f.win_rate, space[a], found
                            )
                        for lane in range(LANES):
                            totals[REFERRALS, lane] += found[lane]
                    if not timing:
                        for a in range(n_accounts):
                            arrivals(uniform[start + a, t], chance[sale], take, space[a], booked)
                        continue
                    now = moved_now[2 * sale : 2 * sale + 2]
                    now[:] = 0.0
                    if terms.closes[c, t] and t + 1 < n_months:
                        ratio[:] = 0.0
                        ahead = 0.0
                        for i in range(n_components):
                            look_up(
                                tables.slope[c, t, i],
                                tables.low[c, t, i],
                                tables.per_step[c, t, i],
                                forecast[i],
                                work[0],
                                work[1],
                            )
                            for lane in range(LANES):
                                ratio[lane] += terms.pull[c, t, i, task] * work[0, lane]
                            look_up(
                                tables.slope[c, t + 1, i],
                                tables.low[c, t + 1, i],
                                tables.per_step[c, t + 1, i],
                                terms.level[c, t + 1, i : i + 1],
                                work[0],
                                work[1],
                            )
                            ahead += terms.pull[c, t + 1, i, task] * work[0, 0]
                        choose_timing(
                            f.pull_discount, f.pull_share, ratio, ahead, chance[sale], orphaned, now
                        )
                    before, after = max(t - 1, 0), min(t + 1, n_months - 1)
                    for a in range(n_accounts):
                        given[:] = 0.0
                        timed_arrivals(
                            uniform[start + a, before],
                            uniform[start + a, t],
                            uniform[start + a, after],
                            chance[sale],
                            take,
                            moved_before[2 * sale],
                            moved_before[2 * sale + 1],
                            now[0],
                            now[1],
                            f.pull_discount,
                            space[a],
                            booked,
                            given,
                            closed_early[a],
                        )
                        for lane in range(LANES):
                            # White space went in full, ARR came in less the discount.
                            contract[a, lane] -= given[lane]
                            flows[DISCOUNT, lane] += given[lane]
                    moved_before[2 * sale] = now[0]
                    moved_before[2 * sale + 1] = now[1]
                if clawing:
                    history[0, t + 1, :n_accounts] = upsell_left[:n_accounts]
                    history[1, t + 1, :n_accounts] = cross_left[:n_accounts]

                measure_month(
                    flows,
                    clawed,
                    f.kpi_mean[c],
                    f.kpi_sd,
                    f.kpi_lift,
                    draws.kpi[block, c, t],
                    productive[KPI],
                    usual[KPI],
                    response,
                    totals,
                    results.csm_lost[block, c],
                    results.csm_expansion[block, c],
                )
                clawed[:] = 0.0

                # Somebody may leave.
                ratio[:] = usual[PAY_RATIO]
                if f.attrition_response > 0.0:
                    found[:] = terms.base[c]
                    for i in range(n_components):
                        expected_payout(
                            tables.low[c, t],
                            tables.per_step[c, t],
                            tables.value[c, t],
                            tables.slope[c, t],
                            terms.gate_row[i],
                            i,
                            forecast,
                            odds,
                            work,
                        )
                        for lane in range(LANES):
                            found[lane] += terms.monthly_pay[c, i] * odds[lane]
                    for lane in range(LANES):
                        ratio[lane] = found[lane] / f.market_pay[c] if orphaned[lane] == 0.0 else ratio[lane]
                for k in range(N_TASKS):
                    results.anchor[block, c, t, k] = productive[k].sum()
                results.anchor[block, c, t, PAY_RATIO] = ratio.sum()
                results.anchor[block, c, t, ORPHANED] = orphaned.sum()
                leave(
                    draws.leave[block, c, t],
                    ratio,
                    usual[PAY_RATIO],
                    f.leave_chance,
                    f.attrition_response,
                    f.vacancy_months,
                    f.replacement_cost * terms.base[c] * 12.0,
                    vacant,
                    seniority,
                    flows[LEAVERS],
                    flows[REPLACEMENT],
                )

                # The period closes and pays.
                if terms.closes[c, t]:
                    close_period(
                        terms,
                        c,
                        t,
                        t == n_months - 1,
                        totals,
                        served,
                        ramping,
                        paid_so_far,
                        owed,
                        attained,
                        attained_months,
                        results.paid[block],
                        flows[GUARANTEE_PAY],
                        results.csm_pay[block, c],
                    )
                for lane in range(LANES):
                    if flows[LEAVERS, lane] > 0.0:
                        # A leaver's pay of the period in progress is forfeit; a successor earns from her first day.
                        served[lane] = 0.0
                        ramping[lane] = 0.0
                        paid_so_far[:, lane] = 0.0
                        owed[:, lane] = 0.0
                for flow in range(N_FLOWS):
                    team = results.flows[block, flow, t]
                    for lane in range(LANES):
                        team[lane] += flows[flow, lane]
            for i in range(n_components):
                for lane in range(LANES):
                    months = attained_months[i, lane]
                    mean = attained[i, lane] / months if months > 0.0 else np.nan
                    results.attainment[block, c, i, lane] = mean
