"""What a TypeScript box costs: one test, type-checked and guarded, against bare vitest of the same toolchain."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from core.code_executor import CodeExecutor
from evals.perf.boxes import started
from evals.perf.measure import Figure, wall_ms
from sandbox.toolchains import store

_ROUNDS = 11
_SUM = "export function add(a: number, b: number): number {\n  return a + b;\n}\n"
_TEST = """import { expect, test } from "vitest";
import { add } from "./sum";
test("adds", () => {
  expect(add(1, 2)).toBe(3);
});
"""


def figures() -> list[Figure]:
    return asyncio.run(_figures())


async def _figures() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="nexus-perf-") as folder:
        project, cache = Path(folder) / "project", Path(folder) / "cache"
        project.mkdir()
        (project / "sum.ts").write_text(_SUM)
        (project / "sum.test.ts").write_text(_TEST)
        toolchain = store.find("typescript", cache)
        bare = Path(folder) / "bare"
        bare.mkdir()
        for path in project.iterdir():
            (bare / path.name).write_text(path.read_text())
        (bare / "node_modules").symlink_to(toolchain / "node_modules")
        command = [str(toolchain / "bin/node"), str(toolchain / "node_modules/vitest/vitest.mjs"), "run"]
        pairs: list[tuple[float, float]] = []
        async with started("bubblewrap", cache) as executor:
            for _ in range(_ROUNDS + 1):
                peer = await asyncio.to_thread(wall_ms, command, cwd=bare)
                pairs.append((await _boxed_ms(executor, project), peer))
    ours, theirs = (statistics.median(column) for column in zip(*pairs[1:], strict=True))
    detail = f"{ours:.0f} ms with its type check, bare vitest {theirs:.0f} ms without; medians of {_ROUNDS}, in turn"
    return [Figure("one TypeScript test: bubblewrap / bare vitest", ours / theirs, 1.5, "x", detail)]


async def _boxed_ms(executor: CodeExecutor, project: Path) -> float:
    began = time.perf_counter()
    result = await executor.execute_project(project, pristine={}, language="typescript", select=("sum.test.ts",))
    if not result.ok:
        raise RuntimeError(f"the one test did not pass: {result.reason}")
    return (time.perf_counter() - began) * 1000
