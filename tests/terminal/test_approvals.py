"""A run asks: what is shown, what counts as an answer, and what does not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.events import MouseDown, MouseUp
from textual.message import Message
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import TextArea

from config.paths import Paths
from core import events as ev
from core.run.commands import Command, take
from core.storage.event_log import EventLog
from core.storage.store import Store
from screens.intents import Decide
from screens.modals.approval import ApprovalModal
from screens.modals.base import DEAF_S
from screens.modals.confirm import ConfirmModal
from screens.review_screen import ReviewScreen
from screens.widgets.prompt import RequestField
from tests.support.fake_clock import FakeClock
from tests.support.journal import lay_down
from tests.support.review import FILES, asks, proposed
from tests.support.screens import SMALL, opened, shows, until

RUN = "261123-0032-70570b"


def click(pilot: Pilot[None], target: Widget) -> None:
    """As the driver reports it; the pilot's own click goes past the application."""
    at = {"x": target.region.x + 1, "y": target.region.y, "delta_x": 0, "delta_y": 0, "button": 1}
    for kind in (MouseDown, MouseUp):
        pilot.app.post_message(kind(None, **at, shift=False, meta=False, ctrl=False))


@asynccontextmanager
async def waiting(store: Store, paths: Paths, folder: Path) -> AsyncIterator[Pilot[None]]:
    """The application on a run that asks for approval, its question in front."""
    with proposed(store, paths, folder):
        async with opened(store, paths, SMALL, RUN, folder) as pilot:
            await until(pilot, lambda: isinstance(pilot.app.screen, ApprovalModal))
            await until(pilot, lambda: not pilot.app.screen.deaf)
            yield pilot


def commands(store: Store) -> list[Command]:
    return take(store, RUN)


async def test_a_run_that_waits_says_what_it_asks_and_what_happens_otherwise(
    store: Store, paths: Paths, tmp_path: Path
) -> None:
    async with waiting(store, paths, tmp_path) as pilot:
        await shows(pilot, "Deliver 5 changed files", "branch of", FILES[0], FILES[-1])
        assert pilot.app.focused is not None
        assert pilot.app.focused.id == "review"


async def test_the_countdown_moves_with_the_clock(
    store: Store, paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = FakeClock()
    monkeypatch.setattr("screens.modals.approval.time.time", lambda: 1000.0 + clock.monotonic())
    question = ev.ApprovalRequested("again", "Try once more?", "stop", deadline=1000.0 + clock.monotonic() + 100)

    async with opened(store, paths, SMALL) as pilot:
        pilot.app.push_screen(ApprovalModal(RUN, question))
        await shows(pilot, "within 1 min 40 s, the run stops")
        clock.advance(39)
        await shows(pilot, "within 1 min 01 s, the run stops")
        clock.advance(100)
        await shows(pilot, "The time to answer is over")


async def test_keys_and_clicks_for_what_was_there_before_do_not_answer(
    store: Store, paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(ApprovalModal, "clock", staticmethod(lambda: now[0]))

    with proposed(store, paths, tmp_path):
        async with opened(store, paths, SMALL, RUN, tmp_path) as pilot:
            await until(pilot, lambda: isinstance(pilot.app.screen, ApprovalModal))
            modal = pilot.app.screen
            await pilot.pause()
            now[0] += DEAF_S - 0.01
            await pilot.press("a", "enter", "escape", "q", "f3")
            click(pilot, modal.query_one("#approve"))
            await pilot.pause()
            assert pilot.app.screen is modal
            assert commands(store) == []
            now[0] += 0.02
            click(pilot, modal.query_one("#approve"))
            await until(pilot, lambda: commands(store))


async def test_a_question_waits_until_the_line_that_is_typed_has_a_pause(
    store: Store, paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.terminal.approvals._QUIET_S", 4.0)  # a busy machine types slowly
    with proposed(store, paths, tmp_path, until=lambda event: event.seq == 5, status="running") as run:
        async with opened(store, paths, SMALL, RUN, tmp_path) as pilot:
            await until(pilot, lambda: pilot.app.view is not None)
            await pilot.pause()
            await pilot.press("escape", "i")
            field = pilot.app.screen.query_one(RequestField)
            await until(pilot, lambda: pilot.app.focused is field)
            log = EventLog(store, run.id)
            log.emit(ev.ApprovalRequested("delivery.0", "Deliver?", "branch", files=["a.py"]))
            for letter in "an approval":
                await pilot.press("space" if letter == " " else letter)
            assert field.text == "an approval"
            await until(pilot, lambda: isinstance(pilot.app.screen, ApprovalModal))
            assert field.text == "an approval"
            assert commands(store) == []


async def test_approving_sends_the_answer_and_asks_no_more(store: Store, paths: Paths, tmp_path: Path) -> None:
    async with waiting(store, paths, tmp_path) as pilot:
        await pilot.press("a")
        await until(pilot, lambda: not isinstance(pilot.app.screen, ApprovalModal))
        await until(pilot, lambda: store.query("SELECT 1 FROM commands"))
        (command,) = commands(store)
        assert command.kind == "decide"
        assert command.payload == {"approval": "delivery.0", "approved": True, "comment": "", "files": []}


async def test_rejecting_takes_a_comment_along(store: Store, paths: Paths, tmp_path: Path) -> None:
    async with waiting(store, paths, tmp_path) as pilot:
        await pilot.press("r")
        await until(pilot, lambda: isinstance(pilot.app.focused, TextArea) and pilot.app.screen.is_modal)
        await pilot.press("r", "o", "u", "n", "d", "enter")
        await until(pilot, lambda: store.query("SELECT 1 FROM commands"))
        (command,) = commands(store)
        assert command.payload["approved"] is False
        assert command.payload["comment"] == "round"


async def test_reviewing_opens_the_change(store: Store, paths: Paths, tmp_path: Path) -> None:
    async with waiting(store, paths, tmp_path) as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, ReviewScreen))
        assert commands(store) == []


async def test_what_is_left_for_later_does_not_come_back(store: Store, paths: Paths, tmp_path: Path) -> None:
    with proposed(store, paths, tmp_path) as run:
        async with opened(store, paths, SMALL, RUN, tmp_path) as pilot:
            await until(pilot, lambda: isinstance(pilot.app.screen, ApprovalModal))
            await until(pilot, lambda: not pilot.app.screen.deaf)
            await pilot.press("escape")
            log = EventLog(store, run.id)
            log.emit(ev.Notice("still here"))
            await until(pilot, lambda: pilot.app.view.state.notices)
            await pilot.pause()
            assert not pilot.app.screen.is_modal
            assert commands(store) == []


@pytest.mark.parametrize("covered", [False, True], ids=["in front", "covered by another modal"])
async def test_a_question_that_was_answered_elsewhere_goes_away(
    store: Store, paths: Paths, tmp_path: Path, covered: bool
) -> None:
    with proposed(store, paths, tmp_path) as run:
        async with opened(store, paths, SMALL, RUN, tmp_path) as pilot:
            await until(pilot, lambda: isinstance(pilot.app.screen, ApprovalModal))
            if covered:
                pilot.app.push_screen(ConfirmModal("Really?"))
                await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmModal))
            log = EventLog(store, run.id)
            log.emit(ev.ApprovalDecided("delivery.0", "approved"))
            await until(pilot, lambda: pilot.app.view.state.approval is None)
            if covered:
                await pilot.press("n")
            await until(pilot, lambda: not pilot.app.screen.is_modal)


async def test_the_review_screen_is_not_covered_by_its_own_question(store: Store, paths: Paths, tmp_path: Path) -> None:
    with proposed(store, paths, tmp_path, until=lambda event: event.seq == 5, status="running") as run:
        async with opened(store, paths, SMALL, RUN, tmp_path) as pilot:
            await until(pilot, lambda: pilot.app.view is not None)
            pilot.app.push_screen(ReviewScreen(RUN))
            await until(pilot, lambda: isinstance(pilot.app.screen, ReviewScreen))
            log = EventLog(store, run.id)
            log.emit(ev.ApprovalRequested("delivery.0", "Deliver?", "branch", files=["a.py"]))
            await until(pilot, lambda: pilot.app.view.state.approval is not None)
            await pilot.pause(0.2)
            assert isinstance(pilot.app.screen, ReviewScreen)


async def test_nobody_is_asked_for_a_run_that_nobody_drives(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN, asks, "interrupted")

    async with opened(store, paths, SMALL, RUN) as pilot:
        await until(pilot, lambda: pilot.app.view is not None)
        await pilot.pause(0.2)
        assert not pilot.app.screen.is_modal


@pytest.mark.parametrize(("key", "approved"), [("t", True), ("s", False)])
async def test_an_escalation_offers_another_try_or_the_end(
    store: Store, paths: Paths, key: str, approved: bool
) -> None:
    heard: list[Decide] = []

    def hear(message: Message) -> None:
        if isinstance(message, Decide):
            heard.append(message)

    question = ev.ApprovalRequested("escalation.2", "Three attempts failed. Try once more?", "stop")
    async with opened(store, paths, SMALL, heard=hear) as pilot:
        modal = ApprovalModal(RUN, question)
        pilot.app.push_screen(modal)
        await until(pilot, lambda: pilot.app.screen is modal and not modal.deaf)
        assert pilot.app.focused is not None
        assert pilot.app.focused.id == "later"
        await pilot.press(key)
        await until(pilot, lambda: heard)
    assert (heard[0].approval, heard[0].approved) == ("escalation.2", approved)
