"""The shell: page set-up, the sidebar that every page shares, navigation. Run with ``streamlit run app.py``."""

from __future__ import annotations

import streamlit as st

from pages.parts import sidebar

st.set_page_config(page_title="CS compensation what-if", page_icon="📈", layout="wide")
page = st.navigation(
    [
        st.Page("pages/what_if.py", title="What if", default=True),
        st.Page("pages/people.py", title="By CSM"),
        st.Page("pages/book.py", title="Book"),
        st.Page("pages/method.py", title="Method"),
    ],
    position="top",
)
sidebar.draw()
page.run()
