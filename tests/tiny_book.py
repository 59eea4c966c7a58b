"""Eight accounts of three CSMs in a world without luck: every figure can be worked out on paper.

Renewals are certain or hopeless, nothing responds to pay, nobody leaves, prices stand still. Every month a deal takes
half of the white space that is left on an account, so W of white space has sold W (1 - 1/2^m) after m months. A
renewal comes before the deals of its month: an account that leaves in month 3 has sold for two months.

    CSM  OTE      account  ARR      renews (month, 1 = first)  upsell W  cross-sell W
    ANN  120,000  A1       300,000  2, stays
                  A2       300,000  8, stays                   40,960    20,480
    BEN  100,000  B1       240,000  1, stays
                  B2        48,000  3, leaves                  16,000
                  B3       112,000  after the year             20,480    40,960
    CY    80,000  C1       240,000  5, stays
                  C2        72,000  11, leaves                 10,240
                  C3        88,000  after the year                       20,480

What W sells, by quarter (7/8, 7/64, 7/512 and 7/4096 of W):

    40,960: 35,840  4,480  560  70        16,000 (B2, two months): 12,000  0  0  0
    20,480: 17,920  2,240  280  35        10,240 (C2, ten months):  8,960  1,120  140  10

Year to date, at the end of each quarter:

                         Q1      Q2      Q3      Q4
    upsell        ANN    35,840  40,320  40,880  40,950
                  BEN    29,920  32,160  32,440  32,475     12,000 + what 20,480 sells
                  CY      8,960  10,080  10,220  10,230
    expansion     ANN    53,760  60,480  61,320  61,425     upsell and cross-sell
                  BEN    65,760  72,480  73,320  73,425
                  CY     26,880  30,240  30,660  30,705
    less clawback BEN    53,760  60,480  61,320  61,425     12,000 of B2, sold 1 and 2 months before it left
                  CY     26,880  30,240  30,660  30,075     630 of C2, sold in the six months before month 11:
                                                            320 + 160 + 80 + 40 + 20 + 10
    opportunities ANN         6      12      18      24     two a month (A2: one of each kind)
                  BEN         8      14      20      26     B2 2, B3 two a month
                  CY          6      12      18      22     C2 10, C3 one a month
    GRR           ANN    1       1       1       1
                  BEN    0.8     0.8     0.8     0.8        B2 left with 48,000 + 12,000; due with B1: 300,000
                  CY     none    1       1       0.7448096  C2 left with 72,000 + 10,230; 240,000 of 322,230 kept

What the plan in force expects, which quotas are made of. Deals are foreseen to the dollar; a renewal is expected on the
ARR that is on the books on the first day:

    GRR   ANN 1, BEN 240,000 / 288,000 = 5/6, CY 240,000 / 312,000 = 10/13; team 1 - 120,000 / 1,200,000 = 0.9
    expansion   ANN 61,425, BEN 73,425, CY 30,705      upsell, team  (40,950 + 32,475 + 10,230) / 3 = 27,885
    opportunities, team  (24 + 26 + 22) / 3 = 24
    NRR, team  1 + (61,425 + 73,425 + 30,705 - 48,000 - 72,000) / 1,400,000 = 1.0325393
"""

from __future__ import annotations

import datetime as dt

import numpy as np

from sim.book.schema import Book, Team
from sim.world.parameters import World

CSMS = ("ANN", "BEN", "CY")
AFTER_THE_YEAR = 15  # month, counted from 1


def tiny_team() -> Team:
    ones = np.ones(3)
    return Team(
        csm_id=CSMS,
        csm_name=("Ann", "Ben", "Cy"),
        role=("CSM",) * 3,
        level=("csm",) * 3,
        base_salary=np.full(3, np.nan),
        ote=np.array([120_000.0, 100_000.0, 80_000.0]),
        skill_retention=ones,
        skill_upsell=ones,
        skill_cross_sell=ones,
    )


def tiny_book() -> Book:
    rows = (
        # id, CSM, ARR, month of renewal counted from 1, renews, upsell and cross-sell white space
        ("A1", 0, 300_000, 2, 1, 0, 0),
        ("A2", 0, 300_000, 8, 1, 40_960, 20_480),
        ("B1", 1, 240_000, 1, 1, 0, 0),
        ("B2", 1, 48_000, 3, 0, 16_000, 0),
        ("B3", 1, 112_000, AFTER_THE_YEAR, 1, 20_480, 40_960),
        ("C1", 2, 240_000, 5, 1, 0, 0),
        ("C2", 2, 72_000, 11, 0, 10_240, 0),
        ("C3", 2, 88_000, AFTER_THE_YEAR, 1, 0, 20_480),
    )
    account, csm, arr, month, renews, upsell, cross_sell = zip(*rows, strict=True)
    n = len(rows)
    return Book(
        name="tiny",
        as_of=dt.date(2026, 1, 1),
        account_id=account,
        account_name=account,
        csm=np.array(csm),
        segment=("all",) * n,
        arr=np.array(arr, dtype=np.float64),
        renewal_month=np.array(month) - 1,
        term_months=np.full(n, 24),
        renewal_probability=np.array(renews, dtype=np.float64),
        upsell_whitespace=np.array(upsell, dtype=np.float64),
        cross_sell_whitespace=np.array(cross_sell, dtype=np.float64),
        complexity=np.full(n, 3.0),
        nps=np.full(n, 40.0),
        adoption=np.full(n, 0.5),
        tenure_months=np.full(n, 24.0),
        team=tiny_team(),
    )


def world_without_luck() -> World:
    """A deal on every account every month, each opportunity won, MBO scores of exactly 0.8, no response to pay."""
    return World().changed(
        {
            "kappa_expansion": 0.0,
            "churn_cut": 0.0,
            "kappa_kpi": 0.0,
            "training_effect": 0.0,
            "downsell_share": 0.0,
            "uplift_probability": 0.0,
            "upsell_arrivals": 12.0,
            "upsell_take": 0.5,
            "cross_sell_arrivals": 12.0,
            "cross_sell_take": 0.5,
            "win_rate": 1.0,
            "nps_noise": 0.0,
            "adoption_noise": 0.0,
            "mbo_mean": 0.8,
            "mbo_noise": 0.0,
            "nps_response_sd": 0.0,
            "training_enrolment": 1.0,
            "utilisation_noise": 0.0,
            "attrition": 0.0,
            "attrition_response": 0.0,
        }
    )
