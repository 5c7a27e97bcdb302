"""Small ways of putting values on a screen or a line of output: safe, short, aligned."""

from __future__ import annotations

import re

_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """Text of unknown origin without terminal escapes, control and text-direction characters."""
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text)


def one_line(text: str, width: int = 0) -> str:
    """The text on one printable line, cut to `width` characters when that is not 0."""
    line = printable(" ".join(text.split()))
    return line if not width or len(line) <= width else line[: max(width - 1, 0)] + "…"


def usd(micros: int) -> str:
    """Micro-dollars as dollars: cents for everyday amounts, more digits for small or broken ones."""
    amount = micros / 1_000_000
    return f"${amount:.2f}" if amount >= 1 or micros % 10_000 == 0 else f"${amount:.4f}"


def duration(ms: int) -> str:
    """Milliseconds as `0.4 s`, `12 s`, `3 min 05 s` or `2 h 10 min`."""
    if ms < 10_000:
        return f"{ms / 1000:.1f} s"
    seconds = ms // 1000
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02} min"


def age(seconds: float) -> str:
    """How long ago, in one unit: `now`, `5 min`, `3 h`, `12 d`."""
    if seconds < 60:
        return "now"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    if seconds < 86_400:
        return f"{seconds / 3600:.0f} h"
    return f"{seconds / 86_400:.0f} d"


def table(rows: list[list[str]], indent: str = "") -> list[str]:
    """Rows as lines with aligned columns; the last column is left as long as it is."""
    if not rows:
        return []
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]) - 1)]
    return [
        indent + "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]).rstrip()
        for row in rows
    ]
