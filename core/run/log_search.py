"""Looking for text in a log: the next row that has it, and all rows that have it, in steps that can be stopped."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass

from core.run.log_file import Block, LogFile
from core.run.log_rows import is_plain, row_text, split_rows

MOST_MATCHES = 2_000_000
"""Row numbers that `Matches` remembers at most: 16 MB."""


@dataclass(frozen=True, slots=True)
class Needle:
    """What to look for, upper and lower case alike; `inverse` asks for the rows without it."""

    text: str
    inverse: bool = False

    @classmethod
    def parse(cls, typed: str) -> Needle | None:
        """`word`, or `!word` for rows without it; None when there is nothing to look for."""
        inverse = typed.startswith("!")
        text = typed[inverse:].casefold()
        return cls(text, inverse) if text else None

    def __str__(self) -> str:
        return f"!{self.text}" if self.inverse else self.text

    def in_rows(self, data: bytes) -> list[int]:
        """Which rows of `data`, counted from 0, match."""
        if is_plain(data):
            folded = data.lower()
            wanted = self.text.encode()
            if wanted not in folded and not self.inverse:
                return []
            return [at for at, row in enumerate(split_rows(folded)) if (wanted in row) != self.inverse]
        return [
            at for at, row in enumerate(split_rows(data)) if (self.text in row_text(row).casefold()) != self.inverse
        ]


def find(
    log: LogFile, needle: Needle, start: int, forward: bool = True, stopped: Callable[[], bool] = lambda: False
) -> int | None:
    """The nearest matching row from row `start` on, `start` included; None when there is none or when stopped."""
    row = start if forward else min(start, log.line_count - 1)
    while not stopped():
        block = log.block(row)
        if block is None:
            return None
        hits = [block.first + at for at in needle.in_rows(block.data)]
        if forward:
            found = next((hit for hit in hits if hit >= row), None)
            row = max(block.first + block.finished, row + 1)
        else:
            found = next((hit for hit in reversed(hits) if hit <= row), None)
            row = block.first - 1
        if found is not None:
            return found
    return None


class Matches:
    """The rows of a log that match, found step by step while the log is scanned and grows.

    One thread calls `step`; any thread may read `rows`, numbers of matching rows in ascending order.
    """

    def __init__(self, log: LogFile, needle: Needle, most: int = MOST_MATCHES) -> None:
        self.log = log
        self.needle = needle
        self.rows = array("Q")
        self.searched = 0
        """Rows before this number have been looked at."""
        self.full = False
        """Whether there were more matches than are remembered; the first ones are."""
        self._most = most
        self._generation = log.generation
        self._version = -1

    @property
    def up_to_date(self) -> bool:
        return self.full or (self._version == self.log.version and self.searched >= self.log.finished)

    def index(self, row: int) -> int:
        """How many of the matches stand before row number `row` of the log."""
        return bisect_left(self.rows, row)

    def step(self) -> bool:
        """Look through the next block, about 64 KB; whether there is more to do now."""
        if self.up_to_date:
            return False
        version = self.log.version
        if self._generation != self.log.generation:
            self._generation = self.log.generation
            self.rows, self.searched = array("Q"), 0
        block = self.log.block(self.searched)
        if block is not None and block.generation == self._generation:
            self._take(block)
        self._version = version
        return not self.up_to_date

    def _take(self, block: Block) -> None:
        found = [block.first + at for at in self.needle.in_rows(block.data)]
        if self.rows and self.rows[-1] >= self.searched:
            self.rows.pop()  # the row without line end may have changed since
        self.rows.extend(row for row in found if row >= self.searched)
        self.searched = max(self.searched, block.first + block.finished)
        if len(self.rows) > self._most:
            del self.rows[self._most :]
            self.full = True
