"""Requests and tokens of any 60 seconds, exact, across all processes of the user.

A sliding log: one row per admitted request. A request is admitted with the most tokens it can take and corrected
when its usage is known. Within a process the queue is first come, first served; a waiter that is cancelled leaves
no trace. The window lives on the wall clock, because processes share it.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from config.errors import ConfigError
from core.clock import Clock
from core.storage.store import Store

WINDOW_S = 60.0

Also = Callable[[sqlite3.Connection], None]


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Most requests and tokens in any 60 seconds; 0 means off."""

    requests: int
    tokens: int


class WaitTooLong(Exception):
    """The window has no room before the deadline."""

    def __init__(self, name: str, wait_s: float) -> None:
        super().__init__(name)
        self.name = name
        self.wait_s = wait_s


def wait_needed(log: list[tuple[float, int]], limits: RateLimits, now: float, tokens: int) -> float:
    """Seconds until a request of `tokens` fits; 0 when it fits now. `log` is (time, tokens), oldest first.

    `tokens` must fit an empty window.
    """
    live = [(at, spent) for at, spent in log if at > now - WINDOW_S]
    count, total = len(live), sum(spent for _, spent in live)
    if _fits(count, total, limits, tokens):
        return 0.0
    room_at = now
    for at, spent in live:
        count, total, room_at = count - 1, total - spent, at + WINDOW_S
        if _fits(count, total, limits, tokens):
            break
    # Never 0: rounding must not turn a wait into a busy loop.
    return max(0.001, room_at - now)


def _fits(count: int, total: int, limits: RateLimits, tokens: int) -> bool:
    return not (limits.requests and count + 1 > limits.requests) and not (
        limits.tokens and total + tokens > limits.tokens
    )


class RateLimiter:
    def __init__(self, store: Store, limits: RateLimits, clock: Clock) -> None:
        self._store = store
        self._limits = limits
        self._clock = clock
        self._queues: dict[str, asyncio.Lock] = {}

    async def acquire(self, name: str, tokens: int, wait_s: float, also: Also) -> int:
        """Wait for room for one request of `tokens`, at most `wait_s` seconds, then book it.

        `also` is written in the same transaction. Returns the id to `correct` later. Raises WaitTooLong, and
        ConfigError when the request is larger than the whole window.
        """
        if self._limits.tokens and tokens > self._limits.tokens:
            raise ConfigError(
                f"One call to {name} may take {tokens} tokens, more than models.tokens_per_minute"
                f" ({self._limits.tokens}) ever allows.",
                "Raise models.tokens_per_minute, or set it to 0 to switch the limit off.",
            )
        end = self._clock.monotonic() + wait_s
        queue = self._queues.setdefault(name, asyncio.Lock())
        try:
            async with asyncio.timeout(max(0.0, wait_s)):
                await queue.acquire()
        except TimeoutError:
            raise WaitTooLong(name, wait_s) from None
        try:
            while True:
                booked, wait = await self._try(name, tokens, also)
                if booked:
                    return booked
                if self._clock.monotonic() + wait > end:
                    raise WaitTooLong(name, wait)
                await self._clock.sleep(wait)
        finally:
            queue.release()

    async def _try(self, name: str, tokens: int, also: Also) -> tuple[int, float]:
        attempt = self._store.submit(lambda conn: self._book(conn, name, tokens, also))
        try:
            return await asyncio.shield(asyncio.wrap_future(attempt))
        except asyncio.CancelledError:
            attempt.add_done_callback(self._take_back)
            raise

    def _take_back(self, attempt: Future[tuple[int, float]]) -> None:
        """Undo a booking whose caller was cancelled while it was being written."""
        if not attempt.cancelled() and attempt.exception() is None:
            row = attempt.result()[0]
            self._store.submit(lambda conn: conn.execute("DELETE FROM rate_windows WHERE id = ?", (row,)))

    def _book(self, conn: sqlite3.Connection, name: str, tokens: int, also: Also) -> tuple[int, float]:
        """(row id, 0) when admitted, else (0, seconds to wait)."""
        now = self._clock.now()
        conn.execute("DELETE FROM rate_windows WHERE name = ? AND at <= ?", (name, now - WINDOW_S))
        # Rows from the future: the clock was set back. They count as new, so the window is never exceeded.
        conn.execute("UPDATE rate_windows SET at = ? WHERE name = ? AND at > ?", (now, name, now))
        rows = conn.execute("SELECT at, tokens FROM rate_windows WHERE name = ? ORDER BY at", (name,)).fetchall()
        wait = wait_needed([(row["at"], row["tokens"]) for row in rows], self._limits, now, tokens)
        if wait > 0:
            return 0, wait
        also(conn)
        cursor = conn.execute("INSERT INTO rate_windows (name, at, tokens) VALUES (?, ?, ?)", (name, now, tokens))
        return int(cursor.lastrowid or 0), 0.0

    @staticmethod
    def correct(row: int, tokens: int) -> Callable[[sqlite3.Connection], None]:
        """A write that replaces the booked tokens by those used; the request itself still counts."""

        def write(conn: sqlite3.Connection) -> None:
            conn.execute("UPDATE rate_windows SET tokens = ? WHERE id = ?", (tokens, row))

        return write
