"""What stands in a cell of a spreadsheet, and what it means: read by one function and written by another."""

from __future__ import annotations

import re

from sim.decide.coverage.matrix import ARR_KINDS, LISTED, MOST_PAY, PAY_KINDS, WORDS, Arr, Pay, in_order
from sim.words import nearest

SIMULATED = "simulated"
_PAY = re.compile(r"([a-z ]*?)\s*(\d{1,12}(?:[.,]\d{1,12})?)\s*(%?)\s*([a-z ]*)")
_AMOUNT = re.compile(r"\$?\s*(\d[\d,' ]{0,20}(?:\.\d{1,9})?)")
_LETTERS = {word: letter for letter, word in WORDS.items()}


class Unreadable(ValueError):
    """Its text is the rule that a cell breaks."""


def read_letters(text: str) -> str:
    """R, A, C and I in any order, separated or not, or the words that they stand for."""
    letters = ""
    for word in re.findall(r"[^\W_]+", text.casefold()):
        upper = word.upper()
        if word in _LETTERS:
            letters += _LETTERS[word]
        elif set(upper) <= set(WORDS):
            letters += upper
        else:
            close = nearest(word, _LETTERS)
            raise Unreadable(f"must be some of R, A, C and I; the nearest is {_LETTERS[close]} ({close})")
    return in_order(letters)


def read_pay(text: str) -> Pay | None:
    """`30%` of the team's variable pay, `commission 2%`, `quota relief 2%`; None for an empty cell."""
    if _empty(text):
        return None
    found = _PAY.fullmatch(text.strip().casefold())
    if found is None or (found[1].strip() and found[4].strip()):
        raise Unreadable("must be like 30% (of variable pay), commission 2% or quota relief 2%")
    kind = " ".join((found[1] or found[4]).split()) or "share"
    if kind not in PAY_KINDS:
        raise Unreadable(f"must be one of {', '.join(PAY_KINDS)}; the nearest is {nearest(kind, PAY_KINDS)}")
    number = float(found[2].replace(",", "."))
    if not found[3] and number > 1.0:
        raise Unreadable("must have a % sign, as in 30%")
    return Pay(kind, round(number / 100.0 if found[3] else number, 12))


def write_pay(pay: Pay | None) -> str:
    if pay is None:
        return ""
    rate = f"{100.0 * pay.rate:.10g}%"
    return rate if pay.kind == "share" else f"{pay.kind} {rate}"


def read_names(text: str) -> tuple[str, ...]:
    """Names between semicolons."""
    return () if _empty(text) else tuple(name for part in text.split(LISTED) if (name := part.strip()))


def write_names(names: tuple[str, ...]) -> str:
    return f"{LISTED} ".join(names)


def read_arr(text: str) -> Arr:
    """What the simulation knows of a stage."""
    kinds: dict[str, Arr] = {kind: kind for kind in ARR_KINDS}
    if _empty(text):
        return "none"
    if text.strip().casefold() not in kinds:
        close = nearest(text.strip().casefold(), kinds)
        raise Unreadable(f"must be one of {', '.join(kinds)}; the nearest is {close}")
    return kinds[text.strip().casefold()]


def read_variable_pay(text: str) -> tuple[float | None, bool]:
    """USD a year if there are any, and whether the simulation has them instead."""
    if _empty(text):
        return None, False
    if text.strip().casefold() == SIMULATED:
        return None, True
    found = _AMOUNT.fullmatch(text.strip())
    amount = float(re.sub(r"[,' ]", "", found[1])) if found else -1.0
    if not 0.0 <= amount <= MOST_PAY:
        raise Unreadable(f"must be USD a year up to {MOST_PAY:,.0f}, '{SIMULATED}' or empty")
    return amount, False


def write_variable_pay(amount: float | None, simulated: bool) -> str:
    return SIMULATED if simulated else "" if amount is None else f"{amount:.12g}"


def _empty(text: str) -> bool:
    return text.strip() in ("", "-", "–")
