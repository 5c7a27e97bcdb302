"""Takes the demonstration through the terminal as a person would: `python -m evals.demo.tour FOLDER`.

Writes pictures of the screens, exported by the application itself, and `terminal.cast`, everything the terminal showed
(asciicast version 2: `asciinema play terminal.cast`). The README shows them, so they show what really happens.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from evals.perf.pty_terminal import PtyTerminal

_DEADLINE_S = 90.0
_SIZE = (120, 36)


class Tour:
    """One walk through the demonstration on a terminal of its own."""

    def __init__(self, home: Path, size: tuple[int, int] = _SIZE, **env: str) -> None:
        self._pictures = home / "pictures"
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        kind = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "NEXUS_HOME": str(home), **env}
        command = [sys.executable, "-P", "-m", "app", "--demo"]
        self.terminal = PtyTerminal(command, {**kept, **kind}, size=size)

    def press(self, *keys: str, pause_s: float = 0.8) -> None:
        for key in keys:
            self.terminal.send(key)
            time.sleep(pause_s)

    def until(self, words: str) -> None:
        self.terminal.wait_for(words, _DEADLINE_S)

    def picture(self, place: Path) -> None:
        """The screen as it is now."""
        before = set(self._pictures.glob("*.svg"))
        self.terminal.send("\x1b[19~")  # F8
        deadline = time.monotonic() + _DEADLINE_S
        while not (new := set(self._pictures.glob("*.svg")) - before):
            assert time.monotonic() < deadline, "no picture was written"
            time.sleep(0.05)
        time.sleep(0.2)  # it is written whole
        shutil.copyfile(new.pop(), place)


def walk(tour: Tour, show: Callable[[str], None]) -> None:
    """From the prompt to a commit and back; `show` is called with the name of what is worth a picture."""
    tour.until("Say what should change")
    tour.press("\r")
    tour.until("verify failed")
    time.sleep(0.6)
    show("run")
    tour.until("The run waits for you")
    time.sleep(1.5)
    tour.press("v", pause_s=2)
    tour.press("n", "\x1b[B", "\x1b[B", "\x1b[B", "\x1b[B", pause_s=1)
    show("review")
    tour.press("a")
    tour.until("delivered to commit")
    time.sleep(2)
    tour.press("u", "y", pause_s=1.5)
    tour.until("brought back")
    tour.press("\x1bOR", pause_s=2)  # F3
    tour.press("q")


def cast(terminal: PtyTerminal, size: tuple[int, int], title: str) -> str:
    """What arrived, and when, as an asciicast."""
    head = {"version": 2, "width": size[0], "height": size[1], "title": title, "env": {"TERM": "xterm-256color"}}
    lines = [json.dumps(head)]
    lines += [json.dumps([round(at, 3), "o", text]) for at, text in terminal.frames()]
    return "\n".join(lines) + "\n"


def main(argv: list[str]) -> int:
    target = Path(argv[0])
    with tempfile.TemporaryDirectory() as folder:
        tour = Tour(Path(folder) / "pictures-home")
        with tour.terminal:
            walk(tour, lambda name: tour.picture(target / f"terminal-{name}.svg"))
        # Recorded as over SSH: the same screens in fewer frames.
        tour = Tour(Path(folder) / "cast-home", SSH_CONNECTION="127.0.0.1 1 127.0.0.1 22")
        with tour.terminal:
            walk(tour, lambda name: None)
            tour.terminal.wait(_DEADLINE_S)
            text = cast(tour.terminal, _SIZE, "nexus --demo")
        (target / "terminal.cast").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
