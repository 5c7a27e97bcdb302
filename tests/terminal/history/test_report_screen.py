"""A run's report, read in place."""

from __future__ import annotations

import pytest
from textual.message import Message

from config.paths import Paths
from core.storage.store import Store
from screens.history_screen import HistoryScreen
from screens.intents import CopyText
from tests.support.history import DEMO, HOSTILE, add_run, can, history
from tests.support.journal import lay_down
from tests.support.screens import SMALL, WIDE, opened, screen_text, shows, until


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
