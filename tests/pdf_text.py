"""The text of a PDF as Typst writes it: plain objects, deflated streams, fonts with a table back to Unicode."""

from __future__ import annotations

import re
import zlib

_OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
_STREAM = re.compile(rb"^(.*?)stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_TOKEN = re.compile(rb"<<.*?>>|<([0-9A-Fa-f\s]*)>|/?[^\s<>()\[\]/]+|\(|[\[\]]", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def pdf_text(pdf: bytes) -> str:
    """All text, page after page, without white space: where it breaks is the typesetter's choice."""
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    pages = [body for body in objects.values() if re.search(rb"/Type\s*/Page\b", body)]
    assert pages
    return "".join(_page(page, objects) for page in pages)


def _page(page: bytes, objects: dict[int, bytes]) -> str:
    resources = objects[_reference(page, rb"Resources")]
    fonts = re.search(rb"/Font\s*<<(.*?)>>", resources, re.DOTALL)
    tables = {
        name: _table(objects[int(number)], objects)
        for name, number in re.findall(rb"/(\w+) (\d+) 0 R", fonts[1] if fonts else b"")
    }
    letters: dict[int, str] = {}
    shown, words = [], [b""]
    content, place = _stream(objects[_reference(page, rb"Contents")]), 0
    while token := _TOKEN.search(content, place):
        place = token.end()
        glyphs = b""
        if token[0] == b"(":
            glyphs, place = _literal(content, place)
        elif token[1] is not None:
            glyphs = bytes.fromhex(token[1].decode())
        elif token[0] == b"Tf":
            letters = tables[words[-2].removeprefix(b"/")]
        words.append(token[0])
        shown += [letters.get(int.from_bytes(glyphs[i : i + 2], "big"), "\ufffd") for i in range(0, len(glyphs), 2)]
    return "".join("".join(shown).split())


def _literal(content: bytes, place: int) -> tuple[bytes, int]:
    """A string in brackets, which may hold pairs of brackets itself; and where it ends."""
    start, depth = place, 1
    while depth:
        letter = content[place : place + 1]
        depth += (letter == b"(") - (letter == b")")
        place += 2 if letter == b"\\" else 1
    return _unescaped(content[start : place - 1]), place


def _reference(body: bytes, name: bytes) -> int:
    found = re.search(rb"/" + name + rb"\s+(\d+) 0 R", body)
    assert found
    return int(found[1])


def _stream(body: bytes) -> bytes:
    found = _STREAM.match(body)
    assert found
    return zlib.decompress(found[2]) if b"FlateDecode" in found[1] else found[2]


def _table(font: bytes, objects: dict[int, bytes]) -> dict[int, str]:
    """Glyph to text."""
    table = _stream(objects[_reference(font, rb"ToUnicode")]).decode()
    pairs = [pair for block in re.findall(r"beginbfchar(.*?)endbfchar", table, re.DOTALL) for pair in
             re.findall(r"<(\w+)>\s*<(\w+)>", block)]  # fmt: skip
    found = {int(glyph, 16): bytes.fromhex(text).decode("utf-16-be") for glyph, text in pairs}
    for block in re.findall(r"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for low, high, text in re.findall(r"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
            for glyph in range(int(low, 16), int(high, 16) + 1):
                found[glyph] = chr(int(text, 16) + glyph - int(low, 16))
    return found


def _unescaped(text: bytes) -> bytes:
    def plain(match: re.Match[bytes]) -> bytes:
        code = match[1]
        return bytes([int(code, 8)]) if code[:1].isdigit() else _ESCAPED.get(code, code)

    return re.sub(rb"\\([0-7]{1,3}|.)", plain, text, flags=re.DOTALL)
