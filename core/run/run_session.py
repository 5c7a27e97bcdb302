"""The life of a run in one process: drive the orchestrator, and end with `run.finished` on every path."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field

from config.errors import GuardrailStop, Interrupted, NexusError, StoreError
from config.paths import Paths
from config.version import VERSION
from core import events as ev
from core.lifecycle_orchestrator import LifecycleOrchestrator
from core.report import ReportExtras, write_report
from core.run.control import RunControl
from core.run.outcome import Outcome, outcome_of
from core.run.run_context import RunContext
from core.run.runs import RunRow, begin_run, find_run, finish_run
from core.storage.event_log import EventLog, read_events
from core.storage.journal import Journal
from core.storage.store import Store

Opened = tuple[RunContext, Callable[[], Awaitable[None]]]
"""The run's services, and how to close those that outlive it."""

_CLOSE_DEADLINE_S = 30.0
_TICK_S = 0.05


@dataclass(slots=True)
class RunSession:
    """One process driving one run, whose lock the caller holds (`core.run.runs.claim`)."""

    store: Store
    paths: Paths
    row: RunRow
    """As it was when the lock was taken."""
    log: EventLog
    open_run: Callable[[RunRow, EventLog, Journal, RunControl], Awaitable[Opened]]
    backend_of: Callable[[RunContext], str]
    explain: Callable[[BaseException], NexusError]
    """Makes one sentence of an error that nobody foresaw."""
    changes: str = ""
    """What a resumed run does differently from now on, in words."""
    unrecorded: str = field(default="", init=False)
    """Why the end of the run could not be written down (disk full, database locked), in words."""
    _run: RunContext | None = field(default=None, init=False)
    _close: Callable[[], Awaitable[None]] | None = field(default=None, init=False)

    async def drive(self, control: RunControl) -> ev.RunFinished:
        """Run to the end. Raises nothing for what goes wrong inside: the outcome tells, and so does `unrecorded`."""
        began = time.monotonic()
        if self.row.status != "queued":
            await control.drop_old_commands()
        await asyncio.to_thread(begin_run, self.store, self.row.id)
        # In a task of its own, so that a cancellation ends the work and not what has to be done after it.
        work = asyncio.create_task(self._work(control), name="run")
        control.start(work)
        await asyncio.wait({work})
        await control.stop()
        await self._close_services()
        return await self._end(self._outcome(work, control), began)

    async def _work(self, control: RunControl) -> Outcome:
        journal = Journal(self.store, self.row.id)
        self._run, self._close = run, _ = await self.open_run(self.row, self.log, journal, control)
        self._announce(run)
        clock = asyncio.create_task(_keep_time(run), name="wall clock")
        try:
            return await LifecycleOrchestrator(run).execute()
        finally:
            clock.cancel()

    def _announce(self, run: RunContext) -> None:
        if self.log.has("run.started"):
            self.log.emit(ev.RunResumed(f"was {self.row.status}{f'; {self.changes}' if self.changes else ''}"))
        else:
            self._announce_start(run)
        for language, packages in run.packages.items():
            if packages.notice:
                self.log.emit(ev.Notice(packages.text, packages.level), once=f"notice:packages:{language}")

    def _announce_start(self, run: RunContext) -> None:
        self.log.emit(
            ev.RunStarted(
                request=self.row.request,
                project=self.row.project,
                profile=str(self.row.options.get("profile", "")),
                backend=self.backend_of(run),
                budget_micros=round(run.settings.budgets.run_usd * 1_000_000),
                version_of_nexus=VERSION,
                recorded=bool(self.row.options.get("cassette")),
            ),
            once="run.started",
        )

    def _outcome(self, work: asyncio.Task[Outcome], control: RunControl) -> Outcome:
        error = None if work.cancelled() else work.exception()
        if not work.cancelled() and error is None:
            return work.result()
        # Work that was told to stop may end in some other error on its way out; the reason is the first one.
        why = control.ending or error or Interrupted("The run was interrupted.")
        return outcome_of(why if isinstance(why, NexusError) else self.explain(why))

    async def _close_services(self) -> None:
        if self._close is None:
            return
        try:
            async with asyncio.timeout(_CLOSE_DEADLINE_S):
                await self._close()
        except (NexusError, OSError, TimeoutError) as error:
            self.log.emit(ev.Notice(f"Something did not close in good order: {error}", "warning"))

    async def _end(self, outcome: Outcome, began: float) -> ev.RunFinished:
        try:
            await self.store.awrite(lambda _: None)  # whatever was booked so far is counted
        except StoreError as error:
            self.unrecorded = str(error)
        body = self._finished(outcome, began)
        self.log.emit(body)
        # What cannot be recorded still stands; the next process to look finds the run interrupted and can resume it.
        if not self.unrecorded:
            try:
                await self._record(body)
            except (NexusError, OSError) as error:
                self.unrecorded = str(error)
        return body

    async def _record(self, body: ev.RunFinished) -> None:
        await self.log.flush()
        await asyncio.to_thread(finish_run, self.store, self.row.id, body)
        history = read_events(self.store, self.row.id)
        row = find_run(self.store, self.row.id)
        extras = ReportExtras(diff=await asyncio.to_thread(self._run.workspace.diff) if self._run else "")
        await asyncio.to_thread(write_report, self.paths.run_dir(self.row.id), row, history, extras)
        if self._run and body.verdict == "verified":
            # Nothing will resume a verified run, and undo works from the delivery's own artefacts.
            await asyncio.to_thread(self._run.workspace.dispose)

    def _finished(self, outcome: Outcome, began: float) -> ev.RunFinished:
        totals = _totals(self.store, self.row.id)
        return ev.RunFinished(
            verdict=outcome.verdict,
            reason=outcome.reason,
            exit_code=outcome.exit_code,
            retries=self._run.retries if self._run else 0,
            first_try=self._run.first_try if self._run else None,
            duration_ms=round((time.monotonic() - began) * 1000),
            files=list(outcome.files),
            delivered_to=outcome.delivered_to,
            report=str(self.paths.run_dir(self.row.id) / "report.html"),
            remedy=outcome.remedy,
            **asdict(totals),
        )


async def _keep_time(run: RunContext) -> None:
    """End the run's work when its wall clock has run out, also in the middle of a call that hangs."""
    limit = left = run.settings.limits.wall_clock_s
    if not limit:
        return
    while left > 0:
        await asyncio.sleep(max(left, _TICK_S))
        left = limit - run.elapsed_s  # the clock may have stood still meanwhile
    try:
        run.judge("call", "")
    except GuardrailStop as stop:
        run.control.end(stop)


@dataclass(frozen=True, slots=True)
class _Totals:
    cost_micros: int
    cost_estimated: bool
    prompt_tokens: int
    completion_tokens: int
    model_calls: int


def _totals(store: Store, run_id: str) -> _Totals:
    """What the ledger and the log say the run has cost, over all its sessions."""
    paid: sqlite3.Row = store.query(
        "SELECT coalesce(sum(cost_micros), 0) AS cost, coalesce(max(estimated), 0) AS estimated"
        " FROM ledger WHERE run_id = ? AND state = 'settled'",
        (run_id,),
    )[0]
    answered = [event.body for event in read_events(store, run_id) if isinstance(event.body, ev.ModelAnswered)]
    return _Totals(
        cost_micros=paid["cost"],
        cost_estimated=bool(paid["estimated"]),
        prompt_tokens=sum(body.prompt_tokens for body in answered),
        completion_tokens=sum(body.completion_tokens for body in answered),
        model_calls=len(answered),
    )
