"""Memory of the terminal after it has watched what a noisy run brings in an hour, in time-lapse."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from evals.perf.measure import Figure
from evals.perf.pty_flood import noisy_run
from evals.perf.pty_home import fill, open_nexus
from evals.perf.pty_noisy_run import ANSWER_BYTES, LINES_PER_MINUTE, MINUTES, TESTS_PER_MINUTE

_TARGET_MB = 120.0
_DEADLINE_S = 600.0


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="nexus-perf-") as folder:
        home = Path(folder) / "home"
        fill(home)
        with noisy_run(home, "hour") as run, open_nexus(home) as terminal:
            terminal.wait_for_text("running", _DEADLINE_S)
            begun = terminal.memory_mb()
            began = time.monotonic()
            run.communicate(timeout=_DEADLINE_S)
            terminal.wait_for_text("not verified", _DEADLINE_S)
            lapse, after = time.monotonic() - began, terminal.memory_mb()
    lines, tests = MINUTES * LINES_PER_MINUTE, MINUTES * TESTS_PER_MINUTE
    detail = f"{begun:.0f} MB at first; {lines:,} lines, {tests:,} tests, {MINUTES * ANSWER_BYTES:,} bytes of answers"
    return [Figure("memory after an hour of a noisy run", after, _TARGET_MB, "MB", f"{detail} in {lapse:.0f} s")]
