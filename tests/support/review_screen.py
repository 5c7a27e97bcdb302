"""A review on screen, reached as its user reaches it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from textual.message import Message
from textual.pilot import Pilot

from config.paths import user_paths
from core.run.runs import find_run
from core.state import fold
from core.storage.event_log import read_events
from screens.intents import CopyText, Decide, ViewText
from screens.modals.approval import ApprovalModal
from screens.review_screen import ReviewScreen
from tests.support.delivery import Run
from tests.support.screens import WIDE, hides, opened, screen_text, shows, until


class Review:
    """A review on screen, and what it posted."""

    def __init__(self, pilot: Pilot[None], posted: list[Message]) -> None:
        self.pilot = pilot
        self.posted = posted

    @property
    def text(self) -> str:
        return screen_text(self.pilot)

    @property
    def screen(self) -> ReviewScreen:
        screen = self.pilot.app.screen_stack[1]
        assert isinstance(screen, ReviewScreen)
        return screen

    @property
    def is_open(self) -> bool:
        return any(isinstance(screen, ReviewScreen) for screen in self.pilot.app.screen_stack)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def shows(self, *words: str) -> None:
        await shows(self.pilot, *words)

    async def shows_not(self, *words: str) -> None:
        await hides(self.pilot, *words)

    async def until(self, holds: Callable[[], object]) -> None:
        await until(self.pilot, holds)


@asynccontextmanager
async def reviewing(
    run: Run, size: tuple[int, int] = WIDE, ready: str = "README.md", env: Mapping[str, str] | None = None
) -> AsyncIterator[Review]:
    posted: list[Message] = []

    def heard(message: Message) -> None:
        if isinstance(message, Decide | ViewText | CopyText):
            posted.append(message)

    async with opened(run.store, user_paths(), size, run.id, run.workspace.project, heard, env) as pilot:
        await _go_to_review(pilot, run)
        review = Review(pilot, posted)
        await review.shows(ready)
        await pilot.app.workers.wait_for_complete()
        yield review


async def _go_to_review(pilot: Pilot[None], run: Run) -> None:
    """As its user does: from the question that pops up, or from the run screen."""
    app = pilot.app
    waits = find_run(run.store, run.id).status == "waiting"
    asked = fold(read_events(run.store, run.id)).approval if waits else None
    if asked is not None:
        await until(pilot, lambda: isinstance(app.screen, ApprovalModal) and not app.screen.deaf)
        await pilot.press("v" if asked.files else "l")
    if asked is None or not asked.files:
        app.push_screen(ReviewScreen(run.id))
    await until(pilot, lambda: isinstance(app.screen, ReviewScreen))


def decision(review: Review) -> tuple[str, bool, str, tuple[str, ...]]:
    (decide,) = [message for message in review.posted if isinstance(message, Decide)]
    return decide.approval, decide.approved, decide.comment, decide.files
