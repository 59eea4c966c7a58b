"""Writes the generated parts of README.md, docs/method.md and docs/operations.md again: ``python docs/generate.py``.

A part stands between ``[//]: # (generated: NAME)`` and ``[//]: # (end)``, which every Markdown renderer leaves out.
`tests/test_docs.py` fails when a part is not what this script would write.
"""

from __future__ import annotations

import io
import json
import re
import shlex
import sys
from collections.abc import Iterable, Mapping
from contextlib import redirect_stdout
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sim.__main__ import main  # noqa: E402  # found by the line above
from sim.book.samples import SAMPLES, load_sample  # noqa: E402
from sim.decide.compare import differences  # noqa: E402
from sim.engine.run import set_stage, simulate  # noqa: E402
from sim.plan.guide import QUESTIONS, advise, proposed  # noqa: E402
from sim.plan.read import PLAN_PRESETS, plan_preset  # noqa: E402
from sim.roles.tables import role_table  # noqa: E402
from sim.share.tables import assumption_table  # noqa: E402
from sim.words import money, percent  # noqa: E402
from sim.world.benchmarks import BENCHMARKS, RETENTION_BY_ACV  # noqa: E402
from sim.world.parameters import WORLD_PRESETS, world_preset  # noqa: E402

EXAMPLE = "python -m sim run --book midmarket --plan at_risk_70_30"
"""The README's command; the table of worlds asks the same question."""
LOADED = json.loads((ROOT / "docs" / "load.json").read_text(encoding="utf-8"))
DOCUMENTS = (ROOT / "README.md", ROOT / "docs" / "method.md", ROOT / "docs" / "operations.md")
_PART = re.compile(r"^\[//\]: # \(generated: (\w+)\)$.*?^\[//\]: # \(end\)$", re.DOTALL | re.MULTILINE)


def filled(text: str, parts: Mapping[str, str]) -> str:
    """A document with every generated part as it should be. Raises KeyError for a part that nobody writes."""
    return _PART.sub(lambda found: _between_marks(found[1], parts[found[1]]), text)


def _between_marks(name: str, part: str) -> str:
    return f"[//]: # (generated: {name})\n\n{part}\n\n[//]: # (end)"


def generated_parts() -> dict[str, str]:
    """Markdown of each part by its name; takes some seconds, as the example and the worlds are simulated."""
    return {
        "example": _example(),
        "worlds": _worlds(),
        "books": _books(),
        "assumptions": _assumptions(),
        "responses": _table(("world", "what it assumes"), WORLD_PRESETS.items()),
        "retention": _retention(),
        "benchmarks": _benchmarks(),
        "plans": _plans(),
        "guide": _guide(),
        "roles": _roles(),
        "load": _load(),
        "growth": _growth(),
        "restart": _restart(),
    }


def _example() -> str:
    printed = io.StringIO()
    with redirect_stdout(printed):
        main(shlex.split(EXAMPLE)[3:])
    return f"```text\n$ {EXAMPLE}\n{printed.getvalue()}```"


def _worlds() -> str:
    """The example's question under each preset of the response to pay."""
    book, current, candidate = load_sample("midmarket"), plan_preset("current_80_20"), plan_preset("at_risk_70_30")
    rows = []
    for name in WORLD_PRESETS:
        stage = set_stage(book, current, world_preset(name))
        change = differences(simulate(stage, candidate), simulate(stage, current))
        kept = change["retained_arr"]
        low, high = money(kept.p5, signed=True), money(kept.p95, signed=True)
        cost = money(change["plan_cost"].mean, signed=True)
        rows.append((name, cost, money(kept.mean, signed=True), f"{low} to {high}"))
    return _table(("world", "plan cost", "retained ARR", "retained ARR, 90 % of trials"), rows)


def _books() -> str:
    rows = []
    for name in SAMPLES:
        book = load_sample(name)
        rows.append((f"`{name}`", f"{len(book):,}", f"{len(book.team):,}", money(float(book.arr.sum()))))
    return _table(("sample book", "accounts", "CSMs", "ARR"), rows)


def _assumptions() -> str:
    table = assumption_table()
    table["Name"] = "`" + table["Name"] + "`"
    return _table(table.columns, table.itertuples(index=False))


def _retention() -> str:
    rows, low = [], 0.0
    for band in RETENTION_BY_ACV:
        top = f"below {money(band.acv_below)}" if band.acv_below < float("inf") else f"{money(low)} and above"
        rows.append((top, percent(band.grr, 0), percent(band.nrr, 0)))
        low = band.acv_below
    return _table(("ACV", "GRR", "NRR"), rows)


def _benchmarks() -> str:
    head = ("figure", "value", "range", "unit", "source", "confidence", "where it enters")
    return _table(
        head,
        ((b.label, b.value, f"{b.low:g} to {b.high:g}", b.unit, b.source, b.confidence, b.where) for b in BENCHMARKS),
    )


def _plans() -> str:
    return _table(("preset", "plan"), ((f"`{name}`", plan_preset(name).description) for name in PLAN_PRESETS))


def _guide() -> str:
    """Each answer, the others as they are proposed for the middling sample book."""
    book = load_sample("midmarket")
    usual = proposed(float(book.arr.sum()), len(book.team))
    rows = []
    for number, question in enumerate(QUESTIONS):
        for option in question.options:
            reason = advise(usual | {question.key: option.key}).reasons[number]
            factors = ", ".join(f"`{name}` x {factor:g}" for name, factor in option.world)
            first = option == question.options[0]
            rows.append(
                (question.text if first else "", option.text, reason, factors, question.source if first else "")
            )
    return _table(("question", "answer", "what it does, and why", "assumptions", "source"), rows)


def _roles() -> str:
    table = role_table()
    columns = {
        "role": "role",
        "effort_moves": "effort moves",
        "paid_on": "paid on",
        "plan": "plan",
        "usual_range": "variable pay",
        "range_source": "source",
        "confidence": "confidence",
        "paid": "paid",
    }
    return _table(columns.values(), table[list(columns)].itertuples(index=False))


def _load() -> str:
    """What `make load` has measured."""
    head = ("sessions", "luck", "minutes", "moves", "p50, ms", "p95, ms", "worst, ms", "lost", "wrong")
    memory = ("one session, MB", "a further one, MB", "at the end, MB")
    rows = []
    for run in LOADED["runs"]:
        each = (run["opened"] - run["alone"]) / run["sessions"]
        figures = (run["moves"], run["p50"], run["p95"], run["worst"], run["lost"], run["wrong"], run["alone"])
        luck = "their own" if run["own_luck"] else "shared"
        numbers = (*(f"{figure:,.0f}" for figure in figures), f"{each:,.1f}", f"{run['end']:,.0f}")
        rows.append((str(run["sessions"]), luck, f"{run['seconds'] / 60:.0f}", *numbers))
    return f"Measured on {LOADED['machine']}.\n\n{_table((*head, *memory), rows)}"


def _growth() -> str:
    run = LOADED["growth"]
    return (
        f"Memory of {run['sessions']} sessions that moved a lever every three seconds for {run['seconds'] / 60:.0f} "
        f"minutes: {run['opened']:,.0f} MB when all were open, {run['end']:,.0f} MB at the end, "
        f"{run['growth']:+,.0f} MB an hour over the second half."
    )


def _restart() -> str:
    killed = LOADED["restart"]
    return (
        f"Of {killed['sessions']} sessions on a server that was killed and started again, {killed['back']} saw the "
        f"same figures from their address alone; the last of them {killed['seconds']:.0f} seconds after the start."
    )


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table. Dollars are escaped: two in a paragraph would be read as a formula."""
    lines = [tuple(header), *map(tuple, rows)]
    lines.insert(1, ("---",) * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines).replace("$", r"\$")


if __name__ == "__main__":
    now = generated_parts()
    for document in DOCUMENTS:
        document.write_text(filled(document.read_text(encoding="utf-8"), now), encoding="utf-8")
