"""Who may import whom, read from the source: data flows one way, and luck has one door."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "sim").rglob("*.py"))

BELOW: dict[str, set[str]] = {
    "words": set(),
    "problems": set(),
    "toml": {"problems"},
    "book": {"words", "problems", "toml"},
    "world": {"words", "problems"},
    "plan": {"words", "problems", "toml"},
    "engine": {"words", "problems", "book", "world", "plan"},
    "roles": {"words", "problems", "book", "world", "plan", "engine"},
    "runs": {"words", "problems", "book", "world", "plan", "engine"},
    "decide": {"words", "problems", "book", "world", "plan", "engine", "roles", "runs"},
    "share": {"words", "problems", "toml", "book", "world", "plan", "engine", "roles", "runs", "decide"},
    "command": {"words", "problems", "book", "world", "plan", "engine", "runs", "decide", "share"},
    "__main__": {"words", "problems", "book", "world", "plan", "engine", "runs", "decide", "share", "command"},
    "__init__": set(),
}
"""What each room under sim/ may import besides itself."""
DRAWING = {"streamlit", "altair", "pages", "app"}
DOORS_OF_LUCK = {"sim/engine/draws.py", "sim/engine/philox.py"}
UNGUESSABLE = "sim/share/store/ids.py"
"""Where identifiers are made, of which no figure depends."""
GENERATORS = {"fill_uniform", "philox4x32"}


def imported(tree: ast.Module, package: str) -> Iterator[str]:
    """Full names of everything imported, by whichever form of the statement, anywhere in the file.

    package: dotted name of the package that the file is in, for relative imports.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            source = ".".join([*parents, *([node.module] if node.module else [])])
            yield from (f"{source}.{alias.name}" for alias in node.names)


def names(tree: ast.Module) -> Iterator[str]:
    """Dotted names used in expressions: np.random.default_rng gives "np.random.default_rng"."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            yield ast.unparse(node)


def upward_imports(path: str, source: str) -> list[str]:
    """Imports of a file under sim/ that go up, or to what draws."""
    parts = Path(path).with_suffix("").parts
    room, package = parts[1], ".".join(parts[:-1])
    wrong = []
    for name in imported(ast.parse(source), package):
        top, *rest = name.split(".")
        if top in DRAWING or (top == "sim" and rest and rest[0] not in BELOW[room] | {room}):
            wrong.append(name)
    return wrong


def uses_of_luck(path: str, source: str) -> list[str]:
    """Random generators that a file imports or names; the doors of luck may use Philox, and nobody anything else."""
    tree = ast.parse(source)
    used = [*imported(tree, ""), *names(tree)]
    wrong = [name for name in used if "random" in name.split(".")]
    if path != UNGUESSABLE:
        wrong += [name for name in used if name.split(".")[0] == "secrets"]
    if path not in DOORS_OF_LUCK:
        wrong += [name for name in used if name.split(".")[-1] in GENERATORS]
    return wrong


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", FILES, ids=short)
def test_imports_run_downwards_and_never_to_what_draws(path: Path) -> None:
    assert upward_imports(short(path), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", FILES, ids=short)
def test_only_the_draws_touch_a_generator(path: Path) -> None:
    assert uses_of_luck(short(path), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("sim/book/read.py", "from sim.engine.run import simulate"),
        ("sim/book/read.py", "from ..plan import schema"),
        ("sim/plan/read.py", "import sim.world.parameters"),
        ("sim/world/parameters.py", "from sim import plan"),
        ("sim/engine/run.py", "def f():\n    from sim.decide import paired"),
        ("sim/decide/paired.py", "from sim.share.tables import table"),
        ("sim/engine/run.py", "import streamlit as st"),
        ("sim/share/tables.py", "from pages.parts.lever import lever"),
        ("sim/words.py", "from sim.problems import Problem"),
    ],
)
def test_an_import_that_goes_up_is_found(path: str, line: str) -> None:
    assert upward_imports(path, line) != []


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("sim/engine/run.py", "import random"),
        ("sim/engine/draws.py", "import numpy as np\nrng = np.random.default_rng(1)"),
        ("sim/engine/run.py", "from numpy.random import default_rng"),
        ("sim/engine/run.py", "from numpy import random as luck"),
        ("sim/engine/kernel.py", "from sim.engine.philox import fill_uniform"),
        ("sim/share/store/scenarios.py", "import secrets"),
        ("sim/share/store/ids.py", "import random"),
        ("sim/decide/paired.py", "import sim.engine.philox as p\np.philox4x32(0, 0, 0, 0, 0, 0)"),
    ],
)
def test_another_source_of_luck_is_found(path: str, line: str) -> None:
    assert uses_of_luck(path, line) != []


def test_every_room_of_the_map_is_checked() -> None:
    rooms = {path.relative_to(ROOT).with_suffix("").parts[1] for path in FILES}
    assert rooms <= set(BELOW)
