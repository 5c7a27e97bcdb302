"""Delivery of a run: to the user's files, with a commit where that is safe, or to a branch of its own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from config.errors import DeliveryConflict
from config.paths import make_private_dir
from core.delivery import records
from core.delivery.apply import NotApplied
from core.delivery.commits import leave_branch, with_trailer
from core.delivery.model import Clash, Delivery, Record, Step
from core.delivery.prepare import in_words, plan_all, prepare_commit
from core.delivery.transaction import LOCK_WAIT_S, carry_out, project_lock, settle
from core.files.git import GitError, Repo, find_repo
from core.files.tree import Tree, fresh
from core.storage.blobs import write_private
from core.storage.store import Store
from core.workspace import Workspace
from core.workspace.changes import Pair, patch

_PLANS = 3
"""How often a delivery plans anew because the user saved a file at that very moment."""


def deliver(
    store: Store,
    run_id: str,
    workspace: Workspace,
    artefacts: Path,
    message: str,
    *,
    mode: Literal["apply", "branch"] = "apply",
    commit: bool = True,
    only: Collection[str] | None = None,
    wait_s: float = LOCK_WAIT_S,
) -> Delivery:
    """Bring the workspace's changes to the user, all of them or none; blocks the thread.

    `only`: the approved paths, None for all. `commit`: commit on the current branch, if none of the files had
    uncommitted changes. Delivering a run again that has been delivered changes nothing and answers the same.
    Raises DeliveryConflict when the user's files moved in a way that cannot be merged, or cannot be written;
    nothing is changed then, and the work is on a branch `nexus/<run>`, or in `artefacts` as a patch.
    """
    with project_lock(store, workspace.project, wait_s):
        earlier = records.load(store, run_id)
        if earlier is not None:
            earlier = settle(store, earlier)
            if earlier.state in ("APPLIED", "BRANCHED"):
                return earlier.to_delivery(records.paths(store, earlier))
        pairs = [pair for pair in workspace.pairs() if only is None or pair.path in only]
        make_private_dir(artefacts)
        record = Record(run_id, workspace.project, artefacts, "PREPARED", with_trailer(message, run_id))
        repo = find_repo(workspace.project)
        if mode == "branch" and pairs:
            return _leave(store, replace(record, state="BRANCHED"), repo, pairs)
        return _apply(store, record, repo, pairs, commit)


def _apply(store: Store, record: Record, repo: Repo | None, pairs: Sequence[Pair], commit: bool) -> Delivery:
    clashes: Sequence[Clash] = ()
    wanted = [Pair(pair.path, pair.before, pair.after and fresh(pair.after)) for pair in pairs]
    for _ in range(_PLANS):
        steps, clashes = plan_all(Tree(record.project), wanted)
        if clashes:
            break
        prepared = prepare_commit(record, repo, steps, record.message) if commit else record
        records.save(store, prepared, steps)
        applying = records.save(store, replace(prepared, state="APPLYING"))
        try:
            applied = carry_out(store, applying, steps)
        except NotApplied as error:
            clashes = (error.clash,)
            if not error.moved:
                break
        else:
            return applied.to_delivery(tuple(step.path for step in steps))
    _leave(store, replace(record, state="CONFLICT", detail=in_words(clashes)), repo, pairs)
    raise _conflict(records.load(store, record.run_id) or record, clashes)


def _leave(store: Store, record: Record, repo: Repo | None, pairs: Sequence[Pair]) -> Delivery:
    """Keep the work without touching a file of the user: on a branch, or as a patch where there is no git."""
    if repo is not None:
        try:
            branch, commit = leave_branch(repo, pairs, record.message, record.run_id)
            record = replace(record, branch=branch, commit=commit)
        except GitError as error:
            record = replace(record, detail=f"{record.detail} No branch could be made: {error.message}".strip())
    if not record.branch:
        file = record.patch_file
        write_private(file, patch(tuple(pairs)))
        record = replace(record, detail=f"{record.detail} The changes are in {file}.".strip())
    steps = [Step(pair.path, pair.before, pair.after) for pair in pairs]
    records.save(store, record, steps)
    return record.to_delivery(tuple(pair.path for pair in pairs))


def _conflict(record: Record, clashes: Sequence[Clash]) -> DeliveryConflict:
    if record.branch:
        remedy = f"The work is on the branch {record.branch}: commit your changes, then `git merge {record.branch}`."
    else:
        file = record.patch_file
        remedy = f"The work is in {file}: `patch -p1 -d {record.project} < {file}` applies what fits."
    return DeliveryConflict(f"Nothing was delivered: {in_words(clashes)}.", remedy)
