"""What delivering and undoing have in common before a file changes: the plan of all files, and the commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.delivery.commits import plan_commit
from core.delivery.model import Clash, Record, Step
from core.delivery.plan import plan_file
from core.files.git import GitError, Repo
from core.files.tree import PathRefused, Tree
from core.workspace.changes import Pair

_SHOWN = 5


def plan_all(tree: Tree, wanted: Sequence[Pair]) -> tuple[tuple[Step, ...], tuple[Clash, ...]]:
    """Steps that bring each change to the user's files, and what stands in the way of it."""
    steps, clashes = [], []
    for pair in wanted:
        try:
            plan = plan_file(pair.path, pair.before, tree.read(pair.path), pair.after)
        except PathRefused as error:
            plan = Clash(pair.path, f"cannot be reached ({error.message})")
        except OSError as error:
            plan = Clash(pair.path, f"cannot be read ({error.strerror})")
        if isinstance(plan, Clash):
            clashes.append(plan)
        elif plan is not None:
            steps.append(plan)
    return tuple(steps), tuple(clashes)


def prepare_commit(record: Record, repo: Repo | None, steps: Sequence[Step], message: str) -> Record:
    """The record with a commit that is ready to be published, or with the reason why there is none."""
    if repo is None or not steps:
        return record
    try:
        planned = plan_commit(repo, steps, message)
    except GitError as error:
        planned = error.message.rstrip(".")
    if isinstance(planned, str):
        return replace(record, detail=f"Not committed: {planned}.")
    return record.with_commit(planned.commit, planned.ref, planned.parent)


def in_words(clashes: Sequence[Clash]) -> str:
    shown = "; ".join(str(clash) for clash in clashes[:_SHOWN])
    return shown + (f"; and {len(clashes) - _SHOWN} more files" if len(clashes) > _SHOWN else "")
