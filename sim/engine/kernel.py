"""The fast month loop. Same model as ``reference``, the readable one; the tests hold the two together.

Everything runs per block of LANES trials, lanes innermost, so that the loops over accounts vectorise. A block touches
no other block's memory: any number of threads gives the same bits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.engine.compile import REFERRALS, Terms
from sim.engine.draws import Draws
from sim.engine.forecast import KPI, N_TASKS, RETENTION, UPSELL
from sim.engine.jit import compiled, lean
from sim.engine.payday import close_period, expected_pay, new_slip
from sim.engine.philox import LANES
from sim.engine.response import choose_effort, new_scratch
from sim.engine.state import (
    ARR_AT_OPENING,
    EFFORT,
    FOUNDER,
    LEAVERS,
    N_FLOWS,
    N_TOTALS,
    ORPHANED,
    PAY_RATIO,
    TRAINING,
    Field,
    Results,
)
from sim.engine.steps import (
    arrivals,
    choose_timing,
    count_opportunities,
    leave,
    measure_month,
    renew,
    staff,
    timed_arrivals,
)

Floats = NDArray[np.float64]


@lean
def lane_sum(values: Floats) -> float:
    """Sum over the lanes in four chains: one chain would wait for each addition in turn."""
    first, second, third, fourth = 0.0, 0.0, 0.0, 0.0
    for lane in range(0, LANES, 4):
        first += values[lane]
        second += values[lane + 1]
        third += values[lane + 2]
        fourth += values[lane + 3]
    return (first + second) + (third + fourth)


@compiled
def run_blocks(f: Field, terms: Terms, anchor: Floats, draws: Draws, results: Results) -> None:
    """Simulate every block of ``draws`` under compiled ``terms``; adds to ``results``, which must be zero.

    anchor: (n_csms, n_months, N_ANCHOR), means under the plan in force.
    """
    n_blocks, n_months, _, _ = draws.upsell.shape
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
    keeping = results.reached.shape[1] > 0
    history = np.empty((2, n_months if clawing else 0, most, LANES))  # white space at a month's start, where asked for
    space_now = np.empty((2, LANES))
    timing = f.pull_share > 0.0
    counting = False
    for i in range(n_components):
        counting |= terms.measure[i] == REFERRALS

    totals = np.empty((N_TOTALS, LANES))
    flows = np.empty((N_FLOWS, LANES))
    clawed = np.zeros((2, LANES))
    left = np.empty(LANES)
    forecast = np.empty((n_rows, LANES))
    effort = np.empty((N_TASKS, LANES))
    productive = np.empty((N_TASKS, LANES))
    productivity = np.empty((N_TASKS, LANES))
    moves = np.empty((2, LANES))
    scratch = new_scratch(n_rows)
    slip = new_slip()
    response = np.empty(LANES)
    orphaned = np.empty(LANES)
    odds = np.empty(LANES)
    sway = np.empty(LANES)
    ratio = np.empty(LANES)
    pay = np.empty(LANES)
    chance = np.empty((2, LANES))
    pulled, put_off, given = np.zeros((2, most, LANES)), np.zeros((2, most, LANES)), np.zeros((2, most, LANES))
    vacant = np.empty(LANES)  # months until the book has a CSM again
    seniority = np.empty(LANES)  # months since hired
    served = np.empty(LANES)  # months worked in the measured window
    ramping = np.empty(LANES)  # months of the period under the ramp guarantee
    trained = np.empty(LANES)  # months of effort on training so far, beyond what the plan in force buys
    paid_so_far = np.empty((n_components, LANES))
    owed = np.empty((n_components, LANES))  # months whose target is carried forward
    attained = np.empty((n_components, LANES))
    attained_months = np.empty((n_components, LANES))
    above = np.empty((n_components, LANES))  # paid so far beyond target pay
    segment_lost = np.empty((f.n_segments, LANES))
    segment_sold = np.empty((f.n_segments, LANES))

    for block in range(n_blocks):
        for lane in range(LANES):
            response[lane] = 1.0 + f.response_spread * draws.response[block, lane]
        segment_lost[:] = 0.0
        segment_sold[:] = 0.0
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
                    history[0, 0, a] = f.upsell_whitespace[start + a]
                    history[1, 0, a] = f.cross_sell_whitespace[start + a]
            if timing:
                pulled[:] = 0.0
                put_off[:] = 0.0
                given[:] = 0.0
            vacant[:] = 0.0
            seniority[:] = FOUNDER
            served[:] = 0.0
            ramping[:] = 0.0
            trained[:] = 0.0
            paid_so_far[:] = 0.0
            above[:] = 0.0
            owed[:] = 0.0
            attained[:] = 0.0
            attained_months[:] = 0.0
            period_opens = 0

            for t in range(n_months):
                usual = anchor[c, t]
                flows[:] = 0.0
                staff(f, terms, c, vacant, seniority, productivity, orphaned, served, ramping, flows)

                # The CSM chooses effort, knowing what she has and what is still to come.
                for r in range(n_rows):
                    level, share, measure = terms.level[c, t, r], terms.share[c, t, r], terms.measure[r]
                    for lane in range(LANES):
                        forecast[r, lane] = level + share * totals[measure, lane]
                choose_effort(
                    c,
                    t,
                    forecast,
                    terms.gain,
                    productivity,
                    response,
                    anchor,
                    terms.pull,
                    terms.gate_row,
                    terms.gate_pull,
                    terms.tables,
                    f.overlap,
                    f.present_bias,
                    f.effort_max,
                    effort,
                    scratch,
                )
                for k in range(N_TASKS):
                    for lane in range(LANES):
                        productive[k, lane] = productivity[k, lane] * effort[k, lane]
                        flows[EFFORT + k, lane] = productive[k, lane]

                # Renewals fall due.
                for lane in range(LANES):
                    sway[lane] = response[lane] * f.b * (productive[RETENTION, lane] - usual[RETENTION])
                    odds[lane] = -f.orphan_penalty * (orphaned[lane] - usual[ORPHANED])
                    odds[lane] += f.training_effect * trained[lane]
                    on_training = terms.training_share * productive[KPI, lane]
                    trained[lane] += response[lane] * (on_training - usual[TRAINING])
                for a in range(n_accounts):
                    j = start + a
                    renewal = f.due[j, t]
                    if renewal < 0:
                        continue
                    if clawing:
                        # Less what was given away, so that differences are what was booked.
                        for lane in range(LANES):
                            space_now[0, lane] = upsell_left[a, lane] + given[0, a, lane]
                            space_now[1, lane] = cross_left[a, lane] + given[1, a, lane]
                    renew(
                        f,
                        draws,
                        block,
                        j,
                        a,
                        renewal,
                        odds,
                        sway,
                        contract,
                        space_then,
                        upsell_left,
                        cross_left,
                        closed_early,
                        left,
                        totals,
                        flows,
                        segment_lost,
                        segment_sold,
                    )
                    if clawing:
                        since = max(t - terms.clawback_months, 0)
                        for sale in range(2):
                            for lane in range(LANES):
                                clawed[sale, lane] += left[lane] * (
                                    history[sale, since, a, lane] - space_now[sale, lane]
                                )

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
                    opening = f.cross_sell_whitespace if sale else f.upsell_whitespace
                    space = cross_left if sale else upsell_left
                    if counting:
                        count_opportunities(uniform, start, n_accounts, t, chance, sale, f.win_rate, space, totals)
                    if not timing:
                        arrivals(uniform, start, n_accounts, t, chance, sale, take, opening, space, flows)
                        continue
                    choose_timing(f, terms, c, t, sale, forecast, chance, orphaned, moves, scratch)
                    timed_arrivals(
                        uniform,
                        start,
                        n_accounts,
                        t,
                        chance,
                        sale,
                        take,
                        f.pull_discount,
                        moves,
                        pulled,
                        put_off,
                        given,
                        space,
                        space_then,
                        closed_early,
                        flows,
                    )
                if clawing and t + 1 + terms.clawback_months < n_months:
                    for a in range(n_accounts):
                        if f.due[start + a, t + 1 + terms.clawback_months] >= 0:
                            for lane in range(LANES):
                                history[0, t + 1, a, lane] = upsell_left[a, lane] + given[0, a, lane]
                                history[1, t + 1, a, lane] = cross_left[a, lane] + given[1, a, lane]

                measure_month(
                    f, terms.kpis, draws, block, c, t, flows, clawed, productive, usual[KPI], response, totals, results
                )
                clawed[:] = 0.0

                # Somebody may leave.
                ratio[:] = usual[PAY_RATIO]
                if f.attrition_response > 0.0:
                    expected_pay(terms, c, t, forecast, pay, scratch)
                    market = f.market_pay[c]
                    for lane in range(LANES):
                        ratio[lane] = pay[lane] / market if orphaned[lane] == 0.0 else ratio[lane]
                for k in range(N_TASKS):
                    results.anchor[block, c, t, k] = lane_sum(productive[k])
                results.anchor[block, c, t, PAY_RATIO] = lane_sum(ratio)
                results.anchor[block, c, t, ORPHANED] = lane_sum(orphaned)
                results.anchor[block, c, t, TRAINING] = terms.training_share * lane_sum(productive[KPI])
                if keeping:
                    for lane in range(LANES):
                        for k in range(N_TASKS):
                            results.reached[block, c, t, k, lane] = productive[k, lane]
                        results.reached[block, c, t, PAY_RATIO, lane] = ratio[lane]
                        results.reached[block, c, t, ORPHANED, lane] = orphaned[lane]
                        results.reached[block, c, t, TRAINING, lane] = terms.training_share * productive[KPI, lane]
                cost = f.replacement_cost * terms.base[c] * 12.0
                leave(f, draws, block, c, t, ratio, usual[PAY_RATIO], cost, vacant, seniority, flows)
                for lane in range(LANES):
                    results.csm_leaves[block, c, lane] += np.uint8(flows[LEAVERS, lane])

                # The period closes and pays.
                if terms.closes[c, t]:
                    close_period(
                        terms,
                        block,
                        c,
                        t,
                        period_opens,
                        totals,
                        served,
                        ramping,
                        paid_so_far,
                        above,
                        owed,
                        attained,
                        attained_months,
                        flows,
                        results,
                        slip,
                    )
                    period_opens = t + 1
                for lane in range(LANES):
                    if flows[LEAVERS, lane] > 0.0:
                        # A leaver's pay of the period in progress is forfeit; a successor earns from her first day.
                        served[lane] = 0.0
                        ramping[lane] = 0.0
                        paid_so_far[:, lane] = 0.0
                        above[:, lane] = 0.0
                        owed[:, lane] = 0.0
                for flow in range(N_FLOWS):
                    for lane in range(LANES):
                        results.flows[block, flow, t, lane] += flows[flow, lane]
            for i in range(n_components):
                for lane in range(LANES):
                    months = attained_months[i, lane]
                    mean = attained[i, lane] / months if months > 0.0 else np.nan
                    results.attainment[block, c, i, lane] = mean
            for a in range(n_accounts):
                s = f.segment[start + a]
                for lane in range(LANES):
                    segment_sold[s, lane] += space_then[a, lane] - upsell_left[a, lane] - cross_left[a, lane]
        for s in range(f.n_segments):
            for lane in range(LANES):
                results.segment_lost[block, s, lane] = segment_lost[s, lane]
                results.segment_expansion[block, s, lane] = segment_sold[s, lane]
