"""Capacity as it is: hours needed against hours there, month by month, and whom to hire when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

from sim.decide.targets.hours import TASKS, Hours, hours_needed
from sim.engine.outcome import Outcome
from sim.engine.run import Stage
from sim.world.parameters import World

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Staffing:
    """Expected numbers by month of a seat, (n_months,) each, from a CSM at work in month 0.

    founder: the CSM of today is there. hired: somebody hired since is. ramped: the same in full-time output.
    leavers: who leave at the month's end.
    """

    founder: Floats
    hired: Floats
    ramped: Floats
    leavers: Floats


def staffing(hazard: Floats, world: World, *, new: bool = False) -> Staffing:
    """Who is expected to be there, seat by seat, given the chance of leaving in each month: (n_months,).

    The chain of the month loop: a leaver's seat is vacant for whole months, then a new hire's output rises in equal
    steps of one in (ramp + 1). Its expectation follows from the last month's, without any draw.
    new: the CSM of month 0 is a new hire.
    """
    n, vacancy, ramp = len(hazard), round(world.vacancy_months), round(world.ramp_months)
    founder, hired, ramped, leavers = (np.zeros(n) for _ in range(4))
    by_seniority = np.zeros(n + 1)
    there = 0.0 if new else 1.0
    by_seniority[0] = 1.0 if new else 0.0
    output = np.minimum((np.arange(n + 1) + 1.0) / (ramp + 1.0), 1.0)
    for month in range(n):
        back = month - vacancy - 1
        if back >= 0:
            by_seniority[0] += leavers[back]
        founder[month], hired[month] = there, by_seniority.sum()
        ramped[month] = by_seniority @ output
        leavers[month] = hazard[month] * (there + hired[month])
        there *= 1.0 - hazard[month]
        by_seniority[1:] = by_seniority[:-1] * (1.0 - hazard[month])
        by_seniority[0] = 0.0
    return Staffing(founder, hired, ramped, leavers)


def hazard_of(outcome: Outcome) -> Floats:
    """Chance that a CSM who is there leaves at each month's end under a plan: (n_months,), as simulated."""
    leavers, staffed = outcome.monthly("leavers").mean(axis=1), outcome.monthly("staffed").mean(axis=1)
    hazard: Floats = np.divide(leavers, staffed, out=np.zeros_like(leavers), where=staffed > 0.0)
    return hazard


@dataclass(frozen=True)
class Capacity:
    """Hours a month; needed, there: (n_csms, n_months, 3), by competence. An hour of a CSM counts by her skill.

    share: (n_csms, 3), how each book divides a CSM's time.
    """

    needed: Floats
    there: Floats
    share: Floats
    staffing: Staffing


def capacity(stage: Stage, hours: Hours, hazard: Floats) -> Capacity:
    """Hours that each book needs and its seat is expected to have, under a plan's chance of leaving."""
    portfolio = stage.portfolio
    needed = portfolio.by_csm(hours_needed(portfolio, stage.world, hours))
    total = needed.sum(axis=1)
    whole = total.sum(axis=1, keepdims=True)
    share = np.divide(total, whole, out=np.full_like(total, 1.0 / len(TASKS)), where=whole > 0.0)
    seat = staffing(hazard, stage.world)
    skill = portfolio.skill[:, None, : len(TASKS)]
    output = seat.founder[:, None] * skill + seat.ramped[:, None]
    return Capacity(needed, hours.per_csm / 12.0 * share[:, None, :] * output, share, seat)


def level_table(stage: Stage, found: Capacity, hours: Hours) -> pd.DataFrame:
    """As is, before anybody leaves: a row for each level and competence, and the team's last.

    Columns: level, competence, csms (their time in full-time CSMs), needed, there (hours a year), load (needed of
    there), csms_needed (CSMs of this skill that the hours would take).
    """
    year = 12.0 / stage.portfolio.n_months
    needed = found.needed.sum(axis=1) * year
    skill = stage.portfolio.skill[:, : len(TASKS)]
    levels = np.array(stage.portfolio.book.team.level)
    rows = []
    for level in [*dict.fromkeys(levels.tolist()), "Team"]:
        own = np.full(len(levels), True) if level == "Team" else levels == level
        for k, task in enumerate(TASKS):
            time = found.share[own, k]
            there = hours.per_csm * float(time @ skill[own, k])
            need = float(needed[own, k].sum())
            csms = float(time.sum())
            rows.append(
                {
                    "level": level,
                    "competence": task,
                    "csms": csms,
                    "needed": need,
                    "there": there,
                    "load": need / there if there > 0.0 else float("nan"),
                    "csms_needed": need / there * csms if there > 0.0 else float("nan"),
                }
            )
    return pd.DataFrame(rows)


def month_table(found: Capacity) -> pd.DataFrame:
    """The year: month (from 1), needed, there (hours), csms and leavers (expected), of the whole team."""
    seats = len(found.needed)
    there = found.staffing.founder + found.staffing.hired
    return pd.DataFrame(
        {
            "month": np.arange(1, len(there) + 1),
            "needed": found.needed.sum(axis=(0, 2)),
            "there": found.there.sum(axis=(0, 2)),
            "csms": seats * there,
            "leavers": seats * found.staffing.leavers,
        }
    )


@dataclass(frozen=True)
class Hiring:
    """starts: (n_months,), new CSMs who start in each month, beyond those who replace leavers.

    hours: (n_months,), what they are expected to add. covered_from: first month, from 0, that hiring can cover.
    """

    starts: Ints
    hours: Floats
    covered_from: int


def hiring(needed: Floats, there: Floats, hazard: Floats, world: World, hours: Hours, lead: int) -> Hiring:
    """The fewest new CSMs, as late as possible, so that hours there meet hours needed, (n_months,) each.

    Nobody can start before `lead` months have passed, nor be fully productive before the ramp has: what is short
    until then cannot be helped by hiring. A new CSM may leave, too, and is replaced like everybody.
    """
    n = len(needed)
    adds = np.zeros((n, n))
    for start in range(n):
        seat = staffing(hazard[start:], world, new=True)
        adds[start:, start] = hours.per_csm / 12.0 * seat.ramped
    covered = min(lead + round(world.ramp_months), n - 1)
    if lead >= n:
        return Hiring(np.zeros(n, dtype=np.int64), np.zeros(n), n)
    # One hire less is always worth more than all the waiting.
    cost = 1.0 + (n - np.arange(n)) / (1000.0 * n)
    most = np.where(np.arange(n) >= lead, np.inf, 0.0)
    solved = milp(
        cost,
        constraints=LinearConstraint(adds[covered:], (needed - there)[covered:], np.inf),
        integrality=np.ones(n, dtype=np.int64),
        bounds=Bounds(0.0, most),
        options={"mip_rel_gap": 0.0},
    )
    # Where everybody leaves at once, no number of hires is enough.
    starts = np.zeros(n, dtype=np.int64) if solved.x is None else np.round(solved.x).astype(np.int64)
    return Hiring(starts, adds @ starts, covered)


def finding(months: pd.DataFrame, plan: Hiring) -> str:
    """What the year needs, in a sentence."""
    short = months["needed"].to_numpy() - months["there"].to_numpy()
    worst = int(np.argmax(short))
    hires = int(plan.starts.sum())
    leavers = f"{months['leavers'].sum():.1f} CSMs are expected to leave and to be replaced"
    if short[worst] <= 0.0:
        return f"Hours there cover hours needed in every month; {leavers}"
    needs = f"{hires} new CSM{'s' if hires != 1 else ''} besides" if hires else "no new CSMs besides"
    share = short[worst] / months["there"].to_numpy()[worst]
    return f"Short by {100 * share:.0f} % in month {worst + 1}; {leavers}, {needs}"


def load_finding(months: pd.DataFrame) -> str:
    """The range of the load over the months, short enough for a chart's title."""
    load = 100.0 * months["needed"] / months["there"]
    return f"Hours needed: {load.min():.0f} to {load.max():.0f} % of hours there"
