"""The shell: page set-up, the sidebar that every page shares, navigation. Run with ``streamlit run app.py``."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.parts import sidebar

PAGES = Path(__file__).parent / "pages"

st.set_page_config(page_title="CS compensation what-if", page_icon="📈", layout="wide")
page = st.navigation(
    [
        st.Page(PAGES / "what_if.py", title="What if", default=True),
        st.Page(PAGES / "people.py", title="By CSM"),
        st.Page(PAGES / "book.py", title="Book"),
        st.Page(PAGES / "method.py", title="Method"),
    ],
    position="top",
)
sidebar.draw()
page.run()
