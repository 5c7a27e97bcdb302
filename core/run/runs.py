"""The table of runs: create, find, list, rate; and the sweep that notices runs whose process died."""

from __future__ import annotations

import functools
import json
import os
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config.errors import UsageError
from config.paths import Paths, make_private_dir
from core.ids import RunId, digest
from core.storage.locks import FileLock
from core.storage.store import Store
from core.text.redaction import redact

if TYPE_CHECKING:
    from config.settings import Settings
    from core.events import RunFinished

LIVE = ("running", "paused", "waiting")


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run as the database knows it. `summary` is the data of its `run.finished` event, or empty."""

    id: RunId
    task_id: str
    project: str
    request: str
    status: str
    created_at: float
    updated_at: float
    pid: int | None
    verdict: str
    exit_code: int | None
    cost_micros: int
    summary: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)


def create_run(
    store: Store, run_id: RunId, project: Path, request: str, settings: Settings, options: Mapping[str, Any]
) -> RunRow:
    """Record a new run as `queued`, with the settings it will keep through every resume. Secrets are taken out."""
    now = time.time()
    request = redact(request)
    task = digest(f"{project}\0{request}")

    def write(db: sqlite3.Connection) -> None:
        db.execute(
            "INSERT INTO runs (id, task_id, project, request, settings, options, status, created_at, updated_at)"
            " VALUES (?, ?, ?, ?, ?, ?, 'queued', ?, ?)",
            (run_id, task, str(project), request, settings.model_dump_json(), json.dumps(dict(options)), now, now),
        )

    store.write(write)
    return find_run(store, run_id)


def change_run(store: Store, run_id: str, settings: Settings, options: Mapping[str, Any]) -> None:
    """Give a run other settings and options for the rest of its work. Only the holder of its lock may."""
    store.write(
        lambda db: db.execute(
            "UPDATE runs SET settings = ?, options = ? WHERE id = ?",
            (settings.model_dump_json(), json.dumps(dict(options)), run_id),
        )
    )


def begin_run(store: Store, run_id: str) -> None:
    """Mark a run as driven by this process; how an earlier process left it is forgotten."""
    store.write(
        lambda db: db.execute(
            "UPDATE runs SET status = 'running', pid = ?, updated_at = ?, verdict = NULL, exit_code = NULL,"
            " summary = '' WHERE id = ?",
            (os.getpid(), time.time(), run_id),
        )
    )


def set_status(store: Store, run_id: str, status: str) -> None:
    """Show what a run driven by this process is doing: `running`, `paused` or `waiting`."""
    store.write(
        lambda db: db.execute(
            "UPDATE runs SET status = ?, pid = ?, updated_at = ? WHERE id = ?",
            (status, os.getpid(), time.time(), run_id),
        )
    )


def finish_run(store: Store, run_id: str, body: RunFinished) -> None:
    """Close a run with the figures of its last event.

    Where nothing was decided about the code (it was cancelled, or provider, sandbox or money failed) the run is
    `interrupted`, not `finished`: it waits to be resumed.
    """
    status = "interrupted" if body.verdict in ("cancelled", "failed") or body.exit_code == 6 else "finished"
    store.write(
        lambda db: db.execute(
            "UPDATE runs SET status = ?, pid = NULL, updated_at = ?, verdict = ?, exit_code = ?,"
            " cost_micros = ?, summary = ? WHERE id = ?",
            (status, time.time(), body.verdict, body.exit_code, body.cost_micros, json.dumps(asdict(body)), run_id),
        )
    )


def list_runs(store: Store, limit: int = 50) -> list[RunRow]:
    """Newest first: in the order they were begun, which a clock that was set back does not change."""
    return [_row(row) for row in store.query("SELECT * FROM runs ORDER BY rowid DESC LIMIT ?", (limit,))]


def recent_requests(store: Store, project: Path, limit: int = 200) -> list[str]:
    """Requests made for a project, newest first, each once."""
    sql = "SELECT request FROM runs WHERE project = ? GROUP BY request ORDER BY max(rowid) DESC LIMIT ?"
    return [str(row["request"]) for row in store.query(sql, (str(project), limit))]


def newest_live_run(store: Store, project: Path) -> str:
    """The run of a project that somebody drives, the newest if there are several; or empty."""
    sql = f"SELECT id FROM runs WHERE project = ? AND status IN {LIVE} ORDER BY rowid DESC LIMIT 1"  # noqa: S608
    rows = store.query(sql, (str(project),))
    return str(rows[0]["id"]) if rows else ""


def find_run(store: Store, ref: str) -> RunRow:
    """The run with this id, a unique start of one, or `last`. Raises UsageError naming the candidates."""
    if ref == "last":
        found = store.query("SELECT * FROM runs ORDER BY rowid DESC LIMIT 1")
        if not found:
            raise UsageError("There are no runs yet.", 'Start one: nexus --headless "what to build"')
        return _row(found[0])
    exact = store.query("SELECT * FROM runs WHERE id = ?", (ref,))
    if exact:
        return _row(exact[0])
    like = ref.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    found = store.query("SELECT * FROM runs WHERE id LIKE ? ESCAPE '\\' ORDER BY id LIMIT 6", (like,))
    if not found or not ref:
        raise UsageError(f"There is no run {ref!r}.", "`nexus runs` lists them; `last` names the newest.")
    if len(found) > 1:
        names = ", ".join(row["id"] for row in found)
        raise UsageError(f"{ref!r} could be several runs: {names}.", "Type more of the id.")
    return _row(found[0])


def rate_run(store: Store, run_id: str, stars: int, note: str) -> None:
    """Record what the user thinks of a run, 1 to 5; a second rating replaces the first."""
    store.write(
        lambda db: db.execute(
            "INSERT INTO ratings (run_id, stars, note, at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (run_id) DO UPDATE SET stars = excluded.stars, note = excluded.note, at = excluded.at",
            (run_id, stars, note, time.time()),
        )
    )


def rating_of(store: Store, run_id: str) -> tuple[int, str] | None:
    """Stars and note, or None."""
    rows = store.query("SELECT stars, note FROM ratings WHERE run_id = ?", (run_id,))
    return (int(rows[0]["stars"]), str(rows[0]["note"])) if rows else None


def run_lock(paths: Paths, run_id: str) -> FileLock:
    """The lock whose holder, and only its holder, drives a run. The kernel frees it when the process dies."""
    return FileLock(make_private_dir(paths.run_dir(run_id)) / "lock")


def claim(paths: Paths, run_id: str) -> FileLock:
    """The lock of a run, held. Raises UsageError when another process drives it."""
    lock = run_lock(paths, run_id)
    if not lock.acquire(0):
        raise UsageError(f"Run {run_id} is being driven by another process.", f"Watch it with `nexus attach {run_id}`.")
    return lock


def sweep(store: Store, paths: Paths) -> list[RunId]:
    """Mark live-looking runs whose lock nobody holds as `interrupted`; returns their ids."""

    def bury(db: sqlite3.Connection, run_id: str) -> int:
        # Asked again: the run may have ended in good order between the look and the lock.
        return db.execute(
            "UPDATE runs SET status = 'interrupted', pid = NULL, updated_at = ?"  # noqa: S608 - a constant
            f" WHERE id = ? AND status IN {LIVE}",
            (time.time(), run_id),
        ).rowcount

    dead = []
    for row in store.query(f"SELECT id FROM runs WHERE status IN {LIVE}"):  # noqa: S608 - a constant
        lock = run_lock(paths, row["id"])
        if lock.acquire(0):
            try:
                if store.write(functools.partial(bury, run_id=row["id"])):
                    dead.append(RunId(row["id"]))
            finally:
                lock.release()
    return dead


def _row(row: sqlite3.Row) -> RunRow:
    return RunRow(
        id=RunId(row["id"]),
        task_id=row["task_id"],
        project=row["project"],
        request=row["request"],
        status=row["status"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        pid=row["pid"],
        verdict=row["verdict"] or "",
        exit_code=row["exit_code"],
        cost_micros=row["cost_micros"],
        summary=json.loads(row["summary"] or "{}"),
        options=json.loads(row["options"]),
        settings=json.loads(row["settings"]),
    )
