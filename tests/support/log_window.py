"""A small application with the sandbox pane in it, and a log file that is written meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import wraps
from pathlib import Path

from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Static

from core.run.log_file import LogFile
from screens.intents import CopyText
from screens.widgets.log_view import LogView

MIXED = "".join(f"test_{number} {'FAILED' if number % 40 == 7 else 'PASSED'}\n" for number in range(200))
"""Two hundred tests, five of which failed."""


class Host(App[None]):
    """A window with a log and a neighbour."""

    CSS = "#neighbour { width: 10; } LogView { width: 1fr; }"

    def __init__(self, ascii_only: bool = False) -> None:
        super().__init__()
        self.view = LogView(ascii_only=ascii_only)
        self.copied: list[CopyText] = []
        self.typed: list[str] = []

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static("neighbour", id="neighbour")
            yield self.view

    def on_copy_text(self, message: CopyText) -> None:
        self.copied.append(message)

    def key_escape(self) -> None:
        self.typed.append("escape")


class Window:
    """A running `Host` that shows one log file."""

    def __init__(self, app: Host, pilot: Pilot[None], path: Path) -> None:
        self.app = app
        self.pilot = pilot
        self.path = path
        self.view = app.view
        self.log = LogFile(path)
        self.messages: list[Message] = []

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def look(self) -> None:
        """What the feed does: scan in a thread, then tell the pane."""
        await asyncio.to_thread(self.scan)
        self.view.grew()
        await self.pilot.pause()

    def scan(self) -> None:
        while self.log.refresh() and not self.log.complete:
            pass

    async def write(self, text: str, mode: str = "a") -> None:
        with self.path.open(mode) as file:
            file.write(text)
        await self.look()

    async def until(self, condition: Callable[[], object], seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"waited too long; the pane shows {self.seen()}, {self.said!r}"
            await self.pilot.pause(0.01)

    async def type(self, text: str) -> None:
        await self.press(*("exclamation_mark" if char == "!" else char for char in text))

    def seen(self) -> list[str]:
        """The rows in sight as text, without what stands in the first column."""
        rows = self.view.rows
        return [rows.render_line(y).text[1:].rstrip() for y in range(rows.size.height)]

    def at(self) -> str:
        """The row at the cursor."""
        return self.log.lines(self.view.rows.place, 1)[0]

    @property
    def said(self) -> str:
        """The words in the lower border."""
        return self.view.border_subtitle or ""


@asynccontextmanager
async def window(path: Path, text: str | None = None, size: tuple[int, int] = (90, 14)) -> AsyncIterator[Window]:
    if text is not None:
        path.write_text(text)
    app = Host()
    heard: list[Message] = []
    async with app.run_test(size=size, message_hook=heard.append) as pilot:
        shown = Window(app, pilot, path)
        shown.messages = heard
        shown.view.show(shown.log, "pytest")
        shown.view.focus()
        await shown.look()
        yield shown


def lines(count: int, start: int = 0) -> str:
    return "".join(f"line {number}\n" for number in range(start, start + count))


def in_loop(test: Callable[..., Coroutine[None, None, None]]) -> Callable[..., None]:
    @wraps(test)
    def run(**fixtures: object) -> None:
        asyncio.run(test(**fixtures))

    return run
