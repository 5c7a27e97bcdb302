"""Small wrong versions of the new code, to see whether the new tests notice.

Only lines that the attempt wrote are changed, and only where a change alters behaviour. Each language says how.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

from core.ids import digest


@dataclass(frozen=True, slots=True)
class Mutant:
    path: str
    line: int
    description: str
    """What differs, such as `< became <=`."""
    content: bytes
    """The whole file."""


class Change(Protocol):
    """One way to make a line wrong."""

    @property
    def line(self) -> int: ...

    @property
    def description(self) -> str: ...


C = TypeVar("C", bound=Change)


def spread(changes: Iterable[C], seed: int) -> Iterator[C]:
    """One change of every line first, then a second one of each, so that no line takes all mutants."""
    by_line: dict[int, list[C]] = {}
    # A hash is shuffle enough, and the same on every machine: a resumed run must choose the same mutants.
    for change in sorted(changes, key=lambda one: digest(f"{seed}:{one.line}:{one.description}")):
        by_line.setdefault(change.line, []).append(change)
    while by_line:
        for line in list(by_line):
            yield by_line[line].pop()
            if not by_line[line]:
                del by_line[line]
