"""Published figures that the sample books are calibrated to, and that the methods page shows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetentionBand:
    """Median retention by annual contract value (SaaS Capital 2023, over 1,500 companies). acv_below in USD a year."""

    acv_below: float
    grr: float
    nrr: float


RETENTION_BY_ACV: tuple[RetentionBand, ...] = (
    RetentionBand(12_000, 0.90, 1.00),
    RetentionBand(25_000, 0.90, 1.02),
    RetentionBand(50_000, 0.92, 1.03),
    RetentionBand(100_000, 0.93, 1.05),
    RetentionBand(250_000, 0.93, 1.07),
    RetentionBand(float("inf"), 0.93, 1.10),
)


def band_of(acv: float) -> RetentionBand:
    """The benchmark band of an account with this annual contract value (USD a year)."""
    return next(band for band in RETENTION_BY_ACV if acv < band.acv_below)
