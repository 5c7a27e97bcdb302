"""Files of a folder that its `.gitignore` and `.nexusignore` files let through, without git's help."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IGNORE_FILES = (".gitignore", ".nexusignore")
NEVER_SOURCE = frozenset(
    {
        ".git", ".hg", ".svn", ".jj", ".venv", "venv", "node_modules", "__pycache__", ".mypy_cache", ".pytest_cache",
        ".ruff_cache", ".tox", ".nox", ".hypothesis", ".eggs",
    }
)  # fmt: skip
"""Folders, by name, that hold what tools made: never copied, never part of a change."""


def visible_files(root: Path, without: frozenset[Path] = frozenset()) -> Iterator[str]:
    """Relative paths of regular files and symbolic links, in no promised order. Folders in `without` are passed over.

    Links are not followed. A deeper ignore file outranks a higher one; what lies in an ignored folder stays ignored.
    """
    yield from _visit(root, "", without, ())


def is_tool_output(path: str) -> bool:
    """Whether a part of the path is a folder that only tools write."""
    return not NEVER_SOURCE.isdisjoint(path.split("/"))


def _visit(
    root: Path, folder: str, without: frozenset[Path], specs: tuple[tuple[int, GitIgnoreSpec], ...]
) -> Iterator[str]:
    with os.scandir(root / folder) as found:
        entries = list(found)
    names = {entry.name for entry in entries}
    for name in IGNORE_FILES:
        if name in names:
            specs = (*specs, (len(folder), _load(root / folder / name)))
    for entry in entries:
        path = folder + entry.name
        if entry.is_dir(follow_symlinks=False):
            skipped = entry.name in NEVER_SOURCE or root / path in without or _is_environment(root / path)
            if not skipped and not _ignored(path + "/", specs):
                yield from _visit(root, path + "/", without, specs)
        elif (entry.is_symlink() or entry.is_file(follow_symlinks=False)) and not _ignored(path, specs):
            yield path


def _ignored(path: str, specs: tuple[tuple[int, GitIgnoreSpec], ...]) -> bool:
    for start, spec in reversed(specs):
        verdict = spec.check_file(path[start:]).include
        if verdict is not None:
            return verdict
    return False


def _load(file: Path) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    return GitIgnoreSpec.from_lines(lines)


def _is_environment(folder: Path) -> bool:
    return (folder / "pyvenv.cfg").exists()
