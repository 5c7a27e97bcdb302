"""First useful paint with 5,000 runs recorded, against a Textual app that shows a line and a footer, in turn."""

from __future__ import annotations

import signal
import tempfile
from pathlib import Path

from evals.perf.measure import Figure, alternate
from evals.perf.pty_home import RUNS, fill, open_bare, open_nexus
from evals.perf.pty_terminal import PtyTerminal

_TARGET = 1.6
_ROUNDS = 11
_DEADLINE_S = 30.0
_USEFUL = ("should change, and press Enter", "Try one of these")
"""In the prompt, and above it."""


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="nexus-perf-") as folder:
        home = Path(folder) / "home"
        fill(home)
        ours, bare = alternate(
            lambda: _painted_ms(open_nexus(home), *_USEFUL), lambda: _painted_ms(open_bare(home), "painted"), _ROUNDS
        )
    detail = f"{ours:.0f} ms, bare app {bare:.0f} ms; medians of {_ROUNDS} starts each, {RUNS:,} runs recorded"
    return [Figure("first useful paint / bare Textual app", ours / bare, _TARGET, "x", detail)]


def _painted_ms(terminal: PtyTerminal, *texts: str) -> float:
    with terminal:
        painted = max(terminal.wait_for(text, _DEADLINE_S) for text in texts)
        terminal.signal(signal.SIGTERM)
        terminal.wait(_DEADLINE_S)
        return (painted - terminal.began) * 1000
