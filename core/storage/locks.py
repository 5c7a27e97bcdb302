"""A lock between processes that the kernel lets go of when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType

from config.paths import make_private_dir

_POLL_S = 0.02


class FileLock:
    """An exclusive `flock` on a file of its own. Each instance is one holder, also within one process.

    `with FileLock(path):` takes the lock at once or raises TimeoutError; `acquire` waits and answers.
    The file stays behind: removing it would let two processes hold "the same" lock on two files.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = None

    @property
    def held(self) -> bool:
        return self._fd is not None

    def acquire(self, timeout_s: float = 0.0) -> bool:
        """Take the lock, waiting at most `timeout_s` seconds; False if another holder kept it. Blocks the thread."""
        if self._fd is not None:
            raise RuntimeError(f"{self.path} is already held by this object")
        make_private_dir(self.path.parent)
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + timeout_s
        try:
            while not _try_lock(fd):
                left = deadline - time.monotonic()
                if left <= 0:
                    os.close(fd)
                    return False
                time.sleep(min(_POLL_S, left))
        except BaseException:
            os.close(fd)
            raise
        self._fd = fd
        return True

    def release(self) -> None:
        """Let go. Safe to call without holding."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def __enter__(self) -> FileLock:
        if not self.acquire():
            raise TimeoutError(f"{self.path} is held by another process")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _try_lock(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
