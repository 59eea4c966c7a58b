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


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A published or customary figure that defaults and presets are held against; it enters no simulation itself."""

    label: str
    value: str
    low: float
    high: float
    unit: str
    source: str
    confidence: str
    where: str


BENCHMARKS: tuple[Benchmark, ...] = (
    Benchmark(
        "Pay mix",
        "80/20",
        0.10,
        0.30,
        "variable share of OTE",
        "Alexander Group 70/30 to 80/20; SBI 10 to 30 % of OTE",
        "medium",
        "presets, reference plan",
    ),
    Benchmark(
        "On-target earnings", "90k to 160k", 90_000, 160_000, "USD a year", "Salary surveys", "low", "sample books"
    ),
    Benchmark(
        "Book of a CSM",
        "2M",
        1_000_000,
        5_000_000,
        "USD of ARR; 30 to 50 mid-market or 10 to 20 enterprise accounts",
        "SaaStr; surveys",
        "medium",
        "sample books",
    ),
    Benchmark("Threshold", "85 %", 0.70, 0.95, "attainment", "Practice", "low", "presets"),
    Benchmark("Accelerator", "1.5", 1.0, 3.0, "times the slope below quota", "Practice", "low", "presets"),
    Benchmark("CSMs at or above quota", "60 %", 0.50, 0.70, "share", "CSO Insights", "medium", "check of the presets"),
    Benchmark("NPS", "33", 30, 40, "points", "B2B SaaS median", "low", "default of the column, KPI scale"),
    Benchmark("Upsell", "10 %", 0.05, 0.15, "of ARR a year", "Gainsight, top companies", "medium", "sample books"),
    Benchmark("CS spend", "7 %", 0.05, 0.10, "of revenue", "SaaS Capital", "medium", "not used yet"),
    Benchmark(
        "CAC ratio, new", "1.13", 0.8, 1.6, "USD spent per USD of ARR", "Pacific Crest 2016", "medium", "valuation"
    ),
    Benchmark(
        "CAC ratio, upsell",
        "0.27",
        0.15,
        0.45,
        "USD spent per USD of ARR",
        "Pacific Crest 2016",
        "medium",
        "valuation",
    ),
    Benchmark(
        "CAC ratio, expansion",
        "0.20",
        0.10,
        0.35,
        "USD spent per USD of ARR",
        "Pacific Crest 2016",
        "medium",
        "valuation",
    ),
    Benchmark(
        "CAC ratio, renewal",
        "0.13",
        0.05,
        0.25,
        "USD spent per USD of ARR",
        "Pacific Crest 2016",
        "medium",
        "valuation",
    ),
    Benchmark(
        "Value against investment",
        "1 : 2 : 4",
        1.0,
        4.0,
        "retention, expansion, upsell",
        "Practitioner rule",
        "low",
        "valuation",
    ),
)
"""What else the model leans on. Ranges without a source of their own are ours."""
