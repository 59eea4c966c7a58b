"""What leaves the simulator: the JSON of a comparison, and tables as CSV that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tiny_book import CSMS, tiny_book, world_without_luck

from sim.book.samples import load_sample
from sim.engine.outcome import Outcome
from sim.engine.run import MODEL_VERSION, set_stage, simulate
from sim.plan import plan_preset
from sim.plan.schema import Component, Plan
from sim.share.report import comparison, csm_rows, mean_attainment
from sim.share.tables import account_table, assumption_table, csm_table, segment_table, to_csv
from sim.world.parameters import ASSUMPTIONS, world_preset

TRIALS = 128
METRICS = [
    "retained_arr",
    "gross_retention",
    "net_retention",
    "logo_retention",
    "plan_cost",
    "variable_pay",
    "expansion_arr",
]
STATISTICS = ["mean", "standard_error", "p5", "p25", "p50", "p75", "p95"]
SALARY = Plan(name="Salary", variable_share=0.0)


@cache
def outcomes() -> tuple[Outcome, Outcome]:
    """At risk 70/30 and the plan in force, on the start-up book."""
    current = plan_preset("current_80_20")
    stage = set_stage(load_sample("startup"), current, world_preset("base"), trials=TRIALS)
    return simulate(stage, plan_preset("at_risk_70_30")), simulate(stage, current)


@cache
def unmeasured() -> tuple[Outcome, Outcome]:
    """Gross retention for BEN and CY, who have nothing due in the year; and a salary. One trial."""
    book = tiny_book()
    months = np.where(book.csm > 0, book.renewal_month + 24, book.renewal_month)
    part = Component(name="Retention", measure="gross_retention", weight=1.0)
    plan = Plan(name="Retention only", variable_share=0.2, components=(part,))
    stage = set_stage(replace(book, renewal_month=months), plan, world_without_luck(), trials=1)
    return simulate(stage, plan), simulate(stage, SALARY)


# --- JSON -----------------------------------------------------------------------------------------------


def test_keys_are_the_documented_ones() -> None:
    report = comparison(*outcomes(), seed=1)
    assert list(report) == ["model_version", "seed", "trials", "candidate", "current", "difference", "csms"]
    assert (report["model_version"], report["seed"], report["trials"]) == (MODEL_VERSION, 1, TRIALS)
    for part in ("candidate", "current", "difference"):
        assert list(report[part]) == METRICS
        assert all(list(figures) == STATISTICS for figures in report[part].values())
    assert len(report["csms"]) == 4
    for row in report["csms"]:
        assert list(row) == [
            "csm_id",
            "expected_pay",
            "expected_variable_pay",
            "expected_attainment",
            "current_expected_pay",
            "current_expected_variable_pay",
            "current_expected_attainment",
        ]


def test_the_difference_is_paired() -> None:
    candidate, current = outcomes()
    report = comparison(candidate, current, seed=1)
    for name in METRICS:
        then, now, change = (report[part][name] for part in ("candidate", "current", "difference"))
        assert change["mean"] == pytest.approx(then["mean"] - now["mean"], abs=1e-6 * abs(now["mean"]))
    retained = report["difference"]["retained_arr"]
    gap = candidate.retained_arr - current.retained_arr
    assert retained["standard_error"] == pytest.approx(gap.std(ddof=1) / math.sqrt(TRIALS))
    assert retained["p5"] == pytest.approx(np.percentile(gap, 5))


def test_csm_rows_are_means_over_the_trials_and_add_up_to_the_plan() -> None:
    candidate, current = outcomes()
    rows = csm_rows(candidate, current)
    assert [row["csm_id"] for row in rows] == list(load_sample("startup").team.csm_id)
    paid = sum(row["expected_variable_pay"] for row in rows)
    assert paid == pytest.approx(candidate.variable_pay.mean(), rel=1e-6)
    for c, row in enumerate(rows):
        assert row["expected_pay"] == pytest.approx(candidate.csm_base[c] + row["expected_variable_pay"])
        assert row["current_expected_variable_pay"] == pytest.approx(current.csm_pay[c].mean(), rel=1e-6)
        by_weight = 0.6 * current.attainment[c, 0].astype(float) + 0.4 * current.attainment[c, 1]
        assert row["current_expected_attainment"] == pytest.approx(by_weight.mean(), rel=1e-6)


def figures(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [number for part in value.values() for number in figures(part)]
    if isinstance(value, list):
        return [number for part in value for number in figures(part)]
    return [value] if isinstance(value, float) else []


def test_null_stands_where_nothing_is_known() -> None:
    report = comparison(*unmeasured(), seed=1)
    text = json.dumps(report, allow_nan=False)
    assert all(math.isfinite(value) for value in figures(json.loads(text)))
    assert all(report["difference"][name]["standard_error"] is None for name in METRICS)
    assert [row["csm_id"] for row in report["csms"]] == list(CSMS)
    assert [row["expected_attainment"] for row in report["csms"]] == [1.0, None, None]
    assert [row["current_expected_attainment"] for row in report["csms"]] == [None, None, None]


def test_mean_attainment_is_over_the_trials_with_a_measurement() -> None:
    outcome = outcomes()[1]
    attainment = np.full((2, 2, 4), np.nan, dtype=np.float32)
    attainment[0, 0, :2] = (0.9, 1.1)
    attainment[0, 1, :3] = (0.5, 0.5, 2.0)
    known = replace(outcome, attainment=attainment, weights=(0.5, 0.5))
    # Trials 1 and 2 have both components, trial 3 the second alone, trial 4 none; the other CSM has nothing.
    assert mean_attainment(known)[0] == pytest.approx((0.7 + 0.8 + 2.0) / 3)
    assert np.isnan(mean_attainment(known)[1])


# --- tables ---------------------------------------------------------------------------------------------


def test_csm_table() -> None:
    book = load_sample("startup")
    candidate, current = outcomes()
    table = csm_table(book, candidate, current)
    assert table["csm_id"].tolist() == list(book.team.csm_id)
    np.testing.assert_allclose(table["p50"], np.median(candidate.csm_pay, axis=1), atol=0.5)
    np.testing.assert_allclose(table["pay_then"] - table["pay_now"], table["change"], atol=1.0)
    np.testing.assert_allclose(table["no_payout"], np.mean(candidate.csm_pay == 0.0, axis=1))
    assert ((table["p10"] <= table["p50"]) & (table["p50"] <= table["p90"])).all()


def test_csm_table_of_people_without_attainment() -> None:
    table = csm_table(tiny_book(), *unmeasured())
    assert table["attainment_then"].isna().tolist() == [False, True, True]
    assert table["attainment_now"].isna().all()


def test_segments_add_up_to_the_book() -> None:
    book = load_sample("startup")
    table = segment_table(book)
    total = table.iloc[-1]
    assert total["segment"] == "Total"
    assert total["accounts"] == len(book) == table["accounts"].iloc[:-1].sum()
    assert total["arr"] == pytest.approx(book.arr.sum())
    assert total["renewal"] == pytest.approx(np.average(book.renewal_probability, weights=book.arr))
    assert total["whitespace"] == pytest.approx((book.upsell_whitespace + book.cross_sell_whitespace).sum())


def test_the_table_of_assumptions_has_every_one() -> None:
    assert assumption_table()["Name"].tolist() == list(ASSUMPTIONS)


DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", '=HYPERLINK("http://x")']
HARMLESS = ["Acme", "3M", "A=B", "", " =x", "Ümläut, Inc.", "Acme\r=1+1", 'The "Acme"\n=1+1']


def read_back(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))


def test_a_csv_starts_no_formula_and_keeps_its_numbers() -> None:
    names = DANGEROUS + HARMLESS
    table = pd.DataFrame({"name": names, "change": np.linspace(-5.0, 4.75, len(names)), "accounts": range(len(names))})
    header, *rows = read_back(to_csv(table))
    assert header == ["name", "change", "accounts"]
    written = [row[0] for row in rows]
    assert written == [f"'{name}" for name in DANGEROUS] + HARMLESS
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in written)
    assert [float(row[1]) for row in rows] == table["change"].tolist()
    assert rows[0][1] == "-5.0"
    assert [int(row[2]) for row in rows] == table["accounts"].tolist()
    assert names == table["name"].tolist(), "the table itself is left alone"


def test_a_csv_leaves_unknown_figures_empty() -> None:
    header, *rows = read_back(to_csv(csm_table(tiny_book(), *unmeasured())))
    at = header.index("attainment_then")
    assert [row[at] for row in rows] == ["1.0", "", ""]


@pytest.mark.parametrize("name", ["account_id", "account_name", "csm_id", "segment"])
def test_names_from_a_file_cannot_become_formulas(name: str) -> None:
    book = load_sample("startup")
    if name == "csm_id":
        team = replace(book.team, csm_id=("=cmd()", *book.team.csm_id[1:]))
        book = replace(book, team=team)
    else:
        book = replace(book, **{name: ("=cmd()", *getattr(book, name)[1:])})
    assert b"'=cmd()" in to_csv(account_table(book))
    assert b",=cmd()" not in to_csv(account_table(book))
