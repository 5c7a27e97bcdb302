"""Read-only folders named by what they are made of: each is built once, whole or not at all, and shared by every box.

Root keeps them where every user of the machine can read them; other users keep their own in their cache.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from config.errors import SandboxUnavailable
from sandbox import tools
from sandbox.toolchains.recipe import Progress

_COMPLETE = "complete"
_SCRATCH = ".new-"
_LOCK = ".lock"
_LOCK_DEADLINE_S = 1800.0
_LOCK_POLL_S = 0.05


class FolderStore:
    """The folders of one kind, such as toolchains."""

    def __init__(self, kind: str, cache: Path) -> None:
        self.kind = kind
        self._cache = cache

    @property
    def parents(self) -> tuple[Path, Path]:
        return tools.SHARED / self.kind, self._cache / self.kind

    def find(self, name: str) -> Path | None:
        """The finished folder of that name, if there is one."""
        return next((parent / name for parent in self.parents if (parent / name / _COMPLETE).is_file()), None)

    def all(self) -> Iterator[Path]:
        """Every finished folder that this process could also remove."""
        for parent in self.parents:
            if os.access(parent, os.W_OK):
                yield from sorted(mark.parent for mark in parent.glob(f"[!.]*/{_COMPLETE}"))

    async def make(self, name: str, build: Callable[[Path], Awaitable[None]], progress: Progress) -> Path:
        """The finished folder, filled by `build` when there is none. Of two builds at once the later one waits.

        Raises SandboxUnavailable when a step fails; nothing half-made stays then, nor after a cancellation.
        """
        if found := self.find(name):
            return found
        try:
            parent = tools.shared_folder(self.kind) if os.geteuid() == 0 else _own(self._cache / self.kind)
            async with _locked(parent, progress):
                await asyncio.to_thread(_remove_scratch, parent)
                return self.find(name) or await _build(parent, name, build)
        except OSError as problem:
            full = problem.errno in (errno.ENOSPC, errno.EDQUOT)
            raise SandboxUnavailable(
                f"{'The disk is full' if full else problem.strerror or problem}: {self.parents[os.geteuid() != 0]} "
                "could not be written.",
                "Free some space; `nexus sandbox prune` removes what is no longer used." if full else "",
            ) from problem

    async def remove(self, folder: Path) -> None:
        """Remove one of the folders of `all`; waits until no build is under way."""
        async with _locked(folder.parent, lambda _: None):
            (folder / _COMPLETE).unlink(missing_ok=True)
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def size_mb(folder: Path) -> int:
    """How much disk a folder takes, in megabytes, rounded up."""
    return -(-sum(path.lstat().st_size for path in folder.rglob("*")) >> 20)


def _own(folder: Path) -> Path:
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    return folder


@asynccontextmanager
async def _locked(parent: Path, progress: Progress) -> AsyncIterator[None]:
    """One process at a time; the kernel gives the lock back when its holder dies."""
    fd = os.open(parent / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not _try_lock(fd):
            progress("Another build is under way; waiting for it ...")
            give_up = time.monotonic() + _LOCK_DEADLINE_S
            while not _try_lock(fd):
                if give_up < time.monotonic():
                    raise SandboxUnavailable(f"Another build holds {parent / _LOCK} and does not end.")
                await asyncio.sleep(_LOCK_POLL_S)
        yield
    finally:
        os.close(fd)


def _remove_scratch(parent: Path) -> None:
    """Of builds that were killed: whoever holds the lock is the only one that builds."""
    for left in parent.glob(f"{_SCRATCH}*"):
        shutil.rmtree(left, ignore_errors=True)


def _try_lock(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def _build(parent: Path, name: str, build: Callable[[Path], Awaitable[None]]) -> Path:
    scratch = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=parent))
    try:
        await build(scratch)
        await asyncio.to_thread(_publish, scratch, parent / name)
    finally:
        await asyncio.to_thread(shutil.rmtree, scratch, ignore_errors=True)
    return parent / name


def _publish(scratch: Path, target: Path) -> None:
    """Name the folder at last: another process sees the whole of it or nothing."""
    tools.open_to_all(scratch)
    (scratch / _COMPLETE).touch(mode=0o644)
    if target.exists():  # half removed by a killed `prune`
        shutil.rmtree(target)
    scratch.rename(target)
