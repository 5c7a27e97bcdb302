"""What signals mean to a headless run.

^C and SIGTERM: the first stops the work and keeps what there is, a second within two seconds ends the process at
once. SIGHUP: nothing; a closed terminal is no reason to stop, and `nexus attach` finds the run.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable
from types import FrameType

from config.errors import Interrupted
from core.events import Event, RunFinished
from core.run.control import RunControl

SECOND_S = 2.0


class Signals:
    """Listens from construction on, for the rest of the process."""

    def __init__(self, last_words: Callable[[Interrupted], object]) -> None:
        """`last_words` is called before the process ends at once."""
        self._last_words = last_words
        self._steered: tuple[asyncio.AbstractEventLoop, RunControl] | None = None
        self._heard_at = -SECOND_S
        self._said = False
        # Plain handlers, not those of the event loop: a second ^C must also end a loop that is stuck.
        signal.signal(signal.SIGINT, self._hear)
        signal.signal(signal.SIGTERM, self._hear)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def steer(self, control: RunControl) -> None:
        """From now on the first signal cancels that run; before, it ends the command. Call on the event loop."""
        self._steered = (asyncio.get_running_loop(), control)

    def watch(self, event: Event) -> None:
        """Listen to the run's log: after its `run.finished` there are no more last words to say."""
        self._said = self._said or isinstance(event.body, RunFinished)

    def _hear(self, number: int, _: FrameType | None) -> None:
        error = Interrupted(f"The run was interrupted ({'^C' if number == signal.SIGINT else 'SIGTERM'}).")
        now = time.monotonic()
        if now - self._heard_at < SECOND_S:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            # What was interrupted may be in the middle of printing.
            with contextlib.suppress(RuntimeError):
                if not self._said:
                    self._last_words(error)
            os._exit(error.exit_code)
        self._heard_at = now
        if self._steered is None:
            raise error
        loop, control = self._steered
        with contextlib.suppress(RuntimeError):  # the loop is closed: the run has ended
            loop.call_soon_threadsafe(control.cancel, error.message)
