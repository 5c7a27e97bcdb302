"""A run's own copy of the project, pinned to the files the user had when the run began."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from config.errors import UsageError
from config.paths import make_private_dir
from core.files.git import Repo, find_repo
from core.files.ignore_rules import is_tool_output
from core.files.tree import Tree, same
from core.storage.blobs import write_private
from core.workspace import copy_base, git_base
from core.workspace.base import Base
from core.workspace.changes import FileChange, Pair, patch
from core.workspace.nested import copy_nested

_TEMPORARY = ".nexus-reset.tmp"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the parts of one run's workspace are."""

    project: Path
    run_id: str
    cache: Path
    repo: Repo | None

    @property
    def folder(self) -> Path:
        return self.cache / "worktrees" / self.run_id

    @property
    def tree(self) -> Path:
        return self.folder / "tree"

    @property
    def shadow(self) -> Path:
        return self.folder / "git"

    @property
    def copies(self) -> Path:
        return self.folder / "base"

    @property
    def marker(self) -> Path:
        """Written last: with it, the workspace is whole."""
        return self.folder / "workspace.json"

    @property
    def is_whole(self) -> bool:
        return self.marker.exists() and self.tree.is_dir()


class Workspace:
    """The tree a run works in. Paths are relative to the project, in POSIX style.

    `create` and `open` block: they read the whole project. Neither changes a file of the user.
    """

    def __init__(self, place: _Place, base: Base, readonly_prefixes: tuple[str, ...]) -> None:
        self._place = place
        self._base = base
        self._files = base.files()
        self._tree = Tree(place.tree)
        self.readonly_prefixes = readonly_prefixes
        """Folders of submodules, such as `libs/sub`: there to be read and run, never to be edited."""

    @classmethod
    def create(cls, project: Path, run_id: str, cache: Path) -> Workspace:
        """The workspace of a run, made now if it is not there yet.

        Raises UsageError when the folder cannot be a project, ConfigError when git or the disk refuses.
        """
        place = _find_place(project, run_id, cache)
        return cls._restore(place) or cls._begin(place)

    @classmethod
    def open(cls, project: Path, run_id: str, cache: Path) -> Workspace:
        """The workspace of a run that began earlier, on the same base even if the user's files moved on.

        Rebuilt when the cache was cleaned or the last start was killed half-way.
        Raises UsageError when the base is lost.
        """
        place = _find_place(project, run_id, cache)
        if (restored := cls._restore(place)) is not None:
            return restored
        if not place.folder.exists():
            raise UsageError(
                f"The files that run {run_id} began with are gone from {place.folder}, so it cannot go on.",
                "Start a new run with the same request.",
            )
        return cls._begin(place)  # killed before its base was complete, so before it did any work

    @classmethod
    def look(cls, project: Path, run_id: str, cache: Path) -> Workspace | None:
        """The workspace as it stands, for a viewer: nothing is written, so the run may be at work in it meanwhile.

        None when it is not whole: not laid out yet, put away after the run, or lost with the cache.
        """
        place = _find_place(project, run_id, cache)
        readable = copy_base.is_complete(place.copies) or git_base.is_ready(place.shadow)
        return cls._restore(place) if readable and place.is_whole else None

    @classmethod
    def _restore(cls, place: _Place) -> Workspace | None:
        whole = place.is_whole
        if copy_base.is_complete(place.copies):
            copies = copy_base.CopyBase(place.copies)
            if not whole:
                _clear(place.tree)
                copies.lay_out(place.tree)
                _mark(place, ())
            return cls(place, copies, ())
        tree = git_base.pinned_tree(place.repo, place.run_id) if place.repo else ""
        if place.repo is None or not tree:
            return None
        return cls._open_git(place, place.repo, tree) if whole else cls._check_out(place, place.repo, tree)

    @classmethod
    def _begin(cls, place: _Place) -> Workspace:
        _clear(place.folder)
        make_private_dir(place.tree)
        inside = [folder for folder in _own_folders(place.cache) if folder.is_relative_to(place.project)]
        if place.repo is not None and os.access(place.repo.objects, os.W_OK):
            shadow = git_base.open_shadow(place.repo, place.shadow, place.tree)
            without = [str(folder.relative_to(place.project)) for folder in inside]
            tree = git_base.take_snapshot(place.repo, place.run_id, shadow, without)
            return cls._check_out(place, place.repo, tree)
        copy_base.copy_project(place.project, place.copies, frozenset(inside)).lay_out(place.tree)
        _mark(place, ())
        return cls(place, copy_base.CopyBase(place.copies), ())

    @classmethod
    def _check_out(cls, place: _Place, repo: Repo, tree: str) -> Workspace:
        _clear(place.tree)
        _clear(place.shadow)
        make_private_dir(place.tree)
        git_base.check_out(git_base.open_shadow(repo, place.shadow, place.tree), tree)
        nested = git_base.list_project(repo).nested
        copy_nested(place.project, place.tree, nested)
        _mark(place, nested)
        return cls._open_git(place, repo, tree)

    @classmethod
    def _open_git(cls, place: _Place, repo: Repo, tree: str) -> Workspace:
        base = git_base.GitBase(git_base.open_shadow(repo, place.shadow, place.tree), tree)
        return cls(place, base, tuple(json.loads(place.marker.read_text())["readonly"]))

    @property
    def project(self) -> Path:
        """The user's folder, its links resolved."""
        return self._place.project

    @property
    def repo(self) -> Repo | None:
        """The user's repository around the project, if there is one."""
        return self._place.repo

    @property
    def root(self) -> Path:
        """The folder that stands for the user's project folder."""
        return self._place.tree

    def base_files(self) -> tuple[str, ...]:
        """Paths the project had when the run began, sorted; submodules not among them."""
        return self._files

    def base_bytes(self, path: str) -> bytes | None:
        """Content at the beginning of the run (of a link: its target); None if there was no such file."""
        return self.base_contents([path]).get(path)

    def base_contents(self, paths: Iterable[str]) -> dict[str, bytes]:
        """As `base_bytes` for many files at once, which is much quicker; without those that were not there."""
        return {path: entry.data for path, entry in self._base.read(paths).items()}

    def changes(self) -> tuple[FileChange, ...]:
        """What is not as in the base, sorted by path. Caches and environments that tools made do not count."""
        return tuple(pair.to_change() for pair in self.pairs())

    def pairs(self) -> tuple[Pair, ...]:
        """As `changes`, with both contents."""
        touched = {*self._base.suspects(self.root), *(path for path in self._extra() if not is_tool_output(path))}
        base = self._base.read(touched)
        pairs = (Pair(path, base.get(path), self._tree.read(path)) for path in sorted(touched))
        return tuple(pair for pair in pairs if not same(pair.before, pair.after))

    def diff(self) -> str:
        """Unified diff of all changes for people and prompts; bytes that are not UTF-8 are shown as U+FFFD."""
        return patch(self.pairs()).decode("utf-8", "replace")

    def reset(self) -> None:
        """Back to the base: every byte of every file, and nothing besides."""
        for path in list(self._extra()):
            self._tree.replace(path, self._tree.read(path), None, _TEMPORARY)
        suspects = list(self._base.suspects(self.root))
        for path, entry in self._base.read(suspects).items():
            self._tree.replace(path, self._tree.read(path), entry, _TEMPORARY)

    def dispose(self) -> None:
        """Remove the workspace and let go of its snapshot. What was delivered is not touched."""
        _clear(self._place.folder)
        if self._place.repo is not None:
            git_base.unpin(self._place.repo, self._place.run_id)

    def _extra(self) -> Iterable[str]:
        known = frozenset(self._files)
        return (path for path in self._tree.walk(frozenset(self.readonly_prefixes)) if path not in known)


def _find_place(project: Path, run_id: str, cache: Path) -> _Place:
    real = check_project(project)
    return _Place(real, run_id, cache.resolve(), find_repo(real))


def check_project(project: Path) -> Path:
    """The project folder with links resolved. Raises UsageError when it is none, or far too much."""
    try:
        real = project.resolve(strict=True)
        with os.scandir(real):
            pass
    except NotADirectoryError as error:
        raise UsageError(f"{project} is not a folder.", "Name the folder of a project.") from error
    except (OSError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"The folder {project} cannot be read ({reason}).", "Name another, or mend it.") from error
    home = Path.home().resolve()
    if real == home or real in home.parents:
        raise UsageError(
            f"{real} is not a project: it holds a whole home directory or system.",
            "Change to the folder of one project, or name it with -C.",
        )
    return real


def _own_folders(cache: Path) -> list[Path]:
    """Nexus's own folders, which are no part of a project even when they lie inside it."""
    data = cache.parent
    return [cache, data] if (data / "nexus.db").exists() else [cache]


def _mark(place: _Place, readonly: tuple[str, ...]) -> None:
    write_private(place.marker, json.dumps({"version": 1, "readonly": list(readonly)}).encode())


def _clear(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
