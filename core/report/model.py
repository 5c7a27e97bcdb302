"""What a report holds: plain values, ready to be shown in any form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from core.checks.findings import Finding


class RunFacts(Protocol):
    """What the report takes from the table of runs."""

    @property
    def id(self) -> str: ...
    @property
    def project(self) -> str: ...
    @property
    def request(self) -> str: ...
    @property
    def created_at(self) -> float: ...


@dataclass(frozen=True, slots=True)
class ReportExtras:
    """What the log does not hold."""

    diff: str = ""
    """Unified diff of everything that was changed."""
    rules: tuple[str, ...] = ()
    """Prevention rules that were in the prompts."""


@dataclass(frozen=True, slots=True)
class TestLine:
    __test__ = False
    test: str
    outcome: str
    duration_ms: int
    message: str


@dataclass(frozen=True, slots=True)
class SourcedFinding:
    source: str
    """The checker that reported it."""
    finding: Finding


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """One answer of the guardrails. `rule` is empty for CONTINUE."""

    action: str
    rule: str
    evidence: str
    phase: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One candidate, from its edits to the verdict on it."""

    number: int
    """From 1."""
    verified: bool | None
    """None: there is no verdict yet, or the run ended before there was one."""
    reason: str
    summary: str
    """What the implementer said it did."""
    passed: int
    failed: int
    failing: tuple[TestLine, ...]
    findings: tuple[SourcedFinding, ...]
    decisions: tuple[DecisionLine, ...]
    """What the guardrails said to the verdict."""


@dataclass(frozen=True, slots=True)
class FileLine:
    """`added` and `removed` are None when no diff is at hand."""

    path: str
    added: int | None
    removed: int | None


@dataclass(frozen=True, slots=True)
class CostLine:
    """What one phase paid to one model; `cost_micros` in micro-dollars."""

    phase: str
    model: str
    calls: int
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    cost_micros: int
    estimated: bool


@dataclass(frozen=True, slots=True)
class PhaseLine:
    phase: str
    status: str
    duration_ms: int | None
    """None for a phase that was still running when the log ended."""
    summary: str


@dataclass(frozen=True, slots=True)
class ContextLine:
    phase: str
    round: int
    served: tuple[str, ...]
    refused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SandboxLine:
    purpose: str
    verdict: str
    passed: int
    failed: int
    wall_ms: int
    peak_kb: int
    backend: str
    profile: str


@dataclass(frozen=True, slots=True)
class Report:
    """One run, told from beginning to end. Times in Unix seconds."""

    run: str
    project: str
    request: str
    started_at: float
    recorded: bool
    resumed: int
    profile: str
    version: str
    budget_micros: int
    verdict: str
    """As in the `run.finished` event, or empty for a run that has not ended."""
    headline: str
    """The verdict in words."""
    reason: str
    remedy: str
    exit_code: int | None
    duration_ms: int | None
    delivered_to: str
    retries: int | None
    first_try: bool | None
    complexity: str
    requirements: tuple[str, ...]
    steps: tuple[str, ...]
    questions: tuple[str, ...]
    files: tuple[FileLine, ...]
    diff: str
    tests: tuple[TestLine, ...]
    """Of the newest attempt that ran tests."""
    sandbox: tuple[SandboxLine, ...]
    attempts: tuple[Attempt, ...]
    findings: tuple[SourcedFinding, ...]
    """Of the last attempt and of the review: what is still to be said about the delivered code."""
    decisions: tuple[DecisionLine, ...]
    mutants_killed: int
    mutants_total: int
    costs: tuple[CostLine, ...]
    phases: tuple[PhaseLine, ...]
    context: tuple[ContextLine, ...]
    model_retries: tuple[str, ...]
    notices: tuple[str, ...]
    rules: tuple[str, ...]

    @property
    def spent_micros(self) -> int:
        return sum(line.cost_micros for line in self.costs)

    @property
    def estimated(self) -> bool:
        return any(line.estimated for line in self.costs)

    @property
    def can_undo(self) -> bool:
        """Something of the user's was changed."""
        return self.delivered_to.startswith(("tree", "commit"))
