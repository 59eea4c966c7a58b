"""docs/validation.md says what the tests hold, and names the tests that hold it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from validation import DOCUMENT, Figure, figures

TESTS = "".join(path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("test_*.py")))


def _body(test: str) -> str:
    """Source of a test and of its parameters: from the end of the test before to its own end."""
    start = TESTS.index(f"\ndef {test}(")
    before = TESTS.rfind("\n\n\n", 0, start)
    end = TESTS.find("\n\n\n", start)
    return TESTS[before:end]


def test_every_row_of_the_document_is_a_figure() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith(("| figure", "| ---"))]
    names = [figure.name for figure in figures()]
    assert len(names) == len(set(names)) == len(rows)


@pytest.mark.parametrize("figure", figures(), ids=lambda figure: figure.name)
def test_each_figure_lies_in_its_bounds_and_its_test_reads_it(figure: Figure) -> None:
    assert figure.low <= figure.found <= figure.high
    subject = re.split(r"[:,] ", figure.name)[0]
    assert subject in _body(figure.test)


def test_every_test_and_file_that_is_named_exists() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for test in re.findall(r"`(test_\w+)`", text):
        assert f"\ndef {test}(" in TESTS, test
    for path in re.findall(r"`(tests/[\w.]+)`", text):
        assert (DOCUMENT.parents[1] / path).is_file(), path
