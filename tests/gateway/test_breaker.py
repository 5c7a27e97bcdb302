"""The circuit breaker: opens after exactly N, lets exactly k probes through, survives a restart."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.gateway.circuit_breaker import Blocked, BreakerPolicy, BreakerState, CircuitBreaker, Outcome, admit, settle
from core.storage.store import Store
from tests.support.fake_clock import FakeClock
from tests.support.gateways import rows

pytestmark = pytest.mark.anyio

POLICY = BreakerPolicy(failures=3, open_s=5, probes=1)


async def fail(breaker: CircuitBreaker, store: Store, times: int) -> None:
    for number in range(times):
        await breaker.permit("m", f"call-{number}")
        store.write(breaker.record("m", f"call-{number}", "failed"))


async def blocked(breaker: CircuitBreaker, probe: str = "p") -> float:
    with pytest.raises(Blocked) as caught:
        await breaker.permit("m", probe)
    return caught.value.wait_s


async def test_it_opens_after_exactly_n_failures_in_a_row(store: Store) -> None:
    breaker = CircuitBreaker(store, POLICY, FakeClock())
    await fail(breaker, store, 2)
    store.write(breaker.record("m", "x", "ok"))
    await fail(breaker, store, 3)
    assert await blocked(breaker) == 5


@pytest.mark.parametrize("probes", [1, 3])
async def test_half_open_lets_exactly_k_of_fifty_concurrent_callers_through(store: Store, probes: int) -> None:
    clock = FakeClock()
    breaker = CircuitBreaker(store, BreakerPolicy(failures=1, open_s=5, probes=probes), clock)
    await fail(breaker, store, 1)
    clock.advance(5)
    answers = await asyncio.gather(
        *(breaker.permit("m", f"probe-{number}") for number in range(50)), return_exceptions=True
    )
    assert sum(answer is None for answer in answers) == probes
    assert sum(isinstance(answer, Blocked) for answer in answers) == 50 - probes


async def test_processes_share_one_set_of_probes(store: Store) -> None:
    clock = FakeClock()
    await fail(CircuitBreaker(store, POLICY, clock), store, 3)
    clock.advance(5)
    with Store(store.path) as second:
        await CircuitBreaker(second, POLICY, clock).permit("m", "theirs")
        assert await blocked(CircuitBreaker(store, POLICY, clock), "ours") > 0


async def test_k_good_probes_close_it_and_a_bad_one_doubles_the_open_time(store: Store) -> None:
    clock = FakeClock()
    breaker = CircuitBreaker(store, POLICY, clock)
    await fail(breaker, store, 3)
    clock.advance(5)
    await breaker.permit("m", "first")
    store.write(breaker.record("m", "first", "failed"))
    assert await blocked(breaker) == 10
    clock.advance(10)
    await breaker.permit("m", "second")
    store.write(breaker.record("m", "second", "ok"))
    await breaker.permit("m", "third")
    await breaker.permit("m", "fourth")


async def test_a_cancelled_probe_says_nothing_and_frees_its_place(store: Store) -> None:
    clock = FakeClock()
    breaker = CircuitBreaker(store, POLICY, clock)
    await fail(breaker, store, 3)
    clock.advance(5)
    await breaker.permit("m", "first")
    store.write(breaker.record("m", "first", "neutral"))
    await breaker.permit("m", "second")


async def test_the_place_of_a_probe_whose_process_died_is_freed_in_time(store: Store) -> None:
    clock = FakeClock()
    breaker = CircuitBreaker(store, POLICY, clock)
    await fail(breaker, store, 3)
    clock.advance(5)
    await breaker.permit("m", "lost")
    await blocked(breaker)
    clock.advance(POLICY.probe_lease_s)
    await breaker.permit("m", "next")


async def test_an_open_breaker_stays_open_over_a_restart(tmp_path: Path) -> None:
    clock = FakeClock()
    with Store(tmp_path / "a.db") as store:
        await fail(CircuitBreaker(store, POLICY, clock), store, 3)
    with Store(tmp_path / "a.db") as store:
        clock.advance(2)
        assert await blocked(CircuitBreaker(store, POLICY, clock)) == 3


async def test_a_clock_that_was_set_back_delays_by_one_open_time_at_most(store: Store) -> None:
    clock = FakeClock()
    breaker = CircuitBreaker(store, POLICY, clock)
    await fail(breaker, store, 3)
    clock.advance(-86_400)
    assert await blocked(breaker) == 5
    clock.advance(5)
    await breaker.permit("m", "p")


async def test_a_healthy_model_costs_no_write(store: Store) -> None:
    breaker = CircuitBreaker(store, POLICY, FakeClock())
    await breaker.permit("m", "a")
    store.write(breaker.record("m", "a", "ok"))
    assert rows(store, "breakers") == []


steps = st.lists(
    st.tuples(st.sampled_from(["ask", "ok", "failed", "neutral"]), st.integers(0, 5), st.floats(0, 20)), max_size=60
)


@given(steps, st.integers(1, 3))
def test_never_more_than_k_probes_are_out_whatever_happens(history: list[tuple[str, int, float]], k: int) -> None:
    policy = BreakerPolicy(failures=2, open_s=5, probes=k)
    state, now = BreakerState(), 1000.0
    for what, caller, pause in history:
        now += pause
        if what == "ask":
            state, _ = admit(state, policy, now, str(caller))
        else:
            outcome: Outcome = "ok" if what == "ok" else "failed" if what == "failed" else "neutral"
            state = settle(state, policy, now, outcome, str(caller))
        assert len(state.probes) <= k
        assert state.open_s <= policy.open_cap_s
        assert (state.open_s == 0) == (state.failures < policy.failures)
