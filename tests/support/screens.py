"""The real application over a real store, without a terminal; and what its screen shows, as text."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from textual.message import Message
from textual.pilot import Pilot

from app.terminal.application import NexusApp
from config.paths import Paths
from core.storage.store import Store
from tests.support.journal import PROJECT

WIDE = (120, 36)
SMALL = (80, 24)
DEADLINE_S = 30.0


@asynccontextmanager
async def opened(
    store: Store,
    paths: Paths,
    size: tuple[int, int] = WIDE,
    run_id: str = "",
    folder: Path = PROJECT,
    heard: Callable[[Message], None] | None = None,
    env: Mapping[str, str] | None = None,
    prepare: Callable[[NexusApp], object] = lambda app: None,
) -> AsyncIterator[Pilot[None]]:
    """The application on `folder`, ready for keys; notices are on, as for a user. `heard` gets every message.

    `env` is added to the environment; `prepare` is given the application before it runs.
    """
    colours = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    given = {**colours, "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", "NEXUS_HOME": str(paths.data), **(env or {})}
    app = NexusApp(store, paths, folder, given, run_id)
    prepare(app)
    async with app.run_test(size=size, notifications=True, message_hook=heard) as pilot:
        yield pilot


def screen_text(pilot: Pilot[None]) -> str:
    """Every row of the screen as it would stand on a terminal, without colours and without spaces at the end."""
    # The compositor is Textual's own account of what is visible; there is no public way to read it.
    strips = pilot.app.screen._compositor.render_strips(pilot.app.size)
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


async def until(pilot: Pilot[None], holds: Callable[[], object]) -> None:
    """Wait for what a key or a message leads to."""
    deadline = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline, f"it never came true; the screen shows:\n{screen_text(pilot)}"
        await pilot.pause()
        await asyncio.sleep(0.01)


async def shows(pilot: Pilot[None], *words: str) -> None:
    """Wait until all of `words` are on the screen."""
    await until(pilot, lambda: all(word in screen_text(pilot) for word in words))


async def hides(pilot: Pilot[None], *words: str) -> None:
    """Wait until none of `words` is on the screen."""
    await until(pilot, lambda: not any(word in screen_text(pilot) for word in words))
