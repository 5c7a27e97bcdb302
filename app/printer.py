"""Prints a run's events as lines for people: one line per thing that matters, with the time since the run began."""

from __future__ import annotations

import os
from functools import singledispatchmethod
from typing import TextIO

from core import events as ev
from core.events import Body, Event
from core.text.display import duration, one_line, usd

_LABELS = 20
"""Columns before the text: the clock and the label."""
_WIDTH_ELSEWHERE = 130
"""Of a text that does not go to a terminal."""
_FAILURES_SHOWN = 3
_DELIVERIES = {
    "APPLIED": "applied to the working tree",
    "BRANCHED": "left on branch",
    "CONFLICT": "not applied: the files have moved;",
    "ROLLED_BACK": "rolled back",
    "UNDONE": "undone",
}
_COLOURS = {"good": "32", "bad": "31", "warn": "33", "dim": "2", "strong": "1"}


class Printer:
    """Writes progress to `stream`. Works without colour and without anything but ASCII marks."""

    def __init__(self, stream: TextIO, colour: bool) -> None:
        self._stream = stream
        self._colour = colour
        self._began = 0.0
        self._now = 0.0
        self._cost: dict[str, int] = {}
        self._failures = 0
        self._marks = _marks(stream)
        self._width = _columns(stream) - _LABELS

    def event(self, event: Event) -> None:
        self._began = self._began or event.at
        self._now = event.at
        self._show(event.body)

    @singledispatchmethod
    def _show(self, body: Body) -> None:
        """Kinds without a line of their own are for screens and reports."""

    @_show.register
    def _(self, body: ev.RunStarted) -> None:
        self._line("run", body.request, "strong")
        self._line("", f"in {body.project}", "dim")
        money = f"budget {usd(body.budget_micros)}" if body.budget_micros else "no budget limit"
        self._line("", f"profile {body.profile}, sandbox {body.backend}, {money}", "dim")
        if body.recorded:
            self._line("recorded", "the model's answers are a recording; everything else is real", "warn")

    @_show.register
    def _(self, body: ev.RunResumed) -> None:
        self._line("resumed", f"{body.reason}; finished steps are taken from the journal", "warn")

    @_show.register
    def _(self, body: ev.RunPaused) -> None:
        if body.paused:
            self._line("paused", "`nexus attach RUN --resume` continues", "warn")
        else:
            self._line("goes on", "", "warn")

    @_show.register
    def _(self, body: ev.PhaseStarted) -> None:
        again = f"attempt {body.attempt + 1}" if body.attempt else ""
        if body.phase in ("implementer", "tester", "verify") and again:
            self._line(body.phase, again, "dim")
        elif body.phase != "deliver":
            self._line(body.phase, "...", "dim")

    @_show.register
    def _(self, body: ev.PhaseFinished) -> None:
        if body.outcome == "skipped":
            self._line(body.phase, f"skipped: {body.summary}", "dim")
            return
        if body.phase in ("verify", "deliver") or not body.summary:
            return
        cost = self._cost.pop(body.phase, 0)
        spent = f", {usd(cost)}" if cost else ""
        took = f"({duration(body.duration_ms)}{spent})"
        self._line(body.phase, f"{one_line(body.summary, self._width - len(took) - 1)} {took}")

    @_show.register
    def _(self, body: ev.PlanMade) -> None:
        for step in body.steps:
            self._line("", f"- {step}", "dim")
        for question in body.questions:
            self._line("", f"open: {question}", "warn")

    @_show.register
    def _(self, body: ev.ModelAnswered) -> None:
        self._cost[body.phase] = self._cost.get(body.phase, 0) + body.cost_micros

    @_show.register
    def _(self, body: ev.ModelRetried) -> None:
        then = f"asking {body.next_model}" if body.next_model else f"again in {duration(body.wait_ms)}"
        self._line("model", f"{body.error.rstrip('.')}; {then}", "warn")

    @_show.register
    def _(self, body: ev.AnswerRejected) -> None:
        then = ", asking again" if body.again else ""
        self._line(body.phase, f"unusable answer{then}: {'; '.join(body.problems)}", "warn")

    @_show.register
    def _(self, body: ev.ContextServed) -> None:
        self._line(body.phase, f"read {', '.join(body.served) or 'nothing'}", "dim")

    @_show.register
    def _(self, body: ev.BudgetAlert) -> None:
        text = f"{body.percent} % of the {body.scope} budget used: {usd(body.spent_micros)} of {usd(body.limit_micros)}"
        self._line("budget", text, "warn")

    @_show.register
    def _(self, body: ev.EditsApplied) -> None:
        if body.files:
            self._line("", f"changed {', '.join(body.files)}", "dim")
        for reason in body.refused:
            self._line("", f"refused: {reason}", "warn")

    @_show.register
    def _(self, body: ev.SandboxStarted) -> None:
        self._failures = 0

    @_show.register
    def _(self, body: ev.TestFinished) -> None:
        if body.outcome not in ("failed", "error"):
            return
        self._failures += 1
        if self._failures <= _FAILURES_SHOWN:
            self._line("", f"{self._marks['bad']} {body.test}", "bad")
            self._line("", f"  {_heart(body.message)}", "dim")

    @_show.register
    def _(self, body: ev.SandboxFinished) -> None:
        if body.purpose == "baseline":
            self._line("baseline", f"the project's own tests: {body.passed} pass, {body.failed} fail", "dim")

    @_show.register
    def _(self, body: ev.FindingsReported) -> None:
        for finding in body.findings[:_FAILURES_SHOWN]:
            place = f"{finding.get('path', '')}:{finding.get('line', 0)}"
            self._line("", f"{finding.get('severity', '')} {place} {finding.get('message', '')}", "warn")

    @_show.register
    def _(self, body: ev.VerdictReached) -> None:
        mutants = f" {body.mutants_killed} of {body.mutants_total} mutants noticed." if body.mutants_total else ""
        mark, tone = (self._marks["good"], "good") if body.verified else (self._marks["bad"], "bad")
        self._line("verify", f"{mark} {body.reason}{mutants}", tone)

    @_show.register
    def _(self, body: ev.GuardrailDecided) -> None:
        if body.action != "CONTINUE":
            self._line("guardrail", f"{body.action}: {body.evidence}", "warn")

    @_show.register
    def _(self, body: ev.ApprovalRequested) -> None:
        answer = "Answer with `nexus attach RUN --approve` or `--reject WHY`."
        self._line("approval", f"{body.question} {answer}", "warn", whole=True)

    @_show.register
    def _(self, body: ev.ApprovalDecided) -> None:
        self._line("approval", f"{body.answer} by {body.by} {body.comment}".rstrip())

    @_show.register
    def _(self, body: ev.Notice) -> None:
        self._line("", body.text, {"error": "bad", "warning": "warn"}.get(body.level, ""))

    @_show.register
    def _(self, body: ev.DeliveryChanged) -> None:
        where = body.branch or (f"as commit {body.commit[:12]}" if body.commit else "")
        self._line("deliver", f"{_DELIVERIES.get(body.state, body.state)} {where}".rstrip())
        if body.detail:
            self._line("", body.detail, "warn")

    @_show.register
    def _(self, body: ev.RunFinished) -> None:
        mark, tone = (self._marks["good"], "good") if body.exit_code == 0 else (self._marks["bad"], "bad")
        self._line(body.verdict.replace("_", " "), f"{mark} {body.reason}", tone, whole=True)

    def _line(self, label: str, text: str, tone: str = "", whole: bool = False) -> None:
        """One line, cut to the terminal unless `whole`; spaces that begin the text indent it."""
        seconds = int(self._now - self._began)
        indent = text[: len(text) - len(text.lstrip())]
        shown = indent + one_line(text, 0 if whole else self._width - len(indent))
        body = f"{label:<12} {shown}".rstrip()
        if self._colour and tone:
            body = f"\x1b[{_COLOURS[tone]}m{body}\x1b[0m"
        self._stream.write(f"{seconds // 60:02}:{seconds % 60:02}  {body}\n")
        self._stream.flush()


def _heart(message: str) -> str:
    """The line of a failure that says what is wrong: pytest marks it with `E`."""
    marked = [line[1:].strip() for line in message.splitlines() if line.startswith("E ")]
    return marked[0] if marked else message


def _columns(stream: TextIO) -> int:
    """Width of the terminal behind `stream`; a file or a pipe takes longer lines."""
    try:
        return max(60, os.get_terminal_size(stream.fileno()).columns)
    except (OSError, ValueError):
        return _LABELS + _WIDTH_ELSEWHERE


def _marks(stream: TextIO) -> dict[str, str]:
    encoding = (getattr(stream, "encoding", "") or "").lower().replace("-", "")
    return {"good": "✓", "bad": "✗"} if encoding == "utf8" else {"good": "ok:", "bad": "FAIL:"}
