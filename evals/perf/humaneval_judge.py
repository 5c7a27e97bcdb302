"""Judges answers to HumanEval problems, each in a box of its own, and says how far it is."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from core.sandbox_runner import SandboxRunner
from evals.perf.boxes import started_runner
from evals.perf.humaneval_problems import Problem
from sandbox.model import ExecutionResult

Judge = Callable[[SandboxRunner, Problem, str], Awaitable[ExecutionResult]]
_EVERY_S = 5.0


async def judge_all(what: str, answers: Sequence[tuple[Problem, str]], judge: Judge) -> tuple[float, int]:
    """Seconds for all, and how many passed. Raises SandboxUnavailable; RuntimeError when a box itself failed."""
    with tempfile.TemporaryDirectory(prefix="nexus-perf-") as folder:
        async with started_runner("bubblewrap", Path(folder)) as runner:
            began = time.perf_counter()
            waiting = [asyncio.create_task(_passes(runner, problem, text, judge)) for problem, text in answers]
            try:
                passed = await _told(what, waiting)
            finally:
                for task in waiting:
                    task.cancel()
            return time.perf_counter() - began, passed


async def _told(what: str, waiting: list[asyncio.Task[bool]]) -> int:
    told = time.monotonic()
    passed = 0
    for done, task in enumerate(asyncio.as_completed(waiting), 1):
        passed += await task
        if time.monotonic() - told > _EVERY_S:
            told = time.monotonic()
            print(f"  {what}: {done} of {len(waiting)} judged", file=sys.stderr)
    return passed


async def _passes(runner: SandboxRunner, problem: Problem, text: str, judge: Judge) -> bool:
    outcome = await judge(runner, problem, text)
    if outcome.verdict == "infra_error":
        raise RuntimeError(f"{problem.task}: {outcome.reason}")
    return outcome.ok
