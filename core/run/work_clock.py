"""How long a run has worked: a clock that stands still while the run is paused or waits for people."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class WorkClock:
    """Starts at construction. `standing_still` may be nested."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._began = now()
        self._stopped_at = 0.0
        self._waited = 0.0
        self._waits = 0

    @property
    def elapsed_s(self) -> float:
        """Seconds of work so far."""
        until = self._stopped_at if self._waits else self._now()
        return until - self._began - self._waited

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """The time inside is not work."""
        if not self._waits:
            self._stopped_at = self._now()
        self._waits += 1
        try:
            yield
        finally:
            self._waits -= 1
            if not self._waits:
                self._waited += self._now() - self._stopped_at
