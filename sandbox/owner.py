"""Says which process a sandbox resource belongs to, so that those of dead processes can be swept."""

from __future__ import annotations

import functools
import os
import socket
from pathlib import Path

_START_TIME = 21
"""Position of `starttime` in /proc/PID/stat, counted from 0."""


def boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""


def own_mark() -> str:
    """This process: host name, boot, process id and start time. The id alone would be reused."""
    return _mark_of(os.getpid())


@functools.cache
def _mark_of(pid: int) -> str:
    return " ".join((socket.gethostname(), boot_id(), str(pid), _start_time(pid)))


def is_orphan(mark: str) -> bool:
    """True if the process was one of this host and is no more. Unknown marks and other hosts' are left alone."""
    parts = mark.split(" ")
    if len(parts) != 4 or parts[0] != socket.gethostname() or not parts[2].isdigit():
        return False
    return parts[1] != boot_id() or _start_time(int(parts[2])) != parts[3]


def _start_time(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    # The name in parentheses may hold spaces.
    return stat.rpartition(")")[2].split()[_START_TIME - 2]
