"""Steering a run from outside: polls the commands table and turns it into pauses, a cancellation and answers."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass

from config.errors import NexusError, StoreError
from core import events as ev
from core.ids import RunId
from core.run.commands import Command, take
from core.run.outcome import Cancelled
from core.run.runs import rate_run, set_status
from core.run.work_clock import WorkClock
from core.storage.event_log import EventLog
from core.storage.journal import Codec
from core.storage.store import Store

POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class Answer:
    """A person's answer to an approval; `files` empty means all. `by` is `user`, or `deadline` when nobody came."""

    approved: bool
    comment: str = ""
    files: tuple[str, ...] = ()
    by: str = "user"


ANSWER: Codec[Answer] = Codec(
    lambda answer: {"approved": answer.approved, "comment": answer.comment, "files": [*answer.files], "by": answer.by},
    lambda data: Answer(data["approved"], data["comment"], tuple(data["files"]), data["by"]),
)
"""How an answer stands in the journal, so that nobody is asked the same twice."""


class RunControl:
    """Owned by the run process. `checkpoint` is awaited before every paid or slow step."""

    def __init__(self, store: Store, run_id: RunId, log: EventLog) -> None:
        self._store = store
        self._run = run_id
        self._log = log
        self._going = asyncio.Event()
        self._going.set()
        self._ending: NexusError | None = None
        self._answers: dict[str, asyncio.Future[Answer]] = {}
        self._poller: asyncio.Task[None] | None = None
        self._work: asyncio.Task[object] | None = None
        self.clock = WorkClock()
        """Stands still while the run is paused or waits for people."""

    def start(self, work: asyncio.Task[object]) -> None:
        """Begin polling; `end` and `cancel` interrupt `work` wherever it waits."""
        self._work = work
        if self._ending is not None:
            work.cancel()
        self._poller = asyncio.create_task(self._poll(), name="commands")

    async def stop(self) -> None:
        """No command is obeyed any more."""
        self._work = None
        if self._poller is not None:
            self._poller.cancel()
            await asyncio.gather(self._poller, return_exceptions=True)

    async def drop_old_commands(self) -> None:
        """What was meant for an earlier process of the run must not steer this one; a rating still counts."""
        for command in await self._new_commands():
            if command.kind == "rate":
                await self._obey(command)

    def cancel(self, reason: str) -> None:
        """Stop the work at once; called for `cancel` commands and for signals."""
        self.end(Cancelled(reason, f"Continue with `nexus --headless --resume {self._run}`."))

    def end(self, why: NexusError) -> None:
        """Stop the work at once. The first reason given is the one the run ends with."""
        self._ending = self._ending or why
        self._going.set()
        if self._work is not None:
            self._work.cancel()

    @property
    def ending(self) -> NexusError | None:
        """Why the run was told to stop, or None."""
        return self._ending

    async def checkpoint(self) -> None:
        """Wait while paused. Raises what `end` was given, such as Cancelled."""
        if not self._going.is_set():
            with self.clock.standing_still():
                await self._going.wait()
        if self._ending is not None:
            raise self._ending

    async def decision(
        self, approval: str, question: str, default: str, timeout_s: float, files: Sequence[str] = ()
    ) -> Answer | None:
        """Ask people and wait; None when nobody answered in time (0 waits for ever)."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._answers[approval] = answer
        deadline = time.time() + timeout_s if timeout_s else 0.0
        self._log.emit(ev.ApprovalRequested(approval, question, default, deadline, list(files)))
        try:
            with self.clock.standing_still():
                await self._mark()
                return await asyncio.wait_for(answer, timeout_s or None)
        except TimeoutError:
            self._log.emit(ev.ApprovalDecided(approval, default, "nobody answered in time", "deadline"))
            return None
        finally:
            del self._answers[approval]
            await self._mark()

    async def _poll(self) -> None:
        while True:
            for command in await self._new_commands():
                try:
                    await self._obey(command)
                except (StoreError, sqlite3.IntegrityError, KeyError, TypeError, ValueError) as error:
                    text = f"The command `{command.kind}` could not be carried out: {error}"
                    self._log.emit(ev.Notice(text, "warning"))
            await asyncio.sleep(POLL_S)

    async def _new_commands(self) -> list[Command]:
        try:
            return await asyncio.to_thread(take, self._store, self._run)
        except StoreError:
            return []  # locked for a moment; the commands are still there at the next look

    async def _obey(self, command: Command) -> None:
        if command.kind == "pause" and self._going.is_set():
            self._going.clear()
            self._log.emit(ev.RunPaused(True))
            await self._mark()
        elif command.kind == "resume" and not self._going.is_set():
            self._going.set()
            self._log.emit(ev.RunPaused(False))
            await self._mark()
        elif command.kind == "cancel":
            self.cancel("The run was cancelled from another terminal.")
        elif command.kind == "rate":
            stars, note = int(command.payload["stars"]), str(command.payload.get("note", ""))
            await asyncio.to_thread(rate_run, self._store, self._run, stars, note)
        elif command.kind == "decide":
            self._answer(command)

    async def _mark(self) -> None:
        """Show in the table of runs what this one is doing."""
        status = "paused" if not self._going.is_set() else "waiting" if self._answers else "running"
        await asyncio.to_thread(set_status, self._store, self._run, status)

    def _answer(self, command: Command) -> None:
        wanted = str(command.payload.get("approval", ""))
        name = wanted or next(iter(self._answers), "")
        waiting = self._answers.get(name)
        if waiting is None or waiting.done():
            self._log.emit(ev.Notice("A decision arrived that no question was waiting for; it was ignored.", "warning"))
            return
        answer = Answer(
            approved=bool(command.payload.get("approved")),
            comment=str(command.payload.get("comment", "")),
            files=tuple(str(path) for path in command.payload.get("files", ())),
        )
        said = "approved" if answer.approved else "rejected"
        self._log.emit(ev.ApprovalDecided(name, said, answer.comment, answer.by))
        waiting.set_result(answer)
