"""What is fair about a plan, in one place: chances, spread, what pay hangs on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.book.schema import Team
from sim.decide.conduct.merit import Merit, merit
from sim.decide.conduct.spread import gini, no_payout, quota_chance
from sim.decide.targets.average_team import same_effort
from sim.decide.targets.pay_shares import PayShares, pay_shares, payout
from sim.engine.outcome import Outcome
from sim.engine.run import Stage, simulate
from sim.plan.schema import Plan
from sim.words import percent

Floats = NDArray[np.float64]


class Fairness(NamedTuple):
    """One plan. chance: (n_csms,), to attain quota. gini, none: see ``spread``. shares: why payout differs."""

    chance: Floats
    gini: float
    none: float
    shares: PayShares
    merit: Merit


def fairness(stage: Stage, plan: Plan, outcome: Outcome) -> Fairness:
    """Takes one more run: everybody's customers get the same effort, on the same luck."""
    same = simulate(same_effort(stage, outcome.effort.mean(axis=0)), plan)
    return Fairness(
        chance=quota_chance(outcome),
        gini=gini(outcome.csm_pay.astype(np.float64)),
        none=no_payout(outcome),
        shares=pay_shares(payout(outcome), payout(same)),
        merit=merit(outcome, stage),
    )


def chance_table(team: Team, by_plan: dict[str, Fairness]) -> pd.DataFrame:
    """A row a CSM and plan: option (the plan), csm, chance; CSMs without any quota measured left out."""
    dots = [
        pd.DataFrame({"option": plan, "csm": team.csm_name, "chance": found.chance}) for plan, found in by_plan.items()
    ]
    return pd.concat(dots, ignore_index=True).dropna()


def chance_finding(candidate: Fairness, current: Fairness) -> str:
    """Short enough for a chart's title."""
    then, now = _spread(candidate.chance), _spread(current.chance)
    if not then:
        return "The candidate sets no quota"
    return f"Chance to hit quota by book: {then}" + (f" (today {now})" if now else "")


def _spread(chance: Floats) -> str:
    known = chance[np.isfinite(chance)]
    return f"{percent(known.min(), 0)} to {percent(known.max(), 0)}" if len(known) else ""


def share_finding(candidate: Fairness, current: Fairness) -> str:
    """What makes the differences in pay, the part that people make themselves last."""
    then, now = candidate.shares, current.shares
    if not np.isfinite(then.book):
        return "Variable pay does not differ between CSMs"
    made = (
        f"Luck makes {_part(then.luck)} of pay differences, the book {_part(then.book)}, "
        f"skill and effort {_part(then.skill_and_effort)}"
    )
    if not np.isfinite(now.book):
        return made
    return f"{made} (today {_part(now.luck)}, {_part(now.book)} and {_part(now.skill_and_effort)})"


def _part(share: float) -> str:
    return percent(max(share, 0.0), 0)
