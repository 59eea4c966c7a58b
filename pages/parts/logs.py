"""What the server tells whoever runs it: JSON lines on standard error, about sessions, pages and faults.

Nothing in them is about anybody: no names, pay, addresses or file names. So of an exception only its type and the
places that it passed through are written, because its message may quote a cell of a book; and of a library's message
only the text as its author wrote it, without the values put into it. ``reference`` ties a line to what the user saw.
"""

from __future__ import annotations

import json
import logging
import secrets
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.errors import FragmentHandledException

_OURS = logging.getLogger("cs_comp")
_SESSION, _PAGE = "logs.session", "logs.page"
ROOT = Path(__file__).parents[2]
PLACES = 12
"""Innermost places of an exception that are written."""


def set_up() -> None:
    """Make every line of this process such a line, those of libraries and of dying threads too."""
    if not _OURS.handlers:
        _OURS.addHandler(logging.StreamHandler(sys.stderr))
    _OURS.setLevel(logging.INFO)
    _OURS.propagate = False
    logging.setLogRecordFactory(_record)
    sys.excepthook = lambda _, error, __: _told(error)
    threading.excepthook = lambda died: _told(died.exc_value)


# --- events -----------------------------------------------------------------------------------------------------


def session() -> str:
    """A name for this session in the log: random, and nothing that Streamlit knows it by. The first call is told."""
    if _SESSION not in st.session_state:
        st.session_state[_SESSION] = secrets.token_hex(4)
        _write("session opened", session=st.session_state[_SESSION])
    name: str = st.session_state[_SESSION]
    return name


def refused(most: int) -> None:
    """Somebody came when the server was full."""
    _write("refused", logging.WARNING, reason="full", sessions=most)


@contextmanager
def opening(page: str) -> Iterator[None]:
    """Tells how long a page took to open; not the runs that follow on it."""
    before = st.session_state.get(_PAGE)
    st.session_state[_PAGE] = page
    start = time.perf_counter()
    yield
    if page != before:
        _write("page opened", session=session(), page=page or "what_if", seconds=round(time.perf_counter() - start, 3))


def failed(error: BaseException) -> str:
    """A fault of ours; the reference under which it is in the log."""
    reference = secrets.token_hex(4)
    _write("error", logging.ERROR, reference=reference, **_described(error))
    return reference


def sentence(reference: str) -> str:
    """What the user sees instead of a traceback."""
    return (
        "This part of the page has failed, and the fault is ours. Your settings are kept: reload the page, and should "
        f"it fail again, tell whoever runs this app the reference **{reference}**."
    )


def show(error: Exception) -> bool:
    """Streamlit's hook for what no page has caught, in runs of the script, of a fragment or of a callback alike."""
    if not isinstance(error, FragmentHandledException):  # else it has been shown, inside the fragment
        st.error(sentence(failed(error)))
    return True  # in place of Streamlit's own display


# --- lines ------------------------------------------------------------------------------------------------------


def _write(event: str, level: int = logging.INFO, **facts: Any) -> None:
    _OURS.log(level, "%s", _line(event, level, **facts))


def _line(event: str, level: int, **facts: Any) -> str:
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return json.dumps({"time": now, "level": logging.getLevelName(level).lower(), "event": event, **facts})


def _record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    """A record as a line; a library's own without the values in it."""
    record = logging.LogRecord(*args, **kwargs)
    if record.name == _OURS.name:
        return record
    error = record.exc_info[1] if record.exc_info else None
    text = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
    facts = {"logger": record.name, "text": text, **(_described(error) if error else {})}
    record.msg, record.args = _line("log", record.levelno, **facts), ()
    record.exc_info = record.exc_text = record.stack_info = None
    return record


def _told(error: BaseException | None) -> None:
    if error is not None and not isinstance(error, KeyboardInterrupt | SystemExit):
        failed(error)


def _described(error: BaseException) -> dict[str, Any]:
    """Type, the type of what caused it, and the places, innermost first; no values."""
    cause = error.__cause__ or error.__context__
    places = [
        f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)
    ]
    caused = {"cause": _type(cause)} if cause is not None else {}
    return {"type": _type(error), **caused, "places": places[::-1][:PLACES]}


def _type(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")


def _short(file: str) -> str:
    """Where a source file is, from the project or from the libraries; the machine's own folders tell nothing."""
    path = Path(file)
    if "site-packages" in path.parts:
        return "/".join(path.parts[path.parts.index("site-packages") + 1 :])
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
