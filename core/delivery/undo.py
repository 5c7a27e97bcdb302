"""Taking a delivery back: the files as before, what the user did since kept, a commit undone by a commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from config.errors import DeliveryConflict, UsageError
from core.delivery import records
from core.delivery.apply import NotApplied
from core.delivery.commits import remove_branch, with_trailer
from core.delivery.model import Clash, Delivery, Record
from core.delivery.prepare import in_words, plan_all, prepare_commit
from core.delivery.transaction import LOCK_WAIT_S, carry_out, project_lock, settle
from core.files.git import find_repo
from core.files.tree import Tree
from core.storage.store import Store
from core.text.counting import counted
from core.workspace.changes import Pair


def undo(store: Store, run_id: str, *, wait_s: float = LOCK_WAIT_S) -> Delivery:
    """Bring the files of a delivered run back to what they were; all of them or none. Blocks the thread.

    Lines the user changed since are kept where they do not touch the run's. A delivery that was committed is undone
    with a commit if the files are clean; one that was left as a branch loses that branch.
    Raises UsageError when there is nothing to undo, DeliveryConflict when later changes are in the way.
    """
    record = records.load(store, run_id)
    if record is None:
        raise UsageError(f"Run {run_id} has delivered nothing.", "`nexus runs` lists the runs.")
    with project_lock(store, record.project, wait_s):
        record = settle(store, records.load(store, run_id) or record)
        if record.state == "APPLIED":
            return _take_back(store, record)
        if record.state == "BRANCHED" and record.branch:
            return _remove_branch(store, record)
    if record.state == "UNDONE":
        raise UsageError(f"Run {run_id} is undone already.", "Start a new run to have the change again.")
    raise UsageError(f"Run {run_id} changed no file of {record.project}, so there is nothing to undo.", record.detail)


def foresee(record: Record | None, files: int) -> str:
    """What `undo` would do, for a question to the user; empty when there is nothing to undo."""
    if record is not None and record.state == "APPLIED":
        how = f", by a commit that reverts {record.commit[:12]}" if record.commit else ""
        kept = "Lines you changed since are kept; where they touch the run's, nothing is undone."
        return f"{counted(files, 'file')} of {record.project} will be as before{how}. {kept}"
    if record is not None and record.state == "BRANCHED" and record.branch:
        return f"The branch {record.branch} will be deleted, unless it is checked out or has commits of yours."
    return ""


def _take_back(store: Store, record: Record) -> Delivery:
    if not record.project.is_dir():
        raise UsageError(f"The folder {record.project} is not there any more.", "Put it back, then undo again.")
    delivered = records.load_steps(store, record, "deliver")
    steps, clashes = plan_all(Tree(record.project), [Pair(step.path, step.after, step.before) for step in delivered])
    if clashes:
        raise _conflict(record, clashes)
    undoing = replace(record, state="UNDOING", detail="")
    if record.commit:
        undoing = prepare_commit(undoing, find_repo(record.project), steps, _message(record))
    records.save(store, undoing, steps)
    try:
        undone = carry_out(store, undoing, steps)
    except NotApplied as error:
        raise _conflict(record, (error.clash,)) from error
    return undone.to_delivery(tuple(step.path for step in steps))


def _remove_branch(store: Store, record: Record) -> Delivery:
    repo = find_repo(record.project)
    if repo is not None and not remove_branch(repo, record.branch, record.commit):
        raise DeliveryConflict(
            f"The branch {record.branch} is checked out or has commits of yours, so it was kept.",
            f"If you do not need them: git branch -D {record.branch}",
        )
    undone = records.save(store, replace(record, state="UNDONE", detail=f"Deleted the branch {record.branch}."))
    return undone.to_delivery(())


def _message(record: Record) -> str:
    subject = record.message.partition("\n")[0]
    return with_trailer(f'Undo "{subject}"\n\nThis reverts commit {record.commit}.', record.run_id)


def _conflict(record: Record, clashes: Sequence[Clash]) -> DeliveryConflict:
    by_hand = f"`git revert {record.commit[:12]}`" if record.commit else f"the contents in {record.artefacts / 'blobs'}"
    return DeliveryConflict(
        f"Nothing was undone: since the delivery, {in_words(clashes)}.", f"Undo by hand, with {by_hand}."
    )
