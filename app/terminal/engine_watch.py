"""Hears when an engine that was started here ends: it may never have got as far as the run log."""

from __future__ import annotations

import threading
from subprocess import Popen

from textual.message import Message
from textual.message_pump import MessagePump

from app.engine import last_words
from config.paths import Paths


class EngineEnded(Message):
    """`words`: what it said last; empty when it ended in good order."""

    def __init__(self, run_id: str, words: str) -> None:
        super().__init__()
        self.run_id = run_id
        self.words = words


def watch_engine(listener: MessagePump, paths: Paths, run_id: str, engine: Popen[bytes]) -> None:
    """Post EngineEnded to `listener` when the process is gone."""

    def wait() -> None:
        code = engine.wait()
        listener.post_message(EngineEnded(run_id, last_words(paths, run_id) if code else ""))

    # A daemon: an engine outlives the terminal, and nothing may wait for it.
    threading.Thread(target=wait, name=f"engine-{run_id}", daemon=True).start()
