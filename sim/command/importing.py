"""`python -m sim import`: any export in, the simulator's two files out, or one sentence for each problem."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from sim.book.columns import Column
from sim.book.faults import refusal
from sim.book.intake.gather import Gathered, Matched, gather
from sim.book.intake.importing import Count, refused_rows
from sim.book.intake.mapfile import memory_to_toml, read_memory, remember
from sim.book.intake.mapping import Mapping, Match, propose, recognise
from sim.book.intake.sheet import Sheet
from sim.book.intake.source import read_sheets
from sim.book.intake.spellings import KINDS, KNOWN_HEADERS
from sim.book.intake.tables import account_file, history_file, team_file
from sim.book.schema import Book
from sim.command.options import as_of
from sim.command.store import organisation_option
from sim.problems import InputError, Problem
from sim.share.tables import to_csv
from sim.words import exact_money

FILES = tuple(KINDS)
"""Kinds of file, each with an option of its own but for the first."""


def add_parser(commands: Any) -> None:
    parser: argparse.ArgumentParser = commands.add_parser(
        "import",
        help="make a book from the file that a CRM exports",
        description="Reads CSV, XLSX or Parquet under any headers, says what was matched with what, checks every row "
        "and writes accounts.csv and team.csv. Nothing is written when a problem is left.",
    )
    parser.add_argument("accounts", help="the accounts; a workbook may hold the other files as sheets")
    for kind in FILES[1:]:
        parser.add_argument(f"--{kind}", metavar="FILE", help=f"the file of the {kind}")
    parser.add_argument(
        "--map", action="append", default=[], metavar="HEADER=COLUMN", help="match a column; may be repeated"
    )
    parser.add_argument(
        "--fill",
        action="append",
        default=[],
        metavar="COLUMN=VALUE",
        help="one value for all rows; {row} is the row's number, {1..12} counts on; may be repeated",
    )
    parser.add_argument(
        "--monthly", action="append", default=[], metavar="COLUMN", help="this column holds a month's worth"
    )
    parser.add_argument("--map-file", metavar="FILE", help="mappings saved before, used where the header is the same")
    parser.add_argument("--save-map", metavar="FILE", help="save the mappings for the next file with the same header")
    parser.add_argument("--make-team", type=float, metavar="OTE", help="no team file: everybody has this OTE")
    parser.add_argument("--without-bad-rows", action="store_true", help="go on without the rows that are refused")
    parser.add_argument("--as-of", metavar="DATE", help="first month, as 2026-01-01; default: of the earliest renewal")
    parser.add_argument("--out", metavar="FOLDER", help="where accounts.csv, team.csv and the refused rows go")
    parser.add_argument(
        "--store", metavar="URL", help="keep the book in this store under the hash of its content: sqlite:///path"
    )
    organisation_option(parser)
    parser.add_argument("--json", action="store_true", help="print JSON instead of sentences")


def answer(options: argparse.Namespace) -> str:
    """The report. Raises InputError with every problem; nothing but refused rows is written then."""
    memory = read_memory(Path(options.map_file)) if options.map_file else {}
    files = _matched(_sheets(options), memory, options)
    gathered = gather(files, ote=options.make_team, as_of=as_of(options.as_of), name=Path(options.accounts).stem)
    result = gathered.result
    if result.bad and options.out:
        _write_refused(files, gathered, Path(options.out))
    if result.book is None or (result.bad and not options.without_bad_rows):
        advice = "leave them out with --without-bad-rows, or correct them"
        total = Problem("refused rows", "", f"{' '.join(map(_sentence, gathered.counts))} {advice}")
        raise InputError([*result.problems, *refusal(result.bad).problems, *([total] if result.bad else [])])
    report = _report(files, gathered)
    if options.store:
        report["stored"] = _keep(gathered, result.book, options)
    if options.out:
        folder = Path(options.out)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "accounts.csv").write_bytes(to_csv(account_file(result.book)))
        (folder / "team.csv").write_bytes(to_csv(team_file(result.book)))
        if gathered.history is not None:
            (folder / "history.csv").write_bytes(to_csv(history_file(gathered.history)))
    if options.save_map:
        for file in files:
            memory = remember(memory, file.sheet.header_digest, file.mapping)
        Path(options.save_map).write_text(memory_to_toml(memory), encoding="utf-8")
    return json.dumps(report, indent=2) if options.json else _written(report)


def _keep(gathered: Gathered, book: Book, options: argparse.Namespace) -> str:
    # Late: other runs need no database.
    from sim.share.store.books import keep_book
    from sim.share.store.store import Member, close_store, open_store

    member = Member(options.organisation, "command line")
    store = open_store(options.store)
    try:
        return keep_book(store, member, book, gathered.history)
    finally:
        close_store(store)


def _sheets(options: argparse.Namespace) -> list[tuple[str | None, Sheet]]:
    """Every sheet of every file, with its kind where an option says it."""
    problems: list[Problem] = []
    found: list[tuple[str | None, Sheet]] = []
    for kind, path in (("accounts", options.accounts), *((kind, getattr(options, kind)) for kind in FILES[1:])):
        if path is None:
            continue
        try:
            sheets = read_sheets(path, Path(path).name, KNOWN_HEADERS)
        except InputError as error:
            problems.extend(error.problems)
            continue
        found.extend((kind if len(sheets) == 1 else None, sheet) for sheet in sheets)
    if problems:
        raise InputError(problems)
    names = [sheet.file for _, sheet in found]
    return [
        (kind, sheet if names.count(sheet.file) == 1 else replace(sheet, file=f"{sheet.file} ({place})"))
        for place, (kind, sheet) in enumerate(found, start=1)
    ]


def _matched(
    sheets: list[tuple[str | None, Sheet]], memory: dict[str, Mapping], options: argparse.Namespace
) -> list[Matched]:
    """A mapping for each sheet: remembered or proposed, and then as the options say."""
    files = []
    for kind, sheet in sheets:
        known = memory.get(sheet.header_digest)
        kind = known.kind if known else kind or recognise(sheet)
        if kind is not None:
            files.append(Matched(sheet, known or propose(sheet, kind).mapping))
    for text in options.map:
        header, _, column = (part.strip() for part in text.rpartition("="))
        files = _with(files, Match(column, header=header), "--map", text)
    for text in options.fill:
        column, _, value = (part.strip() for part in text.partition("="))
        files = _with(files, Match(column, constant=value), "--fill", text)
    for column in options.monthly:
        files = _with(files, Match(column, monthly=True), "--monthly", column)
    return files


def _with(files: list[Matched], match: Match, option: str, text: str) -> list[Matched]:
    """The files with this match in the first one that it fits. Raises InputError when it fits none."""
    for place, file in enumerate(files):
        columns: tuple[Column, ...] = KINDS[file.mapping.kind]
        if match.column not in [column.name for column in columns]:
            continue
        if match.header and match.header not in file.sheet.labels:
            continue
        before = file.mapping.match(match.column)
        new = match
        if option == "--monthly":
            if before is None:
                continue
            new = replace(before, monthly=True)
        others = tuple(
            known
            for known in file.mapping.matches
            if known.column != new.column and not (new.header and known.header == new.header)
        )
        changed = Matched(file.sheet, Mapping(file.mapping.kind, (*others, new)))
        return [*files[:place], changed, *files[place + 1 :]]
    rule = {
        "--map": "must be HEADER=COLUMN, a header of one of the files and a column of the simulator",
        "--fill": "must be COLUMN=VALUE, a column of the simulator and a value for all rows",
        "--monthly": "must be a column of the simulator that is matched",
    }[option]
    raise InputError([Problem(option, text, rule)])


def _write_refused(files: list[Matched], gathered: Gathered, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        table = refused_rows(file.sheet, gathered.result.bad)
        if len(table):
            (folder / f"refused_{file.mapping.kind}.csv").write_bytes(to_csv(table))


def _report(files: list[Matched], gathered: Gathered) -> dict[str, Any]:
    result = gathered.result
    assert result.book is not None
    return {
        "book": result.book.digest,
        "as_of": result.book.as_of.isoformat(),
        "accounts": asdict(result.accounts),
        "team": asdict(result.team),
        "counts": [asdict(count) for count in gathered.counts],
        "notes": list(gathered.notes),
        "matches": {
            file.sheet.file: {
                match.column: {name: value for name, value in asdict(match).items() if name != "column" and value}
                for match in file.mapping.matches
            }
            for file in files
        },
    }


def _written(report: dict[str, Any]) -> str:
    lines = []
    for file, matches in report["matches"].items():
        lines.append(f"{file}:")
        for column, source in matches.items():
            taken = f"'{source['header']}'" if "header" in source else f"{source['constant']} in all rows"
            lines.append(f"  {column:24} {taken}{' x 12' if source.get('monthly') else ''}")
    lines.extend(report["notes"])
    lines.extend(_sentence(Count(**count)) for count in report["counts"])
    lines.append(f"Book {report['book']}, first month {report['as_of'][:7]}.")
    if "stored" in report:
        lines.append("Kept in the store under this hash.")
    return "\n".join(lines)


def _sentence(count: Count) -> str:
    """Rows and ARR before and after; they add up."""
    text = f"{count.file}: {count.read:,} rows read = {count.kept:,} kept + {count.refused:,} refused"
    if count.read_cents or count.unread:
        read, kept, refused = map(exact_money, (count.read_cents, count.kept_cents, count.refused_cents))
        text += f"; ARR {read} read = {kept} kept + {refused} refused"
    if count.unread:
        text += f", and {count.unread:,} refused without a readable ARR"
    return text + "."
