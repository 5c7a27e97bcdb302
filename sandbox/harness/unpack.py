"""Lays the files of a request out in the work folder, and tells afterwards whether a protected one was touched."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import frames

FileEntry = Sequence[object]
"""`[path, size, executable, pristine]`, in the order in which the contents follow."""


@dataclass(frozen=True, slots=True)
class Layers:
    """The protected files: their text, and how the file system described them once they were written."""

    pristine: dict[Path, bytes]
    marks: dict[Path, tuple[int, int, int]]

    def touched(self) -> list[str]:
        """Protected files that were written, replaced or removed; a program cannot set a change time."""
        return sorted(path.as_posix() for path, mark in self.marks.items() if _mark(path) != mark)

    def sources(self) -> dict[str, str]:
        """Text of protected Python files by absolute path; imports read it from memory, never from disk."""
        return {
            str(path): content.decode("utf-8", "surrogateescape")
            for path, content in self.pristine.items()
            if path.suffix == ".py"
        }


def lay_out(fd: int, entries: Iterable[FileEntry], root: str) -> Layers:
    """Read each file's content from `fd` and write it below `root`. Raises ValueError for a path that leaves it."""
    pristine: dict[Path, bytes] = {}
    for name, size, executable, protected in entries:
        content = frames.read_exactly(fd, int(str(size)))
        path = Path(root) / str(name)
        if ".." in path.parts or not str(path).startswith(f"{root}/"):
            raise ValueError(f"path outside the work folder: {name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = (0o555 if executable else 0o444) if protected else (0o755 if executable else 0o644)
        path.unlink(missing_ok=True)
        new = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        frames.write_all(new, content)
        os.fchmod(new, mode)
        os.close(new)
        if protected:
            pristine[path] = content
    return Layers(pristine, {path: mark for path in pristine if (mark := _mark(path))})


def _mark(path: Path) -> tuple[int, int, int] | None:
    try:
        seen = path.lstat()
    except OSError:
        return None
    return seen.st_ino, seen.st_ctime_ns, seen.st_size
