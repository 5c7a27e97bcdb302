"""Every event of a run in words for people: what the progress lines of a headless run and the steps of a replay say.

Texts are as they came, on as many lines as they came: who shows them makes them safe for his screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from itertools import dropwhile
from typing import Literal

from core import events as ev
from core.events import Body
from core.text.counting import counted
from core.text.display import duration, usd

Tone = Literal["", "good", "bad", "warn", "dim", "strong"]
Mark = Literal["", "good", "bad"]

_DELIVERIES = {
    "PREPARED": "prepared",
    "APPLYING": "being written to the working tree",
    "APPLIED": "applied to the working tree",
    "BRANCHED": "left on branch",
    "CONFLICT": "not applied: the files have moved;",
    "ROLLED_BACK": "rolled back",
    "UNDOING": "being taken back",
    "UNDONE": "undone",
}
_LEVELS: dict[str, Tone] = {"error": "bad", "warning": "warn"}


@dataclass(frozen=True, slots=True)
class Line:
    """One statement. `label` says what it is about; empty: the same as the line before."""

    label: str
    text: str
    tone: Tone = ""
    mark: Mark = ""
    tail: str = ""
    """Follows the text, and is kept when that is cut."""
    whole: bool = False
    """Too important to be cut to the width of a screen."""


@singledispatch
def in_words(body: Body) -> tuple[Line, ...]:
    """What happened, the first line the most important one. Never empty."""
    return (Line(body.kind, "told by another version of Nexus", "dim"),)


@in_words.register
def _(body: ev.Unknown) -> tuple[Line, ...]:
    return (Line(body.name, "told by a newer Nexus than this one", "dim"),)


@in_words.register
def _(body: ev.RunStarted) -> tuple[Line, ...]:
    money = f"budget {usd(body.budget_micros)}" if body.budget_micros else "no budget limit"
    recorded = Line("recorded", "the model's answers are a recording; everything else is real", "warn")
    return (
        Line("run", body.request, "strong"),
        Line("", f"in {body.project}", "dim"),
        Line("", f"profile {body.profile}, sandbox {body.backend}, {money}", "dim"),
        *([recorded] if body.recorded else []),
    )


@in_words.register
def _(body: ev.RunResumed) -> tuple[Line, ...]:
    return (Line("resumed", f"{body.reason}; finished steps are taken from the journal", "warn"),)


@in_words.register
def _(body: ev.RunPaused) -> tuple[Line, ...]:
    return (Line("paused", "", "warn") if body.paused else Line("goes on", "", "warn"),)


@in_words.register
def _(body: ev.PhaseStarted) -> tuple[Line, ...]:
    return (Line(body.phase, f"begins attempt {body.attempt + 1}" if body.attempt else "begins", "dim"),)


@in_words.register
def _(body: ev.PhaseFinished) -> tuple[Line, ...]:
    if body.outcome == "skipped":
        return (Line(body.phase, f"skipped: {body.summary}", "dim"),)
    return (Line(body.phase, body.summary or body.outcome, tail=took(body.duration_ms)),)


@in_words.register
def _(body: ev.PlanMade) -> tuple[Line, ...]:
    parts = (("requirement", body.requirements), ("step", body.steps), ("open question", body.questions))
    counts = [counted(len(items), noun) for noun, items in parts if items]
    return (
        Line("plan", ", ".join([body.complexity, *counts]), "dim"),
        *(Line("", f"- {step}", "dim") for step in body.steps),
        *(Line("", f"open: {question}", "warn") for question in body.questions),
    )


@in_words.register
def _(body: ev.ModelCalled) -> tuple[Line, ...]:
    return (Line(body.phase, f"asks {body.model}, {usd(body.reserved_micros)} set aside", "dim"),)


@in_words.register
def _(body: ev.ModelProgress) -> tuple[Line, ...]:
    return (Line(body.phase, f"the answer has {counted(body.length, 'character')} so far", "dim"),)


@in_words.register
def _(body: ev.ModelAnswered) -> tuple[Line, ...]:
    about = "about " if body.estimated else ""
    tokens = f"{body.prompt_tokens:,} tokens in, {body.completion_tokens:,} out, {about}{usd(body.cost_micros)}"
    return (Line(body.phase, f"{body.model} answered: {tokens}", tail=took(body.latency_ms)),)


@in_words.register
def _(body: ev.ModelRetried) -> tuple[Line, ...]:
    then = f"asking {body.next_model}" if body.next_model else f"again in {duration(body.wait_ms)}"
    return (Line("model", f"{body.error.rstrip('.')}; {then}", "warn"),)


@in_words.register
def _(body: ev.AnswerRejected) -> tuple[Line, ...]:
    then = ", asking again" if body.again else ""
    return (Line(body.phase, f"unusable answer{then}: {'; '.join(body.problems)}", "warn"),)


@in_words.register
def _(body: ev.ContextServed) -> tuple[Line, ...]:
    return (Line(body.phase, f"read {', '.join(body.served) or 'nothing'}", "dim"),)


@in_words.register
def _(body: ev.BudgetAlert) -> tuple[Line, ...]:
    spent = f"{usd(body.spent_micros)} of {usd(body.limit_micros)}"
    return (Line("budget", f"{body.percent} % of the {body.scope} budget used: {spent}", "warn"),)


@in_words.register
def _(body: ev.EditsApplied) -> tuple[Line, ...]:
    return (
        Line(body.phase, f"changed {', '.join(body.files) or 'nothing'}", "dim"),
        *(Line("", f"refused: {reason}", "warn") for reason in body.refused),
    )


@in_words.register
def _(body: ev.SandboxStarted) -> tuple[Line, ...]:
    return (Line("sandbox", f"{body.purpose} in {body.backend}: {body.command}", "dim"),)


@in_words.register
def _(body: ev.TestFinished) -> tuple[Line, ...]:
    if body.outcome in ("failed", "error"):
        return (Line("test", body.test, "bad", "bad"), Line("", f"  {heart(body.message)}", "dim"))
    if body.outcome == "passed":
        return (Line("test", body.test, "good", "good"),)
    return (Line("test", f"{body.test} {body.outcome}", "dim"),)


@in_words.register
def _(body: ev.SandboxFinished) -> tuple[Line, ...]:
    counts = f"{body.passed} pass, {body.failed} fail"
    if body.purpose == "baseline":
        return (Line("baseline", f"the project's own tests: {counts}", "dim"),)
    return (
        Line("sandbox", f"{body.purpose} {body.verdict.replace('_', ' ')}: {counts}", tail=took(body.wall_ms)),
        *([Line("", body.reason, "dim")] if body.reason else []),
    )


@in_words.register
def _(body: ev.FindingsReported) -> tuple[Line, ...]:
    if not body.findings:
        return (Line(body.source, "no findings", "dim"),)
    return tuple(Line("" if at else body.source, _finding(one), "warn") for at, one in enumerate(body.findings))


def _finding(one: dict[str, object]) -> str:
    return f"{one.get('severity', '')} {one.get('path', '')}:{one.get('line', 0)} {one.get('message', '')}"


@in_words.register
def _(body: ev.VerdictReached) -> tuple[Line, ...]:
    mutants = f" {body.mutants_killed} of {body.mutants_total} mutants noticed." if body.mutants_total else ""
    mark: Mark = "good" if body.verified else "bad"
    return (Line("verify", f"{body.reason}{mutants}", mark, mark),)


@in_words.register
def _(body: ev.GuardrailDecided) -> tuple[Line, ...]:
    if body.action == "CONTINUE":
        return (Line("guardrail", "go on", "dim"),)
    return (Line("guardrail", f"{body.action}: {body.evidence}", "warn"),)


@in_words.register
def _(body: ev.ApprovalRequested) -> tuple[Line, ...]:
    return (Line("approval", body.question, "warn", whole=True),)


@in_words.register
def _(body: ev.ApprovalDecided) -> tuple[Line, ...]:
    return (Line("approval", f"{body.answer} by {body.by} {body.comment}".rstrip()),)


@in_words.register
def _(body: ev.Notice) -> tuple[Line, ...]:
    return (Line("", body.text, _LEVELS.get(body.level, "")),)


@in_words.register
def _(body: ev.DeliveryChanged) -> tuple[Line, ...]:
    where = body.branch or (f"as commit {body.commit[:12]}" if body.commit else "")
    return (
        Line("deliver", f"{_DELIVERIES.get(body.state, body.state)} {where}".rstrip()),
        *([Line("", body.detail, "warn")] if body.detail else []),
    )


@in_words.register
def _(body: ev.RunFinished) -> tuple[Line, ...]:
    mark: Mark = "good" if body.exit_code == 0 else "bad"
    return (Line(body.verdict.replace("_", " "), body.reason, mark, mark, whole=True),)


def took(duration_ms: int, cost_micros: int = 0) -> str:
    """The tail of what took time, and perhaps money."""
    return f"({duration(duration_ms)}{f', {usd(cost_micros)}' if cost_micros else ''})"


def heart(message: str) -> str:
    """The line of a failure that says what is wrong: pytest marks it with `E`, .NET puts the frames before it."""
    lines = message.splitlines()
    marked = [line[1:].strip() for line in lines if line.startswith("E ")]
    after_frames = dropwhile(lambda line: line.lstrip().startswith("at "), lines)
    return marked[0] if marked else "\n".join(after_frames) or message
