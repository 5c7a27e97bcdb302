"""Key to paint during a flood of output when the connection takes 100 KB per second, as over a poor SSH link."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from evals.perf.measure import Figure
from evals.perf.pty_flood import flood
from evals.perf.pty_home import fill

_BYTES_PER_S = 100_000
_LINES_PER_S = 5_000
_TARGET_MS = 150.0
_SSH = {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="nexus-perf-") as folder:
        home = Path(folder) / "home"
        fill(home)
        with flood(home, _LINES_PER_S, _BYTES_PER_S, **_SSH) as watched:
            began, before = time.perf_counter(), watched.terminal.received
            taken = watched.key_ms()
            rate = (watched.terminal.received - before) / (time.perf_counter() - began) / 1000
    p50, p95 = (taken[int(len(taken) * share)] for share in (0.5, 0.95))
    detail = f"p50 {p50:.0f} ms, {rate:.0f} KB/s written; {_LINES_PER_S:,} lines/s, SSH_CONNECTION set"
    return [Figure("key to paint, p95, over 100 KB/s", p95, _TARGET_MS, "ms", detail)]
