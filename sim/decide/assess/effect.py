"""What a change is followed by: difference in differences between a group that it reached and one that it did not.

Each unit counts as one difference, its mean after the change less its mean before (the remedy of Bertrand, Duflo &
Mullainathan 2004 for values of one unit that hang together over time), so the uncertainty is clustered by unit. The
two groups' mean differences are compared as Welch does, with unequal spreads: the cluster-robust variance without
small-sample bias (HC2), and the degrees of freedom that fit it (Imbens & Kolesar 2016).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import pandas as pd
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from sim.decide.assess.figures import Floats
from sim.decide.assess.groups import Flags

LEVEL = 0.95
FEW_UNITS = 10
"""In a group; below it the interval leans on the differences being normal."""
POWER = 2.8
"""Standard errors that an effect must have to show in four comparisons of five: 1.96 for the level and 0.84 for the
power (Bloom 1995)."""


class Gap(NamedTuple):
    """mean: changed less unchanged. low, high: its interval at the level asked for."""

    mean: float
    low: float
    high: float
    error: float

    @property
    def clear(self) -> bool:
        """Whether zero is outside of the interval."""
        return not self.low <= 0.0 <= self.high


class Effect(NamedTuple):
    """One tactic. changed, unchanged: units of each group that were seen before and after; left_out: the others.

    before, after: means of units, changed then unchanged. gap: the difference in differences, in units of the value.
    detectable: the least effect that this many units would show in four comparisons of five.
    trend: how the groups moved apart a period before the change; None without two periods or more before it.
    """

    tactic: str
    changed: int
    unchanged: int
    left_out: int
    before: tuple[float, float]
    after: tuple[float, float]
    gap: Gap
    detectable: float
    trend: Gap | None


def effects(table: pd.DataFrame, level: float = LEVEL) -> list[Effect]:
    """Every tactic of a table as `read_groups` gives it, in the order in which they come.

    Several are looked at together: their intervals are each so wide (Bonferroni) that all hold at once at the level.
    """
    tactics = list(dict.fromkeys(table["tactic"]))
    each = 1.0 - (1.0 - level) / len(tactics)
    return [_effect(tactic, table[table["tactic"] == tactic], each) for tactic in tactics]


def _effect(tactic: str, rows: pd.DataFrame, level: float) -> Effect:
    after = rows["period"] >= 0
    means = pd.DataFrame(
        {
            "before": rows[~after].groupby("unit")["value"].mean(),
            "after": rows[after].groupby("unit")["value"].mean(),
            "changed": rows.groupby("unit")["changed"].first(),
        }
    )
    both = means.dropna()
    changed = both["changed"].to_numpy(bool)
    moved = (both["after"] - both["before"]).to_numpy()
    gap = _compare(moved[changed], moved[~changed], level)
    return Effect(
        tactic,
        int(changed.sum()),
        int((~changed).sum()),
        len(means) - len(both),
        _means(both["before"], changed),
        _means(both["after"], changed),
        gap,
        POWER * gap.error,
        _trend(rows[~after], level),
    )


def _means(values: pd.Series, changed: Flags) -> tuple[float, float]:
    return float(values[changed].mean()), float(values[~changed].mean())


def _compare(first: Floats, second: Floats, level: float) -> Gap:
    """Means of two groups by Welch's interval."""
    mean = float(first.mean() - second.mean())
    if first.std() == second.std() == 0.0:
        return Gap(mean, mean, mean, 0.0)
    compared = CompareMeans(DescrStatsW(first), DescrStatsW(second))
    low, high = compared.tconfint_diff(alpha=1.0 - level, usevar="unequal")
    return Gap(mean, float(low), float(high), float(compared.std_meandiff_separatevar))


def _trend(before: pd.DataFrame, level: float) -> Gap | None:
    """Slopes of the units over the periods before the change, changed against unchanged."""
    rows = before.assign(away=before["period"] - before.groupby("unit")["period"].transform("mean"))
    sums = rows.assign(up=rows["away"] * rows["value"], across=rows["away"] ** 2).groupby("unit")
    slopes = sums.agg(up=("up", "sum"), across=("across", "sum"), changed=("changed", "first"))
    slopes = slopes[slopes["across"] > 0.0]
    slope, changed = (slopes["up"] / slopes["across"]).to_numpy(), slopes["changed"].to_numpy(bool)
    if min(changed.sum(), (~changed).sum()) < 2:
        return None
    return _compare(slope[changed], slope[~changed], level)


def effect_sentence(found: Effect) -> str:
    """For people."""
    against = f"{found.changed} changed units against {found.unchanged} others"
    if found.gap.clear:
        says = f"is followed by {gap_words(found.gap)}, {against}"
    else:
        least = _digits(found.detectable, found.gap.error).removeprefix("+")
        says = (
            f"cannot be told from nothing: {gap_words(found.gap)}, {against}; so many would show an effect of {least} "
            "in four cases of five"
        )
    return f"{found.tactic} {says}.{_doubts(found)}"


def gap_words(gap: Gap) -> str:
    """An effect and its interval."""
    mean, low, high = (_digits(value, gap.error) for value in (gap.mean, gap.low, gap.high))
    return f"{mean} a unit and period (95 %: {low} to {high})"


def _digits(value: float, error: float) -> str:
    """A value with as many places as its standard error has two figures of."""
    places = min(max(1 - math.floor(math.log10(error)), 0), 9) if error > 0.0 else 2
    return f"{value:+z,.{places}f}"


def _doubts(found: Effect) -> str:
    said = ""
    if found.trend is not None and found.trend.clear:
        said += (
            f" But the groups moved apart before the change already, by "
            f"{_digits(found.trend.mean, found.trend.error)} a period: "
            "what follows it may have come anyway."
        )
    if min(found.changed, found.unchanged) < FEW_UNITS:
        said += f" With fewer than {FEW_UNITS} units in a group, one of them can make the result."
    if found.left_out:
        said += f" Left out, because they were not seen both before and after: {found.left_out}."
    return said


def effect_table(found: list[Effect]) -> pd.DataFrame:
    """A row for each tactic."""
    return pd.DataFrame(
        {
            "tactic": [one.tactic for one in found],
            "effect": [one.gap.mean for one in found],
            "low": [one.gap.low for one in found],
            "high": [one.gap.high for one in found],
            "standard_error": [one.gap.error for one in found],
            "units_changed": [one.changed for one in found],
            "units_unchanged": [one.unchanged for one in found],
            "changed_before": [one.before[0] for one in found],
            "changed_after": [one.after[0] for one in found],
            "unchanged_before": [one.before[1] for one in found],
            "unchanged_after": [one.after[1] for one in found],
        }
    )
