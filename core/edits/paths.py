"""Which paths an edit may touch: first by the name alone, then by what is on disk."""

from __future__ import annotations

import re
import stat
import unicodedata
from pathlib import Path
from typing import Final

from core.context.secret_files import is_secret

MAX_PATH_BYTES: Final = 255
_DRIVE = re.compile(r"[A-Za-z]:")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories that hide or reorder what a person reads: control, format, surrogate, line separators."""
_OWN = frozenset({".git", ".nexus", "git~1"})


def name_problem(path: str) -> str:
    """Why no edit may touch a POSIX path, judged by its name; empty when it may."""
    if not path:
        return "the path is empty"
    if any(unicodedata.category(char) in _INVISIBLE for char in path):
        return "the path contains control or invisible characters"
    if len(path.encode()) > MAX_PATH_BYTES:
        return f"the path is longer than {MAX_PATH_BYTES} bytes"
    if path.startswith(("/", "~")) or _DRIVE.match(path) or "\\" in path:
        return "the path is not relative to the repository"
    for part in path.split("/"):
        if part in ("", ".", ".."):
            return "the path is not in plain form (no `..`, `.` or empty parts)"
        if part.endswith((".", " ")) or part.startswith(" ") or _RESERVED.fullmatch(part):
            return "the path is not a legal name on every system"
        if part.casefold() in _OWN:
            return "the folder belongs to git or to Nexus"
    return "the file is one that holds secrets" if is_secret(path) else ""


def folded(path: str) -> str:
    """The path as a case-insensitive file system sees it."""
    return unicodedata.normalize("NFC", path).casefold()


def is_under(path: str, prefixes: tuple[str, ...]) -> bool:
    """Whether the path is one of `prefixes` or lies below one."""
    target = folded(path)
    return any(target == folded(p).rstrip("/") or target.startswith(folded(p).rstrip("/") + "/") for p in prefixes)


def disk_problem(root: Path, path: str) -> str:
    """Why the path cannot be written under `root` as the disk is now; empty when it can.

    No component may be a symlink, belong to another repository, or differ only in case from an existing name.
    """
    folder = root
    parts = path.split("/")
    for position, part in enumerate(parts):
        place = folder / part
        last = position == len(parts) - 1
        try:
            mode = place.lstat().st_mode
        except FileNotFoundError:
            twin = _twin(folder, part)
            return f"the name differs only in case from {twin}" if twin else ""
        except OSError:
            return "the path cannot be looked up"
        if stat.S_ISLNK(mode):
            return "the path is a symlink" if last else f"{'/'.join(parts[: position + 1])} is a symlink"
        if last:
            return _kind_problem(mode)
        if not stat.S_ISDIR(mode):
            return f"{'/'.join(parts[: position + 1])} is a file, not a folder"
        if (place / ".git").exists():
            return f"{'/'.join(parts[: position + 1])} is another git repository (a submodule)"
        folder = place
    return ""


def _kind_problem(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "the path is a folder"
    return "" if stat.S_ISREG(mode) else "the path is not a regular file"


def _twin(folder: Path, name: str) -> str:
    """An existing entry of `folder` that a case-insensitive file system would take for `name`."""
    wanted = folded(name)
    try:
        return next((entry.name for entry in folder.iterdir() if folded(entry.name) == wanted), "")
    except OSError:
        return ""
