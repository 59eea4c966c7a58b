"""The studies as small tables, for charts and for downloads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.decide.compare import CENT
from sim.decide.sensitivity.findings import BARS_DRAWN, label
from sim.decide.sensitivity.flip import Rule
from sim.decide.sensitivity.information import Worth
from sim.decide.sensitivity.ranges import PLAUSIBLE, Range, written
from sim.decide.sensitivity.sobol import Indices
from sim.decide.sensitivity.study import Sample
from sim.decide.sensitivity.tornado import Bar
from sim.decide.sensitivity.worlds import joined
from sim.words import money
from sim.world.parameters import ASSUMPTIONS, World

Floats = NDArray[np.float64]

SHORTEST = 0.02
"""Of the longest bar; a shorter end has no label of its own."""
EVERYTHING = "Everything at once"
WINNERS = ["candidate wins", "plan in force wins"]


def tornado_picture(bars: Sequence[Bar]) -> pd.DataFrame:
    """Two rows a bar, from the conclusion here to that at each end, USD, the longest bar first.

    name: with where the conclusion turns, if it does. text: the value at the end; empty where it would cover another
    one. ``side`` is left or right of here. ``zero``: no difference, NaN when out of sight.
    """
    drawn = bars[:BARS_DRAWN]
    longest = max((bar.swing for bar in drawn), default=0.0)
    rows = []
    for bar in drawn:
        row = ASSUMPTIONS[bar.name]
        turn = f": turns at {written(row, bar.turns_at, digits=2)}" if bar.turns else ""
        moves = (bar.at_low - bar.at_here, bar.at_high - bar.at_here)
        for end, value, at, move, other in (
            ("low", bar.low, bar.at_low, moves[0], moves[1]),
            ("high", bar.high, bar.at_high, moves[1], moves[0]),
        ):
            inner = move * other > 0.0 and abs(move) < abs(other)
            silent = abs(move) < SHORTEST * longest or inner
            rows.append(
                {
                    "assumption": row.label,
                    "name": row.label + turn,
                    "end": end,
                    "value": written(row, value),
                    "start": bar.at_here,
                    "stop": at,
                    "side": "right" if move > 0.0 else "left",
                    "text": "" if silent else written(row, value, unit=False),
                }
            )
    table = pd.DataFrame(rows)
    if len(table):
        low, high = table[["start", "stop"]].min().min(), table[["start", "stop"]].max().max()
        table["zero"] = 0.0 if low - 0.25 * (high - low) <= 0.0 <= high + 0.25 * (high - low) else np.nan
    return table


def tornado_table(bars: Sequence[Bar]) -> pd.DataFrame:
    """All bars, for a download: values in the unit of the assumption, conclusions in USD."""
    return pd.DataFrame(
        [
            {
                "assumption": label(bar.name),
                "unit": ASSUMPTIONS[bar.name].unit,
                "low": bar.low,
                "here": bar.here,
                "high": bar.high,
                "at_low": round(bar.at_low),
                "at_here": round(bar.at_here),
                "at_high": round(bar.at_high),
                "swing": round(bar.swing),
                "turns_at": bar.turns_at if bar.turns else np.nan,
            }
            for bar in bars
        ]
    )


def indices_picture(names: Sequence[str], found: Indices) -> pd.DataFrame:
    """Two rows an assumption, by its own and in all, with the ends of the intervals; shares from 0 to 1."""
    parts = {
        "by itself": (found.first, found.first_low, found.first_high),
        "with others": (found.total, found.total_low, found.total_high),
    }
    order = np.argsort(-found.total)
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "assumption": [label(names[j]) for j in order],
                    "part": part,
                    **{
                        name: np.clip(values[order], 0.0, 1.0)
                        for name, values in zip(("share", "low", "high"), of, strict=True)
                    },
                }
            )
            for part, of in parts.items()
        ]
    )


def worth_picture(varied: Sequence[Range], found: Worth) -> pd.DataFrame:
    """A row an assumption that may be worth a dollar, the best first, then what knowing everything is worth; USD."""
    order = [j for j in np.argsort(-found.one_known) if found.one_high[j] >= 1.0]
    values = np.concatenate([found.one_known[order], [found.all_known]])
    low, high = (
        np.concatenate([each[order], [every]])
        for each, every in ((found.one_low, found.all_low), (found.one_high, found.all_high))
    )
    return pd.DataFrame(
        {
            "assumption": [*(label(varied[j].name) for j in order), EVERYTHING],
            "value": np.maximum(values, 0.0),
            "low": np.maximum(low, 0.0),
            "high": np.maximum(high, 0.0),
            "text": [money(max(value, 0.0)) for value in values],
        }
    )


def rule_axes(rule: Rule, names: Sequence[str], found: Indices) -> tuple[str, ...]:
    """What the worlds are drawn over: the first two assumptions of the rule, or the one that matters most."""
    told = [condition.name for region in rule.regions for condition in region]
    return tuple(dict.fromkeys(told))[:2] or (names[int(found.total.argmax())],)


def worlds_picture(sample: Sample, means: Floats, axes: Sequence[str]) -> pd.DataFrame:
    """The independent worlds of a sample (the first two of each row) over one or two assumptions, and who wins.

    means: the conclusion, USD, (n_rows, n_a_row); it is y when there is only one assumption. Fractions as percentages.
    """
    worlds = sample.points[:, :2].reshape(-1, sample.points.shape[2])
    conclusion = means[:, :2].ravel()
    along = [worlds[:, sample.design.names.index(name)] * scale_of(name) for name in axes]
    return pd.DataFrame(
        {
            "x": along[0],
            "y": along[1] if len(along) > 1 else conclusion,
            "conclusion": conclusion,
            "winner": np.where(conclusion > CENT, WINNERS[0], WINNERS[1]),
        }
    )


def limits(rule: Rule, name: str) -> list[float]:
    """Values at which the rule draws a line across one assumption, fractions as percentages."""
    found = {at for region in rule.regions for part in region if part.name == name for at in part[1:] if at is not None}
    return [at * scale_of(name) for at in sorted(found)]


def scale_of(name: str) -> float:
    """100 where the assumption is written as a percentage."""
    return 100.0 if ASSUMPTIONS[name].unit.startswith("fraction") or name == "attrition" else 1.0


def axis_title(name: str) -> str:
    """The assumption with the unit that a chart's axis has it in."""
    row = ASSUMPTIONS[name]
    if row.name == "attrition":
        return f"{row.label}, % a year"
    return f"{row.label}, {'%' if row.unit.startswith('fraction') else row.unit}"


def worlds_table(sample: Sample) -> pd.DataFrame:
    """Every sampled world, for a download: its assumptions, and the means of the paired differences in USD."""
    changes = joined(sample.found)
    values = sample.points.reshape(-1, sample.points.shape[2])
    table = pd.DataFrame(values, columns=[label(name) for name in sample.design.names])
    for column, part in zip(("retained ARR", "ARR at the end", "plan cost"), changes, strict=True):
        table[f"{column}, change"] = part.mean(axis=1).round(2)
    table.insert(0, "row", np.repeat(np.arange(len(sample.found)) + 1, sample.points.shape[1]))
    return table


def ranges_table(ranges: Sequence[Range], world: World) -> pd.DataFrame:
    """The ranges as people edit them: fractions as they are stored, with the reason for what is proposed."""
    rows = [(ASSUMPTIONS[chosen.name], chosen) for chosen in ranges]
    return pd.DataFrame(
        {
            "assumption": [row.label for row, _ in rows],
            "here": [float(getattr(world, row.name)) for row, _ in rows],
            "low": [chosen.low for _, chosen in rows],
            "high": [chosen.high for _, chosen in rows],
            "unit": [row.unit for row, _ in rows],
            "why": [PLAUSIBLE[row.name][2] for row, _ in rows],
        }
    )
