"""Any export in: what is read, matched, refused and counted, and in which words."""

from __future__ import annotations

import pytest
from odd_files import Odd, odd_files

from sim.book.faults import refusal
from sim.book.intake.gather import Matched, gather
from sim.book.intake.mapping import propose
from sim.book.intake.source import read_sheets
from sim.book.intake.spellings import KNOWN_HEADERS
from sim.problems import InputError
from sim.words import exact_money

CORPUS = list(odd_files())


def what_is_said(content: bytes, name: str) -> str:
    """Everything that a user is told of a file of accounts, one sentence a line."""
    try:
        (sheet,) = read_sheets(content, name, KNOWN_HEADERS)
        gathered = gather([Matched(sheet, propose(sheet, "accounts").mapping)], ote=100_000)
    except InputError as error:
        return str(error)
    result, count = gathered.result, gathered.result.accounts
    arr = f"{exact_money(count.kept_cents)} of {exact_money(count.read_cents)}"
    kept = f"{count.kept} kept, {count.refused} refused, {arr}"
    refused = str(refusal([*result.problems, *result.bad])) if result.problems or result.bad else ""
    return "\n".join([*gathered.notes, refused, kept])


def test_the_corpus_is_large_and_its_names_differ() -> None:
    assert len(CORPUS) >= 60
    assert len({odd.name for odd in CORPUS}) == len(CORPUS)


@pytest.mark.parametrize("odd", CORPUS, ids=lambda odd: odd.name)
def test_every_odd_file_gets_its_sentence(odd: Odd) -> None:
    said = what_is_said(odd.content, odd.name)
    assert odd.said in said
