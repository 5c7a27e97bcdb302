"""Which runs the history lists: search, filters, pages, and none."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.paths import Paths
from core.run.run_list import RunFilter, read_page
from core.run.runs import set_status
from core.storage.store import Store
from screens.widgets.run_rows import STRETCH, RunRows
from tests.support.history import add_run, add_runs, can, history
from tests.support.journal import PROJECT
from tests.support.screens import SMALL, WIDE, hides, opened, screen_text, shows, until


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


# --- the report ---


def test_a_live_run_keeps_its_status_word(store: Store) -> None:
    run_id = add_run(store, 1, "go")
    set_status(store, run_id, "waiting")
    assert [line.status for line in read_page(store, "", "live", "", 0, 10).lines] == ["waiting"]
