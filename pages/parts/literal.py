"""Text that Streamlit would read as Markdown, shown as it is."""

from __future__ import annotations

import re
import string

_PUNCTUATION = re.compile(f"[{re.escape(string.punctuation)}]")


def literal(text: str) -> str:
    """The text with every mark escaped that Markdown, its maths and Streamlit's directives could take for theirs."""
    return _PUNCTUATION.sub(r"\\\g<0>", text)
