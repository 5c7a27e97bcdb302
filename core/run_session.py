"""The life of a run process: take the lock, drive the orchestrator, and end with `run.finished` on every path."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

from config.errors import Interrupted, NexusError, UsageError
from config.paths import Paths
from config.version import VERSION
from core import events as ev
from core.control import RunControl
from core.event_log import EventLog, read_events
from core.journal import Journal
from core.lifecycle_orchestrator import LifecycleOrchestrator
from core.outcome import Outcome, outcome_of
from core.report import ReportExtras, write_report
from core.run_context import RunContext
from core.runs import RunRow, find_run, finish_run, run_lock, set_status
from core.store import Store

Opened = tuple[RunContext, Callable[[], Awaitable[None]]]
"""The run's services, and how to close those that outlive it."""


@dataclass(slots=True)
class RunSession:
    """One process driving one run. `open_run` builds the services once the lock is held."""

    store: Store
    paths: Paths
    row: RunRow
    log: EventLog
    open_run: Callable[[RunRow, EventLog, Journal, RunControl], Awaitable[Opened]]
    backend_of: Callable[[RunContext], str]

    async def drive(self, control: RunControl) -> ev.RunFinished:
        """Run to the end. Never raises for what went wrong inside: the outcome says it."""
        lock = run_lock(self.paths, self.row.id)
        if not lock.acquire(0):
            raise UsageError(
                f"Run {self.row.id} is being driven by another process.",
                f"Watch it with `nexus attach {self.row.id}`.",
            )
        began = time.monotonic()
        run: RunContext | None = None
        try:
            set_status(self.store, self.row.id, "running")
            driver = asyncio.current_task()
            assert driver is not None
            control.start(driver)
            journal = Journal(self.store, self.row.id)
            run, close = await self.open_run(self.row, self.log, journal, control)
            try:
                self._announce(run)
                outcome = await LifecycleOrchestrator(run).execute()
            finally:
                await asyncio.shield(close())
        except NexusError as error:
            outcome = outcome_of(error)
        except asyncio.CancelledError:
            outcome = outcome_of(_interruption(control, self.row.id))
        finally:
            await control.stop()
        try:
            return await self._end(outcome, run, began)
        finally:
            lock.release()

    def _announce(self, run: RunContext) -> None:
        if self.row.status == "queued":
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
        else:
            self.log.emit(ev.RunResumed(f"was {self.row.status}"))

    async def _end(self, outcome: Outcome, run: RunContext | None, began: float) -> ev.RunFinished:
        body = self._finished(outcome, run, began)
        self.log.emit(body)
        await self.log.flush()
        await asyncio.to_thread(finish_run, self.store, self.row.id, body)
        if outcome.exit_code in (4, 5, 6, 130):
            # Nothing was decided about the code: the run waits to be resumed.
            await asyncio.to_thread(set_status, self.store, self.row.id, "interrupted")
        history = read_events(self.store, self.row.id)
        row = find_run(self.store, self.row.id)
        extras = ReportExtras(diff=await asyncio.to_thread(run.workspace.diff) if run else "")
        await asyncio.to_thread(write_report, self.paths.run_dir(self.row.id), row, history, extras)
        if run and outcome.verdict == "verified":
            # Nothing will resume a verified run, and undo works from the delivery's own artefacts.
            await asyncio.to_thread(run.workspace.dispose)
        return body

    def _finished(self, outcome: Outcome, run: RunContext | None, began: float) -> ev.RunFinished:
        totals = _totals(self.store, self.row.id)
        return ev.RunFinished(
            verdict=outcome.verdict,
            reason=outcome.reason,
            exit_code=outcome.exit_code,
            retries=run.retries if run else 0,
            first_try=run.first_try if run else None,
            duration_ms=round((time.monotonic() - began) * 1000),
            files=list(outcome.files),
            delivered_to=outcome.delivered_to,
            report=str(self.paths.run_dir(self.row.id) / "report.html"),
            remedy=outcome.remedy,
            **asdict(totals),
        )


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


def _interruption(control: RunControl, run_id: str) -> Interrupted:
    reason = control.cancelled or "The run was interrupted."
    return Interrupted(reason, f"Continue with `nexus --headless --resume {run_id}`.")
