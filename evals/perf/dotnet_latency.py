"""What one C# file costs in a box, where nothing is warm, against the bare compiler and the bare program, in turn."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from core.code_executor import CodeExecutor
from evals.perf.boxes import started
from evals.perf.measure import Figure, wall_ms
from sandbox.toolchains import store

_ROUNDS = 9
_CODE = 'class Program { static void Main() => System.Console.WriteLine("hello"); }\n'


def figures() -> list[Figure]:
    return asyncio.run(_figures())


async def _figures() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="nexus-perf-") as folder:
        cache, work = Path(folder) / "cache", Path(folder) / "work"
        bare = _Bare(store.find("dotnet", cache), work)
        async with started("bubblewrap", cache) as executor:
            with bare.server():
                rounds = [await _round(executor, bare) for _ in range(_ROUNDS + 1)][1:]
    ours, cold, warm, run = (statistics.median(column) for column in zip(*rounds, strict=True))
    cold_detail = f"{ours:.0f} ms; csc {cold:.0f} ms + run {run:.0f} ms"
    warm_detail = f"csc with a warm server {warm:.0f} ms + run {run:.0f} ms; a fresh box has nothing warm"
    return [
        Figure("one C# file: box / bare compiler + run", ours / (cold + run), 1.3, "x", cold_detail),
        Figure("one C# file: box / warm compiler + run", ours / (warm + run), 1.3, "x", warm_detail),
    ]


async def _round(executor: CodeExecutor, bare: _Bare) -> tuple[float, float, float, float]:
    """Milliseconds of a box, of the compiler, of the compiler that asks a warm server, of the program."""
    began = time.perf_counter()
    outcome = await executor.execute_dotnet(_CODE)
    ours = (time.perf_counter() - began) * 1000
    if not outcome.ok:
        raise RuntimeError(f"the program did not run: {outcome.reason}")
    return ours, *await asyncio.to_thread(bare.times)


class _Bare:
    """The same SDK without a box."""

    def __init__(self, toolchain: Path, work: Path) -> None:
        work.mkdir()
        self._work = work
        self._runtime = [str(toolchain / "dotnet"), "exec"]
        self._home = toolchain / "runner"
        self._pipe = f"nexus-{secrets.token_hex(8)}"
        self._env = {
            "HOME": str(work),
            "TMPDIR": str(work),
            "PATH": os.defpath,
            "LD_LIBRARY_PATH": str(toolchain / "lib"),
            "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1",
        }
        (work / "Program.cs").write_text(_CODE)
        (work / "refs.rsp").write_text("".join(f"-r:{path}\n" for path in sorted((toolchain / "ref").glob("*.dll"))))
        shutil.copy(self._home / "Nexus.Box.runtimeconfig.json", work / "Program.runtimeconfig.json")

    @contextlib.contextmanager
    def server(self) -> Iterator[None]:
        """A compiler that stays; it has compiled before it is measured."""
        command = [*self._runtime, str(self._home / "VBCSCompiler.dll"), f"-pipename:{self._pipe}"]
        process = subprocess.Popen(command, env=self._env, cwd=self._work, stdout=subprocess.DEVNULL)
        try:
            yield
        finally:
            process.kill()
            process.wait()

    def times(self) -> tuple[float, float, float]:
        compiler = [str(self._home / "csc.dll"), "-nologo", "-noconfig", "@refs.rsp", "-out:Program.dll", "Program.cs"]
        cold = wall_ms([*self._runtime, *compiler], self._env, self._work)
        warm = wall_ms([*self._runtime, compiler[0], f"-shared:{self._pipe}", *compiler[1:]], self._env, self._work)
        return cold, warm, wall_ms([*self._runtime, "Program.dll"], self._env, self._work)
