"""A program on a pseudo-terminal of its own: what it writes and when, with keys, resizing, hang-up and a slow link."""

from __future__ import annotations

import codecs
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

_CHUNK = 65536
_SLICE_S = 0.02
"""A slow link is read in slices of this length."""
_ESCAPES = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]P][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]")


class PtyTerminal:
    """Starts `command` as the leader of a session whose terminal this is. Use as a context manager.

    `bytes_per_s`: read what it writes no faster than that; 0: as fast as it comes.
    """

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        cwd: Path | None = None,
        size: tuple[int, int] = (120, 36),
        bytes_per_s: int = 0,
    ) -> None:
        self._master, slave = os.openpty()
        self._stopped, self._stop = os.pipe()
        self._rate = bytes_per_s
        self._reading = threading.Event()
        self._reading.set()
        self._news = threading.Condition()
        self._raw = bytearray()
        self._arrivals: list[tuple[int, float]] = []
        """Length of `_raw` after each read, and when that was."""
        self.resize(*size)
        self.began = time.perf_counter()
        try:
            self.process = subprocess.Popen(
                command,
                env=dict(env),
                cwd=cwd,
                stdin=slave,
                stdout=slave,
                stderr=slave,
                start_new_session=True,
                # The controlling terminal: closing it then hangs up on the program, as a dropped connection does.
                preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            )
        finally:
            os.close(slave)
        self._reader = threading.Thread(target=self._read, name="pty-reader", daemon=True)
        self._reader.start()

    def __enter__(self) -> PtyTerminal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.hang_up()

    # --- what the user does ---

    def send(self, keys: str) -> float:
        """Type, and say when that was."""
        now = time.perf_counter()
        os.write(self._master, keys.encode())
        return now

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def hang_up(self) -> None:
        """Close the terminal's side. Safe to call twice."""
        if self._master >= 0:
            os.close(self._stop)  # a thread that reads the terminal would keep it open
            self.go_on()
            self._reader.join()
            os.close(self._stopped)
            os.close(self._master)
            self._master = -1

    def stall(self) -> None:
        """Read nothing more, as a connection does that has come to a standstill."""
        self._reading.clear()

    def go_on(self) -> None:
        self._reading.set()

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def wait(self, timeout_s: float) -> int:
        """The program's exit code, when everything it wrote has been read."""
        code = self.process.wait(timeout_s)
        self._reader.join(timeout_s)
        return code

    # --- what it costs ---

    def cpu_s(self) -> float:
        """Processor time of the program so far, of all its threads."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mb(self) -> float:
        """Resident memory of the program."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    # --- what the user sees ---

    @property
    def raw(self) -> bytes:
        """Everything that has arrived."""
        with self._news:
            return bytes(self._raw)

    @property
    def received(self) -> int:
        """Bytes that have arrived."""
        return len(self._raw)

    def frames(self) -> list[tuple[float, str]]:
        """Everything that arrived, in the pieces it came in, each with its time in seconds since the start."""
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        with self._news:
            begins = [0, *(length for length, _ in self._arrivals)]
            pieces = zip(begins, self._arrivals, strict=False)
            return [(when - self.began, decoder.decode(self._raw[start:end])) for start, (end, when) in pieces]

    def text(self, since: int = 0) -> str:
        """What arrived from byte `since` on, without escape sequences."""
        with self._news:
            data = bytes(self._raw[since:])
        return _ESCAPES.sub(b"", data).decode("utf-8", errors="replace")

    def wait_for(self, marker: str, timeout_s: float, since: int = 0) -> float:
        """When `marker` had arrived whole, in bytes from `since` on. Raises TimeoutError with the last text seen."""
        wanted, deadline = marker.encode(), time.perf_counter() + timeout_s
        with self._news:
            looked = since
            while (at := self._raw.find(wanted, max(since, looked - len(wanted)))) < 0:
                looked = len(self._raw)
                left = deadline - time.perf_counter()
                if left <= 0 or (not self._reader.is_alive() and looked == len(self._raw)):
                    tail = _ESCAPES.sub(b" ", bytes(self._raw[-3000:])).decode("utf-8", errors="replace")
                    raise TimeoutError(f"{marker!r} did not appear. Last seen: {tail}")
                self._news.wait(min(left, 0.5))
            end = at + len(wanted)
            return next(when for length, when in self._arrivals if length >= end)

    def wait_for_text(self, text: str, timeout_s: float, since: int = 0) -> None:
        """Until `text` has arrived in bytes from `since` on, in whatever colours. Raises TimeoutError."""
        deadline = time.perf_counter() + timeout_s
        while text not in (seen := self.text(since)):
            if time.perf_counter() > deadline:
                raise TimeoutError(f"{text!r} did not appear. Last seen: {seen[-3000:]}")
            with self._news:
                self._news.wait(0.1)

    # --- the thread ---

    def _read(self) -> None:
        while True:
            self._reading.wait()
            ready, _, _ = select.select([self._master, self._stopped], [], [])
            began = time.perf_counter()
            most = max(1, int(self._rate * _SLICE_S)) if self._rate else _CHUNK
            try:
                data = os.read(self._master, most) if self._stopped not in ready else b""
            except OSError:  # how Linux says that the program closed its side
                data = b""
            with self._news:
                self._raw += data
                self._arrivals.append((len(self._raw), time.perf_counter()))
                self._news.notify_all()
            if not data:
                return
            if self._rate:
                time.sleep(max(0.0, len(data) / self._rate - (time.perf_counter() - began)))
