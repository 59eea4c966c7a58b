"""Figures as the field writes them, and the nearest known name."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.words import money, nearest, percent, points


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "$0"),
        (0.4, "$0"),
        (12.0, "$12"),
        (999.0, "$999"),
        (999.4, "$999"),
        # Wherever rounding reaches the next unit, the next unit is used.
        (999.5, "$1.0k"),
        (1_000.0, "$1.0k"),
        (1_250.0, "$1.2k"),
        (9_949.0, "$9.9k"),
        (9_950.0, "$10k"),
        (9_999.0, "$10k"),
        (182_400.0, "$182k"),
        (999_499.0, "$999k"),
        (999_500.0, "$1.00M"),
        (1_254_000.0, "$1.25M"),
        (9_994_000.0, "$9.99M"),
        (9_995_000.0, "$10.0M"),
        (37_320_000.0, "$37.3M"),
        (99_949_000.0, "$99.9M"),
        (99_950_000.0, "$100M"),
        (412_000_000.0, "$412M"),
        (1_234_567_890.0, "$1,235M"),
    ],
)
def test_money(value: float, written: str) -> None:
    assert money(value) == written
    assert money(value, signed=True) == f"+{written}"
    if value > 0.5:
        assert money(-value) == money(-value, signed=True) == f"-{written}"


def test_what_rounds_to_nothing_is_not_negative() -> None:
    assert money(-0.3) == money(-0.0) == "$0"
    assert money(-0.3, signed=True) == money(-0.0, signed=True) == "+$0"
    assert money(-0.5) == "$0"
    assert money(-0.6) == "-$1"
    assert percent(-0.0004) == "0.0 %"
    assert points(-0.0004) == points(0.0) == "+0.0 pp"


@pytest.mark.parametrize(
    ("value", "digits", "written"),
    [
        (0.934, 1, "93.4 %"),
        (1.0, 1, "100.0 %"),
        (0.9996, 1, "100.0 %"),
        (0.083, 0, "8 %"),
        (1.0784, 2, "107.84 %"),
        (-0.051, 1, "-5.1 %"),
    ],
)
def test_percent(value: float, digits: int, written: str) -> None:
    assert percent(value, digits) == written


@pytest.mark.parametrize(
    ("value", "digits", "written"),
    [(0.0071, 1, "+0.7 pp"), (-0.0071, 1, "-0.7 pp"), (0.00064, 2, "+0.06 pp"), (0.12, 0, "+12 pp")],
)
def test_points(value: float, digits: int, written: str) -> None:
    assert points(value, digits) == written


_UNITS = {"": 1.0, "k": 1e3, "M": 1e6}


def _read(text: str) -> float:
    match = re.fullmatch(r"([+-]?)\$([\d,]+(?:\.\d+)?)([kM]?)", text)
    assert match is not None, text
    sign, digits, unit = match.groups()
    return float(f"{sign}{digits.replace(',', '')}") * _UNITS[unit]


@given(st.floats(-1e10, 1e10))
def test_money_reads_back_to_two_figures_or_more(value: float) -> None:
    assert _read(money(value, signed=True)) == pytest.approx(value, rel=0.051, abs=0.5)


@given(st.floats(0.0, 1e10), st.floats(0.0, 1e10))
def test_money_never_turns_the_order_round(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert _read(money(low)) <= _read(money(high))


def test_nearest_is_always_a_known_name() -> None:
    known = ("churn_cut", "kappa_expansion", "task_overlap")
    assert nearest("chrun_cut", known) == "churn_cut"
    assert nearest("kappa", known) == "kappa_expansion"
    assert nearest("", known) in known
    assert nearest("0" * 300, iter(known)) in known
