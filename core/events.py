"""The run log: every fact of a run as one small frozen record.

A body is a dataclass whose fields are JSON values; its wire form is `{"kind": …, "v": 1, …fields}`. Fields may be
added with a default; a reader ignores fields and kinds it does not know, so an older viewer can open a newer run.
Money is in integer micro-dollars, durations in milliseconds, times in Unix seconds.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from core.ids import Action, Phase, RunId

_KINDS: dict[str, type[Body]] = {}


@dataclass(frozen=True, slots=True)
class Body:
    """What happened. Subclasses name themselves with `kind="…"`."""

    kind: ClassVar[str] = ""
    version: ClassVar[int] = 1

    def __init_subclass__(cls, kind: str = "", **more: Any) -> None:
        # dataclass(slots=True) builds the class a second time, without the keyword: keep the first name.
        super(Body, cls).__init_subclass__(**more)
        if kind:
            cls.kind = kind
        _KINDS[cls.kind] = cls


@dataclass(frozen=True, slots=True)
class Event:
    """A body with its place in a run: `seq` starts at 1 and has no gaps."""

    run: RunId
    seq: int
    at: float
    body: Body

    def to_dict(self) -> dict[str, Any]:
        return {"run": self.run, "seq": self.seq, "at": round(self.at, 3), **body_to_dict(self.body)}


@dataclass(frozen=True, slots=True)
class Unknown(Body, kind="unknown"):
    """A kind this version does not know; kept so that it can be written out again."""

    name: str = ""
    data: dict[str, Any] = field(default_factory=dict)


# --- the run -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RunStarted(Body, kind="run.started"):
    request: str
    project: str
    profile: str
    backend: str
    budget_micros: int
    version_of_nexus: str
    recorded: bool = False
    """The model's answers come from a recorded session, not from a provider."""


@dataclass(frozen=True, slots=True)
class RunResumed(Body, kind="run.resumed"):
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RunPaused(Body, kind="run.paused"):
    paused: bool = True


@dataclass(frozen=True, slots=True)
class RunFinished(Body, kind="run.finished"):
    """The last event of a run. `exit_code` is that of the process that drove it."""

    verdict: str
    """`verified`, `not_verified`, `stopped`, `failed`, `cancelled` or `conflict`."""
    reason: str
    exit_code: int
    cost_micros: int = 0
    cost_estimated: bool = False
    prompt_tokens: int = 0
    completion_tokens: int = 0
    model_calls: int = 0
    retries: int = 0
    first_try: bool | None = None
    duration_ms: int = 0
    files: list[str] = field(default_factory=list)
    delivered_to: str = ""
    """`tree`, `commit <sha>`, `branch <name>`, `patch <file>` or empty."""
    report: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Notice(Body, kind="notice"):
    """Something a person should know that changes no state."""

    text: str
    level: str = "info"
    """`info`, `warning` or `error`."""


# --- phases ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PhaseStarted(Body, kind="phase.started"):
    phase: Phase
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class PhaseFinished(Body, kind="phase.finished"):
    phase: Phase
    attempt: int = 0
    outcome: str = "done"
    """`done`, `skipped`, `failed` or `interrupted`."""
    summary: str = ""
    duration_ms: int = 0


@dataclass(frozen=True, slots=True)
class PlanMade(Body, kind="plan.made"):
    complexity: str
    requirements: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)


# --- models ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ModelCalled(Body, kind="model.called"):
    phase: Phase
    step: str
    model: str
    reserved_micros: int


@dataclass(frozen=True, slots=True)
class ModelProgress(Body, kind="model.progress"):
    """Text has arrived; it is in the file, which screens tail. Coalesced."""

    phase: Phase
    step: str
    path: str
    length: int


@dataclass(frozen=True, slots=True)
class ModelRetried(Body, kind="model.retried"):
    phase: Phase
    step: str
    model: str
    error: str
    wait_ms: int
    next_model: str = ""


@dataclass(frozen=True, slots=True)
class ModelAnswered(Body, kind="model.answered"):
    phase: Phase
    step: str
    model: str
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    cost_micros: int
    estimated: bool
    latency_ms: int
    attempts: int
    path: str = ""


@dataclass(frozen=True, slots=True)
class AnswerRejected(Body, kind="answer.rejected"):
    """An answer that did not fit its contract."""

    phase: Phase
    step: str
    problems: list[str]
    again: bool = True
    """The model is asked once more, and told the problems."""


@dataclass(frozen=True, slots=True)
class ContextServed(Body, kind="context.served"):
    phase: Phase
    round: int
    served: list[str]
    refused: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class BudgetAlert(Body, kind="budget.alert"):
    scope: str
    percent: int
    spent_micros: int
    limit_micros: int


# --- work --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EditsApplied(Body, kind="edits.applied"):
    phase: Phase
    attempt: int
    files: list[str]
    refused: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SandboxStarted(Body, kind="sandbox.started"):
    purpose: str
    attempt: int
    backend: str
    command: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class TestFinished(Body, kind="test.finished"):
    __test__: ClassVar[bool] = False
    test: str
    outcome: str
    duration_ms: int = 0
    message: str = ""
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class SandboxFinished(Body, kind="sandbox.finished"):
    purpose: str
    attempt: int
    verdict: str
    reason: str
    passed: int
    failed: int
    wall_ms: int
    cpu_ms: int = 0
    peak_kb: int = 0
    backend: str = ""
    profile: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class FindingsReported(Body, kind="findings.reported"):
    """Findings of one checker; each is `{rule, severity, path, line, message, fix, blocking}`."""

    source: str
    attempt: int
    findings: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class VerdictReached(Body, kind="verdict.reached"):
    attempt: int
    verified: bool
    reason: str
    passed: int = 0
    failed: int = 0
    mutants_killed: int = 0
    mutants_total: int = 0


@dataclass(frozen=True, slots=True)
class GuardrailDecided(Body, kind="guardrail.decided"):
    action: Action
    rule: str
    evidence: str
    phase: str = ""
    attempt: int = 0
    event: dict[str, Any] = field(default_factory=dict)
    """What was decided on (`core.guardrails.GuardEvent`), so that the run can be decided again from its log."""


@dataclass(frozen=True, slots=True)
class ApprovalRequested(Body, kind="approval.requested"):
    approval: str
    question: str
    default: str
    """What happens when nobody answers before `deadline` (Unix seconds; 0: asked for ever)."""
    deadline: float = 0.0
    files: list[str] = field(default_factory=list)
    """The paths that can be approved one by one."""


@dataclass(frozen=True, slots=True)
class ApprovalDecided(Body, kind="approval.decided"):
    approval: str
    answer: str
    comment: str = ""
    by: str = "user"


@dataclass(frozen=True, slots=True)
class DeliveryChanged(Body, kind="delivery.changed"):
    """`state` is PREPARED, APPLYING, APPLIED, ROLLED_BACK, BRANCHED, CONFLICT or UNDONE."""

    state: str
    files: list[str]
    branch: str = ""
    commit: str = ""
    detail: str = ""


# --- wire form ---------------------------------------------------------------------------------------


def body_to_dict(body: Body) -> dict[str, Any]:
    """JSON-ready form of a body; an `Unknown` is written as it was read."""
    if isinstance(body, Unknown):
        return {**body.data, "kind": body.name}
    # Not `asdict`, which copies what is inside: fields hold JSON values only.
    values = {name: getattr(body, name) for name in _field_names(type(body))}
    return {"kind": body.kind, "v": body.version, **values}


def body_to_json(body: Body) -> str:
    return json.dumps(body_to_dict(body), ensure_ascii=False, separators=(",", ":"))


def body_from_json(text: str) -> Body:
    """Read a body back. Unknown kinds, and known kinds with fields missing, become `Unknown`."""
    data: dict[str, Any] = json.loads(text)
    name = data.pop("kind", "")
    cls = _KINDS.get(name)
    if cls is None or cls is Unknown:
        return Unknown(name=name, data=data)
    known = _field_names(cls)
    try:
        return cls(**{key: value for key, value in data.items() if key in known})
    except TypeError:
        return Unknown(name=name, data=data)


def _field_names(cls: type[Body]) -> tuple[str, ...]:
    names = _FIELDS.get(cls)
    if names is None:
        names = _FIELDS[cls] = tuple(each.name for each in fields(cls))
    return names


_FIELDS: dict[type[Body], tuple[str, ...]] = {}
