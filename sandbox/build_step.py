"""Runs one program of a build, shows its lines, and turns a failure into a sentence."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path

from config.errors import SandboxUnavailable
from sandbox.toolchains.recipe import Progress

BUILD_DEADLINE_S = 900
_LEAVE_S = 5


async def run_step(
    progress: Progress, program: str, *arguments: str, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> None:
    """Run `program` to its end, handing each of its lines to `progress`.

    Raises SandboxUnavailable with its last line when it fails, or when it is not installed.
    """
    if not shutil.which(program):
        raise SandboxUnavailable(f"{program} is not installed.", f"Run: sudo apt-get install -y {program}")
    process = await asyncio.create_subprocess_exec(
        program,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=cwd,
        env=env,
        start_new_session=True,
    )
    assert process.stdout is not None
    last = ""
    try:
        async with asyncio.timeout(BUILD_DEADLINE_S):
            async for raw in process.stdout:
                if line := raw.decode("utf-8", "replace").strip():
                    last = line
                    progress(line)
            code = await process.wait()
    except TimeoutError as late:
        raise SandboxUnavailable(f"{program} did not finish in {BUILD_DEADLINE_S} s.") from late
    finally:
        if process.returncode is None:
            await _end(process)
    if code != 0:
        raise SandboxUnavailable(f"{program} failed: {last}")


async def _end(process: asyncio.subprocess.Process) -> None:
    """With what it has started; politely first, for debootstrap has mounts to take away."""
    with contextlib.suppress(ProcessLookupError, TimeoutError):
        os.killpg(process.pid, signal.SIGTERM)
        async with asyncio.timeout(_LEAVE_S):
            await process.wait()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
