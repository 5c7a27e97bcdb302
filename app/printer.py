"""Prints a run's events as lines for people: one line per thing that matters, with the time since the run began."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import singledispatchmethod
from typing import TextIO

from core import events as ev
from core.events import Body, Event
from core.run.event_words import Line, in_words, took
from core.text.display import one_line

_LABELS = 20
"""Columns before the text: the clock and the label."""
_WIDTH_ELSEWHERE = 130
"""Of a text that does not go to a terminal."""
_FAILURES_SHOWN = 3
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
        for line in in_words(body):
            self._line(line)

    @_show.register
    def _(self, body: ev.ModelCalled | ev.ModelProgress | ev.Unknown) -> None:
        """For screens and reports."""

    @_show.register
    def _(self, body: ev.SandboxStarted) -> None:
        self._failures = 0

    @_show.register
    def _(self, body: ev.RunPaused) -> None:
        (line,) = in_words(body)
        self._line(replace(line, text="`nexus attach RUN --resume` continues" if body.paused else ""))

    @_show.register
    def _(self, body: ev.PhaseStarted) -> None:
        again = f"attempt {body.attempt + 1}" if body.attempt else ""
        if body.phase in ("implementer", "tester", "verify") and again:
            self._line(Line(body.phase, again, "dim"))
        elif body.phase != "deliver":
            self._line(Line(body.phase, "...", "dim"))

    @_show.register
    def _(self, body: ev.PhaseFinished) -> None:
        (line,) = in_words(body)
        if body.outcome == "skipped":
            self._line(line)
        elif body.phase not in ("verify", "deliver") and body.summary:
            self._line(replace(line, tail=took(body.duration_ms, self._cost.pop(body.phase, 0))))

    @_show.register
    def _(self, body: ev.PlanMade) -> None:
        for line in in_words(body)[1:]:
            self._line(line)

    @_show.register
    def _(self, body: ev.ModelAnswered) -> None:
        self._cost[body.phase] = self._cost.get(body.phase, 0) + body.cost_micros

    @_show.register
    def _(self, body: ev.EditsApplied) -> None:
        changed, *refused = in_words(body)
        for line in ([replace(changed, label="")] if body.files else []) + refused:
            self._line(line)

    @_show.register
    def _(self, body: ev.TestFinished) -> None:
        if body.outcome not in ("failed", "error"):
            return
        self._failures += 1
        if self._failures <= _FAILURES_SHOWN:
            for line in in_words(body):
                self._line(replace(line, label=""))

    @_show.register
    def _(self, body: ev.SandboxFinished) -> None:
        if body.purpose == "baseline":
            self._line(*in_words(body))

    @_show.register
    def _(self, body: ev.FindingsReported) -> None:
        for line in in_words(body)[:_FAILURES_SHOWN] if body.findings else ():
            self._line(replace(line, label=""))

    @_show.register
    def _(self, body: ev.GuardrailDecided) -> None:
        if body.action != "CONTINUE":
            self._line(*in_words(body))

    @_show.register
    def _(self, body: ev.ApprovalRequested) -> None:
        (line,) = in_words(body)
        answer = "Answer with `nexus attach RUN --approve` or `--reject WHY`."
        self._line(replace(line, text=f"{line.text} {answer}"))

    def _line(self, line: Line) -> None:
        """One line, cut to the terminal unless it is to stay whole; spaces that begin the text indent it."""
        seconds = int(self._now - self._began)
        text = f"{self._marks[line.mark]} {line.text}" if line.mark else line.text
        indent = text[: len(text) - len(text.lstrip())]
        tail = f" {line.tail}" if line.tail else ""
        shown = indent + one_line(text, 0 if line.whole else self._width - len(indent) - len(tail)) + tail
        body = f"{line.label:<12} {shown}".rstrip()
        if self._colour and line.tone:
            body = f"\x1b[{_COLOURS[line.tone]}m{body}\x1b[0m"
        self._stream.write(f"{seconds // 60:02}:{seconds % 60:02}  {body}\n")
        self._stream.flush()


def _columns(stream: TextIO) -> int:
    """Width of the terminal behind `stream`; a file or a pipe takes longer lines."""
    try:
        return max(60, os.get_terminal_size(stream.fileno()).columns)
    except (OSError, ValueError):
        return _LABELS + _WIDTH_ELSEWHERE


def _marks(stream: TextIO) -> dict[str, str]:
    encoding = (getattr(stream, "encoding", "") or "").lower().replace("-", "")
    return {"good": "✓", "bad": "✗"} if encoding == "utf8" else {"good": "ok:", "bad": "FAIL:"}
