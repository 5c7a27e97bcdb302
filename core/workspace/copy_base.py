"""A base kept as plain copies, for projects without git: one blob per content, and a manifest."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from config.paths import make_private_dir
from core.files.ignore_rules import visible_files
from core.files.tree import Entry, Tree, kind_of
from core.storage.blobs import BlobFolder, write_private
from core.workspace.base import check_size

_UNTOUCHED = (946_684_800 * 10**9, 946_684_800 * 10**9)
"""Time stamps (ns) of files as laid out. Whatever writes to one afterwards moves its stamp, however fast it is."""


class CopyBase:
    """The base in `folder`: `manifest.json` (path to content hash and mode) and blobs."""

    def __init__(self, folder: Path) -> None:
        self._blobs = BlobFolder(folder / "blobs")
        self._manifest: dict[str, tuple[str, int]] = {
            path: (digest, mode) for path, (digest, mode) in json.loads(_manifest(folder).read_text()).items()
        }

    def files(self) -> tuple[str, ...]:
        return tuple(sorted(self._manifest))

    def read(self, paths: Iterable[str]) -> dict[str, Entry]:
        known = ((path, self._manifest[path]) for path in paths if path in self._manifest)
        return {path: Entry(self._blobs.load(digest), mode) for path, (digest, mode) in known}

    def suspects(self, root: Path) -> Iterable[str]:
        return [path for path, (_, mode) in self._manifest.items() if not _is_untouched(root / path, mode)]

    def lay_out(self, root: Path) -> None:
        """Write all files below the empty folder `root`."""
        for path, (digest, mode) in self._manifest.items():
            place(root / path, Entry(self._blobs.load(digest), mode))
            os.utime(root / path, ns=_UNTOUCHED, follow_symlinks=False)


def is_complete(folder: Path) -> bool:
    return _manifest(folder).exists()


def copy_project(project: Path, folder: Path, without: frozenset[Path]) -> CopyBase:
    """Copy the project's visible files into a new base at `folder`; complete only once its manifest is there."""
    paths = list(visible_files(project, without))
    check_size(project, paths)
    blobs = BlobFolder(folder / "blobs")
    tree = Tree(project)
    manifest = {}
    for path in paths:
        entry = tree.read(path)
        if entry is not None:
            manifest[path] = (blobs.save(entry.data), entry.mode)
    make_private_dir(folder)
    write_private(_manifest(folder), json.dumps(manifest).encode())
    return CopyBase(folder)


def place(target: Path, entry: Entry) -> None:
    """Write a file or link into a tree of ours; parents are made."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if stat.S_ISLNK(entry.mode):
        target.symlink_to(os.fsdecode(entry.data))
        return
    target.write_bytes(entry.data)
    target.chmod(stat.S_IMODE(entry.mode) | stat.S_IRUSR | stat.S_IWUSR)


def _manifest(folder: Path) -> Path:
    return folder / "manifest.json"


def _is_untouched(file: Path, mode: int) -> bool:
    try:
        found = file.lstat()
    except OSError:
        return False
    return kind_of(found.st_mode) == kind_of(mode) and found.st_mtime_ns == _UNTOUCHED[0]
