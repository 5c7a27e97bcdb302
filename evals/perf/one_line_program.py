"""What bubblewrap's isolation costs a program of one line, and what of it is bwrap itself and a second Python."""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from core.code_executor import CodeExecutor
from evals.perf.boxes import started
from evals.perf.measure import Figure, wall_ms
from sandbox.bubblewrap import BOX_UID
from sandbox.host_python import find_interpreter

PROGRAM = "print(1)\n"
_ROUNDS = 25
_DROP = ("setpriv", f"--reuid={BOX_UID}", f"--regid={BOX_UID}", "--clear-groups")
_WALLS = ("--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp")


def figures() -> list[Figure]:
    return asyncio.run(_figures())


async def _figures() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="nexus-perf-") as folder:
        async with started("bubblewrap", Path(folder)) as executor:
            ours, bare, drop, walls = await _in_turn(executor)
    detail = (
        f"{ours:.0f} ms, bare interpreter {bare:.0f} ms; the floor: dropping the user {drop:.0f} ms,"
        f" with bwrap and its Python {walls:.0f} ms"
    )
    return [Figure("one-line program: bubblewrap - bare interpreter", ours - bare, 30, "ms", detail)]


async def _in_turn(executor: CodeExecutor) -> tuple[float, ...]:
    """Medians of our run, the bare interpreter, `setpriv true`, and plain bwrap around the interpreter."""
    python = str(find_interpreter(BOX_UID if os.geteuid() == 0 else os.geteuid()).executable)
    drop = _DROP if os.geteuid() == 0 and shutil.which("setpriv") else ()
    run = (python, "-c", PROGRAM)
    peers = (run, (*drop, "true"), (*drop, "bwrap", *_WALLS, *run))
    rows: list[tuple[float, ...]] = []
    for _ in range(_ROUNDS + 1):
        began = time.perf_counter()
        outcome = await executor.execute_python(PROGRAM)
        ours = (time.perf_counter() - began) * 1000
        if not outcome.ok:
            raise RuntimeError(f"the one-line program did not run: {outcome.reason}")
        rows.append((ours, *[await asyncio.to_thread(wall_ms, peer) for peer in peers]))
    return tuple(statistics.median(column) for column in zip(*rows[1:], strict=True))  # the first warmed the caches
