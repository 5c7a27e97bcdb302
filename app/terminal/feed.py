"""Follows one run in a thread: new events, answers as they are written, sandbox output that grows.

One batch at a time: the next is handed over when the last was shown and the pace allows it, so a flood costs the screen
no more than a trickle does. When nothing happens nothing is handed over.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from app.terminal.answers import AnswerFiles
from app.terminal.figures import Figures, delivery_state
from app.terminal.pace import Pace
from config.errors import NexusError
from config.paths import Paths
from core import events as ev
from core.events import Event
from core.run.log_file import LogFile
from core.run.runs import LIVE, RunRow, find_run, sweep
from core.state import INITIAL, RunState, fold
from core.storage.event_log import read_events
from core.storage.store import Store
from screens.ports import News, RunView

_LIVE_POLL_S = 0.05
_IDLE_POLL_S = 0.5
_SWEEP_EVERY_S = 2.0
_LONGEST_PAINT_S = 2.0
"""A screen that is closed while it should paint never says that it did."""

_LAST_LOOK_S = 5.0

Deliver = Callable[["RunFeed", RunView, News], None]


class RunFeed:
    """`deliver` is called in the feed's thread; say `taken` when its batch arrives and `shown` when it is painted."""

    def __init__(
        self, store: Store, paths: Paths, run_id: str, pace: Pace, deliver: Deliver, warn: Callable[[str], None]
    ) -> None:
        """`warn` is told in the feed's thread why there is nothing to deliver."""
        self.run_id = run_id
        self._store = store
        self._paths = paths
        self._pace = pace
        self._deliver = deliver
        self._warn = warn
        self._stopping = threading.Event()
        self._nudged = threading.Event()
        """Look at everything again, now."""
        self._taken = threading.Event()
        self._shown = threading.Event()
        self._chosen = ""
        self._state: RunState = INITIAL
        self._view: RunView | None = None
        self._logs: dict[str, LogFile] = {}
        self._answers = AnswerFiles(paths.run_dir(run_id) / "model")
        self._figures = Figures(store)
        self._version = -1
        self._trouble = ""
        self._swept_at = 0.0
        self._engine_says = ""
        self._thread = threading.Thread(target=self._follow, name="feed", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Deliver nothing more. Returns at once."""
        self._stopping.set()
        for event in (self._nudged, self._taken, self._shown):
            event.set()

    def join(self) -> None:
        """Wait until it has let go of the database; after `stop`."""
        self._thread.join(_LAST_LOOK_S)

    def taken(self) -> None:
        self._taken.set()

    def shown(self) -> None:
        self._shown.set()

    def choose_log(self, name: str) -> None:
        """Show that sandbox output from now on; empty: always the newest."""
        self._chosen = name
        self._nudged.set()

    def engine_ended(self, words: str) -> None:
        """The engine that was started here is gone; `words` are its last ones."""
        self._engine_says = words
        self._nudged.set()

    # --- the thread ---

    def _follow(self) -> None:
        try:
            while not self._stopping.is_set():
                batch = self._next()
                if batch is None:
                    live = self._view is None or self._view.live
                    self._nudged.wait(_LIVE_POLL_S if live else _IDLE_POLL_S)
                else:
                    self._hand_over(*batch)
        finally:
            self._store.close_reader()

    def _next(self) -> tuple[RunView, News] | None:
        """What is new, or None."""
        nudged = self._nudged.is_set()
        self._nudged.clear()
        try:
            batch = self._look(nudged)
        except (NexusError, OSError) as error:
            return self._in_trouble(str(error))
        self._trouble = ""
        return batch

    def _hand_over(self, view: RunView, news: News) -> None:
        self._taken.clear()
        self._shown.clear()
        if self._stopping.is_set():
            return
        self._deliver(self, view, news)
        self._taken.wait()
        began = time.monotonic()
        self._shown.wait(_LONGEST_PAINT_S)
        self._pace.rest(self._stopping, time.monotonic() - began)

    def _look(self, nudged: bool) -> tuple[RunView, News] | None:
        first = self._view is None
        self._sweep()
        version = self._store.query("PRAGMA data_version")[0][0]
        events: Sequence[Event] = ()
        view = self._view
        if view is None or nudged or version != self._version:
            view, events = self._read(first)
            self._version = version
        texts = tuple(self._answers.new_text(events, view.live))
        grew = view.log is not None and view.log.refresh()
        if view == self._view and not (events or texts or grew):
            return None
        self._view = view
        return view, News(tuple(events), texts, grew, first)

    def _read(self, first: bool) -> tuple[RunView, Sequence[Event]]:
        """The run as it stands. All questions to the database come before anything is changed: each may fail."""
        row = find_run(self._store, self.run_id)
        events = self._new_events(row)
        delivered = delivery_state(self._store, self.run_id)
        if first:
            self._figures.note(events)
            self._nudged.set()  # they need a while to load: after the first picture
        else:
            self._figures.work_out(row, events)
        self._state = fold(events, self._state)
        log, names = self._log_of(events)
        says = self._engine_says if row.status in ("queued", "interrupted") else ""
        figures = self._figures
        return RunView(row, self._state, figures.budgets, figures.left, log, names, delivered, says), events

    def _new_events(self, row: RunRow) -> Sequence[Event]:
        """Events up to the first gap: one that a busy database refused is handed in again while the run is driven."""
        fresh = read_events(self._store, self.run_id, self._state.seq)
        if row.status not in LIVE:
            return fresh
        whole = (event for place, event in enumerate(fresh, self._state.seq + 1) if event.seq == place)
        return tuple(whole)

    def _log_of(self, events: Sequence[Event]) -> tuple[LogFile | None, tuple[str, ...]]:
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

    def _in_trouble(self, text: str) -> tuple[RunView, News] | None:
        """The database cannot be read: keep what is shown, say so once, and read everything again when it can be."""
        self._version = -1
        if text == self._trouble:
            return None
        self._trouble = text
        if self._view is None:
            self._warn(text)
            return None
        self._view = replace(self._view, trouble=text)
        return self._view, News()
