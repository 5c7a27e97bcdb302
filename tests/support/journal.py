"""A recorded run: its events, answers and outputs in one file, and a store that holds as much of it as wanted.

`python -m tests.support.journal` records `tests/terminal/demo_journal.json` again, from a run of the demonstration.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from config.paths import Paths, make_private_dir, user_paths
from config.settings import Settings
from core.events import Event, RunFinished, body_from_json, body_to_json
from core.ids import RunId
from core.run.runs import RunRow, create_run, find_run, finish_run
from core.storage.store import Store

JOURNAL = Path(__file__).parent.parent / "terminal" / "demo_journal.json"
BEGAN_AT = 1_795_392_000.0
"""2026-11-23 00:00:00 UTC, when every recorded run begins."""
PROJECT = Path("/home/mia/worklog")

Journal = Mapping[str, Any]


def read_journal() -> Journal:
    journal: Journal = json.loads(JOURNAL.read_text(encoding="utf-8"))
    return journal


def events_of(journal: Journal, run_id: str) -> list[Event]:
    began = journal["events"][0]["at"]
    return [
        Event(RunId(run_id), event["seq"], BEGAN_AT + event["at"] - began, body_from_json(json.dumps(event)))
        for event in journal["events"]
    ]


def lay_down(
    store: Store,
    paths: Paths,
    run_id: str,
    until: Callable[[Event], bool] | None = None,
    status: str = "running",
    project: Path = PROJECT,
) -> RunRow:
    """The recorded run in `store`: whole, or up to and with the first event that `until` holds for, in `status`.

    Answers and outputs are there in full. Nobody drives the run; the caller holds its lock if it should look driven.
    """
    journal = read_journal()
    create_run(store, RunId(run_id), project, journal["request"], Settings(), {"delivery": "ask", "cassette": "demo"})
    events = events_of(journal, run_id)
    if until is not None:
        last = next(place for place, event in enumerate(events) if until(event))
        events = events[: last + 1]
    for name, text in journal["files"].items():
        place = paths.run_dir(run_id) / name
        make_private_dir(place.parent)
        place.write_text(text, encoding="utf-8")

    def write(db: sqlite3.Connection) -> None:
        rows = [(run_id, event.seq, event.at, body_to_json(event.body)) for event in events]
        db.executemany("INSERT INTO events (run_id, seq, at, body) VALUES (?, ?, ?, ?)", rows)
        db.execute(
            "UPDATE runs SET status = ?, pid = ?, created_at = ?, updated_at = ? WHERE id = ?",
            (status, os.getpid(), BEGAN_AT, events[-1].at, run_id),
        )

    store.write(write)
    if isinstance(end := events[-1].body, RunFinished):
        finish_run(store, run_id, end)
        store.write(lambda db: db.execute("UPDATE runs SET updated_at = ? WHERE id = ?", (events[-1].at, run_id)))
    return find_run(store, run_id)


def record() -> None:
    """Play the demonstration with an approval, and keep what it left."""
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "NEXUS_HOME": home, "NEXUS_SANDBOX__BACKEND": "bubblewrap"}
        nexus = [sys.executable, "-P", "-m", "app"]
        run = subprocess.Popen([*nexus, "--headless", "--demo", "--ask", "--json"], env=env, stdout=subprocess.PIPE)
        assert run.stdout is not None
        events: list[dict[str, Any]] = []
        for line in run.stdout:
            events.append(json.loads(line))
            if events[-1]["kind"] == "approval.requested":
                subprocess.run([*nexus, "attach", "last", "--approve"], env=env, check=True)
        folder = user_paths(env).run_dir(events[0]["run"])
        files = {
            str(path.relative_to(folder)): path.read_text(encoding="utf-8")
            for path in sorted([*folder.glob("model/*"), *folder.glob("sandbox/*"), folder / "report.md"])
        }
        text = json.dumps({"request": events[0]["request"], "events": events, "files": files}, indent=0)
        text = text.replace(str(folder), "/home/mia/.local/share/nexus/runs/" + events[0]["run"])
        text = text.replace(events[0]["project"], str(PROJECT))
        JOURNAL.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    record()
