"""Ten thousand damaged files: each is read or refused in sentences, and none takes long or ends in a traceback."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from pages.parts.address import VIEWS
from sim.book.intake.mapfile import memory_to_toml, read_memory
from sim.book.intake.mapping import Mapping, Match
from sim.book.samples import load_sample
from sim.plan.levers import with_lever
from sim.plan.read import PLAN_PRESETS, plan_preset, read_plan
from sim.plan.schema import Plan
from sim.problems import SHOWN, InputError
from sim.share.link import opening
from sim.share.take.scenario_file import Scenario, read_scenario, scenario_to_toml
from sim.share.take.stamp import stamp_of

PLANS, SCENARIOS, MAPPINGS = 8_000, 1_700, 300
LONGEST = 1_000
"""Characters of a sentence."""
FOLDER = Path(__file__).parents[1] / "sim" / "plan" / "presets"
Change = Callable[[bytes, random.Random], bytes]

VALUES = [
    *(b"nan", b"inf", b"-inf", b"1e999", b"-0.0", b"5e-324", b"9" * 400, b"0x" + b"f" * 8_000, b"-" + b"9" * 5_000),
    *(b"true", b"[]", b"{}", b"''", b'"""x', b"2026-01-01", b"2026-01-01T00:00:00Z", b"1979-13-40", b"25:61:00"),
    *(b"[" * 60 + b"]" * 60, b"[" * 5_000, b"{a=" * 60 + b"1" + b"}" * 60, b"[{a=[{a=[{}]}]}]", b"[[1, 2], [3]]"),
    *(
        b'"' + b"x" * 5_000 + b'"',
        b'"\\u0000"',
        b'"\\ud800"',
        b'"\\U0010FFFF"',
        b'"\xff\xfe"',
        "'مرحبا 👩🏽‍💻'".encode(),
    ),
    *(b"{" + b".".join([b"a"] * 9_000) + b" = 1}", b"[" + b"1, " * 5_000 + b"]", b'"gross_retention"', b"0.5"),
]
ALPHABET = b"\"'[]{}=.,#\n\r\t\\\0\xff-_19ax"


def flipped(content: bytes, luck: random.Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(luck.choice((1, 1, 2, 8))):
        damaged[luck.randrange(len(damaged))] ^= 1 << luck.randrange(8)
    return bytes(damaged)


def put_in(content: bytes, luck: random.Random) -> bytes:
    place = luck.randrange(len(content))
    junk = bytes(luck.choices(ALPHABET, k=luck.randint(1, 6)))
    return content[:place] + junk + content[place + luck.choice((0, 0, 3)) :]


def cut(content: bytes, luck: random.Random) -> bytes:
    start, end = sorted(luck.choices(range(len(content) + 1), k=2))
    return luck.choice((content[:start], content[end:], content[:start] + content[end:]))


def doubled(content: bytes, luck: random.Random) -> bytes:
    start, end = sorted(luck.choices(range(len(content) + 1), k=2))
    return content[:end] + content[start:end] * luck.choice((1, 2, 9)) + content[end:]


def lines_moved(content: bytes, luck: random.Random) -> bytes:
    lines = content.split(b"\n")
    first, second = luck.choices(range(len(lines)), k=2)
    lines[first], lines[second] = lines[second], lines[first]
    return b"\n".join(lines)


def keys_swapped(content: bytes, luck: random.Random) -> bytes:
    lines = content.split(b"\n")
    told = [number for number, line in enumerate(lines) if b"=" in line and not line.startswith(b"#")]
    if len(told) > 1:
        (one, other), names = luck.sample(told, 2), {}
        for number in (one, other):
            names[number], _, lines[number] = lines[number].partition(b"=")
        lines[one], lines[other] = names[other] + b"=" + lines[one], names[one] + b"=" + lines[other]
    return b"\n".join(lines)


def another_value(content: bytes, luck: random.Random) -> bytes:
    """One value, or a table's whole content, is something else."""
    places = list(re.finditer(rb"(?<=[=,\[] )[^\s,{}\[\]#]+|(?<== )[\[{].*", content))
    if not places:
        return content + luck.choice(VALUES)
    place = luck.choice(places)
    return content[: place.start()] + luck.choice(VALUES) + content[place.end() :]


def another_key(content: bytes, luck: random.Random) -> bytes:
    place = content.find(b"\n", luck.randrange(len(content))) + 1
    key = luck.choice(
        [b"a", b"component", b"name", b"k" * 5_000, b"a.a.a", b'""', b'"\\n"', b".".join([b"a"] * 9_000), b"curve.cap"]
    )
    line = luck.choice([key + b" = " + luck.choice(VALUES), b"[" + key + b"]", b"[[" + key + b"]]"])
    return content[:place] + line + b"\n" + content[place:]


CHANGES: tuple[Change, ...] = (
    *(flipped, put_in, cut, doubled, lines_moved, keys_swapped, another_value, another_value, another_key),
)


def plan_files() -> list[bytes]:
    return [(FOLDER / f"{name}.toml").read_bytes() for name in PLAN_PRESETS]


def scenario_files() -> list[bytes]:
    first, own = opening(), with_lever(plan_preset("at_risk_70_30"), "retention_cap", 1.7)
    links = [first, replace(first, candidate=own, preset=own, views={"why": "effort"}, plans=(own,), seed=9)]
    stamps = [stamp_of(link, load_sample("startup"), date(2026, 3, 1), "full", "") for link in links]
    return [scenario_to_toml(*pair).encode() for pair in zip(links, stamps, strict=True)]


def mapping_files() -> list[bytes]:
    matches = (Match("arr", "ARR (k)", monthly=True), Match("segment", constant="all"))
    return [memory_to_toml({f"{k:064x}": Mapping("accounts", matches) for k in range(3)}).encode()]


@pytest.mark.parametrize(
    ("files", "times", "read", "kind"),
    [
        (plan_files, PLANS, read_plan, Plan),
        (scenario_files, SCENARIOS, partial(read_scenario, views=VIEWS), Scenario),
        (mapping_files, MAPPINGS, read_memory, dict),
    ],
)
def test_a_damaged_file_is_read_or_refused_in_sentences(files, times, read, kind) -> None:
    luck = random.Random(20_260_101)
    originals = files()
    assert all(isinstance(read(content), kind) for content in originals)
    kept = 0
    for _ in range(times):
        content = luck.choice(originals)
        for change in luck.choices(CHANGES, k=luck.choice((1, 1, 1, 2, 3))):
            content = change(content or b"\n", luck)
        try:
            found = read(content)
        except InputError as error:
            assert error.problems
            for problem in error.problems[:SHOWN]:
                sentence = str(problem)
                assert sentence.endswith(".") and len(sentence) < LONGEST, content
        else:
            assert isinstance(found, kind)
            kept += 1
    assert times * 0.05 < kept < times * 0.5  # neither is everything refused, nor did the damage do nothing


@pytest.mark.parametrize(
    "text",
    [
        ".".join("a" * 45_000) + " = 1",
        "[" + ".".join("a" * 45_000) + "]",
        "x = { " + " . ".join(["'a'"] * 15_000) + " = 1 }",
        "x = 0x" + "f" * 90_000,
        "x = " + "9" * 90_000,
        "".join(f"k{number} = 1\n" for number in range(9_000)),
    ],
)
def test_what_would_take_minutes_or_end_in_pythons_own_limits_is_refused_at_once(text: str) -> None:
    """With dotted keys, parsing takes the square of their parts: this file never ended without its bound."""
    with pytest.raises(InputError, match=r"^plan.toml: has brackets, keys or numbers that a plan never needs\.$"):
        read_plan(text)
    for read in (read_scenario, read_memory):
        with pytest.raises(InputError):
            read(text.encode())
