"""What a meeting says of a scenario: votes and comments as they come in, and the minutes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.parts import access, stored
from pages.parts.literal import literal
from pages.parts.problems import show_problems
from pages.parts.save_form import READ
from sim.problems import InputError
from sim.share.store.comments import LONGEST_COMMENT, STANCES, Comment, Stance, comment, comments, delete_comment

WORDS: dict[Stance, str] = {"prefer": "Prefer", "concern": "Concern", "none": "Comment"}
EVERY = "4s"
"""How often others' words are looked for."""
SHOWN = 20
"""Comments, before the rest is folded."""
_REFUSED = "discussion.refused"


def form(scenario_id: str) -> None:
    """A vote, a text, or both."""
    with st.form("comment", clear_on_submit=True, border=False):
        stance: Stance | None = st.segmented_control(
            "What do you say?", STANCES, format_func=WORDS.__getitem__, default="prefer", key="comment_stance"
        )
        text = st.text_input("In a few words", max_chars=LONGEST_COMMENT, key="comment_text", help=READ)
        if st.form_submit_button("Say it", type="primary"):
            try:
                comment(stored.store(), stored.member(), scenario_id, stance or "none", text.strip())
            except InputError as error:
                show_problems("Not kept:", error)


@st.fragment(run_every=EVERY)
def live(scenario_id: str) -> None:
    """What has been said so far; looks again by itself."""
    try:
        said = comments(stored.store(), stored.member(), scenario_id)
    except InputError as error:
        show_problems("The comments cannot be read now:", error)
        return
    refused = st.session_state.pop(_REFUSED, None)
    if refused is not None:
        show_problems("Not deleted:", refused)
    st.markdown(f"#### {standing(said)}")
    latest_first = said[::-1]
    for one in latest_first[:SHOWN]:
        _one(scenario_id, one)
    if earlier := latest_first[SHOWN:]:
        more = st.expander(f"{len(earlier)} earlier", on_change="rerun", key="comments_earlier")
        if more.open:
            with more:
                for one in earlier:
                    _one(scenario_id, one)


def _one(scenario_id: str, one: Comment) -> None:
    """What one person has said; its author and owners can take it back."""
    row = st.container(horizontal=True, wrap=False, key=f"comment_{one.number}")
    text = f": {literal(one.text)}" if one.text else ""
    said = f"**{WORDS[one.stance]}**{text}  \n:small[{literal(one.author)}, {one.created_at:%H:%M}]"
    row.markdown(said, width="stretch")
    mine = one.author == stored.member().name
    if mine or access.who().may("delete"):
        with row.popover("Delete", type="tertiary", key=f"comment_ask_{one.number}"):
            st.markdown("Deletes this comment for good. The minutes no longer hold it; the trail says who deleted it.")
            st.button("Delete it", key=f"comment_delete_{one.number}", on_click=_delete, args=(scenario_id, one.number))


def _delete(scenario_id: str, number: int) -> None:
    """Deletes it; what is wrong is shown on the next run."""
    try:
        delete_comment(stored.store(), stored.member(), scenario_id, number, of_anybody=access.who().may("delete"))
    except InputError as error:
        st.session_state[_REFUSED] = error


def standing(said: Sequence[Comment]) -> str:
    """How the votes stand; of each person the last one counts."""
    last = {one.author: one.stance for one in said if one.stance != "none"}
    votes = Counter(last.values())
    if not votes:
        return "Nobody has voted yet"
    return f"{votes['prefer']} prefer it, {votes['concern']} have concerns"


def minutes(said: Sequence[Comment]) -> pd.DataFrame:
    """What was said, in order, a row each; times in UTC."""
    return pd.DataFrame(
        [(f"{one.created_at:%Y-%m-%d %H:%M}", one.author, WORDS[one.stance], one.text) for one in said],
        columns=["time_utc", "who", "stance", "text"],
    )
