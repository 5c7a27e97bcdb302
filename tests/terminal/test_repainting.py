"""What is written to the terminal of somebody who only looks on."""

from __future__ import annotations

from pathlib import Path

from config.paths import Paths, user_paths
from core import events as ev
from core.storage.store import Store
from evals.perf.pty_terminal import PtyTerminal
from tests.support.live import eventually
from tests.support.nexus import DEADLINE_S, NEXUS, environment
from tests.support.run_screen import RUN, begin

SECONDS = 3.0
"""Long enough for the clocks to move."""


def painted_lately(screen: PtyTerminal) -> str:
    """What the last seconds brought, without escape sequences."""
    frames = screen.frames()
    latest = frames[-1][0]
    before = "".join(text for when, text in frames if when < latest - SECONDS)
    return screen.text(since=len(before.encode()))


def test_a_second_that_passes_in_a_live_run_paints_its_clocks_and_no_other_line(
    nexus_home: Path, tmp_path: Path
) -> None:
    paths: Paths = user_paths({"NEXUS_HOME": str(nexus_home)})
    env = environment(nexus_home, TERM="xterm-256color")
    with Store(paths.database) as store, begin(store, paths) as driven:
        driven.emit(ev.PhaseStarted("implementer"))
        with PtyTerminal([*NEXUS, str(tmp_path), "--run", RUN], env, tmp_path) as screen:
            for words in ("implementer", "of $10.00", "of 8 phases"):
                screen.wait_for_text(words, DEADLINE_S)

            def only_the_clocks() -> bool:
                text = painted_lately(screen)
                clocks = "running   0:" in text and "implementer" in text
                others = ("architect", "bubblewrap", "of $10.00", "Cost", "of 8 phases")
                return clocks and not any(words in text for words in others)

            eventually(only_the_clocks)
