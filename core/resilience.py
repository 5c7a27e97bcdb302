"""The one owner of retries: breaker permit → rate limit → attempt → classify → wait or next model.

It knows nothing of money or of LiteLLM. Targets are model names, in the order they may be asked.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from core.clock import Clock
from core.gateway.backoff import Backoff
from core.gateway.circuit_breaker import Blocked, BreakerPolicy, CircuitBreaker, Outcome
from core.gateway.error_classes import AttemptFailed, Failure
from core.gateway.rate_limiter import Also, RateLimiter, RateLimits, WaitTooLong
from core.storage.store import Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    attempts: int = 3
    """Per model."""
    backoff: Backoff = field(default_factory=Backoff)


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to make one call; the caller books how it ended."""

    name: str
    probe: str
    row: int


class OnRetry(Protocol):
    def __call__(self, target: str, failure: Failure, wait_s: float, following: str) -> None:
        """After a failed attempt; `following` is the model asked next, after `wait_s`."""
        ...


class Exhausted(Exception):
    """No model of the chain answered. `wait_s` > 0: the next attempt would have come after the deadline."""

    def __init__(self, failure: Failure, wait_s: float = 0.0) -> None:
        super().__init__(failure.sentence())
        self.failure = failure
        self.wait_s = wait_s


class ResilienceManager:
    def __init__(
        self,
        store: Store,
        limits: RateLimits,
        clock: Clock,
        rng: random.Random,
        retry: RetryPolicy | None = None,
        breaker: BreakerPolicy | None = None,
    ) -> None:
        self._retry = retry or RetryPolicy()
        self._breaker = CircuitBreaker(store, breaker or BreakerPolicy(), clock)
        self._limiter = RateLimiter(store, limits, clock)
        self._clock = clock
        self._rng = rng

    async def permit(self, name: str, model: str, probe: str, tokens: int, deadline: float, also: Also) -> Permit:
        """Wait for leave to call `name` with at most `tokens`; `also` is written in the limiter's transaction.

        Raises AttemptFailed (breaker open, or no room in the rate window before `deadline`).
        """
        try:
            await self._breaker.permit(name, probe)
            row = await self._limiter.acquire(name, tokens, deadline - self._clock.monotonic(), also)
        except Blocked as blocked:
            raise AttemptFailed(Failure("breaker_open", model, retry_after_s=blocked.wait_s)) from None
        except WaitTooLong as wait:
            raise AttemptFailed(Failure("window_full", model, retry_after_s=wait.wait_s)) from None
        return Permit(name, probe, row)

    def finished(self, permit: Permit, outcome: Outcome, tokens: int) -> Callable[[sqlite3.Connection], None]:
        """A write that books the end of a permitted call: its health, and the tokens it really took."""
        health = self._breaker.record(permit.name, permit.probe, outcome)
        correction = self._limiter.correct(permit.row, tokens)

        def write(conn: sqlite3.Connection) -> None:
            health(conn)
            correction(conn)

        return write

    def forget(self, name: str, probe: str) -> Callable[[sqlite3.Connection], None]:
        """A write that gives a probe back whose call never went out."""
        return self._breaker.record(name, probe, "neutral")

    async def run(
        self,
        targets: Sequence[str],
        attempt: Callable[[str], Awaitable[T]],
        deadline: float,
        on_retry: OnRetry,
    ) -> T:
        """The first answer of the chain; `deadline` is on the monotonic clock.

        Raises Exhausted, and what `attempt` raises besides AttemptFailed.
        """
        seen: list[Failure] = []
        while True:
            ends: list[Exhausted] = []
            for target, following in zip(targets, [*targets[1:], ""], strict=True):
                try:
                    return await self._try_model(target, attempt, deadline, on_retry, seen)
                except Exhausted as end:
                    ends.append(end)
                    if end.failure.handling == "stop" or not following:
                        break
                    on_retry(target, end.failure, 0.0, following)
            last = ends[-1]
            opens = [end.failure.retry_after_s or 0.0 for end in ends if end.failure.kind == "breaker_open"]
            reopens = min(opens, default=0.0)
            if not opens or last.failure.handling == "stop" or self._clock.monotonic() + reopens >= deadline:
                raise Exhausted(_most_telling(seen), last.wait_s or reopens)
            # Every model that could answer rests; the first of them may be asked again within the deadline.
            on_retry(targets[0], last.failure, reopens, targets[0])
            await self._clock.sleep(reopens)

    async def _try_model(
        self,
        target: str,
        attempt: Callable[[str], Awaitable[T]],
        deadline: float,
        on_retry: OnRetry,
        seen: list[Failure],
    ) -> T:
        number = 0
        while True:
            number += 1
            try:
                return await attempt(target)
            except AttemptFailed as failed:
                failure = failed.failure
                seen.append(failure)
            if failure.handling != "retry" or number >= self._retry.attempts:
                raise Exhausted(failure)
            wait = self._retry.backoff.wait(number, failure.retry_after_s, self._rng)
            if self._clock.monotonic() + wait >= deadline:
                raise Exhausted(failure, wait)
            on_retry(target, failure, wait, target)
            await self._clock.sleep(wait)


def _most_telling(failures: Sequence[Failure]) -> Failure:
    """The last failure that came from a provider; an open breaker only repeats what was known."""
    told = [failure for failure in failures if failure.kind != "breaker_open"]
    return (told or list(failures))[-1]
