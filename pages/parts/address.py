"""The address says what is on the screen: read when a link is opened or the browser goes back, written after a move.

Streamlit adds an entry to the browser's history whenever the query changes, so Back takes back the last move that had
come to rest, or leads to the page before. It drops the query when another page is opened from its menu; written again
before the navigation is drawn, the two are one entry. Widgets' own binding to the query is not used: it forgets
values at their default, and a page's own on Back.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import Page
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.parts import access, compute, save_form, shared_link, state, stored
from pages.parts.problems import show_problems
from pages.parts.slides import QUESTIONS
from pages.parts.view import BOOK_VIEW, BRING, kept
from sim.book.history import History
from sim.book.samples import SAMPLES
from sim.book.schema import Book
from sim.engine.run import MODEL_VERSION
from sim.problems import InputError, Problem
from sim.share.link import Link, Pairs, encode, fingerprint_of, opening, to_query
from sim.share.read_link import Decoded, decode
from sim.share.report import of_the_team
from sim.share.store.scenarios import open_scenario

_READ, _SAID, _LACKING, _BOOKS, _PAGE = "link.read", "link.said", "link.lacking", "link.books", "link.page"
MOST_BOOKS = 3
"""Books that a session can go back to."""

LOOKS = {
    "tab": ("lever_group", ("pay_mix", "retention", "expansion", "rules")),
    "why": ("why_view", ("payout", "effort", "arr", "cost")),
    "cloud": ("cloud_view", ("totals", "difference")),
    "curve": ("curve_of", tuple("12345678")),  # components by number: names from a file are not for an address
    "steps": ("bridge_view", ("by_part", "by_lever")),
    "compare": ("compare_view", ("cost_and_arr", "spread", "by_part", "winners", "levers", "break_even")),
    "spread": ("spread_view", ("difference", "totals")),
    "conduct": ("conduct_view", ("scorecard", "fairness", "where_effort_pays", "timing_games", "who_leaves", "luck")),
    "person": ("person_view", ("payout", "pacing")),
    "slide": ("slide", tuple(QUESTIONS)),
    "segments": ("segments_by", ("size", "room", "complexity", "health", "file", "rules")),
}
"""Views by their name in a link: key of the widget, and a word for each of its options in their order."""
VIEWS = {name: words for name, (_, words) in LOOKS.items()}

_watch = st.components.v2.component("address", js=(Path(__file__).parent / "address.js").read_text(encoding="utf-8"))


def leave_page() -> None:
    """Forget the fragments of the page that was left, before anything of the next one is drawn. A timer of theirs may
    have asked for a run in the meantime; Streamlit would take that for a way back, and leave the new page blank."""
    context = get_script_run_ctx()
    if context is not None and st.session_state.get(_PAGE) != context.page_script_hash:
        st.session_state[_PAGE] = context.page_script_hash
        context.fragment_storage.clear()


# --- from the address -------------------------------------------------------------------------------------------


def read() -> None:
    """Take over what the address says, if the reader has just come with it or has gone back to it."""
    opened = _READ not in st.session_state
    context = get_script_run_ctx()
    if not (opened or (context is not None and context.is_history_navigation)):
        return  # what the app has written itself, or what another move has overtaken on its way
    pairs = _held()
    if pairs or not opened:
        _take(_decoded(pairs), opened)
    st.session_state[_READ] = pairs_now()


def _decoded(pairs: Pairs) -> Decoded:
    """What the pairs say; behind the token of a saved scenario, what that says, and the pairs beside it over it."""
    beside = tuple((key, value) for key, value in pairs if key != shared_link.TOKEN)
    token = dict(pairs).get(shared_link.TOKEN)
    if token is None:
        _leave_saved()
        return decode(beside, VIEWS)
    try:
        shared = shared_link.enter(token)
    except InputError as error:
        _leave_saved()
        decoded = decode(beside, VIEWS)
        return replace(decoded, problems=(*error.problems, *decoded.problems))
    if shared.book is not None:
        _books()[fingerprint_of(shared.book)] = (shared.book, shared.history)
    return _over(shared.scenario.pairs, beside)


def _over(saved: Pairs, beside: Pairs) -> Decoded:
    """What was saved, and what stands beside the token over it. What the app has written there says everything, and
    says so by its version; a key that somebody, or a mail program, has added leaves the rest as it was saved.

    Plans and assumptions of their own making are not for those who only look at a book: of theirs the views count.
    """
    named = {key for key, _ in beside}
    kept = () if "v" in named else tuple(pair for pair in saved if pair[0] not in named)
    decoded = decode((*kept, *beside), VIEWS)
    if not decoded.link.fingerprint or not access.only_looks():
        return decoded
    as_saved = decode(saved, VIEWS)
    shown = replace(as_saved, link=replace(as_saved.link, views=decoded.link.views))
    if shown.link == decoded.link:
        return shown
    rule = "says more than was saved, and here one only looks: what was saved is shown"
    return replace(shown, problems=(*shown.problems, Problem("link", "", rule)))


def _leave_saved() -> None:
    """Out of the saved scenario; who only looks had its book for it alone."""
    shared_link.leave()
    if access.only_looks():
        _books().clear()


def open_saved(scenario_id: str) -> None:
    """A saved scenario of the reader's own organisation, to go on with. Raises InputError when it is not there."""
    saved = open_scenario(stored.store(), stored.member(), scenario_id)
    book, history = shared_link.book_of(saved)
    if book is not None:
        _books()[fingerprint_of(book)] = (book, history)
    shared_link.leave()
    save_form.start_from(saved.id)
    _take(decode(saved.pairs, VIEWS), False)


def _take(decoded: Decoded, opened: bool) -> None:
    link = decoded.link
    known = _books().get(link.fingerprint)
    book, history = known or (None, None)
    st.session_state[_LACKING] = link.fingerprint if known is None else ""
    state.arrive(
        opened,
        sample=link.sample,
        uploaded=book,
        history=history,
        current=link.current,
        preset=link.preset,
        candidate=link.candidate,
        world_name=link.world_name,
        world=link.world,
        seed=link.seed,
        trials=link.trials,
        months=link.months,
        plans=link.plans,
    )
    for name, (key, words) in LOOKS.items():
        kept()[key] = words.index(link.views.get(name, words[0]))
        st.session_state.pop(key, None)
    if decoded.problems or decoded.model not in ("", MODEL_VERSION):
        st.session_state[_SAID] = decoded


def _books() -> dict[str, tuple[Book, History | None]]:
    """Books that this session has had, by fingerprint, the latest last."""
    books: dict[str, tuple[Book, History | None]] = st.session_state.setdefault(_BOOKS, {})
    return books


# --- to the address ---------------------------------------------------------------------------------------------


def write() -> None:
    """Make the address say what is on the screen; nothing happens when it does."""
    pairs = pairs_now()
    if _due(pairs):
        st.query_params.from_dict(_together(pairs))
        st.session_state[_READ] = None  # the link as it was written is gone: from now on the address follows


def _due(pairs: Pairs) -> bool:
    """Whether the address says anything else. A link that was opened stays as it was written, by hand or by another
    version, until something moves."""
    held = _held()
    return held != pairs and not (held and pairs == st.session_state.get(_READ))


def _held() -> Pairs:
    """What the address says."""
    return tuple((key, value) for key in st.query_params for value in st.query_params.get_all(key))


def _together(pairs: Pairs) -> dict[str, list[str]]:
    """As Streamlit takes what may stand in a query several times."""
    return {key: [value for other, value in pairs if other == key] for key, _ in pairs}


def pairs_now() -> Pairs:
    """The query of the session as it is; none for what the app opens with."""
    now = link()
    return () if shared_link.opened() is None and now == opening() else behind_token(encode(now)[0])


def behind_token(pairs: Pairs) -> Pairs:
    """What `encode` says of the screen, behind the token of the saved scenario that is open, if any: alone while the
    screen is as it was saved."""
    shared = shared_link.opened()
    if shared is None:
        return pairs
    token = (shared_link.TOKEN, shared.token)
    return (token,) if pairs == _written_now(shared.scenario.pairs) else (token, *pairs)


@lru_cache(maxsize=64)
def _written_now(saved: Pairs) -> Pairs:
    """As this version writes what was saved."""
    return encode(decode(saved, VIEWS).link)[0]


def link() -> Link:
    """What is on the screen."""
    now = state.scenario()
    fingerprint = lacking()
    if now.uploaded is not None and not fingerprint:
        fingerprint = fingerprint_of(now.uploaded)
        _books()[fingerprint] = _books().pop(fingerprint, (now.uploaded, now.history))
        while len(_books()) > MOST_BOOKS:
            del _books()[next(iter(_books()))]
    return Link(
        sample=now.sample,
        fingerprint=fingerprint,
        current=now.current,
        preset=now.preset,
        candidate=now.candidate,
        world_name=now.world_name,
        world=now.world,
        seed=now.seed,
        trials=now.trials,
        months=now.months,
        plans=now.plans,
        views={name: words[place] for name, (key, words) in LOOKS.items() if (place := kept().get(key, 0)) > 0},
    )


@st.fragment
def follow() -> None:
    """Write the address once the moves of a fragment have come to rest. To be drawn at the fragment's end, with a style
    that hides its place."""
    pairs = pairs_now()
    _watch(key="address_watch", data={"query": to_query(pairs), "due": _due(pairs)}, on_rest_change=write)


def whether_saved_figures_hold() -> None:
    """As long as a saved scenario is on the screen as it was saved: its figures of then, beside today's."""
    shared = shared_link.opened()
    if shared is None or len(pairs_now()) > 1 or compute.too_few(state.scenario()) or lacking():
        return
    now = state.scenario()
    try:
        candidate, current = (compute.run_plan(now, plan) for plan in (now.candidate, now.current))
    except InputError:
        return  # the page says why
    shared_link.beside(of_the_team(candidate, current))


def go(page: Page | Path) -> None:
    """Open another page of the app; the scenario goes along."""
    st.switch_page(page, query_params=_together(pairs_now()))


# --- what there is to say ---------------------------------------------------------------------------------------


def notes() -> None:
    """What could not be read of the link, and whether its model was another one; until the reader has seen it."""
    shared_link.said()
    decoded: Decoded | None = st.session_state.get(_SAID)
    if decoded is None:
        return
    if decoded.model not in ("", MODEL_VERSION):
        st.info(shared_link.what_changed(decoded.model))
    if decoded.problems:
        show_problems(
            "Part of the link could not be used. What it does not say is as usual:", InputError(decoded.problems)
        )
    st.button("Understood", key="link_understood", on_click=st.session_state.pop, args=(_SAID,))


NOT_HERE = "The book of this link is not here: there are no figures of it to keep or to take away."


def lacking() -> str:
    """Fingerprint of the link's book, as long as the reader neither has it nor has done without."""
    fingerprint: str = st.session_state.get(_LACKING, "")
    now = state.scenario()
    if fingerprint and now.uploaded is not None and fingerprint_of(now.uploaded) == fingerprint:
        st.session_state[_LACKING] = fingerprint = ""
    return fingerprint


def lacks_book(book_page: Page, page: Page) -> bool:
    """Says which book the link is about when the reader does not have it, and offers both ways on."""
    fingerprint = lacking()
    if not fingerprint:
        return False
    now = state.scenario()
    mine = now.uploaded and fingerprint_of(now.uploaded)
    if mine:
        st.warning(f"The book you have loaded is another one: its fingerprint begins with {mine[:8]}.")
    if page == book_page:
        st.info(f"The link is about a book whose fingerprint begins with {fingerprint[:8]}. Bring its files here.")
        return False
    st.markdown("### This link is about a book that is not here")
    st.markdown(
        f"Its fingerprint begins with **{fingerprint[:8]}**. Links hold no accounts: load the files that it was made "
        "of, or ask whoever sent it. The plans and assumptions of the link are kept meanwhile."
    )
    row = st.container(horizontal=True)
    if access.may("bring") and row.button("Load the book", type="primary", key="link_load"):
        st.session_state[BOOK_VIEW] = BRING
        go(book_page)
    other = "the book you have loaded" if mine else f"the sample book ({SAMPLES[now.sample].partition(':')[0]})"
    row.button(f"Go on with {other}", key="link_go_on", on_click=st.session_state.pop, args=(_LACKING,))
    shared_link.saved_figures()
    return True
