"""What the engine adds to one model call, against LiteLLM called directly: same server, same process, in turn.

Ours is the whole way of an agent's question: redaction, routing, reservation, permits, journal, ledger, audit row,
events and the answer's file. The peer reads the same stream with `litellm.acompletion`.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.model_profiles import load_profiles
from config.settings import ModelSettings, Settings
from core.context import RepoIndex
from core.gateway.litellm_client import import_litellm
from core.gateway.litellm_gateway import LiteLlmGateway
from core.gateway.model_calls import Message
from core.ids import Phase, RunId
from core.model_router import ModelRouter
from core.run.conversation import CallSite, Conversation
from core.run.ports import Brief, Parsed
from core.run.runs import create_run
from core.storage.event_log import EventLog
from core.storage.journal import Journal
from core.storage.store import Store
from evals.perf.instant_server import in_own_process
from evals.perf.measure import Figure

_TARGET_MS = 10.0
_ROUNDS = 150
_WARM_UP = 10
_RUN = RunId("000000-0000-000000")
_PROMPT = (Message("system", "You answer in one word. " * 100), Message("user", "Is it so?"))


@dataclass(frozen=True, slots=True)
class _OneWord:
    """An agent that takes any answer."""

    phase: Phase = "implementer"

    def prompt(self, _: Brief) -> tuple[Message, ...]:
        return _PROMPT

    def parse(self, answer: str) -> Parsed[str]:
        return Parsed(answer)


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, in_own_process() as base_url, Store(Path(folder) / "db") as store:
        ours, direct = asyncio.run(_measure(Path(folder), store, base_url))
    detail = f"{ours:.1f} ms, litellm directly {direct:.1f} ms; medians of {_ROUNDS} calls each, in turn"
    return [Figure("engine overhead per model call", ours - direct, _TARGET_MS, "ms", detail)]


async def _measure(folder: Path, store: Store, base_url: str) -> tuple[float, float]:
    models = ModelSettings(
        profile="custom",
        model="openai/instant",
        base_url=base_url,
        input_usd_per_mtok=0.01,
        output_usd_per_mtok=0.01,
        requests_per_minute=100_000,
        tokens_per_minute=1_000_000_000,
    )
    settings = Settings(models=models)
    create_run(store, _RUN, folder, "measure", settings, {})
    log = EventLog(store, _RUN)
    router = ModelRouter.of(load_profiles(folder / "none.yaml"), models, {})
    gateway = LiteLlmGateway(store, settings, router, {}, log.emit)
    conversation = Conversation(gateway, Journal(store, _RUN), log, folder / "model", models, settings.context, _always)
    index, brief, site = RepoIndex.build(folder, settings.context), Brief("measure", ""), CallSite(_RUN, "t", "simple")
    litellm = await asyncio.to_thread(import_litellm)

    async def ours(number: int) -> None:
        await conversation.ask(_OneWord(), brief, f"implementer.{number}", site, index)

    async def direct(_: int) -> None:
        await _ask_litellm(litellm, base_url, models.max_output_tokens)

    try:
        for number in range(_WARM_UP):
            await ours(number)
            await direct(number)
        rounds = range(_WARM_UP, _WARM_UP + _ROUNDS)
        pairs = [(await _timed_ms(ours, number), await _timed_ms(direct, number)) for number in rounds]
    finally:
        await gateway.close()
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


async def _ask_litellm(litellm: Any, base_url: str, max_tokens: int) -> None:
    stream = await litellm.acompletion(
        model="openai/instant",
        messages=[{"role": message.role, "content": message.content} for message in _PROMPT],
        api_base=base_url,
        api_key="not-needed",
        max_tokens=max_tokens,
        stream=True,
        stream_options={"include_usage": True},
    )
    async for _ in stream:
        pass


async def _timed_ms(call: Callable[[int], Awaitable[None]], number: int) -> float:
    began = time.perf_counter()
    await call(number)
    return (time.perf_counter() - began) * 1000


async def _always() -> None:
    """Nothing stands against a call here."""
