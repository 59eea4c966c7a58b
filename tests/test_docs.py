"""The documents say what is so: generated parts are current, figures come from the code, names and paths exist."""

from __future__ import annotations

import re
import runpy
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from sim.__main__ import COMMANDS, USAGE_ERROR, main
from sim.book.samples import SAMPLES
from sim.decide.allocation.levels import LEVELS
from sim.decide.allocation.outside import FURTHEST
from sim.decide.assess.condition import FEWEST, NEAR
from sim.decide.assess.promise import LEVELS as BAND
from sim.decide.assess.surprise import RARE
from sim.decide.compare import Z_CLEAR
from sim.decide.coverage.cost import LOST_AT_HAND_OVER
from sim.decide.coverage.rules import MOST_HANDS
from sim.decide.frontier.explore import SCREENED_ON
from sim.decide.frontier.finalists import FINALISTS, OFFERED, ON_FRESH
from sim.decide.frontier.search import GENERATION
from sim.decide.measures.luck import SHORT
from sim.engine import philox
from sim.engine.compile import REFERENCE_SHARE, REFERENCE_SLOPE, SHARPEST
from sim.engine.forecast import KPI, MOST_LIKELY, RETENTION, UPSELL
from sim.engine.incentive import GRID, REACH
from sim.engine.kpis import KPI_SCALE
from sim.engine.philox import LANES
from sim.engine.response import SWEEPS
from sim.engine.run import ANCHOR_BLOCKS, ANCHOR_PASSES, MAX_MONTHS, MAX_TRIALS, MONTHS, TRIALS
from sim.roles.part import SUPPORT
from sim.words import percent
from sim.world.benchmarks import RetentionBand
from sim.world.parameters import WORLD_PRESETS

ROOT = Path(__file__).parents[1]
README, METHOD, ARCHITECTURE = "README.md", "docs/method.md", "docs/architecture.md"
OPERATIONS, TESTING = "docs/operations.md", "docs/testing.md"
DOCUMENTS = (README, METHOD, ARCHITECTURE)
GENERATOR = SimpleNamespace(**runpy.run_path(str(ROOT / "docs" / "generate.py")))
WORDS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 12: "twelve"}

# The reference plan of the response, as the documents describe it.
ON_RETENTION, LINE_FROM, ON_EXPANSION = 0.60, 0.85, 0.40


def text_of(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def requires_python() -> str:
    return tomllib.loads(text_of("pyproject.toml"))["project"]["requires-python"].removeprefix(">=")


def mix() -> str:
    share = round(100 * REFERENCE_SHARE)
    return f"{100 - share}/{share}"


FIGURES: dict[str, list[str]] = {
    README: [
        f"Python {requires_python()} or newer",
        f"Wrong input exits with {USAGE_ERROR}",
        f"The {WORDS[len(SAMPLES)]} sample books",
        f"in all {WORDS[len(WORLD_PRESETS)]}",
    ],
    METHOD: [
        "Salmon et al. 2011",
        "Saltelli et al. 2010",
        "Strong et al. 2014",
        "SaaS Capital 2023, over 1,500 companies",
        f"neither above {MOST_LIKELY:.0%}".replace("%", " %"),
        f"first {WORDS[12]} months",
        f"never below {WORDS[round(100 * SHARPEST)]} points",
        f"tabulated on {GRID} points that reach {WORDS[round(REACH)]} standard deviations",
        f"The reference plan is {mix()}",
        f"{100 * ON_RETENTION:.0f} % on gross retention, on a line from {100 * LINE_FROM:.0f} % to 100 %",
        f"(slope {ON_RETENTION:.2f} / {1 - LINE_FROM:.2f})",
        f"{100 * ON_EXPANSION:.0f} % on expansion",
        f"(slope {ON_EXPANSION:.2f}, for upsell as for cross-sell)",
        f"For KPIs it is {100 * REFERENCE_SLOPE[KPI]:.0f} % on a line from nothing",
        f"The reference for KPIs ({100 * REFERENCE_SLOPE[KPI]:.0f} % on a line from nothing)",
        f"by {WORDS[SWEEPS]} Gauss-Seidel sweeps",
        f"{WORDS[ANCHOR_PASSES]} passes over the first {ANCHOR_BLOCKS * LANES} trials",
        f"{KPI_SCALE[0]:.0f} points of NPS, adoption of {KPI_SCALE[1]:g}, MBO of {WORDS[round(KPI_SCALE[2])]}, "
        f"value {KPI_SCALE[3]:g}, training {KPI_SCALE[4]:g}, onboarding {KPI_SCALE[5]:g}, utilisation {KPI_SCALE[6]:g}",
        "worth 100, 0 or -100 points",
        f"paid less than {100 * SHORT:.0f} % of target",
        "Lord & Novick 1968",
        f"within {WORDS[round(Z_CLEAR)]} standard errors",
        "the 90th percentile of plan cost",
        f"({len(LEVELS)} levels, {LEVELS[0]:g} to {LEVELS[-1]:g} times;",
        f"in straight pieces, up to {WORDS[round(FURTHEST)]} times",
        "Deb et al. 2002",
        f"a generation of {GENERATION} at a time, all on the same {SCREENED_ON} trials",
        f"Up to {FINALISTS} plans of the first layers",
        "Smith & Winkler 2006",
        f"up to {ON_FRESH} of those that nobody beats",
        f"up to {OFFERED} that nobody beats there either",
        f"count of figures outside P{100 * BAND[0]:.0f} to P{100 * BAND[-1]:.0f}",
        f"monthly figures fall outside P{100 * BAND[0]:.0f} to P{100 * BAND[-1]:.0f}",
        f"a hidden dependency: {percent(SUPPORT, 0)} of the owner's work",
        f"{percent(LOST_AT_HAND_OVER, 0)} for each team at work beyond {WORDS[MOST_HANDS]}",
        "Vovk, Gammerman & Shafer 2005",
        f"at most half of {100 * RARE:.0f} %",
        "Beaumont, Zhang & Balding 2002",
        f"reaches {100 * NEAR:.0f} % of the trials",
        f"Below {FEWEST:.0f} trials of equal weight",
        "Bertrand, Duflo & Mullainathan 2004",
        "Imbens & Kolesar 2016",
        f"{TRIALS:,} trials of {MONTHS} months, at most {MAX_TRIALS:,} trials and {MAX_MONTHS} months",
    ],
    OPERATIONS: [],
    TESTING: [],
    ARCHITECTURE: [
        f"blocks of {LANES}",
        "month 0 of an array",
        "Steps 1 to 4",
        "repeats only 5 to 7",
    ],
}
"""Every figure in the prose of a document, within the words around it."""


def prose(text: str) -> str:
    """What a reader takes for a statement: no generated part, code, formula, address or list number; on one line."""
    text = re.sub(r"^\[//\]: # \(generated.*?^\[//\]: # \(end\)$", " ", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"^ {4}.*$", " ", text, flags=re.MULTILINE)
    text = re.sub(r"`[^`]*`", " ", text)
    text = re.sub(r"\$\$.*?\$\$|\$[^$]+\$", " ", text, flags=re.DOTALL)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    text = re.sub(r"^ *\d+\. ", " ", text, flags=re.MULTILINE)
    return " ".join(text.replace("[", "").replace("]", "").split())


def figures_not_held(text: str, held: list[str]) -> list[str]:
    """Figures left in the prose of a document when those that the code vouches for are taken out."""
    left = prose(text)
    for phrase in held:
        left = left.replace(phrase, " ")
    return re.findall(r"\S*\d\S*", left)


@pytest.mark.parametrize("document", FIGURES)
def test_every_figure_in_the_prose_comes_from_the_code(document: str) -> None:
    text = text_of(document)
    assert [phrase for phrase in FIGURES[document] if phrase not in prose(text)] == []
    assert figures_not_held(text, FIGURES[document]) == []


def test_a_figure_that_nothing_holds_is_found() -> None:
    text = "There are 512 trials, see `x1` and $x_2$.\n\n1. All of them [paired](a3.md).\n\n    run 4\n"
    assert figures_not_held(text, []) == ["512"]
    assert figures_not_held(text, ["512 trials"]) == []


def test_figures_that_the_words_stand_on() -> None:
    assert REFERENCE_SLOPE[RETENTION] == pytest.approx(ON_RETENTION / (1 - LINE_FROM))
    assert REFERENCE_SLOPE[UPSELL] == REFERENCE_SLOPE[UPSELL + 1] == ON_EXPANSION
    assert "Salmon et al. 2011" in str(philox.__doc__)
    assert "SaaS Capital 2023, over 1,500 companies" in str(RetentionBand.__doc__)


def section(text: str, heading: str) -> str:
    """What stands under a heading of the second level that begins so."""
    return text.split(f"\n## {heading}", 1)[1].split("\n## ", 1)[0]


def test_lists_are_as_long_as_they_are_said_to_be() -> None:
    def steps(part: str) -> int:
        return len(re.findall(r"^\d+\. ", part, flags=re.MULTILINE))

    assert steps(section(text_of(README), "Your own book, in five lines")) == 5
    assert steps(section(text_of(ARCHITECTURE), "One run")) == 7
    assert len(text_of(README).splitlines()) <= 125, "a README is read in five minutes"


def test_generated_parts_are_current() -> None:
    """The example of the README runs as printed; tables of books, worlds, assumptions, benchmarks and plans."""
    parts = GENERATOR.generated_parts()
    for path in GENERATOR.DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        assert GENERATOR.filled(text, parts) == text, f"{path.name} is stale: run python docs/generate.py"
    written = "".join(path.read_text(encoding="utf-8") for path in GENERATOR.DOCUMENTS)
    assert [name for name in parts if f"(generated: {name})" not in written] == []


def test_a_stale_part_is_written_again_and_its_neighbours_are_left() -> None:
    def document(first: str, second: str) -> str:
        parts = (
            f"[//]: # (generated: {name})\n{part}\n[//]: # (end)" for name, part in (("one", first), ("two", second))
        )
        return "a\n\n{}\n\nb\n\n{}\nc".format(*parts)

    parts = {"one": "1", "two": "2"}
    assert GENERATOR.filled(document("", "old"), parts) == document("\n1\n", "\n2\n")


def test_the_commands_exist(capsys: pytest.CaptureFixture[str]) -> None:
    everything = "".join(map(text_of, DOCUMENTS))
    targets = set(re.findall(r"^([\w-]+):", text_of("Makefile"), flags=re.MULTILINE))
    assert {"run", "test"} <= set(re.findall(r"(?:`|^ {4})make (\w+)", everything, flags=re.MULTILINE)) <= targets
    for command in COMMANDS:
        with pytest.raises(SystemExit):
            main([command, "--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
    assert set(re.findall(r"(?<![\w-])--[a-z-]+\b", everything)) <= options
    for script in re.findall(r"\bpython (\S+\.py)", everything):
        assert (ROOT / script).is_file(), script


@pytest.mark.parametrize("document", [*DOCUMENTS, OPERATIONS, TESTING])
def test_links_and_paths_lead_somewhere(document: str) -> None:
    text = text_of(document)
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    paths = re.findall(r"`((?:deploy|docs|pages|sample_data|sim|tests)/[\w./-]*)`", text)
    here = (ROOT / document).parent
    gone = [link for link in links if not (here / link).exists()] + [
        path for path in paths if not (ROOT / path).exists()
    ]
    assert gone == []


def test_the_readme_calls_things_as_the_pages_do() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in [ROOT / "app.py", *(ROOT / "pages").rglob("*.py")])
    named = re.findall(r"(?<!\*)\*([A-Z][^*\n]+)\*(?!\*)", text_of(README))
    assert len(named) >= 5
    assert [name for name in named if f'"{name}"' not in sources] == []


def rooms() -> list[tuple[str, str]]:
    """Room and what is said of it, from the map in architecture.md; a row may name several places."""
    rows = [line.split(" | ") for line in text_of(ARCHITECTURE).splitlines() if line.startswith("| `")]
    return [(row[0].strip("| "), row[2]) for row in rows]


@pytest.mark.parametrize(("room", "contents"), rooms())
def test_the_map_names_what_is_there(room: str, contents: str) -> None:
    places = [ROOT / place for place in re.findall(r"`([^`]+)`", room)]
    files = [file for place in places for file in ([place] if place.is_file() else place.rglob("*.py"))]
    source = "".join(file.read_text(encoding="utf-8") for file in files)
    for name in re.findall(r"`([\w.]+)`", contents):
        if name.endswith(".py"):
            assert name in {file.name for file in files}, f"{name} is not in {room}"
        else:
            assert re.search(rf"^(def|class) {name}\b|^{name}\b.* = ", source, flags=re.MULTILINE), f"{name} in {room}"


def test_the_map_has_every_room_and_every_step_a_function() -> None:
    named = {place.strip("`").rstrip("/") for room, _ in rooms() for place in room.split(", ")}
    inside = {f"sim/{path.name}" for path in (ROOT / "sim").iterdir() if not path.name.startswith("__")}
    assert inside <= named
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "sim").rglob("*.py"))
    for name in re.findall(r"`(\w+)`", section(text_of(ARCHITECTURE), "One run")):
        assert re.search(rf"^(def|class) {name}\b", source, flags=re.MULTILINE), name
