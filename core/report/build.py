"""Gathers a report from the events of a run: a pure fold, so the same log always tells the same story."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from core import events as ev
from core.checks.findings import Finding
from core.events import Event
from core.ids import PHASES
from core.report.model import (
    Attempt,
    ContextLine,
    CostLine,
    DecisionLine,
    FileLine,
    PhaseLine,
    Report,
    ReportExtras,
    RunFacts,
    SandboxLine,
    SourcedFinding,
    TestLine,
)
from core.state import RunState, fold
from core.text.redaction import redact

HEADLINES: Mapping[str, str] = MappingProxyType(
    {
        "verified": "Verified: the change passed in the sandbox.",
        "not_verified": "Not verified: nothing was delivered.",
        "stopped": "Stopped by a guardrail.",
        "failed": "Failed before a verdict.",
        "cancelled": "Cancelled.",
        "conflict": "Verified, but it could not be merged with changes made meanwhile.",
        "": "Not finished.",
    }
)


def build_report(run: RunFacts, events: Iterable[Event], extras: ReportExtras | None = None) -> Report:
    """Everything a person needs to trust the result, or to see why there is none."""
    extras = extras or ReportExtras()
    history = list(events)
    state = fold(history)
    story = _Story()
    for event in history:
        story.hear(event.body)
    started, finished = state.started, state.finished
    story.close(ended=finished is not None)
    diff = redact(extras.diff)
    reason = finished.reason if finished else ""
    return Report(
        run=run.id,
        project=run.project,
        request=redact(run.request),
        started_at=state.started_at or run.created_at,
        recorded=bool(started and started.recorded),
        resumed=state.resumed,
        profile=started.profile if started else "",
        version=started.version_of_nexus if started else "",
        budget_micros=started.budget_micros if started else 0,
        verdict=finished.verdict if finished else "",
        headline=HEADLINES.get(finished.verdict if finished else "", "Ended."),
        reason=reason,
        remedy=finished.remedy if finished else "",
        exit_code=finished.exit_code if finished else None,
        duration_ms=finished.duration_ms if finished else None,
        delivered_to=finished.delivered_to if finished else "",
        retries=finished.retries if finished else None,
        first_try=finished.first_try if finished else None,
        complexity=state.complexity,
        requirements=state.requirements,
        steps=state.steps,
        questions=state.questions,
        files=_files(diff, finished.files if finished and finished.files else story.files),
        diff=diff,
        tests=tuple(story.tests.values()),
        sandbox=tuple(story.sandbox),
        attempts=tuple(story.attempts),
        findings=_last_findings(story),
        decisions=tuple(story.decisions),
        mutants_killed=state.verdict.mutants_killed if state.verdict else 0,
        mutants_total=state.verdict.mutants_total if state.verdict else 0,
        costs=tuple(sorted(story.costs.values(), key=lambda line: (_phase_order(line.phase), line.model))),
        phases=_phases(state),
        context=tuple(story.context),
        model_retries=tuple(story.model_retries),
        notices=tuple(notice.text for notice in state.notices),
        rules=extras.rules,
    )


@dataclass(slots=True)
class _Story:
    """Collects in event order what belongs together; `RunState` keeps only the newest of each."""

    attempts: list[Attempt] = field(default_factory=list)
    tests: dict[str, TestLine] = field(default_factory=dict)
    sandbox: list[SandboxLine] = field(default_factory=list)
    decisions: list[DecisionLine] = field(default_factory=list)
    costs: dict[tuple[str, str], CostLine] = field(default_factory=dict)
    context: list[ContextLine] = field(default_factory=list)
    model_retries: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    review: list[SourcedFinding] = field(default_factory=list)
    _open: list[SourcedFinding] = field(default_factory=list)
    _summary: str = ""
    _purpose: str = ""
    _working: bool = False

    def hear(self, body: ev.Body) -> None:
        match body:
            case ev.PhaseStarted(phase="implementer"):
                self._working = True
            case ev.PhaseFinished(phase="implementer"):
                self._summary = body.summary
            case ev.EditsApplied():
                self.files += [path for path in body.files if path not in self.files]
            case ev.SandboxStarted():
                self._purpose = body.purpose
                if body.purpose == "verify":
                    self.tests = {}
            case ev.TestFinished() if self._purpose == "verify":
                self.tests[body.test] = TestLine(body.test, body.outcome, body.duration_ms, body.message)
            case ev.SandboxFinished():
                self.sandbox.append(_sandbox_line(body))
            case ev.FindingsReported():
                self._findings(body)
            case ev.VerdictReached():
                self._verdict(body)
            case ev.GuardrailDecided():
                self._decision(body)
            case ev.ModelAnswered():
                self._pay(body)
            case ev.ModelRetried():
                then = f", then {body.next_model}" if body.next_model else ""
                self.model_retries.append(f"{body.phase}: {body.model}: {body.error}{then}")
            case ev.ContextServed():
                self.context.append(ContextLine(body.phase, body.round, tuple(body.served), tuple(body.refused)))
            case _:
                pass

    def close(self, *, ended: bool) -> None:
        """An attempt that is at work, or that the run ended in the middle of, is an attempt too."""
        if self._working:
            self._add(None, "The run ended before a verdict." if ended else "There is no verdict yet.", 0, 0)

    def _findings(self, body: ev.FindingsReported) -> None:
        found = [SourcedFinding(body.source, Finding.from_dict(each)) for each in body.findings]
        if body.source == "reviewer":
            self.review = found
        else:
            self._open += found

    def _verdict(self, body: ev.VerdictReached) -> None:
        self._add(body.verified, body.reason, body.passed, body.failed)

    def _add(self, verified: bool | None, reason: str, passed: int, failed: int) -> None:
        failing = tuple(line for line in self.tests.values() if line.outcome in ("failed", "error"))
        ran = bool(passed or failed)
        self.attempts.append(
            Attempt(
                number=len(self.attempts) + 1,
                verified=verified,
                reason=reason,
                summary=self._summary,
                passed=passed,
                failed=failed,
                failing=failing if ran else (),
                findings=tuple(self._open),
                decisions=(),
            )
        )
        self._open, self._summary, self._working = [], "", False

    def _decision(self, body: ev.GuardrailDecided) -> None:
        if body.action == "CONTINUE":
            return  # said after every step; the report tells what changed the course
        line = DecisionLine(body.action, body.rule, body.evidence, body.phase)
        self.decisions.append(line)
        if self.attempts and not self._working:
            last = self.attempts[-1]
            self.attempts[-1] = replace(last, decisions=(*last.decisions, line))

    def _pay(self, body: ev.ModelAnswered) -> None:
        key = (body.phase, body.model)
        before = self.costs.get(key, CostLine(body.phase, body.model, 0, 0, 0, 0, 0, False))
        self.costs[key] = CostLine(
            phase=body.phase,
            model=body.model,
            calls=before.calls + 1,
            prompt_tokens=before.prompt_tokens + body.prompt_tokens,
            completion_tokens=before.completion_tokens + body.completion_tokens,
            cached_tokens=before.cached_tokens + body.cached_tokens,
            cost_micros=before.cost_micros + body.cost_micros,
            estimated=before.estimated or body.estimated,
        )


def _sandbox_line(body: ev.SandboxFinished) -> SandboxLine:
    return SandboxLine(
        body.purpose, body.verdict, body.passed, body.failed, body.wall_ms, body.peak_kb, body.backend, body.profile
    )


def _last_findings(story: _Story) -> tuple[SourcedFinding, ...]:
    last = story.attempts[-1].findings if story.attempts else ()
    return (*last, *story.review)


def _phases(state: RunState) -> tuple[PhaseLine, ...]:
    return tuple(
        PhaseLine(phase, now.status, None if now.status == "running" else now.duration_ms, now.summary)
        for phase, now in sorted(state.phases.items(), key=lambda item: _phase_order(item[0]))
    )


def _phase_order(phase: str) -> int:
    return next((place for place, known in enumerate(PHASES) if known == phase), len(PHASES))


def _files(diff: str, touched: Sequence[str]) -> tuple[FileLine, ...]:
    """The diffstat; only the names when there is no diff."""
    if not diff:
        return tuple(FileLine(path, None, None) for path in sorted(touched))
    counts: dict[str, tuple[int, int]] = {}
    path = ""
    in_hunk = False
    for line in diff.splitlines():
        if line.startswith("diff --git "):
            path, in_hunk = line.rpartition(" b/")[2], False
            counts[path] = (0, 0)
        elif line.startswith("@@"):
            in_hunk = True
        elif in_hunk and path:
            added, removed = counts[path]
            counts[path] = (added + line.startswith("+"), removed + line.startswith("-"))
    return tuple(FileLine(path, added, removed) for path, (added, removed) in sorted(counts.items()))
