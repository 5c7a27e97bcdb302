"""How the bytes of a log become rows: one per line, several for a line that is too long, all safe to print.

Where a row ends depends on the bytes from its start only, so a file can be scanned in pieces of any size.
"""

from __future__ import annotations

import re
from itertools import pairwise

from core.text.redaction import strip_escapes

LONGEST_ROW = 2000
"""Bytes of a line that stand in one row."""
TAB = 8

_WINDOW = LONGEST_ROW // 2
_UNFINISHED_ESCAPE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*)?\Z")
_LONGEST_ESCAPE = 32
_PLAIN = bytes([10, *range(32, 127)])


def count_rows(data: bytes) -> tuple[int, int]:
    """How many rows end in `data`, which begins at the start of a row, and how many bytes they take."""
    if _may_have_long_line(data):
        ends = row_ends(data)
        return len(ends), ends[-1] if ends else 0
    return data.count(b"\n"), data.rfind(b"\n") + 1


def row_ends(data: bytes) -> list[int]:
    """Where each row of `data` ends, line ends included; what follows the last one is not a whole row yet."""
    ends: list[int] = []
    start = 0
    while True:
        newline = data.find(b"\n", start, start + LONGEST_ROW + 1)
        if newline >= 0:
            start = newline + 1
        elif len(data) - start > LONGEST_ROW:
            start = _cut(data, start)
        else:
            return ends
        ends.append(start)


def split_rows(data: bytes) -> list[bytes]:
    """The rows of `data`, line ends included; the last one may be unfinished."""
    if not _may_have_long_line(data):
        return data.splitlines(keepends=True) if b"\r" not in data else _split_at_newlines(data)
    starts = [0, *row_ends(data)]
    rows = [data[start:end] for start, end in pairwise(starts)]
    return [*rows, data[starts[-1] :]] if starts[-1] < len(data) else rows


def row_text(row: bytes) -> str:
    """A row as people may see it: no control sequence, tabs as spaces, only characters `str.isprintable` knows."""
    text = row.rstrip(b"\r\n").decode("utf-8", errors="replace")
    if text.isprintable():
        return text
    text = strip_escapes(text.replace("\r", "\N{SYMBOL FOR CARRIAGE RETURN}")).expandtabs(TAB)
    return text if text.isprintable() else "".join(map(_visible, text))


def is_plain(data: bytes) -> bool:
    """Whether `row_text` would change nothing in `data` but decode it: ASCII without control characters."""
    return data.isascii() and not data.translate(None, _PLAIN)


def _may_have_long_line(data: bytes) -> bool:
    # A line too long for a row covers one of these windows whole, so most data is cleared without looking at lines.
    return any(data.find(b"\n", at, at + _WINDOW) < 0 for at in range(0, len(data) - _WINDOW + 1, _WINDOW))


def _split_at_newlines(data: bytes) -> list[bytes]:
    # bytes.splitlines would also split at a carriage return, which is no line end here.
    lines = [line + b"\n" for line in data.split(b"\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def _cut(data: bytes, start: int) -> int:
    """Where to break the long line at `start`: not within a character, not within a short escape sequence."""
    end = start + LONGEST_ROW
    for back in range(4):
        if data[end - back] & 0xC0 != 0x80:
            end -= back
            break
    escape = data.rfind(b"\x1b", max(start + 1, end - _LONGEST_ESCAPE), end)
    return escape if escape >= 0 and _UNFINISHED_ESCAPE.match(data, escape, end) else end


def _visible(char: str) -> str:
    if char.isprintable():
        return char
    return " " if char.isspace() else "\N{REPLACEMENT CHARACTER}"
