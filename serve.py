"""The app as a server: ``streamlit run serve.py``. The script is ``app.py``; here is what goes around it.

A fault that no page has caught becomes a sentence with a reference, wherever it happens, and a line in the log.
"""

import streamlit as st

from pages.parts import logs

logs.set_up()
app = st.App("app.py", on_script_error=logs.show)
