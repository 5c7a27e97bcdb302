"""What a run looks like after the events seen so far: a pure fold, shared by screens, `--json`, replay and reports.

`apply` never mutates: it returns a new state, so a viewer can keep any of them and step back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce, singledispatch
from itertools import groupby
from typing import Any

from core import events as ev
from core.events import Body, Event


@dataclass(frozen=True, slots=True)
class PhaseState:
    """One phase: `running`, `done`, `skipped` or `failed`; times in Unix seconds."""

    status: str = "pending"
    attempt: int = 0
    started_at: float = 0.0
    duration_ms: int = 0
    summary: str = ""
    cost_micros: int = 0
    model_calls: int = 0


@dataclass(frozen=True, slots=True)
class ModelTotals:
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_micros: int = 0
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class RunState:
    """Everything a screen shows of a run; empty until its first event."""

    status: str = "empty"
    """`empty`, `running`, `paused`, `waiting`, or `finished`."""
    started: ev.RunStarted | None = None
    finished: ev.RunFinished | None = None
    started_at: float = 0.0
    updated_at: float = 0.0
    seq: int = 0
    resumed: int = 0
    phases: dict[str, PhaseState] = field(default_factory=dict)
    models: dict[str, ModelTotals] = field(default_factory=dict)
    open_calls: dict[str, int] = field(default_factory=dict)
    """Micro-dollars reserved per call that has not been answered."""
    complexity: str = ""
    requirements: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    spent_micros: int = 0
    attempt: int = 0
    tests: dict[str, ev.TestFinished] = field(default_factory=dict)
    """The newest row of each test of the current attempt."""
    sandbox: ev.SandboxFinished | None = None
    verdict: ev.VerdictReached | None = None
    findings: tuple[dict[str, Any], ...] = ()
    decisions: tuple[ev.GuardrailDecided, ...] = ()
    approval: ev.ApprovalRequested | None = None
    delivery: ev.DeliveryChanged | None = None
    alerts: tuple[ev.BudgetAlert, ...] = ()
    notices: tuple[ev.Notice, ...] = ()

    @property
    def reserved_micros(self) -> int:
        return sum(self.open_calls.values())


INITIAL = RunState()


def apply(state: RunState, event: Event) -> RunState:
    """The state after `event`. Unknown kinds only move the clock."""
    moved = replace(state, seq=event.seq, updated_at=event.at)
    return _on(event.body, moved, event.at)


def fold(history: Iterable[Event], state: RunState = INITIAL) -> RunState:
    """The state after all of `history`; the same as applying each event, in linear time."""
    for are_tests, group in groupby(history, key=lambda event: isinstance(event.body, ev.TestFinished)):
        events = list(group)
        state = _apply_tests(state, events) if are_tests else reduce(apply, events, state)
    return state


def _apply_tests(state: RunState, events: Sequence[Event]) -> RunState:
    """Rows of tests come in thousands: one copy of the table for all of them."""
    rows = {event.body.test: event.body for event in events if isinstance(event.body, ev.TestFinished)}
    return replace(state, seq=events[-1].seq, updated_at=events[-1].at, tests={**state.tests, **rows})


@singledispatch
def _on(body: Body, state: RunState, at: float) -> RunState:
    return state


@_on.register
def _(body: ev.RunStarted, state: RunState, at: float) -> RunState:
    return replace(state, status="running", started=body, started_at=at)


@_on.register
def _(body: ev.RunResumed, state: RunState, at: float) -> RunState:
    return replace(state, status="running", resumed=state.resumed + 1, open_calls={}, finished=None, approval=None)


@_on.register
def _(body: ev.RunPaused, state: RunState, at: float) -> RunState:
    return replace(state, status="paused" if body.paused else "running")


@_on.register
def _(body: ev.RunFinished, state: RunState, at: float) -> RunState:
    return replace(state, status="finished", finished=body, open_calls={}, approval=None)


@_on.register
def _(body: ev.Notice, state: RunState, at: float) -> RunState:
    return replace(state, notices=(*state.notices, body))


@_on.register
def _(body: ev.PhaseStarted, state: RunState, at: float) -> RunState:
    before = state.phases.get(body.phase, PhaseState())
    now = replace(before, status="running", attempt=body.attempt, started_at=at)
    return replace(state, phases={**state.phases, body.phase: now})


@_on.register
def _(body: ev.PhaseFinished, state: RunState, at: float) -> RunState:
    before = state.phases.get(body.phase, PhaseState())
    now = replace(
        before,
        status=body.outcome,
        attempt=body.attempt,
        duration_ms=before.duration_ms + body.duration_ms,
        summary=body.summary,
    )
    return replace(state, phases={**state.phases, body.phase: now})


@_on.register
def _(body: ev.PlanMade, state: RunState, at: float) -> RunState:
    return replace(
        state,
        complexity=body.complexity,
        requirements=tuple(body.requirements) or state.requirements,
        steps=tuple(body.steps) or state.steps,
        questions=tuple(body.questions) or state.questions,
    )


@_on.register
def _(body: ev.ModelCalled, state: RunState, at: float) -> RunState:
    return replace(state, open_calls={**state.open_calls, body.step: body.reserved_micros})


@_on.register
def _(body: ev.ModelAnswered, state: RunState, at: float) -> RunState:
    phase = state.phases.get(body.phase, PhaseState())
    total = state.models.get(body.model, ModelTotals())
    return replace(
        state,
        spent_micros=state.spent_micros + body.cost_micros,
        open_calls={step: held for step, held in state.open_calls.items() if step != body.step},
        phases={
            **state.phases,
            body.phase: replace(
                phase, cost_micros=phase.cost_micros + body.cost_micros, model_calls=phase.model_calls + 1
            ),
        },
        models={
            **state.models,
            body.model: ModelTotals(
                total.calls + 1,
                total.prompt_tokens + body.prompt_tokens,
                total.completion_tokens + body.completion_tokens,
                total.cost_micros + body.cost_micros,
                total.estimated or body.estimated,
            ),
        },
    )


@_on.register
def _(body: ev.BudgetAlert, state: RunState, at: float) -> RunState:
    return replace(state, alerts=(*state.alerts, body))


@_on.register
def _(body: ev.SandboxStarted, state: RunState, at: float) -> RunState:
    return replace(state, attempt=body.attempt, tests={})


@_on.register
def _(body: ev.TestFinished, state: RunState, at: float) -> RunState:
    return replace(state, tests={**state.tests, body.test: body})


@_on.register
def _(body: ev.SandboxFinished, state: RunState, at: float) -> RunState:
    return replace(state, sandbox=body)


@_on.register
def _(body: ev.FindingsReported, state: RunState, at: float) -> RunState:
    return replace(state, findings=(*state.findings, *body.findings))


@_on.register
def _(body: ev.VerdictReached, state: RunState, at: float) -> RunState:
    return replace(state, verdict=body, attempt=body.attempt)


@_on.register
def _(body: ev.GuardrailDecided, state: RunState, at: float) -> RunState:
    return replace(state, decisions=(*state.decisions, body))


@_on.register
def _(body: ev.ApprovalRequested, state: RunState, at: float) -> RunState:
    return replace(state, status="waiting", approval=body)


@_on.register
def _(body: ev.ApprovalDecided, state: RunState, at: float) -> RunState:
    return replace(state, status="running", approval=None)


@_on.register
def _(body: ev.DeliveryChanged, state: RunState, at: float) -> RunState:
    return replace(state, delivery=body)
