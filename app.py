"""The shell: page set-up, the sidebar that every page shares, navigation. Run with ``streamlit run app.py``."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.parts import address, door, logs, sidebar
from pages.parts.problems import show_problems

PAGES = Path(__file__).parent / "pages"

st.set_page_config(page_title="CS compensation what-if", page_icon="📈", layout="wide")
# Streamlit's own margins take 150 pixels from a laptop's answer; it has no setting for them.
st.html("<style>[data-testid=stMainBlockContainer] { padding-inline: clamp(1rem, 2.5vw, 5rem) }</style>")
door.open_or_stop()
logs.session()
address.read()
address.write()  # before the navigation is drawn, see there
book_page = st.Page(PAGES / "book.py", title="Your book")
page = st.navigation(
    {
        "": [st.Page(PAGES / "what_if.py", title="What if", default=True)],
        "Decide": [
            st.Page(PAGES / "compare.py", title="Compare"),
            st.Page(PAGES / "budget.py", title="Budget fit"),
            st.Page(PAGES / "frontier.py", title="Frontier"),
            st.Page(PAGES / "hangs_on.py", title="What it hangs on"),
        ],
        "Book": [
            book_page,
            st.Page(PAGES / "numbers.py", title="Numbers today"),
            st.Page(PAGES / "valuation.py", title="Valuation"),
            st.Page(PAGES / "risk.py", title="Renewal risk"),
            st.Page(PAGES / "segments.py", title="Segments"),
            st.Page(PAGES / "white_space.py", title="White space"),
        ],
        "Targets": [
            st.Page(PAGES / "quotas.py", title="Quotas"),
            st.Page(PAGES / "assignment.py", title="Who owns what"),
            st.Page(PAGES / "capacity.py", title="Capacity"),
        ],
        "People": [
            st.Page(PAGES / "people.py", title="By CSM"),
            st.Page(PAGES / "one_csm.py", title="One CSM"),
            st.Page(PAGES / "fairness.py", title="Fairness and behaviour"),
        ],
        "Help": [st.Page(PAGES / "method.py", title="Method")],
    },
    position="top",
)
refused = sidebar.draw(book_page)
if refused is not None:
    show_problems("Nothing was loaded:", refused)
address.notes()
if not address.lacks_book(book_page, page):
    try:
        with logs.opening(page.url_path):
            page.run()
    finally:
        address.write()  # a page's own views too, and also when it stops early
