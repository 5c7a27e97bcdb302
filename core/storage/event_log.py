"""Writes the events of one run, and reads those of any.

The engine emits without waiting; the store's group commit makes the events durable in order. Steps that must be on
disk before something else happens (a paid call, a delivery) go through the journal, which waits.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future

from config.errors import StoreError
from core.events import Body, Event, body_from_json, body_to_json
from core.ids import RunId
from core.storage.store import Store

Listener = Callable[[Event], None]
_FLUSH_TRIES = 3


class EventLog:
    """The only writer of a run's events; the holder of the run lock owns it.

    `once` names an event that a resumed run, which walks the same path again, must not log a second time.
    An event that the database refuses (locked by another program, disk full) is handed in again with the next ones.
    """

    def __init__(self, store: Store, run_id: RunId, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._run = run_id
        self._clock = clock
        row = store.query("SELECT coalesce(max(seq), 0), coalesce(max(at), 0) FROM events WHERE run_id = ?", (run_id,))
        self._seq = int(row[0][0])
        self._last_at = float(row[0][1])
        rows = store.query("SELECT once FROM events WHERE run_id = ? AND once IS NOT NULL", (run_id,))
        self._seen = {str(row["once"]) for row in rows}
        self._listeners: list[Listener] = []
        self._open: deque[tuple[Event, str, Future[None]]] = deque()
        """Events that are not known to be durable, oldest first."""

    def listen(self, listener: Listener) -> None:
        """Call `listener` with every event emitted from now on, in order."""
        self._listeners.append(listener)

    def has(self, once: str) -> bool:
        """Whether the event of that name was logged, by this process or one before it."""
        return once in self._seen

    def emit(self, body: Body, once: str = "") -> None:
        """Add an event. Times never go backwards within a run, even when the system clock does."""
        if once:
            if once in self._seen:
                return
            self._seen.add(once)
        self._seq += 1
        self._last_at = max(self._last_at, self._clock())
        event = Event(self._run, self._seq, self._last_at, body)
        self._settle()
        self._open.append((event, once, self._store.submit(_insert(event, once))))
        for listener in self._listeners:
            listener(event)

    async def flush(self) -> None:
        """Wait until everything emitted so far is durable. Raises StoreError when it could not be written."""
        for left in reversed(range(_FLUSH_TRIES)):
            writes = (asyncio.wrap_future(future) for _, _, future in self._open)
            results = await asyncio.shield(asyncio.gather(*writes, return_exceptions=True))
            refused = next((result for result in results if isinstance(result, BaseException)), None)
            if refused is not None and (not left or not isinstance(refused, StoreError)):
                raise refused
            self._settle()

    def _settle(self) -> None:
        """Forget what is durable, and hand in again what was refused."""
        while self._open and (first := self._open[0][2]).done():
            if first.exception() is not None:
                self._hand_in_again()
                return
            self._open.popleft()

    def _hand_in_again(self) -> None:
        waiting, self._open = self._open, deque()
        for event, once, future in waiting:
            if not future.done():
                self._open.append((event, once, future))
            elif future.exception() is not None:
                self._open.append((event, once, self._store.submit(_insert(event, once))))


def _insert(event: Event, once: str) -> Callable[[sqlite3.Connection], None]:
    def write(db: sqlite3.Connection) -> None:
        db.execute(
            "INSERT INTO events (run_id, seq, at, once, body) VALUES (?, ?, ?, ?, ?)",
            (event.run, event.seq, event.at, once or None, body_to_json(event.body)),
        )

    return write


def read_events(store: Store, run_id: str, after: int = 0, but: str = "") -> list[Event]:
    """Events of a run with `seq > after`, in order; those of the kind `but` are left out unread."""
    rows = store.query(
        "SELECT seq, at, body FROM events WHERE run_id = ? AND seq > ?"
        " AND (? = '' OR json_extract(body, '$.kind') IS NOT ?) ORDER BY seq",
        (run_id, after, but, but),
    )
    return [Event(RunId(run_id), row["seq"], row["at"], body_from_json(row["body"])) for row in rows]
