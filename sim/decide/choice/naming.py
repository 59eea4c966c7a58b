"""A name for a plan that nobody has named: the plan it came from, and what sets it apart."""

from __future__ import annotations

from sim.decide.choice.contenders import LONGEST
from sim.decide.frontier.names import changes_in_words
from sim.plan.schema import Plan

_NAMED = 2
"""Levers in a name before the rest is only counted."""


def name_of(candidate: Plan, start: Plan) -> str:
    """In words: "Customary 80/20, higher mix 70/30 and 2 more"; the name of the start when nothing was moved."""
    words = changes_in_words(candidate, start)
    more = len(words) - _NAMED
    name = ", ".join([start.name, *words[:_NAMED]]) + (f" and {more} more" if more > 0 else "")
    return name if len(name) <= LONGEST else name[: LONGEST - 3] + "..."
