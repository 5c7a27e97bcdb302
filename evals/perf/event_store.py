"""The run log: durable events per second with group commit, and the time to fold 10,000 events into a state."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from config.settings import Settings
from core import events as ev
from core.ids import RunId
from core.run.runs import create_run
from core.state import fold
from core.storage.event_log import EventLog, read_events
from core.storage.store import Store
from evals.perf.measure import Figure

_EVENTS = 10_000


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "nexus.db") as store:
        run = RunId("000000-0000-000000")
        create_run(store, run, Path(folder), "measure", Settings(), {})
        rate = asyncio.run(_write(EventLog(store, run)))
        began = time.perf_counter()
        state = fold(read_events(store, run))
        replay = time.perf_counter() - began
    assert state.seq == _EVENTS
    return [
        Figure("durable events per second", rate, 5000, "/s", f"{_EVENTS} events, FULL sync", higher_is_better=True),
        Figure("replay of 10,000 events", replay, 0.5, "s", "read from the database and folded"),
    ]


async def _write(log: EventLog) -> float:
    began = time.perf_counter()
    for number in range(_EVENTS):
        log.emit(_body(number))
    await log.flush()
    return _EVENTS / (time.perf_counter() - began)


def _body(number: int) -> ev.Body:
    """As in a real log: mostly tests, each with a name of its own."""
    match number % 50:
        case 0:
            return ev.PhaseStarted("verify", 1)
        case 1:
            return ev.ModelAnswered("implementer", "implementer.1/0", "m", 1200, 400, 0, 2100, False, 900, 1)
        case 2:
            return ev.GuardrailDecided("CONTINUE", "", "", "verify", 1)
    return ev.TestFinished(f"tests/test_a.py::test_{number}", "passed", 3, "", 1)
