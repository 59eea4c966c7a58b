"""What to do next: a short list, the first thing first, each with the figure that speaks for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sim.decide.assess.condition import FEWEST, Update
from sim.decide.assess.effect import Effect, gap_words
from sim.decide.assess.figures import FIGURE, NET, within, written
from sim.decide.assess.promise import Standing
from sim.decide.assess.surprise import Surprise
from sim.words import percent

MOST = 5
_DO = {
    "churned_arr": "Go through the renewals still due: page Renewal risk names the accounts",
    "contraction": "See who gives discounts and loses seats at renewal, before the next ones fall due",
    "uplift": "See whether price increases are asked for at renewal, and where they are given away",
    "upsell": "Look for room that is left: page White space",
    "cross_sell": "Look for room that is left: page White space",
    "accounts_lost": "See which segment loses accounts: page Segments",
    "variable_pay": "Tell finance, and hold more in reserve: page Budget fit",
}


class Step(NamedTuple):
    """do: what. why: the figure that speaks for it."""

    do: str
    why: str


def next_steps(
    standings: Sequence[Standing], surprised: Surprise, update: Update, found: Sequence[Effect] = ()
) -> list[Step]:
    """At most `MOST`. A model that is wrong comes before all that it says; then what the year loses against the promise
    by dollars; then what has been tried, and where the year is still open."""
    steps = [] if not surprised.surprised else [_check_model(surprised)]
    if not (update.alike or update.over):
        rule = f"{update.effective:,.0f} simulated years resemble it, fewer than {FEWEST:.0f}"
        steps.append(Step("Plan the rest of the year with the wider range", f"Only {rule}"))
    worse = [one for one in standings if one.name != NET and not one.inside and _bad(one)]
    worse.sort(key=lambda one: (not FIGURE[one.name].amount, -abs(one.actual - one.middle)))
    steps += [Step(_DO[one.name], _why(one, update)) for one in worse]
    steps += [_of_effect(one) for one in sorted(found, key=lambda one: not one.gap.clear)]
    if not worse and not surprised.surprised:
        farthest = next(one for one in standings if one.name == surprised.farthest)
        keep = Step(
            "Leave the plan as it is, and look again next month",
            f"No figure to date is worse than P10 to P90; {within(farthest.name)} is farthest out, "
            f"{at_percentile(farthest.percentile)}",
        )
        steps = [keep, *steps]
    return [*steps, *_watch(update)][:MOST]


def _watch(update: Update) -> list[Step]:
    """Where most of what is still open lies, in dollars; nothing once the year is over."""
    if update.over:
        return []
    ranges = {name: update.year(name) for name in update.names if name != NET and FIGURE[name].amount}
    if not ranges:
        return []
    widest = max(ranges, key=lambda name: ranges[name][2] - ranges[name][0])
    low, _, high = ranges[widest]
    spread = f"80 %: {written(widest, low)} to {written(widest, high)}, the widest range of all"
    return [Step(f"Watch {within(widest)} from month to month", f"The year is most open there, {spread}")]


def _check_model(surprised: Surprise) -> Step:
    title = within(surprised.farthest)
    chance = percent(min(surprised.often, surprised.far), 1)
    do = f"Find out why {title} is not as simulated, before anything is decided on the forecast"
    return Step(do, f"{chance} of the model's own years are as odd as this one")


def _bad(one: Standing) -> bool:
    return (one.actual < one.middle) == FIGURE[one.name].more_is_better


def _why(one: Standing, update: Update) -> str:
    low, middle, high = (written(one.name, value) for value in update.year(one.name))
    says = (
        f"{FIGURE[one.name].title} to date is {written(one.name, one.actual)}, {at_percentile(one.percentile)} "
        f"of the promise (P50 {written(one.name, one.middle)})"
    )
    return says if update.over else f"{says}; the year heads for {middle}, 80 %: {low} to {high}"


def at_percentile(share: float) -> str:
    """Where a figure is: 0.63 is at the 63rd percentile."""
    number = round(100 * share)
    if not 1 <= number <= 99:
        return "above the 99th percentile" if number else "below the 1st percentile"
    ending = "th" if number in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"at the {number}{ending} percentile"


def _of_effect(one: Effect) -> Step:
    spread = gap_words(one.gap)
    if one.trend is not None and one.trend.clear:
        return Step(f"Compare {one.tactic} with a group that moved alike before it", spread)
    if one.gap.clear:
        return Step(f"Decide on {one.tactic}: it is followed by a difference that luck does not explain", spread)
    return Step(f"Go on measuring {one.tactic}, with more units", spread)
