"""What comes out of a run, per trial."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.engine.philox import LANES
from sim.engine.state import FLOWS, Results

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Counts = NDArray[np.uint8]


@dataclass(frozen=True)
class Outcome:
    """One plan, all trials. T = n_trials, H = n_months, C = n_csms, I = n_components, S = segments.

    flows: (n_flows, H, T), team totals of each month, rows as in state.FLOWS.
    paid: (I, H, T), variable pay by component in the month its period closes, USD.
    earned: (I, H, T), the same pay spread evenly over the months of the period that it was paid for, USD.
        guarantee_earned: (H, T), what ramp guarantees add, likewise. Over the horizon they add up to what was paid.
    above_target: (I, H, T), the part of ``paid`` beyond target pay, USD. A true-up may bring it down again; of a SPIF,
        which has no target, it means nothing.
    effort: (C, H, n_tasks), mean effort that reached the customers (effort x skill x ramp; 0 while vacant).
    csm_pay: (C, T), variable pay over the horizon, USD. csm_lost, csm_expansion: (C, T), USD a year of ARR.
    attainment: (C, I, T), mean attainment over the measured windows; NaN when nothing was due.
    csm_leaves: (C, T), times that the seat's holder left.
    segment_opening_arr: (S,); segment_lost, segment_expansion: (S, T), USD a year of ARR, by name in ``segments``.
    """

    opening_arr: float
    opening_accounts: int
    components: tuple[str, ...]
    spifs: tuple[bool, ...]
    weights: tuple[float, ...]
    on_cost_rate: float
    csm_ids: tuple[str, ...]
    csm_opening_arr: Floats
    csm_target: Floats
    csm_base: Floats
    segments: tuple[str, ...]
    segment_opening_arr: Floats
    flows: Floats
    paid: Floats
    earned: Floats
    guarantee_earned: Floats
    above_target: Floats
    effort: Floats
    csm_pay: Floats32
    csm_lost: Floats32
    csm_expansion: Floats32
    attainment: Floats32
    csm_leaves: Counts
    segment_lost: Floats32
    segment_expansion: Floats32

    @property
    def n_trials(self) -> int:
        return int(self.flows.shape[2])

    @property
    def n_months(self) -> int:
        return int(self.flows.shape[1])

    def monthly(self, flow: str) -> Floats:
        """One flow by month and trial: (H, T)."""
        month: Floats = self.flows[FLOWS.index(flow)]
        return month

    def total(self, flow: str) -> Floats:
        """One flow over the horizon: (T,)."""
        total: Floats = self.monthly(flow).sum(axis=0)
        return total

    # --- ARR, USD a year, (T,) each ------------------------------------------------------------------------
    @cached_property
    def lost_arr(self) -> Floats:
        """Churn, contraction and price erosion."""
        return self.total("churn") + self.total("contraction") + self.total("erosion")

    @cached_property
    def retained_arr(self) -> Floats:
        """Opening ARR less all losses."""
        return self.opening_arr - self.lost_arr

    @cached_property
    def expansion_arr(self) -> Floats:
        """Upsell and cross-sell."""
        return self.total("upsell") + self.total("cross_sell")

    @cached_property
    def closing_arr(self) -> Floats:
        return self.retained_arr + self.total("uplift") + self.expansion_arr

    @property
    def gross_retention(self) -> Floats:
        return self.retained_arr / self.opening_arr

    @property
    def net_retention(self) -> Floats:
        return self.closing_arr / self.opening_arr

    @property
    def logo_retention(self) -> Floats:
        return 1.0 - self.total("accounts_lost") / self.opening_accounts

    # --- cost over the horizon, USD, (T,) each -------------------------------------------------------------
    @cached_property
    def base_pay(self) -> Floats:
        return self.total("base_pay")

    @cached_property
    def spif_pay(self) -> Floats:
        total: Floats = self.paid[np.array(self.spifs, dtype=bool)].sum(axis=(0, 1))
        return total

    @cached_property
    def variable_pay(self) -> Floats:
        """Everything beyond base: bonus, commission, guarantees and SPIFs."""
        total: Floats = self.paid.sum(axis=(0, 1)) + self.total("guarantee_pay")
        return total

    @cached_property
    def on_cost(self) -> Floats:
        return self.on_cost_rate * (self.base_pay + self.variable_pay)

    @cached_property
    def plan_cost(self) -> Floats:
        """Base, variable (SPIFs included), on-cost and the cost of replacing leavers."""
        return self.base_pay + self.variable_pay + self.on_cost + self.total("replacement_cost")

    # --- people --------------------------------------------------------------------------------------------
    @cached_property
    def csm_attainment(self) -> Floats:
        """Attainment of each CSM, components weighted as in the plan: (C, T); NaN without weighted components."""
        weights = np.array(self.weights)[:, None]
        values = self.attainment.astype(np.float64)
        measured = np.isfinite(values)
        weight = np.where(measured, weights, 0.0).sum(axis=1)
        total = (np.where(measured, values, 0.0) * weights).sum(axis=1)
        mean: Floats = np.divide(total, weight, out=np.full_like(total, np.nan), where=weight > 0.0)
        return mean


def join_lanes(parts: Sequence[NDArray[np.generic]], n_trials: int) -> NDArray[np.generic]:
    """Blocks (n_blocks, ..., LANES), in order, as (..., n_trials)."""
    blocks = np.concatenate(parts) if len(parts) > 1 else parts[0]
    trials_last = np.moveaxis(blocks, 0, -2)
    joined = trials_last.reshape(*trials_last.shape[:-2], -1)[..., :n_trials]
    joined = np.ascontiguousarray(joined)
    joined.setflags(write=False)
    return joined


def mean_anchor(parts: Sequence[Results]) -> Floats:
    """Anchor sums over all lanes, as means: (n_csms, n_months, N_ANCHOR). Blocks are added in order."""
    sums = np.concatenate([part.anchor for part in parts])
    mean: Floats = sums.sum(axis=0) / (len(sums) * LANES)
    return mean
