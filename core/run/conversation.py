"""One agent's question to a model: recorded in the journal, with bounded context rounds and at most one re-ask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from config.errors import NotVerified
from config.paths import make_private_dir
from config.settings import ContextSettings, ModelSettings
from core import events as ev
from core.context import RepoIndex, parse_context_requests, serve
from core.gateway.model_calls import Message, ModelGateway, ModelReply, ModelRequest, Usage
from core.ids import Complexity, RunId
from core.output_validator import reask_message
from core.run.ports import Agent, Brief
from core.storage.event_log import EventLog
from core.storage.journal import Codec, Journal, StepResult
from core.text.redaction import redact, strip_escapes

T = TypeVar("T")

_PROGRESS_EVERY_CHARS = 400


class AnswerUnusable(NotVerified):
    """A model answered twice in a form that cannot be used."""


def _reply_from_json(data: Any) -> ModelReply:
    return ModelReply(**{**data, "usage": Usage(**data["usage"])})


_REPLY: Codec[ModelReply] = Codec(asdict, _reply_from_json)


@dataclass(frozen=True, slots=True)
class CallSite:
    """Where in a run a question is asked: what routing and booking need to know."""

    run_id: RunId
    task_id: str
    complexity: Complexity
    tier: int = 0


class Conversation:
    """Asks on behalf of agents. `before_call` lets the orchestrator pause, cancel or refuse before money is spent."""

    def __init__(
        self,
        gateway: ModelGateway,
        journal: Journal,
        log: EventLog,
        folder: Path,
        models: ModelSettings,
        context: ContextSettings,
        before_call: Callable[[], Awaitable[None]],
    ) -> None:
        self._gateway = gateway
        self._journal = journal
        self._log = log
        self._folder = make_private_dir(folder)
        self._models = models
        self._context = context
        self._before_call = before_call

    async def ask(self, agent: Agent[T], brief: Brief, step: str, site: CallSite, index: RepoIndex) -> T:
        """The agent's parsed answer. Raises AnswerUnusable after one re-ask, and what the gateway raises."""
        messages = agent.prompt(brief)
        rounds = reasks = 0
        while True:
            reply = await self._call(agent, messages, f"{step}/{rounds + reasks}", site)
            wanted = parse_context_requests(reply.text)
            if wanted and rounds < self._context.max_rounds:
                rounds += 1
                served = serve(index, wanted, self._context.file_tokens)
                self._log.emit(
                    ev.ContextServed(agent.phase, rounds, list(served.served), list(served.refused)),
                    once=f"context:{step}:{rounds}",
                )
                left = self._context.max_rounds - rounds
                note = f"\n\nYou may ask for context {left} more time(s)." if left else "\n\nNow give your answer."
                messages = _continue(messages, reply.text, served.text + note)
                continue
            parsed = agent.parse(reply.text)
            if parsed.value is not None:
                return parsed.value
            problems = list(parsed.problems)
            if reply.finish_reason == "length":
                problems.append("The answer was cut off at the length limit: answer with less prose.")
            rejected = ev.AnswerRejected(agent.phase, step, problems, again=not reasks)
            self._log.emit(rejected, once=f"rejected:{step}:{reasks}")
            if reasks:
                raise _unusable(agent.phase, parsed.reasons or parsed.problems, reply, self._folder)
            reasks += 1
            messages = _continue(messages, reply.text, reask_message(problems, parsed.again))

    async def _call(self, agent: Agent[T], messages: tuple[Message, ...], step: str, site: CallSite) -> ModelReply:
        path = self._folder / f"{step.replace('/', '-')}.md"
        request = ModelRequest(
            run_id=site.run_id,
            task_id=site.task_id,
            step=step,
            phase=agent.phase,
            complexity=site.complexity,
            messages=messages,
            max_output_tokens=self._models.max_output_tokens,
            timeout_s=self._models.call_timeout_s,
            tier=site.tier,
        )

        async def run() -> StepResult[ModelReply]:
            await self._before_call()
            stream = _Stream(
                path, lambda length: self._log.emit(ev.ModelProgress(agent.phase, step, path.name, length))
            )
            try:
                paid = await self._gateway.complete(request, stream.add)
            finally:
                stream.close()
            reply = replace(paid.reply, text=redact(strip_escapes(paid.reply.text)))
            return StepResult(reply, paid.book)

        reply = await self._journal.step(step, _REPLY, run)
        _write_private(path, reply.text)
        self._log.emit(
            ev.ModelAnswered(
                phase=agent.phase,
                step=step,
                model=reply.model,
                prompt_tokens=reply.usage.prompt_tokens,
                completion_tokens=reply.usage.completion_tokens,
                cached_tokens=reply.usage.cached_tokens,
                cost_micros=reply.cost_micros,
                estimated=reply.usage.estimated,
                latency_ms=reply.latency_ms,
                attempts=reply.attempts,
                path=path.name,
            ),
            once=f"answered:{step}",
        )
        return reply


class _Stream:
    """Streamed text on its way to a file that screens tail; announces progress now and then, not per token."""

    def __init__(self, path: Path, announce: Callable[[int], None]) -> None:
        _write_private(path, "")
        self._file = path.open("a", encoding="utf-8")
        self._announce = announce
        self._length = self._announced = 0

    def add(self, delta: str) -> None:
        self._file.write(strip_escapes(delta))
        self._length += len(delta)
        if self._length - self._announced >= _PROGRESS_EVERY_CHARS:
            self._announced = self._length
            self._file.flush()
            self._announce(self._length)

    def close(self) -> None:
        self._file.close()


def _unusable(phase: str, reasons: Sequence[str], reply: ModelReply, folder: Path) -> AnswerUnusable:
    """One sentence of the first thing that was wrong; the log has all of them."""
    first = " ".join(reasons[0].split()).rstrip(".")
    cut = " (it was cut off at the length limit)" if reply.finish_reason == "length" else ""
    return AnswerUnusable(
        f"The {phase} answered twice in a form that cannot be used{cut}: {first}.",
        f"Try a stronger model with `-m`; the raw answers are in {folder}.",
    )


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def _continue(messages: tuple[Message, ...], answer: str, reply: str) -> tuple[Message, ...]:
    return (*messages, Message("assistant", answer), Message("user", reply))
