"""Deliveries in the database, their file contents as blobs beside the run's other artefacts."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

from core.delivery.model import Direction, Record, Step
from core.files.tree import Entry
from core.storage.blobs import BlobFolder
from core.storage.store import Store

_COLUMNS = "run_id, project, artefacts, state, message, branch, ref, parent, commit_id, undo_commit, detail"


def save(store: Store, record: Record, steps: Sequence[Step] | None = None) -> Record:
    """Make the record durable; with `steps`, also the files of its direction, contents first."""
    rows = None if steps is None else [_to_row(record, step) for step in steps]

    def write(db: sqlite3.Connection) -> None:
        values = (
            record.run_id, str(record.project), str(record.artefacts), record.state, record.message, record.branch,
            record.ref, record.parent, record.commit, record.undo_commit, record.detail, time.time(),
        )  # fmt: skip
        db.execute(
            f"INSERT INTO deliveries ({_COLUMNS}, updated_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)"  # noqa: S608 - our own column list
            " ON CONFLICT (run_id) DO UPDATE SET project = excluded.project, artefacts = excluded.artefacts,"
            " state = excluded.state, message = excluded.message, branch = excluded.branch, ref = excluded.ref,"
            " parent = excluded.parent, commit_id = excluded.commit_id, undo_commit = excluded.undo_commit,"
            " detail = excluded.detail, updated_at = excluded.updated_at",
            values,
        )
        if rows is not None:
            key = (record.run_id, record.direction)
            db.execute("DELETE FROM delivery_files WHERE run_id = ? AND direction = ?", key)
            db.executemany("INSERT INTO delivery_files VALUES (?,?,?,?,?,?,?)", rows)

    store.write(write)
    return record


def load(store: Store, run_id: str) -> Record | None:
    found = store.query(f"SELECT {_COLUMNS} FROM deliveries WHERE run_id = ?", (run_id,))  # noqa: S608
    return _from_row(found[0]) if found else None


def unfinished(store: Store) -> list[Record]:
    """Deliveries that a process left in the middle, or is in the middle of."""
    sql = f"SELECT {_COLUMNS} FROM deliveries WHERE state IN ('PREPARED', 'APPLYING', 'UNDOING')"  # noqa: S608
    return [_from_row(row) for row in store.query(sql)]


def load_steps(store: Store, record: Record, direction: Direction) -> tuple[Step, ...]:
    """Files of one direction with their contents, sorted by path. Raises StoreError when a content is damaged."""
    blobs = BlobFolder(record.artefacts / "blobs")

    def entry(name: str | None, mode: int | None) -> Entry | None:
        return None if name is None or mode is None else Entry(blobs.load(name), mode)

    return tuple(
        Step(row["path"], entry(row["before_hash"], row["before_mode"]), entry(row["after_hash"], row["after_mode"]))
        for row in _file_rows(store, record.run_id, direction)
    )


def paths(store: Store, record: Record) -> tuple[str, ...]:
    """The files of the record's direction."""
    return tuple(row["path"] for row in _file_rows(store, record.run_id, record.direction))


def _file_rows(store: Store, run_id: str, direction: Direction) -> list[sqlite3.Row]:
    sql = "SELECT * FROM delivery_files WHERE run_id = ? AND direction = ? ORDER BY path"
    return store.query(sql, (run_id, direction))


def _to_row(record: Record, step: Step) -> tuple[object, ...]:
    blobs = BlobFolder(record.artefacts / "blobs")
    before, after = step.before, step.after
    return (
        record.run_id,
        record.direction,
        step.path,
        blobs.save(before.data) if before else None,
        blobs.save(after.data) if after else None,
        before.mode if before else None,
        after.mode if after else None,
    )


def _from_row(row: sqlite3.Row) -> Record:
    run_id, project, artefacts, state, message, branch, ref, parent, commit, undo_commit, detail = tuple(row)
    return Record(
        run_id, Path(project), Path(artefacts), state, message, branch, ref, parent, commit, undo_commit, detail
    )
