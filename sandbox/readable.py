"""Whether another user can read a path, from permission bits alone (no access lists, no capabilities)."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def readable_by(uid: int, path: Path) -> bool:
    """True if `uid`, in no group, can walk to `path` and read it (for a folder: list and enter it).

    For the calling user the kernel is asked instead.
    """
    try:
        path = path.resolve(strict=True)
        if uid == os.geteuid():
            return os.access(path, os.R_OK | (os.X_OK if path.is_dir() else 0))
        if not all(_allows(uid, parent.stat(), stat.S_IXOTH) for parent in path.parents):
            return False
        seen = path.stat()
    except OSError:
        return False
    wanted = stat.S_IROTH | (stat.S_IXOTH if stat.S_ISDIR(seen.st_mode) else 0)
    return _allows(uid, seen, wanted)


def _allows(uid: int, seen: os.stat_result, others: int) -> bool:
    wanted = others << 6 if seen.st_uid == uid else others
    return seen.st_mode & wanted == wanted
