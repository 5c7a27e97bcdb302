"""What the terminal costs while nothing changes: processor time and bytes written."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from evals.perf.measure import Figure
from evals.perf.pty_flood import noisy_run
from evals.perf.pty_home import fill, open_nexus
from evals.perf.pty_terminal import PtyTerminal

_SECONDS = 10.0
_SETTLED_S = 2.0
_DEADLINE_S = 60.0
_CPU_TARGET = 1.0
_LIVE_TARGET = 3.0
"""A clock ticks, and the run is looked at twenty times a second."""


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="nexus-perf-") as folder:
        home = Path(folder) / "home"
        fill(home)
        found: list[Figure] = []
        for name, args in (("home", ()), ("a finished run", ("--run", "last"))):
            with open_nexus(home, *args) as terminal:
                cpu, written = _at_rest(terminal)
            found += [
                Figure(f"idle on {name}: processor", cpu, _CPU_TARGET, "%", f"over {_SECONDS:.0f} s"),
                Figure(f"idle on {name}: written", written, 0, "B", f"in {_SECONDS:.0f} s", exact=True),
            ]
        with noisy_run(home, "0"), open_nexus(home) as terminal:
            terminal.wait_for_text("tester", _DEADLINE_S)
            cpu, written = _at_rest(terminal, quiet=False)
        detail = f"{written / _SECONDS:.0f} B/s written: a clock that ticks once a second"
        return [*found, Figure("live but quiet: processor", cpu, _LIVE_TARGET, "%", detail)]


def _at_rest(terminal: PtyTerminal, quiet: bool = True) -> tuple[float, int]:
    """Percent of a processor and bytes, from when it has settled."""
    deadline = time.monotonic() + _DEADLINE_S
    seen = -1
    while seen != terminal.received:
        if time.monotonic() > deadline:
            raise TimeoutError("the terminal never came to rest")
        seen = terminal.received
        time.sleep(_SETTLED_S)
        if not quiet:
            break
    before, used = terminal.received, terminal.cpu_s()
    time.sleep(_SECONDS)
    return (terminal.cpu_s() - used) / _SECONDS * 100, terminal.received - before
