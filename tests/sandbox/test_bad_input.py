"""What goes wrong around a run: each has its verdict, a reason in a sentence, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from config.errors import UsageError
from sandbox.attacks.arena import LIMITS
from sandbox.docker_backend import DockerBackend
from sandbox.image_builder import image_tag
from sandbox.model import BoxFile, BoxRequest
from tests.support.boxes import Boxes


def test_source_that_is_not_utf8_does_not_compile(boxes: Boxes) -> None:
    program = BoxFile("main.py", b"name = '\xff\xfe'\n")
    outcome = boxes.run(BoxRequest("script", (program,), limits=LIMITS))
    assert outcome.verdict == "compile_error" and "SyntaxError" in outcome.reason
    tests = BoxFile("test_a.py", b"import solution\ndef test_a(): pass\n")
    outcome = boxes.run(BoxRequest("tests", (BoxFile("solution.py", program.content),), (tests,), limits=LIMITS))
    assert outcome.verdict == "compile_error"


def test_test_files_of_any_bytes_are_an_outcome_and_no_accident(box: Boxes) -> None:
    for content in (b"\xff\xfe", b"\0" * 100, bytes(range(256)), b"# coding: utf-16\n"):
        outcome = box.run(BoxRequest("tests", pristine=(BoxFile("test_a.py", content),), limits=LIMITS))
        assert outcome.verdict in ("compile_error", "runtime_error"), outcome


def test_a_hundred_thousand_files_are_refused_before_the_run(box: Boxes) -> None:
    files = tuple(BoxFile(f"f{number}.py", b"") for number in range(100_000))
    with pytest.raises(UsageError, match="at most 40000 files; this work tree has 100000"):
        box.run(BoxRequest("script", files, limits=LIMITS))


def test_as_many_files_as_it_takes_are_run(box: Boxes) -> None:
    files = tuple(BoxFile(f"data/f{number}.txt", b"x") for number in range(6_000))
    program = BoxFile("main.py", b"import os\nprint(len(os.listdir('data')))\n")
    outcome = box.run(BoxRequest("script", (*files, program), limits=LIMITS))
    assert (outcome.verdict, outcome.stdout) == ("passed", "6000\n")


def test_more_data_than_the_box_holds_is_the_sandboxs_fault(boxes: Boxes) -> None:
    big = tuple(BoxFile(f"big{number}.bin", bytes(8 << 20)) for number in range(LIMITS.disk_mb // 8 + 1))
    outcome = boxes.run(BoxRequest("script", (*big, BoxFile("main.py", b"")), limits=LIMITS))
    assert outcome.verdict == "infra_error" and "No space left" in outcome.reason


def test_an_image_that_vanished_is_said_with_its_command(boxes: Boxes, tmp_path: Path) -> None:
    if boxes.backend.name != "docker":
        pytest.skip("an image is Docker's business")
    import docker

    client = docker.APIClient(version="auto")
    name = f"nexus-vanishing-{uuid.uuid4().hex[:8]}"
    made = client.create_container(image_tag("python"), ["true"])
    client.commit(made["Id"], repository=name, tag="1", changes=f"LABEL one={name}")
    client.remove_container(made["Id"])
    backend = DockerBackend(tmp_path / "cache", image=f"{name}:1")

    async def work() -> tuple[str, str]:
        await backend.start()
        client.remove_image(f"{name}:1", force=True)
        outcome, _ = await backend.run(BoxRequest("script", (BoxFile("main.py", b""),), limits=LIMITS))
        await backend.close()
        return outcome.verdict, outcome.reason

    verdict, reason = asyncio.run(work())
    assert verdict == "infra_error"
    assert "the image is gone; `nexus sandbox build` makes it again" in reason


FULL_DISK = """
import asyncio, sys
from pathlib import Path
from config.errors import SandboxUnavailable
from config.settings import SandboxSettings
from core.sandbox_runner import SandboxRunner
async def main():
    runner = SandboxRunner(SandboxSettings(backend=sys.argv[1]), Path(sys.argv[2]))
    try:
        await runner.start()
    except SandboxUnavailable as problem:
        print(problem.exit_code, problem.message, problem.remedy)
    await runner.close()
asyncio.run(main())
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk_is_said_in_a_sentence(boxes: Boxes, tmp_path: Path) -> None:
    script = tmp_path / "full.py"
    script.write_text(FULL_DISK)
    disk = tmp_path / "disk"
    disk.mkdir()
    # In a mount namespace of its own, so that the rest of the machine does not see the disk.
    program = f"exec {sys.executable} {script} {boxes.backend.name} {disk}"
    command = f"mount -t tmpfs -o size=64k,mode=755 none {disk} && cat /dev/zero > {disk}/fill; {program}"
    done = subprocess.run(["unshare", "-m", "sh", "-c", command], capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith(f"5 The {boxes.backend.name} backend cannot write what it needs to {disk}: No space")
    assert "NEXUS_HOME" in done.stdout and "Traceback" not in done.stderr
