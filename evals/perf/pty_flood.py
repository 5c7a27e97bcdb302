"""The terminal on a run that prints thousands of lines per second: how soon it answers keys, and what it keeps."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from evals.perf.pty_home import open_nexus
from evals.perf.pty_noisy_run import line
from evals.perf.pty_terminal import PtyTerminal

_KEYS = 100
"""No more than stand on one line of the prompt."""
_RARE = 0x1400
"""Where a block of letters begins that stand nowhere on the screen until they are typed."""
_START_S = 30.0
_ANSWER_S = 20.0
_IN_SIGHT = 40
"""Characters of a line that the panel has room for."""


@dataclass(frozen=True, slots=True)
class Flood:
    """A run under way, and the terminal that shows its output, with the prompt ready for keys."""

    terminal: PtyTerminal
    run: subprocess.Popen[str]

    def key_ms(self) -> list[float]:
        """From typing a letter to its bytes on the terminal, sorted; each at a moment of its own."""
        rng, taken = random.Random(3), []
        for number in range(_KEYS):
            letter, since = chr(_RARE + number), self.terminal.received
            typed = self.terminal.send(letter)
            taken.append((self.terminal.wait_for(letter, _ANSWER_S, since) - typed) * 1000)
            time.sleep(rng.uniform(0.05, 0.12))
        return sorted(taken)

    def finish(self) -> int:
        """End the run; the number of lines it printed."""
        printed, _ = self.run.communicate(timeout=_ANSWER_S)
        return int(printed)

    def missing(self, printed: int) -> list[int]:
        """Of the first, the last and some lines in between, those that cannot be brought to the screen."""
        self.terminal.send("\x1b")  # from the prompt to the panel
        time.sleep(0.3)
        looked_for = {1: "g", printed: "G"}
        for number in random.Random(4).sample(range(2, printed), 3):
            looked_for[number] = f"/{number:08d}\r"
        return [number for number, keys in looked_for.items() if not self._brings(keys, number)]

    def _brings(self, keys: str, number: int) -> bool:
        since = self.terminal.received
        for key in keys:
            self.terminal.send(key)
            time.sleep(0.02)
        try:
            self.terminal.wait_for_text(line(number)[:_IN_SIGHT], _ANSWER_S, since)
        except TimeoutError:
            return False
        return True


@contextmanager
def noisy_run(home: Path, what: str) -> Iterator[subprocess.Popen[str]]:
    """A run under way in `home`; see `pty_noisy_run` for `what`."""
    program = [sys.executable, "-P", "-m", "evals.perf.pty_noisy_run", str(home), what]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run:
        try:
            assert run.stdout is not None
            if not run.stdout.readline():
                raise RuntimeError("the run did not start")
            yield run
        finally:
            run.kill()


@contextmanager
def flood(home: Path, lines_per_s: int, bytes_per_s: int = 0, **env: str) -> Iterator[Flood]:
    """`bytes_per_s`: how fast the terminal takes what is written to it; 0: at once."""
    with noisy_run(home, str(lines_per_s)) as run, open_nexus(home, bytes_per_s=bytes_per_s, **env) as terminal:
        terminal.wait_for_text("tester", _START_S)
        for key, answer in (("5", "● [5] Tests"), ("t", "line 0"), ("i", "Send")):
            since = terminal.received
            terminal.send(key)
            terminal.wait_for_text(answer, _START_S, since)
        yield Flood(terminal, run)
