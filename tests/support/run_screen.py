"""A run that a test drives, and the application that watches it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from textual.message import Message
from textual.pilot import Pilot

from config.paths import Paths
from config.settings import Settings
from core import events as ev
from core.events import Body, Event
from core.ids import RunId
from core.run.runs import claim, create_run, finish_run, set_status
from core.storage.event_log import EventLog
from core.storage.store import Store
from screens.intents import ChooseLog, ContinueRun, CopyText, OpenRun, StartDemo, SteerRun, UndoRun, ViewText
from tests.support.journal import PROJECT
from tests.support.screens import SMALL, WIDE, opened, screen_text, shows, until

RUN = "261123-0032-70570b"
SMALLEST = (60, 16)
SIZES = [WIDE, SMALL, SMALLEST]
INTENTS = (SteerRun, ContinueRun, UndoRun, StartDemo, OpenRun, ViewText, CopyText, ChooseLog)


@dataclass
class Watched:
    """The application watching a run, and what its keys asked for."""

    pilot: Pilot[None]
    asked: list[Message] = field(default_factory=list)

    @property
    def text(self) -> str:
        return screen_text(self.pilot)

    @property
    def footer(self) -> str:
        return self.text.splitlines()[-1]

    @property
    def header(self) -> str:
        return self.text.splitlines()[0]

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def shows(self, *words: str) -> None:
        await shows(self.pilot, *words)

    async def shows_not(self, word: str) -> None:
        await until(self.pilot, lambda: word not in self.text)

    async def heard(self, kind: type[Message]) -> Any:
        """The intent of that kind; it went no further."""
        await until(self.pilot, lambda: any(isinstance(one, kind) for one in self.asked))
        return next(one for one in self.asked if isinstance(one, kind))


@asynccontextmanager
async def watching(
    store: Store, paths: Paths, run_id: str = RUN, size: tuple[int, int] = WIDE, carry_out: bool = False
) -> AsyncIterator[Watched]:
    asked: list[Message] = []

    def heard(message: Message) -> None:
        if isinstance(message, INTENTS) and message not in asked:
            asked.append(message)
            if not carry_out:
                message.prevent_default().stop()

    async with opened(store, paths, size, run_id, heard=heard) as pilot:
        yield Watched(pilot, asked)


def phase_begun(phase: str, attempt: int = 0) -> Callable[[Event], bool]:
    def begun(event: Event) -> bool:
        body = event.body
        return isinstance(body, ev.PhaseStarted) and (body.phase, body.attempt) == (phase, attempt)

    return begun


class Driven:
    """A run that somebody drives: its lock is held, and events can be added."""

    def __init__(self, store: Store, paths: Paths, run_id: str = RUN) -> None:
        self.store = store
        self.run_id = RunId(run_id)
        self._lock = claim(paths, run_id)
        self._log = EventLog(store, self.run_id)

    def __enter__(self) -> Driven:
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def emit(self, *bodies: Body) -> None:
        for body in bodies:
            self._log.emit(body)
        self.store.write(lambda db: None)  # when this is done, so are the events before it

    def status(self, status: str) -> None:
        set_status(self.store, self.run_id, status)

    def finish(self, body: ev.RunFinished) -> None:
        self.emit(body)
        finish_run(self.store, self.run_id, body)


def begin(store: Store, paths: Paths, request: str = "do it", **options: Any) -> Driven:
    """A run that has only begun."""
    create_run(store, RunId(RUN), PROJECT, request, Settings(), {})
    driven = Driven(store, paths)
    driven.status("running")
    driven.emit(ev.RunStarted(request, str(PROJECT), "openai", "bubblewrap", 500_000, "1", **options))
    return driven
