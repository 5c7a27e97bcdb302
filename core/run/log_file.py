"""A growing text file as numbered rows, without holding it in memory: what the sandbox pane shows.

`refresh` scans new bytes in bounded steps on one thread; any thread may ask for rows meanwhile. Only where every 64 KB
begin is remembered: about 16 bytes per block, 256 KB for a file of 1 GB.
"""

from __future__ import annotations

import os
import stat
from array import array
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from core.run.log_rows import LONGEST_ROW, count_rows, row_text, split_rows

BLOCK = 64 * 1024
STEP = 8 * 1024 * 1024
"""Bytes that one `refresh` scans at most."""
_CACHED_BLOCKS = 8


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of a log: `finished` rows from number `first` on, and perhaps a last one without line end."""

    generation: int
    first: int
    finished: int
    data: bytes


class LogFile:
    """A read-only view of the file at `path`, which may not be there yet, grow, shrink, be replaced or deleted."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        """Bytes of the file when it was last looked at."""
        self.scanned = 0
        """Bytes that rows have been counted in."""
        self.version = 0
        """Rises with every change that rows or facts may show."""
        self.generation = 0
        """Rises when the file starts over and row numbers mean other rows."""
        self.problem = ""
        """Why the file cannot be read now, as a sentence; empty when it can."""
        self.missing = False
        """Whether there is no file now; rows read before it was deleted stay readable."""
        self._lock = Lock()
        self._fd = -1
        self._closed = False
        self._starts = array("Q")
        self._firsts = array("Q")
        self._finished = 0
        self._end = 0
        self._cache: dict[tuple[int, int], tuple[int, list[bytes]]] = {}

    def __del__(self) -> None:
        self._drop()  # a viewer opens many and may show one longer than it follows it

    @property
    def line_count(self) -> int:
        """Rows so far, a last one without line end included."""
        with self._lock:
            return self._count()

    @property
    def finished(self) -> int:
        """Rows that will not change any more."""
        return self._finished

    @property
    def complete(self) -> bool:
        """Whether everything the file held when last looked at has been scanned."""
        return self.scanned >= self.size

    def refresh(self) -> bool:
        """Look at the file and scan up to 8 MB of what is new; whether anything changed. From one thread only."""
        before = self.version
        if not self._closed:
            self._look()
            self._scan()
        return self.version != before

    def lines(self, start: int, count: int) -> list[str]:
        """Rows `start` to `start + count - 1` as printable text; fewer where the log ends."""
        return [row_text(row) for row in self._raw(start, count)]

    def text(self, start: int, count: int) -> str:
        """The same rows as one text, in which a long line that stands in several rows is one line again."""
        rows = self._raw(start, count)
        return "".join(f"{row_text(row)}\n" if row.endswith(b"\n") else row_text(row) for row in rows).rstrip("\n")

    def block(self, row: int) -> Block | None:
        """The block that row number `row` stands in, None past the end. Not cached: for reading all of the log."""
        with self._lock:
            if not 0 <= row < self._count():
                return None
            index = bisect_right(self._firsts, row) - 1
            after = self._firsts[index + 1] if index + 1 < len(self._firsts) else self._finished
            first = self._firsts[index]
            return Block(self.generation, first, after - first, self._read(*self._extent(index)))

    def close(self) -> None:
        """Let go of the file, for good: rows can no longer be read."""
        with self._lock:
            self._closed = True
            self._drop()

    def _raw(self, start: int, count: int) -> list[bytes]:
        rows: list[bytes] = []
        with self._lock:
            at, stop = max(start, 0), min(start + count, self._count())
            while at < stop:
                index = bisect_right(self._firsts, at) - 1
                block = self._rows(index)
                skip = at - self._firsts[index]
                taken = block[skip : skip + stop - at]
                if not taken:  # the file was cut short since it was scanned
                    break
                rows += taken
                at += len(taken)
        return rows

    def _rows(self, index: int) -> list[bytes]:
        key, extent = (self.generation, index), self._extent(index)
        cached = self._cache.pop(key, None)
        if cached is None or cached[0] != extent[1]:
            cached = (extent[1], split_rows(self._read(*extent)))
        self._cache[key] = cached
        while len(self._cache) > _CACHED_BLOCKS:
            del self._cache[next(iter(self._cache))]
        return cached[1]

    def _count(self) -> int:
        return self._finished + (self.scanned > self._end)

    def _extent(self, index: int) -> tuple[int, int]:
        """Offset and length of a block."""
        start = self._starts[index]
        return start, (self._starts[index + 1] if index + 1 < len(self._starts) else self.scanned) - start

    def _look(self) -> None:
        try:
            there = self.path.stat()
            with self._lock:
                if self._fd < 0 or not os.path.samestat(there, os.fstat(self._fd)):
                    self._open()
            self._say("")
        except FileNotFoundError:
            deleted = f"{self.path.name} was deleted; what was read of it can still be seen."
            self._say(deleted if self._fd >= 0 else f"{self.path.name} does not exist.", missing=True)
        except OSError as error:
            self._say(f"{self.path.name} cannot be read: {error.strerror or error}.")
        with self._lock:
            self._measure()

    def _open(self) -> None:
        if self._closed:
            return
        # Without O_NONBLOCK, opening a named pipe would wait for its writer for ever.
        fd = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            raise OSError(0, "it is not a regular file")
        self._drop()
        self._fd = fd
        self._start_over()

    def _measure(self) -> None:
        size = os.fstat(self._fd).st_size if self._fd >= 0 else self.size
        if size < self.scanned:
            self._start_over()
        if size != self.size:
            self.size = size
            self.version += 1

    def _scan(self) -> None:
        left = STEP
        while left > 0 and self.scanned < self.size:
            with self._lock:
                # From the start of the unfinished row, which is never longer than a row can be.
                data = self._read(self._end, BLOCK + LONGEST_ROW)
            if self._end + len(data) <= self.scanned:
                return
            count, used = count_rows(data)
            with self._lock:
                if not self._starts or self._end - self._starts[-1] >= BLOCK:
                    self._starts.append(self._end)
                    self._firsts.append(self._finished)
                left -= self._end + len(data) - self.scanned
                self.scanned = self._end + len(data)
                self.size = max(self.size, self.scanned)
                self._finished += count
                self._end += used
                self.version += 1

    def _start_over(self) -> None:
        if self.scanned:
            self.generation += 1
        self._starts, self._firsts = array("Q"), array("Q")
        self._finished = self._end = self.scanned = self.size = 0
        self._cache.clear()
        self.version += 1

    def _say(self, problem: str, missing: bool = False) -> None:
        if (problem, missing) != (self.problem, self.missing):
            with self._lock:
                self.problem, self.missing = problem, missing
                self.version += 1

    def _drop(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _read(self, offset: int, length: int) -> bytes:
        """Bytes of the file; fewer where it ends or cannot be read."""
        try:
            return os.pread(self._fd, length, offset) if self._fd >= 0 else b""
        except OSError:
            return b""
