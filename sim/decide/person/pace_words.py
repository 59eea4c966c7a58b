"""A standing in words: the sentence that a CSM would want on the first of the month."""

from __future__ import annotations

import numpy as np

from sim.decide.person.measures import NAMES
from sim.decide.person.pacing import Pace, Pacing
from sim.plan.schema import BOOKING_MEASURES, EVENT_MEASURES
from sim.words import exact_money, percent


def pacing_sentence(found: Pacing) -> str:
    """Attainment so far, what is still to come, pay to expect, what one more dollar is worth."""
    where = "; ".join(_where(pace) for pace in found.components) or "No component pays anything"
    pay = exact_money(100 * round(found.pay))
    of = f" (at target {exact_money(100 * round(found.target))})" if found.target > 0.0 else ""
    worth = [f"one more {unit} is worth {small_money(value)}" for unit, value in found.worth.items() if value >= 5e-4]
    more = f" {_capital('; '.join(worth))}." if worth else " Nothing more that is done in it pays."
    return f"{where}. Expected pay for {window(found)}: {pay}{of}.{more}"


def window(found: Pacing) -> str:
    """The months that are paid for together, counted from 1."""
    first, last = found.opens + 1, found.ends
    return f"month {first}" if first == last else f"months {first} to {last}"


def small_money(value: float) -> str:
    """USD down to a tenth of a cent: $0.031, $250, $68.03."""
    if abs(value) >= 100.0:
        return f"${value:,.0f}"
    return f"${value:,.2f}" if abs(value) >= 1.0 else f"${value:.3f}"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _where(pace: Pace) -> str:
    name = NAMES[pace.measure]
    due = "of renewals still due" if pace.measure in ("gross_retention", "logo_retention") else "of the time to go"
    if pace.measure in (*BOOKING_MEASURES, *EVENT_MEASURES):
        due = "of what is expected still to come"
    if np.isnan(pace.mean) and pace.target > 0.0:
        return f"{pace.name}: no renewal falls due in this period"
    if np.isnan(pace.mean):
        return f"{pace.name}: {exact_money(100 * round(pace.pay))} expected for {name}"
    return f"{pace.name}: at {percent(pace.attained, 0)} of quota with {percent(pace.to_come, 0)} {due}"
