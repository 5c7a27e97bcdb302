"""The process behind one open page: started, fed, and ended with the page."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shlex
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any

from textual_serve.app_service import AppService

from core.text.display import printable

_PRELUDE = b"__GANGLION__\n"
"""What Textual's web driver says first; anything else is no full-screen application."""
_LAST_WORDS_BYTES = 4096
_QUIT_S = 3.0
_TERMINATE_S = 2.0

# What would make the viewer something else than a full-screen terminal in a browser: headless, or inside tmux.
_NOT_FOR_VIEWERS = ("NEXUS_HEADLESS", "TMUX", "STY")


class Viewer(AppService):
    """textual-serve's service, with an argument list for a shell command, an end for every process, and last words."""

    def __init__(self, folder: Path, **callbacks: Any) -> None:
        self._argv = [sys.executable, "-P", "-m", "app.serve.child", str(os.getpid()), str(folder)]
        super().__init__(shlex.join(self._argv), **callbacks)

    async def start(self, width: int, height: int) -> None:
        """Start the process; a page whose process cannot start says so and is closed."""
        try:
            await super().start(width, height)
        except OSError as error:
            await self.remote_write_bytes(screen(f"nexus: The terminal could not be started ({error.strerror})."))
            await self.remote_close()

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        env = self._build_environment(width, height) | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        for name in _NOT_FOR_VIEWERS:
            env.pop(name, None)
        # A session of its own: ^C in the terminal of `nexus serve` is for the server, which ends its viewers in order.
        self._process = await asyncio.create_subprocess_exec(
            *self._argv, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=env, start_new_session=True
        )
        self._stdin = self._process.stdin
        return self._process

    async def run(self) -> None:
        """Pass on what the process writes until it ends; then close the page, with the reason if it failed."""
        process = self._process
        assert process is not None and process.stdout is not None and process.stderr is not None
        words = asyncio.create_task(_last_words(process.stderr))
        try:
            await self._pass_on(process.stdout)
        finally:
            said = await words
        if code := await process.wait():
            with contextlib.suppress(ConnectionError):
                await self.remote_write_bytes(screen(said or f"nexus: The terminal ended with exit code {code}."))
        await self.remote_close()

    async def _pass_on(self, stdout: asyncio.StreamReader) -> None:
        if await stdout.readline() != _PRELUDE:
            return
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                kind = await stdout.readexactly(1)
                payload = await stdout.readexactly(int.from_bytes(await stdout.readexactly(4), "big"))
                # When the page is gone the rest is still read: a process that cannot write cannot quit.
                with contextlib.suppress(ConnectionError):
                    await self._deliver(kind, payload)

    async def _deliver(self, kind: bytes, payload: bytes) -> None:
        if kind == b"D":
            await self.on_data(payload)
        elif kind == b"P":
            await self.on_packed(payload)
        elif kind == b"M" and _is_for_a_page(json.loads(payload)):
            await self.on_meta(payload)

    async def stop(self) -> None:
        """End the process: asked, then told, then killed."""
        process, task = self._process, self._task
        if process is None or task is None:
            return
        await self._download_manager.cancel_app_downloads(self.app_service_id)
        await self.send_meta({"type": "quit"})
        for patience_s, force in ((_QUIT_S, process.terminate), (_TERMINATE_S, process.kill)):
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(process.wait(), patience_s)
                break
            with contextlib.suppress(ProcessLookupError):
                force()
        await process.wait()
        # What the process left behind may hold its pipes open.
        await asyncio.wait([task], timeout=_TERMINATE_S)
        task.cancel()


def _is_for_a_page(meta: dict[str, object]) -> bool:
    """Whether the page may be told so. It must not open any other kind of address: `javascript:` would run in it."""
    return meta["type"] != "open_url" or str(meta["url"]).startswith(("https://", "http://"))


async def _last_words(stderr: asyncio.StreamReader) -> str:
    said = b""
    while chunk := await stderr.read(_LAST_WORDS_BYTES):
        said = (said + chunk)[-_LAST_WORDS_BYTES:]
    return said.decode(errors="replace").strip()


def screen(text: str) -> bytes:
    """Text as a whole screen of a terminal."""
    lines = "\r\n".join(printable(line) for line in text.splitlines())
    return f"\x1b[?1049l\x1b[?25l\x1b[2J\x1b[H\r\n{lines}\r\n".encode()
