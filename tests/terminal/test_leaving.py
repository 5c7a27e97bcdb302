"""The way out, and what becomes of runs that go on."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from config.paths import Paths
from core.run.commands import take
from core.storage.store import Store
from screens.modals.leave import LeaveModal
from tests.support.journal import lay_down
from tests.support.review import proposed
from tests.support.screens import SMALL, opened, shows, until

RUN = "261123-0032-70570b"


@pytest.mark.parametrize("keys", [["q"], ["ctrl+q"], ["ctrl+c", "ctrl+c"]], ids=["q", "ctrl+q", "ctrl+c twice"])
async def test_leaving_is_immediate_when_nothing_goes_on(store: Store, paths: Paths, keys: list[str]) -> None:
    async with opened(store, paths, SMALL) as pilot:
        await pilot.press("escape", *keys)
        await until(pilot, lambda: pilot.app._exit)
        assert pilot.app.return_code == 0


@asynccontextmanager
async def leaving(store: Store, paths: Paths, folder: Path) -> AsyncIterator[Pilot[None]]:
    """The application on a live run, asked to end."""
    with proposed(store, paths, folder, until=lambda event: event.seq == 5, status="running"):
        async with opened(store, paths, SMALL, RUN, folder) as pilot:
            await until(pilot, lambda: pilot.app.view is not None)
            await pilot.press("ctrl+q")
            await until(pilot, lambda: isinstance(pilot.app.screen, LeaveModal))
            yield pilot


async def test_a_live_run_asks_what_becomes_of_it_and_staying_is_the_default(
    store: Store, paths: Paths, tmp_path: Path
) -> None:
    async with leaving(store, paths, tmp_path) as pilot:
        await shows(pilot, f"nexus --run {RUN}")
        await pilot.press("enter")
        await until(pilot, lambda: not pilot.app.screen.is_modal)
        assert not pilot.app._exit
        assert take(store, RUN) == []


async def test_leaving_lets_the_run_go_on_and_says_how_to_come_back(store: Store, paths: Paths, tmp_path: Path) -> None:
    async with leaving(store, paths, tmp_path) as pilot:
        await pilot.press("d")
        await until(pilot, lambda: pilot.app._exit)
        assert str(pilot.app._exit_renderables[0]) == f"Run {RUN} goes on. To see it again: nexus --run {RUN}"
        assert take(store, RUN) == []


async def test_leaving_can_cancel_the_run(store: Store, paths: Paths, tmp_path: Path) -> None:
    async with leaving(store, paths, tmp_path) as pilot:
        await pilot.press("c")
        await until(pilot, lambda: pilot.app._exit)
        assert [command.kind for command in take(store, RUN)] == ["cancel"]


async def test_a_run_that_was_started_here_counts_though_another_is_watched(store: Store, paths: Paths) -> None:
    async with opened(store, paths, SMALL) as pilot:
        with subprocess.Popen(["sleep", "1000"]) as engine:
            pilot.app.follow_engine("261123-0100-aaaaaa", engine)
            pilot.app.open_run("")
            await pilot.press("ctrl+q")
            await shows(pilot, "A run is going on.", "nexus --run 261123-0100-aaaaaa")
            await pilot.press("s")
            engine.kill()
            engine.wait()
        await pilot.press("ctrl+q")
        await until(pilot, lambda: pilot.app._exit)


async def test_who_insists_gets_out(store: Store, paths: Paths, tmp_path: Path) -> None:
    async with leaving(store, paths, tmp_path) as pilot:
        await pilot.press("ctrl+c", "ctrl+c")
        await until(pilot, lambda: pilot.app._exit)
        assert pilot.app.return_code == 130


async def test_a_run_that_has_ended_asks_nothing_while_its_engine_closes(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN)
    async with opened(store, paths, SMALL) as pilot:
        with subprocess.Popen(["sleep", "1000"]) as engine:
            pilot.app.follow_engine(RUN, engine)
            pilot.app.open_run("")
            await pilot.press("escape", "ctrl+q")
            await until(pilot, lambda: pilot.app._exit)
            engine.kill()
