"""A real browser without a window: headless Chromium, driven through the DevTools protocol over a pipe."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from tests.support.nexus import DEADLINE_S

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="NOT TESTED: Chromium is missing (apt install chromium)")

_FLAGS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-sandbox",  # the tests may run as root
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--window-size=1200,800",
)

# xterm.js paints on a canvas and keeps its buffer to itself: remember the terminal when it is made.
_KEEP_TERMINAL = """
Object.defineProperty(Object.prototype, "_core", {
    configurable: true,
    set(core) {
        Object.defineProperty(this, "_core", {value: core, writable: true});
        if ("loadAddon" in this) window.keptTerminal = this;
    },
});
"""
_READ_SCREEN = """
(() => {
    const terminal = window.keptTerminal;
    if (!terminal || !document.body.classList.contains("-first-byte")) return "";
    const buffer = terminal.buffer.active;
    return Array.from({length: terminal.rows}, (_, row) => buffer.getLine(row).translateToString(true)).join("\\n");
})()
"""

_KEY_CODES = {"Enter": 13, "Escape": 27, **{f"F{number}": 111 + number for number in range(1, 13)}}


class Browser:
    """One browser with a fresh profile and one page."""

    def __init__(self, profile: Path) -> None:
        assert CHROMIUM is not None
        self._pipe, theirs = socket.socketpair()
        end = theirs.fileno()
        self._pid = os.posix_spawn(
            CHROMIUM,
            [CHROMIUM, *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
            {**os.environ, "HOME": str(profile)},
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_DUP2, end, 3),
                (os.POSIX_SPAWN_DUP2, end, 4),
            ],
            setpgroup=0,
        )
        theirs.close()
        self._unread = b""
        self._calls = 0
        self._session = ""
        self.asked_for: list[str] = []
        """Addresses that the page requested, websockets included."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")
        self.call("Network.enable")
        self.call("Page.addScriptToEvaluateOnNewDocument", source=_KEEP_TERMINAL)

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.killpg(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        self._pipe.close()

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send one command and return its result; what the browser reports meanwhile is noted."""
        self._calls += 1
        request = {"id": self._calls, "method": method, "params": params}
        if self._session:
            request["sessionId"] = self._session
        self._pipe.sendall(json.dumps(request).encode() + b"\0")
        while (message := self._read()).get("id") != self._calls:
            self._note(message)
        assert "error" not in message, f"{method}: {message['error']}"
        result: dict[str, Any] = message["result"]
        return result

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._unread:
            assert select.select([self._pipe], [], [], DEADLINE_S)[0], "the browser does not answer"
            chunk = self._pipe.recv(65536)
            assert chunk, "the browser died"
            self._unread += chunk
        line, _, self._unread = self._unread.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        return message

    def _note(self, message: dict[str, Any]) -> None:
        params = message.get("params", {})
        if message.get("method") == "Network.requestWillBeSent":
            self.asked_for.append(params["request"]["url"])
        elif message.get("method") == "Network.webSocketCreated":
            self.asked_for.append(params["url"])

    def go(self, address: str) -> None:
        self.call("Page.navigate", url=address)

    def reload(self) -> None:
        self.call("Page.reload")

    def evaluate(self, script: str) -> Any:
        """The value of a JavaScript expression; a promise is waited for. None while the page is changing."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        return answer["result"].get("value")

    def screen(self) -> str:
        """The text of the terminal in the page; empty before there is one."""
        return self.evaluate(_READ_SCREEN) or ""

    def shows(self, text: str) -> str:
        """Wait until the terminal shows the text; returns its whole screen."""
        return self._until(lambda: self.screen(), text)

    def says(self, text: str) -> str:
        """Wait until the page itself, outside the terminal, says the text."""
        return self._until(lambda: self.evaluate("document.body ? document.body.innerText : ''") or "", text)

    def _until(self, read: Any, text: str) -> str:
        deadline = time.monotonic() + DEADLINE_S
        while text not in (seen := read()):
            assert time.monotonic() < deadline, f"{text!r} never appeared in:\n{seen}"
            time.sleep(0.05)
        return str(seen)

    def type(self, text: str) -> None:
        """Type as with a keyboard."""
        for letter in text:
            self.call("Input.dispatchKeyEvent", type="keyDown", text=letter, key=letter)
            self.call("Input.dispatchKeyEvent", type="keyUp", key=letter)

    def press(self, key: str) -> None:
        """Press Enter, Escape or a function key."""
        named = {"key": key, "code": key, "windowsVirtualKeyCode": _KEY_CODES[key]}
        text = {"text": "\r"} if key == "Enter" else {}
        self.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **named, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", **named)
