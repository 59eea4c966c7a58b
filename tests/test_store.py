"""The store: what is saved comes back as it was, to whom it may, on SQLite and on a real PostgreSQL server."""

from __future__ import annotations

import gzip
import hashlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import given, settings
from hypothesis import strategies as st
from postgres_server import postgres_server
from saver import PAIRS, REPORT
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from sim.__main__ import main
from sim.book.history import read_history
from sim.book.samples import SAMPLE_DATA, load_sample
from sim.decide.headline import Headline
from sim.engine.run import MODEL_VERSION
from sim.problems import InputError
from sim.share.audience import AUDIENCES
from sim.share.store import backup as backups
from sim.share.store.audit import exported, trail
from sim.share.store.books import delete_book, keep_book, kept_book, list_books
from sim.share.store.comments import comment, comments, delete_comment
from sim.share.store.decisions import Figure, decide, decisions
from sim.share.store.drafts import draft, keep_draft
from sim.share.store.retention import Expired, expire
from sim.share.store.scenarios import delete_scenario, lineage, list_scenarios, open_scenario, save_scenario
from sim.share.store.shares import list_shares, open_share, revoke, share
from sim.share.store.store import Member, Store, close_store, open_store, reading, writing
from sim.share.store.tables import decisions as decision_table
from sim.share.store.tables import metadata, scenarios, shares
from sim.share.store.upgrade import VERSION_TABLE

ROOT = Path(__file__).parents[1]
NUMBER = count()
ADA, BOB = Member("acme", "Ada"), Member("rival", "Bob")


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with postgres_server() as server:
        yield server.address


OPENED: list[Store] = []


@pytest.fixture(scope="module", autouse=True)
def closed_in_the_end() -> Iterator[None]:
    yield
    while OPENED:
        close_store(OPENED.pop())


def opened(url: str) -> Store:
    OPENED.append(open_store(url))
    return OPENED[-1]


def empty_url(kind: str, request: pytest.FixtureRequest, folder: Path) -> str:
    """Of a database in which nothing is yet."""
    if kind == "sqlite":
        return f"sqlite:///{folder / f'{next(NUMBER)}.sqlite'}"
    address: str = request.getfixturevalue("postgres")
    name = f"empty{next(NUMBER)}"
    with closing(opened(address).engine.raw_connection()) as raw:
        raw.driver_connection.autocommit = True  # type: ignore[union-attr]
        raw.cursor().execute(f"create database {name}")
    return address.replace("/postgres", f"/{name}")


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return empty_url(request.param, request, tmp_path)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """One for all tests that look only at what they have saved themselves."""
    return opened(empty_url(request.param, request, tmp_path_factory.mktemp("store")))


def save(store: Store, member: Member = ADA, title: str = "70/30?", **more: str | None) -> str:
    return save_scenario(store, member, title=title, pairs=PAIRS, report=REPORT, **more)  # type: ignore[arg-type]


FIGURE = Headline("Plan cost", "What it is.", "$1.0M", "$0.9M", "+$100k", "+80k to +120k", "$2k", "bad", True)


def log(store: Store, member: Member = ADA, title: str = "70/30", text: str = "why", **more: str) -> str:
    return decide(store, member, title=title, text=text, figures=[FIGURE], **more)


def refusal(call: object, *arguments: object, **named: object) -> str:
    with pytest.raises(InputError) as caught:
        call(*arguments, **named)  # type: ignore[operator]
    return str(caught.value)


def test_migrations_make_the_tables_whoever_comes_first(url: str) -> None:
    opening = "import sys; from sim.share.store.store import open_store; open_store(sys.argv[1])"
    processes = [subprocess.Popen([sys.executable, "-c", opening, url], cwd=ROOT) for _ in range(3)]
    assert [process.wait(timeout=120) for process in processes] == [0, 0, 0]
    store = opened(url)
    with reading(store) as connection:
        migrated = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, "compare_type": True})
        assert compare_metadata(migrated, metadata) == []


def test_a_scenario_comes_back_as_it_was_and_names_its_parent(store: Store) -> None:
    digest = load_sample("startup").digest
    parent = save(store, book_digest=digest)
    child = save(store, title="80/20", note="after the meeting", parent_id=parent)
    found = open_scenario(store, ADA, child)
    assert (found.title, found.note, found.author, found.parent_id) == ("80/20", "after the meeting", "Ada", parent)
    assert found.pairs == PAIRS
    assert found.results == {name: value for name, value in REPORT.items() if name != "csms"} | {"people": 1}
    assert found.model_version == "1.1" and found.created_at.tzinfo is not None
    assert [one.id for one in lineage(store, ADA, child)] == [child, parent]
    assert [one.id for one in list_scenarios(store, ADA)][:2] == [child, parent]
    assert [one.book_digest for one in list_scenarios(store, ADA)][:2] == [None, digest]
    delete_scenario(store, ADA, parent)
    assert [one.id for one in lineage(store, ADA, child)] == [child]
    assert lineage(store, ADA, child)[0].parent_id == parent
    assert "is not there" in refusal(save, store, parent_id=parent)


def test_a_scenario_never_changes(store: Store) -> None:
    saved = save(store)
    with pytest.raises(DBAPIError, match="immutable"), store.engine.begin() as connection:
        connection.execute(update(scenarios).values(title="other"))
    assert open_scenario(store, ADA, saved).title == "70/30?"


def test_a_decision_is_kept_with_the_figures_that_it_was_based_on(store: Store) -> None:
    member = Member("deciders", "Ada")
    saved = save(store, member)
    first = log(store, member, scenario_id=saved)
    second = log(store, member, title="=1+1", text="no\nmore")
    found = decisions(store, member)
    assert [one.id for one in found] == [second, first]
    assert (found[0].title, found[0].text, found[0].author, found[0].scenario_id) == ("=1+1", "no\nmore", "Ada", None)
    assert found[1].scenario_id == saved and found[1].model_version == MODEL_VERSION
    assert found[1].figures == (Figure("Plan cost", "$1.0M", "$0.9M", "+$100k", "+80k to +120k"),)
    assert found[1].created_at.tzinfo is not None
    assert [(line.action, line.what) for line in trail(store, member, first)] == [("decided", first)]
    delete_scenario(store, member, saved)
    assert decisions(store, member)[1].scenario_id == saved  # what it was based on stays true
    with pytest.raises(DBAPIError, match="immutable"), store.engine.begin() as connection:
        connection.execute(update(decision_table).values(title="other"))


def test_a_draft_is_what_its_author_left_last(store: Store) -> None:
    left = [Member("drafters", "Ada"), Member("drafters", "Bob"), Member("others", "Ada")]
    assert draft(store, left[0], "journey") is None
    for number, member in enumerate(left):
        keep_draft(store, member, "journey", "before")
        keep_draft(store, member, "journey", f"{number} 👩🏽‍💻")
        keep_draft(store, member, "crew", "other")
    assert [draft(store, member, "journey") for member in left] == [f"{number} 👩🏽‍💻" for number in range(3)]
    assert "at most 500,000 characters" in refusal(keep_draft, store, left[0], "journey", "x" * 500_001)
    assert draft(store, left[0], "journey") == "0 👩🏽‍💻"
    for member in left:
        keep_draft(store, member, "actuals", "of a book", "a" * 64)
    delete_book(store, left[1], "a" * 64)
    assert [draft(store, member, "actuals") for member in left] == [None, None, "of a book"]
    assert draft(store, left[0], "journey") == "0 👩🏽‍💻"


def test_a_decision_that_cannot_be_kept_gets_a_sentence_each(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    member = Member("undecided", "Ada")
    assert refusal(log, store, member, title=" ", text="").splitlines() == [
        "title: must not be empty.",
        "decision: must not be empty.",
    ]
    assert "at most 4,000 characters" in refusal(log, store, member, text="x" * 4_001)
    assert "is not there" in refusal(log, store, member, scenario_id="x" * 32)
    assert decisions(store, member) == [] == trail(store, member)
    monkeypatch.setattr("sim.share.store.decisions.MOST_DECISIONS", 1)
    log(store, member)
    assert "one too many" in refusal(log, store, member)


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
HOSTILE = st.sampled_from(
    ["=cmd|' /C calc'!A0", "<script>alert(1)</script>", "'; drop table audit; --", "👩🏽‍💻", "\u202eDCBA", "\r\n"]
)


@settings(max_examples=15, deadline=None)
@given(
    title=TEXTS.filter(str.strip) | HOSTILE.filter(str.strip),
    note=TEXTS | HOSTILE,
    pairs=st.lists(st.tuples(TEXTS, TEXTS), max_size=2),
)
def test_any_text_comes_back_as_it_was(store: Store, title: str, note: str, pairs: list[tuple[str, str]]) -> None:
    member = Member("texts", title)
    saved = save_scenario(store, member, title=title, note=note, pairs=tuple(pairs), report=REPORT)
    comment(store, member, saved, "prefer", note)
    found = open_scenario(store, member, saved)
    assert (found.title, found.note, found.author, found.pairs) == (title, note, title, tuple(pairs))
    assert [(said.author, said.stance, said.text) for said in comments(store, member, saved)] == [
        (title, "prefer", note)
    ]


def test_texts_that_cannot_be_kept_get_a_sentence_each(store: Store) -> None:
    before = len(list_scenarios(store, ADA))
    said = refusal(save, store, title=" ", note="a\0b").splitlines()
    assert said == ["title: must not be empty.", "note: holds a character that cannot be stored; type it again."]
    assert "at most 200 characters (it has 201)" in refusal(save, store, title="x" * 201)
    assert "cannot be stored" in refusal(save, store, title="\ud800")
    assert "does not fit into a link" in refusal(
        save_scenario, store, ADA, title="T", pairs=(("plan", "x" * 6_001),), report=REPORT
    )
    assert "your name: must not be empty" in refusal(Member, "acme", "")
    assert len(list_scenarios(store, ADA)) == before
    saved = save(store)
    assert "must not be empty" in refusal(comment, store, ADA, saved, "none", "")
    assert "must be one of prefer, concern, none" in refusal(comment, store, ADA, saved, "veto", "x")
    assert "at most 2,000" in refusal(comment, store, ADA, saved, "concern", "x" * 2_001)
    assert "must be one of summary, team, full" in refusal(share, store, ADA, saved, "everything")
    assert comments(store, ADA, saved) == [] and list_shares(store, ADA, saved) == []


def test_each_link_has_its_own_audience_and_can_be_withdrawn(store: Store) -> None:
    saved = save(store)
    tokens = {audience: share(store, ADA, saved, audience) for audience in AUDIENCES}
    assert len({*tokens.values(), saved}) == 4
    for audience, token in tokens.items():
        opened = open_share(store, ADA, token)
        assert (opened.audience, opened.scenario.id) == (audience, saved)
        assert not [other for other in tokens.values() if other in repr(opened)]
    with reading(store) as connection:
        kept = repr(connection.execute(select(shares)).all())
    assert not [token for token in tokens.values() if token in kept]
    known = {made.audience: made.key for made in list_shares(store, ADA, saved)}
    revoke(store, ADA, known["team"])
    said = refusal(open_share, store, ADA, tokens["team"])
    for token in ("", "x" * 32, "x" * 1_000_000, known["full"], saved, "\0", "' or 1=1 --"):
        assert refusal(open_share, store, ADA, token) == said
    assert open_share(store, ADA, tokens["summary"]).audience == "summary"
    assert [made.revoked_at is None for made in list_shares(store, ADA, saved)] == [True, False, True]


def test_nothing_of_another_organisation_is_seen_or_changed(store: Store) -> None:
    book = load_sample("startup")
    saved = save(store, book_digest=book.digest)
    token = share(store, ADA, saved, "summary")
    (made,) = list_shares(store, ADA, saved)
    keep_book(store, ADA, book)
    log(store, scenario_id=saved)
    for call, *arguments in (
        (open_scenario, saved),
        (lineage, saved),
        (delete_scenario, saved),
        (share, saved, "full"),
        (list_shares, saved),
        (open_share, token),
        (revoke, made.key),
        (comment, saved, "prefer"),
        (comments, saved),
        (kept_book, book.digest),
        (delete_book, book.digest),
    ):
        assert (
            "not there" in (said := refusal(call, store, BOB, *arguments))
            or "not in the store" in said
            or ("opens nothing" in said)
        )
    assert "is not there" in refusal(save, store, BOB, parent_id=saved)
    assert "is not there" in refusal(log, store, BOB, scenario_id=saved)
    assert (list_scenarios(store, BOB), list_books(store, BOB), decisions(store, BOB), trail(store, BOB)) == (
        [],
        [],
        [],
        [],
    )
    assert open_share(store, ADA, token).scenario.id == saved
    assert kept_book(store, ADA, book.digest).book.digest == book.digest
    delete_book(store, ADA, book.digest)


def test_the_trail_says_who_did_what_with_identifiers_only(store: Store) -> None:
    member = Member("trail", "Ada")
    book = load_sample("startup")
    saved = save(store, member, title="Secret title", book_digest=book.digest)
    token = share(store, member, saved, "team")
    open_share(store, member, token)
    open_scenario(store, member, saved)
    comment(store, member, saved, "concern", "Secret text")
    exported(store, member, saved, "team")
    revoke(store, member, list_shares(store, member, saved)[0].key)
    keep_book(store, member, book)
    kept_book(store, member, book.digest)
    delete_book(store, member, book.digest)
    lines = [(line.action, line.what, line.audience) for line in reversed(trail(store, member))]
    assert lines == [
        ("saved", saved, None),
        ("shared", saved, "team"),
        ("opened", saved, "team"),
        ("opened", saved, None),
        ("commented", saved, None),
        ("exported", saved, "team"),
        ("revoked", saved, "team"),
        ("saved", book.digest, None),
        ("opened", book.digest, None),
        ("deleted", book.digest, None),
        ("deleted", saved, None),
    ]
    assert {line.who for line in trail(store, member)} == {"Ada"}
    assert [line.action for line in trail(store, member, book.digest)] == ["deleted", "opened", "saved"]


def test_a_comment_is_deleted_by_its_author_or_an_owner_and_the_trail_says_so(store: Store) -> None:
    member, other = Member("meeting", "Ada"), Member("meeting", "Zeb")
    saved, second = save(store, member), save(store, member)
    for who, stance in ((member, "prefer"), (other, "concern"), (member, "concern")):
        comment(store, who, saved, stance, f"{who.name} says {stance}")  # type: ignore[arg-type]
    first, theirs, last = comments(store, member, saved)
    assert "is not there" in refusal(delete_comment, store, BOB, saved, first.number)
    assert "is not there" in refusal(delete_comment, store, BOB, saved, first.number, of_anybody=True)
    assert "is somebody else's" in refusal(delete_comment, store, other, saved, first.number)
    assert "deleted already" in refusal(delete_comment, store, member, second, first.number)
    assert comments(store, member, saved) == [first, theirs, last]
    before = len(trail(store, member))
    delete_comment(store, member, saved, last.number)
    delete_comment(store, member, saved, theirs.number, of_anybody=True)
    assert "deleted already" in refusal(delete_comment, store, member, saved, last.number)
    assert comments(store, other, saved) == [first]
    lines = trail(store, member)[: len(trail(store, member)) - before]
    assert [(line.who, line.action, line.what) for line in lines] == [("Ada", "comment deleted", saved)] * 2


def test_a_kept_book_comes_back_with_its_history(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    book = load_sample("startup")
    history = read_history(SAMPLE_DATA / "startup" / "history.csv")
    assert keep_book(store, ADA, book) == book.digest
    assert kept_book(store, ADA, book.digest).history is None
    keep_book(store, ADA, book, history)
    keep_book(store, ADA, book)
    kept = kept_book(store, ADA, book.digest)
    assert kept.history is not None
    assert (kept.book.digest, kept.book.name, kept.book.as_of) == (book.digest, book.name, book.as_of)
    assert (kept.history.digest, kept.history.name) == (history.digest, history.name)
    assert not kept.book.arr.flags.writeable and not kept.history.arr_change.flags.writeable
    (listed,) = list_books(store, ADA)
    assert listed.has_history and listed.last_used_at >= listed.created_at
    assert "hexadecimal" in refusal(kept_book, store, ADA, "../x")
    assert "is not in the store" in refusal(kept_book, store, ADA, "f" * 64)
    monkeypatch.setattr("sim.share.store.books.MOST_BOOKS", 1)
    assert "as many as may be kept" in refusal(keep_book, store, ADA, load_sample("midmarket"))
    for damaged in ("book", "history"):
        with writing(store) as connection:
            connection.execute(text(f"update books set {damaged} = :x"), {"x": b"PAR1 nothing"})
        assert "was damaged or changed" in refusal(kept_book, store, ADA, book.digest)
    delete_book(store, ADA, book.digest)
    assert "nor is anything made from it" in refusal(delete_book, store, ADA, book.digest)


def test_a_deleted_book_leaves_no_byte_behind(tmp_path: Path) -> None:
    """Neither in the file nor in its log, while another connection is open."""
    store = opened(f"sqlite:///{tmp_path / 'one.sqlite'}")
    names = tuple(hashlib.sha256(f"{number}".encode()).hexdigest() for number in range(150))
    book = replace(load_sample("startup"), account_name=names)
    with closing(store.engine.raw_connection()):
        keep_book(store, ADA, book)
        saved = save(store, title="SECRET-TITLE", book_digest=book.digest)
        share(store, ADA, saved, "full")
        comment(store, ADA, saved, "none", "SECRET-TEXT")
        comment(store, ADA, saved, "none", "SECRET-SLIP")
        log(store, text="SECRET-WHY", book_digest=book.digest)

        def on_disk() -> bytes:
            return b"".join(path.read_bytes() for path in tmp_path.iterdir())

        # Pieces: a name may lie across two pages, and Parquet writes what repeats only once.
        pieces = [name.encode()[start : start + 16] for name in names for start in range(0, 64, 16)]
        secrets = [*pieces, b"SECRET-TITLE", b"SECRET-TEXT", b"SECRET-WHY", b"Ada"]
        before = on_disk()
        assert sum(secret in before for secret in secrets) > len(pieces) / 2
        assert b"SECRET-SLIP" in before
        delete_comment(store, ADA, saved, comments(store, ADA, saved)[1].number)
        assert b"SECRET-SLIP" not in on_disk()
        delete_book(store, ADA, book.digest)
        left = on_disk()
    assert [secret for secret in secrets if secret in left] == [b"Ada"]  # whom the trail names
    with reading(store) as connection:
        assert {
            name: connection.execute(select(table)).all() for name, table in metadata.tables.items() if name != "audit"
        } == {"scenarios": [], "shares": [], "books": [], "comments": [], "decisions": [], "drafts": []}


def test_what_nobody_touches_expires(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = opened(url)
    book, other = load_sample("startup"), load_sample("midmarket")
    old = datetime.now(UTC) - timedelta(days=40)
    monkeypatch.setattr("sim.share.store.audit.now", lambda: old)
    gone, used = save(store, book_digest=book.digest), save(store, book_digest=other.digest)
    keep_book(store, ADA, book)
    keep_book(store, ADA, other)
    log(store, title="long ago")
    monkeypatch.setattr("sim.share.store.drafts.now", lambda: old)
    keep_draft(store, ADA, "journey", "long ago")
    monkeypatch.undo()
    keep_draft(store, ADA, "crew", "now")
    log(store, title="now")
    open_scenario(store, ADA, used)
    assert "must be from 1 to" in refusal(expire, store, 0)
    assert expire(store, 60) == Expired(0, 0, 0, 0)
    assert expire(store, 30) == Expired(1, 1, 1, 1)
    assert [one.id for one in list_scenarios(store, ADA)] == [used]
    assert [one.title for one in decisions(store, ADA)] == ["now"]
    assert (draft(store, ADA, "journey"), draft(store, ADA, "crew")) == (None, "now")
    assert [one.digest for one in list_books(store, ADA)] == [other.digest]  # the scenario that is left needs it
    assert next((line.action, line.who) for line in trail(store, ADA, gone)) == ("expired", "retention period")


def test_a_clock_set_back_changes_no_order(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    member = Member("clock", "Ada")
    first = save(store, member)
    for module in ("scenarios", "audit", "shares", "comments"):
        monkeypatch.setattr(f"sim.share.store.{module}.now", lambda: datetime(1999, 1, 1, tzinfo=UTC))
    second = save(store, member, parent_id=first)
    assert open_share(store, member, share(store, member, second, "full")).scenario.id == second
    assert [one.id for one in list_scenarios(store, member)] == [second, first]
    assert [line.action for line in trail(store, member)] == ["opened", "shared", "saved", "saved"]


def test_a_backup_goes_from_one_database_to_the_other_and_back(
    tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    urls = [empty_url(kind, request, tmp_path) for kind in ("sqlite", "postgres", "sqlite")]
    first, second, third = map(opened, urls)
    book = load_sample("startup")
    keep_book(first, ADA, book, read_history(SAMPLE_DATA / "startup" / "history.csv"))
    saved = save(first, title="👩🏽‍💻", book_digest=book.digest)
    token = share(first, ADA, saved, "team")
    revoke(first, ADA, list_shares(first, ADA, save_and_share(first))[0].key)
    comment(first, BOB_OF_ACME, saved, "concern", "=1+1")
    log(first, scenario_id=saved, book_digest=book.digest)
    keep_draft(first, ADA, "journey", "{}")
    assert main(["store", "backup", str(tmp_path / "1"), "--store", urls[0]]) == 0
    assert main(["store", "restore", str(tmp_path / "1"), "--store", urls[1]]) == 0
    assert main(["store", "backup", str(tmp_path / "2"), "--store", urls[1]]) == 0
    assert main(["store", "restore", str(tmp_path / "2"), "--store", urls[2]]) == 0
    printed = capsys.readouterr().out
    assert printed.count("1 books, 1 decisions, 1 drafts, 2 scenarios, 1 comments, 2 shares") == 4
    digests = set()
    for store in (first, second, third):
        with reading(store) as connection:
            digests.add(backups._digest(connection))
        assert open_share(store, ADA, token).scenario.title == "👩🏽‍💻"
        assert kept_book(store, ADA, book.digest).book.digest == book.digest
        save(store)  # numbers go on
    assert len(digests) == 1
    assert (tmp_path / "1").stat().st_mode & 0o77 == 0

    # All or nothing.
    before = len(list_scenarios(second, ADA))
    assert main(["store", "restore", str(tmp_path / "1"), "--store", urls[1]]) == 2
    assert "store: is not empty; say --replace" in capsys.readouterr().err
    assert main(["store", "backup", str(tmp_path / "1"), "--store", urls[1]]) == 2
    assert "is there already" in capsys.readouterr().err
    whole = (tmp_path / "1").read_bytes()
    plain = gzip.decompress(whole)
    assert plain.count("👩🏽‍💻".encode()) == 1
    for damaged, said in (
        (b"", "is not a backup"),
        (gzip.compress(b""), "is not a backup"),
        (b"SQLite format 3\0", "is not a backup"),
        (whole[:-9], "is not a backup"),
        (whole[:5_000] + b"\0" + whole[5_001:], "is not a backup"),
        (gzip.compress(plain[:-4096]), "is not a backup"),
        (gzip.compress(plain.replace("👩🏽‍💻".encode(), "👩🏽‍🔧".encode())), "was damaged or changed"),
    ):
        (tmp_path / "damaged").write_bytes(damaged)
        assert main(["store", "restore", "--replace", str(tmp_path / "damaged"), "--store", urls[1]]) == 2
        assert said in capsys.readouterr().err
        assert len(list_scenarios(second, ADA)) == before
    assert main(["store", "restore", "--replace", str(tmp_path / "1"), "--store", urls[1]]) == 0
    assert len(list_scenarios(second, ADA)) == before - 1
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".sqlite") == ["1", "2", "damaged"]


BOB_OF_ACME = Member("acme", "Bob")


def save_and_share(store: Store) -> str:
    saved = save(store)
    share(store, ADA, saved, "summary")
    return saved


def test_the_command_line_looks_after_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CS_COMP_STORE", f"sqlite:///{tmp_path / 'one.sqlite'}")
    store = opened(f"sqlite:///{tmp_path / 'one.sqlite'}")
    book = load_sample("startup")
    keep_book(store, ADA, book)
    assert main(["store", "expire", "--days", "30"]) == 0
    assert main(["store", "forget-book", book.digest]) == 2
    assert main(["store", "forget-book", book.digest, "--organisation", "acme"]) == 0
    assert main(["store", "status"]) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines() == [
        "Deleted: 0 scenarios, 0 books, 0 decisions, 0 drafts.",
        "Deleted the book and everything that was made from it.",
        "sqlite, schema 0003: 2 audit, 0 books, 0 decisions, 0 drafts, 0 scenarios, 0 comments, 0 shares.",
    ]
    assert "nor is anything made from it" in captured.err
    loaded = "import sys, sim.__main__; print([name for name in ('sqlalchemy', 'alembic') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True).stdout == "[]\n"
