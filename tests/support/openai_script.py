"""What the test server answers, and how it fails: values, also readable from JSON.

A script file, every key optional:

    {
      "steps":   {"implementer.1/0": "text for exactly this step"},
      "answers": {"analyst": ["first answer", "second"], "implementer": ["…"]},   # by order of the phase's steps
      "rules":   [{"match": "regex on the last user message", "text": "…"}],
      "default": "text when nothing else fits",
      "faults":  {"schedule": ["429", null, "cut"], "share": 0.3, "kinds": ["429", "500", "cut"], "seed": 7}
    }

An answer is a string or `{"text", "finish_reason", "prompt_tokens", "completion_tokens", "cached_tokens"}`. The last
answer of a phase is repeated when there are more steps than answers. Order of look-up: steps, answers, rules, default.

A fault is written `"<status>"`, `"429:2"` (with `retry-after: 2`), `"insufficient_quota"`, `"context_too_long"`,
`"content_policy"`, `"model_not_found"`, `"hang"` / `"hang:5"`, `"cut"` (stream reset half-way),
`"truncated"` (stream ends half-way as if all was well), `"reset"`, `"html"`, `"garbage"`, `"no_usage"`,
`"no_stream_options"` (400 while the request has stream_options).
"""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_CODED = {
    "insufficient_quota": (429, "You exceeded your current quota, please check your plan and billing details."),
    "context_length_exceeded": (400, "This model's maximum context length is 8192 tokens; your messages had 90000."),
    "content_policy_violation": (400, "Your request was rejected as a result of our safety system."),
    "model_not_found": (404, "The model `test-model` does not exist or you do not have access to it."),
}
_SHORT = {"context_too_long": "context_length_exceeded", "content_policy": "content_policy_violation"}


@dataclass(frozen=True)
class Answer:
    text: str
    finish_reason: str = "stop"
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int = 0
    chunk_size: int = 0
    """Characters per streamed piece; 0: sixteen pieces."""
    chunk_delay_s: float = 0.0

    def usage(self, body: dict[str, Any]) -> dict[str, Any]:
        asked = sum(len(str(message.get("content", ""))) for message in body.get("messages", []))
        prompt = self.prompt_tokens if self.prompt_tokens is not None else asked // 4 + 1
        completion = self.completion_tokens if self.completion_tokens is not None else len(self.text) // 4 + 1
        return {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
            "prompt_tokens_details": {"cached_tokens": self.cached_tokens},
        }


@dataclass(frozen=True)
class Call:
    """What an answer function is asked."""

    phase: str
    step: str
    run: str
    ordinal: int
    """Which step of its phase in this run this is, from 0; the same again when a step is repeated."""
    body: dict[str, Any]

    @property
    def messages(self) -> list[dict[str, Any]]:
        return list(self.body.get("messages", []))

    @property
    def last_user(self) -> str:
        return next((str(m.get("content")) for m in reversed(self.messages) if m.get("role") == "user"), "")


@dataclass(frozen=True)
class Fault:
    """One planned failure. `kind` is `status` or one of the words in the module's docstring."""

    kind: str
    code: int = 0
    error_code: str = ""
    message: str = "planned fault"
    retry_after: str = ""
    seconds: float = 3600.0

    @staticmethod
    def parse(text: str) -> Fault:
        name, _, value = text.partition(":")
        name = _SHORT.get(name, name)
        if name in _CODED:
            code, message = _CODED[name]
            return Fault("status", code=code, error_code=name, message=message)
        if name.isdigit():
            return Fault("status", code=int(name), retry_after=value, message=f"planned status {name}")
        if name == "hang":
            return Fault("hang", seconds=float(value or 3600))
        if name not in {"cut", "truncated", "reset", "html", "garbage", "no_usage", "no_stream_options"}:
            raise ValueError(f"unknown fault {text!r}")
        return Fault(name)

    def headers(self) -> dict[str, str]:
        return {"retry-after": self.retry_after} if self.retry_after else {}

    def error(self) -> dict[str, Any]:
        code = self.error_code or None
        return {"error": {"message": self.message, "type": self.error_code or "error", "code": code}}


class FaultPlan:
    """`schedule` decides the first requests one by one (None: no fault); after it, `share` of requests fail, seeded."""

    def __init__(
        self,
        *schedule: str | Fault | None,
        share: float = 0.0,
        kinds: tuple[str, ...] = ("429", "500", "cut", "garbage"),
        seed: int = 0,
    ) -> None:
        self._schedule = [Fault.parse(item) if isinstance(item, str) else item for item in schedule]
        self._share = share
        self._kinds = [Fault.parse(kind) for kind in kinds]
        self._seed = seed

    @staticmethod
    def always(fault: str) -> FaultPlan:
        return FaultPlan(share=1.0, kinds=(fault,))

    def at(self, number: int) -> Fault | None:
        """The fault of request `number`, from 0; a pure function of plan and number."""
        if number < len(self._schedule):
            return self._schedule[number]
        draw = random.Random(f"{self._seed}/{number}")
        return draw.choice(self._kinds) if draw.random() < self._share else None


@dataclass(frozen=True)
class Script:
    steps: dict[str, Answer] = field(default_factory=dict)
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    rules: list[tuple[str, Answer]] = field(default_factory=list)
    default: Answer = field(default_factory=lambda: Answer("ok"))
    faults: FaultPlan = field(default_factory=FaultPlan)

    @staticmethod
    def read(path: Path) -> Script:
        return Script.of(json.loads(path.read_text(encoding="utf-8")))

    @staticmethod
    def of(data: dict[str, Any]) -> Script:
        """From the JSON form described above."""
        faults = dict(data.get("faults", {}))
        schedule = faults.pop("schedule", [])
        if "kinds" in faults:
            faults["kinds"] = tuple(faults["kinds"])
        return Script(
            steps={step: _answer(value) for step, value in data.get("steps", {}).items()},
            answers={phase: [_answer(v) for v in values] for phase, values in data.get("answers", {}).items()},
            rules=[(rule["match"], _answer(rule["text"])) for rule in data.get("rules", [])],
            default=_answer(data.get("default", "ok")),
            faults=FaultPlan(*schedule, **faults),
        )

    def answer(self, call: Call) -> Answer:
        if call.step in self.steps:
            return self.steps[call.step]
        if listed := self.answers.get(call.phase):
            return listed[min(call.ordinal, len(listed) - 1)]
        for pattern, answer in self.rules:
            if re.search(pattern, call.last_user, re.DOTALL):
                return answer
        return self.default


def _answer(value: str | dict[str, Any]) -> Answer:
    return Answer(value) if isinstance(value, str) else Answer(**value)
