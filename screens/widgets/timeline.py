"""What happened in a run, in order: model answers, and lines for everything between them. Plain values, no widgets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from core import events as ev
from core.events import Body, Event
from core.run.event_words import Line, in_words
from core.text.display import duration, usd
from screens.ports import ModelText

_KEPT_CHARS = 262_144
"""Of one answer; all of it is on disk."""


@dataclass(slots=True)
class Answer:
    """One answer of a model, perhaps still being written."""

    step: str
    phase: str
    model: str
    attempt: int
    text: str = ""
    length: int = 0
    """Characters that have arrived, also those that were not kept."""
    done: ev.ModelAnswered | None = None

    @property
    def name(self) -> str:
        """Who speaks: `implementer, retry 1`."""
        return f"{self.phase}, attempt {self.attempt + 1}" if self.attempt else self.phase

    @property
    def figures(self) -> str:
        """Tokens, money and time once it is complete."""
        if self.done is None:
            return ""
        tokens = f"{self.done.prompt_tokens:,} + {self.done.completion_tokens:,} tokens"
        about = "~" if self.done.estimated else ""
        return f"{tokens}, {about}{usd(self.done.cost_micros)}, {duration(self.done.latency_ms)}"


@dataclass(slots=True)
class Notes:
    """Lines that stand together between two answers, with the seconds since the run began."""

    lines: list[tuple[float, Line]] = field(default_factory=list)


Entry = Answer | Notes


@dataclass(slots=True)
class Timeline:
    entries: list[Entry] = field(default_factory=list)
    began: float = 0.0
    size: int = 0
    """Answers and lines so far."""
    _answers: dict[str, Answer] = field(default_factory=dict)
    _attempts: dict[str, int] = field(default_factory=dict)

    def add(self, events: Iterable[Event], texts: Iterable[ModelText]) -> list[Entry]:
        """The entries that are new or changed."""
        touched: dict[int, Entry] = {}
        for event in events:
            self.began = self.began or event.at
            entry = self._on(event.body, event.at - self.began)
            if entry is not None:
                touched[id(entry)] = entry
        for text in texts:
            answer = self._answers.get(text.step)
            if answer is not None:
                _write(answer, text)
                touched[id(answer)] = answer
        return list(touched.values())

    @property
    def last_answer(self) -> Answer | None:
        return next((entry for entry in reversed(self.entries) if isinstance(entry, Answer)), None)

    def _on(self, body: Body, seconds: float) -> Entry | None:
        if isinstance(body, ev.PhaseStarted):
            self._attempts[body.phase] = body.attempt
        if isinstance(body, ev.ModelCalled):
            return self._open(body.step, body.phase, body.model)
        if isinstance(body, ev.ModelAnswered):
            answer = self._answers.get(body.step) or self._open(body.step, body.phase, body.model)
            answer.done, answer.model = body, body.model
            return answer
        if _is_said_elsewhere(body):
            return None
        return self._note(in_words(body), seconds)

    def _open(self, step: str, phase: str, model: str) -> Answer:
        known = self._answers.get(step)
        if known is not None and known.done is None and known is self.entries[-1]:
            known.model = model  # asked again, or another model: it is still the same answer
            return known
        answer = Answer(step, phase, model, self._attempts.get(phase, 0))
        self._answers[step] = answer
        self.entries.append(answer)
        self.size += 1
        return answer

    def _note(self, lines: Iterable[Line], seconds: float) -> Notes:
        last = self.entries[-1] if self.entries else None
        if not isinstance(last, Notes):
            last = Notes()
            self.entries.append(last)
        before = len(last.lines)
        last.lines += [(seconds, line) for line in lines]
        self.size += len(last.lines) - before
        return last


def _is_said_elsewhere(body: Body) -> bool:
    """By another panel, or by an event beside it: the verdict tells of a verification, the delivery of itself."""
    if isinstance(body, ev.PhaseFinished):
        return not body.summary or body.phase in ("verify", "deliver")
    if isinstance(body, ev.GuardrailDecided):
        return body.action == "CONTINUE"
    return isinstance(body, ev.PhaseStarted | ev.ModelProgress | ev.TestFinished | ev.SandboxStarted)


def _write(answer: Answer, text: ModelText) -> None:
    if text.start:
        answer.text, answer.length = "", 0
    answer.length += len(text.text)
    answer.text += text.text[: max(_KEPT_CHARS - len(answer.text), 0)]
