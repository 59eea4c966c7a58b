"""Small tables for the pictures of past quarters and of revenue, and what each picture says."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.decide.past.quarters import HEADWINDS, LABELS, TAILWINDS
from sim.words import money, percent

LOSSES, EXPANSION, NEW = "Losses", "Expansion", "New customers"
KINDS = (EXPANSION, NEW, LOSSES)


def waterfall(quarter: pd.Series) -> pd.DataFrame:
    """One row of the bridge as bars from `start` to `end`, USD a year; the first and last stand on `floor`.

    The floor is a round figure below all steps: from zero, the steps would be too small to see.
    """
    steps = [name for name in LABELS if name not in ("opening", "closing")]
    change = quarter[steps].to_numpy(dtype=float)
    ends = float(quarter["opening"]) + np.cumsum(change)
    starts = ends - change
    lowest, highest = float(min(starts.min(), ends.min())), float(max(starts.max(), ends.max()))
    floor = _floor(lowest, max(highest - lowest, 0.01 * highest))
    closing = float(quarter["closing"])
    return pd.DataFrame(
        {
            "label": list(LABELS.values()),
            "start": [floor, *starts, floor],
            "end": [float(quarter["opening"]), *ends, closing],
            "text": [
                money(float(quarter["opening"])),
                *(money(value, signed=True) for value in change.tolist()),
                money(closing),
            ],
            "kind": ["total", *("down" if value < 0 else "up" for value in change), "total"],
            "order": range(len(LABELS)),
        }
    )


def _floor(lowest: float, spread: float) -> float:
    """A round figure below `lowest` by about a third of the spread, or zero."""
    below = lowest - spread / 3.0
    if below <= 0.0:
        return 0.0
    step = 10.0 ** np.floor(np.log10(max(spread, 1.0)))
    return float(np.floor(below / step) * step)


def waterfall_finding(quarter: pd.Series) -> str:
    """How ARR moved in one quarter, and what weighed most."""
    steps = {name: float(quarter[name]) for name in LABELS if name not in ("opening", "closing")}
    most = max(steps, key=lambda name: abs(steps[name]))
    change = float(quarter["closing"] - quarter["opening"])
    if not any(steps.values()):
        return f"{quarter['quarter']}: ARR stayed at {money(float(quarter['closing']))}"
    return f"{quarter['quarter']}: ARR {money(change, signed=True)}, most of it {LABELS[most].lower()}"


def movements(bridge: pd.DataFrame) -> pd.DataFrame:
    """Losses (below 0), expansion and new customers of each quarter, USD a year, in long form."""
    sums = {
        EXPANSION: bridge[list(TAILWINDS.values())].sum(axis=1),
        NEW: bridge["new"],
        LOSSES: bridge[list(HEADWINDS.values())].sum(axis=1),
    }
    n = len(bridge)
    return pd.DataFrame(
        {
            "quarter": list(bridge["quarter"]) * len(sums),
            "order": list(range(n)) * len(sums),
            "kind": np.repeat(list(sums), n),
            "change": np.concatenate([values.to_numpy() for values in sums.values()]),
        }
    )


def movements_finding(rates: pd.DataFrame) -> str:
    """Losses against expansion over the quarters shown."""
    lost, gained = float(rates["arr_lost"].sum()), float(rates["arr_expanded"].sum())
    if lost <= 0.0:
        return f"Expansion brought {money(gained)}; nothing was lost"
    return f"Expansion made up for {percent(gained / lost, 0)} of {money(lost)} lost"


def revenue_picture(past: pd.DataFrame | None, coming: pd.DataFrame) -> pd.DataFrame:
    """Past revenue, the forecast's median and its bands, USD, a row each quarter; the fan opens at the last known."""
    forecast = coming.drop(columns="mean").rename(columns={"p50": "revenue"}).assign(part="forecast")
    if past is None:
        table = forecast
    else:
        known = past.assign(part="past")
        hinge = known.tail(1).assign(part="forecast")
        edges = [name for name in forecast.columns if name.startswith("p") and name != "part"]
        table = pd.concat([known, hinge.assign(**dict.fromkeys(edges, hinge["revenue"].iloc[0])), forecast])
    order = {quarter: place for place, quarter in enumerate(dict.fromkeys(table["quarter"]))}
    table = table.assign(order=[order[quarter] for quarter in table["quarter"]])
    last = table["order"] == table["order"].max()
    text = [money(value) if end else "" for value, end in zip(table["revenue"], last, strict=True)]
    return table.assign(text=text).reset_index(drop=True)
