"""A Docker engine that is killed, and one with more runtimes than one."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.errors import SandboxUnavailable
from config.settings import SandboxSettings
from core.sandbox_runner import SandboxRunner
from sandbox.docker_backend import DockerBackend
from sandbox.image_builder import IMAGE_LABEL, image_tag
from sandbox.inventory import inventory, remove
from sandbox.model import BoxFile, BoxRequest
from tests.support.boxes import LIMITS
from tests.support.engine import RUNTIME, PrivateEngine

ONE_RUN = """\
import asyncio, sys
from pathlib import Path
from sandbox.attacks.arena import LIMITS
from sandbox.docker_backend import DockerBackend
from sandbox.model import BoxFile, BoxRequest

async def main():
    backend = DockerBackend(Path(sys.argv[1]), warm_limits=LIMITS)
    await backend.start()
    files = (BoxFile("main.py", b"import time\\nprint(1, flush=True)\\ntime.sleep(60)"),)
    ready = lambda _: print("running", flush=True)
    outcome, _ = await backend.run(BoxRequest("script", files, limits=LIMITS), on_output=ready)
    print(outcome.verdict, outcome.reason, flush=True)
    await backend.close()

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def engine() -> Iterator[PrivateEngine]:
    if not PrivateEngine.can_be_had():
        warnings.warn("NO ENGINE IS KILLED HERE: that needs root and dockerd", stacklevel=1)
        pytest.skip("needs root and dockerd")
    with tempfile.TemporaryDirectory(prefix="engine-", ignore_cleanup_errors=True) as folder:
        found = PrivateEngine(Path(folder))
        found.start()
        try:
            found.load(image_tag("python"))
            yield found
        finally:
            found.stop()


@pytest.fixture(autouse=True)
def way(engine: PrivateEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", engine.host)


def test_the_runtime_that_was_asked_for_runs_the_box(engine: PrivateEngine, tmp_path: Path) -> None:
    async def work() -> tuple[str, set[str]]:
        runner = SandboxRunner(SandboxSettings(docker_runtime=RUNTIME), tmp_path)
        await runner.start()
        try:
            running = asyncio.Event()
            request = BoxRequest("script", (BoxFile("main.py", b"print(1, flush=True)\ninput()"),), limits=LIMITS)
            box = asyncio.create_task(runner.run(request, on_output=lambda _: running.set()))
            async with asyncio.timeout(30):
                await running.wait()
            used = await asyncio.to_thread(engine.runtimes)
            return (await box).backend, used
        finally:
            await runner.close()

    assert asyncio.run(work()) == ("docker", {RUNTIME})
    assert engine.containers() == []


@pytest.mark.parametrize("backend", ["auto", "docker"])
def test_a_runtime_that_is_missing_is_said_and_never_replaced(tmp_path: Path, backend: str) -> None:
    settings = SandboxSettings.model_validate({"backend": backend, "docker_runtime": "runsc"})
    with pytest.raises(SandboxUnavailable, match=rf"no runtime runsc; it has .*runc, {RUNTIME}") as caught:
        asyncio.run(SandboxRunner(settings, tmp_path).start())
    assert "sandbox.docker_runtime" in caught.value.remedy


def test_old_images_go_and_current_used_and_foreign_ones_stay(engine: PrivateEngine, tmp_path: Path) -> None:
    engine.make_image("nexus-sandbox-python:0")
    engine.make_image("nexus-sandbox-typescript:1-old")
    engine.make_image("of-somebody-else:1")
    engine.make_image(label=IMAGE_LABEL)

    async def work() -> set[str]:
        items = [item for item in await inventory(tmp_path) if item.kind == "image"]
        assert {item.name: bool(item.purpose) for item in items if item.in_use or item.purpose} == {
            image_tag("python"): True,
            "nexus-sandbox-typescript:1-old": False,
        }
        waste = [item for item in items if item.is_waste]
        assert all([await remove(item, tmp_path) for item in waste])
        held = next(item for item in items if item.in_use and not item.purpose)
        assert not await remove(held, tmp_path)
        return {item.name for item in waste}

    with engine.held("nexus-sandbox-typescript:1-old"):
        gone = asyncio.run(work())
    assert "nexus-sandbox-python:0" in gone and len(gone) == 2
    assert engine.images() == {image_tag("python"), "nexus-sandbox-typescript:1-old", "of-somebody-else:1"}


def test_an_engine_killed_mid_run_is_not_the_codes_fault_and_nothing_is_left(
    engine: PrivateEngine, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", ONE_RUN, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as nexus:
        assert nexus.stdout is not None
        assert nexus.stdout.readline() == "running\n"
        engine.kill()
        said = nexus.stdout.read()
    assert said.startswith("infra_error ")
    engine.start()

    async def next_start() -> None:
        backend = DockerBackend(tmp_path)
        await backend.start()
        await backend.close()

    asyncio.run(next_start())
    assert engine.containers() == []
