"""A base kept by git: a tree object in the user's repository, held by a ref, checked out elsewhere.

Git works here through a git directory of our own that only borrows the user's object store. So the user's index,
HEAD, stash, configuration and hooks stay out of it, no conversion changes a byte (line endings, LFS, keywords), and
the work tree holds no `.git` that generated code could reach. `refs/nexus/<run>/base` keeps the tree from being
collected, and lets a resumed run begin from the very same files. It names a tree, not a commit: the user's history
views do not show it.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.files.git import Git, GitError, Repo, join_z, split_z
from core.files.ignore_rules import is_tool_output
from core.files.tree import Entry
from core.workspace.base import check_size

_CONVERTING = re.compile(r"(?<![-\w])(text|eol|filter|ident|working-tree-encoding|crlf)\b")
_SNAPSHOT_TIMEOUT_S = 300.0
_SUBMODULE = "160000"


@dataclass(frozen=True, slots=True)
class Listing:
    """What belongs to the project now. Paths are relative to it."""

    tracked: tuple[str, ...]
    untracked: tuple[str, ...]
    nested: tuple[str, ...]
    """Folders that are repositories of their own: submodules, and repositories nobody added."""
    plain: bool
    """No entry is hidden from git's own comparison (skip-worktree, assume-unchanged, behind a link)."""


class GitBase:
    """The tree of one snapshot, and the git directory that reads it."""

    def __init__(self, git: Git, tree: str) -> None:
        self._git = git
        self._blobs: dict[str, tuple[int, str]] = {}
        for line in git.paths("ls-tree", "-r", "-z", tree):
            info, _, path = line.partition("\t")
            mode, kind, oid = info.split(" ")
            if kind == "blob":
                self._blobs[path] = (int(mode, 8), oid)

    def files(self) -> tuple[str, ...]:
        return tuple(sorted(self._blobs))

    def read(self, paths: Iterable[str]) -> dict[str, Entry]:
        wanted = [path for path in paths if path in self._blobs]
        if not wanted:
            return {}
        asked = "".join(f"{self._blobs[path][1]}\n" for path in wanted).encode()
        out = self._git.run("cat-file", "--batch", stdin=asked).out
        found, at = {}, 0
        for path in wanted:  # each answer is "<id> blob <size>", the content, a newline
            end = out.index(b"\n", at)
            oid, kind, *size = out[at:end].decode().split(" ")
            if kind != "blob":
                raise GitError(f"The object {oid} of {path} is gone from the repository.", "Run `git fsck` there.")
            start = end + 1
            at = start + int(size[0]) + 1
            found[path] = Entry(out[start : at - 1], self._blobs[path][0])
        return found

    def suspects(self, root: Path) -> Iterable[str]:
        return [path for path in self._git.paths("diff-files", "-z", "--name-only") if path in self._blobs]


def ref_of(run_id: str) -> str:
    return f"refs/nexus/{run_id}/base"


def pinned_tree(repo: Repo, run_id: str) -> str:
    """The tree an earlier start of this run recorded, or an empty string."""
    return repo.git.call("rev-parse", "--verify", "--quiet", ref_of(run_id)).text


def unpin(repo: Repo, run_id: str) -> None:
    repo.git.run("update-ref", "-d", ref_of(run_id))


def is_ready(folder: Path) -> bool:
    """Whether the git directory that `open_shadow` makes is complete."""
    return (folder / "ready").exists()


def open_shadow(repo: Repo, folder: Path, work_tree: Path) -> Git:
    """Git with the directory `folder` of our own (made when absent), the user's objects and the given work tree."""
    git = Git(
        folder.parent,
        {
            "GIT_DIR": str(folder),
            "GIT_WORK_TREE": str(work_tree),
            "GIT_OBJECT_DIRECTORY": str(repo.objects),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_ATTR_NOSYSTEM": "1",
        },
    )
    if is_ready(folder):
        return git
    shutil.rmtree(folder, ignore_errors=True)
    git.run("init", "--quiet", "--template=", f"--object-format={repo.object_format}")
    settings = {"core.autocrlf": "false", "core.attributesFile": os.devnull, "core.protectNTFS": "false"}
    for key in ("core.filemode", "core.symlinks", "core.ignorecase"):
        if value := repo.git.config(key, "bool"):
            settings[key] = value
    for key, value in settings.items():
        git.run("config", key, value)
    (folder / "info").mkdir(exist_ok=True)
    (folder / "info" / "attributes").write_text("* -text -filter -ident -working-tree-encoding\n")
    (folder / "ready").touch()
    return git


def take_snapshot(repo: Repo, run_id: str, shadow: Git, without: Sequence[str]) -> str:
    """Write the project's present files as a tree, pin it, and return its id. `without`: folders to leave out."""
    listing = list_project(repo, without)
    check_size(repo.project, (*listing.untracked, *_stored_elsewhere(repo, listing)))
    index = Path(shadow.env["GIT_DIR"]) / "snapshot.index"
    git = shadow.with_env(GIT_WORK_TREE=str(repo.project), GIT_INDEX_FILE=str(index))
    # The user's index knows by time stamps which files did not change: reading those again is most of the work.
    tree = _tree_from_copied_index(repo, git, index, listing) if _index_is_exact(repo, listing) else ""
    if not tree:
        index.unlink(missing_ok=True)
        tree = _write_tree(git, listing)
    index.unlink(missing_ok=True)
    repo.git.run("update-ref", ref_of(run_id), tree, "0" * len(tree))
    return tree


def check_out(shadow: Git, tree: str) -> None:
    shadow.run("read-tree", "--reset", "-u", tree, timeout_s=_SNAPSHOT_TIMEOUT_S)


def list_project(repo: Repo, without: Sequence[str] = ()) -> Listing:
    """Tracked files, and untracked ones that are not ignored, of the project folder."""
    options = ["-z", "--stage", "-v", "--cached", "--others", "--exclude-standard"]
    if (repo.project / ".nexusignore").is_file():
        options.append("--exclude-from=.nexusignore")
    listed = Git(repo.project).run("ls-files", *options, timeout_s=120)
    tracked: dict[str, None] = {}
    untracked, nested = [], set()
    behind_links = _BehindLinks(repo.project)
    plain = True
    for item in split_z(listed.out):
        tag, rest = item[0], item[2:]
        if tag == "?":
            if is_tool_output(rest) or any(rest.startswith(skip + "/") for skip in without):
                continue
            if rest.endswith("/"):
                nested.add(rest.rstrip("/"))
            else:
                untracked.append(rest)
            continue
        info, _, path = rest.partition("\t")
        if info.startswith(_SUBMODULE):
            nested.add(path)
        elif behind_links.contains(path):
            plain = False
        else:
            plain = plain and tag not in "Sshmrck"
            tracked[path] = None
    return Listing(tuple(tracked), tuple(untracked), tuple(sorted(nested)), plain)


class _BehindLinks:
    """Tracked paths whose folder the user replaced by a symbolic link are not there any more."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, bool] = {"": False}

    def contains(self, path: str) -> bool:
        folder = path.rpartition("/")[0]
        if folder not in self._known:
            self._known[folder] = self.contains(folder) or (self._root / folder).is_symlink()
        return self._known[folder]


def _index_is_exact(repo: Repo, listing: Listing) -> bool:
    """Whether the user's index describes the bytes on disk, not the result of a conversion of them."""
    if repo.prefix or not listing.plain or not repo.index.exists():
        return False
    if repo.git.config("core.autocrlf") not in ("", "false"):
        return False
    attributes = [repo.project / path for path in _attribute_files(listing)]
    attributes.append(Path(repo.git.text("rev-parse", "--path-format=absolute", "--git-path", "info/attributes")))
    named = repo.git.config("core.attributesFile", "path")
    config_home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    attributes.append(Path(named) if named else config_home / "git" / "attributes")
    attributes.append(Path("/etc/gitattributes"))
    return not any(_converts(file) for file in attributes)


def _converts(attributes: Path) -> bool:
    try:
        return bool(_CONVERTING.search(attributes.read_text(encoding="utf-8", errors="replace")))
    except FileNotFoundError:
        return False
    except OSError:
        return True


def _stored_elsewhere(repo: Repo, listing: Listing) -> list[str]:
    """Tracked files that a filter such as LFS swaps for a pointer: their real content is not in git."""
    if not _attribute_files(listing):
        return []
    answer = Git(repo.project).run("check-attr", "-z", "--stdin", "filter", stdin=join_z(listing.tracked))
    fields = split_z(answer.out)
    filters = zip(fields[::3], fields[2::3], strict=True)
    return [path for path, value in filters if value not in ("unspecified", "unset")]


def _attribute_files(listing: Listing) -> list[str]:
    return [path for path in (*listing.tracked, *listing.untracked) if path.endswith(".gitattributes")]


def _tree_from_copied_index(repo: Repo, git: Git, index: Path, listing: Listing) -> str:
    try:
        # With its time stamp: git reads files again that changed in the same moment as the index was written.
        shutil.copy2(repo.index, index)
        return _write_tree(git, listing)
    except GitError as error:
        if error.status < 0:
            raise
        return ""  # such as a split index, or one in the middle of a merge: read every file instead


def _write_tree(git: Git, listing: Listing) -> str:
    paths = join_z((*listing.tracked, *listing.untracked))
    update = ("update-index", "-z", "--add", "--remove", "--replace", "--stdin")
    git.run(*update, stdin=paths, timeout_s=_SNAPSHOT_TIMEOUT_S)
    return git.text("write-tree")
