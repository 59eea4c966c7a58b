"""Many problems of one kind as one sentence, none lost."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from sim.problems import ROWS_NAMED, Problem, grouped

NEGATIVE = "must not be negative"


def of_row(row: int, column: str = "arr", rule: str = NEGATIVE) -> Problem:
    return Problem(f"accounts.csv, row {row}, {column}", "-5", rule)


def test_rows_of_one_column_and_rule_are_one_sentence() -> None:
    assert grouped([of_row(3), of_row(8)]) == [f"accounts.csv, rows 3 and 8, arr: {NEGATIVE} (the first: '-5')."]
    assert grouped(map(of_row, (3, 8, 12))) == [f"accounts.csv, rows 3, 8 and 12, arr: {NEGATIVE} (the first: '-5')."]
    many = grouped(map(of_row, range(3, 46)))
    assert many == [f"accounts.csv, rows 3, 4, 5 and 40 more, arr: {NEGATIVE} (the first: '-5')."]


def test_what_stands_alone_stays_as_it_is() -> None:
    alone = [of_row(3), of_row(3, "nps"), of_row(3, rule="must be a number"), Problem("plan.toml", "", "is empty")]
    assert grouped(alone) == [str(problem) for problem in alone]


def test_the_same_twice_without_a_row_is_said_twice() -> None:
    twice = [Problem("plan.toml", "a", "is unknown"), Problem("plan.toml", "b", "is unknown")]
    assert grouped(twice) == ["\n".join(map(str, twice))]


@given(st.lists(st.tuples(st.integers(1, 99), st.sampled_from(["arr", "nps"]), st.sampled_from([NEGATIVE, "is odd"]))))
def test_no_problem_is_lost(parts: list[tuple[int, str, str]]) -> None:
    sentences = grouped(of_row(*part) for part in parts)
    assert len(sentences) == len({part[1:] for part in parts})
    named = 0
    for sentence in sentences:
        rows, more = re.fullmatch(r"accounts.csv, rows? (.+?)(?: and (\d+) more)?, (?:arr|nps): .*", sentence).groups()
        count = len(re.findall(r"\d+", rows))
        assert count <= ROWS_NAMED
        named += count + int(more or 0)
    assert named == len(parts)
