"""Follows one run in a thread: new events, answers as they are written, sandbox output that grows.

One batch at a time: the next is handed over when the last was shown and the pace allows it, so a flood costs the screen
no more than a trickle does. When nothing happens nothing is handed over.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from app.terminal.answers import AnswerFiles
from app.terminal.figures import Figures, delivery_state
from app.terminal.pace import Pace
from config.errors import NexusError
from config.paths import Paths
from core import events as ev
from core.events import Event
from core.run.log_file import LogFile
from core.run.runs import LIVE, find_run, sweep
from core.state import INITIAL, RunState, fold
from core.storage.event_log import read_events
from core.storage.store import Store
from screens.ports import News, RunView

_LIVE_POLL_S = 0.05
_IDLE_POLL_S = 0.5
_SWEEP_EVERY_S = 2.0


class RunFeed:
    """`deliver` is called in the feed's thread; `shown` must be called when its batch is on the screen."""

    def __init__(
        self, store: Store, paths: Paths, run_id: str, pace: Pace, deliver: Callable[[RunFeed, RunView, News], None]
    ) -> None:
        self.run_id = run_id
        self._store = store
        self._paths = paths
        self._pace = pace
        self._deliver = deliver
        self._stopping = threading.Event()
        self._ready = threading.Event()
        self._ready.set()
        self._chosen = ""
        self._state: RunState = INITIAL
        self._view: RunView | None = None
        self._logs: dict[str, LogFile] = {}
        self._answers = AnswerFiles(paths.run_dir(run_id) / "model")
        self._figures = Figures(store)
        self._version = -1
        self._swept_at = 0.0
        self._engine_says = ""
        self._thread = threading.Thread(target=self._follow, name="feed", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Deliver nothing more. Returns at once."""
        self._stopping.set()
        self._ready.set()

    def shown(self) -> None:
        self._ready.set()

    def choose_log(self, name: str) -> None:
        """Show that sandbox output from now on; empty: always the newest."""
        self._chosen = name
        self._version = -1

    def engine_ended(self, words: str) -> None:
        """The engine that was started here is gone; `words` are its last ones."""
        self._engine_says = words
        self._version = -1

    # --- the thread ---

    def _follow(self) -> None:
        while not self._stopping.is_set():
            try:
                batch = self._look()
            except (NexusError, OSError) as error:
                batch = self._trouble(str(error))
            if batch is not None and not self._stopping.is_set():
                self._ready.clear()
                self._deliver(self, *batch)
                self._ready.wait()
                self._pace.rest(self._stopping)
            else:
                live = self._view is None or self._view.live
                self._stopping.wait(_LIVE_POLL_S if live else _IDLE_POLL_S)

    def _look(self) -> tuple[RunView, News] | None:
        """What is new, or None."""
        first = self._view is None
        self._sweep()
        version = self._store.query("PRAGMA data_version")[0][0]
        moved = version != self._version
        self._version = version
        view = self._view
        events: tuple[Event, ...] = ()
        if moved or view is None:
            row = find_run(self._store, self.run_id)
            events = tuple(self._new_events(row.status in LIVE))
            self._state = fold(events, self._state)
            told = self._figures.after(row, events)
            log, names = self._log_of(events)
            trouble = self._engine_says if row.status in ("queued", "interrupted") else ""
            delivered = delivery_state(self._store, self.run_id)
            view = RunView(row, self._state, told.budgets, told.left, log, names, delivered, trouble)
        texts = tuple(self._answers.new_text(events, view.live))
        grew = view.log is not None and view.log.refresh()
        if view == self._view and not (events or texts or grew):
            return None
        self._view = view
        return view, News(events, texts, grew, first)

    def _new_events(self, live: bool) -> list[Event]:
        fresh = read_events(self._store, self.run_id, self._state.seq)
        if fresh and fresh[0].seq > self._state.seq + 1 and live:
            return []  # an event was refused by a busy database; the run hands it in again
        return fresh

    def _log_of(self, events: tuple[Event, ...]) -> tuple[LogFile | None, tuple[str, ...]]:
        for event in events:
            if isinstance(event.body, ev.SandboxStarted) and event.body.path and event.body.path not in self._logs:
                self._logs[event.body.path] = LogFile(self._paths.run_dir(self.run_id) / event.body.path)
        names = tuple(self._logs)
        name = self._chosen if self._chosen in self._logs else names[-1] if names else ""
        return self._logs.get(name), names

    def _sweep(self) -> None:
        """Nobody tells that a process was killed: look for it."""
        live = self._view is not None and self._view.row.status in LIVE
        if live and time.monotonic() - self._swept_at > _SWEEP_EVERY_S:
            self._swept_at = time.monotonic()
            sweep(self._store, self._paths)

    def _trouble(self, text: str) -> tuple[RunView, News] | None:
        """The database cannot be read: keep what is shown, and say so once."""
        self._version = -1
        if self._view is None or self._view.trouble == text:
            return None
        self._view = replace(self._view, trouble=text)
        return self._view, News()
