"""Who is credited with a booking, who is paid for it, and what is credited or paid more than once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.outcome import Outcome
from sim.plan.edits import on_bookings, on_retention
from sim.plan.schema import Component, Plan
from sim.roles.crew import Role

Floats = NDArray[np.float64]


class Credit(NamedTuple):
    """One role over the horizon, (n_trials,) each. USD a year of ARR, and USD of variable pay.

    booked: expansion on the accounts that it works on, whoever won it. credited: the part that counts for the role.
    for_expansion, for_renewals, for_the_rest: its pay by what it is paid for; net retention counts as renewals.
    """

    role: str
    booked: Floats
    credited: Floats
    for_expansion: Floats
    for_renewals: Floats
    for_the_rest: Floats

    @property
    def per_dollar_booked(self) -> float:
        """Pay for expansion for a dollar booked on the role's accounts; NaN where nothing was."""
        booked = float(self.booked.mean())
        return float(self.for_expansion.mean()) / booked if booked > 0.0 else float("nan")


def with_credit(plan: Plan, share: float) -> Plan:
    """The plan of somebody for whom ``share`` of each booking counts: in effect, its figures in dollars change.

    A target in dollars takes 1 / share times the bookings; a rate is paid on the share. Quotas that are made from what
    is expected are made from what will be credited, so that nothing changes there. A plan that pays on no bookings
    takes any share, any other one above 0.
    """
    components = tuple(
        _credited(component, share) if on_bookings(component) else component for component in plan.components
    )
    return plan.model_copy(update={"components": components})


def _credited(component: Component, share: float) -> Component:
    target = component.quota.target
    quota = component.quota if target is None else component.quota.model_copy(update={"target": target / share})
    rate = None if component.rate is None else component.rate * share
    return component.model_copy(update={"quota": quota, "rate": rate})


def credits_of(roles: Sequence[Role], outcomes: Sequence[Outcome]) -> list[Credit]:
    """One for each role, in their order."""
    return [_credit(role, outcome) for role, outcome in zip(roles, outcomes, strict=True)]


def _credit(role: Role, outcome: Outcome) -> Credit:
    paid: Floats = outcome.paid.sum(axis=1)
    expansion = np.array([_for_expansion(component) for component in role.plan.components], dtype=bool)
    renewals = np.array([_for_renewals(component) for component in role.plan.components], dtype=bool)
    rest: Floats = paid[~expansion & ~renewals].sum(axis=0) + outcome.total("guarantee_pay")
    booked = outcome.expansion_arr
    return Credit(
        role.name, booked, role.credit * booked, paid[expansion].sum(axis=0), paid[renewals].sum(axis=0), rest
    )


def _for_expansion(component: Component) -> bool:
    return on_bookings(component) or component.measure == "referrals"


def _for_renewals(component: Component) -> bool:
    return on_retention(component) or component.measure == "renewals"


def credited_twice(roles: Sequence[Role], credits: Sequence[Credit]) -> Floats:
    """What is credited beyond what was booked, (n_trials,), USD a year of ARR; 0 where the shares add up to one."""
    booked = np.sum([credit.booked for role, credit in zip(roles, credits, strict=True) if role.does.owns], axis=0)
    credited = np.sum([credit.credited for credit in credits], axis=0)
    over: Floats = np.maximum(credited - booked, 0.0)
    return over


def paid_twice(credits: Sequence[Credit]) -> tuple[Floats, Floats]:
    """Pay of all roles but the dearest, for expansion and for renewals, (n_trials,) each: as if one were enough."""

    def beyond(amounts: Sequence[Floats]) -> Floats:
        dearest = int(np.argmax([amount.mean() for amount in amounts]))
        rest: Floats = np.sum(amounts, axis=0) - amounts[dearest]
        return rest

    return beyond([credit.for_expansion for credit in credits]), beyond([credit.for_renewals for credit in credits])
