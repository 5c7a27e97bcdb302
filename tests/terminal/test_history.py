"""The history: every run of the user in a list of any length, what is known of each, and going on with it."""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Static

from app.terminal.application import NexusApp
from config.paths import Paths, user_paths
from config.settings import Settings
from core.delivery.model import Record
from core.delivery.undo import foresee
from core.events import PhaseStarted, RunFinished
from core.ids import RunId
from core.run.run_list import RunFilter, read_page
from core.run.runs import begin_run, create_run, finish_run, rate_run, rating_of, run_lock, set_status
from core.storage.store import Store
from screens.history_screen import HistoryScreen
from screens.intents import ContinueRun, CopyText, OpenRun
from screens.widgets.run_rows import STRETCH, RunRows
from tests.support.delivery import Run, make_repo, picture
from tests.support.journal import PROJECT, lay_down
from tests.support.screens import SMALL, WIDE, hides, opened, screen_text, shows, until

DEMO = "261123-0000-00demo"
HOSTILE = "\x1b]52;c;QUJD\x07\x1b[2J\x1b[1;1H[bold]loud[/bold] \u202egpj.exe \x00\x9b31m 界界"


@pytest.fixture
def paths(nexus_home: Path) -> Paths:
    return user_paths({"NEXUS_HOME": str(nexus_home)})


@pytest.fixture
def store(paths: Paths) -> Iterator[Store]:
    with Store(paths.database) as opened_store:
        yield opened_store


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


def told(pilot: Pilot[None]) -> str:
    """What is said about the run at the cursor, however it is wrapped."""
    return " ".join(str(pilot.app.screen.query_one("#history-detail > Static", Static).content).split())


def requests(store: Store, search: str = "", status: RunFilter = "all", project: str = "") -> list[str]:
    return [line.request for line in read_page(store, search, status, project, 0, 100).lines]


# --- which runs are listed ---


def test_the_words_of_a_search_may_be_in_id_request_or_project(store: Store) -> None:
    add_run(store, 1, "add discounts")
    add_run(store, 2, "add taxes", project=Path("/home/mia/till"))
    add_run(store, 3, "100 % sure_thing")
    assert requests(store) == ["100 % sure_thing", "add taxes", "add discounts"]
    assert requests(store, "ADD") == ["add taxes", "add discounts"]
    assert requests(store, "till tax") == ["add taxes"]
    assert requests(store, "0001-bb") == ["add discounts"]
    assert requests(store, "%") == requests(store, "_") == requests(store, "0 % sure_t") == ["100 % sure_thing"]
    assert requests(store, "\\") == []


def test_each_filter_lists_the_runs_its_name_says(store: Store) -> None:
    for number, verdict in enumerate(("verified", "not_verified", "stopped", "conflict", "cancelled", "failed", "")):
        add_run(store, number, verdict or "queued", verdict)
    assert requests(store, status="verified") == ["verified"]
    assert requests(store, status="not verified") == ["conflict", "stopped", "not_verified"]
    assert requests(store, status="interrupted") == ["failed", "cancelled"]
    assert requests(store, status="live") == ["queued"]
    assert len(requests(store)) == 7
    assert requests(store, project="/elsewhere") == []


def test_a_page_beyond_the_end_is_the_last_one(store: Store) -> None:
    add_runs(store, 5)
    page = read_page(store, "", "all", "", 1000, 2)
    assert ([line.request for line in page.lines], page.offset, page.total) == (["request 0"], 4, 5)


@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_any_of_5000_runs_is_a_key_away_and_few_are_held(
    store: Store, paths: Paths, size: tuple[int, int]
) -> None:
    add_runs(store, 5000)
    async with opened(store, paths, size) as pilot:
        screen = await history(pilot, "request 4999", "5,000 runs")
        rows = screen.query_one(RunRows)
        await pilot.press("end")
        await shows(pilot, "request 0 ")
        await pilot.press("pageup", "k", "g")
        await shows(pilot, "request 4999")
        for _ in range(3):
            await pilot.press("pagedown")
        await until(pilot, lambda: rows.current is not None and rows.current.request == f"request {4999 - rows.cursor}")
        assert rows.count == 5000
        assert rows.page is not None
        assert len(rows.page.lines) <= STRETCH


async def test_typing_after_a_slash_finds_runs_and_escape_shows_all_again(store: Store, paths: Paths) -> None:
    add_runs(store, 300)
    async with opened(store, paths) as pilot:
        await history(pilot, "300 runs")
        await pilot.press("slash", *"quest 17")
        await shows(pilot, "request 17 ", "13 runs")
        await until(pilot, lambda: "request 299" not in screen_text(pilot))
        await pilot.press("enter", "j")
        assert pilot.app.screen.query_one(RunRows).has_focus
        await pilot.press("escape")
        await shows(pilot, "300 runs")
        assert "clear" not in can(pilot)


async def test_what_matches_nothing_says_how_to_see_all_again(store: Store, paths: Paths) -> None:
    add_runs(store, 3)
    async with opened(store, paths) as pilot:
        await history(pilot, "3 runs")
        await pilot.press("slash", *"nowhere")
        await shows(pilot, "No run is like that.", "esc shows all runs again")
        assert can(pilot) >= {"clear", "find"}
        assert not can(pilot) & {"open", "resume", "undo", "rate", "report", "export", "copy"}


async def test_filters_are_gone_through_and_said(store: Store, paths: Paths) -> None:
    add_run(store, 1, "good one", "verified")
    add_run(store, 2, "bad one", "not_verified")
    add_run(store, 3, "other folder", "verified", Path("/home/mia/else"))
    async with opened(store, paths) as pilot:
        await history(pilot, "[all]", "3 runs", "PROJECT")
        await pilot.press("f", "f")
        await shows(pilot, "[verified]", "good one", "2 runs")
        await until(pilot, lambda: "bad one" not in screen_text(pilot))
        await pilot.press("t")
        await shows(pilot, f"only {PROJECT.name}, 1 run", "good one")
        await until(pilot, lambda: "other folder" not in screen_text(pilot))
        await hides(pilot, "PROJECT")
        await pilot.press("escape")
        await shows(pilot, "[all]", "3 runs")


@pytest.mark.parametrize("size", [WIDE, SMALL, (60, 16)])
async def test_without_runs_it_says_how_to_begin(store: Store, paths: Paths, size: tuple[int, int]) -> None:
    async with opened(store, paths, size) as pilot:
        await history(pilot, "No runs yet.", "Press F2", "0 runs")


async def test_a_window_that_is_too_small_says_only_so_and_recovers(store: Store, paths: Paths) -> None:
    add_runs(store, 30)
    async with opened(store, paths, SMALL) as pilot:
        await history(pilot, "request 29")
        await pilot.press("slash", "2")
        await pilot.resize_terminal(50, 12)
        await until(pilot, lambda: screen_text(pilot).strip() == "Nexus needs 60x16. Make the window larger.")
        await pilot.resize_terminal(120, 36)
        await shows(pilot, "request 29", "[all]")


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


@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_the_report_is_read_in_place(store: Store, paths: Paths, size: tuple[int, int]) -> None:
    lay_down(store, paths, DEMO)
    heard: list[Message] = []
    async with opened(store, paths, size, heard=heard.append) as pilot:
        await history(pilot, DEMO)
        await until(pilot, lambda: "report" in can(pilot))
        await pilot.press("o")
        await shows(pilot, "Verified: the change passed in the sandbox.", "Delivered to")
        await pilot.press("y")
        await shows(pilot, "Copied the path.")
        place = str(paths.run_dir(DEMO) / "report.md")
        assert [each.text for each in heard if isinstance(each, CopyText)][:1] == [place]
        await pilot.press("G")
        await shows(pilot, "+def format_duration(minutes: int) -> str:")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, HistoryScreen))


async def test_tables_and_lists_of_a_report_do_not_cost_a_widget_each(store: Store, paths: Paths) -> None:
    lay_down(store, paths, DEMO)
    rows = "".join(f"| passed | `tests/test_{number}.py::test_it` | 2 ms |\n" for number in range(500))
    items = "".join(f"- item {number}\n" for number in range(200))
    table = f"| Result | Test | Time |\n|---|---|---|\n{rows}"
    (paths.run_dir(DEMO) / "report.md").write_text(f"# All\n\n{table}\n\n{items}", encoding="utf-8")
    async with opened(store, paths) as pilot:
        await history(pilot, DEMO)
        await until(pilot, lambda: "report" in can(pilot))
        await pilot.press("o")
        await shows(pilot, "Result", "tests/test_0.py::test_it")
        await pilot.press("G")
        await shows(pilot, "item 199")
        assert len(pilot.app.screen.query("*")) < 60


async def test_hostile_text_in_a_report_is_not_obeyed(store: Store, paths: Paths) -> None:
    lay_down(store, paths, DEMO)
    text = f"# Report\n\n{HOSTILE}\n\n| a | b |\n|---|---|\n| {HOSTILE} | [x](javascript:1) |\n\n```\n{HOSTILE}\n```\n"
    (paths.run_dir(DEMO) / "report.md").write_text(text + "word " * 100_000, encoding="utf-8")
    async with opened(store, paths) as pilot:
        await history(pilot, DEMO)
        await until(pilot, lambda: "report" in can(pilot))
        await pilot.press("o")
        await shows(pilot, "[bold]loud[/bold]")
        assert not {"\x1b", "\x07", "\x00", "\x9b", "\u202e"} & set(screen_text(pilot))
        await pilot.press("G")
        await shows(pilot, "more characters: the editor shows all of it")


async def test_a_run_without_a_report_says_when_there_will_be_one(store: Store, paths: Paths) -> None:
    from screens.report_screen import ReportScreen

    run_id = add_run(store, 1, "no report", "cancelled")
    async with opened(store, paths) as pilot:
        pilot.app.push_screen(ReportScreen(run_id))
        await shows(pilot, f"Run {run_id} has no report", "A run writes it when it ends.")
        pilot.app.push_screen(ReportScreen("nothing"))
        await shows(pilot, "There is no run 'nothing'.")


def test_undo_is_foretold_for_what_was_delivered_and_not_for_what_was_not(tmp_path: Path) -> None:
    record = Record("id", tmp_path, tmp_path, "APPLIED", "message", commit="c" * 40)
    assert "2 files of" in foresee(record, 2)
    assert "a commit that reverts cccccccccccc" in foresee(record, 2)
    assert "commit" not in foresee(replace(record, commit=""), 1)
    assert "branch nexus/x will be deleted" in foresee(replace(record, state="BRANCHED", branch="nexus/x"), 2)
    for left in (None, replace(record, state="BRANCHED"), replace(record, state="UNDONE")):
        assert foresee(left, 2) == ""


def test_a_live_run_keeps_its_status_word(store: Store) -> None:
    run_id = add_run(store, 1, "go")
    set_status(store, run_id, "waiting")
    assert [line.status for line in read_page(store, "", "live", "", 0, 10).lines] == ["waiting"]
