"""The four purposes of pay, and the simulated figures that stand for each."""

from __future__ import annotations

from typing import Literal, NamedTuple

Unit = Literal["share", "people", "money"]
PURPOSES = ("Entice", "Retain", "Motivate", "Focus")
SHORT = 0.05
"""Pay this far below the market counts as short of it."""


class Figure(NamedTuple):
    """unit: a fraction, a number of people over the horizon, or USD. more_is: what more of it is, as far as it goes.

    meaning: what is counted. says: a sentence around the candidate's figure.
    """

    purpose: str
    name: str
    unit: Unit
    more_is: Literal["better", "worse"]
    meaning: str
    says: str


OFFER = Figure(
    "Entice",
    "OTE against market",
    "share",
    "better",
    "On-target earnings of the team, of what the market pays.",
    "An offer promises {} of market pay",
)
TYPICAL = Figure(
    "Entice",
    "P50 pay against market",
    "share",
    "better",
    "The median CSM's median pay, base and variable, of what the market pays.",
    "a typical year pays {} of it",
)
BELOW = Figure(
    "Entice",
    "CSMs short of market",
    "share",
    "worse",
    f"Share of CSMs whose median pay is over {100 * SHORT:.0f} % below the market.",
    "{} of CSMs fall clearly short of it",
)
LEAVERS = Figure(
    "Retain",
    "Expected leavers",
    "people",
    "worse",
    "People who leave within the horizon, successors included.",
    "{} people are expected to leave",
)
REGRETTED = Figure(
    "Retain",
    "Expected regretted leavers",
    "people",
    "worse",
    "Of today's CSMs of above-median skill (mean of the three skills in the team file), those who leave.",
    "{} of those with above-median skill",
)
POINT = Figure(
    "Motivate",
    "One more point of quota pays",
    "money",
    "better",
    "A year, for a CSM who attains 1 % of quota more on every measure, from where the simulated years end.",
    "One more point of every quota pays {} a year",
)
AT_WORK = Figure(
    "Motivate",
    "Months with effort",
    "share",
    "better",
    "Share of CSM-months with effort on any task above the salary-only level, which is none.",
    "effort pays in {} of months",
)
ON_RETENTION = Figure(
    "Motivate",
    "... on retention",
    "share",
    "better",
    "Share of CSM-months with effort on retention above the salary-only level.",
    "on retention in {}",
)
ON_UPSELL = Figure(
    "Motivate",
    "... on upsell",
    "share",
    "better",
    "Share of CSM-months with effort on upsell above the salary-only level.",
    "on upsell in {}",
)
PROMISED = Figure(
    "Focus",
    "Target pay on the strategy",
    "share",
    "better",
    "Share of target variable pay on the measures that the strategy names.",
    "{} of target variable pay is on what the strategy names",
)
PAID = Figure(
    "Focus",
    "Expected pay on the strategy",
    "share",
    "better",
    "Share of what the plan is expected to pay that goes to those measures, SPIFs included.",
    "{} of what will be paid goes there",
)
