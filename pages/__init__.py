"""The pages: short scripts that only draw, each inside the shell of ``app.py``.

Until st.navigation has run once, Streamlit takes a folder of this name for pages without a shell: whoever opened such
an address first on a fresh server would see no navigation and no sidebar. `serve.py` imports this before anybody comes;
where ``app.py`` is run alone, the first run starts over with that off.
"""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

if PagesManager.uses_pages_directory is not False:
    found, PagesManager.uses_pages_directory = PagesManager.uses_pages_directory, False
    if found:
        st.rerun()
