"""One search through a log on behalf of the screen: the work in threads, what comes of it in the event loop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine

from core.run.log_search import Matches, find

_SEARCH_S = 0.1
"""How long a search goes on before what it found is shown."""


class Search:
    """Finds all `matches` of a log and those in what it grows by, until `stop` is called.

    Tasks and not Textual workers: a search waits as long as its log may grow, and announcing each step to the whole
    application would cost more than the step.
    """

    def __init__(self, matches: Matches, found: Callable[[int], None], further: Callable[[], None]) -> None:
        self.matches = matches
        self._found = found
        self._further = further
        self._stopped = threading.Event()
        self._more = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, start: int | None) -> None:
        """Find the nearest match from row `start` on, unless that is None, then all."""
        self._run(self._all(start))

    def seek(self, start: int, forward: bool) -> None:
        """Find the nearest match from row `start` on; forwards, after the last comes the first."""
        self._run(self._nearest(start, forward))

    def more(self) -> None:
        """The log is not as it was."""
        self._more.set()

    def stop(self) -> None:
        self._stopped.set()  # for the thread, which cannot be cancelled
        for task in self._tasks:
            task.cancel()

    def _run(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _all(self, start: int | None) -> None:
        if start is not None:
            await self._nearest(start, True)
        while True:
            self._more.clear()
            await asyncio.to_thread(self._look_on)
            self._further()
            if self.matches.up_to_date:
                await self._more.wait()

    async def _nearest(self, start: int, forward: bool) -> None:
        log, needle, stopped = self.matches.log, self.matches.needle, self._stopped.is_set
        row = await asyncio.to_thread(find, log, needle, start, forward, stopped)
        if row is None and forward:
            row = await asyncio.to_thread(find, log, needle, 0, True, stopped)
        if row is not None:
            self._found(row)

    def _look_on(self) -> None:
        end = time.monotonic() + _SEARCH_S
        while not self._stopped.is_set() and self.matches.step() and time.monotonic() < end:
            pass
