"""A real terminal without a window: tmux, whose screen can be read and typed into."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

import pytest

from tests.support.nexus import DEADLINE_S

needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="NOT TESTED: tmux is missing (apt install tmux)")

_THEN_SAY = ("sh", "-c", '"$@"; printf "\\nended with %s\\n" $?', "sh")


class Tmux:
    """One pane that runs one command; when that ends, it says `ended with CODE` and stays readable.

    The shell says it because tmux may miss the end of a child, and then never knows its exit code.
    """

    def __init__(
        self, place: Path, argv: Sequence[str], env: Mapping[str, str], columns: int = 120, rows: int = 36
    ) -> None:
        self._socket = str(place)
        settings = place.with_suffix(".conf")
        settings.write_text("set -g remain-on-exit on\nset -g status off\n")
        size = ("-x", str(columns), "-y", str(rows))
        self._tmux("-f", str(settings), "new-session", "-d", *size, "--", *_THEN_SAY, *argv, env=env)

    def __enter__(self) -> Tmux:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._tmux("kill-server")

    def _tmux(self, *args: str, env: Mapping[str, str] | None = None) -> str:
        done = subprocess.run(
            ["tmux", "-S", self._socket, *args],
            env=None if env is None else dict(env),
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def screen(self) -> str:
        return self._tmux("capture-pane", "-p")

    def keys(self, *names: str) -> None:
        """Press keys by the names that tmux has for them."""
        self._tmux("send-keys", *names)

    def type(self, text: str) -> None:
        self._tmux("send-keys", "-l", text)

    def shows(self, text: str) -> str:
        """Wait until the text is on the screen; returns the whole screen."""
        deadline = time.monotonic() + DEADLINE_S
        while text not in (seen := self.screen()):
            assert time.monotonic() < deadline, f"{text!r} never appeared in:\n{seen}"
            time.sleep(0.05)
        return seen

    def press_until(self, key: str, text: str) -> str:
        """Press a key, again when it was ignored (a question that pops up ignores the first 300 ms), until `text`."""
        deadline = time.monotonic() + DEADLINE_S
        while text not in (seen := self.screen()):
            assert time.monotonic() < deadline, f"{key} never led to {text!r} in:\n{seen}"
            self.keys(key)
            time.sleep(0.35)
        return seen
