"""Fenced Markdown blocks: where they open, where they close, and how to write one that holds any text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_OPEN = re.compile(r" {0,3}(`{3,}|~{3,})([^`]*)")
_RUN = re.compile(r"`{3,}")


@dataclass(frozen=True, slots=True)
class Fence:
    """The opening line of a block."""

    char: str
    length: int
    info: str

    def closes_at(self, line: str) -> bool:
        mark = line.strip()
        return len(mark) >= self.length and not mark.strip(self.char)

    def nests_at(self, line: str) -> bool:
        """Whether `line` opens a block of the same kind inside this one, told by its info string."""
        inner = opening(line)
        return inner is not None and inner.char == self.char and inner.length >= self.length and bool(inner.info)


@dataclass(frozen=True, slots=True)
class FencedBlock:
    """One closed block. Lines are numbered from 0; `start` and `end` are its opening and closing lines."""

    info: str
    lines: tuple[str, ...]
    start: int
    end: int


def opening(line: str) -> Fence | None:
    """The fence that `line` opens, if it does."""
    found = _OPEN.fullmatch(line)
    if found is None:
        return None
    return Fence(found[1][0], len(found[1]), found[2].strip())


def closing(lines: Sequence[str], fence: Fence, start: int) -> int | None:
    """Index of the line that closes `fence`, searched from `start`; None when the text ends first.

    Models forget to lengthen the outer fence around Markdown: a line such as ```` ```bash ```` inside a block
    therefore opens an inner one, and the next bare fence closes that, not the outer block.
    """
    depth = 1
    for index in range(start, len(lines)):
        line = lines[index]
        if not line.lstrip().startswith(fence.char * 3):
            continue
        if fence.closes_at(line):
            depth -= 1
            if depth == 0:
                return index
        elif fence.nests_at(line):
            depth += 1
    return None


def blocks(text: str) -> Iterator[FencedBlock]:
    """Closed blocks in order; an unclosed one ends the search."""
    lines = text.replace("\r\n", "\n").split("\n")
    index = 0
    while index < len(lines):
        fence = opening(lines[index])
        if fence is None:
            index += 1
            continue
        end = closing(lines, fence, index + 1)
        if end is None:
            return
        yield FencedBlock(fence.info, tuple(lines[index + 1 : end]), index, end)
        index = end + 1


def fenced(text: str, info: str = "") -> str:
    """`text` as a block whose fence is longer than any inside it."""
    longest = max((len(run) for run in _RUN.findall(text)), default=2)
    mark = "`" * (longest + 1)
    return f"{mark}{info}\n{text}{'' if text.endswith(chr(10)) or not text else chr(10)}{mark}"
