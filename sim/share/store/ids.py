"""Identifiers that nobody can guess, 192 bits each."""

from __future__ import annotations

import hashlib
import re
import secrets

_ID = re.compile(r"[A-Za-z0-9_-]{32}")


def new_id() -> str:
    """32 characters that fit into an address."""
    return secrets.token_urlsafe(24)


def is_id(text: str) -> bool:
    """Whether a text can be one of these at all."""
    return _ID.fullmatch(text) is not None


def key_of(token: str) -> str:
    """What is kept of a link's token, SHA-256: who reads the database or a backup can open no link with it.

    The token has enough bits of its own, so that neither salt nor a slow hash would add anything.
    """
    return hashlib.sha256(token.encode()).hexdigest()
