"""Several plans in one picture, as small tables: which plan stands out, clouds, distributions, parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.decide.choice.contenders import Contender
from sim.decide.picture import DOTS, rings

Floats = NDArray[np.float64]

FOCUS, IN_FORCE = 0, 1
COLOURED = 6
"""Colours that can be told apart: the plan looked at, the plan in force, four more. Further plans are drawn faintly."""
_POINTS = 61
_MOST_DOTS = 420
_LINE = 0.065
"""Of a picture's height: a line of text."""


def slots(names: Sequence[str], focus: str, current: str, chance: Mapping[str, float]) -> dict[str, int]:
    """The colour of each plan: FOCUS, IN_FORCE, 2 to 5 for the likeliest of the others; those left share IN_FORCE's.

    chance: of being best, by name.
    """
    others = sorted((name for name in names if name not in (focus, current)), key=lambda name: -chance[name])
    places = dict.fromkeys(others, COLOURED) | {name: place for place, name in enumerate(others[: COLOURED - 2], 2)}
    return places | {current: IN_FORCE, focus: FOCUS}


def coloured(frame: pd.DataFrame, places: Mapping[str, int]) -> pd.DataFrame:
    """With the colour of each row's plan, and whether it is one of those left without."""
    place = frame["plan"].map(dict(places))
    return frame.assign(slot=place.where(place < COLOURED, IN_FORCE).astype(str), faint=place >= COLOURED)


def clouds(plans: Sequence[Contender], places: Mapping[str, int]) -> pd.DataFrame:
    """Plan cost (USD) against retained ARR (USD a year): dots, the ring round half of the trials, medians, names.

    Rows: ``part`` is dot, ring (in order round it), median, or name: of the plans with a colour, in the corner where
    plans that cost little and keep much would be, above all rings, the one that keeps most first.
    """
    parts = []
    dots = min(DOTS, _MOST_DOTS // len(plans))
    for plan in plans:
        x, y = plan.outcome.plan_cost, plan.outcome.retained_arr
        edges = [(x[:dots], y[:dots], "dot"), *((*edge, "ring") for share, edge in rings(x, y) if share == 0.5)]
        edges.append((np.array([np.median(x)]), np.array([np.median(y)]), "median"))
        for across, up, part in edges:
            parts.append(pd.DataFrame({"x": across, "y": up, "part": part, "plan": plan.name}))
    table = pd.concat(parts, ignore_index=True)
    middles = table[table["part"] == "median"].sort_values("y", ascending=False)["plan"]
    height, named = float(np.ptp(table["y"])), min(len(places), COLOURED)
    rings_end = float(table.loc[table["part"] != "dot", "y"].max())
    top = max(float(table["y"].max()), rings_end + named * _LINE * height)  # on a phone names reach across the rings
    corner = _names(middles, places, float(table["x"].min()), top, height)
    return coloured(pd.concat([table, corner], ignore_index=True), places)


def _names(plans: Iterable[str], places: Mapping[str, int], x: float, top: float, height: float) -> pd.DataFrame:
    """Names of the plans with a colour, below one another from (x, top) in a picture of this height."""
    shown = [plan for plan in plans if places[plan] < COLOURED]
    heights = top - _LINE * (height or 1.0) * np.arange(len(shown))
    return pd.DataFrame({"x": x, "y": heights, "part": "name", "plan": shown})


def clear_of_each_other(x: Floats, y: Floats, wide: float, high: float) -> Floats:
    """Heights of labels at (x, y), each moved as little as leaves the ones before it uncovered: (n_labels,) each.

    wide, high: size of a label.
    """
    placed = np.empty(len(y))
    for i in range(len(y)):
        near = placed[:i][np.abs(x[:i] - x[i]) < wide]
        tries = np.concatenate([[y[i]], near + high, near - high])
        free = [at for at in tries if np.all(np.abs(near - at) > 0.999 * high)]
        placed[i] = min(free, key=lambda at: abs(at - y[i]))
    return placed


def distributions(figures: Mapping[str, Floats], places: Mapping[str, int]) -> pd.DataFrame:
    """Distribution of a figure (n_trials,) under each plan, as smoothed shares of the trials.

    Rows: ``part`` is line (x in USD, y with the highest of all at 1) or name, on the right, the highest mean first.
    Gaussian kernels by Silverman's rule; a plan whose figure hardly varies gets a peak as narrow as can be seen.
    """
    ends = np.concatenate([np.quantile(values, (0.002, 0.998)) for values in figures.values()])
    low, high = float(ends.min()), float(ends.max())
    room = 0.06 * (high - low) or 1.0
    at = np.linspace(low - room, high + room, _POINTS)
    lines = {name: _density(values, at) for name, values in figures.items()}
    top = max(float(line.max()) for line in lines.values())
    parts = [pd.DataFrame({"x": at, "y": line / top, "part": "line", "plan": name}) for name, line in lines.items()]
    best = sorted(figures, key=lambda name: -float(figures[name].mean()))
    return coloured(pd.concat([*parts, _names(best, places, float(at[-1]), 1.0, 1.0)], ignore_index=True), places)


def _density(values: Floats, at: Floats) -> Floats:
    """Kernel density at each point: (n_points,)."""
    step = at[1] - at[0]
    quarter, three = np.quantile(values, (0.25, 0.75))
    scale = min(float(values.std()), float(three - quarter) / 1.349) or float(values.std())
    width = max(0.9 * scale * len(values) ** -0.2, 0.7 * float(step))
    density: Floats = np.exp(-0.5 * ((at[:, None] - values) / width) ** 2).mean(axis=1) / width
    return density


def part_picture(changes: pd.DataFrame, places: Mapping[str, int], focus: str, most: int = 15) -> pd.DataFrame:
    """The parts with the largest differences of the plan looked at, in their order; all plans.

    changes: as of `part_changes`. Added: order, own (of the plan looked at), low and high (two standard errors), and
    rows that only name a plan (named).
    """
    own = changes[changes["plan"] == focus].set_index("part")["mean"]
    largest = own.abs().sort_values(ascending=False).index[:most]
    shown = own[own.index.isin(largest)].sort_values(ascending=False).index
    order = {part: place for place, part in enumerate(shown)}
    kept = changes[changes["part"].isin(order)]
    give = 2.0 * kept["standard_error"]
    placed = kept.assign(
        order=kept["part"].map(order),
        own=kept["plan"] == focus,
        low=kept["mean"] - give,
        high=kept["mean"] + give,
    )
    heading = [name for name in changes["plan"].drop_duplicates() if places[name] < COLOURED]
    # Names stand in rows of their own above the parts; rows are told apart by the number of blanks.
    rows = [(name, " " * (n + 1), n - len(heading), True) for n, name in enumerate(heading)]
    names = pd.DataFrame(rows, columns=["plan", "part", "order", "named"])
    return coloured(pd.concat([placed.assign(named=False), names], ignore_index=True), places)


def month_picture(changes: pd.DataFrame, places: Mapping[str, int]) -> pd.DataFrame:
    """Differences by month, added up from the start, with names at the lines' ends.

    changes: as of `part_changes` by month. Rows: month, total (USD), label_y (last month of coloured plans).
    """
    table = changes.assign(
        month=changes["part"].astype(int), total=changes.groupby("plan", sort=False)["mean"].cumsum()
    )
    table = coloured(table, places)
    ends = table[(table["month"] == table["month"].max()) & ~table["faint"]]
    height = float(np.ptp(table["total"])) or 1.0
    table["label_y"] = np.nan
    heights = clear_of_each_other(np.zeros(len(ends)), ends["total"].to_numpy() / height, 1.0, 0.075)
    table.loc[ends.index, "label_y"] = heights * height
    return table
