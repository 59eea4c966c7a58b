"""What valuation assumes until a company puts its own figures in: cost ratios, margin, discount, 1 : 2 : 4."""

from __future__ import annotations

from dataclasses import dataclass

from sim.problems import InputError, Problem
from sim.world.parameters import Assumption

_SPENT = "USD spent per USD of ARR"
_SURVEY = "Pacific Crest 2016, private SaaS companies; range ours."
_RULE = "Practitioner rule 1 : 2 : 4; no study found."

ECONOMICS: dict[str, Assumption] = {
    row.name: row
    for row in (
        Assumption("cac", "CAC ratio", _SPENT, 0.0, 10.0, 1.13, "medium", _SURVEY, "To win a new customer's ARR."),
        Assumption("crc", "CRC ratio", _SPENT, 0.0, 10.0, 0.13, "medium", _SURVEY, "To keep ARR for a year."),
        Assumption(
            "cec", "CEC ratio", _SPENT, 0.0, 10.0, 0.20, "medium", _SURVEY, "For cross-sell and price increases."
        ),
        Assumption("cuc", "CUC ratio", _SPENT, 0.0, 10.0, 0.27, "medium", _SURVEY, "For upsell."),
        Assumption(
            "gross_margin",
            "Gross margin",
            "fraction of revenue",
            0.05,
            1.0,
            0.75,
            "low",
            "Judgement; SaaS companies usually report 70 to 80 %.",
            "What is left of a dollar of revenue after hosting and support.",
        ),
        Assumption(
            "discount_rate",
            "Discount rate",
            "a year",
            0.01,
            0.5,
            0.10,
            "low",
            "Judgement; customary for recurring revenue.",
            "A dollar in a year is worth this much less than today.",
        ),
        Assumption("retention_cost", "Cost of retained ARR", "relative", 1.0, 1.0, 1.0, "low", _RULE, "The unit."),
        Assumption(
            "expansion_cost", "Cost of expanded ARR", "relative", 1.0, 4.0, 2.0, "low", _RULE, "Retention is 1."
        ),
        Assumption("upsell_cost", "Cost of upsold ARR", "relative", 1.0, 8.0, 4.0, "low", _RULE, "Retention is 1."),
    )
}
"""The starting assumptions of valuation. None of them enters the simulation."""


@dataclass(frozen=True)
class Economics:
    """Ratios in USD spent per USD of ARR; gross_margin a fraction of revenue; discount_rate a year.

    Raises InputError with every value out of bounds.
    """

    cac: float = ECONOMICS["cac"].default
    crc: float = ECONOMICS["crc"].default
    cec: float = ECONOMICS["cec"].default
    cuc: float = ECONOMICS["cuc"].default
    gross_margin: float = ECONOMICS["gross_margin"].default
    discount_rate: float = ECONOMICS["discount_rate"].default

    def __post_init__(self) -> None:
        problems = []
        for name, value in vars(self).items():
            row = ECONOMICS[name]
            if not row.low <= value <= row.high:
                rule = f"must be from {row.low:g} to {row.high:g} ({row.unit}); check what was entered"
                problems.append(Problem(row.label, f"{value:g}", rule))
        if problems:
            raise InputError(problems)
