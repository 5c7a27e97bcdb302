"""Numbers with their nouns, as people write them."""

from __future__ import annotations


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 file`, `2 files`; `plural` where an `s` is not enough."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
