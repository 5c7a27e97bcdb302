"""Budgets: reserved before, settled after, never exceeded."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import BudgetExceeded
from config.settings import Settings
from core.cost_manager import CostManager, Limits, dollars, micros
from core.gateway.model_calls import Usage
from core.storage.store import Store
from tests.support.fake_clock import FakeClock
from tests.support.gateways import request, rows

pytestmark = pytest.mark.anyio

LIMIT = 1000

# Refuses, inside SQLite, any state of the ledger that would exceed the limit - in whichever process it arises.
WATCH = f"""
CREATE TRIGGER watch_{{event}} AFTER {{event}} ON ledger
WHEN (SELECT SUM(CASE state WHEN 'reserved' THEN reserved_micros WHEN 'settled' THEN cost_micros ELSE 0 END)
      FROM ledger) > {LIMIT}
BEGIN SELECT RAISE(ABORT, 'budget exceeded'); END
"""


def limits(task: int = 0, run: int = 0, day: int = 0, month: int = 0) -> Limits:
    return Limits(task, run, day, month)


def manager(store: Store, limit: Limits, clock: FakeClock | None = None) -> CostManager:
    return CostManager(store, limit, clock or FakeClock())


def spend_in_another_process(path: str, seed: int) -> tuple[int, int]:
    """Reserve, then settle or release, as fast as possible; (admitted, refused)."""

    async def work() -> tuple[int, int]:
        rng, admitted, refused = random.Random(seed), 0, 0
        with Store(Path(path)) as store:
            cost = CostManager(store, limits(day=LIMIT), FakeClock())

            async def one(number: int) -> None:
                nonlocal admitted, refused
                worst = rng.randint(1, 60)
                try:
                    held = await cost.reserve(request(f"analyst.{number}/0", run=f"run-{seed}"), "m", worst, "")
                except BudgetExceeded:
                    refused += 1
                    return
                admitted += 1
                if rng.random() < 0.5:
                    await store.awrite(cost.settle(held, rng.randint(0, worst), Usage(1, 1)))
                elif rng.random() < 0.5:
                    await store.awrite(cost.release(held))

            await asyncio.gather(*(one(number) for number in range(100)))
        return admitted, refused

    return asyncio.run(work())


def test_four_processes_never_exceed_a_budget_by_one_micro_dollar(tmp_path: Path) -> None:
    path = tmp_path / "nexus.db"
    with Store(path) as store:
        for event in ("INSERT", "UPDATE"):
            store.write(lambda conn, event=event: conn.execute(WATCH.format(event=event)))
        with multiprocessing.get_context("spawn").Pool(4) as pool:
            outcomes = pool.starmap(spend_in_another_process, [(str(path), seed) for seed in range(4)])
        assert sum(admitted + refused for admitted, refused in outcomes) == 400
        assert all(refused for _, refused in outcomes), "the limit must have been reached for this to prove anything"
        committed = manager(store, limits(day=LIMIT)).scopes("r", "t")[0].committed
        assert LIMIT // 2 < committed <= LIMIT


@pytest.mark.parametrize("scope", ["task", "run", "day", "month"])
async def test_each_budget_refuses_what_does_not_fit_and_says_by_how_much(store: Store, scope: str) -> None:
    cost = manager(store, limits(**{scope: 50_000}))
    held = await cost.reserve(request(), "m", 40_000, "")
    with pytest.raises(BudgetExceeded) as caught:
        await cost.reserve(request("analyst.1/0"), "m", 12_300, "")
    assert caught.value.exit_code == 6
    assert "needs up to $0.0123, but $0.0100 is left" in caught.value.message
    assert f"the {scope}'s $0.0500" in caught.value.message
    store.write(cost.release(held))
    await cost.reserve(request("analyst.1/0"), "m", 50_000, "")


async def test_the_last_micro_dollar_can_be_spent_and_not_one_more(store: Store) -> None:
    cost = manager(store, limits(run=10))
    await cost.reserve(request(), "m", 10, "")
    with pytest.raises(BudgetExceeded):
        await cost.reserve(request("analyst.1/0"), "m", 1, "")
    assert cost.remaining("261122-2104-7f3a9c", "task") == 0


async def test_a_day_ends_at_midnight_utc_and_a_month_goes_on(store: Store) -> None:
    clock = FakeClock(1_795_391_999.0)  # 2026-11-22 23:59:59 UTC
    cost = manager(store, limits(day=100, month=150), clock)
    await cost.reserve(request(), "m", 100, "")
    clock.advance(1)
    await cost.reserve(request("analyst.1/0", run="other"), "m", 50, "")
    with pytest.raises(BudgetExceeded, match="month"):
        await cost.reserve(request("analyst.2/0", run="third"), "m", 1, "")


async def test_limits_of_zero_are_off(store: Store) -> None:
    cost = manager(store, limits())
    await cost.reserve(request(), "m", 10**12, "")
    assert cost.remaining("261122-2104-7f3a9c", "task") is None


async def test_each_threshold_is_reported_once_across_processes(store: Store, tmp_path: Path) -> None:
    cost = manager(store, limits(run=1000))

    async def settle(step: str, amount: int) -> list[int]:
        held = await cost.reserve(request(step), "m", amount, "")
        store.write(cost.settle(held, amount, Usage(1, 1)))
        return [alert.percent for alert in await cost.new_alerts("261122-2104-7f3a9c", "task")]

    assert await settle("analyst.0/0", 499) == []
    assert await settle("analyst.1/0", 1) == [50]
    assert await settle("analyst.2/0", 500) == [80, 100]
    with Store(tmp_path / "store" / "nexus.db") as other:
        assert await manager(other, limits(run=1000)).new_alerts("261122-2104-7f3a9c", "task") == []


def test_reservations_of_a_dead_process_are_closed_by_what_is_known(store: Store, tmp_path: Path) -> None:
    script = (
        "import asyncio, os, pathlib, time\n"
        "from core.storage.store import Store\n"
        "from core.clock import SystemClock\n"
        "from core.cost_manager import CostManager, Limits\n"
        "from tests.support.gateways import request\n"
        f"store = Store(pathlib.Path({str(store.path)!r}))\n"
        "cost = CostManager(store, Limits(0, 0, 0, 0), SystemClock())\n"
        "sent = asyncio.run(cost.reserve(request('analyst.0/0'), 'm', 70, ''))\n"
        "store.write(cost.begin(sent))\n"
        "asyncio.run(cost.reserve(request('analyst.1/0'), 'm', 30, ''))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parents[2], check=False)
    cost = manager(store, limits(run=1000))
    mine = asyncio.run(cost.reserve(request("analyst.2/0"), "m", 5, ""))
    store.write(lambda conn: conn.execute("UPDATE ledger SET created_at = 4e9 WHERE pid = ?", (os.getpid(),)))
    assert asyncio.run(cost.sweep()) == 2
    states = {row["step"]: (row["state"], row["cost_micros"], row["estimated"]) for row in rows(store, "ledger")}
    assert states["analyst.0/0"] == ("settled", 70, 1), "it had gone out: the worst case is booked, as an estimate"
    assert states["analyst.1/0"] == ("released", 0, 0)
    assert states["analyst.2/0"] == ("reserved", 0, 0), "this process lives"
    assert mine.micros == 5


async def test_a_reservation_is_closed_once(store: Store) -> None:
    cost = manager(store, limits(run=1000))
    held = await cost.reserve(request(), "m", 100, "")
    assert store.write(cost.settle(held, 40, Usage(10, 5)))
    assert not store.write(cost.settle(held, 90, Usage(10, 5)))
    assert not store.write(cost.release(held))
    assert cost.spent("run", "261122-2104-7f3a9c") == 40


async def test_a_caller_cancelled_while_reserving_holds_nothing_back(store: Store) -> None:
    cost = manager(store, limits(run=100))
    call = asyncio.create_task(cost.reserve(request(), "m", 100, ""))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    for _ in range(2):  # what the cancellation queued is done after this
        store.write(lambda _: None)
    await cost.reserve(request("analyst.1/0"), "m", 100, "")


@given(st.floats(min_value=0, max_value=10**6, allow_nan=False))
def test_a_limit_is_never_stretched_by_rounding(usd: float) -> None:
    assert 0 <= micros(usd) <= usd * 1_000_000 * (1 + 1e-12)


def test_small_sums_are_shown_to_the_micro_dollar() -> None:
    assert [dollars(amount) for amount in (500_000, 12_345, 1)] == ["$0.5000", "$0.012345", "$0.000001"]


def test_the_limits_of_the_settings_are_in_micro_dollars() -> None:
    assert Limits.of(Settings()) == Limits(500_000, 500_000, 10_000_000, 100_000_000)


async def test_a_clock_that_is_set_back_does_not_open_the_budget_of_a_day_again(store: Store) -> None:
    clock = FakeClock()
    cost = manager(store, limits(day=100, month=150), clock)
    await cost.reserve(request(), "m", 100, "")
    clock.time -= 40 * 86_400
    with pytest.raises(BudgetExceeded, match="day"):
        await cost.reserve(request("analyst.1/0"), "m", 1, "")
