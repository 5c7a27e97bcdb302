"""What isolation costs: a test of one line under pytest in a box, against the same pytest without one, in turn.

bubblewrap is compared with the bare interpreter, Docker's warm pool with `docker exec` in a container that runs.
"""

from __future__ import annotations

import asyncio
import functools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from config.errors import SandboxUnavailable
from core.code_executor import CodeExecutor
from evals.perf.boxes import REFILL_S, running_container, started
from evals.perf.measure import Figure, wall_ms
from sandbox import tools
from sandbox.bubblewrap import BOX_UID
from sandbox.host_python import find_interpreter
from sandbox.readable import readable_by

_ROUNDS = 15
_TEST = "import pytest\n\ndef test_sum():\n    assert 1 + 1 == 2\n"
"""The import keeps it from running without pytest."""
_PYTEST = (
    "import sys; sys.path.append(sys.argv[1]); import pytest;"
    " raise SystemExit(pytest.main(['-q', '-p', 'no:cacheprovider', 'test_sum.py']))"
)
_OPTIONS = ("-S", "-s", "-P", "-B", "-c", _PYTEST)


def figures() -> list[Figure]:
    return asyncio.run(_figures())


async def _figures() -> list[Figure]:
    found: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="nexus-perf-") as folder:
        project, cache = Path(folder) / "project", Path(folder) / "cache"
        project.mkdir()
        (project / "test_sum.py").write_text(_TEST)
        for measure in (_bubblewrap, _docker):
            try:
                found.append(await measure(project, cache))
            except SandboxUnavailable as problem:
                print(f"not measured: {problem.message} {problem.remedy}", file=sys.stderr)
    return found


async def _bubblewrap(project: Path, cache: Path) -> Figure:
    async with started("bubblewrap", cache) as executor:
        uid = BOX_UID if os.geteuid() == 0 else os.geteuid()
        python = find_interpreter(uid)
        folder = tools.prepare_tools(cache, python.tag, functools.partial(readable_by, uid), _made)
        command = [str(python.executable), *_OPTIONS, str(folder / "tools")]
        ours, peer = await _in_turn(executor, project, command)
    detail = f"{ours:.0f} ms, bare interpreter {peer:.0f} ms; medians of {_ROUNDS} runs each, in turn"
    return Figure("one-line pytest: bubblewrap - bare interpreter", ours - peer, 60, "ms", detail)


async def _docker(project: Path, cache: Path) -> Figure:
    async with started("docker", cache) as executor:
        with running_container(project, cache) as container:
            command = ["docker", "exec", container, "python3", *_OPTIONS, "/opt/nexus/tools"]
            ours, peer = await _in_turn(executor, project, command, pause_s=REFILL_S)
    detail = f"{ours:.0f} ms, `docker exec` {peer:.0f} ms; medians of {_ROUNDS} runs each, in turn"
    return Figure("one-line pytest: Docker's warm pool - docker exec", ours - peer, 100, "ms", detail)


async def _in_turn(
    executor: CodeExecutor, project: Path, peer: Sequence[str], pause_s: float = 0
) -> tuple[float, float]:
    """Medians of our run and of the command `peer`, in milliseconds."""
    pairs: list[tuple[float, float]] = []
    for _ in range(_ROUNDS + 1):
        await asyncio.sleep(pause_s)
        pairs.append((await _boxed_ms(executor, project), await asyncio.to_thread(wall_ms, peer, cwd=project)))
    ours, theirs = zip(*pairs[1:], strict=True)  # the first round warmed the caches
    return statistics.median(ours), statistics.median(theirs)


async def _boxed_ms(executor: CodeExecutor, project: Path) -> float:
    began = time.perf_counter()
    result = await executor.execute_project(project, pristine={}, select=("test_sum.py",))
    if not result.ok:
        raise RuntimeError(f"the one-line test did not pass: {result.reason}")
    return (time.perf_counter() - began) * 1000


def _made(_: Path) -> None:
    raise RuntimeError("the backend that was started should have made its tools")
