"""Roles after the sale: what each owns, what its effort moves, and a plan for it, with the source."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from sim.plan.read import read_plan
from sim.plan.schema import Plan
from sim.problems import InputError, Problem
from sim.words import nearest
from sim.world.parameters import Confidence

_PRESETS = Path(__file__).parent / "presets"

ALEXANDER = "Alexander Group: 70/30 to 80/20 for Customer Success with revenue targets."
SBI = "SBI: 10 to 30 % of on-target earnings for Customer Success."
OURS = "Judgement."


Joins = Literal["owns", "closes", "onboards", "supports", "beside"]


class Effort(NamedTuple):
    """What an hour of the role achieves on each task: 1 = an average CSM, 0 = nothing. Judgement, low confidence."""

    retention: float
    upsell: float
    cross_sell: float
    kpi: float


@dataclass(frozen=True, slots=True)
class Archetype:
    """A role. Its plan is the file of its key in `presets`.

    measures: what it is paid on, why that; measured_by: whose choice that is.
    mix: lowest and highest usual share of variable pay in on-target earnings, from mix_source, with its confidence.
    hands_over: to whom, what, and what to mind in pay.
    joins: how it works on accounts in a simulation of several roles: it owns them, closes what their owners find,
        onboards new ones, supports those who onboard, or works beside who owns them.
    serves: accounts that one of those who own none can work on; with more, effort on each thins out. Judgement, low.
    """

    key: str
    name: str
    owns: str
    effort: Effort
    measures: str
    measured_by: str
    mix: tuple[float, float]
    mix_source: str
    confidence: Confidence
    hands_over: str
    joins: Joins = "owns"
    serves: int = 0


ARCHETYPES: tuple[Archetype, ...] = (
    Archetype(
        "adoption",
        "Adoption CSM",
        "Use of the product after onboarding, and the value that customers see in it.",
        Effort(0.6, 0.3, 0.3, 1.2),
        "Adoption and NPS, which the role moves; a part on gross retention, which they are for.",
        OURS,
        (0.05, 0.15),
        "Judgement: below SBI's 10 to 30 %, because the role has no revenue target.",
        "low",
        "Hands renewals to a renewal CSM: pay both on gross retention, or a risk that is seen is not passed on.",
    ),
    Archetype(
        "renewal",
        "Renewal CSM",
        "Renewals: terms, prices, and the risk that shows before them.",
        Effort(1.2, 0.3, 0.3, 0.5),
        "Gross retention against what each book should renew; a part on logos, so that small accounts are not let go.",
        OURS,
        (0.20, 0.30),
        ALEXANDER,
        "medium",
        "Takes accounts over from adoption CSMs before the renewal: agree how long before, and who answers for what "
        "was promised.",
    ),
    Archetype(
        "expansion",
        "Expansion CSM",
        "Upsell and cross-sell to the accounts of a book, and what becomes of them afterwards.",
        Effort(0.5, 1.2, 1.2, 0.4),
        "Commission on expansion, behind a gate of gross retention; net retention, so that what is sold stays.",
        "The gate and the part on retention: Kim, Sudhir & Uetake (pay on sales alone harms retention). Weights: "
        "judgement.",
        (0.20, 0.30),
        ALEXANDER,
        "medium",
        "Meets sales at new products and new divisions: say who is paid from where on, or both are.",
    ),
    Archetype(
        "hybrid",
        "Hybrid CSM",
        "The whole customer: onboarding, use, renewal and expansion.",
        Effort(1.0, 1.0, 1.0, 1.0),
        "Gross retention, expansion and adoption, by what they are worth. Tasks compete for time: look at the effort.",
        "Competing tasks: Holmstrom & Milgrom 1991. Weights: judgement.",
        (0.10, 0.30),
        SBI,
        "medium",
        "Hands nothing over; large deals go to sales, who need a rule for credit.",
    ),
    Archetype(
        "retention_only",
        "Retention-only CSM",
        "Adoption and renewals, as somebody who sells nothing; finds what an overlay specialist closes.",
        Effort(1.1, 0.4, 0.4, 0.8),
        "Gross retention, and opportunities passed on, whether or not they close: closing is another's work.",
        "Pay for what effort moves (Holmstrom 1979). Weights: judgement.",
        (0.10, 0.30),
        SBI,
        "medium",
        "Passes opportunities to the overlay specialist: agree what counts as one, or they are passed on by the dozen.",
    ),
    Archetype(
        "overlay",
        "Overlay specialist",
        "Closes the expansion that retention-only CSMs find; no accounts of one's own.",
        Effort(0.0, 1.3, 1.3, 0.0),
        "Commission on expansion from the first dollar on, without a cap; sales to accounts that leave are taken off.",
        "No ceiling: Misra & Nair 2011. The rest: judgement.",
        (0.30, 0.50),
        "Judgement: between Customer Success and sales, where 50/50 is usual.",
        "low",
        "Takes opportunities over and gives the account back after the sale. Here the owner of the book is simulated.",
        "closes",
        100,
    ),
    Archetype(
        "onboarding",
        "Onboarding specialist",
        "The first months: set-up, training, first value.",
        Effort(0.4, 0.0, 0.0, 1.2),
        "Accounts onboarded in time, and their adoption, so that haste does not pay.",
        OURS,
        (0.05, 0.15),
        "Judgement: results are other people's to keep, so little is at risk.",
        "low",
        "Hands over when adoption is reached, not when time is up: measure both, or customers are handed over early.",
        "onboards",
        40,
    ),
    Archetype(
        "support",
        "Support",
        "Questions and faults, on which onboarding and adoption depend.",
        Effort(0.0, 0.0, 0.0, 1.0),
        "Goals for answers and solutions (paid here as an MBO score). A part on what those need who depend on it.",
        OURS,
        (0.02, 0.10),
        "Judgement: results are shared, and cases are not chosen.",
        "low",
        "Those who onboard wait for it: pay that ignores onboarding is a hidden dependency (see Journey coverage).",
        "supports",
        250,
    ),
    Archetype(
        "service",
        "Billable service CSM",
        "Paid services for customers: projects, training, managed service.",
        Effort(0.4, 0.3, 0.0, 1.2),
        "Utilisation, and NPS, so that hours are worth their price.",
        OURS,
        (0.10, 0.20),
        "Judgement: as consultants with a utilisation plan.",
        "low",
        "Ends where the project ends: passes on what else the customer needs, without pay for selling it.",
        "beside",
        60,
    ),
    Archetype(
        "lead",
        "Team lead",
        "A few accounts of one's own, and the results of a team: coaching, escalations, forecasts.",
        Effort(0.8, 0.6, 0.6, 1.0),
        "Net and gross retention of the team, and objectives, over longer periods. On What if the own book stands for "
        "the team's.",
        OURS,
        (0.10, 0.30),
        SBI,
        "medium",
        "Takes escalations over: pay on the team's result, or accounts in trouble are left to their CSM.",
        "beside",
        300,
    ),
    Archetype(
        "manager",
        "Manager",
        "The organisation: hiring, segments, budget, the plan itself.",
        Effort(0.3, 0.3, 0.3, 1.0),
        "A team bonus once a year: net retention against one quota for all, and objectives. On What if the own "
        "book stands for the team's.",
        OURS,
        (0.10, 0.30),
        SBI,
        "medium",
        "Sets the rules for all hand-overs; should not gain from any single one of them.",
        "beside",
        600,
    ),
)
"""From one customer to the whole organisation."""


_BY_KEY = {role.key: role for role in ARCHETYPES}


def archetype(key: str) -> Archetype:
    """One of ARCHETYPES. Raises InputError for an unknown key."""
    if key not in _BY_KEY:
        rule = f"must be one of {', '.join(_BY_KEY)}; the nearest is '{nearest(key, _BY_KEY)}'"
        raise InputError([Problem("role", key, rule)])
    return _BY_KEY[key]


@cache
def archetype_plan(key: str) -> Plan:
    """The plan of one of ARCHETYPES. Raises InputError for an unknown key."""
    return read_plan(_PRESETS / f"{archetype(key).key}.toml")
