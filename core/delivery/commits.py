"""Commits and branches made beside the user's work: no checkout, no hook, and of the index only the delivered paths."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.delivery.model import Clash, Step
from core.delivery.plan import plan_file
from core.files.git import Git, GitError, Repo, join_z
from core.files.tree import LINK, Entry, fresh
from core.workspace.changes import Pair

_IN_PROGRESS = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")
_INDEX_WAIT_S = 2.0
_FALLBACK_IDENTITY = ("-c", "user.name=Nexus", "-c", "user.email=nexus@localhost")

IndexEntry = tuple[str, str]
"""Git's mode and object id of a path; ids are of contents after the user's own conversions, such as line endings."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A commit that exists, and the branch it will go to if that is still at `parent`."""

    ref: str
    parent: str
    commit: str


def plan_commit(repo: Repo, steps: Sequence[Step], message: str) -> Planned | str:
    """A commit of exactly these files on top of the current branch, or the reason why there can be none.

    Nothing but loose objects is written; `publish` makes it visible.
    """
    git = repo.git
    ref = git.call("symbolic-ref", "--quiet", "HEAD").text
    parent = _head(git)
    if not ref:
        return "HEAD is not on a branch"
    if not parent:
        return "the repository has no commit yet"
    if any((repo.git_dir / name).exists() for name in _IN_PROGRESS):
        return "a merge or rebase is in progress"
    steps = _without_ignored(repo, steps)
    if not steps:
        return "git ignores the files"
    names = [repo.prefix + step.path for step in steps]
    head, index = _tree_entries(git, parent, names), _index_entries(git, names)
    if head != index or any(not _is_clean(git, repo.prefix, step, head) for step in steps):
        return "the files had uncommitted changes"
    entries = {repo.prefix + step.path: _store(git, repo.prefix + step.path, step, head) for step in steps}
    return Planned(ref, parent, _commit(git, parent, entries, message))


def publish(repo: Repo, planned: Planned) -> bool:
    """Move the branch to the commit; False if it, or HEAD, moved meanwhile. Repeating it changes nothing."""
    git = repo.git
    if git.call("symbolic-ref", "--quiet", "HEAD").text != planned.ref:
        return False
    if git.call("merge-base", "--is-ancestor", planned.commit, planned.ref).status == 0:
        return True
    move = ("update-ref", "-m", "nexus: deliver", planned.ref, planned.commit, planned.parent)
    return git.call(*move).status == 0


def follow_in_index(repo: Repo, planned: Planned, paths: Sequence[str]) -> None:
    """Let the index entries of a published commit's files follow it. Raises GitError if another git holds the index."""
    git = repo.git
    names = [repo.prefix + path for path in paths]
    old, new = _tree_entries(git, planned.parent, names), _tree_entries(git, planned.commit, names)
    index = _index_entries(git, names)
    # An entry that is not as in the parent any more was staged by the user since: it is theirs.
    stale = [name for name in names if index.get(name) == old.get(name) and old.get(name) != new.get(name)]
    _update_index(git, {name: new.get(name) for name in stale})


def leave_branch(repo: Repo, pairs: Sequence[Pair], message: str, run_id: str) -> tuple[str, str]:
    """A branch with one commit on top of HEAD that holds the work; returns its short name and the commit.

    A file whose work cannot be merged with HEAD's version (it builds on uncommitted changes) is taken whole.
    """
    git = repo.git
    parent = _head(git)
    names = [repo.prefix + pair.path for pair in pairs]
    head = _tree_entries(git, parent, names) if parent else {}
    entries: dict[str, IndexEntry | None] = {}
    for pair, name in zip(pairs, names, strict=True):
        ours = _read_head(git, parent, name, head.get(name))
        plan = plan_file(pair.path, pair.before, ours, pair.after)
        step = Step(pair.path, ours, pair.after) if isinstance(plan, Clash) else plan
        if step is not None:
            entries[name] = _store(git, name, step, head)
    return _name_branch(git, _commit(git, parent, entries, message), run_id)


def remove_branch(repo: Repo, branch: str, commit: str) -> bool:
    """Delete a branch that is still at `commit` and not checked out; True also when it is gone already."""
    git, ref = repo.git, f"refs/heads/{branch}"
    now = git.call("rev-parse", "--verify", "--quiet", ref).text
    if not now:
        return True
    used = f"branch {ref}" in git.text("worktree", "list", "--porcelain").splitlines()
    return now == commit and not used and git.call("update-ref", "-d", ref, commit).status == 0


def with_trailer(message: str, run_id: str) -> str:
    """The commit message with the run it came from."""
    text = message.replace("\0", "").strip() or "Deliver a run of Nexus"
    last = text.rpartition("\n\n")[2] if "\n\n" in text else ""
    has_trailers = bool(last) and all(re.match(r"[A-Za-z][\w-]*: ", line) for line in last.splitlines())
    return f"{text}{'' if has_trailers else chr(10)}\nNexus-Run: {run_id}\n"


def _head(git: Git) -> str:
    return git.call("rev-parse", "--verify", "--quiet", "HEAD^{commit}").text


def _without_ignored(repo: Repo, steps: Sequence[Step]) -> list[Step]:
    """New files that the user's rules ignore are theirs to have, not to have committed."""
    ignored = repo.git.ignored([repo.prefix + step.path for step in steps])
    return [step for step in steps if repo.prefix + step.path not in ignored]


def _tree_entries(git: Git, commit: str, names: Sequence[str]) -> dict[str, IndexEntry]:
    listed = git.paths("ls-tree", "-z", commit, "--", *names)
    found = {}
    for line in listed:
        info, _, path = line.partition("\t")
        mode, _, oid = info.split(" ")
        if mode not in ("040000", "160000"):
            found[path] = (mode, oid)
    return found


def _index_entries(git: Git, names: Sequence[str]) -> dict[str, IndexEntry]:
    """Entries of exactly these paths; one in the middle of a merge equals none in a tree."""
    wanted, found = set(names), {}
    for line in git.paths("ls-files", "-z", "--stage", "--", *names):
        info, _, path = line.partition("\t")
        mode, oid, stage = info.split(" ")
        if path in wanted:
            found[path] = (mode, oid if stage == "0" else f"{oid}:{stage}")
    return found


def _is_clean(git: Git, prefix: str, step: Step, head: dict[str, IndexEntry]) -> bool:
    name = prefix + step.path
    if step.before is None or name not in head:
        return step.before is None and name not in head
    return _hash(git, name, step.before, "hash-object") == head[name][1]


def _store(git: Git, name: str, step: Step, head: dict[str, IndexEntry]) -> IndexEntry | None:
    """Write the new content as git would on `git add`; None for a deletion."""
    if step.after is None:
        return None
    mode = f"{step.after.kind:o}"
    if name in head and step.before is not None and step.before.kind == step.after.kind:
        mode = head[name][0]  # as git has it, where the file system knows no executable bit
    return mode, _hash(git, name, step.after, "hash-object", "-w")


def _hash(git: Git, name: str, entry: Entry, *command: str) -> str:
    how = "--no-filters" if entry.kind == LINK else f"--path={name}"
    return git.text(*command, how, "--stdin", stdin=entry.data)


def _read_head(git: Git, parent: str, name: str, found: IndexEntry | None) -> Entry | None:
    """HEAD's version of a file as a checkout would write it."""
    if found is None:
        return None
    mode = int(found[0], 8)
    if mode == LINK:
        return Entry(git.run("cat-file", "blob", found[1]).out, mode)
    return fresh(Entry(git.run("cat-file", "--filters", f"{parent}:{name}").out, mode))


def _commit(git: Git, parent: str, entries: dict[str, IndexEntry | None], message: str) -> str:
    with tempfile.TemporaryDirectory(prefix="nexus-index-") as folder:
        beside = git.with_env(GIT_INDEX_FILE=str(Path(folder) / "index"))
        beside.run("read-tree", parent or "--empty")
        beside.run("update-index", "-z", "--index-info", stdin=_index_info(parent, entries))
        tree = beside.text("write-tree")
    identity = () if git.call("var", "GIT_COMMITTER_IDENT").status == 0 else _FALLBACK_IDENTITY
    parents = ("-p", parent) if parent else ()
    return git.text(*identity, "commit-tree", tree, *parents, "-F", "-", stdin=message.encode("utf-8", "replace"))


def _index_info(oid: str, entries: dict[str, IndexEntry | None]) -> bytes:
    """Input of `update-index --index-info`; deletions come first, so that a file can become a folder."""
    zero = "0" * (len(oid) or 40)
    gone = [f"0 {zero}\t{name}" for name, entry in entries.items() if entry is None]
    there = [f"{entry[0]} {entry[1]}\t{name}" for name, entry in entries.items() if entry is not None]
    return join_z(gone + there)


def _update_index(git: Git, entries: dict[str, IndexEntry | None]) -> None:
    """Set entries of the user's index. Waits a little for another git that holds it; raises GitError after that."""
    if not entries:
        return
    deadline = time.monotonic() + _INDEX_WAIT_S
    some_id = next((entry[1] for entry in entries.values() if entry), "")
    while True:
        try:
            git.run("update-index", "-z", "--index-info", stdin=_index_info(some_id, entries))
            break
        except GitError as error:
            if "index.lock" not in error.stderr or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
    git.call("update-index", "-q", "--refresh")


def _name_branch(git: Git, commit: str, run_id: str) -> tuple[str, str]:
    """Put `commit` on `nexus/<run>` or the next free name; the branch that a killed start made of it is kept."""
    names = [f"nexus/{run_id}", f"nexus-{run_id}", *(f"nexus/{run_id}-{number}" for number in range(2, 10))]
    refused: GitError | None = None
    for name in names:
        there = git.call("rev-parse", "--verify", "--quiet", f"refs/heads/{name}").text
        if there and _work_of(git, there) == _work_of(git, commit):
            return name, there
        try:
            git.run("update-ref", "-m", "nexus: deliver", f"refs/heads/{name}", commit, "0" * len(commit))
            return name, commit
        except GitError as error:
            refused = error
    assert refused is not None
    raise refused


def _work_of(git: Git, commit: str) -> str:
    """Tree and parents: what a commit is, apart from when it was made."""
    return git.text("log", "-1", "--no-show-signature", "--format=%T %P", commit)
