"""What the month loop reads and writes, as plain arrays that compiled code can take."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.compile import MEASURES, log_odds_per_effort
from sim.engine.draws import Draws
from sim.engine.forecast import N_TASKS, renewal_risk, uplift_share
from sim.engine.kpis import KPI_SCALE, kpi_means, kpi_noise
from sim.engine.philox import LANES
from sim.engine.portfolio import Portfolio
from sim.world.parameters import World

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Ints = NDArray[np.int64]
Counts = NDArray[np.uint8]

# Rows of Results.flows: team totals of a month. USD a year of ARR, accounts, or USD. ``pulled`` and ``put_off`` are
# bookings of the month that the timing lever brought forward from the next, or put off from the one before.
FLOWS = (
    "churn",
    "contraction",
    "erosion",
    "uplift",
    "upsell",
    "cross_sell",
    "discount",
    "pulled",
    "put_off",
    "accounts_lost",
    "base_pay",
    "guarantee_pay",
    "replacement_cost",
    "leavers",
    "staffed",
    "effort_retention",
    "effort_upsell",
    "effort_cross_sell",
    "effort_kpi",
)
(
    CHURN,
    CONTRACTION,
    EROSION,
    UPLIFT,
    UPSELL_ARR,
    CROSS_ARR,
    DISCOUNT,
    PULLED,
    PUT_OFF,
    ACCOUNTS_LOST,
    BASE_PAY,
    GUARANTEE_PAY,
    REPLACEMENT,
    LEAVERS,
    STAFFED,
    EFFORT,
) = range(16)
N_FLOWS = len(FLOWS)

N_MEASURES = len(MEASURES)
DUE, LOGOS_DUE, ARR_AT_OPENING = N_MEASURES, N_MEASURES + 1, N_MEASURES + 2
N_TOTALS = N_MEASURES + 3
"""Running totals of the measured window: one a measure (losses for retention), and what they are compared with."""
FOUNDER = 1e6
"""Seniority, in months, of a CSM who was there at the start: past any ramp, with the skills of the team file."""

# Columns of the anchor: productive effort of each task, then these three; TRAINING is the effort that goes into it.
PAY_RATIO, ORPHANED, TRAINING = N_TASKS, N_TASKS + 1, N_TASKS + 2
N_ANCHOR = N_TASKS + 3


class Field(NamedTuple):
    """Book and world as the kernel reads them. A = n_accounts, C = n_csms, H = n_months, E = n_renewals.

    log_odds: (A,), of renewal. contraction_p, erosion_p, uplift_p: (A,), given a renewal. uplift_most: (A,), fraction.
    segment: (A,), its number, below n_segments. skill: (C, n_tasks). newcomer: (n_tasks,), skill of whoever is hired.
    market_pay: (C,), USD a month, on-target earnings under the plan in force.
    kpi_mean, kpi_sd: (C, n_kpis), kpi_lift: (n_kpis,), in the order of KPI_MEASURES.
    Scalars are the world's, per month where they are rates.
    """

    first: Ints
    due: Ints
    arr: Floats
    upsell_whitespace: Floats
    cross_sell_whitespace: Floats
    log_odds: Floats
    contraction_p: Floats
    erosion_p: Floats
    uplift_p: Floats
    uplift_most: Floats
    segment: Ints
    skill: Floats
    newcomer: Floats
    market_pay: Floats
    kpi_mean: Floats
    kpi_sd: Floats
    kpi_lift: Floats
    n_segments: int
    b: float
    kappa: float
    response_spread: float
    overlap: float
    present_bias: float
    effort_max: float
    influence_sd: float
    contraction_depth: float
    erosion_depth: float
    upsell_chance: float
    upsell_take: float
    cross_sell_chance: float
    cross_sell_take: float
    win_rate: float
    leave_chance: float
    attrition_response: float
    vacancy_months: int
    ramp_months: int
    orphan_penalty: float
    training_effect: float
    replacement_cost: float
    pull_share: float
    pull_discount: float
    pull_churn: float


class Results(NamedTuple):
    """What a run of some blocks writes. B = n_blocks, I = n_components, S = n_segments.

    flows: (B, N_FLOWS, H, LANES). paid: (B, I, H, LANES), USD paid at the end of a month, by component.
    earned: (B, I + 1, H, LANES), the same in the months of the period paid for; what guarantees add comes last.
    above_target: (B, I, H, LANES), the part of ``paid`` that lifts the window's total above target pay, USD.
    anchor: (B, C, H, N_ANCHOR), sums over the lanes.
    reached: (B, C, H, N_ANCHOR, LANES), what ``anchor`` adds up; no CSMs long where it is not asked for.
    csm_pay: (B, C, LANES), variable pay of the horizon, USD. csm_lost, csm_expansion: (B, C, LANES), ARR.
    attainment: (B, C, I, LANES), mean over the measured windows, weighted by their months.
        NaN when nothing was measured.
    csm_leaves: (B, C, LANES), times that the seat's holder left.
    segment_lost, segment_expansion: (B, S, LANES), ARR.
    """

    flows: Floats
    paid: Floats
    earned: Floats
    above_target: Floats
    anchor: Floats
    reached: Floats
    csm_pay: Floats32
    csm_lost: Floats32
    csm_expansion: Floats32
    attainment: Floats32
    csm_leaves: Counts
    segment_lost: Floats32
    segment_expansion: Floats32


def new_results(
    n_blocks: int, n_csms: int, n_months: int, n_components: int, n_segments: int, *, with_reached: bool = False
) -> Results:
    return Results(
        flows=np.zeros((n_blocks, N_FLOWS, n_months, LANES)),
        paid=np.zeros((n_blocks, n_components, n_months, LANES)),
        earned=np.zeros((n_blocks, n_components + 1, n_months, LANES)),
        above_target=np.zeros((n_blocks, n_components, n_months, LANES)),
        anchor=np.zeros((n_blocks, n_csms, n_months, N_ANCHOR)),
        reached=np.zeros((n_blocks, n_csms if with_reached else 0, n_months, N_ANCHOR, LANES)),
        csm_pay=np.zeros((n_blocks, n_csms, LANES), dtype=np.float32),
        csm_lost=np.zeros((n_blocks, n_csms, LANES), dtype=np.float32),
        csm_expansion=np.zeros((n_blocks, n_csms, LANES), dtype=np.float32),
        attainment=np.zeros((n_blocks, n_csms, n_components, LANES), dtype=np.float32),
        csm_leaves=np.zeros((n_blocks, n_csms, LANES), dtype=np.uint8),
        segment_lost=np.zeros((n_blocks, n_segments, LANES), dtype=np.float32),
        segment_expansion=np.zeros((n_blocks, n_segments, LANES), dtype=np.float32),
    )


def field(portfolio: Portfolio, world: World) -> Field:
    """Book and world, ready for the month loop."""
    p = portfolio.renewal_probability
    risk = renewal_risk(p, world)
    with np.errstate(divide="ignore"):  # 0 and 1 are allowed: certain to leave, certain to stay
        log_odds = np.log(p) - np.log1p(-p)
    return Field(
        first=portfolio.first,
        due=portfolio.due,
        arr=portfolio.arr,
        upsell_whitespace=portfolio.upsell_whitespace,
        cross_sell_whitespace=portfolio.cross_sell_whitespace,
        log_odds=log_odds,
        contraction_p=risk.contraction_probability,
        erosion_p=risk.erosion_probability,
        uplift_p=np.minimum(world.uplift_probability, 1.0 - risk.erosion_probability),
        uplift_most=2.0 * world.uplift_rate * uplift_share(portfolio.term_months),
        segment=portfolio.segment,
        skill=portfolio.skill,
        newcomer=portfolio.works,
        market_pay=portfolio.ote / 12.0,
        kpi_mean=kpi_means(portfolio, world),
        kpi_sd=kpi_noise(portfolio, world),
        kpi_lift=world.kappa_kpi * np.array(KPI_SCALE),
        n_segments=len(portfolio.segments),
        b=log_odds_per_effort(world),
        kappa=world.kappa_expansion,
        response_spread=world.response_spread,
        overlap=world.task_overlap,
        present_bias=world.present_bias,
        effort_max=world.effort_max,
        influence_sd=world.influence_sd,
        contraction_depth=world.contraction_depth,
        erosion_depth=world.erosion_depth,
        upsell_chance=min(world.upsell_arrivals / 12.0, 1.0),
        upsell_take=world.upsell_take,
        cross_sell_chance=min(world.cross_sell_arrivals / 12.0, 1.0),
        cross_sell_take=world.cross_sell_take,
        win_rate=world.win_rate,
        leave_chance=float(1.0 - (1.0 - world.attrition) ** (1.0 / 12.0)),
        attrition_response=world.attrition_response,
        vacancy_months=round(world.vacancy_months),
        ramp_months=round(world.ramp_months),
        orphan_penalty=world.orphan_penalty,
        training_effect=world.training_effect / 12.0,
        replacement_cost=world.replacement_cost,
        pull_share=world.pull_share,
        pull_discount=world.pull_discount,
        pull_churn=world.pull_churn,
    )


def response_of(ground: Field, draws: Draws) -> Floats:
    """How strongly effort works in each trial, 1 = as assumed: (n_blocks, LANES)."""
    response: Floats = 1.0 + ground.response_spread * draws.response.astype(np.float64)
    return response
