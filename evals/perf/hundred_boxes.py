"""A hundred runs asked for at once: none waits for ever, nothing is left behind, and the cores do little else."""

from __future__ import annotations

import asyncio
import itertools
import os
import statistics
import tempfile
import time
from pathlib import Path

from core.code_executor import CodeExecutor
from evals.perf.boxes import started
from evals.perf.measure import Figure
from sandbox import cgroups

_AT_ONCE = 100
_ALONE = 20
_PROGRAM = "print(sum(range(200_000)))\n"


def figures() -> list[Figure]:
    return asyncio.run(_figures())


async def _figures() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="nexus-perf-") as folder:
        async with started("bubblewrap", Path(folder)) as executor:
            await _run_s(executor)
            before = _left_behind()
            alone = statistics.median([await _run_s(executor) for _ in range(_ALONE)])
            began = time.perf_counter()
            ended = sorted(await asyncio.gather(*(_ended_at(executor, began) for _ in range(_AT_ONCE))))
            left = len(_left_behind() - before)
    wall, cores = ended[-1], os.cpu_count() or 1
    ideal = _AT_ONCE * alone / cores
    pause = max(late - early for early, late in itertools.pairwise(ended))
    detail = f"{wall:.1f} s, ideal {ideal:.1f} s on {cores} cores; {pause * 1000:.0f} ms at most without a result"
    return [
        Figure("100 boxes at once / ideal", wall / ideal, 1.3, "x", detail),
        Figure("100 boxes at once: processes and groups left", left, 0, "", "", exact=True),
    ]


async def _run_s(executor: CodeExecutor) -> float:
    began = time.perf_counter()
    outcome = await executor.execute_python(_PROGRAM)
    if not outcome.ok:
        raise RuntimeError(f"one of the hundred did not run: {outcome.reason}")
    return time.perf_counter() - began


async def _ended_at(executor: CodeExecutor, began: float) -> float:
    await _run_s(executor)
    return time.perf_counter() - began


def _left_behind() -> set[str]:
    """This process's control groups, and processes below it."""
    own = os.getpid()
    groups = [*cgroups.ROOT.glob(f"{cgroups.PARENT}/{own}-*"), *cgroups.ROOT.glob(f"*/{cgroups.PARENT}/{own}-*")]
    children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
    return {str(group) for group in groups} | set(children)
