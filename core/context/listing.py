"""Which files of a folder agents may know of: what git and `.nexusignore` let through, without what tools produce."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from config.errors import UsageError
from core.files.git import find_repo
from core.files.ignore_rules import is_tool_output, visible_files
from core.workspace.git_base import list_project

_HIDDEN = frozenset({".nexus", ".git"})
_CACHES = frozenset({".next", ".nuxt", ".gradle", ".terraform", ".parcel-cache", ".turbo"})
_BUILT_BESIDE = {"bin": (".csproj",), "obj": (".csproj",), "target": ("Cargo.toml", "pom.xml")}
"""Folders that are build output when such a file stands beside them."""


@dataclass(frozen=True, slots=True)
class ListedFile:
    """`size` in bytes; a link is listed, never followed."""

    path: str
    size: int
    is_link: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """Files and repositories inside this one (submodules), both sorted by path."""

    files: tuple[ListedFile, ...]
    nested: tuple[str, ...] = ()


def list_files(root: Path) -> Listing:
    """Everything agents may know of below `root`. Raises UsageError when the folder cannot be read."""
    nested: tuple[str, ...] = ()
    try:
        os.scandir(root).close()
        repo = find_repo(root)
        if repo is None:
            paths: Iterable[str] = list(visible_files(root))
        else:
            listing = list_project(repo)
            nested = listing.nested
            paths = _not_ignored(root, {*listing.tracked, *listing.untracked})
    except (FileNotFoundError, NotADirectoryError) as error:
        what = "is not a folder" if root.is_file() else "does not exist"
        raise UsageError(f"{error.filename or root} {what}.", "Name the folder of your project.") from error
    except PermissionError as error:
        place = error.filename or root
        raise UsageError(
            f"{place} cannot be read ({error.strerror}).",
            "Give yourself read access, or name it in .nexusignore.",
        ) from error
    found = sorted(_source_only(paths))
    return Listing(tuple(file for path in found if (file := _look(root, path)) is not None), nested)


def is_printable(path: str) -> bool:
    """Whether a name can stand in a prompt: UTF-8, no control or direction-changing characters."""
    if path.isascii():
        return path.isprintable()
    return all(char == " " or unicodedata.category(char)[0] not in "CZ" for char in path)


def _source_only(paths: Iterable[str]) -> Iterator[str]:
    known = list(paths)
    beside: dict[str, set[str]] = {}
    for path in known:
        pure = PurePosixPath(path)
        if pure.suffix == ".csproj" or pure.name in ("Cargo.toml", "pom.xml"):
            beside.setdefault(str(pure.parent), set()).update({pure.name, pure.suffix})
    for path in known:
        if is_printable(path) and not is_tool_output(path) and not _is_built(path, beside):
            yield path


def _is_built(path: str, beside: dict[str, set[str]]) -> bool:
    """Whether a folder on the way to the file is hidden, a cache, or build output."""
    folders = path.split("/")[:-1]
    for depth, name in enumerate(folders):
        if name in _HIDDEN or name in _CACHES or name.endswith(".egg-info"):
            return True
        if name in _BUILT_BESIDE:
            siblings = beside.get("/".join(folders[:depth]) or ".", set())
            if siblings.intersection(_BUILT_BESIDE[name]):
                return True
    return False


def _not_ignored(root: Path, paths: Iterable[str]) -> Iterator[str]:
    """Paths that no `.nexusignore` excludes: agents do not see those, tracked or not."""
    known = list(paths)
    files = [path for path in known if path.rpartition("/")[2] == ".nexusignore"]
    if not files:
        return iter(known)
    from pathspec import GitIgnoreSpec

    specs = []
    for file in sorted(files, key=lambda path: path.count("/"), reverse=True):
        try:
            lines = (root / file).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        specs.append((file.removesuffix(".nexusignore"), GitIgnoreSpec.from_lines(lines)))

    def visible(path: str) -> bool:
        for folder, spec in specs:
            if path.startswith(folder):
                verdict = spec.check_file(path[len(folder) :]).include
                if verdict is not None:
                    return not verdict
        return True

    return (path for path in known if visible(path))


def _look(root: Path, path: str) -> ListedFile | None:
    """The file as it is on disk; None when it is gone, or no file and no link."""
    try:
        found = (root / path).lstat()
    except OSError:
        return None
    if stat.S_ISLNK(found.st_mode):
        return ListedFile(path, 0, is_link=True)
    return ListedFile(path, found.st_size) if stat.S_ISREG(found.st_mode) else None
