"""What goes through the one door to every model, and what comes back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from core.ids import Complexity, Phase, RunId

OnDelta = Callable[[str], None]
"""Receives text as it streams in. Called on the event loop; must not block."""


@dataclass(frozen=True, slots=True)
class Message:
    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One question. Messages are laid out stable-first, so that provider prompt caches hit."""

    run_id: RunId
    task_id: str
    step: str
    """Journal key, such as `implementer.1/0`; sent to the provider as the idempotency key together with the run."""
    phase: Phase
    complexity: Complexity
    messages: tuple[Message, ...]
    max_output_tokens: int
    timeout_s: float
    """Deadline for the whole call, waits and retries included."""
    tier: int = 0
    """0 asks the phase's primary model, 1 its escalation."""
    rule_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    estimated: bool = False
    """The provider reported no usage; counted locally."""


@dataclass(frozen=True, slots=True)
class ModelReply:
    text: str
    model: str
    usage: Usage
    cost_micros: int
    finish_reason: str
    """`stop`, `length` (cut off at the token limit) or what the provider said."""
    latency_ms: int
    attempts: int


@dataclass(frozen=True, slots=True)
class PaidReply:
    """A reply, and the writes that book it.

    `book` settles the reservation and adds the audit row. The journal runs it in the same transaction that records
    the reply, so after a crash a call is either paid and remembered, or neither.
    """

    reply: ModelReply
    book: Callable[[sqlite3.Connection], None]


class ModelGateway(Protocol):
    def warm_up(self) -> None:
        """Begin to load what the first call needs, which takes seconds; returns at once."""
        ...

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> PaidReply:
        """Ask a model. Raises BudgetExceeded before any call that could overspend, ProviderError when no model
        of the chain answered, ConfigError for unusable model settings."""
        ...

    async def close(self) -> None: ...
