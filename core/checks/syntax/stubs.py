"""The code before the change under the names of the code after it: a test that passes on it proves nothing.

It is the new file with every body, and every value of a name, put back to what the old file had there. What the old
file lacks is empty: it returns nothing. So the stub compiles against the new tests, and does what was done before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.checks.syntax.trees import replaced


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a file that decides what the code does: the body of a function, or the value of a name."""

    name: str
    """Where it is: the names around it and its own."""
    header: str
    """Its declaration up to the stretch, which tells overloads apart."""
    start: int
    end: int
    empty: bytes | None = None
    """The stretch that does nothing; None for a value, which stays."""
    throwing: bytes = b""
    """The stretch that only throws, which any declaration takes."""


PartsOf = Callable[[bytes], Sequence[Part]]


def make_stub(before: bytes | None, after: bytes, parts_of: PartsOf) -> bytes:
    """`after` with what it does taken back to `before`; equal to it when there is nothing to take back."""
    old = parts_of(before) if before is not None else ()
    new = parts_of(after)
    texts = {(part.name, part.header): _text(before, part) for part in old}
    olds, news = _single(old), _single(new)
    by_name = {part.name: _text(before, part) for part in old if part.name in olds & news}
    edits = []
    for part in new:
        text = texts.get((part.name, part.header)) or by_name.get(part.name) or part.empty
        if text is not None:
            edits.append((part.start, part.end, text))
    return replaced(after, edits)


def make_throwing_stub(after: bytes, parts_of: PartsOf) -> bytes:
    """`after` with every body gone. For a compiler that refuses the old bodies beside the new declarations."""
    return replaced(after, [(part.start, part.end, part.throwing) for part in parts_of(after) if part.throwing])


def _single(parts: Sequence[Part]) -> set[str]:
    """Names that stand for one part only."""
    return {name for name, times in Counter(part.name for part in parts).items() if times == 1}


def _text(source: bytes | None, part: Part) -> bytes:
    return (source or b"")[part.start : part.end]
