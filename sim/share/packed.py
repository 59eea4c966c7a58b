"""A plan as a short text for a link: its settings as JSON, deflated against words that most plans are made of."""

from __future__ import annotations

import base64
import json
import zlib
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from sim.plan.complaints import plan_problems
from sim.plan.read import MAX_BYTES
from sim.plan.schema import Plan
from sim.problems import InputError, Problem

MARK = "~1"
"""What a packed plan starts with: the sign, and the version of the words. Neither occurs in a preset's name."""
MOST_CHARACTERS = 4_000


def pack(plan: Plan) -> str:
    """The plan as at most MOST_CHARACTERS letters, digits, hyphens and underscores behind the mark.

    A shipped plan under another name takes about 40, a plan with nothing in common with them some hundreds.
    Raises InputError when the plan is longer.
    """
    deflate = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS, 9, zlib.Z_DEFAULT_STRATEGY, _words())
    packed = deflate.compress(plan.model_dump_json(exclude_defaults=True).encode()) + deflate.flush()
    text = MARK + base64.urlsafe_b64encode(packed).decode().rstrip("=")
    if len(text) > MOST_CHARACTERS:
        raise InputError([Problem(plan.name, "", "is too long for a link: pass it on as a file")])
    return text


def unpack(text: str) -> Plan:
    """The plan that `pack` made this text of, validated. Whatever the text, no more than MAX_BYTES are inflated.

    Raises InputError: not such a text, damaged on the way, or not a plan.
    """
    if not text.startswith(MARK) or len(text) > MOST_CHARACTERS:
        raise InputError([Problem("plan", text, "is not a plan that this version can read")])
    try:
        letters = text[len(MARK) :]
        data = json.loads(_inflated(base64.b64decode(letters + "=" * (-len(letters) % 4), b"-_", validate=True)))
    except (ValueError, RecursionError, zlib.error):
        raise InputError([Problem("plan", text, "was cut or changed on the way: ask for the link again")]) from None
    try:
        return Plan.model_validate(data)
    except ValidationError as error:
        raise InputError(plan_problems(error, data, "plan")) from None


def _inflated(packed: bytes) -> bytes:
    """Raises zlib.error for anything but one whole stream, checksum included, of at most MAX_BYTES."""
    inflate = zlib.decompressobj(zlib.MAX_WBITS, _words())
    content = inflate.decompress(packed, MAX_BYTES)
    if not inflate.eof or inflate.unused_data:
        raise zlib.error("not one whole stream")
    return content


@cache
def _words() -> bytes:
    # Never changed: links that exist were packed against it. Other words are another file and another mark.
    return (Path(__file__).parent / "plan_words_1.txt").read_bytes()
