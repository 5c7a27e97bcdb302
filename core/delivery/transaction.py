"""The transaction itself: PREPARED, APPLYING, APPLIED or ROLLED_BACK; UNDOING, then UNDONE or APPLIED again.

A state is on the disk before the first file of it changes, and the contents of both sides before the state. So after
`kill -9` at any instant the hashes alone say how far it came, and the next start goes on to the end or back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from config.errors import DeliveryConflict, NexusError
from core.delivery import records
from core.delivery.apply import NotApplied, apply_steps, is_between, take_back
from core.delivery.commits import Planned, follow_in_index, publish
from core.delivery.model import Clash, Delivery, Record, State, Step
from core.files.git import GitError, find_repo
from core.files.tree import Tree
from core.ids import digest
from core.storage.locks import FileLock
from core.storage.store import Store

LOCK_WAIT_S = 60.0

_DONE: dict[State, State] = {"APPLYING": "APPLIED", "UNDOING": "UNDONE"}
_BACK: dict[State, State] = {"APPLYING": "ROLLED_BACK", "UNDOING": "APPLIED"}


@contextmanager
def project_lock(store: Store, project: Path, wait_s: float = LOCK_WAIT_S) -> Iterator[None]:
    """Deliveries into one repository happen one after the other. Raises DeliveryConflict when the wait is over."""
    lock = _lock_of(store, project)
    if not lock.acquire(wait_s):
        raise DeliveryConflict(
            f"Another run is delivering into {project} and did not end within {wait_s:.0f} seconds.",
            "Run the command again when it has.",
        )
    try:
        yield
    finally:
        lock.release()


def carry_out(store: Store, record: Record, steps: Sequence[Step]) -> Record:
    """From APPLYING or UNDOING to its end. The caller holds the lock and has saved `record` with `steps`.

    Raises NotApplied when a file stood in the way: all files are back, and so is the state.
    Raises DeliveryConflict when that was not possible either; `recover` tries again.
    """
    tree = Tree(record.project)
    try:
        apply_steps(tree, record, steps)
    except BaseException:
        _roll_back(store, tree, record, steps)
        raise
    return records.save(store, replace(_publish(record, steps), state=_DONE[record.state]))


def settle(store: Store, record: Record) -> Record:
    """Bring what a dead process left in the middle to an end. The caller holds the lock."""
    if record.state == "PREPARED":
        return records.save(store, replace(record, state="ROLLED_BACK", detail="Stopped before any file was changed."))
    if record.state not in _DONE:
        return record
    steps = records.load_steps(store, record, record.direction)
    tree = Tree(record.project)
    if not is_between(tree, steps):
        return _roll_back(store, tree, record, steps)
    for step in steps:
        tree.clear(step.path, record.temporary(step.path))
    try:
        return carry_out(store, record, steps)
    except NotApplied:
        return records.load(store, record.run_id) or record


def recover(store: Store) -> tuple[Delivery, ...]:
    """End every delivery and undo that a killed process left behind; call it at start.

    Those of processes that are alive are left to them. One that cannot be ended now (project not mounted, disk full)
    keeps its state, and its `detail` says why.
    """
    return tuple(found for record in records.unfinished(store) if (found := _recover_one(store, record)) is not None)


def _recover_one(store: Store, record: Record) -> Delivery | None:
    try:
        lock = _lock_of(store, record.project)
        if not lock.acquire():
            return None
        try:
            current = records.load(store, record.run_id)
            if current is None:
                return None
            ended = settle(store, current)
        finally:
            lock.release()
    except (NexusError, OSError) as error:
        return replace(record, detail=str(error)).to_delivery(records.paths(store, record))
    return ended.to_delivery(records.paths(store, ended))


def _roll_back(store: Store, tree: Tree, record: Record, steps: Sequence[Step]) -> Record:
    kept, complete = take_back(tree, record, steps)
    if not complete:
        raise DeliveryConflict(
            f"Files of {record.project} could not be put back after a delivery failed (disk full or read-only?).",
            "Mend that and run any `nexus` command: it finishes from the saved contents.",
        )
    back = replace(record.with_commit(""), state=_BACK[record.state], detail=_kept_in_words(kept))
    return records.save(store, back)


def _kept_in_words(kept: Sequence[Clash]) -> str:
    if not kept:
        return "Nothing was changed."
    return "Taken back, but for files you changed meanwhile: " + ", ".join(clash.path for clash in kept) + "."


def _publish(record: Record, steps: Sequence[Step]) -> Record:
    """Make the prepared commit visible; without it the files are delivered all the same."""
    if not record.pending:
        return record
    planned = Planned(record.ref, record.parent, record.pending)
    try:
        repo = find_repo(record.project)
        if repo is None or not publish(repo, planned):
            return replace(record.with_commit(""), detail="Not committed: the branch moved meanwhile.")
    except GitError as error:
        return replace(record.with_commit(""), detail=f"Not committed: {error.message}")
    try:
        follow_in_index(repo, planned, [step.path for step in steps])
    except GitError as error:
        return replace(record, detail=f"Committed, but `git reset` is needed to see it in the index: {error.message}")
    return record


def _lock_of(store: Store, project: Path) -> FileLock:
    repo = find_repo(project)
    top = repo.top if repo else project
    return FileLock(store.path.parent / "locks" / f"deliver-{digest(str(top))[:32]}.lock")
