"""Files below one folder, without ever leaving it: every step down is by descriptor and follows no symbolic link.

Replacing a file is guarded (it must still be what the caller saw), atomic (temporary file, sync, rename) and keeps
permissions and owner. Used on the user's project and on work trees.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from config.errors import UsageError
from core.ids import digest

LINK, EXECUTABLE, PLAIN = 0o120000, 0o100755, 0o100644
_DIR_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class PathRefused(UsageError):
    """A path that leaves the folder, enters `.git`, or passes through a symbolic link."""


class Moved(Exception):
    """The file is not what the caller expects; nothing was changed. The argument is its path."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


@dataclass(frozen=True, slots=True)
class Entry:
    """A file's content (for a symbolic link: its target) and its `st_mode`.

    Without permission to read, the umask decides about all permissions but the executable bit (see `fresh`).
    """

    data: bytes
    mode: int

    @property
    def kind(self) -> int:
        return kind_of(self.mode)

    @property
    def digest(self) -> str:
        return digest(self.data)


def kind_of(mode: int) -> int:
    """LINK, EXECUTABLE or PLAIN: as much of an `st_mode` as belongs to the content, in git's numbers."""
    if stat.S_ISLNK(mode):
        return LINK
    return EXECUTABLE if mode & stat.S_IXUSR else PLAIN


def fresh(entry: Entry) -> Entry:
    """The same file as one that is new where it goes: with the permissions the user's umask gives."""
    return entry if entry.kind == LINK else Entry(entry.data, stat.S_IFREG | (entry.mode & stat.S_IXUSR))


def same(one: Entry | None, other: Entry | None) -> bool:
    """Equal as far as a delivery is concerned: both absent, or the same content and kind."""
    if one is None or other is None:
        return one is other
    return one.kind == other.kind and one.data == other.data


def check_path(path: str) -> tuple[str, ...]:
    """Parts of a safe relative POSIX path. Raises PathRefused."""
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or "\0" in path or ".." in parts:
        raise PathRefused(f"The path {path!r} is not inside the project.")
    if any(part.lower() == ".git" for part in parts):
        raise PathRefused(f"The path {path!r} belongs to git itself.")
    return parts


@dataclass(frozen=True, slots=True)
class Tree:
    """The files below `root`."""

    root: Path

    def read(self, path: str) -> Entry | None:
        """A file or link; None where there is none (or a folder). Raises PathRefused for what cannot be a file."""
        with self._parent(path) as (folder, name):
            return None if folder is None else _read(folder, name, path)

    def replace(self, path: str, expected: Entry | None, new: Entry | None, temporary: str) -> None:
        """Put `new` in place of `expected`; None means absent. `temporary` is the name of the file it passes through.

        Raises Moved, with nothing changed, when something other than `expected` is there.
        """
        if new is None:
            self._remove(path, expected)
            return
        with self._parent(path, create=True) as (folder, name):
            if folder is None:
                raise Moved(path)
            _discard(folder, temporary)
            try:
                _write(folder, temporary, new)
                if not same(_read(folder, name, path), expected):
                    raise Moved(path)
                if expected is None:
                    _put_where_nothing_is(folder, temporary, name, path)
                else:
                    _keep_owner(folder, name, temporary)
                    os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
            except IsADirectoryError as error:
                raise Moved(path) from error
            finally:
                _discard(folder, temporary)
            os.fsync(folder)

    def clear(self, path: str, temporary: str) -> None:
        """Remove the temporary file that a killed `replace` of `path` left, and parents it left empty."""
        with self._parent(path) as (folder, _):
            if folder is not None:
                _discard(folder, temporary)
        self.prune(path)

    def prune(self, path: str) -> None:
        """Remove parents of `path` that are empty, from the deepest up."""
        for parent in PurePosixPath(path).parents:
            if parent == PurePosixPath("."):
                return
            with self._parent(str(parent)) as (folder, name):
                if folder is None:
                    continue
                try:
                    os.rmdir(name, dir_fd=folder)
                except FileNotFoundError:
                    continue
                except OSError:
                    return

    def walk(self, skip: frozenset[str] = frozenset()) -> Iterator[str]:
        """Paths of files and links, sorted. `skip`: relative folders that are not entered; `.git` never is."""
        folders = [""]
        while folders:
            folder = folders.pop()
            deeper = []
            with os.scandir(self.root / folder) as entries:
                for entry in sorted(entries, key=lambda one: one.name):
                    path = f"{folder}{entry.name}"
                    if entry.is_dir(follow_symlinks=False):
                        if entry.name != ".git" and path not in skip:
                            deeper.append(path + "/")
                    elif entry.is_symlink() or entry.is_file(follow_symlinks=False):
                        yield path
            folders.extend(reversed(deeper))

    def _remove(self, path: str, expected: Entry | None) -> None:
        with self._parent(path) as (folder, name):
            current = None if folder is None else _read(folder, name, path)
            if not same(current, expected):
                raise Moved(path)
            if folder is not None and current is not None:
                os.unlink(name, dir_fd=folder)
                os.fsync(folder)
        self.prune(path)

    @contextmanager
    def _parent(self, path: str, *, create: bool = False) -> Iterator[tuple[int | None, str]]:
        """Descriptor of the folder that holds `path`, and the last name; None when the folder does not exist."""
        *parents, name = check_path(path)
        fd: int | None = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for part in parents:
                assert fd is not None
                deeper = _step_down(fd, part, path, create=create)
                os.close(fd)
                fd = deeper
                if fd is None:
                    break
            yield fd, name
        finally:
            if fd is not None:
                os.close(fd)


def _step_down(fd: int, part: str, path: str, *, create: bool) -> int | None:
    if create:
        try:
            os.mkdir(part, dir_fd=fd)
        except FileExistsError:
            pass
    try:
        return os.open(part, _DIR_FLAGS, dir_fd=fd)
    except FileNotFoundError:
        return None
    except OSError:
        if stat.S_ISLNK(os.stat(part, dir_fd=fd, follow_symlinks=False).st_mode):
            raise PathRefused(
                f"{path} was not touched: its folder {part!r} is a symbolic link.",
                "Replace the link by a folder, or leave that file out.",
            ) from None
        if not stat.S_ISDIR(os.stat(part, dir_fd=fd, follow_symlinks=False).st_mode):
            return None
        raise


def _read(folder: int, name: str, path: str) -> Entry | None:
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISLNK(found.st_mode):
            return Entry(os.fsencode(os.readlink(name, dir_fd=folder)), found.st_mode)
        if stat.S_ISDIR(found.st_mode):
            return None
        if not stat.S_ISREG(found.st_mode):
            raise PathRefused(f"{path} is not a regular file.", "Move it away, or leave that file out.")
        fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    except FileNotFoundError:
        return None
    with os.fdopen(fd, "rb") as file:
        return Entry(file.read(), os.fstat(fd).st_mode)


def _write(folder: int, name: str, entry: Entry) -> None:
    if entry.kind == LINK:
        os.symlink(os.fsdecode(entry.data), name, dir_fd=folder)
        return
    wish = 0o777 if entry.kind == EXECUTABLE else 0o666
    fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, wish, dir_fd=folder)
    with os.fdopen(fd, "wb") as file:
        file.write(entry.data)
        file.flush()
        if entry.mode & stat.S_IRUSR:
            os.fchmod(fd, stat.S_IMODE(entry.mode))
        os.fsync(fd)


def _put_where_nothing_is(folder: int, temporary: str, name: str, path: str) -> None:
    """As rename, but never over a file that appeared meanwhile - where the file system knows hard links."""
    try:
        os.link(temporary, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except FileExistsError as error:
        raise Moved(path) from error
    except OSError:
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)


def _keep_owner(folder: int, name: str, temporary: str) -> None:
    old = os.stat(name, dir_fd=folder, follow_symlinks=False)
    new = os.stat(temporary, dir_fd=folder, follow_symlinks=False)
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        try:
            os.chown(temporary, old.st_uid, old.st_gid, dir_fd=folder, follow_symlinks=False)
        except PermissionError:
            pass  # another user's file in a shared folder: it becomes ours, as with any editor


def _discard(folder: int, name: str) -> None:
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        pass
