"""Ends the application when this process is told to go, also while it waits for a terminal that takes nothing.

Runs go on without us: an engine is in a process and a session of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from types import FrameType
from typing import Any

from textual.app import App

from app.terminal.driver import TerminalDriver

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_GRACE_S = 3.0
"""What leaving in good order may take."""


def leave_on_signals(app: App[Any]) -> None:
    """Restore the terminal and exit with 128 + the signal's number, as shells report it. Call on the event loop."""
    loop = asyncio.get_running_loop()
    code = 0

    def hear(number: int, _: FrameType | None) -> None:
        nonlocal code
        code = 128 + number
        signal.setitimer(signal.ITIMER_REAL, _GRACE_S)
        with contextlib.suppress(RuntimeError):  # the loop has ended, and so will we
            loop.call_soon_threadsafe(app.exit, None, code)

    def end_at_once(_number: int, _frame: FrameType | None) -> None:
        if isinstance(app._driver, TerminalDriver):
            app._driver.restore_now()
        os._exit(code)

    # Plain handlers: those of the event loop would wait for it, and it may be waiting for the terminal.
    for number in _SIGNALS:
        signal.signal(number, hear)
    signal.signal(signal.SIGALRM, end_at_once)
