"""Tells whether anybody else has a file open: a `flock` beside it that the kernel lets go of however its holder dies.

SQLite's own locks cannot tell: a process that was killed and one that is still running leave the same files behind.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class Presence:
    """A mark that this process has `path` open. Each instance is one user, also within one process.

    Until `stay` a first user holds the mark for itself alone. Who cannot get the mark goes on without one: then a later
    user may take itself for the first, which costs a check and nothing else.
    """

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path.with_name(f"{path.name}-open"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self.first = self._try(fcntl.LOCK_EX)
        """Whether nobody else had it open."""
        if not self.first:
            self._try(fcntl.LOCK_SH)

    def stay(self) -> None:
        """Let others in."""
        if self.first:
            self._try(fcntl.LOCK_SH)

    def leave(self) -> None:
        """Safe to call twice."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _try(self, kind: int) -> bool:
        try:
            fcntl.flock(self._fd, kind | fcntl.LOCK_NB)
        except OSError:  # taken, or a file system without such locks
            return False
        return True
