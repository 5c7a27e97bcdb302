"""Requests from viewers to the process that drives a run: written by anyone, taken by the holder of the run lock."""

from __future__ import annotations

import json
import sqlite3
import time
from dataclasses import dataclass
from typing import Any, Literal

from core.storage.store import Store

CommandKind = Literal["pause", "resume", "cancel", "decide", "rate"]


@dataclass(frozen=True, slots=True)
class Command:
    id: int
    kind: CommandKind
    payload: dict[str, Any]


def send(store: Store, run_id: str, kind: CommandKind, payload: dict[str, Any] | None = None) -> int:
    """Queue a command for a run; returns its id, durable."""

    def write(db: sqlite3.Connection) -> int:
        cursor = db.execute(
            "INSERT INTO commands (run_id, kind, payload, created_at) VALUES (?, ?, ?, ?)",
            (run_id, kind, json.dumps(payload or {}), time.time()),
        )
        return int(cursor.lastrowid or 0)

    return store.write(write)


def take(store: Store, run_id: str) -> list[Command]:
    """Commands not taken before, oldest first; each is handed out once, even with two takers."""
    if not store.query("SELECT 1 FROM commands WHERE run_id = ? AND taken_at IS NULL LIMIT 1", (run_id,)):
        return []  # the usual answer of a poll costs no write

    def write(db: sqlite3.Connection) -> list[Command]:
        rows = db.execute(
            "UPDATE commands SET taken_at = ? WHERE run_id = ? AND taken_at IS NULL RETURNING id, kind, payload",
            (time.time(), run_id),
        ).fetchall()
        return sorted((Command(row[0], row[1], json.loads(row[2])) for row in rows), key=lambda one: one.id)

    return store.write(write)
