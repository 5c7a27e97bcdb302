"""A run that is under way and prints without end, as a process: `python -m evals.perf.pty_noisy_run HOME LINES_PER_S`.

It holds the run's lock and writes events and sandbox output as an engine does. Prints the run's id when it is under
way, and the number of lines when its standard input was closed and it finished.
"""

from __future__ import annotations

import asyncio
import select
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from config.paths import Paths, make_private_dir, user_paths
from config.settings import Settings
from core import events as ev
from core.ids import new_run_id
from core.run.runs import begin_run, claim, create_run, finish_run
from core.storage.event_log import EventLog
from core.storage.store import Store

LOG = "sandbox/verify-1.log"
TESTS_PER_S = 20
_TICK_S = 0.01


def line(number: int) -> str:
    """Row `number` of the output, the first is 1; 85 characters."""
    return f"line {number:08d} tests/unit/test_session.py::test_refresh waits for a lock of {number % 997:3d} others"


def main(home: Path, lines_per_s: int) -> None:
    paths = user_paths({"NEXUS_HOME": str(home)})
    with Store(paths.database) as store:
        asyncio.run(_drive(store, paths, home.parent / "project", lines_per_s))


async def _drive(store: Store, paths: Paths, project: Path, lines_per_s: int) -> None:
    run = new_run_id(datetime.now(UTC))
    create_run(store, run, project, "Print without end", Settings(), {"profile": "measure"})
    lock = claim(paths, run)
    try:
        begin_run(store, run)
        log = EventLog(store, run)
        log.emit(ev.RunStarted("Print without end", str(project), "measure", "bubblewrap", 5_000_000, "0.1.0"))
        log.emit(ev.PhaseStarted("implementer", 1))
        log.emit(ev.PhaseFinished("implementer", 1, duration_ms=1000))
        log.emit(ev.PhaseStarted("tester", 1))
        place = paths.run_dir(run) / LOG
        make_private_dir(place.parent)
        with place.open("w", encoding="utf-8") as file:
            log.emit(ev.SandboxStarted("verify", 1, "bubblewrap", "pytest -v", LOG))
            await log.flush()
            print(run, flush=True)
            printed = await _print(file, log, lines_per_s)
        end = ev.RunFinished("not_verified", "It never ended.", 4)
        log.emit(end)
        await log.flush()
        finish_run(store, run, end)
    finally:
        lock.release()
    print(printed, flush=True)


async def _print(file: IO[str], log: EventLog, lines_per_s: int) -> int:
    """Lines at the given rate, and every twentieth of a second a test that ended, until standard input is closed."""
    began, printed, tests = time.monotonic(), 0, 0
    while not select.select([sys.stdin], [], [], 0)[0]:
        elapsed = time.monotonic() - began
        due = int(elapsed * lines_per_s)
        file.write("".join(f"{line(number)}\n" for number in range(printed + 1, due + 1)))
        file.flush()
        printed = due
        while tests < elapsed * TESTS_PER_S:
            tests += 1
            log.emit(ev.TestFinished(f"tests/unit/test_session.py::test_{tests}", "passed", 3, "", 1))
        await asyncio.sleep(_TICK_S)
    return printed


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
