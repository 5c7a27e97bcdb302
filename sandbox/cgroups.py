"""A control group for one box: memory, process and CPU limits that no process inside can leave.

Works with cgroup v1 (root) and v2 (root, or a delegated subtree). Where neither is allowed there is none, and the
caller falls back to per-process limits and says so.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from sandbox.model import Limits

ROOT = Path("/sys/fs/cgroup")
PARENT = "nexus-sandbox"
_CPU_PERIOD_US = 100_000
_REMOVE_DEADLINE_S = 2.0
_CONTROLLERS = ("memory", "pids", "cpu")
_LEAF = "nexus-engine"


@dataclass(frozen=True, slots=True)
class Group:
    """One group, in one folder (v2) or one per controller (v1)."""

    version: int
    folders: tuple[Path, ...]

    def add(self, pid: int) -> None:
        for folder in self.folders:
            (folder / "cgroup.procs").write_text(str(pid))

    def out_of_memory(self) -> bool:
        name = "memory.events" if self.version == 2 else "memory.oom_control"
        fields = dict(line.split() for line in _read(self.folders[0] / name).splitlines() if " " in line)
        return int(fields.get("oom_kill", 0)) > 0

    def peak_kb(self) -> int:
        name = "memory.peak" if self.version == 2 else "memory.max_usage_in_bytes"
        text = _read(self.folders[0] / name).strip()
        return int(text) // 1024 if text.isdigit() else 0

    def remove(self) -> None:
        """Remove the folders; they empty a moment after the last process has died."""
        give_up = time.monotonic() + _REMOVE_DEADLINE_S
        for folder in self.folders:
            _remove(folder, give_up)


@functools.cache
def available() -> bool:
    """Whether a group can be made here; tried, not guessed."""
    group = create(Limits())
    if group is None:
        return False
    group.remove()
    return True


def create(limits: Limits, root: Path = ROOT) -> Group | None:
    """A new group with these limits, or None where the system does not allow it."""
    name = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
    try:
        if (root / "cgroup.controllers").is_file():
            return _create_v2(limits, root, name)
        return _create_v1(limits, root, name)
    except (OSError, ValueError):
        return None


def sweep(root: Path = ROOT) -> None:
    """Remove the groups of Nexus processes that are no more, as soon as the last process in them has died."""
    give_up = time.monotonic() + _REMOVE_DEADLINE_S
    for folder in (group for parent in _parents(root) for group in parent.glob("*-*")):
        if not Path(f"/proc/{folder.name.partition('-')[0]}").exists():
            _remove(folder, give_up)


def _parents(root: Path) -> list[Path]:
    """Where groups of Nexus are, of this process and of others."""
    if not (root / "cgroup.controllers").is_file():
        return [root / controller / PARENT for controller in _CONTROLLERS]
    with contextlib.suppress(PermissionError):
        return [_delegated(root) / PARENT]
    return []


def _remove(folder: Path, give_up: float) -> None:
    with contextlib.suppress(OSError):  # version 1 has no such file
        fd = os.open(folder / "cgroup.kill", os.O_WRONLY)
        try:
            os.write(fd, b"1")
        finally:
            os.close(fd)
    while folder.exists() and time.monotonic() < give_up:
        with contextlib.suppress(OSError):
            folder.rmdir()
            return
        time.sleep(0.005)


def _create_v1(limits: Limits, root: Path, name: str) -> Group:
    folders: list[Path] = []
    try:
        for controller in _CONTROLLERS:
            folder = root / controller / PARENT / name
            folder.mkdir(parents=True)
            folders.append(folder)
        memory, pids, cpu = folders
        if limits.memory_mb:
            size = str(limits.memory_mb << 20)
            (memory / "memory.limit_in_bytes").write_text(size)
            with contextlib.suppress(OSError):  # absent where the kernel does not account swap
                (memory / "memory.memsw.limit_in_bytes").write_text(size)
        if limits.pids:
            (pids / "pids.max").write_text(str(limits.pids))
        (cpu / "cpu.cfs_period_us").write_text(str(_CPU_PERIOD_US))
        (cpu / "cpu.cfs_quota_us").write_text(str(int(limits.cpus * _CPU_PERIOD_US)))
    except OSError:
        Group(1, tuple(folders)).remove()
        raise
    return Group(1, tuple(folders))


def _create_v2(limits: Limits, root: Path, name: str) -> Group:
    base = _delegated(root)
    parent = base / PARENT
    parent.mkdir(exist_ok=True)
    try:
        _hand_down(base)
    except OSError as problem:
        if problem.errno not in (errno.EBUSY, errno.EOPNOTSUPP):
            raise
        _leave_for_a_leaf(base)
    _hand_down(parent)
    group = parent / name
    group.mkdir()
    try:
        if limits.memory_mb:
            (group / "memory.max").write_text(str(limits.memory_mb << 20))
            with contextlib.suppress(OSError):
                (group / "memory.swap.max").write_text("0")
        if limits.pids:
            (group / "pids.max").write_text(str(limits.pids))
        with contextlib.suppress(OSError):
            (group / "cpu.max").write_text(f"{int(limits.cpus * _CPU_PERIOD_US)} {_CPU_PERIOD_US}")
    except OSError:
        Group(2, (group,)).remove()
        raise
    return Group(2, (group,))


def _hand_down(folder: Path) -> None:
    """Let the groups below `folder` have limits. CPU may be kept from us; without the others there is no group."""
    there = set(_read(folder / "cgroup.controllers").split())
    missing = set(_CONTROLLERS) - set(_read(folder / "cgroup.subtree_control").split())
    if wanted := missing & (there | {"memory", "pids"}):
        # At once: CPU alone would be granted beside processes, and would rule memory out.
        (folder / "cgroup.subtree_control").write_text(" ".join(f"+{one}" for one in sorted(wanted)))


def _leave_for_a_leaf(base: Path) -> None:
    """A group with processes of its own may not hand controllers down; ours is the one that can move."""
    leaf = base / _LEAF
    leaf.mkdir(exist_ok=True)
    (leaf / "cgroup.procs").write_text(str(os.getpid()))
    try:
        _hand_down(base)
    except OSError:  # others live there too, and are none of our business
        (base / "cgroup.procs").write_text(str(os.getpid()))
        leaf.rmdir()
        raise


def _delegated(root: Path) -> Path:
    """The highest folder above this process that it may write to."""
    own = next(
        (line.partition("::")[2] for line in _read(Path("/proc/self/cgroup")).splitlines() if line.startswith("0::")),
        "/",
    )
    best: Path | None = None
    folder = root / own.strip("/")
    while True:
        if os.access(folder / "cgroup.procs", os.W_OK) and os.access(folder, os.W_OK):
            best = folder
        if folder == root:
            break
        folder = folder.parent
    if best is None:
        raise PermissionError("no control group may be written")
    return best


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
