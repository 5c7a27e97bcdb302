"""The limiter: no window of 60 seconds ever holds more than it may, and nothing waits without need."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import ConfigError
from core.gateway.rate_limiter import WINDOW_S, RateLimiter, RateLimits, WaitTooLong, wait_needed
from core.storage.store import Store
from tests.support.fake_clock import FakeClock
from tests.support.gateways import rows

pytestmark = pytest.mark.anyio


def nothing(_: object) -> None: ...


demands = st.lists(st.tuples(st.floats(0, 40), st.integers(0, 100)), max_size=80)


@given(demands, st.integers(0, 6), st.integers(100, 250))
def test_no_window_ever_holds_more_than_its_limits(
    history: list[tuple[float, int]], requests: int, tokens: int
) -> None:
    limits, now, log = RateLimits(requests, tokens), 1000.0, []
    for pause, wanted in history:
        now += pause
        while (wait := wait_needed(log, limits, now, wanted)) > 0:
            now += wait
        log.append((now, wanted))
    for end, _ in log:
        window = [spent for at, spent in log if end - WINDOW_S < at <= end]
        assert sum(window) <= tokens
        assert not requests or len(window) <= requests


@given(demands, st.integers(1, 6))
def test_a_request_waits_no_longer_than_it_must(history: list[tuple[float, int]], requests: int) -> None:
    limits, now, log = RateLimits(requests, 0), 1000.0, []
    for pause, wanted in history:
        now += pause
        wait = wait_needed(log, limits, now, wanted)
        if wait > 0.01:
            assert wait_needed(log, limits, now + wait - 0.005, wanted) > 0
        now += wait
        log.append((now, wanted))


async def test_two_processes_share_the_window(store: Store) -> None:
    clock = FakeClock()
    # The times that were booked, as the database saw them: a caller wakes up when the clock may have moved on.
    store.write(lambda db: db.execute("CREATE TABLE booked (at REAL)"))
    store.write(
        lambda db: db.execute(
            "CREATE TRIGGER keep AFTER INSERT ON rate_windows BEGIN INSERT INTO booked VALUES (new.at); END"
        )
    )
    with Store(store.path) as second:
        ours, theirs = (RateLimiter(s, RateLimits(5, 0), clock) for s in (store, second))
        await asyncio.gather(*(limiter.acquire("m", 1, 1e6, nothing) for limiter in [ours, theirs] * 10))
    booked = [row["at"] for row in store.query("SELECT at FROM booked")]
    assert len(booked) == 20
    for end in booked:
        assert sum(end - WINDOW_S < at <= end for at in booked) <= 5


async def test_callers_are_served_in_the_order_they_came(store: Store) -> None:
    limiter = RateLimiter(store, RateLimits(2, 0), FakeClock())
    order: list[int] = []

    async def call(number: int) -> None:
        await limiter.acquire("m", 1, 1e6, nothing)
        order.append(number)

    await asyncio.gather(*(call(number) for number in range(10)))
    assert order == list(range(10))


async def test_a_correction_gives_unused_tokens_back_but_not_the_request(store: Store) -> None:
    clock = FakeClock()
    limiter = RateLimiter(store, RateLimits(2, 100), clock)
    row = await limiter.acquire("m", 90, 0.0, nothing)
    store.write(limiter.correct(row, 10))
    await limiter.acquire("m", 90, 0.0, nothing)
    with pytest.raises(WaitTooLong) as caught:
        await limiter.acquire("m", 0, 5.0, nothing)
    assert caught.value.wait_s == pytest.approx(WINDOW_S)


async def test_a_cancelled_waiter_leaves_no_trace_and_does_not_block_the_queue(store: Store) -> None:
    limiter = RateLimiter(store, RateLimits(1, 0), FakeClock())
    first = asyncio.create_task(limiter.acquire("m", 1, 1e6, nothing))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    store.write(nothing)  # what the cancellation queued is done after this
    store.write(nothing)
    assert rows(store, "rate_windows") == []
    await limiter.acquire("m", 1, 0.0, nothing)


async def test_what_does_not_fit_before_the_deadline_fails_at_once(store: Store) -> None:
    clock = FakeClock()
    limiter = RateLimiter(store, RateLimits(1, 0), clock)
    await limiter.acquire("m", 1, 1.0, nothing)
    with pytest.raises(WaitTooLong):
        await limiter.acquire("m", 1, 59.0, nothing)
    assert clock.slept == []
    await limiter.acquire("m", 1, 61.0, nothing)
    assert clock.slept == [WINDOW_S]


async def test_a_request_larger_than_the_window_is_a_mistake_in_the_settings(store: Store) -> None:
    with pytest.raises(ConfigError, match="tokens_per_minute"):
        await RateLimiter(store, RateLimits(0, 100), FakeClock()).acquire("m", 101, 1.0, nothing)


async def test_a_clock_that_was_set_back_never_overfills_and_never_blocks_for_long(store: Store) -> None:
    clock = FakeClock()
    limiter = RateLimiter(store, RateLimits(1, 0), clock)
    await limiter.acquire("m", 1, 0.0, nothing)
    clock.time -= 86_400
    await limiter.acquire("m", 1, 61.0, nothing)
    assert sum(clock.slept) == pytest.approx(WINDOW_S)
