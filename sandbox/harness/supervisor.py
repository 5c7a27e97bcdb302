"""Process 1 of the box: unpacks the request, runs the tested program as a child, reports what really happened.

It is the only writer of the stream the host reads. It is not dumpable, so the child, although of the same user,
can neither trace it nor open its memory or its file descriptors; as process 1 it cannot be killed from inside.
"""

from __future__ import annotations

import binascii
import os
import resource
import select
import time
from _signal import SIGKILL  # type: ignore[import-not-found]  # `signal` costs every box 3 ms, for `enum`

from . import compact_json, frames, layout, tested, unpack
from .canaries import Canaries, make_canaries
from .tally import Tally

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

PR_SET_DUMPABLE = 4
_CHUNK = 65536
_DRAIN_S = 1.0
_TICK_MS = 50
_MOST_FILES = 50_000
"""Of all folders that can be written. Docker's have that limit of their own; bubblewrap cannot give them one."""


def main() -> None:
    """Serve one request from stdin, then end; the whole box ends with this process."""
    _await_request()
    process = tested.fork()
    _hide_memory()
    header = compact_json.loads(frames.read_header(0))
    assert isinstance(header, dict)
    report = frames.FrameWriter(1, bytes.fromhex(header.pop("key")))
    try:
        layers = unpack.lay_out(0, header["files"], layout.WORK)
        report.send("end", _Run(header, report, layers, process).run())
    except (OSError, ValueError, EOFError) as problem:
        report.send("broken", {"reason": f"{type(problem).__name__}: {problem}"})
    os._exit(0)  # the host waits for it, and Python would tidy up for 3 ms


def _await_request() -> None:
    """Until the host speaks: it does once the box is in its control group, where the fork has to be too."""
    poll = select.poll()
    poll.register(0, select.POLLIN)
    poll.poll()


def _hide_memory() -> None:
    # Not `ctypes`, which costs every box 3 ms.
    import _ctypes

    prctl = _ctypes.dlsym(_ctypes.dlopen(None, 0), "prctl")  # type: ignore[arg-type]
    if _ctypes.call_function(prctl, (PR_SET_DUMPABLE, 0, 0, 0, 0)) != 0:
        raise SystemExit("the supervisor could not protect its memory")


class _Run:
    """One child, from its start to the last byte it wrote."""

    def __init__(
        self, header: Mapping[str, object], report: frames.FrameWriter, layers: unpack.Layers, process: tested.Tested
    ) -> None:
        self._header = header
        self._report = report
        self._layers = layers
        self._limits: dict[str, float] = dict(header["limits"])  # type: ignore[call-overload]
        self._cap = int(self._limits["output_kb"]) * 1024
        self._sent = 0
        self._seen = 0
        self._tested = process
        self._status: int | None = None
        self._stopped = ""
        self._language = str(header["language"])
        templates = "plain" if header["plain"] else self._language
        self._canaries = make_canaries(templates) if header["kind"] == "tests" else Canaries({}, {})
        self._child_key = os.urandom(frames.KEY_BYTES)
        self._rows = frames.FrameReader(self._child_key)
        self._tally = Tally(self._canaries)

    def run(self) -> dict[str, object]:
        started = time.monotonic()
        pipes = self._tested.pipes
        self._tested.start(self._language, int(str(self._header["seed"])), self._limits, self._config())
        deadline = started + self._limits["timeout_s"]
        self._watch(pipes, deadline)
        wall_ms = int((time.monotonic() - started) * 1000)
        self._kill_everyone()
        self._drain(pipes)
        for fd in pipes:
            os.close(fd)
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        status = self._status if self._status is not None else 0
        return {
            "stopped": self._stopped,
            "exit_code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
            "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
            "wall_ms": wall_ms,
            "cpu_ms": int((usage.ru_utime + usage.ru_stime) * 1000),
            "peak_kb": usage.ru_maxrss,
            "output_bytes": self._seen,
            "touched": self._layers.touched(),
            **self._tally.summary(),
        }

    def _config(self) -> bytes:
        body = {
            "key": self._child_key.hex(),
            "kind": self._header["kind"],
            "entry": self._header["entry"],
            "plain": self._header["plain"],
            "select": self._header["select"],
            "seed": self._header["seed"],
            "canaries": self._canaries.sources,
            "pristine": self._layers.sources(),
            "protected": list(self._layers.pristine),
            "memory_mb": int(self._limits["memory_mb"]),
        }
        return frames.with_length(compact_json.dumps(body))

    def _watch(self, pipes: dict[int, str], deadline: float) -> None:
        poll = select.poll()
        for fd in pipes:
            poll.register(fd, select.POLLIN)
        ending = _when_ended(self._tested.pid)
        if ending is not None:
            poll.register(ending, select.POLLIN)
        counted = time.monotonic()
        while not self._stopped and not self._ended():
            left = deadline - time.monotonic()
            if time.monotonic() - counted > _TICK_MS / 1000:
                counted = time.monotonic()
                if _files() > _MOST_FILES:
                    self._stopped = "files"
                    return
            if left <= 0:
                self._stopped = "timeout"
                return
            for fd, _ in poll.poll(min(_TICK_MS, left * 1000)):
                if fd != ending and not self._take(fd, pipes[fd]):
                    poll.unregister(fd)

    def _ended(self) -> bool:
        """Reap whatever has died; true once the tested program itself has."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return True
            if pid == 0:
                return False
            if pid == self._tested.pid:
                self._status = status
                return True

    def _take(self, fd: int, name: str) -> bool:
        """Move one chunk on; false at the end of the pipe."""
        chunk = os.read(fd, _CHUNK)
        if not chunk:
            return False
        if name == "rows":
            self._take_rows(chunk)
            return True
        self._seen += len(chunk)
        kept = chunk[: max(0, self._cap - self._sent)]
        if kept:
            self._sent += len(kept)
            self._report.send(
                "output", {"stream": name, "data": binascii.b2a_base64(kept, newline=False).decode("ascii")}
            )
        if self._seen > self._cap:
            self._stopped = "output"
        return True

    def _take_rows(self, chunk: bytes) -> None:
        if self._tally.tampered:
            return
        try:
            for frame in self._rows.feed(chunk):
                if self._tally.take(frame):
                    self._report.send(frame.kind, frame.fields)
        except (frames.Tampered, ValueError, TypeError, KeyError) as problem:
            self._tally.tampered = str(problem) or "the report cannot be read"

    def _kill_everyone(self) -> None:
        """End the child and all it left behind; in a process namespace of its own that is every other process."""
        if os.getpid() == 1:
            _try_kill(-1)
        else:
            _try_kill(-self._tested.pid)
        give_up = time.monotonic() + _DRAIN_S
        while time.monotonic() < give_up:
            try:
                pid, status = os.waitpid(-1, 0 if os.getpid() == 1 else os.WNOHANG)
            except ChildProcessError:
                return
            if pid == self._tested.pid:
                self._status = status

    def _drain(self, pipes: dict[int, str]) -> None:
        """Read what the dead left in the pipes. A forked survivor cannot hold this up."""
        for fd, name in pipes.items():
            os.set_blocking(fd, False)
            try:
                while self._stopped != "output" and self._take(fd, name):
                    pass
            except BlockingIOError:
                continue


def _files() -> int:
    """How many files, folders and links there are in the folders that can be written."""
    seen = (os.statvfs(folder) for folder in (layout.WORK, layout.TMP, "/dev/shm"))  # noqa: S108
    return sum(each.f_files - each.f_ffree for each in seen)


def _when_ended(pid: int) -> int | None:
    """A descriptor that can be read once the process has ended; None where the kernel has none (gVisor)."""
    try:
        return os.pidfd_open(pid)
    except OSError:
        return None


def _try_kill(target: int) -> None:
    try:
        os.kill(target, SIGKILL)
    except ProcessLookupError:
        pass
