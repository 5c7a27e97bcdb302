"""Decides what becomes of each file, from its three versions. Pure."""

from __future__ import annotations

from core.delivery.model import Clash, Step
from core.files.three_way import is_binary, merge
from core.files.tree import EXECUTABLE, LINK, Entry, same


def plan_file(path: str, base: Entry | None, ours: Entry | None, theirs: Entry | None) -> Step | Clash | None:
    """How to bring the change from `base` to `theirs` to `ours`, the file as the user has it now.

    None: it is there already. Both sides' changes are merged by lines; a collision is a Clash, never a guess.
    """
    if same(ours, theirs):
        return None
    if same(ours, base):
        return Step(path, ours, _adopt(ours, theirs))
    if base is None:
        return Clash(path, "exists now, with other content")
    if ours is None:
        return Clash(path, "was deleted")
    if theirs is None:
        return Clash(path, "was changed, and would be deleted")
    merged = _merge(base, ours, theirs)
    if merged is None:
        binary = is_binary(base.data) or is_binary(ours.data)
        return Clash(path, "was changed, and is not text" if binary else "was changed in the same lines")
    return None if same(ours, merged) else Step(path, ours, merged)


def _merge(base: Entry, ours: Entry, theirs: Entry) -> Entry | None:
    if LINK in (base.kind, ours.kind, theirs.kind):
        return None
    data = merge(base.data, ours.data, theirs.data)
    if data is None:
        return None
    executable = ours.kind if theirs.kind == base.kind else theirs.kind
    return Entry(data, _with_executable(ours.mode, executable == EXECUTABLE))


def _adopt(ours: Entry | None, theirs: Entry | None) -> Entry | None:
    """`theirs`, with the permissions the user's file has."""
    if theirs is None:
        return None
    if ours is None or LINK in (ours.kind, theirs.kind):
        return theirs
    return Entry(theirs.data, _with_executable(ours.mode, theirs.kind == EXECUTABLE))


def _with_executable(mode: int, executable: bool) -> int:
    """Whoever may read may also execute, or nobody may."""
    if executable == bool(mode & 0o100):
        return mode
    return mode | (mode & 0o444) >> 2 if executable else mode & ~0o111
