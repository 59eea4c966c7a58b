"""What every page shares: the book, the plan in force, the assumptions, the luck."""

from __future__ import annotations

import streamlit as st
from streamlit.navigation.page import Page

from pages.parts import access, address, compute, host, implied, pass_on, state, take_away, tour
from pages.parts.literal import literal
from pages.parts.plan_file import plan_from_file
from pages.parts.view import BOOK_VIEW, BRING
from sim.book.samples import SAMPLES
from sim.engine.run import MAX_MONTHS
from sim.plan.read import PLAN_PRESETS, plan_preset
from sim.problems import InputError
from sim.share.link import MOST_SEED
from sim.world.parameters import WORLD_PRESETS, world_preset

FROM_FILE = "From a file"
TRIALS = (256, 512, 1024, 2048, 4096, 8192, 16384)
MONTHS = tuple(month for month in (3, 6, 12, 18, 24, 36) if month <= MAX_MONTHS)


def draw(book_page: Page) -> InputError | None:
    """The sidebar; changes go to the session's scenario. Returns what is wrong with a file, for the page to show.

    book_page: where a book is brought.
    """
    with st.sidebar:
        link, export = st.columns(2)
        with link:
            pass_on.copy_link()
        with export:
            take_away.export()
        pass_on.save_and_share()
        _book(book_page)
        bad_plan = _current_plan()
        _world()
        _luck()
        if not tour.tour().on:
            st.button(
                "Guided tour",
                key="tour_start",
                on_click=tour.switch,
                args=(True,),
                type="tertiary",
                icon=":material/route:",
                help="Ten steps from the numbers to the year that follows, with a bar above each page.",
            )
        access.line()
    return bad_plan


def _book(book_page: Page) -> None:
    now = state.scenario()
    if access.audience() != "full":
        book = compute.book_of(now)
        st.markdown(f"**{book.name}**  \n{len(book):,} accounts, {len(book.team):,} CSMs")
        return
    if now.uploaded is not None:
        st.markdown(f"**Your book**  \n{len(now.uploaded):,} accounts, {len(now.uploaded.team):,} CSMs")
        st.button(
            "Back to the sample books",
            on_click=state.change,
            kwargs={"uploaded": None, "history": None},
            width="stretch",
        )
        return
    st.session_state["sample"] = now.sample  # the state decides, not the widget, here and below: links change it too
    st.selectbox(
        "Book",
        list(SAMPLES),
        format_func=lambda name: SAMPLES[name].rpartition(", ")[0],  # the number of CSMs does not fit
        key="sample",
        on_change=lambda: state.change(sample=st.session_state["sample"]),
        help="The sample books are made up. Bring your own below.",
    )
    if access.may("bring") and st.button("Bring your own book", key="bring", width="stretch"):
        st.session_state[BOOK_VIEW] = BRING
        address.go(book_page)


def _current_plan() -> InputError | None:
    current = state.scenario().current
    preset = state.preset_of(current)
    st.session_state["current_preset"] = preset or FROM_FILE
    st.selectbox(
        "Plan in force",
        [*PLAN_PRESETS, *([] if preset else [FROM_FILE])],
        format_func=lambda name: current.name if name == FROM_FILE else plan_preset(name).name,
        key="current_preset",
        on_change=_choose_current,
        help="What the candidate is compared with. The book's renewal probabilities were observed under it, so they "
        "already hold the effort that it buys.",
    )
    return plan_from_file("Plan in force from a file", "plan_file", state.set_current)


def _choose_current() -> None:
    name = st.session_state["current_preset"]
    if name != FROM_FILE:
        state.set_current(plan_preset(name))


def _world() -> None:
    def choose() -> None:
        name = st.session_state["world"]
        state.change(world=world_preset(name), world_name=name)

    chosen = state.scenario().world_name
    st.session_state["world"] = chosen
    st.radio(
        "Response to pay",
        list(WORLD_PRESETS),
        key="world",
        on_change=choose,
        format_func=str.capitalize,
        help="  \n".join(f"**{name.capitalize()}**: {text}" for name, text in WORLD_PRESETS.items()),
    )
    st.caption(WORLD_PRESETS[chosen])
    usual = world_preset(chosen)
    if changed := implied.edits(state.scenario().world, usual):
        st.caption(literal(f"Changed here: {'; '.join(changed)}."))
        st.button("Without these changes", key="usual_world", on_click=state.change, kwargs={"world": usual})


def _luck() -> None:
    with st.expander("Trials, horizon, seed"):
        _one_of("Trials", "trials", TRIALS, "Simulated years. Four times as many halve the standard errors.")
        _one_of("Horizon, months", "months", MONTHS, "Cost and ARR are over this horizon.")
        st.session_state["seed"] = state.scenario().seed
        st.number_input(
            "Seed",
            0,
            MOST_SEED,
            key="seed",
            on_change=lambda: state.change(seed=int(st.session_state["seed"])),
            help="Another seed is another set of luck. All plans always meet the same.",
        )
        st.toggle(
            "Levers follow the finger",
            value=True,
            key="live_levers",
            help="Off: plain sliders that report when released.",
        )
        _cluster()


def _cluster() -> None:
    """Where long work runs. The book is sent there: so a host names the cluster in its secrets, and only who runs the
    app alone may name any."""
    if named := host.settings("cluster").get("address"):
        on = st.toggle("Searches on the cluster", key="on_cluster", help="Of whoever runs this app; the same figures.")
        st.session_state["cluster"] = str(named) if on else ""
    elif host.on_this_machine():
        st.text_input(
            "Dask cluster",
            key="cluster",
            placeholder="tcp://10.0.0.5:8786",
            help="Address of a scheduler. Long searches then run on its workers, to which the book is sent; the "
            "figures are the same. Empty: on this machine.",
        )


def _one_of(label: str, setting: str, values: tuple[int, ...], help: str) -> None:
    """A setting of the scenario that takes one of some numbers."""
    chosen = getattr(state.scenario(), setting)
    st.session_state[setting] = chosen
    st.select_slider(
        label,
        sorted({*values, chosen}),
        key=setting,
        on_change=lambda: state.change(**{setting: st.session_state[setting]}),
        help=help,
    )
