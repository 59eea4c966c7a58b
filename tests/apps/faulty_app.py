"""Fails wherever an app can: on a page, in a fragment, in a callback, with a name and a salary in the message."""

import streamlit as st

from pages.parts import door, logs

door.open_or_stop()
logs.session()
SECRET = "Ann Example earns 123456"


def fail() -> None:
    raise ValueError(SECRET)


@st.fragment
def outer() -> None:
    st.write("outer")
    inner()


@st.fragment
def inner() -> None:
    if st.query_params.get("in") == "fragment":
        raise KeyError(SECRET) from ValueError(SECRET)
    if st.session_state.get("pressed"):
        fail()
    st.session_state["pressed"] = True


outer()
with logs.opening("faulty"):
    if st.query_params.get("in") == "page":
        fail()
st.write("Done")
