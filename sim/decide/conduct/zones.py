"""What one more point of attainment pays, where on the curve, and where effort stops paying."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from sim.engine.contract import contract
from sim.engine.run import Stage
from sim.plan.curve import PayCurve, pay_curve, payout
from sim.plan.schema import Component, Plan
from sim.words import money, percent

Floats = NDArray[np.float64]
NARROW = 1e-6
"""Attainment that nobody can tell apart."""
_POINTS = 400
_BINS = 40


class Zone(NamedTuple):
    """A stretch of attainment with one marginal rate. end: infinity for the last.

    slope: target pays per unit of attainment. lump: target pays paid at once where the zone starts. share: of the
    CSM-horizons that end in it; NaN when nothing was measured.
    """

    start: float
    end: float
    slope: float
    lump: float
    share: float
    why: str

    @property
    def dead(self) -> bool:
        """Another point pays nothing."""
        return self.slope <= 0.0


def pay_at_quota(stage: Stage, plan: Plan, component: int) -> float:
    """What quota pays on this component a year, USD, mean over CSMs. Raises InputError as ``contract`` does."""
    deal = contract(plan, stage.portfolio, stage.forecast, stage.world)
    return float(12.0 * deal.monthly_pay[:, component].mean())


def slope_at(curve: PayCurve, attainment: ArrayLike) -> Floats:
    """What one more unit of attainment pays, in target pays, beside jumps; at a knot, that above it. Any shape."""
    x = np.asarray(attainment, dtype=np.float64)[..., None]
    slope: Floats = (x >= curve.knots) @ curve.slope_changes
    return np.where(np.abs(slope) < 1e-12, 0.0, slope)


def zones(component: Component, attainment: NDArray[np.floating]) -> list[Zone]:
    """The curve of a component from 0 on, by rising attainment.

    attainment: any shape, where CSM-horizons ended; NaN where nothing was measured.
    """
    curve = pay_curve(component.curve, component.kind)
    known = attainment[np.isfinite(attainment)]
    starts = [0.0, *curve.knots[curve.knots > 0.0].tolist()]
    lumps = dict(zip(curve.knots.tolist(), curve.lumps.tolist(), strict=True))
    ends = [*starts[1:], float("inf")]
    found: list[Zone] = []
    opened, lump = 0.0, 0.0
    for start, end in zip(starts, ends, strict=True):
        lump += lumps.get(start, 0.0)
        if end - opened < NARROW:
            continue  # two knots in one place are one
        slope = float(slope_at(curve, start))
        low = -np.inf if opened == 0.0 else opened
        share = float(np.mean((known >= low) & (known < end))) if len(known) else float("nan")
        why = _why(component, start, slope, float(payout(curve, start)))
        found.append(Zone(opened, end, slope, lump, share, why))
        opened, lump = end, 0.0
    return found


def _why(component: Component, start: float, slope: float, paid: float) -> str:
    curve = component.curve
    if slope > 0.0:
        line = (1.0 - curve.pay_at_threshold) / (1.0 - curve.threshold) if component.kind == "bonus" else 1.0
        ratio = slope / line
        return "the line to quota" if abs(ratio - 1.0) < 1e-9 else f"{ratio:.3g} times the line"
    if start < curve.threshold:
        return "below the threshold"
    return "above the cap" if curve.cap is not None and paid >= curve.cap - NARROW else "flat"


def zone_sentences(found: list[Zone], target: float) -> list[str]:
    """Each zone in words. target: USD that quota pays a year."""
    return [_sentence(zone, target) for zone in found]


def _sentence(zone: Zone, target: float) -> str:
    low, high = percent(zone.start, 0), percent(zone.end, 0)
    where = f"{low} to {high}" if zone.start > 0.0 else f"Below {high}"
    if not np.isfinite(zone.end):
        where = f"From {low} on"
    pays = f"{money(zone.slope * target / 100.0)} a point" if not zone.dead else "another point pays nothing"
    jump = f"; reaching {percent(zone.start, 0)} pays {money(zone.lump * target)} at once" if zone.lump > 0.0 else ""
    ends = f"; {percent(zone.share, 0)} of CSM-years end here" if np.isfinite(zone.share) else ""
    return f"{where}: {pays} ({zone.why}){jump}{ends}."


def dead_share(found: list[Zone]) -> float:
    """Share of the CSM-horizons that end where another point pays nothing."""
    return float(sum(zone.share for zone in found if zone.dead)) if found else float("nan")


Side = tuple[Component, float, NDArray[np.float32]]
"""A component, USD that quota pays a year, attainments."""


def rate_table(by_plan: dict[str, Side], found: list[Zone], dead_name: str) -> pd.DataFrame:
    """Steps of the marginal rate, where CSM-horizons end, and the dead ones of the zones ``found``, by ``part``:

    rate: y = USD for one more point of attainment at x. density: y = share of the CSM-horizons from x to x2. dead: from
    x to x2, named ``why`` at ``middle``; its plan is called ``dead_name``.
    """
    known = np.concatenate([values[np.isfinite(values)] for _, _, values in by_plan.values()])
    knots = np.concatenate([pay_curve(part.curve, part.kind).knots for part, _, _ in by_plan.values()])
    low, high = (float(q) for q in np.quantile(known, (0.01, 0.99))) if len(known) else (0.5, 1.5)
    low = np.floor(10.0 * max(0.0, min(low, knots.min() - 0.1, 0.8))) / 10.0
    high = np.ceil(10.0 * max(high, min(knots.max() + 0.1, high + 0.3), 1.2)) / 10.0
    at, edges = np.linspace(low, high, _POINTS + 1), np.linspace(low, high, _BINS + 1)
    parts = []
    for plan, (component, target, values) in by_plan.items():
        curve = pay_curve(component.curve, component.kind)
        rate = slope_at(curve, at) * target / 100.0
        parts.append(pd.DataFrame({"x": at, "y": rate, "part": "rate", "plan": plan}))
        own = np.clip(values[np.isfinite(values)], low, high)
        share = np.histogram(own, edges)[0] / max(len(own), 1)
        parts.append(pd.DataFrame({"x": edges[:-1], "x2": edges[1:], "y": share, "part": "density", "plan": plan}))
    shown = [
        (max(zone.start, low), min(zone.end, high), zone.why)
        for zone in found
        if zone.dead and zone.start < high and zone.end > low
    ]
    dead = pd.DataFrame(shown, columns=["x", "x2", "why"]).assign(part="dead", plan=dead_name)
    parts.append(dead.assign(middle=0.5 * (dead["x"] + dead["x2"])))
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def zone_finding(component: str, found: list[Zone]) -> str:
    """Short enough for a chart's title."""
    dead = dead_share(found)
    if not np.isfinite(dead):
        return f"{component}: nothing was measured in this horizon"
    if dead < 0.005:
        return f"{component}: hardly any CSM-year ends where effort stops paying"
    return f"{component}: {percent(dead, 0)} of CSM-years end where another point pays nothing"
