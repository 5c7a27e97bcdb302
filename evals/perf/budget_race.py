"""One hundred runs' worth of calls from four processes at once, against one budget that is far too small for them."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

from config.errors import BudgetExceeded
from core.clock import SystemClock
from core.cost_manager import CostManager, Limits
from core.gateway.model_calls import Message, ModelRequest, Usage
from core.ids import RunId
from core.storage.store import Store
from evals.perf.measure import Figure

_PROCESSES = 4
_RUNS_EACH = 25
_CALLS = 8
_LIMIT = 2_000_003  # micro-dollars; a prime, so that no sum of equal costs ends exactly there
_WORST = 40_000
_DAY = Limits(task=0, run=0, day=_LIMIT, month=0)


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "nexus.db"
        with Store(path):  # migrates once, before the others come
            pass
        context = multiprocessing.get_context("spawn")
        with context.Pool(_PROCESSES) as pool:
            seen = pool.starmap(_work, [(path, worker) for worker in range(_PROCESSES)])
        with Store(path) as store:
            rows = store.query("SELECT state, COUNT(*) AS number FROM ledger GROUP BY state")
            refused = _PROCESSES * _RUNS_EACH * _CALLS - sum(row["number"] for row in rows)
            left_open = sum(row["number"] for row in rows if row["state"] == "reserved")
    if not refused or left_open:
        raise RuntimeError(f"nothing was contended: {refused} refused, {left_open} left open")
    highest = max(seen)
    detail = f"{_PROCESSES} processes, {_PROCESSES * _RUNS_EACH} runs: at most {highest / _LIMIT:.4%} of the budget"
    detail += f" was committed at any time, {refused} calls refused"
    return [Figure("budget exceeded by, micro-dollars", max(0, highest - _LIMIT), 0, "", detail, exact=True)]


def _work(path: Path, worker: int) -> int:
    """The most that this process ever saw committed, in micro-dollars."""
    with Store(path) as store:
        cost = CostManager(store, _DAY, SystemClock())

        async def every_run() -> list[int]:
            names = [RunId(f"{worker:06d}-{number:04d}-000000") for number in range(_RUNS_EACH)]
            return await asyncio.gather(*(_run(store, cost, name) for name in names))

        return max(asyncio.run(every_run()))


async def _run(store: Store, cost: CostManager, run: RunId) -> int:
    rng = random.Random(run)
    highest = 0
    for request in _requests(run):
        try:
            reservation = await cost.reserve(request, "measure/model", rng.randrange(1, _WORST), "measure")
        except BudgetExceeded:
            continue
        highest = max(highest, cost.scopes(run, request.task_id)[0].committed)
        await asyncio.sleep(rng.random() / 100)
        # Some calls cost all they might, some less, and some are never billed.
        actual = rng.choice((reservation.micros, reservation.micros // 3))
        billed = rng.random() < 0.8
        end = cost.settle(reservation, actual, Usage(1, 1)) if billed else cost.release(reservation)
        await store.awrite(end)
    return highest


def _requests(run: RunId) -> Iterator[ModelRequest]:
    message = (Message("user", f"process {os.getpid()}"),)
    for number in range(_CALLS):
        yield ModelRequest(run, f"task {run}", f"measure.{number}", "implementer", "simple", message, 100, 10.0)
