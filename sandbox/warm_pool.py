"""Started boxes held ready, each for one use. Starting a container costs 200 ms, which the pool hides."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, Protocol, TypeVar

REFILL_FAILURES = 2


class Disposable(Protocol):
    @property
    def alive(self) -> bool: ...

    async def destroy(self) -> None: ...


B = TypeVar("B", bound=Disposable)
S = TypeVar("S", bound=Hashable)


class WarmPool(Generic[B, S]):
    """Holds up to `size` boxes of the spec that was asked for last."""

    def __init__(self, make: Callable[[S], Awaitable[B]], size: int) -> None:
        self._make = make
        self._size = size
        self._ready: list[B] = []
        self._spec: S | None = None
        self._refill: asyncio.Task[None] | None = None
        self._leaving: set[asyncio.Task[None]] = set()
        self._closed = False

    async def take(self, spec: S) -> B:
        """A box for one use: a warm one if there is one of this spec, else a new one."""
        if spec != self._spec:
            self._spec = spec
            self._drop_all()
        box: B | None = None
        while self._ready and box is None:
            candidate = self._ready.pop(0)
            if candidate.alive:
                box = candidate
            else:
                self.discard(candidate)
        if box is None:
            box = await self._make(spec)
        self._start_refill()
        return box

    def warm(self, spec: S) -> None:
        """Begin to fill the pool before the first use."""
        self._spec = spec
        self._start_refill()

    @property
    def ready(self) -> int:
        return len(self._ready)

    def discard(self, box: B) -> None:
        """Destroy a used box in the background."""
        task = asyncio.create_task(box.destroy())
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def close(self) -> None:
        """Destroy every box, and wait until they are gone."""
        self._closed = True
        if self._refill is not None:
            # A box half made must be finished to be removed, so the task is awaited, not cancelled.
            await asyncio.gather(self._refill, return_exceptions=True)
        self._drop_all()
        await asyncio.gather(*self._leaving, return_exceptions=True)

    def _drop_all(self) -> None:
        while self._ready:
            self.discard(self._ready.pop())

    def _start_refill(self) -> None:
        if not self._closed and (self._refill is None or self._refill.done()):
            self._refill = asyncio.create_task(self._fill())

    async def _fill(self) -> None:
        failures = 0
        while not self._closed and self._spec is not None and len(self._ready) < self._size:
            spec = self._spec
            try:
                box = await self._make(spec)
            except Exception:
                # The pool only saves time: whoever needs a box makes one and meets the error there.
                failures += 1
                if failures >= REFILL_FAILURES:
                    return
                continue
            if self._closed or spec != self._spec:
                self.discard(box)
            else:
                self._ready.append(box)
