"""Steering a run from outside: polls the commands table and turns it into pauses, a cancellation and answers."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from core import events as ev
from core.commands import Command, take
from core.event_log import EventLog
from core.ids import RunId
from core.outcome import Cancelled
from core.runs import rate_run, set_status
from core.store import Store

POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class Answer:
    """A person's answer to an approval; `files` empty means all."""

    approved: bool
    comment: str = ""
    files: tuple[str, ...] = ()
    by: str = "user"


class RunControl:
    """Owned by the run process. `checkpoint` is awaited before every paid or slow step."""

    def __init__(self, store: Store, run_id: RunId, log: EventLog) -> None:
        self._store = store
        self._run = run_id
        self._log = log
        self._going = asyncio.Event()
        self._going.set()
        self._cancelled = ""
        self._answers: dict[str, asyncio.Future[Answer]] = {}
        self._poller: asyncio.Task[None] | None = None
        self._driver: asyncio.Task[object] | None = None
        self.waited_s = 0.0
        """Time spent paused or waiting for people; the wall clock rule does not count it."""

    def start(self, driver: asyncio.Task[object]) -> None:
        """Begin polling; `cancel` interrupts `driver` wherever it waits."""
        self._driver = driver
        self._poller = asyncio.create_task(self._poll(), name="commands")

    async def stop(self) -> None:
        if self._poller is not None:
            self._poller.cancel()
            await asyncio.gather(self._poller, return_exceptions=True)

    def cancel(self, reason: str) -> None:
        """Stop the work at once; called for `cancel` commands and for signals."""
        self._cancelled = reason
        self._going.set()
        if self._driver is not None:
            self._driver.cancel()

    @property
    def cancelled(self) -> str:
        """Why the run was cancelled, or empty."""
        return self._cancelled

    async def checkpoint(self) -> None:
        """Wait while paused. Raises Cancelled."""
        if not self._going.is_set():
            began = time.monotonic()
            await self._going.wait()
            self.waited_s += time.monotonic() - began
        if self._cancelled:
            raise Cancelled(self._cancelled)

    async def decision(self, approval: str, question: str, default: str, timeout_s: float) -> Answer | None:
        """Ask people and wait; None when nobody answered in time (0 waits for ever)."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._answers[approval] = answer
        deadline = time.time() + timeout_s if timeout_s else 0.0
        self._log.emit(ev.ApprovalRequested(approval, question, default, deadline), once=f"approval:{approval}")
        await asyncio.to_thread(set_status, self._store, self._run, "waiting")
        began = time.monotonic()
        try:
            return await asyncio.wait_for(answer, timeout_s or None)
        except TimeoutError:
            return None
        finally:
            self.waited_s += time.monotonic() - began
            del self._answers[approval]
            await asyncio.to_thread(set_status, self._store, self._run, "running")

    async def _poll(self) -> None:
        while True:
            for command in await asyncio.to_thread(take, self._store, self._run):
                self._obey(command)
            await asyncio.sleep(POLL_S)

    def _obey(self, command: Command) -> None:
        if command.kind == "pause" and self._going.is_set():
            self._going.clear()
            self._mark(paused=True)
        elif command.kind == "resume" and not self._going.is_set():
            self._going.set()
            self._mark(paused=False)
        elif command.kind == "cancel":
            self.cancel("The run was cancelled from another terminal.")
        elif command.kind == "rate":
            rate_run(self._store, self._run, int(command.payload["stars"]), str(command.payload.get("note", "")))
        elif command.kind == "decide":
            self._answer(command)

    def _mark(self, paused: bool) -> None:
        self._log.emit(ev.RunPaused(paused))
        set_status(self._store, self._run, "paused" if paused else "running")

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
        self._log.emit(
            ev.ApprovalDecided(name, "approved" if answer.approved else "rejected", answer.comment, answer.by)
        )
        waiting.set_result(answer)
