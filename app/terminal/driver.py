"""The way to the terminal: knows how much it has not taken yet, and outlives it."""

from __future__ import annotations

import contextlib
import os
import select
import termios
from typing import TYPE_CHECKING, Any, TextIO, cast

from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from textual.app import App

HUNG_UP = 129
"""Exit code when the terminal went away: 128 + SIGHUP, as shells report it."""
_RESTORE = b"".join(
    b"\x1b[" + part
    # keyboard protocol, mouse, paste, focus, line wrap, the usual screen, cursor
    for part in b"<u ?1000l ?1003l ?1015l ?1006l ?2004l ?1004l ?7h ?1049l ?25h".split()
)


class Line:
    """What Textual's writer thread takes for the terminal's file. Text that has nobody left to read it is dropped."""

    def __init__(self, file: TextIO) -> None:
        self._fd = file.fileno()
        self._encoding = file.encoding
        self._parts: list[str] = []
        self._queued = 0
        self._taken = 0

    @property
    def waiting(self) -> int:
        """Characters that were handed in and that the terminal has not taken."""
        return self._queued - self._taken

    def expect(self, text: str) -> None:
        """Said by the application's thread before it queues `text`."""
        self._queued += len(text)

    def write(self, text: str) -> None:
        self._parts.append(text)

    def flush(self) -> None:
        """Waits as long as the terminal takes nothing."""
        text = "".join(self._parts)
        self._parts.clear()
        try:
            self._put(memoryview(text.encode(self._encoding, errors="replace")))
        except OSError:
            pass  # hung up: without a writer thread the application would wait for room in its queue for ever
        self._taken += len(text)

    def _put(self, data: memoryview) -> None:
        while data:
            try:
                data = data[os.write(self._fd, data) :]
            except BlockingIOError:  # another program on this terminal has left it so
                select.select([], [self._fd], [])

    def fileno(self) -> int:
        return self._fd


class TerminalDriver(LinuxDriver):
    """Textual's own, with a `Line` in between."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        assert self._file is not None  # else nothing full-screen would have been opened
        self.line = Line(self._file)
        self._file = cast(Any, self.line)

    def write(self, data: str) -> None:
        self.line.expect(data)
        super().write(data)

    def restore_now(self) -> None:
        """Give the terminal back without waiting for it."""
        if self.attrs_before is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
        with contextlib.suppress(OSError):
            os.set_blocking(self.line.fileno(), False)
            os.write(self.line.fileno(), _RESTORE)
            os.set_blocking(self.line.fileno(), True)

    def _run_input_thread(self) -> None:
        try:
            self.run_input_thread()
        except OSError:
            self._app.call_later(self._app.exit, None, HUNG_UP)
