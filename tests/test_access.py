"""Who may see what: every page as each audience, with a book in which everything private can be told when it shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from streamlit.delta_generator import DeltaGenerator
from streamlit.testing.v1 import AppTest
from test_app import SMALL, assert_sound, button, figures, fresh_app, sentence, visit

from pages.parts.choice_views import Choice
from sim.book.schema import Book, Team
from sim.engine.run import Stage, set_stage, simulate
from sim.plan.levers import with_lever
from sim.plan.read import plan_preset
from sim.plan.schema import Component, Curve, Plan
from sim.share import redact
from sim.share.audience import SMALLEST_GROUP, Audience
from sim.share.person import ROLES, Action, Person, person_of
from sim.world.parameters import world_preset

ROOT = Path(__file__).parents[1]
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("[a-z]*.py"))
SUMMARY = {"present", "what_if", "guide", "compare", "budget", "frontier", "hangs_on", "method", "tour"}
MAY_OPEN = {"summary": SUMMARY, "team": SUMMARY | {"book", "segments", "people", "coverage"}, "full": set(PAGES)}
COMPARE = ("Cost and ARR", "Spread", "By part", "Winners and losers", "Levers", "Break-even")
WHY = ("Payout", "Effort", "ARR", "Cost")
PRIVATE = re.compile(rb"(?i)acctmark|custmark|csmmark|nomark|bookmark")
OF_ROLES = re.compile(rb"(?i)rolemark|segmark")
CANDIDATE = plan_preset("at_risk_70_30")
COUNT = 11


def marked_book(csms: int = COUNT) -> Book:
    """Five juniors, five seniors, one lead; a segment of one account."""
    numbers, accounts = range(csms), range(3 * csms)
    n, ones = len(accounts), np.ones(csms)
    team = Team(
        csm_id=tuple(f"CSMMARK{k}" for k in numbers),
        csm_name=tuple(f"Nomark {k}" for k in numbers),
        role=tuple("ROLEMARK" if k == 10 else "CSM" for k in numbers),
        level=tuple("lead" if k == 10 else "junior" if k < 5 else "senior" for k in numbers),
        base_salary=ones * np.nan,
        ote=100_003.0 + 1_237.0 * np.arange(csms),
        skill_retention=ones + 0.02 * np.arange(csms),
        skill_upsell=ones,
        skill_cross_sell=ones,
    )
    spread = np.arange(n)
    return Book(
        name="Bookmark",
        as_of=date(2026, 1, 1),
        account_id=tuple(f"ACCTMARK{k}" for k in accounts),
        account_name=tuple(f"Custmark {k}" for k in accounts),
        csm=spread % csms,
        segment=tuple("SEGMARK" if k == 0 else "small" if k < n // 2 else "large" for k in accounts),
        arr=90_000.0 + 3_000.0 * spread,
        renewal_month=spread % 12,
        term_months=np.full(n, 12),
        renewal_probability=0.85 + 0.1 * (spread % 2),
        upsell_whitespace=np.full(n, 20_000.0),
        cross_sell_whitespace=np.full(n, 10_000.0),
        complexity=np.full(n, 3.0),
        nps=np.full(n, 30.0),
        adoption=np.full(n, 0.6),
        tenure_months=np.full(n, 20.0),
        team=team,
    )


BOOK = marked_book()
SCENARIO = replace(SMALL, uploaded=BOOK, candidate=CANDIDATE, preset=CANDIDATE, trials=64)
STAGE = set_stage(BOOK, SCENARIO.current, SCENARIO.world, seed=1, trials=64)
OUTCOMES = tuple(simulate(STAGE, plan) for plan in (CANDIDATE, SCENARIO.current))


def pay_figures() -> np.ndarray:
    """Everything that is one person's pay."""
    known = [BOOK.team.ote]
    for outcome in OUTCOMES:
        known += [outcome.csm_base, outcome.csm_target, outcome.csm_base + outcome.csm_pay.mean(axis=1)]
    return np.unique(np.concatenate(known).round())


PAY = pay_figures()
WRITTEN = re.compile("|".join(rf"(?<![\d,.]){amount:{shape}}(?![\d,])" for amount in PAY for shape in (",.0f", ".0f")))


class Sent:
    """All that a page has sent to the browser, and every file behind a button of it."""

    def __init__(self, at: AppTest, files: dict[str, bytes]) -> None:
        protos = [node.proto for node in at._tree if getattr(node, "proto", None) is not None]
        self.content = b"\n".join([*(proto.SerializeToString() for proto in protos), *files.values()])
        self.content += str(dict(at.query_params)).encode()
        self.tables = [table for proto in protos for table in tables_in(proto)]
        self.files = files

    def pay(self) -> list[float]:
        """Figures that are one person's pay."""
        written = [float(text.replace(",", "")) for text in WRITTEN.findall(self.content.decode(errors="replace"))]
        columns = [table[name] for table in self.tables for name in table.columns]
        numbers = [column.to_numpy(float) for column in columns if pd.api.types.is_numeric_dtype(column)]
        amounts = np.concatenate([*numbers, [0.0]])
        near = np.abs(PAY[np.searchsorted(PAY, amounts).clip(0, len(PAY) - 1)] - amounts) < 0.51
        return [*written, *amounts[near]]


def tables_in(proto: object) -> Iterator[pd.DataFrame]:
    """Arrow tables anywhere in a message."""
    for field, value in proto.ListFields():
        for one in value if field.is_repeated else [value]:
            if isinstance(one, bytes) and len(one) > 8:
                try:
                    yield pa.ipc.open_stream(one).read_all().to_pandas()
                except (pa.ArrowInvalid, OSError):
                    continue
            elif hasattr(one, "ListFields"):
                yield from tables_in(one)


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What is behind the download buttons of the page that was drawn last, by file name."""
    found: dict[str, bytes] = {}
    draw = DeltaGenerator._download_button

    def recorded(self, label, data, file_name=None, *args, **kwargs):
        content = data() if callable(data) else data
        name = re.sub(r"_book-.*(?=\.\w+$)", "", str(file_name))  # what it was made from
        found[name] = content.encode() if isinstance(content, str) else content
        return draw(self, label, data, file_name, *args, **kwargs)

    monkeypatch.setattr(DeltaGenerator, "_download_button", recorded)
    return found


def shared(audience: Audience, book: Book = BOOK) -> AppTest:
    """The app as a session has it that has opened a link of this audience."""
    at = fresh_app()
    at.session_state["access.audience"] = audience
    at.session_state["scenario"] = replace(SCENARIO, uploaded=book)
    return at.run()


def looks(at: AppTest, page: str) -> Iterator[None]:
    """The page in each of its views."""
    if page != "what_if":
        visit(at, page)
    key, views = {"what_if": ("why_view", WHY), "compare": ("compare_view", COMPARE)}.get(page, ("", ("",)))
    for place, name in enumerate(views):
        if place:
            at.session_state[key] = name
            at.run()
        if page == "budget":
            button(at, "Run the stress tests").click().run()
        assert_sound(at)
        yield
        if name == "By part" and at.session_state["access.audience"] != "summary":
            at.session_state["part_by"] = "CSM"
            yield assert_sound(at.run())


TOTALS = ("plans.csv", "budget_fit.csv", "budget_parts.csv", "budget_months.csv", "break_even.csv", "levers.csv")


def test_no_page_sends_more_than_the_audience_and_totals_are_the_same(files):
    totals: dict[str, list[bytes]] = {name: [] for name in TOTALS}
    for audience, pages in MAY_OPEN.items():
        at, names, pay = shared(audience), set(), set()
        # What else there is for those who see all is tested with each page.
        opened = SUMMARY | {"people", "one_csm", "book"} if audience == "full" else pages
        for page in sorted(opened, key=lambda page: page != "what_if"):
            files.clear()
            for _ in looks(at, page):
                sent = Sent(at, files)
                names |= {page} if PRIVATE.search(sent.content) else set()
                pay |= {page} if sent.pay() else set()
                assert audience != "summary" or not OF_ROLES.search(sent.content), page
            for name in files.keys() & totals.keys():
                totals[name].append(files[name])
        if audience == "full":
            assert names >= {"people", "book", "compare"}  # the marks are found where they are
            assert pay >= {"one_csm", "people"}
        else:
            assert (names, pay) == (set(), set()), audience
    assert {name: (len(found), len(set(found))) for name, found in totals.items()} == dict.fromkeys(TOTALS, (3, 1))


def test_the_answer_is_the_same_for_everybody():
    answers = [(sentence(at), figures(at)) for at in map(shared, ("summary", "full"))]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("audience", ["full", "summary"])
def test_why_a_plan_does_not_fit_names_nobody(audience, files):
    """White space of one CSM is nothing: an engine that sets quotas by it says whose."""
    none = np.where(BOOK.csm == 0, 0.0, BOOK.upsell_whitespace)
    bare = replace(BOOK, upsell_whitespace=none, cross_sell_whitespace=none)
    at = fresh_app()
    at.session_state["access.audience"] = audience
    fitted = with_lever(SCENARIO.current, "quota_rule", "fitted")
    at.session_state["scenario"] = replace(SCENARIO, uploaded=bare, candidate=fitted, preset=fitted)
    for page in ("what_if", "compare", "hangs_on"):
        at.run() if page == "what_if" else visit(at, page)
        assert not at.exception
        assert len(at.error) >= 1
        assert ("CSMMARK0" in " ".join(text.value for text in at.text)) == (audience == "full"), page


@pytest.mark.parametrize("audience", ["summary", "team"])
def test_other_pages_are_not_there(audience, files):
    at = shared(audience)
    menu = {page["url_pathname"] for page in at._registered_pages.values() if page.get("script_path")}
    assert {name or "what_if" for name in menu} == MAY_OPEN[audience]
    for page in set(PAGES) - MAY_OPEN[audience]:
        with pytest.raises(ValueError, match="page"):
            visit(at, page)


@pytest.mark.parametrize("page", sorted(set(PAGES) - MAY_OPEN["team"]))
def test_a_page_that_should_not_run_has_nothing_to_show(page, files):
    """As if the navigation had failed: the doors below the page hold."""
    path = str(ROOT / "pages" / f"{page}.py")
    at = AppTest.from_string(f"import runpy\nrunpy.run_path({path!r})", default_timeout=300)
    at.session_state["access.audience"] = "team"
    at.session_state["scenario"] = SCENARIO
    at.run()
    sent = Sent(at, files)
    assert not PRIVATE.search(sent.content.replace(b"pages/book", b""))
    assert sent.pay() == []
    assert all("shows CSMs by role" in error.value for error in at.exception)


def test_a_team_of_four_shows_arr_and_nothing_of_pay(files):
    at = shared("team", marked_book(4))
    assert set(figures(at)) == {"Retained ARR", "GRR", "NRR", "Expansion"}
    assert all(figure["value"] != "nan" for figure in figures(at).values())
    pages = {page["url_pathname"]: key for key, page in at._registered_pages.items()}
    for page in ("compare", "budget", "people", "segments", "hangs_on", "frontier"):
        at._page_hash = pages[page]
        at.run()
        assert_sound(at)
        assert set(figures(at)) == {"Retained ARR", "GRR", "NRR", "Expansion"}
        assert not PRIVATE.search(Sent(at, files).content)
    assert files.keys() <= {"candidate.toml"}


def test_a_shared_view_is_left_for_the_samples_and_takes_nothing_along():
    at = shared("summary")
    at.button(key="leave_shared").click().run()
    assert_sound(at)
    assert "access.audience" not in at.session_state
    assert at.session_state["scenario"].uploaded is None
    assert at.session_state["link.books"] == {} if "link.books" in at.session_state else True


SIGN_IN = {"redirect_uri": "http://localhost/oauth2callback", "cookie_secret": "of no worth outside this test"}


def signed_in(email: str, **settings: object) -> AppTest:
    at = fresh_app()
    at.secrets = {"auth": SIGN_IN, "access": {"roles": {"v@b.com": "viewer", "p@b.com": "planner", "o@b.com": "owner"}}}
    at.user = {"is_logged_in": bool(email), "email": email}
    at.session_state["scenario"] = replace(SCENARIO, **settings)
    return at


MOVES = [
    ("v@b.com", "full", "Your role is to look"),
    ("v@b.com", "summary", "Your role is to look"),
    ("p@b.com", "full", ""),
    ("p@b.com", "team", "what single people earn"),
    ("p@b.com", "summary", "what single people earn"),
    ("o@b.com", "summary", ""),
]


@pytest.mark.parametrize(("email", "audience", "reason"), MOVES)
def test_who_moves_the_levers_of_a_shared_book(email, audience, reason, move_lever):
    at = signed_in(email)
    at.session_state["access.audience"] = audience
    at.run()
    move_lever(at, "lever.variable_share", 0.25)
    assert_sound(at)
    assert (at.session_state["scenario"].candidate == CANDIDATE) == bool(reason)
    assert [reason in toast.value for toast in at.toast] == [True] * bool(reason)
    if audience == "summary":  # the other ways to put many plans to a book
        for page, door in (("budget", "budget_go"), ("frontier", "FormSubmitter:frontier_form-Search")):
            visit(at, page)
            assert_sound(at)
            assert (door in [str(one.key) for one in at.button]) == (not reason)
            assert any(reason in info.value for info in at.info) == bool(reason) or not reason


def test_totals_under_plans_of_ones_own_tell_what_single_people_earn():
    """Why a shared view takes none: the two attacks, and what they find in nothing but the team's cost."""
    few, many = (
        set_stage(BOOK, SCENARIO.current, world_preset("sceptic"), seed=1, trials=trials) for trials in (64, 1024)
    )

    def pay(stage: Stage, threshold: float, measure: str, at_threshold: float, **by_level: str) -> np.ndarray:
        curve = Curve(threshold=threshold, pay_at_threshold=at_threshold, cap=1.0)
        bonus = Component.model_validate({"name": "All", "measure": measure, "weight": 1.0, "curve": curve})
        plan = Plan(name="Asked", variable_share=0.2, period="year", period_by_level=by_level, components=(bonus,))
        return simulate(stage, plan).variable_pay

    # Lower the threshold step by step: the cost of a trial jumps by the target pay of whoever is then above it.
    targets = OUTCOMES[1].csm_target / OUTCOMES[1].csm_target.sum()
    stairs = np.array([pay(few, threshold, "net_retention", 1.0) for threshold in np.linspace(0.6, 0.99, 120)])
    found = -np.diff(stairs, axis=0)[np.diff(stairs, axis=0) < -1.0] / stairs.max()
    assert sum(np.abs(found - target).min() < 1e-4 for target in targets) >= COUNT - 1

    # Pay one level by the month: the cost moves by what its only member earns, against all levels moved.
    by_year, lead, everybody = (
        pay(many, 0.9, "mbo", 0.0, **dict.fromkeys(levels, "month")).mean()
        for levels in ((), ("lead",), ("junior", "senior", "lead"))
    )
    assert (lead - by_year) / (everybody - by_year) == pytest.approx(targets[-1], rel=0.1)


@pytest.mark.parametrize(("email", "brings"), [("v@b.com", False), ("p@b.com", True)])
def test_a_viewer_brings_no_book(email, brings):
    at = signed_in(email, uploaded=None).run()
    assert any(button.key == "bring" for button in at.sidebar.button) == brings
    at.session_state["book_view"] = "Bring your own"
    visit(at, "book")
    assert_sound(at)
    assert ("book_files" in [upload.key for upload in at.file_uploader]) == brings


@pytest.mark.parametrize(("email", "button"), [("", "sign_in_None"), ("x@b.com", "sign_out")])
def test_strangers_see_a_sentence_and_a_button(email, button):
    at = signed_in(email).run()
    assert not at.exception
    assert [found.key for found in at.button] == [button]
    assert not PRIVATE.search(Sent(at, {}).content)


# --- the words of a role ----------------------------------------------------------------------------------------

LEAST: dict[Action, str] = {
    "look": "viewer",
    "comment": "viewer",
    "bring": "planner",
    "move": "planner",
    "save": "planner",
    "share": "planner",
    "roles": "owner",
    "retention": "owner",
    "delete": "owner",
    "audit": "owner",
}


def test_what_each_role_may_do():
    assert LEAST.keys() == set(get_args(Action))
    for role in ROLES:
        person = Person("a@b.com", "b.com", role)
        for action, least in LEAST.items():
            assert person.may(action) == (ROLES.index(role) >= ROLES.index(least))


RULES = {"roles": {"Ann@b.com": "owner", "@b.com": "planner", "@c.com": "king"}, "role_claim": "groups"}


@pytest.mark.parametrize(
    ("claims", "rules", "expected"),
    [
        ({"email": "ann@B.com"}, RULES, Person("ann@b.com", "b.com", "owner")),
        ({"email": "ben@b.com"}, RULES, Person("ben@b.com", "b.com", "planner")),
        ({"email": "ben@b.com", "groups": ["viewer", "staff"]}, RULES, Person("ben@b.com", "b.com", "viewer")),
        ({"email": "x@y.com", "groups": ["viewer", "owner"]}, RULES, Person("x@y.com", "y.com", "owner")),
        ({"email": "x@y.com", "groups": "planner"}, RULES, Person("x@y.com", "y.com", "planner")),
        ({"email": "ann@b.com", "groups": "viewer"}, RULES | {"organisation": "B"}, Person("ann@b.com", "B", "owner")),
        (
            {"email": "ann@b.com", "org": "Be"},
            RULES | {"organisation_claim": "org"},
            Person("ann@b.com", "Be", "owner"),
        ),
        ({"email": "ann@b.com", "email_verified": True}, RULES, Person("ann@b.com", "b.com", "owner")),
        ({"email": "ann@b.com", "email_verified": False}, RULES, "not confirmed"),
        ({"email": "ann@b.com", "email_verified": None}, RULES, "not confirmed"),
        ({"email": "x@local"}, {"roles": {"@local": "viewer"}}, "of the organisation local"),
        ({"email": "ann@b.com", "org": "guest"}, RULES | {"organisation_claim": "org"}, "of the organisation guest"),
        ({"email": "ann@b.com"}, RULES | {"organisation": "local"}, Person("ann@b.com", "local", "owner")),
        ({"email": "x@c.com"}, RULES, "not known here"),  # no such role
        ({"email": "x@b.com.evil.com"}, RULES, "not known here"),
        ({"email": "x@y.com", "groups": ["root"]}, RULES, "not known here"),
        ({"email": "x@y.com"}, {}, "not known here"),
        ({"preferred_username": "ann@b.com"}, RULES, "no e-mail"),
        ({"email": "@b.com"}, RULES, "no e-mail"),
    ],
)
def test_who_somebody_is(claims, rules, expected):
    found = person_of(claims, rules)
    assert found == expected if isinstance(expected, Person) else expected in str(found)


# --- merging ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [(1,), (4, 4), (5, 5), (5, 1), (6, 5, 1), (9, 2, 2), (5, 5, 4), (1, 1, 1), (30,)])
def test_no_group_is_small_unless_all_are_few(sizes):
    labels = [f"g{k}" for k, size in enumerate(sizes) for _ in range(size)]
    group, names = redact.merged(labels)
    counts = np.bincount(group, minlength=len(names))
    assert counts.sum() == len(labels)
    assert counts.min() >= min(SMALLEST_GROUP, len(labels))
    for name, count in zip(names, counts, strict=True):
        assert name == redact.OTHERS or count == labels.count(name)


@pytest.mark.parametrize("audience", ["summary", "team"])
def test_of_the_team_everything_stays(audience):
    for outcome in OUTCOMES:
        shown = redact.visible_outcome(outcome, BOOK, audience)
        for name in ("plan_cost", "variable_pay", "retained_arr", "closing_arr", "expansion_arr", "net_retention"):
            assert np.array_equal(getattr(shown, name), getattr(outcome, name))
        assert np.isnan(shown.csm_pay).all() and np.isnan(shown.csm_base).all() and np.isnan(shown.csm_target).all()
        np.testing.assert_allclose(shown.csm_lost.sum(axis=0), outcome.csm_lost.sum(axis=0), rtol=1e-5)
        np.testing.assert_allclose(shown.segment_opening_arr.sum(), outcome.segment_opening_arr.sum())
        known = np.isfinite(outcome.attainment)
        assert np.isfinite(shown.attainment).sum() == known.sum()
        assert len(shown.segments) == (1 if audience == "summary" else 2)
    book = redact.visible_book(BOOK, audience)
    assert book.arr.sum() == BOOK.arr.sum()
    assert np.unique(book.team.ote).size == 1
    assert np.isnan(redact.visible_book(marked_book(4), audience).team.ote).all()


def test_roles_add_up_to_the_team():
    table = redact.group_table(BOOK, *OUTCOMES, "team")
    assert dict(zip(table["group"], table["csms"], strict=True)) == {"CSM, senior": 5, redact.OTHERS: 6}
    assert table["arr"].sum() == pytest.approx(BOOK.arr.sum())
    assert table["retained_then"].sum() == pytest.approx(OUTCOMES[0].retained_arr.mean(), rel=1e-5)


# --- who listens ------------------------------------------------------------------------------------------------


def test_without_sign_in_nothing_is_shown_beyond_this_machine(monkeypatch):
    import pages.parts.host as host

    monkeypatch.setattr(host.st, "get_option", lambda name: "0.0.0.0" if name == "server.address" else None)
    at = fresh_app().run()
    assert "nobody can sign in" in at.info[0].value
    assert len(at.main) == 2 and not at.sidebar.children
    at.secrets["access"] = {"open": True}
    at.run()
    assert at.sidebar.selectbox(key="sample").value
    assert not [button for button in at.sidebar.button if button.key == "bring"]


ALLOWED = {"whole_of": {"budget", "coverage"}, "setting_of": {"frontier", "hangs_on", "roles", "slides", "take_away"}}


def test_only_these_pages_take_the_whole_team():
    for door, allowed in ALLOWED.items():
        sources = {path.stem: path.read_text() for path in (ROOT / "pages").rglob("*.py") if path.stem != "compute"}
        assert {name for name, source in sources.items() if f"compute.{door}(" in source} == allowed


def test_the_views_hold_no_book():
    assert "book" not in Choice._fields
