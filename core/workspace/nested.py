"""Copies of submodules, so that tests find them: read-only, because a delivery never changes another repository."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from pathlib import Path

from core.files.git import Git, split_z
from core.files.tree import Entry, Tree
from core.workspace.base import check_size
from core.workspace.copy_base import place


def copy_nested(project: Path, root: Path, nested: Sequence[str]) -> None:
    """Copy the files of repositories inside `project` to the same place below `root`."""
    paths = [path for folder in nested for path in _files_of(project, folder)]
    check_size(project, paths)
    tree = Tree(project)
    for path in paths:
        entry = tree.read(path)
        if entry is not None:
            place(root / path, Entry(entry.data, entry.mode))
            if not stat.S_ISLNK(entry.mode):
                (root / path).chmod(stat.S_IMODE(entry.mode) & 0o555 | stat.S_IRUSR)


def _files_of(project: Path, folder: str) -> list[str]:
    """Files of a nested repository and of those inside it; none for a submodule that is not checked out."""
    if not (project / folder / ".git").exists():
        return []
    listed = Git(project / folder).run("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    found = []
    for name in dict.fromkeys(split_z(listed.out)):
        path = f"{folder}/{name}".rstrip("/")
        if (project / path).is_dir() and not (project / path).is_symlink():
            found += _files_of(project, path)
        else:
            found.append(path)
    return found
