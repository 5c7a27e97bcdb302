"""Lays the files of a request out in the work folder, and tells afterwards whether a protected one was touched."""

# pathlib would cost every box 5 ms.
# ruff: noqa: PTH103, PTH118, PTH120

from __future__ import annotations

import os

from . import frames

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


_SOURCES = (".py", ".cs", ".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json")


class Layers:
    """The protected files: their content, and how the file system described them once they were written."""

    __slots__ = ("_marks", "pristine")

    def __init__(self, pristine: dict[str, bytes]) -> None:
        self.pristine = pristine
        self._marks = {path: _mark(path) for path in pristine}

    def touched(self) -> list[str]:
        """Protected files that were written, replaced or removed; a program cannot set a change time."""
        return sorted(path for path, mark in self._marks.items() if _mark(path) != mark)

    def sources(self) -> dict[str, str]:
        """Text of protected source files by absolute path; they are read from memory, never from disk."""
        return {
            path: content.decode("utf-8", "surrogateescape")
            for path, content in self.pristine.items()
            if path.endswith(_SOURCES)
        }


def lay_out(fd: int, entries: Iterable[Sequence[object]], root: str) -> Layers:
    """Read each file's content from `fd` and write it below `root`.

    An entry is `[path, size, executable, pristine]`. Raises ValueError for a path that leaves `root`.
    """
    pristine: dict[str, bytes] = {}
    for name, size, executable, protected in entries:
        content = frames.read_exactly(fd, int(str(size)))
        path = os.path.join(root, str(name))
        if ".." in path.split("/") or not path.startswith(f"{root}/"):
            raise ValueError(f"path outside the work folder: {name}")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        mode = (0o555 if executable else 0o444) if protected else (0o755 if executable else 0o644)
        new = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        frames.write_all(new, content)
        os.fchmod(new, mode)
        os.close(new)
        if protected:
            pristine[path] = content
    return Layers(pristine)


def _mark(path: str) -> tuple[int, int, int] | None:
    try:
        seen = os.lstat(path)
    except OSError:
        return None
    return seen.st_ino, seen.st_ctime_ns, seen.st_size
