"""Whether a process that left a mark in the database is still the one that is running."""

from __future__ import annotations

import os
from pathlib import Path

_SLACK_S = 2.0


def process_lives(pid: int, since: float) -> bool:
    """True while process `pid` runs and was already running at Unix time `since`: pids are used again."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    started = _started_at(pid)
    return started is None or started <= since + _SLACK_S


def _started_at(pid: int) -> float | None:
    """Unix time a process started at, on Linux; None when the system does not say."""
    try:
        # The name in brackets may hold spaces; field 22 of stat(5) is the start in clock ticks since boot.
        ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
        boot = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime "))
    except (OSError, IndexError, StopIteration):
        return None
    return int(boot.split()[1]) + int(ticks) / os.sysconf("SC_CLK_TCK")
