"""Winners and losers: what each CSM would earn, and what one more dollar would pay, under a plan and today's."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.book.schema import Team
from sim.decide.choice.contenders import Contender
from sim.decide.choice.rates import marginal_rates
from sim.decide.compare import CENT
from sim.engine.run import Stage
from sim.words import percent

LOSES = 0.05
"""Share of expected pay whose loss a CSM will not take quietly."""


def people(team: Team, stage: Stage, then: Contender, now: Contender) -> pd.DataFrame:
    """A row for each CSM, in the order of the team.

    pay_now, pay_then, change: expected base and variable pay of one who stays, USD over the horizon; change_share of
    pay now; earns_less: share of trials. retained_now, retained_then, expansion_now, expansion_then: USD of pay for one
    dollar more of ARR; retained_change, expansion_change: their change.
    """
    pay_now = now.outcome.csm_base[:, None] + now.outcome.csm_pay.astype(np.float64)
    pay_then = then.outcome.csm_base[:, None] + then.outcome.csm_pay.astype(np.float64)
    before, after = pay_now.mean(axis=1), pay_then.mean(axis=1)
    rates_now = marginal_rates(stage, now.plan, now.outcome)
    rates_then = marginal_rates(stage, then.plan, then.outcome)
    return pd.DataFrame(
        {
            "csm_id": team.csm_id,
            "csm_name": team.csm_name,
            "level": team.level,
            "pay_now": before,
            "pay_then": after,
            "change": after - before,
            "change_share": (after - before) / before,
            "earns_less": (pay_then < pay_now - CENT).mean(axis=1),
            "retained_now": rates_now.retained,
            "retained_then": rates_then.retained,
            "retained_change": rates_then.retained - rates_now.retained,
            "expansion_now": rates_now.expansion,
            "expansion_then": rates_then.expansion,
            "expansion_change": rates_then.expansion - rates_now.expansion,
        }
    )


def losers(table: pd.DataFrame, share: float = LOSES) -> pd.DataFrame:
    """Those who expect to lose more than this share of pay."""
    return table[table["change_share"] < -share]


def people_finding(table: pd.DataFrame, share: float = LOSES) -> str:
    """How many gain and lose more than a share of their pay."""
    lose, gain = len(losers(table, share)), int((table["change_share"] > share).sum())
    level = percent(share, 0)
    return f"{lose} of {len(table)} CSMs expect to lose more than {level} of pay, {gain} to gain more than {level}"
