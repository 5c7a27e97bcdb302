"""What can be done with a run from its screen, and when it is offered."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from config.paths import Paths
from core import events as ev
from core.delivery import records
from core.delivery.model import Record
from core.storage.store import Store
from screens.intents import ContinueRun, CopyText, SteerRun, UndoRun
from screens.news import RunMoved
from screens.ports import News
from tests.support.journal import PROJECT, lay_down
from tests.support.run_screen import RUN, Driven, begin, phase_begun, watching
from tests.support.screens import until


async def test_space_pauses_a_run_and_lets_it_go_on(store: Store, paths: Paths) -> None:
    driven = begin(store, paths)

    with driven:
        async with watching(store, paths) as watched:
            await watched.shows("running")
            await watched.press("space")
            assert (await watched.heard(SteerRun)).what == "pause"
            watched.asked.clear()
            driven.emit(ev.RunPaused())
            driven.status("paused")
            await watched.shows("‖ paused", "space goes on · c cancels")
            await watched.press("space")
            assert (await watched.heard(SteerRun)).what == "resume"


async def test_cancelling_asks_and_no_is_the_default(store: Store, paths: Paths) -> None:
    driven = begin(store, paths)

    with driven:
        async with watching(store, paths) as watched:
            await watched.shows("running")
            await watched.press("c")
            await watched.shows("Cancel this run?")
            await watched.press("enter")
            await watched.shows_not("Cancel this run?")
            assert not watched.asked
            await watched.press("c")
            await watched.shows("Cancel this run?")
            await watched.press("y")
            assert (await watched.heard(SteerRun)).what == "cancel"


async def test_a_killed_engine_is_shown_as_interrupted_and_r_resumes(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN, phase_begun("tester"))  # nobody holds its lock

    async with watching(store, paths) as watched:
        await watched.shows("! interrupted", "r resumes", "cut off")
        assert "Pause" not in watched.footer
        await watched.press("r")
        assert (await watched.heard(ContinueRun)).run_id == RUN


async def test_a_run_that_failed_says_why_and_what_helps(store: Store, paths: Paths) -> None:
    driven = begin(store, paths)
    driven.finish(ev.RunFinished("not_verified", "3 of 9 tests fail.", 1, remedy="Try a stronger model with -m."))

    with driven:
        async with watching(store, paths) as watched:
            await watched.shows("✗ not verified", "3 of 9 tests fail.", "Try a stronger model with -m.")
            assert "Undo" not in watched.footer


async def test_a_delivered_run_can_be_undone_after_a_question(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN)
    records.save(
        store,
        Record(RUN, PROJECT, paths.run_dir(RUN) / "delivery", "APPLIED", "Accept durations", commit="a6efbe2f6962"),
    )

    async with watching(store, paths) as watched:
        await watched.shows("verified", "u Undo")
        await watched.press("u")
        await watched.shows("Take back what this run delivered?")
        await watched.press("y")
        assert (await watched.heard(UndoRun)).run_id == RUN


async def test_an_engine_that_did_not_start_leaves_its_last_words(store: Store, paths: Paths) -> None:
    driven = begin(store, paths)

    with driven:
        async with watching(store, paths) as watched:
            await watched.shows("running", "of $10.00")
            view = watched.pilot.app.view  # type: ignore[attr-defined]
            row = replace(view.row, status="queued")
            trouble = "The sandbox cannot be used: no docker, no bubblewrap."
            watched.pilot.app.screen.post_message(RunMoved(replace(view, row=row, trouble=trouble), News()))
            await watched.shows("not started", trouble, "r tries again")
            assert "Resume" in watched.footer


async def test_a_question_stays_in_sight_after_its_window_was_closed(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN, lambda event: isinstance(event.body, ev.ApprovalRequested), "waiting")

    with Driven(store, paths):
        async with watching(store, paths) as watched:
            await watched.shows("? waiting for you", "Deliver 5 changed files")
            await until(watched.pilot, lambda: len(watched.pilot.app.screen_stack) > 1)
            await asyncio.sleep(0.4)  # a window that pops up by itself is deaf at first
            await watched.press("escape")
            await until(watched.pilot, lambda: len(watched.pilot.app.screen_stack) == 1)
            await watched.shows("? waiting for you", "v shows the change", "v Review")


async def test_y_copies_what_the_panel_shows(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN)

    async with watching(store, paths) as watched:
        await watched.shows("8 of 8 phases")
        await watched.press("1", "y")
        copied = await watched.heard(CopyText)
        assert "implementer" in copied.text
        assert copied.what == "phases"


async def test_closing_a_run_goes_back_to_the_start(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN)

    async with watching(store, paths, carry_out=True) as watched:
        await watched.shows("verified")
        await watched.press("w")
        await watched.shows("Say what should change", "Try one of these")
        await watched.shows_not("[1] Phases")
