"""Random choices that nobody can foresee, from the kernel; the module `random` costs every box 4 ms."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeVar

    T = TypeVar("T")


def bits(count: int) -> int:
    return int.from_bytes(os.urandom(8), "big") & ((1 << count) - 1)


def below(end: int) -> int:
    """From 0 to `end` - 1. Of 64 bits, so that no number is likelier than another by more than one in a million."""
    return bits(64) % end


def between(first: int, end: int) -> int:
    """From `first` to `end` - 1."""
    return first + below(end - first)


def choice(values: Sequence[T]) -> T:
    return values[below(len(values))]


def shuffled(values: Sequence[T]) -> list[T]:
    left = list(values)
    return [left.pop(below(len(left))) for _ in values]
