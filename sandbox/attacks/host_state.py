"""What an attack must leave as it was on the host: files, kernel settings, mounts, groups, network, processes, disk.

Other programs work on the same machine meanwhile, so only what an attack could have caused is looked at: things
that bear its token, settings nobody changes in passing, and losses larger than everyday ones.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_FILES = ("/etc/passwd", "/etc/shadow", "/etc/group", "/etc/hosts", "/etc/ld.so.preload", "/etc/crontab", "/bin/sh")
_HOME_FILES = (".bashrc", ".profile", ".ssh/authorized_keys", ".ssh/config", ".gitconfig")
_SETTINGS: tuple[str, ...] = (
    "kernel/core_pattern",
    "kernel/hostname",
    "kernel/domainname",
    "kernel/modprobe",
    "kernel/sysrq",
)
_SETTINGS += ("kernel/randomize_va_space", "kernel/perf_event_paranoid", "kernel/dmesg_restrict", "fs/suid_dumpable")
_SETTINGS += ("fs/protected_symlinks", "fs/protected_hardlinks", "vm/overcommit_memory", "net/ipv4/ip_forward")
_FOLDERS = ("/", "/tmp", "/var/tmp", "/dev/shm", "/etc", "/usr", "/usr/bin", "/usr/lib", "/root", "/home", "/run")  # noqa: S108 - the host's, looked at only
_ENGINE_MOUNTS = ("/var/lib/docker/", "/run/docker/", "/var/run/docker/")
_DISK_LOSS_MB = 500
"""Less than the smallest flood; more than what an idle machine writes within an attack."""
_CLOCK_JUMP_S = 2.0


@dataclass(frozen=True, slots=True)
class HostState:
    """A look at the host. Two of them are compared."""

    files: dict[str, str]
    settings: dict[str, str]
    mounts: frozenset[str]
    interfaces: frozenset[str]
    groups: frozenset[str]
    free_mb: int
    clock_s: float
    """Wall clock minus the one that cannot be set."""


def look(watched: Sequence[Path]) -> HostState:
    """`watched`: files of the caller's own that must keep their content."""
    home = [Path.home() / name for name in _HOME_FILES]
    return HostState(
        files={str(path): _digest(path) for path in (*map(Path, _FILES), *home, *watched)},
        settings={name: _read(Path("/proc/sys") / name) for name in _SETTINGS},
        mounts=frozenset(_mounts()),
        interfaces=frozenset(name for name in _listed("/sys/class/net") if not name.startswith("veth")),
        groups=frozenset(_own_groups()),
        free_mb=_free_mb(),
        clock_s=time.time() - time.monotonic(),
    )


def changes(before: HostState, after: HostState) -> list[str]:
    """What is different, in words; nothing when the host is unchanged."""
    found = [f"{path} was changed" for path, digest in before.files.items() if after.files[path] != digest]
    found += [f"the setting {name} was changed" for name in before.settings if _differs(before, after, name)]
    if new := after.mounts - before.mounts:
        found.append(f"mounted: {', '.join(sorted(new))}")
    if gone := before.mounts - after.mounts:
        found.append(f"unmounted: {', '.join(sorted(gone))}")
    if after.interfaces != before.interfaces:
        found.append(f"network interfaces changed: {', '.join(sorted(after.interfaces ^ before.interfaces))}")
    if new := after.groups - before.groups:
        found.append(f"control groups were left: {', '.join(sorted(new))}")
    if before.free_mb - after.free_mb > _DISK_LOSS_MB:
        found.append(f"the host's disk lost {before.free_mb - after.free_mb} MB")
    if abs(after.clock_s - before.clock_s) > _CLOCK_JUMP_S:
        found.append("the host's clock was set")
    return found


def traces(token: str) -> list[str]:
    """Files and processes of the host that bear the token of an attack."""
    found = [f"{folder}/{name} was left" for folder in _FOLDERS for name in _listed(folder) if token in name]
    processes = (one for one in Path("/proc").glob("[0-9]*") if one.name != str(os.getpid()))
    return [*found, *(f"process {one.name} was left" for one in processes if token in _read(one / "cmdline"))]


def _differs(before: HostState, after: HostState, name: str) -> bool:
    return before.settings[name] != after.settings[name]


def _digest(path: Path) -> str:
    try:
        seen = path.stat()
        return f"{hashlib.sha256(path.read_bytes()).hexdigest()} {seen.st_mode:o} {seen.st_uid} {seen.st_nlink}"
    except OSError as problem:
        return type(problem).__name__


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def _mounts() -> Iterator[str]:
    for line in _read(Path("/proc/self/mountinfo")).splitlines():
        where = line.split()[4]
        if not where.startswith(_ENGINE_MOUNTS):
            yield where


def _own_groups() -> Iterator[str]:
    root = Path("/sys/fs/cgroup")
    for pattern in (f"nexus-sandbox/{os.getpid()}-*", f"*/nexus-sandbox/{os.getpid()}-*"):
        yield from (str(path.relative_to(root)) for path in root.glob(pattern))


def _listed(folder: str) -> list[str]:
    try:
        return [path.name for path in Path(folder).iterdir()]
    except OSError:
        return []


def _free_mb() -> int:
    seen = os.statvfs("/")
    return seen.f_bavail * seen.f_frsize >> 20
