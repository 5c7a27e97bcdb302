"""A program of one line in Docker's pool of single-use boxes, against three ways to run it with less isolation.

All four in turn, with a pause in which the pool makes its next container: it gives each run a new one, so that its
figure is that of a run now and then, not of runs one after another.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from core.code_executor import CodeExecutor
from evals.perf import llm_sandbox_pool
from evals.perf.boxes import REFILL_S, running_container, started
from evals.perf.measure import Figure, wall_ms
from evals.perf.one_line_program import PROGRAM
from sandbox.image_builder import image_tag

_ROUNDS = 12
_RUN = ("docker", "run", "--rm", "--network", "none")


def figures() -> list[Figure]:
    return asyncio.run(_figures())


async def _figures() -> list[Figure]:
    program = ("python3", "-c", PROGRAM)
    with tempfile.TemporaryDirectory(prefix="nexus-perf-") as folder, ExitStack() as opened:
        async with started("docker", Path(folder)) as executor:
            container = opened.enter_context(running_container(Path(folder), Path(folder)))
            peers: dict[str, Callable[[], float]] = {
                "exec": lambda: wall_ms(("docker", "exec", container, *program)),
                "run": lambda: wall_ms((*_RUN, image_tag("python"), *program)),
            }
            if llm_sandbox_pool.is_installed():
                peers["llm-sandbox"] = await asyncio.to_thread(opened.enter_context, llm_sandbox_pool.warm(PROGRAM))
            ours, theirs = await _in_turn(executor, peers)
    found = [
        _ratio("warm `docker exec`", ours, theirs["exec"], 1.2),
        Figure(
            "one-line program: `docker run` / Docker pool",
            theirs["run"] / ours,
            3,
            "x",
            f"{theirs['run']:.0f} ms with --rm --network none, pool {ours:.0f} ms",
            higher_is_better=True,
        ),
    ]
    if "llm-sandbox" in theirs:
        found.append(_ratio("llm-sandbox's pool", ours, theirs["llm-sandbox"], 1))
    else:
        print("not measured: llm-sandbox's pool. Run: .venv/bin/pip install -e '.[perf]'", file=sys.stderr)
    return found


def _ratio(peer: str, ours: float, theirs: float, target: float) -> Figure:
    detail = f"{ours:.0f} ms in a new container, {peer} {theirs:.0f} ms; medians of {_ROUNDS} in turn"
    return Figure(f"one-line program: Docker pool / {peer}", ours / theirs, target, "x", detail)


async def _in_turn(executor: CodeExecutor, peers: dict[str, Callable[[], float]]) -> tuple[float, dict[str, float]]:
    """Medians in milliseconds of our run and of each peer's."""
    ours: list[float] = []
    theirs: dict[str, list[float]] = {name: [] for name in peers}
    for _ in range(_ROUNDS + 1):
        await asyncio.sleep(REFILL_S)
        began = time.perf_counter()
        outcome = await executor.execute_python(PROGRAM)
        ours.append((time.perf_counter() - began) * 1000)
        if not outcome.ok:
            raise RuntimeError(f"the one-line program did not run: {outcome.reason}")
        await asyncio.sleep(REFILL_S)
        for name, measure in peers.items():
            theirs[name].append(await asyncio.to_thread(measure))
    return statistics.median(ours[1:]), {name: statistics.median(times[1:]) for name, times in theirs.items()}
