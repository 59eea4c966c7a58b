"""What whoever runs the app has set in its secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

_HERE = ("localhost", "127.0.0.1", "::1")


def settings(section: str) -> Mapping[str, Any]:
    """A section of the secrets; empty where there is none."""
    try:
        found = st.secrets.get(section, {})
    except StreamlitSecretNotFoundError:
        return {}
    return found if isinstance(found, Mapping) else {}


def on_this_machine() -> bool:
    """Whether only people at this machine can open the app: it listens nowhere else, and the session was not handed on
    by a proxy, nor by a page of another site that a browser took for this machine."""
    headers = st.context.headers
    name = urlsplit(f"//{headers.get('Host', 'localhost')}").hostname
    handed_on = any(header in headers for header in ("Forwarded", "X-Forwarded-For", "X-Real-Ip"))
    return st.get_option("server.address") in _HERE and name in _HERE and not handed_on


def most_sessions() -> int | None:
    """Sessions that this process lets in; None for any number. Raises ValueError for what is no whole number."""
    most = settings("limits").get("sessions")
    return None if most is None else int(most)
