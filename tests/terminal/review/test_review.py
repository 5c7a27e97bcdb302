"""Reviewing a change on screen: what is told about it, and deciding on it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.widgets import TextArea

from config.paths import Paths
from core import events as ev
from core.delivery.model import Delivery
from core.events import Event
from core.run.commands import take
from core.run.runs import set_status
from core.storage.event_log import EventLog
from core.storage.store import Store
from screens.intents import Decide, ViewText
from screens.widgets.diff_files import DiffFiles
from tests.support.delivery import Run, git, picture
from tests.support.review import FILES, proposed
from tests.support.review_screen import decision, reviewing
from tests.support.screens import SMALL, WIDE


@pytest.mark.parametrize("size", [WIDE, SMALL, (60, 16)])
def test_the_change_its_files_and_its_evidence_are_on_the_screen(waiting: Run, size: tuple[int, int]) -> None:
    async def work() -> None:
        async with reviewing(waiting, size) as review:
            await review.shows("? Waits for you")
            await review.shows("[x] M README.md")
            await review.shows("a approves all 5")
            await review.shows("verified")
            await review.shows("30 tests passed")
            await review.shows("@@ -2,6 +2,10 @@")
            await review.press("3")
            await review.shows("6 of 6 planted faults noticed")
            for _ in range(30):
                if "review.correctness" not in review.text:
                    await review.press("j")
            await review.shows("review.correctness")
            await review.press("2")
            await review.shows("@@ -2,6 +2,10 @@")

    asyncio.run(work())


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_approving_answers_for_all_files_and_goes_back(waiting: Run, size: tuple[int, int]) -> None:
    before = picture(waiting.workspace.project)

    async def work() -> None:
        async with reviewing(waiting, size) as review:
            await review.press("n", "n", "d", "z", "z", "1", "j", "2", "G")
            assert picture(waiting.workspace.project) == before
            assert review.posted == []
            await review.press("a")
            assert decision(review) == ("delivery.0", True, "", ())
            assert not review.is_open
            await review.shows("Approved: 5 files.")
        (command,) = take(waiting.store, waiting.id)
        assert (command.kind, command.payload["approved"], command.payload["files"]) == ("decide", True, [])

    asyncio.run(work())
    assert picture(waiting.workspace.project) == before


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_only_the_marked_files_are_approved(waiting: Run, size: tuple[int, int]) -> None:
    async def work() -> None:
        async with reviewing(waiting, size) as review:
            await review.press("space", "1", "j", "j", "j", "space")
            await review.shows("[ ] M README.md")
            await review.shows("[ ] M worklog/cli.py")
            await review.shows("a approves 3 of 5")
            await review.press("a")
            assert decision(review) == ("delivery.0", True, "", (FILES[1], FILES[2], FILES[4]))
            await review.shows("Approved 3 of 5 files")
        (command,) = take(waiting.store, waiting.id)
        assert command.payload["files"] == [FILES[1], FILES[2], FILES[4]]

    asyncio.run(work())


def test_approving_no_file_is_a_sentence(waiting: Run) -> None:
    async def work() -> None:
        async with reviewing(waiting) as review:
            await review.press("m", "a")
            await review.shows("No file is marked.", "none marked")
            assert (review.posted, review.is_open) == ([], True)
            await review.press("m")
            await review.shows("a approves all 5")

    asyncio.run(work())


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_a_rejection_takes_a_comment_of_several_lines_to_the_implementer(waiting: Run, size: tuple[int, int]) -> None:
    async def work() -> None:
        async with reviewing(waiting, size) as review:
            await review.press("r")
            await review.until(lambda: isinstance(review.pilot.app.focused, TextArea))
            await review.press(*"no", "ctrl+j", *"why", "enter")
            assert decision(review) == ("delivery.0", False, "no\nwhy", ())
            assert not review.is_open

    asyncio.run(work())


@pytest.mark.parametrize("keys", [("escape",), ("r", "escape", "escape")])
def test_going_back_decides_nothing(waiting: Run, keys: tuple[str, ...]) -> None:
    async def work() -> None:
        async with reviewing(waiting) as review:
            await review.press(*keys)
            await review.until(lambda: not review.is_open)
            assert review.posted == []
        assert take(waiting.store, waiting.id) == []

    asyncio.run(work())


def test_an_answer_given_elsewhere_is_told_and_ends_deciding(waiting: Run) -> None:
    async def work() -> None:
        async with reviewing(waiting) as review:
            EventLog(waiting.store, waiting.id).emit(ev.ApprovalDecided("delivery.0", "approved"))
            await review.shows("Answered elsewhere: approved.")
            await review.shows_not("[x]")
            await review.shows_not("Approve")
            await review.press("a", "r", "space")
            assert (review.posted, review.is_open) == ([], True)

    asyncio.run(work())


def test_a_comment_that_comes_too_late_is_not_sent(waiting: Run) -> None:
    async def work() -> None:
        async with reviewing(waiting) as review:
            await review.press("r")
            await review.until(lambda: isinstance(review.pilot.app.focused, TextArea))
            EventLog(waiting.store, waiting.id).emit(ev.ApprovalDecided("delivery.0", "branch", "", "deadline"))
            await review.until(lambda: review.screen._asked is None)
            await review.press(*"no", "enter")
            await review.shows("answered meanwhile", "Nobody answered in time")
            assert review.posted == []

    asyncio.run(work())


def test_a_question_that_is_asked_again_is_answered_by_its_new_name_with_the_remark_in_sight(waiting: Run) -> None:
    async def work() -> None:
        async with reviewing(waiting) as review:
            await review.press("1", "j", "space")
            log = EventLog(waiting.store, waiting.id)
            log.emit(ev.ApprovalDecided("delivery.0", "approved"))
            question = "Without README.md the rest is not verified: 1 test fails. Deliver 5 changed files to /p?"
            log.emit(ev.VerdictReached(2, False, "1 test fails.", 29, 1))
            log.emit(ev.ApprovalRequested("delivery.1", question, "branch", 0.0, list(FILES)))
            await review.shows("Without README.md the rest is not verified: 1 test fails. Waits for you.")
            # The files without README.md failed and were taken back: what is asked about is what passed before.
            await review.shows("30 tests passed")
            # Place and marks are as they were.
            assert review.screen.query_one(DiffFiles).cursor == 1
            await review.shows("a approves 4 of 5")
            await review.press("m", "a")
            assert decision(review) == ("delivery.1", True, "", ())

    asyncio.run(work())


def test_a_change_made_while_one_looks_is_shown(waiting: Run) -> None:
    async def work() -> None:
        async with reviewing(waiting) as review:
            waiting.write("added.py", "x = 1\n")
            EventLog(waiting.store, waiting.id).emit(ev.EditsApplied("implementer", 2, ["added.py"]))
            await review.shows("[x] A added.py", "a approves all 6")

    asyncio.run(work())


def test_another_question_is_not_answered_by_a_review(store: Store, paths: Paths, tmp_path: Path) -> None:
    with proposed(store, paths, tmp_path, until=lambda event: isinstance(event.body, ev.VerdictReached)) as run:
        EventLog(store, run.id).emit(ev.ApprovalRequested("escalate.1", "Spend more?", "stop"))

        async def work() -> None:
            async with reviewing(run) as review:
                await review.shows("The run asks something else first: Spend more?")
                await review.press("a", "r")
                assert (review.posted, review.is_open) == ([], True)

        asyncio.run(work())


def test_a_run_at_work_shows_what_it_has_and_which_tests_failed(store: Store, paths: Paths, tmp_path: Path) -> None:
    def first_verdict(event: Event) -> bool:
        return isinstance(event.body, ev.VerdictReached)

    with proposed(store, paths, tmp_path, until=first_verdict, status="running") as run:

        async def work() -> None:
            async with reviewing(run) as review:
                await review.shows("The run is at work")
                await review.shows("27 tests passed, 3 failed")
                await review.shows("Failed tests 3")
                await review.shows("test_anything_else_is")
                await review.shows_not("[x]")

        asyncio.run(work())


@pytest.mark.parametrize(
    ("how", "words"),
    [("commit", "Delivered as commit"), ("branch", "Verified and kept on the branch nexus/"), ("undone", "undone")],
)
def test_a_past_run_is_read_only_and_says_where_its_change_went(
    store: Store, paths: Paths, tmp_path: Path, how: str, words: str
) -> None:
    with proposed(store, paths, tmp_path, until=None) as run:
        delivery: Delivery = run.deliver(mode="branch") if how == "branch" else run.deliver()
        if how == "undone":
            run.undo()
        run.workspace.dispose()

        async def work() -> None:
            async with reviewing(run) as review:
                await review.shows(words)
                if how == "commit":
                    assert git(run.workspace.project, "rev-parse", "HEAD")[:12] in review.text
                    assert delivery.commit[:12] in review.text
                await review.shows_not("[x]")
                await review.press("a", "r", "space", "m")
                assert (review.posted, review.is_open) == ([], True)
                await review.press("e")
                assert [type(message) for message in review.posted] == [ViewText]

        asyncio.run(work())


@pytest.mark.parametrize("size", [WIDE, (60, 16)])
def test_a_run_without_changes_or_without_its_copy_is_a_sentence(
    store: Store, paths: Paths, tmp_path: Path, size: tuple[int, int]
) -> None:
    with proposed(store, paths, tmp_path, status="waiting") as run:
        run.workspace.reset()

        async def nothing() -> None:
            async with reviewing(run, size, ready="This run has changed no file yet.") as review:
                await review.press("a", "e", "y", "n", "p", "d")
                assert not [message for message in review.posted if isinstance(message, Decide | ViewText)]
                run.workspace.dispose()
                EventLog(store, run.id).emit(ev.EditsApplied("implementer", 2, []))
                await review.shows("has not made its copy")

        asyncio.run(nothing())


def test_a_run_whose_engine_was_killed_is_shown_as_interrupted_and_cannot_be_decided(
    store: Store, paths: Paths, tmp_path: Path
) -> None:
    with proposed(store, paths, tmp_path) as run:
        pass  # its lock is free: nobody drives it

    async def work() -> None:
        async with reviewing(run) as review:
            await review.shows("Interrupted before anything was delivered.")
            await review.press("a", "r")
            assert (review.posted, review.is_open) == ([], True)

    set_status(store, run.id, "interrupted")
    asyncio.run(work())
