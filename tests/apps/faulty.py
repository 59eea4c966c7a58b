"""`faulty_app.py` as `serve.py` would serve it."""

import streamlit as st

from pages.parts import logs

logs.set_up()
app = st.App("faulty_app.py", on_script_error=logs.show)
