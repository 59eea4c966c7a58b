"""Who is here, and how much this session may see. A link never grants more than its audience, whatever the role.

Three ways to run the app, told apart by nothing that a browser says of itself:

* ``[auth]`` in the secrets: everybody signs in (Streamlit's own OpenID Connect); roles as in `sim/share/person.py`.
* Without it, on this machine only: one person, who owns everything.
* Without it, on a network: nobody sees anything, or with ``open = true`` in the section ``[access]`` everybody the
  sample books: nothing of anybody can be brought there.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.parts import host
from pages.parts.literal import literal
from sim.problems import InputError, Problem
from sim.share.audience import Audience, least
from sim.share.person import GUEST, LOCAL, Action, Person, person_of

_AUDIENCE = "access.audience"
CLOSED = (
    "This app can be reached from other machines, and nobody can sign in: its host sets `[auth]` and `[access]` in "
    "`.streamlit/secrets.toml`, or starts it with `--server.address localhost`."
)
SAID: dict[Audience, str] = {
    "summary": "This link shows totals only.",
    "team": "This link shows CSMs by role, without pay.",
    "full": "This link shows everything.",
}


class Withheld(Exception):
    """Something was read that this session may not see. Pages ask before they read: this is the door that holds."""


# --- who --------------------------------------------------------------------------------------------------------


def _seen() -> Person | str:
    """Who is here, or why nobody is let in; empty for somebody who has yet to sign in."""
    if host.settings("auth"):
        if not st.user.get("is_logged_in"):
            return ""
        return person_of(st.user.to_dict(), host.settings("access"))
    if host.on_this_machine():
        return LOCAL
    return GUEST if host.settings("access").get("open") is True else CLOSED


def who() -> Person:
    """Raises Withheld where `enter` lets nobody in."""
    seen = _seen()
    if isinstance(seen, str):
        raise Withheld(seen)
    return seen


def may(action: Action) -> bool:
    """Whether the role allows it. What changes or takes away needs a session that sees everything, too: a shared view
    is left first."""
    return who().may(action) and (audience() == "full" or action in ("look", "comment"))


def only_looks() -> str:
    """Why plans and assumptions of one's own do not meet a book that somebody brought; empty where they may.

    Nobody's pay is in a total, and yet it is in the difference of two: lower a threshold step by step, and the team's
    cost jumps by what each person earns; pay one level by the month, and it moves by what its one lead earns. Whoever
    may put many plans to a book may as well see its people. Owners may, in any view.
    """
    person = who()
    if person.role == "owner" or may("move"):
        return ""
    if person.may("move"):
        return (
            "In this shared view plans and assumptions stay as they were saved: totals under many plans would tell "
            "what single people earn. Leave it, and open the scenario on the page Scenarios."
        )
    return "Your role is to look: planners and owners change plans and assumptions."


def enter() -> None:
    """Ends the run with a sentence, and a way to sign in or out, for whoever is not let in."""
    seen = _seen()
    if not isinstance(seen, str):
        return
    st.markdown("### CS compensation what-if")
    if not seen:
        st.markdown("Sign in to see the plans of your organisation.")
        for provider in _providers():
            label = "Sign in" if provider is None else f"Sign in with {literal(provider.capitalize())}"
            st.button(label, type="primary", key=f"sign_in_{provider}", on_click=st.login, args=(provider,))
    else:
        st.info(seen if seen == CLOSED else literal(seen))
        if seen != CLOSED:
            st.button("Sign out", key="sign_out", on_click=st.logout)
    st.stop()


def _providers() -> list[str | None]:
    """Those that have a table of their own in the section ``auth``; None is the section itself."""
    named = [name for name, held in host.settings("auth").items() if isinstance(held, Mapping)]
    return [name for name in named if name != "client_kwargs"] or [None]


# --- how much ---------------------------------------------------------------------------------------------------


def audience() -> Audience:
    """What this session may see now."""
    held: Audience = st.session_state.get(_AUDIENCE, "full")
    return held


def restrict(shared: Audience) -> None:
    """For the part that opens a shared link, before it puts the link's scenario in place. From now on the session sees
    no more than this; a link inside a link, or an address typed by hand, never widens it."""
    now = audience()
    st.session_state.clear()  # what was brought or worked out before is not seen beside a link
    st.session_state[_AUDIENCE] = least(now, shared)


def leave() -> None:
    """Out of the shared view and back to the sample books. Nothing of the link stays, in the session or the address."""
    st.session_state.clear()
    st.query_params.clear()


def need_everything() -> None:
    """The door of what only a session that sees everything may read. Raises Withheld for any other."""
    if audience() != "full":
        raise Withheld(SAID[audience()])


def told(error: InputError) -> InputError:
    """The error as this session may see it: why a plan does not fit a book names people."""
    if audience() == "full":
        return error
    return InputError([Problem("plan", "", "cannot be run on the book of this link; ask whoever sent it")])


# --- on the page ------------------------------------------------------------------------------------------------


def line() -> None:
    """Who is signed in, the role, what is seen, and the ways out. Nothing for somebody alone at the own machine."""
    person, now = who(), audience()
    if person == LOCAL and now == "full":
        return
    st.divider()
    if person != LOCAL:
        place = f", {person.organisation}" if person.organisation else ""
        st.text(f"{person.email}{place}: {person.role}")
    if now != "full":
        st.caption(SAID[now])
    row = st.container(horizontal=True)
    if now != "full":
        row.button("Leave the shared view", key="leave_shared", on_click=leave, help="Back to the sample books.")
    if person not in (LOCAL, GUEST):
        row.button("Sign out", key="sign_out", on_click=st.logout)


def withheld() -> None:
    """In the place of something that this session may not see."""
    st.info(SAID[audience()] if audience() != "full" else "This page is not for your role; ask an owner of this app.")
