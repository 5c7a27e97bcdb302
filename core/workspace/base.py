"""What a workspace needs from the snapshot it began with."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from config.errors import UsageError
from core.files.tree import Entry

MAX_COPY_BYTES = 200_000_000
"""More than this in files that git does not hold yet is a data set nobody meant to have copied."""


class Base(Protocol):
    """The project's files as they were when the run began; they never change."""

    def files(self) -> tuple[str, ...]:
        """Paths, sorted."""
        ...

    def read(self, paths: Iterable[str]) -> dict[str, Entry]:
        """Those of `paths` that are in the base, read in one go."""
        ...

    def suspects(self, root: Path) -> Iterable[str]:
        """Paths of the base that may be different, or gone, below `root` now. May name too many, never too few."""
        ...


def check_size(project: Path, paths: Iterable[str]) -> None:
    """Raises UsageError when the files at `paths`, together, are too much to copy."""
    total, largest, largest_size = 0, "", -1
    for path in paths:
        try:
            size = (project / path).lstat().st_size
        except OSError:
            continue
        total += size
        if size > largest_size:
            largest, largest_size = path, size
    if total > MAX_COPY_BYTES:
        raise UsageError(
            f"{project} holds {total / 1e6:.0f} MB of files outside git, more than the"
            f" {MAX_COPY_BYTES / 1e6:.0f} MB a run copies (largest: {largest}, {largest_size / 1e6:.0f} MB).",
            "Name data and build folders in .gitignore or .nexusignore, or commit the files.",
        )
