"""Bring your own book: files in, columns matched, every row checked, and the book used once the user says so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import streamlit as st

from pages.parts import access, host, state, stored
from pages.parts.checked import goes_on_without, show_totals
from pages.parts.matching import match_columns
from pages.parts.problems import show_problems
from sim.book.history import History
from sim.book.intake.database import read_query
from sim.book.intake.gather import Gathered, Matched, gather
from sim.book.intake.mapfile import memory_to_toml, read_memory, remember
from sim.book.intake.mapping import Mapping, Proposal, propose, recognise
from sim.book.intake.sheet import Sheet
from sim.book.intake.source import read_sheets
from sim.book.intake.spellings import KINDS, KNOWN_HEADERS
from sim.book.schema import Book
from sim.problems import InputError, Problem
from sim.share.store.books import keep_book, kept_book

VIEW, IN_USE, BRING = "book_view", "In use", "Bring your own"
_FILES, _MEMORY, _CHECKED = "import_files", "import_memory", "import_checked"
LEAVE_OUT = "leave out"
MOST_FILES = 10


@dataclass(frozen=True, eq=False)
class _Files:
    """What was uploaded, by the upload's id, and what could not be read of it."""

    sheets: dict[str, list[Sheet]]
    problems: tuple[Problem, ...]

    def all(self) -> list[Sheet]:
        """Every sheet under a name of its own."""
        named: dict[str, Sheet] = {}
        for sheet in (sheet for sheets in self.sheets.values() for sheet in sheets):
            name, number = sheet.file, 2
            while name in named:
                name, number = f"{sheet.file} ({number})", number + 1
            named[name] = replace(sheet, file=name)
        return list(named.values())


def draw() -> None:
    """The steps, one below the other; each appears when the one before it has been taken."""
    files = _files()
    if files.problems:
        show_problems("Not read:", InputError(files.problems))
    sheets = files.all()
    _saved_matching()
    if not sheets:
        _kept()
        return
    st.markdown("#### 2. Say what each column is")
    matched = [found for sheet in sheets if (found := _matched(sheet)) is not None]
    st.markdown("#### 3. Check every row")
    ote, as_of = _choices({file.mapping.kind for file in matched})
    asked = (tuple((id(file.sheet.cells), file.mapping) for file in matched), ote, as_of)
    if st.button("Check", type="primary", key="import_check", disabled=not matched):
        st.session_state[_CHECKED] = (asked, _check(matched, ote, as_of))
    if _CHECKED not in st.session_state:
        return
    of, outcome = st.session_state[_CHECKED]
    if of != asked:
        st.info("Something has changed since the last check. Check again.")
    elif isinstance(outcome, InputError):
        show_problems("These files do not make a book yet:", outcome)
    else:
        _outcome(matched, outcome)


# --- 1. files --------------------------------------------------------------------------------------------------


def _files() -> _Files:
    """Parsed at once and kept: an upload is lost when the page is left."""
    st.markdown("#### 1. Choose your files")
    uploads = st.file_uploader(
        "The accounts, and if you have them the team, the history and the subscriptions",
        accept_multiple_files=True,
        key="book_files",
        help="CSV, XLSX or Parquet as your CRM exports it, in any order, with any headers; up to 200 MB and "
        "1,000,000 rows each. A workbook may hold several tables. Files stay in this session.",
    )
    held: _Files = st.session_state.get(_FILES, _Files({}, ()))
    database = {name: sheets for name, sheets in held.sheets.items() if name.startswith("database")}
    if uploads and set(held.sheets) - set(database) != {upload.file_id for upload in uploads}:
        problems: list[Problem] = []
        parsed = dict(database)
        bar = st.progress(0.0, "Reading")
        for upload in uploads[:MOST_FILES]:
            try:
                parsed[upload.file_id] = held.sheets.get(upload.file_id) or read_sheets(
                    upload, upload.name[-80:], KNOWN_HEADERS, bar.progress
                )
            except InputError as error:
                parsed[upload.file_id] = []
                problems.extend(error.problems)
        bar.empty()
        held = _Files(parsed, tuple(problems))
        st.session_state[_FILES] = held
    held = _from_database(held)
    if not uploads and held.sheets and st.button("Start over", key="import_over"):
        for key in (_FILES, _CHECKED):
            st.session_state.pop(key, None)
        st.rerun()
    return held


def _from_database(held: _Files) -> _Files:
    """The queries that whoever runs the app has named in its secrets."""
    settings = host.settings("database")
    queries = {kind: str(settings[kind]) for kind in KINDS if kind in settings}
    if not queries or "url" not in settings:
        return held
    if st.button(f"Read {', '.join(queries)} from the database", key="import_database"):
        problems: list[Problem] = []
        sheets = dict(held.sheets)
        bar = st.progress(0.0, "Reading")
        for kind, query in queries.items():
            try:
                sheets[f"database {kind}"] = [read_query(str(settings["url"]), query, f"{kind} query", bar.progress)]
            except InputError as error:
                problems.extend(error.problems)
        bar.empty()
        held = _Files(sheets, tuple(problems))
        st.session_state[_FILES] = held
    return held


# --- 2. columns ------------------------------------------------------------------------------------------------


def _memory() -> dict[str, Mapping]:
    held: dict[str, Mapping] = st.session_state.get(_MEMORY, {})
    return held


def _saved_matching() -> None:
    with st.expander("Matching saved earlier"):
        st.caption("This session remembers how columns were matched. For another day, keep it as a file.")
        file = st.file_uploader("mapping.toml", type="toml", key="mapping_file")
        if file is not None:
            try:
                st.session_state[_MEMORY] = _memory() | read_memory(file.getvalue(), file.name[-80:])
            except InputError as error:
                show_problems("Nothing was loaded:", error)
        memory = _memory()
        st.download_button(
            "Download the matching",
            data=lambda: memory_to_toml(memory),
            file_name="mapping.toml",
            mime="application/toml",
            on_click="ignore",
            disabled=not memory,
        )


def _matched(sheet: Sheet) -> Matched | None:
    remembered = _memory().get(sheet.header_digest)
    guess = remembered.kind if remembered is not None else recognise(sheet)
    kinds = [*KINDS, LEAVE_OUT]
    with st.container(border=True):
        left, right = st.columns([2, 1], vertical_alignment="center")
        with left:
            st.text(f"{sheet.file}: {len(sheet):,} row{'s' if len(sheet) > 1 else ''}, {len(sheet.labels)} columns")
        kind = right.selectbox(
            "What it holds",
            kinds,
            index=kinds.index(guess or "accounts"),
            key=f"kind.{sheet.file}.{sheet.header_digest[:16]}",
            label_visibility="collapsed",
            help="Recognised by its header.",
        )
        for note in sheet.notes:
            st.text(note)
        if kind == LEAVE_OUT:
            return None
        proposal = propose(sheet, kind)
        if remembered is not None and remembered.kind == kind:
            proposal = Proposal(remembered, {})
        return Matched(sheet, match_columns(sheet, proposal))


# --- 3. rows ---------------------------------------------------------------------------------------------------


def _choices(kinds: set[str]) -> tuple[float | None, date | None]:
    """On-target earnings of a team that is made, and the first month."""
    ote = None
    if "team" not in kinds and st.checkbox(
        "There is no file of the team: make one from the CSMs of the accounts",
        key="import_make_team",
        help="One CSM for each name, all at average skill and on one level.",
    ):
        ote = float(
            st.number_input(
                "On-target earnings of each, USD a year", 1, 10_000_000, 120_000, 5_000, key="import_ote", width=300
            )
        )
    as_of = st.date_input(
        "First month simulated",
        value=None,
        key="import_as_of",
        width=300,
        help="Any day of it. Empty: the month of the earliest renewal. Earlier renewals are refused.",
    )
    return ote, as_of


def _check(matched: list[Matched], ote: float | None, as_of: date | None) -> Gathered | InputError:
    bar = st.progress(0.0, "Checking")
    try:
        return gather(matched, ote=ote, as_of=as_of, progress=bar.progress)
    except InputError as error:
        return error
    finally:
        bar.empty()


def _outcome(matched: list[Matched], outcome: Gathered) -> None:
    result = outcome.result
    for note in outcome.notes:
        st.text(note)
    show_totals(outcome.counts)
    if result.problems:
        show_problems("Nothing can be used until this is solved:", InputError(result.problems))
    go_on = goes_on_without(matched, outcome) if result.bad else True
    if result.book is None:
        return
    keep = st.checkbox(
        "Keep a copy on this server, under the hash of its content",
        key="import_keep",
        help=f"Accounts, team and history, for those of your organisation who have the hash: {result.book.digest}",
    )
    st.button(
        "Use this book",
        type="primary",
        disabled=not go_on,
        key="import_use",
        on_click=_use,
        args=(matched, outcome, keep),
        help=None if go_on else "Say first that the refused rows stay out, or correct them and load the file again.",
    )


def _use(matched: list[Matched], outcome: Gathered, keep: bool) -> None:
    book = outcome.result.book
    if book is None:
        return
    if keep:
        try:
            keep_book(stored.store(), stored.member(), book, outcome.history)
        except InputError as error:
            st.session_state[_CHECKED] = (st.session_state[_CHECKED][0], error)
            return
    memory = _memory()
    for file in matched:
        memory = remember(memory, file.sheet.header_digest, file.mapping)
    st.session_state[_MEMORY] = memory
    _put_to_use(book, outcome.history)


def _put_to_use(book: Book, history: History | None) -> None:
    if not access.may("bring"):
        raise access.Withheld("Nobody but planners and owners brings a book.")
    state.change(uploaded=book, history=history)
    for key in (_FILES, _CHECKED):
        st.session_state.pop(key, None)
    st.session_state[VIEW] = IN_USE


def _kept() -> None:
    """The way back to a book that was kept on the server."""
    with st.expander("Open a book kept on this server"):
        digest = st.text_input("Its hash, 64 digits", key="import_digest", max_chars=64)
        if st.button("Open", disabled=not digest, key="import_open"):
            try:
                kept = kept_book(stored.store(), stored.member(), digest.strip())
                _put_to_use(kept.book, kept.history)
            except InputError as error:
                show_problems("Not opened:", error)
            else:
                st.rerun()
