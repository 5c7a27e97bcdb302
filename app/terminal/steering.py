"""Carries out what people ask for on a screen. Every function blocks and is called in a thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

from app.engine import start_engine
from config.errors import UsageError
from config.paths import Paths
from core.run.commands import CommandKind, send
from core.run.runs import LIVE, find_run, rate_run
from core.storage.store import Store

Engine = Popen[bytes]

_WATCHABLE_TOKENS_PER_S = 120.0
"""Recorded answers arrive about as fast as a quick model writes."""


@dataclass(slots=True)
class Steering:
    store: Store
    paths: Paths
    folder: Path
    env: Mapping[str, str]
    warn: Callable[[str], None]
    """Told what is odd about the settings of a new run."""
    demo: bool = False
    """`folder` is the sample project: its request is answered from a recording."""

    def start(self, request: str) -> tuple[str, Engine]:
        """A new run in the terminal's project; its id and its engine. Raises NexusError."""
        from app.arguments import read_headless
        from app.run_rows import started

        recorded = self._recording(request) if self.demo else None
        args = read_headless(["--headless", "--ask", "-C", str(self.folder), "--", request], self.env)
        row = started(self.store, args, self.warn, recorded, _WATCHABLE_TOKENS_PER_S)
        return row.id, start_engine(self.paths, row.id)

    def start_demo(self) -> tuple[str, Engine]:
        """The sample project in a folder of its own, its request, recorded answers."""
        from app.arguments import HeadlessArgs
        from app.run_rows import started

        row = started(self.store, HeadlessArgs(demo=True, ask=True), self.warn, tokens_per_s=_WATCHABLE_TOKENS_PER_S)
        return row.id, start_engine(self.paths, row.id)

    def proceed(self, run_id: str) -> Engine:
        """Drive a run on. Raises UsageError when it is driven already or has nothing left to do."""
        row = find_run(self.store, run_id)
        if row.status in LIVE:
            raise UsageError(f"Run {run_id} is being driven already.", "It is shown on the run screen.")
        if row.status == "finished" and row.exit_code == 0:
            raise UsageError(f"Run {run_id} is finished and verified.", "A new request starts a new run.")
        return start_engine(self.paths, run_id)

    def steer(self, run_id: str, kind: CommandKind) -> None:
        """Raises UsageError when nothing drives the run."""
        self._live(run_id)
        send(self.store, run_id, kind)

    def decide(self, run_id: str, approval: str, approved: bool, comment: str, files: tuple[str, ...]) -> None:
        """Answer a question; whether the answer came in time is seen in the log."""
        self._live(run_id)
        answer = {"approval": approval, "approved": approved, "comment": comment, "files": list(files)}
        send(self.store, run_id, "decide", answer)

    def undo(self, run_id: str) -> str:
        """Take a delivery back; what was done, in a sentence. Raises UsageError or DeliveryConflict."""
        from core.delivery import undo
        from core.text.counting import counted

        done = undo(self.store, run_id)
        by = f" with commit {done.commit[:12]}" if done.commit else ""
        return f"Undone: {counted(len(done.files), 'file')} brought back{by}. {done.detail}".rstrip()

    def rate(self, run_id: str, stars: int, note: str) -> None:
        rate_run(self.store, find_run(self.store, run_id).id, stars, note)

    def _live(self, run_id: str) -> None:
        row = find_run(self.store, run_id)
        if row.status not in (*LIVE, "queued"):
            raise UsageError(f"Run {run_id} is {row.status}; nothing drives it now.", "Resume it first.")

    def _recording(self, request: str) -> Path:
        from evals.demo.layout import cassette
        from evals.demo.layout import request as known

        if " ".join(request.split()) != " ".join(known().split()):
            raise UsageError(
                "This is the demonstration: its recorded answers fit its own request only.",
                "The up arrow in the prompt brings that request back.",
            )
        return cassette()
