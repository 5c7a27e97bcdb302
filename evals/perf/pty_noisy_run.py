"""A run that is under way, as a process: `python -m evals.perf.pty_noisy_run HOME WHAT`.

WHAT is a number of lines to print per second, or `hour`: what a noisy run brings in an hour, as fast as it can be
written. It holds the run's lock and writes events, answers and sandbox output as an engine does. Prints the run's id
when it is under way; finishes when its standard input is closed, and prints the number of lines.
"""

from __future__ import annotations

import asyncio
import select
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO

from config.paths import make_private_dir, user_paths
from config.settings import Settings
from core import events as ev
from core.guardrails import GuardEvent
from core.ids import new_run_id
from core.run.runs import begin_run, claim, create_run, finish_run
from core.storage.event_log import EventLog
from core.storage.store import Store

MINUTES = 60
LINES_PER_MINUTE = 30_000
TESTS_PER_MINUTE = 300
ANSWER_BYTES = 20_000
_PIECES = 40
_TESTS_PER_S = 20
_TICK_S = 0.01

Work = Callable[[EventLog, Path], Awaitable[int]]
"""Fills the run's folder and log until there is no more, and says how many lines were printed last."""


def line(number: int) -> str:
    """Row `number` of the output, the first is 1; 85 characters."""
    return f"line {number:08d} tests/unit/test_session.py::test_refresh waits for a lock of {number % 997:3d} others"


def main(home: Path, work: Work) -> None:
    paths = user_paths({"NEXUS_HOME": str(home)})
    with Store(paths.database) as store:
        run, project = new_run_id(datetime.now(UTC)), home.parent / "project"
        create_run(store, run, project, "Print without end", Settings(), {"profile": "measure"})
        lock = claim(paths, run)
        try:
            begin_run(store, run)
            print(run, flush=True)
            printed = asyncio.run(_drive(EventLog(store, run), paths.run_dir(run), work))
            finish_run(store, run, _END)
        finally:
            lock.release()
    print(printed, flush=True)


_END = ev.RunFinished("not_verified", "It never ended.", 4)


async def _drive(log: EventLog, folder: Path, work: Work) -> int:
    for name in ("model", "sandbox"):
        make_private_dir(folder / name)
    log.emit(ev.RunStarted("Print without end", "project", "measure", "bubblewrap", 5_000_000, "0.1.0"))
    printed = await work(log, folder)
    await asyncio.to_thread(sys.stdin.read)
    log.emit(_END)
    await log.flush()
    return printed


def _told_to_end() -> bool:
    return bool(select.select([sys.stdin], [], [], 0)[0])


async def print_without_end(lines_per_s: int, log: EventLog, folder: Path) -> int:
    """Lines at that rate and, when there are any, twenty tests per second."""
    log.emit(ev.PhaseStarted("tester", 1))
    with _output(log, folder, 1) as file:
        began, printed, tests = time.monotonic(), 0, 0
        while not _told_to_end():
            elapsed = time.monotonic() - began
            due = int(elapsed * lines_per_s)
            _print(file, printed, due)
            printed = due
            while lines_per_s and tests < elapsed * _TESTS_PER_S:
                tests += 1
                log.emit(_test(tests))
            await asyncio.sleep(_TICK_S)
    return printed


async def an_hour(log: EventLog, folder: Path) -> int:
    """Every minute an answer, then tests and their output."""
    for minute in range(1, MINUTES + 1):
        await _answer(log, folder, minute)
        log.emit(ev.PhaseStarted("tester", minute))
        with _output(log, folder, minute) as file:
            for part in range(TESTS_PER_MINUTE):
                lines = LINES_PER_MINUTE // TESTS_PER_MINUTE
                _print(file, part * lines, (part + 1) * lines)
                log.emit(_test(part))
                if part % 50 == 0:
                    await log.flush()
        log.emit(ev.SandboxFinished("verify", minute, "failed", "A test failed.", TESTS_PER_MINUTE - 1, 1, 60_000))
        fact = GuardEvent("failure", phase="implementer", elapsed_s=60.0 * minute).to_dict()
        log.emit(ev.GuardrailDecided("RETRY", "retries", "1 test failed", "implementer", minute, fact))
        log.emit(ev.PhaseFinished("tester", minute, "failed", "1 test failed", 30_000))
    await log.flush()
    return LINES_PER_MINUTE


async def _answer(log: EventLog, folder: Path, minute: int) -> None:
    """Markdown, streamed in pieces."""
    step, name = f"implementer.{minute}/0", f"model/implementer.{minute}.md"
    text = f"### Attempt {minute}\n\nThe lock is held *too long*; `refresh()` lets go of it now.\n\n- one\n- two\n"
    for number in range(ANSWER_BYTES // 1000):
        body = "".join(f"    line_{each} = session.refresh(token, {each})  # as before\n" for each in range(18))
        text += f"\n### session/part_{number}.py\n```python\n{body}```\n"
    log.emit(ev.PhaseStarted("implementer", minute))
    log.emit(ev.ModelCalled("implementer", step, "measure/model", 2000))
    with (folder / name).open("w", encoding="utf-8") as file:
        for piece in range(_PIECES):
            file.write(text[piece * len(text) // _PIECES : (piece + 1) * len(text) // _PIECES])
            file.flush()
            log.emit(ev.ModelProgress("implementer", step, name, file.tell()))
            await asyncio.sleep(_TICK_S)
    log.emit(ev.ModelAnswered("implementer", step, "measure/model", 9000, 5000, 0, 2000, False, 30_000, 1, name))
    log.emit(ev.PhaseFinished("implementer", minute, duration_ms=30_000))


def _output(log: EventLog, folder: Path, attempt: int) -> IO[str]:
    name = f"sandbox/verify-{attempt}.log"
    file = (folder / name).open("w", encoding="utf-8")
    log.emit(ev.SandboxStarted("verify", attempt, "bubblewrap", "pytest -v", name))
    return file


def _print(file: IO[str], printed: int, due: int) -> None:
    file.write("".join(f"{line(number)}\n" for number in range(printed + 1, due + 1)))
    file.flush()


def _test(number: int) -> ev.TestFinished:
    return ev.TestFinished(f"tests/unit/test_session.py::test_{number}", "passed", 3, "", 1)


if __name__ == "__main__":
    what = sys.argv[2]
    main(Path(sys.argv[1]), an_hour if what == "hour" else partial(print_without_end, int(what)))
