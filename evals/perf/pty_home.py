"""The terminal as it is opened for measuring, on a home with 5,000 runs; and a bare Textual app to compare it with."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from config.paths import make_private_dir, user_paths
from config.settings import Settings
from core import events as ev
from core.events import body_to_json
from core.ids import digest
from core.storage.store import Store
from evals.perf.pty_terminal import PtyTerminal

RUNS = 5000
EVENTS = 20
REQUEST = "Add a --json flag to the list command"

_BARE = """
from textual.app import App
from textual.widgets import Footer, Static

class Bare(App):
    BINDINGS = [("q", "quit", "Quit")]

    def compose(self):
        yield Static("painted")
        yield Footer()

Bare().run()
"""


def environment(home: Path, **more: str) -> dict[str, str]:
    """A terminal emulator of today on this machine."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "VIRTUAL_ENV", "PYTHONPATH") if name in os.environ}
    kind = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
    return {**kept, **kind, "NEXUS_HOME": str(home), **more}


def open_nexus(home: Path, *args: str, bytes_per_s: int = 0, **env: str) -> PtyTerminal:
    """`nexus` in the folder `project` beside its home."""
    project = make_private_dir(home.parent / "project")
    command = [sys.executable, "-P", "-m", "app", *args]
    return PtyTerminal(command, environment(home, **env), project, bytes_per_s=bytes_per_s)


def open_bare(home: Path) -> PtyTerminal:
    """A Textual app with a line of text, `painted`, and a footer."""
    return PtyTerminal([sys.executable, "-P", "-c", _BARE], environment(home))


def fill(home: Path, runs: int = RUNS, events: int = EVENTS) -> None:
    """Record finished runs of many projects, the newest in `project`."""
    settings, began = Settings().model_dump_json(), datetime(2026, 1, 1, tzinfo=UTC)

    def rows() -> Iterator[tuple[str, float, str]]:
        for number in range(runs):
            at = began + timedelta(minutes=20 * number)
            project = home.parent / ("project" if number % 10 == 0 else f"other-{number % 50}")
            yield f"{at:%y%m%d-%H%M}-{number:06x}", at.timestamp(), str(project)

    def write(db: sqlite3.Connection) -> None:
        db.executemany(
            "INSERT INTO runs (id, task_id, project, request, settings, status, created_at, updated_at, verdict,"
            " exit_code, cost_micros) VALUES (?, ?, ?, ?, ?, 'finished', ?, ?, 'verified', 0, 12000)",
            ((run, digest(run), project, f"{REQUEST} {run}", settings, at, at + 60) for run, at, project in rows()),
        )
        bodies = [body_to_json(body) for body in _bodies(events)]
        db.executemany(
            "INSERT INTO events (run_id, seq, at, body) VALUES (?, ?, ?, ?)",
            ((run, seq, at + seq, body) for run, at, _ in rows() for seq, body in enumerate(bodies, 1)),
        )

    with Store(user_paths({"NEXUS_HOME": str(home)}).database) as store:
        store.write(write)


def _bodies(number: int) -> Iterator[ev.Body]:
    yield ev.RunStarted(REQUEST, "project", "custom", "bubblewrap", 5_000_000, "0.1.0")
    for each in range(number - 2):
        yield ev.TestFinished(f"tests/test_list.py::test_{each}", "passed", 3)
    yield ev.RunFinished("verified", "18 tests pass.", 0, cost_micros=12000)
