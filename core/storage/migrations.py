"""Brings a database file to this version's schema, with a backup before anything is changed.

Scripts are `core/storage/schema/NNNN_name.sql`, applied in order, each in one transaction with the version number.
A released script is never edited; a change is a new script.
"""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from config.errors import StoreError

_SCHEMA = Path(__file__).with_name("schema")
APPLICATION_ID = 0x4E455855
"""`NEXU` in ASCII: lets `file(1)`, and us, tell a Nexus database from any other."""


def _scripts() -> list[tuple[int, str]]:
    found = [
        (int(match[1]), entry.read_text(encoding="utf-8"))
        for entry in _SCHEMA.iterdir()
        if (match := re.fullmatch(r"(\d{4})_\w+\.sql", entry.name))
    ]
    return sorted(found)


def latest_version() -> int:
    return _scripts()[-1][0]


def version_of(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def refuse_foreign(db: sqlite3.Connection, path: Path) -> None:
    """Raises StoreError for the file of another program or of a newer Nexus; only reads."""
    # In this order: another process may be creating the file, tables and mark in one transaction.
    if _has_tables(db) and int(db.execute("PRAGMA application_id").fetchone()[0]) != APPLICATION_ID:
        raise StoreError(
            f"{path} is a SQLite database of another program.",
            "Move it away, or point NEXUS_HOME to another folder.",
        )
    current, newest = version_of(db), latest_version()
    if current > newest:
        raise StoreError(
            f"{path} was written by a newer Nexus (schema {current}, this version knows {newest}).",
            "Update Nexus, or point NEXUS_HOME to another folder.",
        )


def migrate(db: sqlite3.Connection, path: Path) -> None:
    """Apply what is missing to a file that is ours."""
    scripts, current = _scripts(), version_of(db)
    if current == scripts[-1][0]:
        return
    if _has_tables(db):
        _back_up(db, path, current)
    for number, script in scripts:
        if number > current:
            _apply(db, number, script)


def _has_tables(db: sqlite3.Connection) -> bool:
    return bool(db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])


def _back_up(db: sqlite3.Connection, path: Path, version: int) -> None:
    target = path.with_suffix(f".schema{version}.bak")
    with sqlite3.connect(target) as copy:
        db.backup(copy)
    copy.close()
    target.chmod(0o600)


def _apply(db: sqlite3.Connection, number: int, script: str) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        if version_of(db) >= number:  # another process was first
            db.execute("ROLLBACK")
            return
        for statement in _statements(script):
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {number}")
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise


def _statements(script: str) -> list[str]:
    """Split a script, because `executescript` would commit the transaction around it."""
    statements, pending = [], ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    return statements
