"""What is paid, and how: the components of a proposed plan, all of them taken from shipped presets."""

from __future__ import annotations

from typing import NamedTuple

from sim.plan.read import plan_preset
from sim.plan.schema import Component


class Shape(NamedTuple):
    """start: the preset that it is made from. why: a sentence. components: their weights add up to 1."""

    start: str
    why: str
    components: tuple[Component, ...]


OBJECTIVES_WEIGHT = 0.2
"""Of target variable pay, on objectives, where goals are only partly clear."""
RENEWAL_SPIF, REFERRAL_SPIF = 100.0, 25.0
"""USD an event, middling ARR: together some 5 % of pay on the sample books. Judgement."""


def _part(preset: str, name: str, weight: float) -> Component:
    """A component of a shipped plan at another weight."""
    (found,) = (component for component in plan_preset(preset).components if component.name == name)
    return found.model_copy(update={"weight": weight})


def retention(weight: float) -> Component:
    return _part("at_risk_80_20", "Retention", weight)


def expansion(weight: float) -> Component:
    return _part("at_risk_80_20", "Expansion", weight)


def commission(weight: float) -> Component:
    return _part("bonus_commission_mix", "Expansion commission", weight)


def found(weight: float) -> Component:
    return _part("retention_referral", "Opportunities found", weight)


def objectives(weight: float) -> Component:
    return _part("corporate_mbo", "Objectives", weight)


def spif(name: str, amount: float) -> Component:
    """One of the two SPIFs of the preset on salary, at another amount (USD an event)."""
    (one,) = (component for component in plan_preset("salary_spiffs").components if component.name == name)
    return one.model_copy(update={"amount": amount})


def shape(influence: str, paid_as: str) -> Shape:
    """Of a plan with variable pay."""
    match influence, paid_as:
        case "both", "bonus":
            return Shape(
                "at_risk_80_20",
                "Bonuses on quotas: most on retention, the rest on expansion.",
                (retention(0.6), expansion(0.4)),
            )
        case "both", "both":
            return Shape(
                "bonus_commission_mix",
                "A bonus where a result is kept (retention), a commission where it is sold (expansion): half each.",
                (retention(0.5), commission(0.5)),
            )
        case "both", _:
            return Shape(
                "bonus_commission_mix",
                "Mostly commission, on each dollar of expansion; a smaller bonus keeps renewals from being neglected.",
                (retention(0.3), commission(0.7)),
            )
        case "retention", "bonus":
            return Shape(
                "retention_referral",
                "Bonuses: most on retention, the rest on opportunities found, whether or not sales closes them.",
                (retention(0.8), found(0.2)),
            )
        case "retention", "both":
            return Shape(
                "retention_referral",
                "Bonuses on retention and opportunities found, and a SPIF for each opportunity on top.",
                (retention(0.8), found(0.2), spif("Referral SPIF", REFERRAL_SPIF)),
            )
        case "retention", _:
            return Shape(
                "retention_referral",
                "There are no bookings of one's own to pay commission on: a SPIF for each opportunity takes its place, "
                "and all of target variable pay is a bonus on retention.",
                (retention(1.0), spif("Referral SPIF", REFERRAL_SPIF)),
            )
        case _, "bonus":
            return Shape("at_risk_80_20", "A bonus on the quota for expansion.", (expansion(1.0),))
        case _, "both":
            return Shape(
                "bonus_commission_mix",
                "Half a bonus for reaching the quota for expansion, half a commission on each dollar of it.",
                (expansion(0.5), commission(0.5)),
            )
        case _:
            return Shape(
                "commission_uncapped",
                "Commission on each dollar of expansion, more beyond quota.",
                (_part("commission_uncapped", "Expansion commission", 1.0),),
            )


def salary_shape(paid_as: str, times: float) -> Shape:
    """Of a salary with SPIFs. times: of the usual amounts."""
    renewal = spif("Renewal SPIF", RENEWAL_SPIF * times)
    referral = spif("Referral SPIF", REFERRAL_SPIF * times)
    why, components = {
        "bonus": ("Instead of a bonus, a SPIF for each renewal closed.", (renewal,)),
        "both": (
            "Instead of variable pay, SPIFs for renewals closed and opportunities found.",
            (referral, renewal),
        ),
        "commission": ("Instead of commission, a SPIF for each opportunity found.", (referral,)),
    }[paid_as]
    return Shape("salary_spiffs", why, components)
