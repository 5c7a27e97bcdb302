"""Everything one run works with, put together by `app.wiring` and handed down whole."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from config.errors import GuardrailStop, Interrupted
from config.paths import Paths
from config.settings import Settings
from core import events as ev
from core.code_executor import CodeExecutor
from core.cost_manager import CostManager
from core.gateway.model_calls import ModelGateway
from core.guardrails import Decision, GuardEvent, GuardrailMonitor
from core.ids import Complexity, Phase
from core.project_packages import Packages
from core.run.control import RunControl
from core.run.ports import Roster
from core.run.runs import RunRow
from core.storage.event_log import EventLog
from core.storage.journal import Journal
from core.storage.store import Store
from core.workspace import Workspace
from sandbox.model import Language

DeliveryMode = Literal["apply", "branch", "ask"]

NO_PROGRESS_REMEDY = "The report shows every attempt; say more in the request, or try another model with `-m`."
_STANDSTILL = frozenset({"no_progress", "oscillation", "max_phase_retries", "hallucination_threshold"})
_SETTINGS = {"wall_clock": "wall_clock_s"}
"""Settings whose name is not that of the rule they limit."""


@dataclass(slots=True)
class RunContext:
    """The services of one run, and the little that changes while it goes on."""

    row: RunRow
    settings: Settings
    store: Store
    paths: Paths
    log: EventLog
    journal: Journal
    control: RunControl
    workspace: Workspace
    gateway: ModelGateway
    executor: CodeExecutor
    roster: Roster
    costs: CostManager
    guard: GuardrailMonitor
    delivery: DeliveryMode
    packages: Mapping[Language, Packages] = field(default_factory=dict)
    complexity: Complexity = "simple"
    tier: int = 0
    retries: int = 0
    first_try: bool | None = None

    @property
    def folder(self) -> Path:
        return self.paths.run_dir(self.row.id)

    @property
    def elapsed_s(self) -> float:
        """Working time of this process for the run; waits for people are not counted."""
        return self.control.clock.elapsed_s

    @contextmanager
    def phase(self, name: Phase, attempt: int = 0) -> Iterator[PhaseNote]:
        """Log the phase's beginning and end; the note carries its summary out."""
        note = PhaseNote()
        began = time.monotonic()
        finished = f"phase.finished:{name}:{attempt}"
        if not self.log.has(finished):
            self.log.emit(ev.PhaseStarted(name, attempt))
        try:
            yield note
        except BaseException as error:
            cut_off = isinstance(error, (asyncio.CancelledError, Interrupted))
            outcome = "interrupted" if cut_off else "failed"
            self.log.emit(ev.PhaseFinished(name, attempt, outcome, note.summary, _ms(began)))
            raise
        self.log.emit(ev.PhaseFinished(name, attempt, note.outcome, note.summary, _ms(began)), finished)

    async def before_call(self) -> None:
        """The last gate before money is spent: pause, cancel, wall clock, cost of the task."""
        await self.control.checkpoint()
        self.judge("call", "")

    def judge(
        self,
        kind: Literal["step", "call", "output", "failure", "error"],
        phase: str,
        attempt: int = 0,
        output_hash: str = "",
        fingerprint: str = "",
        hallucination: float = 0.0,
        why: str = "",
    ) -> Decision:
        """Put a fact before the guardrails and log the decision. `why`: the failure in words, for people.

        Raises GuardrailStop on ABORT.
        """
        event = GuardEvent(
            kind=kind,
            phase=phase,
            elapsed_s=self.elapsed_s,
            spent_micros=self.costs.spent("task", self.row.task_id),
            output_hash=output_hash,
            fingerprint=fingerprint,
            hallucination=hallucination,
        )
        decision = self.guard.check(event)
        # A gate before a call stands for this process only; everything else is decided once per run.
        once = f"guardrail:{kind}:{phase}:{attempt}:{decision.rule}" if kind != "call" else ""
        self.log.emit(
            ev.GuardrailDecided(decision.action, decision.rule, decision.evidence, phase, attempt, event.to_dict()),
            once,
        )
        if decision.action == "ABORT":
            raise stopped(decision, self.row.id, why)
        return decision


def stopped(decision: Decision, run_id: str, why: str = "") -> GuardrailStop:
    """The end of a run by a guardrail; `why`: the last failure in words."""
    last = f" Last failure: {why}" if why else ""
    if decision.rule in _STANDSTILL:
        return GuardrailStop(f"Stopped without progress: {decision.evidence}{last}", NO_PROGRESS_REMEDY)
    setting = f"limits.{_SETTINGS.get(decision.rule, decision.rule)}"
    return GuardrailStop(
        f"The guardrail {decision.rule} stopped the run: {decision.evidence}{last}",
        f"Make the request smaller, or go on with a higher limit: `nexus --headless --resume {run_id} -c {setting}=…`.",
    )


@dataclass(slots=True)
class PhaseNote:
    summary: str = ""
    outcome: str = "done"


def _ms(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
