"""Another Nexus process, to be killed, cut off or fenced in.

Run as `python -m sandbox.attacks.other_process BACKEND MODE CACHE TOKEN`. It prints JSON lines: its mark once code
runs in its box, then the verdict of the run.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from config.errors import SandboxUnavailable
from sandbox import owner
from sandbox.attacks.arena import LIMITS, program
from sandbox.attacks.severed import SeverableEngine
from sandbox.attacks.suite import backend_of
from sandbox.backend import Backend
from sandbox.model import BoxFile, BoxRequest

CLONE_NEWUSER = 0x10000000


def main() -> None:
    sort, mode, cache, token = sys.argv[1:]
    cut: Callable[[], None] = _kill_own_boxes
    if mode == "cut" and sort == "docker":
        way = Path(cache) / "engine.sock"
        cut = SeverableEngine(way).cut
        os.environ["DOCKER_HOST"] = f"unix://{way}"
    if mode == "fenced" and sort == "bubblewrap":
        _forbid_namespaces()
    backend = backend_of(sort, Path(cache), "nexus-no-such-runtime" if mode == "fenced" else "")
    try:
        verdict, reason = asyncio.run(_serve(backend, token, cut if mode == "cut" else None))
    except SandboxUnavailable as problem:
        verdict, reason = "unavailable", problem.message
    _say({"verdict": verdict, "reason": reason})


async def _serve(backend: Backend, token: str, cut: Callable[[], None] | None) -> tuple[str, str]:
    files = (BoxFile("main.py", program("sleep.py")), BoxFile("token", token.encode("ascii")))
    running = asyncio.Event()
    await backend.start()
    try:
        work = asyncio.create_task(
            backend.run(BoxRequest("script", files, limits=LIMITS), on_output=lambda _: running.set())
        )
        started = asyncio.create_task(running.wait())
        await asyncio.wait({work, started}, return_when=asyncio.FIRST_COMPLETED)
        started.cancel()
        if running.is_set():
            _say({"mark": owner.own_mark()})
            if cut is not None:
                await asyncio.to_thread(cut)
        outcome, _ = await work
    finally:
        await backend.close()
    return outcome.verdict, outcome.reason


def _kill_own_boxes() -> None:
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            parent = (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[1]
            if parent == str(os.getpid()) and b"nexus_harness" in (folder / "cmdline").read_bytes():
                os.kill(int(folder.name), signal.SIGKILL)


def _forbid_namespaces() -> None:
    """From here on this process is one that may make no user namespace, as on hardened systems."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER) != 0:
        return  # it is so already
    Path("/proc/sys/user/max_user_namespaces").write_text("0")


def _say(line: dict[str, str]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
