"""A clock that moves only when somebody sleeps on it, or when the test says so."""

from __future__ import annotations

import asyncio


class FakeClock:
    def __init__(self, now: float = 1_795_000_000.0) -> None:
        self.time = now
        self.ticks = 0.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.ticks

    def advance(self, seconds: float) -> None:
        self.time += seconds
        self.ticks += seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)
        await asyncio.sleep(0)
