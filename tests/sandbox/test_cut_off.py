"""A box that is cut off, at whatever moment, ends at once and leaves no process behind."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.bubblewrap import Bubblewrap
from sandbox.model import BoxFile, BoxRequest
from sandbox.owner import own_mark
from tests.support.boxes import LIMITS, Boxes
from tests.support.live import eventually

CUTS = 40
LONGEST_S = 0.05
"""A box is up after about so long; cuts before that hit bwrap while it makes the namespaces."""


def test_a_box_cut_off_at_any_moment_of_its_start_is_gone(box: Boxes) -> None:
    program = BoxFile("main.py", b"import time; time.sleep(60)")
    request = BoxRequest("script", (program,), entry="main.py", limits=LIMITS)
    rng = random.Random(7)

    async def cut_off() -> None:
        task = asyncio.create_task(box.backend.run(request))
        await asyncio.sleep(rng.random() * LONGEST_S)
        task.cancel()
        ended, _ = await asyncio.wait({task}, timeout=LIMITS.timeout_s / 2)
        assert ended, "the box went on after it was cut off"

    before = _boxes()
    for _ in range(CUTS):
        box.wait(cut_off())
    eventually(lambda: not _boxes() - before)


def _boxes() -> set[str]:
    """Living processes of boxes that this process started, or that lost the one that started them."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if fields[0] != "Z" and fields[1] in ("1", str(os.getpid())) and b"nexus_harness" in command:
            found.add(folder.name)
    return found


def test_what_a_killed_process_left_of_its_boxes_is_ended_at_the_next_start(box: Boxes, tmp_path: Path) -> None:
    if box.backend.name != "bubblewrap":
        pytest.skip("bubblewrap is not installed here")
    tell = [sys.executable, "-c", "from sandbox.owner import own_mark; print(own_mark())"]
    dead = subprocess.run(tell, capture_output=True, text=True, check=True).stdout.strip()
    # What is left has the name of the box and waits for ever; nothing else of it can be seen from outside.
    left, used = (subprocess.Popen([f"nexus-box {mark}", "60"], executable="/bin/sleep") for mark in (dead, own_mark()))
    try:
        asyncio.run(_opened(tmp_path))
        assert left.wait(10) == -signal.SIGKILL
        assert used.poll() is None
    finally:
        for process in (left, used):
            process.kill()
            process.wait()


async def _opened(cache: Path) -> None:
    backend = Bubblewrap(cache)
    await backend.start()
    await backend.close()
