"""Runs of the past, and the screen that lists them."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from textual.pilot import Pilot

from config.settings import Settings
from core.events import RunFinished
from core.ids import RunId
from core.run.runs import begin_run, create_run, finish_run
from core.storage.store import Store
from screens.history_screen import HistoryScreen
from tests.support.journal import PROJECT
from tests.support.screens import shows

DEMO = "261123-0000-00demo"
HOSTILE = "\x1b]52;c;QUJD\x07\x1b[2J\x1b[1;1H[bold]loud[/bold] \u202egpj.exe \x00\x9b31m 界界"


def add_runs(store: Store, count: int, project: str = "/home/mia/shop", verdict: str = "verified") -> None:
    """Finished runs, one a minute up to now: `request 0` is the oldest."""
    settings, now = Settings().model_dump_json(), time.time()
    rows = [
        (f"26{number:05}-0000-aaaaaa", f"task {number}", project, f"request {number}", settings, begun, begun, verdict)
        for number in range(count)
        for begun in [now - 60 * (count - number)]
    ]

    def write(db: sqlite3.Connection) -> None:
        db.executemany(
            "INSERT INTO runs (id, task_id, project, request, settings, status, created_at, updated_at, verdict)"
            " VALUES (?, ?, ?, ?, ?, 'finished', ?, ?, ?)",
            rows,
        )

    store.write(write)


def add_run(store: Store, number: int, request: str = "do it", verdict: str = "", project: Path = PROJECT) -> RunId:
    """A run that ended with that verdict, or is queued."""
    run_id = RunId(f"261123-{number:04}-bbbbbb")
    create_run(store, run_id, project, request, Settings(), {})
    if verdict:
        begin_run(store, run_id)
        finish_run(store, run_id, RunFinished(verdict, f"it was {verdict}", 0 if verdict == "verified" else 1))
    return run_id


async def history(pilot: Pilot[None], *words: str) -> HistoryScreen:
    await pilot.press("f3")
    await shows(pilot, *words)
    assert isinstance(pilot.app.screen, HistoryScreen)
    return pilot.app.screen


def can(pilot: Pilot[None]) -> set[str]:
    """The actions of the history that are offered now, without their scope."""
    ids = [active.binding.id or "" for active in pilot.app.screen.active_bindings.values() if active.enabled]
    return {name.removeprefix("history.") for name in ids if name.startswith("history.")}
