"""The table of runs as a list for people: pages of it, and all about one run. Nothing of their settings is read."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from config.paths import Paths
from core.delivery import records
from core.delivery.model import Record
from core.delivery.undo import foresee
from core.run.runs import RunRow, find_run, rating_of
from core.state import RunState, fold
from core.storage.event_log import read_events
from core.storage.store import Store

RunFilter = Literal["all", "live", "verified", "not verified", "interrupted"]

_KINDS: dict[RunFilter, str] = {
    "all": "1",
    "live": "status IN ('queued', 'running', 'paused', 'waiting')",
    "verified": "status = 'finished' AND verdict = 'verified'",
    "not verified": "status = 'finished' AND coalesce(verdict, '') <> 'verified'",
    "interrupted": "status = 'interrupted'",
}
_LONGEST_REQUEST = 400
"""Characters of a request that a list shows at most."""


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run in a list."""

    id: str
    project: str
    request: str
    """Its beginning."""
    status: str
    verdict: str
    created_at: float
    updated_at: float
    cost_micros: int
    stars: int = 0
    """The user's rating; 0: none."""
    delivered: str = ""
    """State of its delivery, such as APPLIED or UNDONE; empty: none."""


@dataclass(frozen=True, slots=True)
class RunPage:
    """Runs `offset` to `offset + len(lines)` of `total` that match."""

    lines: tuple[RunLine, ...] = ()
    offset: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class RunDetail:
    """All about one run except its tests one by one, which may be tens of thousands."""

    row: RunRow
    state: RunState
    delivery: Record | None
    files: tuple[str, ...]
    """What was delivered, or what was to be."""
    rating: tuple[int, str] | None
    undo: str
    """What undoing it would do, in words; empty when there is nothing to undo."""
    report: Path | None
    """The evidence report, if it is there."""


def read_page(store: Store, search: str, status: RunFilter, project: str, offset: int, limit: int) -> RunPage:
    """Newest first. Every word of `search` must be in id, request or project; `project` empty: of all projects."""
    condition, values = _where(search, status, project)
    total = store.query(f"SELECT count(*) FROM runs WHERE {condition}", values)[0][0]  # noqa: S608 - our own text
    offset = max(0, min(offset, total - 1))
    rows = store.query(
        "SELECT id, runs.project, substr(request, 1, ?) AS request, status, verdict, created_at, runs.updated_at,"  # noqa: S608
        " cost_micros, stars, deliveries.state AS delivered"
        " FROM runs LEFT JOIN ratings ON ratings.run_id = id LEFT JOIN deliveries ON deliveries.run_id = id"
        f" WHERE {condition} ORDER BY runs.rowid DESC LIMIT ? OFFSET ?",
        (_LONGEST_REQUEST, *values, limit, offset),
    )
    return RunPage(tuple(map(_line, rows)), offset, total)


def read_detail(store: Store, paths: Paths, run_id: str) -> RunDetail:
    """Raises UsageError when there is no such run."""
    row = find_run(store, run_id)
    state = fold(read_events(store, run_id, but="test.finished"))
    record = records.load(store, run_id)
    delivered = records.paths(store, record) if record else ()
    report = paths.run_dir(run_id) / "report.md"
    return RunDetail(
        row=row,
        state=state,
        delivery=record,
        files=delivered or tuple(row.summary.get("files", ())),
        rating=rating_of(store, run_id),
        undo=foresee(record, len(delivered)),
        report=report if report.is_file() else None,
    )


def _where(search: str, status: RunFilter, project: str) -> tuple[str, list[str]]:
    words = [_like(word) for word in search.split()]
    matches = ["(id LIKE ? ESCAPE '\\' OR request LIKE ? ESCAPE '\\' OR runs.project LIKE ? ESCAPE '\\')"] * len(words)
    values = [word for word in words for _ in range(3)]
    if project:
        matches.append("runs.project = ?")
        values.append(project)
    return " AND ".join([*matches, _KINDS[status]]), values


def _like(word: str) -> str:
    for special in "\\%_":
        word = word.replace(special, f"\\{special}")
    return f"%{word}%"


def _line(row: sqlite3.Row) -> RunLine:
    return RunLine(
        id=row["id"],
        project=row["project"],
        request=row["request"],
        status=row["status"],
        verdict=row["verdict"] or "",
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        cost_micros=row["cost_micros"],
        stars=row["stars"] or 0,
        delivered=row["delivered"] or "",
    )
