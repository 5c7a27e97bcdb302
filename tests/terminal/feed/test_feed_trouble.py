"""The feed in trouble: a database that cannot be read, files that are gone."""

from __future__ import annotations

import gc
import sqlite3
import time
from pathlib import Path

from config.paths import Paths
from core import events as ev
from core.storage.store import Store
from tests.support.feed import LOG, RUN, Run, watching
from tests.support.live import eventually


def test_a_database_that_cannot_be_read_is_told_once_and_caught_up_with(run: Run, store: Store, paths: Paths) -> None:
    run.notices(1, 3)
    with watching(store, paths) as screen:
        screen.saw(lambda: screen.view.budgets)
        _rename(paths, "deliveries", "gone")
        run.notices(4, 9)
        screen.saw(lambda: "refused an operation" in screen.view.trouble)
        assert screen.view.state.seq == 3
        told = len(screen.batches)
        run.notices(10, 10)
        time.sleep(0.3)
        assert len(screen.batches) == told
        _rename(paths, "gone", "deliveries")
        screen.saw(lambda: screen.view.trouble == "" and screen.view.state.seq == 10)
    assert screen.seqs == list(range(1, 11))


def test_a_run_that_cannot_be_opened_is_told_once(run: Run, store: Store, paths: Paths) -> None:
    _rename(paths, "deliveries", "gone")
    with watching(store, paths) as screen:
        eventually(lambda: screen.warnings)
        time.sleep(0.3)
        assert len(screen.warnings) == 1 and not screen.batches
        _rename(paths, "gone", "deliveries")
        screen.saw(lambda: screen.view.row.id == RUN)


def _rename(paths: Paths, table: str, name: str) -> None:
    db = sqlite3.connect(paths.database)
    db.execute("PRAGMA legacy_alter_table = ON")  # leaves the tables alone that refer to it
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute(f"ALTER TABLE {table} RENAME TO {name}")
    db.commit()
    db.close()


def test_a_run_folder_that_is_deleted_leaves_what_was_read(run: Run, store: Store, paths: Paths) -> None:
    run.emit(ev.SandboxStarted("verify", 1, "bubblewrap", "pytest", LOG))
    run.write(LOG, b"one\ntwo\n")
    with watching(store, paths) as screen:
        screen.saw(lambda: screen.view.log is not None and screen.view.log.line_count == 2)
        (run.folder / LOG).unlink()
        run.notices(2, 2)
        screen.saw(lambda: screen.view.log.missing and screen.view.state.seq == 2)  # type: ignore[union-attr]
        assert screen.view.log is not None and screen.view.log.lines(0, 9) == ["one", "two"]


def test_feeds_that_were_stopped_keep_no_file_open(run: Run, store: Store, paths: Paths) -> None:
    run.emit(ev.SandboxStarted("verify", 1, "bubblewrap", "pytest", LOG))
    run.write(LOG, b"one\n")

    def open_files() -> int:
        gc.collect()  # feed and screen know each other
        return len(list(Path("/proc/self/fd").iterdir()))

    def look() -> None:
        with watching(store, paths) as screen:
            screen.saw(lambda: screen.view.log is not None and screen.view.log.line_count == 1)

    look()
    before = open_files()
    for _ in range(10):
        look()
    assert open_files() <= before
