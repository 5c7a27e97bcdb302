"""What measurements of the sandbox share: a started backend, and the engine's own command line beside it."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Literal

from config.errors import SandboxUnavailable
from config.settings import SandboxSettings
from core.code_executor import CodeExecutor
from core.sandbox_runner import SandboxRunner
from sandbox import tools
from sandbox.image_builder import image_tag

REFILL_S = 1.5
"""What Docker's pool needs to have its next container ready; each run takes one and leaves none behind."""


BackendName = Literal["bubblewrap", "docker"]


@asynccontextmanager
async def started_runner(backend: BackendName, cache: Path) -> AsyncIterator[SandboxRunner]:
    """Raises SandboxUnavailable."""
    runner = SandboxRunner(SandboxSettings(backend=backend, timeout_s=30), cache)
    try:
        await runner.start()
        yield runner
    finally:
        await runner.close()


@asynccontextmanager
async def started(backend: BackendName, cache: Path) -> AsyncIterator[CodeExecutor]:
    """Raises SandboxUnavailable."""
    async with started_runner(backend, cache) as runner:
        yield CodeExecutor(runner)


def docker_says(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout.strip()


@contextmanager
def running_container(project: Path, cache: Path) -> Iterator[str]:
    """A container of the box's image, with pytest and the project, that waits. Raises SandboxUnavailable."""
    try:
        image = docker_says("image", "inspect", "-f", "{{.Id}}", image_tag("python"))
        folder = tools.prepare_tools(cache, f"docker-{image}", lambda _: True, _made)
        mounts = ("-v", f"{folder / 'tools'}:/opt/nexus/tools:ro", "-v", f"{project}:/work:ro", "-w", "/work")
        container = docker_says("run", "-d", "--network", "none", *mounts, image, "sleep", "600")
    except (OSError, subprocess.CalledProcessError) as problem:
        raise SandboxUnavailable("Docker or the sandbox's image is missing.", "Run: nexus sandbox build") from problem
    try:
        yield container
    finally:
        docker_says("rm", "-f", container)


def _made(_: Path) -> None:
    raise RuntimeError("the backend that was started should have made its tools")
