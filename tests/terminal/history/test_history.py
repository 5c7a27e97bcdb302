"""The history: what is known of each run, what changes while one looks, and going on with a run."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Static

from app.terminal.application import NexusApp
from config.paths import Paths
from config.settings import Settings
from core.delivery.model import Record
from core.delivery.undo import foresee
from core.events import PhaseStarted, RunFinished
from core.run.runs import finish_run, rate_run, rating_of, run_lock
from core.storage.store import Store
from screens.history_screen import HistoryScreen
from screens.intents import ContinueRun, CopyText, OpenRun
from screens.widgets.run_rows import RunRows
from tests.support.delivery import Run, make_repo, picture
from tests.support.history import DEMO, HOSTILE, add_run, add_runs, can, history
from tests.support.journal import PROJECT, lay_down
from tests.support.screens import SMALL, WIDE, hides, opened, screen_text, shows, until


def told(pilot: Pilot[None]) -> str:
    """What is said about the run at the cursor, however it is wrapped."""
    return " ".join(str(pilot.app.screen.query_one("#history-detail > Static", Static).content).split())


# --- what is known of a run ---


@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_all_about_the_run_at_the_cursor_stands_beside_it(
    store: Store, paths: Paths, size: tuple[int, int]
) -> None:
    row = lay_down(store, paths, DEMO)
    rate_run(store, DEMO, 4, "almost what I meant")
    async with opened(store, paths, size) as pilot:
        await history(pilot, DEMO, "verified", "4/5", "Asked")
        flat = told(pilot)
        assert "".join(row.request.split()) in flat.replace(" ", "")
        for words in ("tests", "30 passed, 0 failed", "retries 1", "4 of 5: almost what I meant", "implementer"):
            assert words in flat
        assert str(PROJECT) in flat
        assert "worklog/durations.py" in flat
        assert str(paths.run_dir(DEMO) / "report.md") in flat.replace(" ", "")


async def test_what_can_be_done_fits_the_run_at_the_cursor(store: Store, paths: Paths) -> None:
    add_run(store, 1, "was cut off", "cancelled")
    lay_down(store, paths, DEMO)
    add_run(store, 2, "still waits")
    async with opened(store, paths) as pilot:
        await history(pilot, "still waits", "3 runs")
        await until(pilot, lambda: can(pilot) >= {"open", "copy"})
        assert not can(pilot) & {"resume", "replay", "undo", "rate", "report", "export", "review"}
        await pilot.press("down")
        await until(pilot, lambda: can(pilot) >= {"replay", "rate", "report", "export", "review"})
        assert not can(pilot) & {"resume", "undo"}
        await pilot.press("down")
        await until(pilot, lambda: "resume" in can(pilot))
        await until(pilot, lambda: "not paid again" in told(pilot))
        assert not can(pilot) & {"undo", "report"}


async def test_a_run_whose_files_are_gone_is_still_told(store: Store, paths: Paths) -> None:
    lay_down(store, paths, DEMO)
    shutil.rmtree(paths.run_dir(DEMO))
    async with opened(store, paths) as pilot:
        await history(pilot, DEMO, "Asked")
        await until(pilot, lambda: "replay" in can(pilot))
        assert "report" not in can(pilot)


async def test_hostile_text_is_neither_obeyed_nor_taken_for_markup(store: Store, paths: Paths) -> None:
    run_id = add_run(store, 1, HOSTILE, "not_verified", Path(f"/home/{HOSTILE.replace('/', '')}"))
    rate_run(store, run_id, 2, HOSTILE)
    async with opened(store, paths) as pilot:
        await history(pilot, "[bold]loud[/bold]", "界", "not verified")
        shown = screen_text(pilot)
        assert not {"\x1b", "\x07", "\x00", "\x9b", "\u202e"} & set(shown)


async def test_a_database_that_refuses_to_be_read_is_said_in_a_sentence(store: Store, paths: Paths) -> None:
    add_run(store, 1, "fine", "verified")
    async with opened(store, paths) as pilot:
        await history(pilot, "fine")
        store.write(lambda db: db.execute("DROP TABLE ratings"))
        await shows(pilot, "refused an operation")
        assert "Traceback" not in screen_text(pilot)
        assert pilot.app.is_running


# --- while it is shown ---


async def test_a_run_begun_elsewhere_appears_and_the_cursor_stays_with_its_run(store: Store, paths: Paths) -> None:
    add_runs(store, 50)
    async with opened(store, paths) as pilot:
        screen = await history(pilot, "50 runs")
        await pilot.press("down", "down")
        rows = screen.query_one(RunRows)
        assert rows.current is not None
        here = rows.current.id
        add_run(store, 9, "begun elsewhere")
        await shows(pilot, "begun elsewhere", "51 runs")
        assert rows.current.id == here


async def test_an_engine_that_was_killed_is_shown_as_interrupted(store: Store, paths: Paths) -> None:
    lay_down(store, paths, DEMO, lambda event: isinstance(event.body, PhaseStarted), "running")
    lock = run_lock(paths, DEMO)
    assert lock.acquire()
    async with opened(store, paths, folder=Path("/elsewhere")) as pilot:
        await history(pilot, "running")
        lock.release()
        await shows(pilot, "! interrupted")
        await until(pilot, lambda: "not paid again" in told(pilot))
        await until(pilot, lambda: "resume" in can(pilot))


async def test_it_draws_nothing_while_nothing_changes(
    store: Store, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, now = Settings().model_dump_json(), time.time() - 3 * 3600
    store.write(
        lambda db: db.execute(
            "INSERT INTO runs (id, task_id, project, request, settings, status, created_at, updated_at, verdict)"
            " VALUES ('261123-0000-cccccc', 't', '/p', 'old one', ?, 'finished', ?, ?, 'verified')",
            (settings, now, now),
        )
    )
    async with opened(store, paths) as pilot:
        screen = await history(pilot, "old one", "Asked")
        looks, drawn = 0, 0
        ask, draw = screen.services.runs.moved, NexusApp._display

        async def moved(self: object, live: bool) -> int:
            nonlocal looks
            looks += 1
            return await ask(live)

        def display(self: NexusApp, *args: object) -> None:
            nonlocal drawn
            drawn += 1
            draw(self, *args)  # type: ignore[arg-type]

        monkeypatch.setattr(type(screen.services.runs), "moved", moved)
        await until(pilot, lambda: looks >= 2)
        monkeypatch.setattr(NexusApp, "_display", display)
        await until(pilot, lambda: looks >= 4)
        assert drawn == 0
        await pilot.press("f")
        await until(pilot, lambda: drawn)


# --- going on with a run ---


async def test_enter_opens_the_run_and_r_drives_it_on(store: Store, paths: Paths) -> None:
    first, second = add_run(store, 1, "first", "failed"), add_run(store, 2, "second", "verified")
    heard: list[Message] = []
    async with opened(store, paths, heard=heard.append) as pilot:
        await history(pilot, "second")
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.current_mode == "run")
        await shows(pilot, second)
        assert [each.run_id for each in heard if isinstance(each, OpenRun)][:1] == [second]
        await history(pilot, "first")
        await pilot.press("down", "r")
        await until(pilot, lambda: any(isinstance(each, ContinueRun) for each in heard))
        assert next(each for each in heard if isinstance(each, ContinueRun)).run_id == first


async def test_undo_says_what_it_will_do_and_does_it_only_after_a_yes(
    store: Store, paths: Paths, tmp_path: Path, nexus_home: Path
) -> None:
    repo = make_repo(tmp_path / "repo", {"a.py": "one\n"})
    before = picture(repo)
    run = Run.on(repo, store, nexus_home)
    run.write("a.py", "two\n")
    run.write("b.py", "new\n")
    commit = run.deliver().commit
    finish_run(store, run.id, RunFinished("verified", "fine", 0))
    delivered = picture(repo)
    assert delivered != before
    async with opened(store, paths, folder=repo) as pilot:
        await history(pilot, str(run.id))
        await until(pilot, lambda: "undo" in can(pilot))
        await pilot.press("u")
        await shows(pilot, "Take back what run", "2 files of", commit[:12])
        await pilot.press("n")
        await until(pilot, lambda: isinstance(pilot.app.screen, HistoryScreen))
        assert picture(repo) == delivered
        await pilot.press("u")
        await shows(pilot, "Take back what run")
        await pilot.press("y")
        await shows(pilot, "verified, undone", "Undone: 2 files")
        assert picture(repo) == before
        await until(pilot, lambda: "undo" not in can(pilot))


async def test_a_rating_is_shown_in_the_list_at_once(store: Store, paths: Paths) -> None:
    run_id = add_run(store, 1, "rate me", "verified")
    async with opened(store, paths) as pilot:
        await history(pilot, "rate me", "Asked")
        await hides(pilot, "RATED")
        await pilot.press("s")
        await shows(pilot, "How good was this run?")
        await pilot.press("5", *"fine", "enter")
        await shows(pilot, "RATED", "5/5", "5 of 5: fine")
        assert rating_of(store, run_id) == (5, "fine")


async def test_the_id_is_copied(store: Store, paths: Paths) -> None:
    run_id = add_run(store, 1, "copy me", "verified")
    heard: list[Message] = []
    async with opened(store, paths, heard=heard.append) as pilot:
        await history(pilot, "copy me")
        await pilot.press("y")
        await shows(pilot, "Copied the run id.")
        assert [each.text for each in heard if isinstance(each, CopyText)][:1] == [run_id]


async def test_events_are_exported_from_here(store: Store, paths: Paths, tmp_path: Path) -> None:
    lay_down(store, paths, DEMO)
    folder = tmp_path / "out"
    folder.mkdir()
    async with opened(store, paths, folder=folder) as pilot:
        await history(pilot, DEMO)
        await pilot.press("x")
        await shows(pilot, "Into this folder")
        await pilot.press("e")
        await until(pilot, lambda: list(folder.iterdir()))
        (written,) = folder.iterdir()
        await shows(pilot, "Written to")
        lines = written.read_text(encoding="utf-8").splitlines()
        assert json.loads(lines[0])["kind"] == "run.started"


# --- the report ---


def test_undo_is_foretold_for_what_was_delivered_and_not_for_what_was_not(tmp_path: Path) -> None:
    record = Record("id", tmp_path, tmp_path, "APPLIED", "message", commit="c" * 40)
    assert "2 files of" in foresee(record, 2)
    assert "a commit that reverts cccccccccccc" in foresee(record, 2)
    assert "commit" not in foresee(replace(record, commit=""), 1)
    assert "branch nexus/x will be deleted" in foresee(replace(record, state="BRANCHED", branch="nexus/x"), 2)
    for left in (None, replace(record, state="BRANCHED"), replace(record, state="UNDONE")):
        assert foresee(left, 2) == ""
